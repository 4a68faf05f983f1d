/* 8-bit products by the CPU's own instruction, as relaxed SIMD's on it. */
#include "byte_dot.h"
#include "tile.h"

#ifdef FLECK_BYTE_DOT
static void matmul_quads(fleck_u8 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                         size_t m, size_t n, size_t k) {
    fleck_tile_matmul_i8(fleck_add_byte_dot, FLECK_BYTE_DOT_LESS, a, packed_b, bias, c, ldc, m, n,
                         k);
}

const fleck_kernel_i8 fleck_kernel_i8_quads = {"quads", matmul_quads};
#endif
