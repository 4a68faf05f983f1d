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
#endif

/* Adding it to |x| < 2^22 rounds x to the nearest integer, which is then in the low
 * bits of the sum's encoding: rounding and conversion in one addition. */
#define FLECK_MAGIC 12582912.0f /* 1.5 * 2^23 */
#define FLECK_MAGIC_BITS 0x4B400000

/* Lane i of x in all lanes: one instruction, where loading each value anew takes
 * an address computation beside it. */
#define FLECK_SPLAT(x, i) wasm_i32x4_shuffle(x, x, i, i, i, i)

float fleck_simd128_quantise_i16(const float *x, size_t n, int16_t max, int16_t *q);
float fleck_simd128_quantise_u8(const float *x, size_t n, uint8_t *q, int32_t *zero);
void fleck_simd128_rotate(const float *x, size_t n, float *y);
float fleck_simd128_softmax_i16(const float *x, float scale, size_t n, int16_t *q);
void fleck_simd128_matmul_i16(fleck_i16 a, fleck_i16 packed_b, const float *bias, float *c,
                              size_t ldc, size_t m, size_t n, size_t k);

#endif
