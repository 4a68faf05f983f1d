/* The coarse search of the SIMD variants: tiles of 2 queries by one panel, which
 * differ only in how the products of one panel's integers with two queries add up.
 * That is passed as a function and inlined. */
#ifndef FLECK_COARSE_TILE_H
#define FLECK_COARSE_TILE_H

#include "coarse.h"
#include "tile.h"

/* sum[0] and sum[1] = the sums of products of k integers of a0 and a1 with a panel. */
typedef void fleck_coarse_sums(const uint8_t *a0, const uint8_t *a1, const uint8_t *panel, size_t k,
                               fleck_tile_row sum[2]);

FLECK_INLINE v128_t fleck_coarse_hits4(v128_t sum, v128_t scale2, v128_t reach, v128_t limit,
                                       const fleck_coarse_rows *b, size_t row) {
    v128_t product = wasm_f32x4_mul(wasm_v128_load(b->scale + row), wasm_f32x4_convert_i32x4(sum));
    v128_t v = wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(b->slope + row), reach),
                              wasm_f32x4_mul(scale2, product));
    return wasm_f32x4_ge(wasm_f32x4_sub(wasm_v128_load(b->low + row), v), limit);
}

FLECK_INLINE uint16_t fleck_coarse_hits(const fleck_tile_row *sum, const fleck_coarse_queries *a,
                                        size_t query, const fleck_coarse_rows *b, size_t row) {
    v128_t scale2 = wasm_f32x4_splat(2 * a->scale[query]);
    v128_t reach = wasm_f32x4_splat(a->reach[query]), limit = wasm_f32x4_splat(a->limit[query]);
    v128_t miss[4];
    for (size_t j = 0; j < 4; j++)
        miss[j] = fleck_coarse_hits4(sum->sum[j], scale2, reach, limit, b, row + 4 * j);
    v128_t bytes = wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(miss[0], miss[1]),
                                           wasm_i16x8_narrow_i32x4(miss[2], miss[3]));
    return (uint16_t)~wasm_i8x16_bitmask(bytes);
}

/* An odd last query is done twice over. */
FLECK_INLINE void fleck_coarse_scan(fleck_coarse_sums *sums, size_t size,
                                    const fleck_coarse_queries *a, const fleck_coarse_rows *b,
                                    uint16_t *hits, size_t stride, size_t m, size_t panels,
                                    size_t k) {
    size_t panel_size = fleck_coarse_panel_size(size, k);
    const uint8_t *panel = b->panels;
    for (size_t p = 0; p < panels; p++, panel += panel_size)
        for (size_t i = 0; i < m; i += 2) {
            const uint8_t *a0 = (const uint8_t *)a->q + i * k * size;
            bool pair = i + 1 < m;
            fleck_tile_row sum[2];
            sums(a0, pair ? a0 + k * size : a0, panel, k, sum);
            hits[i * stride + p] = fleck_coarse_hits(&sum[0], a, i, b, p * FLECK_PANEL);
            if (pair)
                hits[(i + 1) * stride + p] =
                    fleck_coarse_hits(&sum[1], a, i + 1, b, p * FLECK_PANEL);
        }
}

FLECK_INLINE fleck_tile_row fleck_coarse_row(const uint8_t *start) {
    return (fleck_tile_row){{wasm_v128_load(start), wasm_v128_load(start + 16),
                             wasm_v128_load(start + 32), wasm_v128_load(start + 48)}};
}

#endif
