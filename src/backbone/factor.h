/* The right factor B of products y = x B^T, packed for its precision:
 *
 *   f32   as it is
 *   i16   x and B in 12 bits, one scale for each row of either: as good as f32 for
 *         detection
 *   i8    x in 8 bits with a zero point, B in 8 bits, the rows of both rotated where k is a
 *         multiple of 64: they are spread, and products stay what they are
 *
 * The bits of a product depend on the precision alone, not on the kernel that
 * computes it. */
#ifndef FLECK_FACTOR_H
#define FLECK_FACTOR_H

#include "compute.h"

#include <stdbool.h>

/* How the layers of a backbone compute. */
typedef struct {
    fleck_precision precision;
    const fleck_kernels *kernels;
    const fleck_kernel_i8 *i8; /* NULL: 8-bit integers go through the 16-bit kernel */
} fleck_arithmetic;

typedef struct {
    fleck_precision precision;
    size_t n, k;  /* B is [n, k] */
    size_t depth; /* fleck_depth(k) */
    /* One of these: */
    float *f32;
    int16_t *i16;
    int8_t *i8;
    float *scale;       /* of the integers, [n in whole panels] */
    int32_t *slice_sum; /* of i8, as in fleck_i8 */
} fleck_factor;

/* Room for B of n rows of k values; false when memory is short. */
bool fleck_factor_new(fleck_arena *arena, const fleck_arithmetic *arithmetic, size_t n, size_t k,
                      fleck_factor *out);

/* Bytes of scratch memory that the functions below need for m rows of x. */
size_t fleck_factor_scratch(const fleck_factor *b, size_t m);

/* Packs the panel of rows that begins at row, a multiple of FLECK_PANEL: up to
 * FLECK_PANEL of them, finite, stride values apart. Scratch is aligned as an
 * arena's memory. */
void fleck_factor_pack(const fleck_factor *b, const fleck_arithmetic *arithmetic, size_t row,
                       const float *values, size_t stride, void *scratch);

/* y [m, n] = x [m, k] B^T + bias; ldx and ldy are the row strides. bias has room
 * for n in whole panels, or is NULL. */
void fleck_factor_multiply(const fleck_factor *b, const fleck_arithmetic *arithmetic,
                           const float *x, size_t ldx, size_t m, const float *bias, float *y,
                           size_t ldy, void *scratch);

#endif
