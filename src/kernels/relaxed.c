/* 8-bit products by the instructions of relaxed SIMD, in two ways: one is the
 * faster where the CPU multiplies and adds four bytes at once (VNNI, dot
 * product extension), the other where the engine must piece that together.
 *
 * Relaxed instructions may differ between CPUs, but not while the second operand
 * stays in 0..127: all sums are exact then. Natively SIMDe's SSSE3 stands in; a
 * WebAssembly build without relaxed SIMD has none of this. */
#include "coarse_tile.h"

#if !defined(__wasm__) || defined(__wasm_relaxed_simd__)

FLECK_INLINE void matmul(fleck_add_dot *add_dot, fleck_u7 a, fleck_i8 packed_b, const float *bias,
                         float *c, size_t ldc, size_t m, size_t n, size_t k) {
    fleck_tile_factors f = {.a = a.q,
                            .b = packed_b.q,
                            .size = sizeof *a.q,
                            .a_scale = a.scale,
                            .b_scale = packed_b.scale,
                            .bias = bias,
                            .a_zero = a.zero,
                            .b_sum = packed_b.sum};
    fleck_tile_matmul(add_dot, &f, c, ldc, m, n, k);
}

/* Sums of two products in int16, at most 2 * 127 * 127. */
static inline v128_t dot_pairs(v128_t a, v128_t b) {
#ifdef __wasm__
    return wasm_i16x8_relaxed_dot_i8x16_i7x16(b, a);
#else
    return fleck_dot_pairs(a, b);
#endif
}

static inline v128_t add_dot_pairs(v128_t sum, v128_t a, v128_t b) {
    return wasm_i32x4_add(sum, wasm_i32x4_extadd_pairwise_i16x8(dot_pairs(a, b)));
}

static void matmul_pairs(fleck_u7 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                         size_t m, size_t n, size_t k) {
    matmul(add_dot_pairs, a, packed_b, bias, c, ldc, m, n, k);
}

const fleck_kernel_i8 fleck_kernel_i8_pairs = {"pairs", matmul_pairs};

#ifdef __wasm__
static inline v128_t add_dot_quads(v128_t sum, v128_t a, v128_t b) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(b, a, sum);
}

static void matmul_quads(fleck_u7 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                         size_t m, size_t n, size_t k) {
    matmul(add_dot_quads, a, packed_b, bias, c, ldc, m, n, k);
}

const fleck_kernel_i8 fleck_kernel_i8_quads = {"quads", matmul_quads};
#endif

/* ---- coarse search ---- */

static inline v128_t add_dot_short(v128_t sum, v128_t a, v128_t b) {
    return wasm_i16x8_add(sum, dot_pairs(a, b));
}

/* Pairs add up in int16 for a run: half the instructions. */
static inline void sums_pairs(const uint8_t *a0, const uint8_t *a1, const uint8_t *panel, size_t k,
                              fleck_tile_row sum[2]) {
    sum[0] = sum[1] = fleck_tile_zero();
    panel += FLECK_COARSE_START;
    for (size_t from = 0; from < k; from += FLECK_COARSE_RUN) {
        size_t run = k - from < FLECK_COARSE_RUN ? k - from : FLECK_COARSE_RUN;
        fleck_tile_row t0 = fleck_coarse_row(panel), t1 = t0;
        panel += FLECK_COARSE_START;
        fleck_tile_add(add_dot_short, &t0, &t1, a0 + from, a1 + from, panel, run);
        panel += run * FLECK_PANEL;
        for (int j = 0; j < 4; j++) {
            sum[0].sum[j] =
                wasm_i32x4_add(sum[0].sum[j], wasm_i32x4_extadd_pairwise_i16x8(t0.sum[j]));
            sum[1].sum[j] =
                wasm_i32x4_add(sum[1].sum[j], wasm_i32x4_extadd_pairwise_i16x8(t1.sum[j]));
        }
    }
}

static void scan_pairs(fleck_coarse_queries a, fleck_coarse_rows b, uint16_t *hits, size_t stride,
                       size_t m, size_t panels, size_t k) {
    fleck_coarse_scan(sums_pairs, 1, &a, &b, hits, stride, m, panels, k);
}

const fleck_coarse fleck_coarse_pairs = {"pairs", 1, scan_pairs};

#ifdef __wasm__
static inline void sums_quads(const uint8_t *a0, const uint8_t *a1, const uint8_t *panel, size_t k,
                              fleck_tile_row sum[2]) {
    sum[0] = sum[1] = fleck_coarse_row(panel);
    panel += FLECK_COARSE_START;
    for (size_t from = 0; from < k; from += FLECK_COARSE_RUN) {
        size_t run = k - from < FLECK_COARSE_RUN ? k - from : FLECK_COARSE_RUN;
        panel += FLECK_COARSE_START;
        fleck_tile_add(add_dot_quads, &sum[0], &sum[1], a0 + from, a1 + from, panel, run);
        panel += run * FLECK_PANEL;
    }
}

static void scan_quads(fleck_coarse_queries a, fleck_coarse_rows b, uint16_t *hits, size_t stride,
                       size_t m, size_t panels, size_t k) {
    fleck_coarse_scan(sums_quads, 1, &a, &b, hits, stride, m, panels, k);
}

const fleck_coarse fleck_coarse_quads = {"quads", 1, scan_quads};
#endif

#endif
