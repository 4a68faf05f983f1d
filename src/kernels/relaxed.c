/* 8-bit products by the instruction of relaxed SIMD that multiplies and adds four bytes at once,
 * where the CPU has one (VNNI, dot product extension).
 *
 * How it takes the second operand's bytes above 127 is up to the engine: with a sign or without.
 * Either gives all products of 8 bits, exactly; what an engine does on a CPU without such an
 * instruction may not, where sums of two products are kept in 16 bits. It is asked which it is: it
 * must be the same as long as the program runs. */
#include "byte_dot.h"
#include "tile.h"

#ifdef __wasm_relaxed_simd__

static void matmul_plain(fleck_u8 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                         size_t m, size_t n, size_t k) {
    fleck_tile_matmul_i8(fleck_add_byte_dot, 0, a, packed_b, bias, c, ldc, m, n, k);
}

/* a's bytes less 128, as bytes with a sign. */
static inline v128_t add_dot_signed(v128_t sum, v128_t a, v128_t b) {
    return fleck_add_byte_dot(sum, wasm_v128_xor(a, wasm_i8x16_splat(INT8_MIN)), b);
}

static void matmul_signed(fleck_u8 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                          size_t m, size_t n, size_t k) {
    fleck_tile_matmul_i8(add_dot_signed, INT8_MAX + 1, a, packed_b, bias, c, ldc, m, n, k);
}

const fleck_kernel_i8 fleck_kernel_i8_quads = {"quads", matmul_plain};
const fleck_kernel_i8 fleck_kernel_i8_signed_quads = {"signed quads", matmul_signed};

/* Whether the sum of four products is that of a byte of A less that, for the extremes of both. */
static bool sums_up(int32_t less) {
    static const uint8_t bytes[] = {0, 1, 127, 128, 254, 255};
    static const int8_t weights[] = {-FLECK_I8_MAX, -1, 1, FLECK_I8_MAX};
    for (size_t i = 0; i < sizeof bytes; i++)
        for (size_t j = 0; j < sizeof weights; j++) {
            /* Not known when this is compiled: it is the engine that is asked. */
            volatile uint8_t a = (uint8_t)(bytes[i] - less);
            volatile int8_t b = weights[j];
            v128_t sum =
                fleck_add_byte_dot(wasm_i32x4_splat(7), wasm_u8x16_splat(a), wasm_i8x16_splat(b));
            if (wasm_i32x4_extract_lane(sum, 0) != 7 + 4 * (bytes[i] - less) * weights[j])
                return false;
        }
    return true;
}

const fleck_kernel_i8 *fleck_kernel_i8_relaxed(void) {
    return sums_up(0)              ? &fleck_kernel_i8_quads
           : sums_up(INT8_MAX + 1) ? &fleck_kernel_i8_signed_quads
                                   : NULL;
}
#endif
