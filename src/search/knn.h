/* Nearest rows by squared Euclidean distance, exactly.
 *
 * A coarse pass over integers of few bits rules out, with a proven error bound, the
 * rows that cannot be among the best; the others are measured by the sqdist
 * kernel, whose value decides. Equal distances go to the lower index. Whatever the
 * coarse pass, the result is that of sqdist on every row. */
#ifndef FLECK_KNN_H
#define FLECK_KNN_H

#include "compute.h"

#include <stdbool.h>

#define FLECK_NO_ROW UINT32_MAX

/* Rows to search in. */
typedef struct {
    size_t N, D;
    const float *rows;          /* [N, D], borrowed */
    const float *centre;        /* [D], taken off before quantisation */
    const fleck_coarse *coarse; /* what packed is for */
    fleck_coarse_rows packed;
} fleck_bank;

typedef struct {
    uint32_t index; /* FLECK_NO_ROW where the bank has too few rows */
    float distance; /* squared; INFINITY with FLECK_NO_ROW */
} fleck_neighbour;

/* The two nearest rows of a query. */
typedef struct {
    fleck_neighbour first, second;
} fleck_nearest;

/* Bank rows that do not count for a query: [begin, end). */
typedef struct {
    uint32_t begin, end;
} fleck_row_range;

/* Makes rows ([N, D], D > 0, finite, borrowed as long as the bank lives) searchable by
 * coarse, or the usual one for NULL; false when memory is short. Takes about a quarter
 * of the rows' memory, or half for integers of two bytes. */
bool fleck_bank_build(fleck_arena *arena, const fleck_kernels *kernels, const fleck_coarse *coarse,
                      const float *rows, size_t N, size_t D, fleck_bank *out);

/* The two nearest rows of each of Q queries ([Q, D], finite). skip is [Q], or NULL.
 * False when scratch memory is short; it takes the same whatever Q and N. */
bool fleck_knn(const fleck_bank *bank, const fleck_compute *compute, const float *queries, size_t Q,
               const fleck_row_range *skip, fleck_nearest *out);

/* Pairs (i, j), i < j, of rows that are each other's nearest other row.
 * partner is [N]: the row's partner, or FLECK_NO_ROW. False when scratch memory
 * is short. */
bool fleck_mutual_pairs(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                        uint32_t *partner);

#endif
