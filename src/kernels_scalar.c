/* The readable reference. Sums run in double where the SIMD variant's order
 * could matter, so that the tests measure that variant's error alone. */
#include "kernels.h"

#include <math.h>

static void matmul(const float *a, size_t lda, const float *packed_b, const float *bias, float *c,
                   size_t ldc, size_t m, size_t n, size_t k) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            const float *b = packed_b + j / FLECK_PANEL * FLECK_PANEL * k + j % FLECK_PANEL;
            double sum = bias ? bias[j] : 0;
            for (size_t l = 0; l < k; l++) sum += (double)a[i * lda + l] * b[l * FLECK_PANEL];
            c[i * ldc + j] = (float)sum;
        }
}

static float dot(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return (float)sum;
}

static float sqdist(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return (float)sum;
}

static void axpy(float alpha, const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += alpha * x[i];
}

static void mul_add(const float *x, const float *g, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i] * g[i];
}

static void layernorm(const float *x, const float *gamma, const float *beta, float *y, size_t n,
                      float eps) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++) mean += x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) variance += (x[i] - mean) * (x[i] - mean);
    double scale = 1 / sqrt(variance / (double)n + eps);
    for (size_t i = 0; i < n; i++) {
        double v = (x[i] - mean) * scale;
        y[i] = (float)(gamma ? v * gamma[i] + beta[i] : v);
    }
}

static void softmax(float *x, float scale, size_t n) {
    double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) max = fmax(max, (double)scale * x[i]);
    for (size_t i = 0; i < n; i++) sum += exp((double)scale * x[i] - max);
    for (size_t i = 0; i < n; i++) x[i] = (float)(exp((double)scale * x[i] - max) / sum);
}

static void gelu(float *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = (float)(0.5 * x[i] * erfc(-x[i] * 0.70710678118654752));
}

static void sigmoid(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (float)(1 / (1 + exp(-(double)x[i])));
}

static size_t scan_below(const float *dots, const float *norm, float limit, uint32_t *hits,
                         size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (norm[i] - 2 * dots[i] < limit) hits[count++] = (uint32_t)i;
    return count;
}

const fleck_kernels fleck_kernels_scalar = {
    .name = "scalar",
    .matmul = matmul,
    .dot = dot,
    .sqdist = sqdist,
    .axpy = axpy,
    .mul_add = mul_add,
    .layernorm = layernorm,
    .softmax = softmax,
    .gelu = gelu,
    .sigmoid = sigmoid,
    .scan_below = scan_below,
};
