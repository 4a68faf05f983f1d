/* The readable reference. Sums run in double where the SIMD variant's order
 * could matter, so that the tests measure that variant's error alone. */
#include "kernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

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

static float sqdist_steps(const float *a, const int8_t *q, const float *step, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float b = (float)q[i] * step[i];
        sum += ((double)a[i] - b) * ((double)a[i] - b);
    }
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

static void lane_max(const float *x, size_t n, uint32_t first, float *best, uint32_t *index) {
    for (size_t i = 0; i < n; i++) {
        size_t lane = i % FLECK_PANEL;
        if (!(x[i] > best[lane])) continue;
        best[lane] = x[i];
        index[lane] = first + (uint32_t)i;
    }
}

/* ---- integers ---- */

/* The quantised values of x that is not finite. */
static float no_scale(void *q, size_t n, size_t size) {
    memset(q, 0, fleck_depth(n) * size);
    return NAN;
}

static bool all_finite(const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

static float quantise_i16(const float *x, size_t n, int16_t max, int16_t *q) {
    if (!all_finite(x, n)) return no_scale(q, n, sizeof *q);
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(x[i]));
    float scale = most / (float)max, inverse = scale > FLECK_SCALE_MIN ? 1 / scale : 0;
    for (size_t i = 0; i < n; i++) q[i] = (int16_t)rintf(x[i] * inverse);
    for (size_t i = n; i < fleck_depth(n); i++) q[i] = 0;
    return scale;
}

static float quantise_u8(const float *x, size_t n, uint8_t *q, int32_t *zero) {
    float low = 0, high = 0;
    for (size_t i = 0; i < n; i++) low = fminf(low, x[i]), high = fmaxf(high, x[i]);
    *zero = 0;
    if (!all_finite(x, n) || !isfinite(high - low)) return no_scale(q, n, sizeof *q);
    float scale = (high - low) / FLECK_U8_MAX, inverse = scale > FLECK_SCALE_MIN ? 1 / scale : 0;
    float offset = rintf(-low * inverse);
    for (size_t i = 0; i < n; i++)
        q[i] = (uint8_t)fminf(FLECK_U8_MAX, fmaxf(0, rintf(x[i] * inverse) + offset));
    for (size_t i = n; i < fleck_depth(n); i++) q[i] = 0;
    *zero = (int32_t)offset;
    return scale;
}

static void rotate(const float *x, size_t n, float *y) {
    size_t each = n / FLECK_ROTATED;
    memcpy(y, x, n * sizeof *y);
    for (size_t apart = 1; apart < FLECK_ROTATED; apart *= 2)
        for (size_t row = 0; row < FLECK_ROTATED; row++) {
            if (row & apart) continue;
            float *a = y + row * each, *b = a + apart * each;
            for (size_t i = 0; i < each; i++) {
                float sum = a[i] + b[i], difference = a[i] - b[i];
                a[i] = sum, b[i] = difference;
            }
        }
    for (size_t i = 0; i < n; i++) y[i] *= 0.25f;
}

static float softmax_i16(const float *x, float scale, size_t n, int16_t *q) {
    float max = -INFINITY;
    int32_t sum = 0;
    for (size_t i = 0; i < n; i++) max = fmaxf(max, x[i]);
    for (size_t i = 0; i < n; i++) {
        float y = scale * (x[i] - max);
        if (isnan(y)) return no_scale(q, n, sizeof *q);
        sum += q[i] = (int16_t)rint(FLECK_WEIGHT_MAX * exp((double)y));
    }
    for (size_t i = n; i < fleck_depth(n); i++) q[i] = 0;
    return n ? 1 / (float)sum : 0;
}

/* c += scale * sum; the first slice of a value starts from bias. */
static void add_slice(float *c, size_t from, const float *bias, size_t column, float scale,
                      int32_t sum) {
    float before = from ? *c : bias ? bias[column] : 0;
    *c = before + (float)sum * scale;
}

static size_t slice_end(size_t from, size_t k) {
    return k - from < FLECK_SLICE ? k : from + FLECK_SLICE;
}

static void matmul_i16(fleck_i16 a, fleck_i16 packed_b, const float *bias, float *c, size_t ldc,
                       size_t m, size_t n, size_t k) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            const int16_t *b = packed_b.q + j / FLECK_PANEL * FLECK_PANEL * k;
            size_t from = 0;
            do {
                int32_t sum = 0;
                for (size_t l = from; l < slice_end(from, k); l++)
                    sum +=
                        a.q[i * k + l] * b[l / 2 * 2 * FLECK_PANEL + j % FLECK_PANEL * 2 + l % 2];
                add_slice(&c[i * ldc + j], from, bias, j, a.scale[i] * packed_b.scale[j], sum);
            } while ((from += FLECK_SLICE) < k);
        }
}

static void matmul_i8(fleck_u8 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                      size_t m, size_t n, size_t k) {
    size_t wide = fleck_packed_count(n, 1);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            const int8_t *b = packed_b.q + j / FLECK_PANEL * FLECK_PANEL * k;
            size_t from = 0;
            do {
                int32_t sum = -a.zero[i] * packed_b.sum[from / FLECK_SLICE * wide + j];
                for (size_t l = from; l < slice_end(from, k); l++)
                    sum +=
                        a.q[i * k + l] * b[l / 4 * 4 * FLECK_PANEL + j % FLECK_PANEL * 4 + l % 4];
                add_slice(&c[i * ldc + j], from, bias, j, a.scale[i] * packed_b.scale[j], sum);
            } while ((from += FLECK_SLICE) < k);
        }
}

const fleck_kernel_i8 fleck_kernel_i8_scalar = {"scalar", matmul_i8};

const fleck_kernels fleck_kernels_scalar = {
    .name = "scalar",
    .matmul = matmul,
    .dot = dot,
    .sqdist = sqdist,
    .sqdist_steps = sqdist_steps,
    .axpy = axpy,
    .mul_add = mul_add,
    .layernorm = layernorm,
    .softmax = softmax,
    .gelu = gelu,
    .sigmoid = sigmoid,
    .lane_max = lane_max,
    .quantise_i16 = quantise_i16,
    .quantise_u8 = quantise_u8,
    .rotate = rotate,
    .softmax_i16 = softmax_i16,
    .matmul_i16 = matmul_i16,
};
