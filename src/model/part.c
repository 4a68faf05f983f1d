/* All shifts are tried: each is one product of D numbers for each token, so that an area of 200
 * patches on a grid of 28 takes 45,000 of them. */
#include "part.h"

#include "half.h"

#include <math.h>
#include <string.h>

/* How far the area can move each way. */
typedef struct {
    int32_t up, down, left, right;
} reach;

static int32_t least(size_t a, size_t b) { return (int32_t)(a < b ? a : b); }

static reach reach_of(fleck_grid grid) {
    size_t top = grid.rows, bottom = 0, left = grid.columns, right = 0;
    for (size_t p = 0; p < fleck_grid_patches(grid); p++) {
        size_t place = fleck_grid_place(grid, p);
        size_t row = place / grid.columns, column = place % grid.columns;
        if (row < top) top = row;
        if (row > bottom) bottom = row;
        if (column < left) left = column;
        if (column > right) right = column;
    }
    size_t high = grid.rows / FLECK_PART_REACH, wide = grid.columns / FLECK_PART_REACH;
    return (reach){least(top, high), least(grid.rows - 1 - bottom, high), least(left, wide),
                   least(grid.columns - 1 - right, wide)};
}

bool fleck_part_moves(fleck_grid grid) {
    reach r = reach_of(grid);
    return r.up || r.down || r.left || r.right;
}

size_t fleck_part_tokens(fleck_grid grid) {
    size_t P = fleck_grid_patches(grid);
    return P < FLECK_PART_TOKENS ? P : FLECK_PART_TOKENS;
}

/* The place of the patch that a token is of. */
static size_t token_place(fleck_grid grid, size_t token, size_t n) {
    return fleck_grid_place(grid, token * fleck_grid_patches(grid) / n);
}

void fleck_part_take(fleck_grid grid, size_t D, const fleck_half *photo, fleck_half *part) {
    size_t n = fleck_part_tokens(grid);
    for (size_t i = 0; i < n; i++)
        memcpy(part + i * D, photo + token_place(grid, i, n) * D, D * sizeof *part);
}

/* n tokens at unit length; one without any stays without. */
static void unit(const fleck_kernels *kernels, const fleck_half *x, size_t n, size_t D,
                 float *out) {
    fleck_half_widen(x, n * D, out);
    for (size_t i = 0; i < n; i++) {
        float *row = out + i * D, square = kernels->dot(row, row, D);
        float scale = square > 0 ? 1 / sqrtf(square) : 0;
        for (size_t d = 0; d < D; d++) row[d] *= scale;
    }
}

typedef struct {
    const fleck_kernels *kernels;
    fleck_grid grid;
    reach reach;
    size_t n, D;
    const float *part, *photo; /* [n, D], [places, D] */
    double *fit;               /* [rows of shifts, columns of them] */
} search;

static int32_t wide(const search *s) { return s->reach.left + 1 + s->reach.right; }

static void try_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    const search *s = context;
    (void)worker;
    for (size_t row = begin; row < end; row++)
        for (int32_t column = 0; column < wide(s); column++) {
            fleck_shift shift = {column - s->reach.left, (int32_t)row - s->reach.up};
            fleck_grid grid = fleck_grid_moved(s->grid, shift);
            double sum = 0;
            for (size_t i = 0; i < s->n; i++)
                sum += (double)s->kernels->dot(s->part + i * s->D,
                                               s->photo + token_place(grid, i, s->n) * s->D, s->D);
            s->fit[row * (size_t)wide(s) + (size_t)column] = sum;
        }
}

static int64_t length(fleck_shift s) {
    return (int64_t)s.rows * s.rows + (int64_t)s.columns * s.columns;
}

bool fleck_part_find(const fleck_compute *compute, fleck_grid grid, size_t D,
                     const fleck_half *part, const fleck_half *photo, fleck_shift *out) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    search s = {.kernels = compute->kernels,
                .grid = grid,
                .reach = reach_of(grid),
                .n = fleck_part_tokens(grid),
                .D = D};
    size_t places = fleck_grid_places(grid), rows = (size_t)s.reach.up + 1 + (size_t)s.reach.down;
    float *part_unit = FLECK_NEW(compute->scratch, float, s.n, D);
    float *photo_unit = FLECK_NEW(compute->scratch, float, places, D);
    s.fit = FLECK_NEW(compute->scratch, double, rows, (size_t)wide(&s));
    if (!part_unit || !photo_unit || !s.fit) return false;
    unit(compute->kernels, part, s.n, D, part_unit);
    unit(compute->kernels, photo, places, D, photo_unit);
    s.part = part_unit;
    s.photo = photo_unit;
    fleck_parallel(compute->pool, rows, 1, try_rows, &s);
    double best = -INFINITY;
    for (size_t i = 0; i < rows * (size_t)wide(&s); i++) {
        fleck_shift shift = {(int32_t)(i % (size_t)wide(&s)) - s.reach.left,
                             (int32_t)(i / (size_t)wide(&s)) - s.reach.up};
        if (s.fit[i] < best || (s.fit[i] <= best && length(shift) >= length(*out))) continue;
        best = s.fit[i];
        *out = shift;
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
