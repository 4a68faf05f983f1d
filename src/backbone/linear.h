/* A linear layer of frozen weights, y = W x + b. */
#ifndef FLECK_LINEAR_H
#define FLECK_LINEAR_H

#include "factor.h"
#include "tensors.h"

typedef struct {
    size_t out, in;
    fleck_factor weight; /* [out, in] */
    const float *bias;   /* [out in whole panels] */
} fleck_linear;

/* Rows of a layer as a file has them. */
typedef struct {
    const fleck_tensor *weight; /* [rows] and any further dimensions */
    const fleck_tensor *scale;  /* [rows] of an I8 weight, otherwise NULL */
    const fleck_tensor *bias;   /* [rows] */
} fleck_linear_part;

/* Packs parts, one below the other, all of one shape; weights are F32, F16, BF16 or,
 * with their scales, I8. What is not finite is refused by its tensor's name. */
fleck_status fleck_linear_load(fleck_arena *arena, const fleck_arithmetic *arithmetic,
                               const fleck_linear_part *part, size_t parts, fleck_linear *out,
                               fleck_message *err);

/* Bytes of scratch memory for that many rows. */
size_t fleck_linear_scratch(const fleck_linear *layer, size_t rows);

/* x [rows, in] -> y [rows, out]; scratch is aligned as an arena's memory. */
void fleck_linear_apply(const fleck_linear *layer, const fleck_arithmetic *arithmetic,
                        const float *x, size_t rows, float *y, void *scratch);

#endif
