/* What bench_turn.h has, timed. */
#include "bench.h"
#include "bench_turn.h"

#include <string.h>
#include <time.h>

enum { ROUNDS = 250000, BRIEF = 100 };

BENCH_INLINE v128_t step_f32(v128_t x, v128_t a, v128_t b) {
    return wasm_f32x4_add(wasm_f32x4_mul(x, a), b);
}

BENCH_INLINE v128_t step_i16(v128_t x, v128_t a, v128_t b) {
    return wasm_i32x4_add(wasm_i32x4_dot_i16x8(x, a), b);
}

static uint32_t turn_f32(size_t rounds) { return bench_turn(step_f32, rounds); }
static uint32_t turn_i16(size_t rounds) { return bench_turn(step_i16, rounds); }

typedef struct {
    const char *name;
    uint32_t (*turn)(size_t rounds);
    int operations; /* of a step */
} loop;

static const loop LOOPS[BENCH_PEAKS] = {
    [BENCH_F32] = {"f32", turn_f32, 8},
    [BENCH_I16] = {"i16", turn_i16, 16},
    [BENCH_I8_QUADS] = {"i8 quads", bench_turn_bytes, 32},
};

/* Whether this build and CPU have what a loop does. */
static bool runs(bench_peak peak) {
    if (!LOOPS[peak].turn || !fleck_kernels_find("simd128")) return false;
    const fleck_kernel_i8 *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_i8(list);
    return peak != BENCH_I8_QUADS || (count && strstr(list[count - 1]->name, "quads"));
}

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
    if (!runs(peak)) return 0;
    size_t threads = pool ? fleck_pool_threads(pool) : 1;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (pool)
        fleck_parallel(pool, threads, 1, burst_piece, &it);
    else
        burst_piece(&it, 0, 0, 1);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    double steps = (double)threads * (double)it.rounds * BENCH_VALUES;
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
    for (bench_peak peak = BENCH_F32; peak < BENCH_PEAKS; peak++)
        for (uint32_t t = 0; t < b->options.thread_count && runs(peak); t++) {
            register_case r = {b->pool[t], peak, b->options.smoke};
            double rounds = b->options.smoke ? ROUNDS / BRIEF : ROUNDS;
            double flop = rounds * BENCH_VALUES * LOOPS[peak].operations;
            bench_case c = {.name = "registers",
                            .variant = LOOPS[peak].name,
                            .pool = r.pool,
                            .flop = flop * fleck_pool_threads(r.pool)};
            bench_time(b, &c, run_registers, &r);
        }
}
