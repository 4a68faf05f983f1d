#include "layer.h"

#include <math.h>

#define SLOPE 0.2f

void fleck_leaky_relu(float *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = x[i] < 0 ? SLOPE * x[i] : x[i];
}

void fleck_leaky_relu_backward(const float *after, float *dx, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] *= after[i] < 0 ? SLOPE : 1;
}

void fleck_layer_init(fleck_rng *rng, float *weights, size_t n, size_t in) {
    float bound = sqrtf(6 / (1.04f * (float)in));
    for (size_t i = 0; i < n; i++) weights[i] = bound * (2 * fleck_rng_uniform(rng) - 1);
}

bool fleck_weight_gradient(const fleck_compute *compute, const float *dy, const float *x, size_t n,
                           size_t out, size_t in, float *dW) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *product = FLECK_NEW(compute->scratch, float, out, in);
    if (!product || !fleck_matmul_transposed(compute, dy, x, product, out, in, n)) return false;
    compute->kernels->axpy(1, product, dW, out * in);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

void fleck_bias_gradient(const fleck_kernels *kernels, const float *dy, size_t n, size_t out,
                         float *db) {
    for (size_t i = 0; i < n; i++) kernels->axpy(1, dy + i * out, db, out);
}

bool fleck_input_gradient(const fleck_compute *compute, const float *dy, const float *W, size_t n,
                          size_t out, size_t in, float *dx) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *packed = FLECK_NEW(compute->scratch, float, fleck_packed_count(in, out));
    if (!packed) return false;
    fleck_pack(W, 1, in, in, out, packed);
    fleck_matmul(compute, dy, packed, NULL, dx, n, in, out);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
