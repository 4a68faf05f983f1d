/* The contract of every hot loop. Row-major float32; float alignment suffices,
 * sizes may be zero, inputs and outputs never overlap unless said.
 *
 * A variant gives the same bits on every machine: fixed order of sums, no fused
 * multiply-add, no libm beyond sqrtf, which IEEE defines. */
#ifndef FLECK_KERNELS_H
#define FLECK_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define FLECK_KERNELS_MAX 4

/* Columns of a packed matrix that lie side by side. */
#define FLECK_PANEL 16

typedef struct {
    const char *name; /* "scalar", "simd128" */

    /* C[m,n] = A[m,k] B[n,k]^T + bias[n], B packed, bias may be NULL; lda and
     * ldc are the row strides of A and C. Each value of C depends on its row
     * of A and its column of B alone, whatever m and n. */
    void (*matmul)(const float *a, size_t lda, const float *packed_b, const float *bias, float *c,
                   size_t ldc, size_t m, size_t n, size_t k);

    float (*dot)(const float *a, const float *b, size_t n);
    float (*sqdist)(const float *a, const float *b, size_t n);           /* sum of (a-b)^2 */
    void (*axpy)(float alpha, const float *x, float *y, size_t n);       /* y += alpha x */
    void (*mul_add)(const float *x, const float *g, float *y, size_t n); /* y += x g */

    /* y = (x - mean) / sqrt(variance + eps) [* gamma + beta, unless NULL];
     * in place allowed. */
    void (*layernorm)(const float *x, const float *gamma, const float *beta, float *y, size_t n,
                      float eps);
    /* x = softmax(scale * x) for scale >= 0, in place. Error below 1e-6 of each value for n
     * up to 10,000. */
    void (*softmax)(float *x, float scale, size_t n);
    /* x = x * Phi(x), the erf form, in place; within 5e-7 * max(1, |x|). */
    void (*gelu)(float *x, size_t n);
    /* y = 1 / (1 + exp(-x)); in place allowed; within 3e-7. */
    void (*sigmoid)(const float *x, float *y, size_t n);

    /* The positions i < n with norm[i] - 2 dot[i] < limit, in order; returns
     * how many. hits has room for n. */
    size_t (*scan_below)(const float *dot, const float *norm, float limit, uint32_t *hits,
                         size_t n);
} fleck_kernels;

/* Variants this build and CPU can run; [0] is scalar, the last is fastest. */
size_t fleck_kernels_list(const fleck_kernels *list[FLECK_KERNELS_MAX]);

/* The variant of that name, the fastest for NULL; NULL when there is none. */
const fleck_kernels *fleck_kernels_find(const char *name);

/* Floats that a packed B of n rows and k columns takes: n is rounded up to
 * whole panels, their missing columns are zero. */
size_t fleck_packed_count(size_t n, size_t k);

/* Packs B, whose element (row, column) is b[row*row_stride + column*column_stride],
 * for matmul: panels of FLECK_PANEL rows of B, each [k, FLECK_PANEL]. */
void fleck_pack(const float *b, size_t row_stride, size_t column_stride, size_t n, size_t k,
                float *packed);

#endif
