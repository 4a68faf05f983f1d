/* The nearest rows by squared Euclidean distance, exactly, as the published recipe wants
 * them: what the sqdist kernel gives for every row, equal distances to the lower index. */
#ifndef FLECK_EXACT_NEAREST_H
#define FLECK_EXACT_NEAREST_H

#include "compute.h"
#include "neighbour.h"

typedef struct {
    fleck_neighbour first, second;
} fleck_nearest;

/* The two nearest of N rows ([N, D], 0 < D < 2^20) to each of Q queries ([Q, D]). With
 * others the queries are the rows, and none is its own neighbour. False when scratch memory
 * is short. */
bool fleck_exact_nearest(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                         const float *queries, size_t Q, bool others, fleck_nearest *out);

/* Pairs (i, j) of rows ([N, D]) that are each other's nearest other row. partner is [N]: the
 * row's partner, or FLECK_NO_ROW. False when scratch memory is short. */
bool fleck_exact_pairs(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                       uint32_t *partner);

#endif
