/* Times the matmul of the fast kernel variants at the shapes of ViT blocks, beside
 * the rate of bare multiply-adds in registers, which no kernel can pass. Not a
 * test: it prints, and a person reads.
 *
 *     build/native/tests/bench          natively
 *     node --no-experimental-fetch --no-liftoff build/wasm/tests/bench.js    as WebAssembly */
#include "arena.h"
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPEATS = 9 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench_matmul(const fleck_kernels *k, size_t m, size_t n, size_t depth) {
    fleck_arena arena = {0};
    float *a = fleck_arena_zalloc(&arena, m * depth, sizeof *a);
    float *b = fleck_arena_zalloc(&arena, fleck_packed_count(n, depth), sizeof *b);
    float *c = fleck_arena_zalloc(&arena, m * n, sizeof *c);
    if (!a || !b || !c) exit(1);
    for (size_t i = 0; i < m * depth; i++) a[i] = (float)(i % 13) / 13;
    for (size_t i = 0; i < fleck_packed_count(n, depth); i++) b[i] = (float)(i % 7) / 7;
    double seconds[REPEATS];
    for (int r = 0; r < REPEATS; r++) {
        double start = now();
        k->matmul(a, depth, b, NULL, c, n, m, n, depth);
        seconds[r] = now() - start;
    }
    qsort(seconds, REPEATS, sizeof *seconds, ascending);
    double flop = 2.0 * (double)m * (double)n * (double)depth;
    printf("%-8s matmul %4zu x %4zu x %4zu  median %7.2f ms  min %7.2f ms  %6.1f GFLOP/s\n",
           k->name, m, depth, n, 1e3 * seconds[REPEATS / 2], 1e3 * seconds[0],
           1e-9 * flop / seconds[REPEATS / 2]);
    fleck_arena_free(&arena);
}

/* GFLOP/s of multiply and add on 128-bit registers: eight independent sums hide the
 * latency of both. */
static double register_peak(void) {
    typedef float f32x4 __attribute__((vector_size(16)));
    enum { SUMS = 8, ROUNDS = 4000000 };
    f32x4 sum[SUMS], scale = {0.999f, 0.998f, 0.997f, 0.996f}, offset = {1, 2, 3, 4};
    double best = 0;
    for (int r = 0; r < REPEATS; r++) {
        for (int j = 0; j < SUMS; j++) sum[j] = offset * (float)j;
        double start = now();
        for (int i = 0; i < ROUNDS; i++)
            for (int j = 0; j < SUMS; j++) sum[j] = sum[j] * scale + offset;
        double rate = 1e-9 * 8.0 * SUMS * ROUNDS / (now() - start);
        for (int j = 1; j < SUMS; j++) sum[0] += sum[j];
        /* the sums are wanted, says this, so that the loop stays */
        if (rate > best && sum[0][0] != 0) best = rate;
    }
    return best;
}

int main(void) {
    static const size_t shapes[][3] = {{785, 576, 192},  {785, 192, 768},  {785, 1152, 384},
                                       {785, 1536, 384}, {785, 384, 1536}, {785, 3072, 768}};
    const fleck_kernels *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list);
    printf("registers: %.1f GFLOP/s\n", register_peak());
    for (size_t v = count > 1; v < count; v++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            bench_matmul(list[v], shapes[s][0], shapes[s][1], shapes[s][2]);
    return 0;
}
