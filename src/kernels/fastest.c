/* What only timing can tell: which instructions for 8-bit products are the faster on
 * this CPU. A wrong guess costs time and nothing else. */
#include "arena.h"
#include "kernels.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 5, ROWS = 32, PANELS = 4, COLUMNS = PANELS * FLECK_PANEL, DEPTH = 384 };

/* WebAssembly starts in a quick compiler's code, in which all instructions are
 * slow: the race goes on until the good one had time to replace it. */
#ifdef __wasm__
#define SECONDS_MIN 0.1
#else
#define SECONDS_MIN 0.0
#endif

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Products of zeros: integers take the same time whatever they are. A round is some
 * tenths of a millisecond. */
typedef struct {
    const fleck_kernels *kernels;
    const fleck_kernel_i8 *const *i8; /* candidates, NULL: the 16-bit product */
    const fleck_coarse *const *coarse;
    uint8_t a[ROWS * DEPTH * 2], b[COLUMNS * DEPTH * 2 + 4096];
    float zero[COLUMNS], c[ROWS * COLUMNS];
    int32_t none[COLUMNS];
    uint16_t hits[ROWS * PANELS];
} race;

static void run_i8(race *r, size_t candidate) {
    const fleck_kernel_i8 *i8 = r->i8[candidate];
    const void *a = r->a, *b = r->b;
    if (i8)
        i8->matmul((fleck_u7){a, r->zero, r->none}, (fleck_i8){b, r->zero, r->none}, NULL, r->c,
                   COLUMNS, ROWS, COLUMNS, DEPTH);
    else
        r->kernels->matmul_i16((fleck_i16){a, r->zero}, (fleck_i16){b, r->zero}, NULL, r->c,
                               COLUMNS, ROWS, COLUMNS, DEPTH);
}

static void run_coarse(race *r, size_t candidate) {
    r->coarse[candidate]->scan((fleck_coarse_queries){r->a, r->zero, r->zero, r->zero},
                               (fleck_coarse_rows){r->b, r->zero, r->zero, r->zero}, r->hits,
                               PANELS, ROWS, PANELS, DEPTH);
}

/* The candidate with the shortest run. */
static size_t winner(race *r, void (*run)(race *, size_t), size_t count) {
    double best[FLECK_COARSE_MAX], begin = seconds();
    for (int round = 0; round < ROUNDS || seconds() - begin < SECONDS_MIN; round++)
        for (size_t i = 0; i < count; i++) {
            double start = seconds();
            run(r, i);
            double taken = seconds() - start;
            if (!round || taken < best[i]) best[i] = taken;
        }
    size_t fastest = 0;
    for (size_t i = 1; i < count; i++)
        if (best[i] < best[fastest]) fastest = i;
    return fastest;
}

static bool is_reference(const char *name) { return !strcmp(name, "scalar"); }

const fleck_kernel_i8 *fleck_kernels_i8_fastest(const fleck_kernels *kernels) {
    const fleck_kernel_i8 *all[FLECK_KERNELS_MAX];
    const fleck_kernel_i8 *list[FLECK_KERNELS_MAX + 1] = {NULL}; /* the 16-bit product */
    size_t all_count = fleck_kernels_i8(all), count = 1;
    for (size_t i = 0; i < all_count; i++)
        if (!is_reference(all[i]->name)) list[count++] = all[i];
    fleck_arena arena = {0};
    race *r = count > 1 ? FLECK_NEW_ZERO(&arena, race, 1) : NULL;
    if (!r) return NULL;
    r->kernels = kernels;
    r->i8 = list;
    const fleck_kernel_i8 *fastest = list[winner(r, run_i8, count)];
    fleck_arena_free(&arena);
    return fastest;
}

const fleck_coarse *fleck_kernels_coarse_fastest(const fleck_kernels *kernels) {
    const fleck_coarse *list[FLECK_COARSE_MAX], *usual = fleck_kernels_coarse_usual(kernels);
    size_t all = fleck_kernels_coarse(list), count = 0;
    if (is_reference(usual->name)) return usual;
    for (size_t i = 0; i < all; i++)
        if (list[i]->size == usual->size && !is_reference(list[i]->name)) list[count++] = list[i];
    fleck_arena arena = {0};
    race *r = count > 1 ? FLECK_NEW_ZERO(&arena, race, 1) : NULL;
    if (!r) return usual;
    r->coarse = list;
    const fleck_coarse *fastest = list[winner(r, run_coarse, count)];
    fleck_arena_free(&arena);
    return fastest;
}
