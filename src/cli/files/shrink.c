#include "shrink.h"

static uint32_t share(uint32_t length, double of) {
    uint32_t part = (uint32_t)(length * of + 0.5);
    return part < 1 ? 1 : part > length ? length : part;
}

cli_frame cli_frame_of(const fleck_image *photo, float frame_share, uint32_t longest) {
    cli_frame f = {.width = share(photo->width, (double)frame_share),
                   .height = share(photo->height, (double)frame_share)};
    f.x = (photo->width - f.width) / 2;
    f.y = (photo->height - f.height) / 2;
    uint32_t side = f.width > f.height ? f.width : f.height;
    double scale = side > longest ? (double)longest / side : 1;
    f.out_width = share(f.width, scale);
    f.out_height = share(f.height, scale);
    return f;
}

void cli_frame_pixel(const fleck_image *photo, const cli_frame *f, uint32_t x, uint32_t y,
                     float rgb[3]) {
    size_t x0 = (size_t)x * f->width / f->out_width;
    size_t x1 = ((size_t)x + 1) * f->width / f->out_width;
    size_t y0 = (size_t)y * f->height / f->out_height;
    size_t y1 = ((size_t)y + 1) * f->height / f->out_height;
    uint64_t sum[3] = {0, 0, 0};
    for (size_t row = y0; row < y1; row++) {
        const uint8_t *pixel = photo->rgb + ((row + f->y) * photo->width + x0 + f->x) * 3;
        for (size_t column = x0; column < x1; column++, pixel += 3)
            for (int c = 0; c < 3; c++) sum[c] += pixel[c];
    }
    float count = (float)((x1 - x0) * (y1 - y0));
    for (int c = 0; c < 3; c++) rgb[c] = (float)sum[c] / count;
}

bool cli_shrink(fleck_arena *arena, const fleck_image *photo, uint32_t longest, fleck_image *out) {
    cli_frame f = cli_frame_of(photo, 1, longest);
    uint8_t *pixels = FLECK_NEW(arena, uint8_t, f.out_width, f.out_height, 3), *at = pixels;
    if (!pixels) return false;
    for (uint32_t y = 0; y < f.out_height; y++)
        for (uint32_t x = 0; x < f.out_width; x++) {
            float rgb[3];
            cli_frame_pixel(photo, &f, x, y, rgb);
            for (int c = 0; c < 3; c++) *at++ = (uint8_t)(rgb[c] + 0.5f);
        }
    *out = (fleck_image){.width = f.out_width, .height = f.out_height, .rgb = pixels};
    return true;
}
