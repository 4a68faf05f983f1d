/* What the layers of small networks have in common: y = lrelu(W x + b), of n rows; lrelu has
 * slope 0.2 below zero. False when scratch memory is short. */
#ifndef FLECK_LAYER_H
#define FLECK_LAYER_H

#include "compute.h"
#include "rng.h"

/* x [n] = lrelu(x) */
void fleck_leaky_relu(float *x, size_t n);

/* dx [n] *= lrelu'(.), from the values after lrelu, whose signs are the same. */
void fleck_leaky_relu_backward(const float *after, float *dx, size_t n);

/* He's uniform initialisation for the slope of lrelu (He et al., ICCV 2015): U(-b, b) with b^2 =
 * 6 / (1.04 in), of n weights. */
void fleck_layer_init(fleck_rng *rng, float *weights, size_t n, size_t in);

/* dW[out, in] += dy[n, out]^T x[n, in] */
bool fleck_weight_gradient(const fleck_compute *compute, const float *dy, const float *x, size_t n,
                           size_t out, size_t in, float *dW);

/* db[out] += sum over rows of dy[n, out] */
void fleck_bias_gradient(const fleck_kernels *kernels, const float *dy, size_t n, size_t out,
                         float *db);

/* dx[n, in] = dy[n, out] W[out, in] */
bool fleck_input_gradient(const fleck_compute *compute, const float *dy, const float *W, size_t n,
                          size_t out, size_t in, float *dx);

#endif
