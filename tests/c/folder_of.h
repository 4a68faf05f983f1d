/* A folder's features for a test: made, or from a golden file. */
#ifndef FLECK_TESTS_FOLDER_H
#define FLECK_TESTS_FOLDER_H

#include "check.h"
#include "features.h"
#include "golden.h"
#include "half.h"

#include <stdlib.h>

typedef struct {
    fleck_arena arena;
    fleck_features features;
    fleck_half *patch, *cls; /* [count, P, D], [count, D] */
} folder;

static inline fleck_grid grid_of(uint32_t rows, uint32_t columns) {
    return (fleck_grid){.rows = rows, .columns = columns};
}

static inline fleck_grid square(uint32_t side) { return grid_of(side, side); }

/* All zero. */
static void folder_make(folder *f, uint32_t count, fleck_grid grid, size_t D) {
    size_t P = (size_t)grid.rows * grid.columns;
    *f = (folder){0};
    f->patch = FLECK_NEW_ZERO(&f->arena, fleck_half, count, P, D);
    f->cls = FLECK_NEW_ZERO(&f->arena, fleck_half, count, D);
    const fleck_half **at = FLECK_NEW(&f->arena, const fleck_half *, 2, count);
    if (!f->patch || !f->cls || !at) exit(1);
    for (uint32_t i = 0; i < count; i++) {
        at[i] = f->patch + i * P * D;
        at[count + i] = f->cls + i * D;
    }
    f->features = (fleck_features){grid, P, D, count, at, at + count, NULL};
}

static void folder_free(folder *f) { fleck_arena_free(&f->arena); }

/* The tensor patch and, unless zero will do, cls. They hold halves: narrowing is exact. */
static inline void folder_read(golden *g, folder *f, uint32_t count, fleck_grid grid, size_t D) {
    size_t n;
    const float *patch = golden_get(g, &n, "patch");
    CHECK(n == count * grid.rows * grid.columns * D);
    folder_make(f, count, grid, D);
    fleck_half_narrow(patch, n, f->patch);
    if (!fleck_weights_find(&g->weights, "cls")) return;
    const float *cls = golden_get(g, &n, "cls");
    CHECK(n == count * D);
    fleck_half_narrow(cls, n, f->cls);
}

#endif
