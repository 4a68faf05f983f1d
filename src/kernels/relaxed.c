/* 8-bit products by the instructions of relaxed SIMD, in two ways: one is the
 * faster where the CPU multiplies and adds four bytes at once (VNNI, dot
 * product extension), the other where the engine must piece that together.
 *
 * Relaxed instructions may differ between CPUs, but not while the second operand
 * stays in 0..127: all sums are exact then. Natively SIMDe's SSSE3 stands in; a
 * WebAssembly build without relaxed SIMD has none of this. */
#include "tile.h"

#if !defined(__wasm__) || defined(__wasm_relaxed_simd__)

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
    fleck_tile_matmul_i8(add_dot_pairs, a, packed_b, bias, c, ldc, m, n, k);
}

const fleck_kernel_i8 fleck_kernel_i8_pairs = {"pairs", matmul_pairs};

#ifdef __wasm__
static inline v128_t add_dot_quads(v128_t sum, v128_t a, v128_t b) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(b, a, sum);
}

static void matmul_quads(fleck_u7 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                         size_t m, size_t n, size_t k) {
    fleck_tile_matmul_i8(add_dot_quads, a, packed_b, bias, c, ldc, m, n, k);
}

const fleck_kernel_i8 fleck_kernel_i8_quads = {"quads", matmul_quads};
#endif

#endif
