/* The rate of bare arithmetic on 128-bit registers, which no kernel can pass. Twelve
 * values go their own ways, so that the latency of an instruction hides behind the
 * others; with two constants they fit the 16 registers of x86. Each step takes what
 * the one before gave as an operand, so that no compiler can move work out of the
 * loop or merge two steps. What they compute has no meaning. */
#ifndef BENCH_TURN_H
#define BENCH_TURN_H

#include "simd128.h"

#define BENCH_VALUES 12

#define BENCH_INLINE static inline __attribute__((always_inline))

typedef v128_t bench_step(v128_t x, v128_t a, v128_t b);

/* GCC would keep an array in memory, and every value twice, as floats and as integers. */
#if defined(__x86_64__)
#define IN_REGISTER(x) __asm__("" : "+x"(x))
#else
#define IN_REGISTER(x) (void)0
#endif
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define START(j) v128_t x##j = wasm_f32x4_splat(j);
#define STEP(j)                                                                                    \
    x##j = next(x##j, a, b);                                                                       \
    IN_REGISTER(x##j);
#define JOIN(j) a = wasm_v128_xor(a, x##j);

/* rounds > 0; each has BENCH_VALUES steps. */
BENCH_INLINE uint32_t bench_turn(bench_step *next, size_t rounds) {
    v128_t a = wasm_f32x4_const(0.999f, 0.998f, 0.997f, 0.996f);
    v128_t b = wasm_f32x4_const(1, 2, 3, 4);
    EACH(START)
    do {
        EACH(STEP)
    } while (--rounds);
    EACH(JOIN)
    return (uint32_t)wasm_i32x4_extract_lane(a, 0);
}

/* Of products of bytes: where this build has no instruction for them, of nothing. */
uint32_t bench_turn_bytes(size_t rounds);

#endif
