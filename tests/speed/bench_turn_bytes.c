#include "bench_turn.h"
#include "byte_dot.h"

BENCH_INLINE v128_t step(v128_t x, v128_t a, v128_t b) {
#ifdef FLECK_BYTE_DOT
    return fleck_add_byte_dot(x, a, b);
#else
    return (void)a, (void)b, x;
#endif
}

uint32_t bench_turn_bytes(size_t rounds) { return bench_turn(step, rounds); }
