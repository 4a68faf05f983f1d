/* Approximate nearest neighbours by Euclidean distance.
 *
 * Patches of one product vary along few directions. Rows and queries are compared by
 * their leading principal components and their lengths, in integers, and only the few
 * rows that come out nearest are measured. About 19 of 20 rows so found are the true
 * nearest ones, and distances are too long by less than a thousandth on average, at a
 * small part of the price of measuring every row; distances that are given are those to
 * rows that exist, in all dimensions. */
#ifndef FLECK_ANN_H
#define FLECK_ANN_H

#include "compute.h"
#include "neighbour.h"

/* Leading principal components that are compared. Up to so many dimensions are compared as
 * they are, which finds the nearest row but for rounding to integers. */
#define FLECK_AXES 48
#define FLECK_DIMENSIONS_ALL 128

/* Where they point. */
typedef struct {
    size_t D, L;  /* L components of D dimensions */
    float *mean;  /* [D], of the rows they were fitted to */
    float *axes;  /* [L, D], orthonormal, packed; zero where rows have no more directions.
                     NULL: the dimensions themselves are compared */
    float *start; /* [L in whole panels]: minus the mean's components; NULL where axes is */
} fleck_axes;

/* Rows, [N, D], finite: values, or, where value is NULL, bytes in steps (columns.h). */
typedef struct {
    const float *value;
    const int8_t *q;
    const float *step; /* [D] */
} fleck_ann_rows;

/* Finds the leading principal axes of rows (N and D above 0), approximately, by subspace
 * iteration. False when memory is short, as in all that follows. */
bool fleck_axes_fit(fleck_arena *arena, const fleck_compute *compute, fleck_ann_rows rows, size_t N,
                    size_t D, fleck_axes *out);

/* Rows to search in. */
typedef struct {
    size_t N;
    fleck_ann_rows rows; /* borrowed */
    int16_t *packed;     /* components of the rows, quantised */
    float *scale;        /* [N in whole panels], of the integers */
    float *start;        /* minus half the square of the distance from the mean */
} fleck_ann_bank;

/* Makes rows (borrowed as long as the bank lives) searchable. */
bool fleck_ann_build(fleck_arena *arena, const fleck_compute *compute, const fleck_axes *axes,
                     fleck_ann_rows rows, size_t N, fleck_ann_bank *out);

/* A bank that is searched, but for some of its rows. */
typedef struct {
    const fleck_ann_bank *bank;
    fleck_row_range skip;
    bool others; /* query i skips row i */
} fleck_ann_part;

/* For each of Q queries ([Q, D], finite) approximately the nearest row in each of count parts:
 * out [Q, count], distances squared. */
bool fleck_ann(const fleck_axes *axes, const fleck_compute *compute, const float *queries, size_t Q,
               const fleck_ann_part *parts, size_t count, fleck_neighbour *out);

/* Pairs (i, j), i < j, of rows ([N, D]) that are, as far as the search finds, each other's nearest
 * other row.
 * partner is [N]: the row's partner, or FLECK_NO_ROW. */
bool fleck_ann_pairs(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                     uint32_t *partner);

#endif
