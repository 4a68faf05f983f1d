/* What the files of the SIMD variant share: the instructions, natively through
 * SIMDe, so that sanitizers and native users run the code that ships. */
#ifndef FLECK_SIMD128_H
#define FLECK_SIMD128_H

#include "kernels.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#else
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/simd128.h>
#include <simde/x86/ssse3.h>
#include <string.h>

/* What stands in for wasm_i16x8_relaxed_dot_i8x16_i7x16(b, a). SIMDe converts between the two
 * types of vectors only where x86 has both: elsewhere their bytes do. */
static inline v128_t fleck_dot_pairs(v128_t a, v128_t b) {
    simde__m128i x, y;
    memcpy(&x, &a, sizeof x), memcpy(&y, &b, sizeof y);
    x = simde_mm_maddubs_epi16(x, y);
    memcpy(&a, &x, sizeof a);
    return a;
}
#endif

/* Adding it to |x| < 2^22 rounds x to the nearest integer, which is then in the low
 * bits of the sum's encoding: rounding and conversion in one addition. */
#define FLECK_MAGIC 12582912.0f /* 1.5 * 2^23 */
#define FLECK_MAGIC_BITS 0x4B400000

/* Lane i of x in all lanes: one instruction, where loading each value anew takes
 * an address computation beside it. */
#define FLECK_SPLAT(x, i) wasm_i32x4_shuffle(x, x, i, i, i, i)

float fleck_simd128_quantise_i16(const float *x, size_t n, int16_t max, int16_t *q);
float fleck_simd128_quantise_u7(const float *x, size_t n, uint8_t *q, int32_t *zero);
float fleck_simd128_softmax_i16(const float *x, float scale, size_t n, int16_t *q);
void fleck_simd128_matmul_i16(fleck_i16 a, fleck_i16 packed_b, const float *bias, float *c,
                              size_t ldc, size_t m, size_t n, size_t k);

#endif
