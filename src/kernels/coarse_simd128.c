/* The coarse search of the SIMD variant. */
#include "coarse_tile.h"

static inline void sums_2(const uint8_t *a0, const uint8_t *a1, const uint8_t *panel, size_t k,
                          fleck_tile_row sum[2]) {
    sum[0] = sum[1] = fleck_tile_zero();
    fleck_tile_add(fleck_add_dot_i16, &sum[0], &sum[1], a0, a1, panel, 2 * k);
}

static void scan_2(fleck_coarse_queries a, fleck_coarse_rows b, uint16_t *hits, size_t stride,
                   size_t m, size_t panels, size_t k) {
    fleck_coarse_scan(sums_2, 2, &a, &b, hits, stride, m, panels, k);
}

const fleck_coarse fleck_coarse_simd128 = {"simd128", 2, scan_2};
