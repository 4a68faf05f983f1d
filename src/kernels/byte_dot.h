/* The instruction that adds four products of bytes to each lane, where the file that includes this
 * is compiled for it (src/CMakeLists.txt); list.c asks the CPU. VPDPBUSD, which x86 CPUs have as
 * AVX-VNNI (Intel from 2021, AMD from Zen 5 on), takes bytes without and with a sign; SDOT, which
 * ARM64 CPUs have from ARMv8.2 or 8.4 on, both with one; of relaxed SIMD's, relaxed.c asks the
 * engine. SIMDe's vectors need not be the compiler's: the bytes are. */
#ifndef FLECK_BYTE_DOT_H
#define FLECK_BYTE_DOT_H

#include "simd128.h"

#include <string.h>

#ifdef __AVXVNNI__
#include <immintrin.h>

#define FLECK_BYTE_DOT
#define FLECK_BYTE_DOT_LESS 0 /* than a's bytes is what they count as */

static inline v128_t fleck_add_byte_dot(v128_t sum, v128_t a, v128_t b) {
    __m128i s, x, y;
    memcpy(&s, &sum, sizeof s), memcpy(&x, &a, sizeof x), memcpy(&y, &b, sizeof y);
    s = _mm_dpbusd_avx_epi32(s, x, y);
    memcpy(&sum, &s, sizeof sum);
    return sum;
}

#elif defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>

#define FLECK_BYTE_DOT
#define FLECK_BYTE_DOT_LESS 128

static inline v128_t fleck_add_byte_dot(v128_t sum, v128_t a, v128_t b) {
    int32x4_t s;
    uint8x16_t x;
    int8x16_t y;
    memcpy(&s, &sum, sizeof s), memcpy(&x, &a, sizeof x), memcpy(&y, &b, sizeof y);
    s = vdotq_s32(s, vreinterpretq_s8_u8(veorq_u8(x, vdupq_n_u8(FLECK_BYTE_DOT_LESS))), y);
    memcpy(&sum, &s, sizeof sum);
    return sum;
}

#elif defined(__wasm_relaxed_simd__)

#define FLECK_BYTE_DOT

static inline v128_t fleck_add_byte_dot(v128_t sum, v128_t a, v128_t b) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(b, a, sum);
}
#endif

#endif
