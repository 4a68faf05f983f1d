/* The rate of bare arithmetic on 128-bit registers, which no kernel can pass. Twelve
 * values go their own ways, so that the latency of an instruction hides behind the
 * others; with two constants they fit the 16 registers of x86. Each step takes what
 * the one before gave as an operand, so that no compiler can move work out of the
 * loop or merge two steps. What they compute has no meaning. */
#include "bench.h"
#include "simd128.h"

#include <string.h>
#include <time.h>

enum { VALUES = 12, ROUNDS = 250000, BRIEF = 100 };

#define INLINE static inline __attribute__((always_inline))

typedef v128_t step(v128_t x, v128_t a, v128_t b);

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

/* rounds > 0 */
INLINE uint32_t turn(step *next, size_t rounds) {
    v128_t a = wasm_f32x4_const(0.999f, 0.998f, 0.997f, 0.996f);
    v128_t b = wasm_f32x4_const(1, 2, 3, 4);
    EACH(START)
    do {
        EACH(STEP)
    } while (--rounds);
    EACH(JOIN)
    return (uint32_t)wasm_i32x4_extract_lane(a, 0);
}

INLINE v128_t step_f32(v128_t x, v128_t a, v128_t b) {
    return wasm_f32x4_add(wasm_f32x4_mul(x, a), b);
}

INLINE v128_t step_i16(v128_t x, v128_t a, v128_t b) {
    return wasm_i32x4_add(wasm_i32x4_dot_i16x8(x, a), b);
}

static uint32_t turn_f32(size_t rounds) { return turn(step_f32, rounds); }
static uint32_t turn_i16(size_t rounds) { return turn(step_i16, rounds); }

/* The form of relaxed.c. */
#ifdef __wasm_relaxed_simd__
INLINE v128_t step_quads(v128_t x, v128_t a, v128_t b) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, b, x);
}

static uint32_t turn_quads(size_t rounds) { return turn(step_quads, rounds); }
#endif

typedef struct {
    const char *name;
    uint32_t (*turn)(size_t rounds); /* NULL: not in this build */
    int operations;                  /* of a step */
} loop;

static const loop LOOPS[BENCH_PEAKS] = {
    [BENCH_F32] = {"f32", turn_f32, 8},
    [BENCH_I16] = {"i16", turn_i16, 16},
#ifdef __wasm_relaxed_simd__
    [BENCH_I8_QUADS] = {"i8 quads", turn_quads, 32},
#endif
};

typedef struct {
    const loop *loop;
    size_t rounds;
    volatile uint32_t result[64]; /* by worker: it is wanted, so that the loop stays */
} burst;

static void burst_piece(void *context, uint32_t worker, size_t begin, size_t end) {
    burst *it = context;
    for (size_t i = begin; i < end; i++) it->result[worker] = it->loop->turn(it->rounds);
}

double bench_peak_rate(fleck_pool *pool, bench_peak peak, bool brief) {
    burst it = {.loop = &LOOPS[peak], .rounds = brief ? ROUNDS / BRIEF : ROUNDS};
    if (!it.loop->turn || !fleck_kernels_find("simd128")) return 0;
    size_t threads = pool ? fleck_pool_threads(pool) : 1;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (pool)
        fleck_parallel(pool, threads, 1, burst_piece, &it);
    else
        burst_piece(&it, 0, 0, 1);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    double steps = (double)threads * (double)it.rounds * VALUES;
    return seconds > 0 ? steps * it.loop->operations / seconds : 0;
}

const char *bench_peak_name(bench_peak peak) {
    return LOOPS[peak].name ? LOOPS[peak].name : "none";
}

bench_peak bench_peak_of_integers(const char *kernel) {
    return !strcmp(kernel, "simd128") ? BENCH_I16
           : strstr(kernel, "quads")  ? BENCH_I8_QUADS
                                      : BENCH_NO_PEAK;
}

typedef struct {
    fleck_pool *pool;
    bench_peak peak;
    bool brief;
} register_case;

static void run_registers(void *context) {
    register_case *r = context;
    bench_peak_rate(r->pool, r->peak, r->brief);
}

void bench_registers(bench *b) {
    bench_group(b, "Registers: bare multiply-adds");
    if (!fleck_kernels_find("simd128")) return;
    for (bench_peak peak = BENCH_F32; peak < BENCH_PEAKS; peak++)
        for (uint32_t t = 0; t < b->options.thread_count && LOOPS[peak].turn; t++) {
            register_case r = {b->pool[t], peak, b->options.smoke};
            double rounds = b->options.smoke ? ROUNDS / BRIEF : ROUNDS;
            double flop = rounds * VALUES * LOOPS[peak].operations;
            bench_case c = {.name = "registers",
                            .variant = LOOPS[peak].name,
                            .pool = r.pool,
                            .flop = flop * fleck_pool_threads(r.pool)};
            bench_time(b, &c, run_registers, &r);
        }
}
