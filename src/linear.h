/* A linear layer of frozen weights, y = W x + b, in one of three precisions:
 *
 *   f32   as it is
 *   i16   inputs of 12 bits, one scale a token; weights of 12 bits, one scale an
 *         output: as good as f32 for detection
 *   i8    inputs of 7 bits with a zero point, weights of 8 bits
 *
 * The bits of the result depend on the precision alone, not on the kernel that
 * computes it. */
#ifndef FLECK_LINEAR_H
#define FLECK_LINEAR_H

#include "tools.h"
#include "weights.h"

#include <stdbool.h>

/* How the layers of a backbone compute. */
typedef struct {
    fleck_precision precision;
    const fleck_kernels *kernels;
    const fleck_kernel_i8 *i8; /* NULL: 8-bit integers go through the 16-bit kernel */
} fleck_arithmetic;

typedef struct {
    size_t out, in;
    size_t depth; /* fleck_depth(in) */
    fleck_precision precision;
    const float *bias; /* [out in whole panels] */
    /* One of these, packed: */
    const float *f32;
    const int16_t *i16;
    const int8_t *i8;
    const float *scale;       /* of the integers, [out in whole panels] */
    const int32_t *slice_sum; /* of i8, as in fleck_i8 */
} fleck_linear;

/* Packs a weight of out rows and any further dimensions, F32, F16, BF16 or, with
 * its scales ([out]), I8; bias is [out]. What is not finite is refused by its
 * tensor's name. */
fleck_status fleck_linear_load(fleck_arena *arena, const fleck_arithmetic *arithmetic,
                               const fleck_tensor *weight, const fleck_tensor *scale,
                               const fleck_tensor *bias, fleck_linear *out, fleck_message *err);

/* Bytes of scratch memory for that many rows. */
size_t fleck_linear_scratch(const fleck_linear *layer, size_t rows);

/* x [rows, in] -> y [rows, out]; scratch is aligned as an arena's memory. */
void fleck_linear_apply(const fleck_linear *layer, const fleck_arithmetic *arithmetic,
                        const float *x, size_t rows, float *y, void *scratch);

#endif
