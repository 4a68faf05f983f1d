#include "synthetic.h"

#include <math.h>

enum {
    CELLS_LOG2 = 6, /* a side of the noise has 1, 2, 4, ... 32 cells */
    CELLS_MAX = 1 << (CELLS_LOG2 - 1),
    TRIES = 30,
};

#define CUT 0.5f /* noise above it, of -1 to 1, is defect */

/* Shares of the photo that a defect covers: a cut may leave nothing, or nearly all. */
#define COVER_LEAST 0.002f
#define COVER_MOST 0.3f

#define TRANSPARENCY_MOST 0.8f

/* ---- the shape ---- */

typedef struct {
    uint32_t across, down;                           /* cells */
    float gradient[CELLS_MAX + 1][CELLS_MAX + 1][2]; /* unit vectors at their corners */
} perlin;

static void draw_unit_vector(fleck_rng *rng, float v[2]) {
    float length2;
    do {
        for (int i = 0; i < 2; i++) v[i] = 2 * fleck_rng_uniform(rng) - 1;
        length2 = v[0] * v[0] + v[1] * v[1];
    } while (length2 > 1 || length2 < 1e-4f);
    for (int i = 0; i < 2; i++) v[i] /= sqrtf(length2);
}

static void perlin_draw(fleck_rng *rng, perlin *noise) {
    noise->across = 1u << fleck_rng_below(rng, CELLS_LOG2);
    noise->down = 1u << fleck_rng_below(rng, CELLS_LOG2);
    for (uint32_t y = 0; y <= noise->down; y++)
        for (uint32_t x = 0; x <= noise->across; x++) draw_unit_vector(rng, noise->gradient[y][x]);
}

static float fade(float t) { return t * t * t * (t * (t * 6 - 15) + 10); }

/* At (x, y) of the unit square, scaled to [-1, 1]. */
static float perlin_at(const perlin *noise, float x, float y) {
    x *= (float)noise->across;
    y *= (float)noise->down;
    uint32_t column = (uint32_t)x, row = (uint32_t)y;
    /* a very long side: the last pixel's centre rounds to 1 */
    if (column == noise->across) column--;
    if (row == noise->down) row--;
    float u = x - (float)column, v = y - (float)row, corner[2][2];
    for (uint32_t j = 0; j < 2; j++)
        for (uint32_t i = 0; i < 2; i++) {
            const float *g = noise->gradient[row + j][column + i];
            corner[j][i] = g[0] * (u - (float)i) + g[1] * (v - (float)j);
        }
    float top = corner[0][0] + fade(u) * (corner[0][1] - corner[0][0]);
    float bottom = corner[1][0] + fade(u) * (corner[1][1] - corner[1][0]);
    return 1.41421356f * (top + fade(v) * (bottom - top));
}

/* mask [height, width] receives 1 inside the defect; its share of the photo. */
static float draw_mask(fleck_rng *rng, uint32_t width, uint32_t height, perlin *noise,
                       uint8_t *mask) {
    size_t covered = 0;
    perlin_draw(rng, noise);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            float u = ((float)x + 0.5f) / (float)width, v = ((float)y + 0.5f) / (float)height;
            bool inside = perlin_at(noise, u, v) > CUT;
            mask[(size_t)y * width + x] = inside;
            covered += inside;
        }
    return (float)covered / ((float)width * (float)height);
}

/* ---- the texture ---- */

typedef struct {
    const fleck_image *image;
    bool mirror_x, mirror_y, negative;
    float shift_x, shift_y; /* of the frame */
    uint32_t turn;          /* of the colour channels */
    float gain[3];
} texture_variant;

static texture_variant draw_variant(fleck_rng *rng, const fleck_image *image) {
    texture_variant variant = {.image = image,
                               .mirror_x = fleck_rng_below(rng, 2),
                               .mirror_y = fleck_rng_below(rng, 2),
                               .negative = fleck_rng_below(rng, 3) == 0,
                               .turn = fleck_rng_below(rng, 3)};
    variant.shift_x = fleck_rng_uniform(rng);
    variant.shift_y = fleck_rng_uniform(rng);
    for (int c = 0; c < 3; c++) variant.gain[c] = 0.5f + fleck_rng_uniform(rng);
    return variant;
}

/* Place of a coordinate of the unit interval among n pixels, shifted around the end. */
static uint32_t place(float at, bool mirror, float shift, uint32_t n) {
    at += shift;
    if (at >= 1) at -= 1;
    if (mirror) at = 1 - at;
    uint32_t pixel = (uint32_t)(at * (float)n);
    return pixel < n ? pixel : n - 1;
}

static void texture_at(const texture_variant *variant, float u, float v, float rgb[3]) {
    const fleck_image *image = variant->image;
    uint32_t x = place(u, variant->mirror_x, variant->shift_x, image->width);
    uint32_t y = place(v, variant->mirror_y, variant->shift_y, image->height);
    const uint8_t *pixel = image->rgb + ((size_t)y * image->width + x) * 3;
    for (uint32_t c = 0; c < 3; c++) {
        float value = variant->gain[c] * (float)pixel[(c + variant->turn) % 3];
        if (value > 255) value = 255;
        rgb[c] = variant->negative ? 255 - value : value;
    }
}

/* ---- both ---- */

static void blend(const fleck_image *photo, const uint8_t *mask, const texture_variant *variant,
                  float transparency, uint8_t *rgba) {
    for (uint32_t y = 0; y < photo->height; y++)
        for (uint32_t x = 0; x < photo->width; x++) {
            size_t at = (size_t)y * photo->width + x;
            float u = ((float)x + 0.5f) / (float)photo->width;
            float v = ((float)y + 0.5f) / (float)photo->height, rgb[3] = {0};
            if (mask[at]) texture_at(variant, u, v, rgb);
            for (int c = 0; c < 3; c++) {
                float value = photo->rgb[at * 3 + (size_t)c];
                if (mask[at]) value = transparency * value + (1 - transparency) * rgb[c];
                rgba[at * 4 + (size_t)c] = (uint8_t)(value + 0.5f);
            }
            rgba[at * 4 + 3] = 255;
        }
}

uint8_t *cli_synthetic(fleck_arena *arena, const fleck_image *photo, const fleck_image *texture,
                       fleck_rng *rng) {
    size_t pixels = (size_t)photo->width * photo->height;
    uint8_t *rgba = FLECK_NEW(arena, uint8_t, pixels, 4);
    fleck_arena_mark mark = fleck_arena_here(arena);
    uint8_t *mask = FLECK_NEW(arena, uint8_t, pixels);
    perlin *noise = FLECK_NEW(arena, perlin, 1);
    if (!rgba || !mask || !noise) return NULL;
    float share = 0;
    for (int i = 0; i < TRIES && (share < COVER_LEAST || share > COVER_MOST); i++)
        share = draw_mask(rng, photo->width, photo->height, noise, mask);
    texture_variant variant = draw_variant(rng, texture);
    blend(photo, mask, &variant, TRANSPARENCY_MOST * fleck_rng_uniform(rng), rgba);
    fleck_arena_reset(arena, mark);
    return rgba;
}
