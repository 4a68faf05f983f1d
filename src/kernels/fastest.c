/* What only timing can tell: which instructions for 8-bit products are the faster on
 * this CPU. A wrong guess costs time and nothing else. */
#include "arena.h"
#include "kernels.h"

#include <string.h>
#include <time.h>

enum { ROUNDS = 5, ROWS = 32, COLUMNS = 4 * FLECK_PANEL, DEPTH = 384 };

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
    uint8_t a[ROWS * DEPTH * 2], b[COLUMNS * DEPTH * 2];
    float zero[COLUMNS], c[ROWS * COLUMNS];
    int32_t none[COLUMNS];
} race;

/* One product; NULL: the 16-bit one. */
static void run(race *r, const fleck_kernel_i8 *i8) {
    const void *a = r->a, *b = r->b;
    if (i8)
        i8->matmul((fleck_u8){a, r->zero, r->none}, (fleck_i8){b, r->zero, r->none}, NULL, r->c,
                   COLUMNS, ROWS, COLUMNS, DEPTH);
    else
        r->kernels->matmul_i16((fleck_i16){a, r->zero}, (fleck_i16){b, r->zero}, NULL, r->c,
                               COLUMNS, ROWS, COLUMNS, DEPTH);
}

const fleck_kernel_i8 *fleck_kernels_i8_fastest(const fleck_kernels *kernels) {
    const fleck_kernel_i8 *all[FLECK_KERNELS_MAX];
    const fleck_kernel_i8 *list[FLECK_KERNELS_MAX + 1] = {NULL};
    size_t all_count = fleck_kernels_i8(all), count = 1, fastest = 0;
    for (size_t i = 0; i < all_count; i++)
        if (strcmp(all[i]->name, "scalar")) list[count++] = all[i];
    fleck_arena arena = {0};
    race *r = count > 1 ? FLECK_NEW_ZERO(&arena, race, 1) : NULL;
    if (!r) return NULL;
    r->kernels = kernels;
    double best[FLECK_KERNELS_MAX + 1], begin = seconds();
    for (int round = 0; round < ROUNDS || seconds() - begin < SECONDS_MIN; round++)
        for (size_t i = 0; i < count; i++) {
            double start = seconds();
            run(r, list[i]);
            double taken = seconds() - start;
            if (!round || taken < best[i]) best[i] = taken;
        }
    for (size_t i = 1; i < count; i++)
        if (best[i] < best[fastest]) fastest = i;
    fleck_arena_free(&arena);
    return list[fastest];
}
