#include "heatmap_files.h"

#include "shrink.h"
#include "types.h"

#include <math.h>

/* Inferno: perceptually even, and readable without telling red from green. */
static void inferno(float value, float rgb[3]) {
    static const uint8_t stops[][3] = {{0, 0, 4},      {33, 12, 74},   {86, 16, 110},
                                       {137, 34, 106}, {187, 55, 84},  {227, 89, 50},
                                       {249, 140, 10}, {249, 201, 50}, {252, 255, 164}};
    const int last = (int)(sizeof stops / sizeof stops[0]) - 1;
    float at = value * (float)last;
    int low = (int)at < last ? (int)at : last - 1;
    float t = at - (float)low;
    for (int c = 0; c < 3; c++)
        rgb[c] = (float)stops[low][c] * (1 - t) + (float)stops[low + 1][c] * t;
}

/* heat at the place (x, y), both in [0,1] across the map. */
static float heat_at(const float *heat, float x, float y) {
    float fx = fminf(fmaxf(x * FLECK_HEAT - 0.5f, 0), FLECK_HEAT - 1);
    float fy = fminf(fmaxf(y * FLECK_HEAT - 0.5f, 0), FLECK_HEAT - 1);
    size_t x0 = (size_t)fx, y0 = (size_t)fy;
    size_t x1 = x0 + (x0 + 1 < FLECK_HEAT), y1 = y0 + (y0 + 1 < FLECK_HEAT);
    float tx = fx - (float)x0, ty = fy - (float)y0;
    float top = heat[y0 * FLECK_HEAT + x0] * (1 - tx) + heat[y0 * FLECK_HEAT + x1] * tx;
    float low = heat[y1 * FLECK_HEAT + x0] * (1 - tx) + heat[y1 * FLECK_HEAT + x1] * tx;
    return fminf(fmaxf(top * (1 - ty) + low * ty, 0), 1);
}

bool cli_heatmap_draw(cli_pictures *heatmaps, fleck_arena *scratch, const char *name,
                      const fleck_image *photo, float frame_share, const float *heat,
                      fleck_message *err) {
    const float opacity = 0.85f; /* of the hottest place: the photo still shows */
    cli_frame f = cli_frame_of(photo, frame_share, CLI_OVERLAY_SIDE);
    uint8_t *out = FLECK_NEW(scratch, uint8_t, f.out_width, f.out_height, 3);
    if (!out) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", name);
        return false;
    }
    uint8_t *at = out;
    for (uint32_t y = 0; y < f.out_height; y++) {
        for (uint32_t x = 0; x < f.out_width; x++) {
            float value = heat_at(heat, ((float)x + 0.5f) / (float)f.out_width,
                                  ((float)y + 0.5f) / (float)f.out_height);
            float below[3], above[3], alpha = opacity * value;
            cli_frame_pixel(photo, &f, x, y, below);
            inferno(value, above);
            for (int c = 0; c < 3; c++)
                *at++ = (uint8_t)(below[c] * (1 - alpha) + above[c] * alpha + 0.5f);
        }
    }
    return cli_pictures_write(heatmaps, scratch, name, f.out_width, f.out_height, 3, out, err);
}
