/* 8-bit products by VPDPBUSD, which x86 CPUs have as AVX-VNNI (Intel from 2021, AMD from Zen 5 on):
 * four products a lane, as relaxed SIMD's on them. Compiled for it alone (src/CMakeLists.txt);
 * list.c asks the CPU. */
#include "tile.h"

#ifdef __AVXVNNI__
#include <immintrin.h>

/* SIMDe's vectors need not be the compiler's: the bytes are. */
static inline v128_t add_dot_quads(v128_t sum, v128_t a, v128_t b) {
    __m128i s, x, y;
    memcpy(&s, &sum, sizeof s), memcpy(&x, &a, sizeof x), memcpy(&y, &b, sizeof y);
    s = _mm_dpbusd_avx_epi32(s, x, y);
    memcpy(&sum, &s, sizeof sum);
    return sum;
}

static void matmul_quads(fleck_u8 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                         size_t m, size_t n, size_t k) {
    fleck_tile_matmul_i8(add_dot_quads, 0, a, packed_b, bias, c, ldc, m, n, k);
}

const fleck_kernel_i8 fleck_kernel_i8_quads = {"quads", matmul_quads};
#endif
