/* 8-bit products by SDOT, which ARM64 CPUs have from ARMv8.2 or 8.4 on: four products a lane, as
 * relaxed SIMD's on them. Compiled for it alone (src/CMakeLists.txt); list.c asks the CPU. */
#include "tile.h"

#ifdef __ARM_FEATURE_DOTPROD
#include <arm_neon.h>

/* a's bytes less 128, as bytes with a sign. SIMDe's vectors need not be NEON's: the bytes are. */
static inline v128_t add_dot_quads(v128_t sum, v128_t a, v128_t b) {
    int32x4_t s;
    uint8x16_t x;
    int8x16_t y;
    memcpy(&s, &sum, sizeof s), memcpy(&x, &a, sizeof x), memcpy(&y, &b, sizeof y);
    s = vdotq_s32(s, vreinterpretq_s8_u8(veorq_u8(x, vdupq_n_u8(128))), y);
    memcpy(&sum, &s, sizeof sum);
    return sum;
}

static void matmul_quads(fleck_u8 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                         size_t m, size_t n, size_t k) {
    fleck_tile_matmul_i8(add_dot_quads, 128, a, packed_b, bias, c, ldc, m, n, k);
}

const fleck_kernel_i8 fleck_kernel_i8_quads = {"quads", matmul_quads};
#endif
