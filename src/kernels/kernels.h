/* The contract of every hot loop. Row-major; the alignment of the elements
 * suffices, sizes may be zero, inputs and outputs never overlap unless said.
 *
 * A variant gives the same bits on every machine: fixed order of sums, no fused
 * multiply-add, no libm beyond sqrtf, which IEEE defines.
 *
 * Quantised matrices: value = scale * q, q integers, one scale for each row (of
 * activations: a token; of weights: an output channel). Rows are padded with
 * zeros to fleck_depth(k) integers. Sums are exact in int32 over FLECK_SLICE of
 * them, and slices add up in float32, in order: any kernel that keeps to this
 * gives the same bits. */
#ifndef FLECK_KERNELS_H
#define FLECK_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define FLECK_KERNELS_MAX 4

/* Columns of a packed matrix that lie side by side. */
#define FLECK_PANEL ((size_t)16)

/* Integers whose products are summed in int32: |a b| <= FLECK_PRODUCT_MAX then. */
#define FLECK_SLICE 512
#define FLECK_PRODUCT_MAX ((INT32_MAX - 1) / FLECK_SLICE)

/* Largest |q| of 12-bit integers: their products keep the bound above. */
#define FLECK_I16_MAX 2047
/* Of softmax's weights, and of the values that they weigh. */
#define FLECK_WEIGHT_MAX 8191
#define FLECK_VALUE_MAX 511
/* A smaller scale has no use, nor an inverse: all q are zero then. */
#define FLECK_SCALE_MIN 1e-30f
/* Of 8-bit weights, and of 8-bit activations, which are not negative. */
#define FLECK_I8_MAX 127
#define FLECK_U8_MAX 255

/* Values that rotate mixes with each other. */
#define FLECK_ROTATED 16

/* A quantised matrix. */
typedef struct {
    const int16_t *q;
    const float *scale; /* [rows] */
} fleck_i16;

typedef struct {
    const char *name; /* "scalar", "simd128" */

    /* C[m,n] = A[m,k] B[n,k]^T + bias[n], B packed, bias may be NULL; lda and
     * ldc are the row strides of A and C. Each value of C depends on its row
     * of A and its column of B alone, whatever m and n. */
    void (*matmul)(const float *a, size_t lda, const float *packed_b, const float *bias, float *c,
                   size_t ldc, size_t m, size_t n, size_t k);

    float (*dot)(const float *a, const float *b, size_t n);
    float (*sqdist)(const float *a, const float *b, size_t n); /* sum of (a-b)^2 */
    /* The same of b = q step, each product rounded to float32. */
    float (*sqdist_steps)(const float *a, const int8_t *q, const float *step, size_t n);
    void (*axpy)(float alpha, const float *x, float *y, size_t n);       /* y += alpha x */
    void (*mul_add)(const float *x, const float *g, float *y, size_t n); /* y += x g */

    /* y = (x - mean) / sqrt(variance + eps) [* gamma + beta, unless NULL]; in place
     * allowed. Within 1e-5 for values within 1. */
    void (*layernorm)(const float *x, const float *gamma, const float *beta, float *y, size_t n,
                      float eps);
    /* x = softmax(scale * x) for scale >= 0, in place. Error below 1e-6 of each value for n
     * up to 10,000. */
    void (*softmax)(float *x, float scale, size_t n);
    /* x = x * Phi(x), the erf form, in place; within 5e-7 * max(1, |x|). */
    void (*gelu)(float *x, size_t n);
    /* y = 1 / (1 + exp(-x)); in place allowed; within 3e-7. */
    void (*sigmoid)(const float *x, float *y, size_t n);
    /* Of each lane j of FLECK_PANEL: best[j] = the greatest of itself and x[j],
     * x[j + FLECK_PANEL], ...; where one of these is greater, index[j] becomes first +
     * its place in x, the first of equal ones. n is a multiple of FLECK_PANEL. */
    void (*lane_max)(const float *x, size_t n, uint32_t first, float *best, uint32_t *index);

    /* q = x / scale, rounded to nearest, scale = (greatest |x|) / max; returns
     * scale. q has fleck_depth(n) elements, max <= 32767. As for the next two: where a value
     * is not finite, the scale is NaN and q all 0, so that every product with it is NaN. */
    float (*quantise_i16)(const float *x, size_t n, int16_t max, int16_t *q);
    /* q + zero = x / scale in 0..FLECK_U8_MAX: x = scale * (q - zero) within
     * scale; returns scale. q has fleck_depth(n) elements, padded with 0. Values whose range is
     * no float count as not finite. */
    float (*quantise_u8)(const float *x, size_t n, uint8_t *q, int32_t *zero);
    /* y = H x / 4, of the same length, n a multiple of 4 FLECK_ROTATED: H is the Hadamard matrix
     * of order FLECK_ROTATED in Sylvester's order, for x[i], x[i + n / FLECK_ROTATED], ... of each
     * i. What lies far out in x is spread, so that the steps of quantised values are smaller
     * (QuaRot, Ashkboos et al., NeurIPS 2024). */
    void (*rotate)(const float *x, size_t n, float *y);
    /* softmax(scale * x) = the returned value * q, for scale >= 0: q = FLECK_WEIGHT_MAX *
     * exp(scale * (x - greatest x)) within 1, and their sum is exactly 1 over that value.
     * q has fleck_depth(n) elements; n up to 250,000. -INFINITY weighs 0 beside other values. */
    float (*softmax_i16)(const float *x, float scale, size_t n, int16_t *q);
    /* C[m,n] = A[m,k] B[n,k]^T + bias, B packed, bias may be NULL; k is a fleck_depth
     * above 0 and the row stride of A, ldc that of C. B's scales and bias have room
     * for n rounded up to whole panels. */
    void (*matmul_i16)(fleck_i16 a, fleck_i16 packed_b, const float *bias, float *c, size_t ldc,
                       size_t m, size_t n, size_t k);
} fleck_kernels;

/* The readable reference, in tests at least: a WebAssembly module, which is to be
 * small, has none of the "scalar" entries of the lists here. */
extern const fleck_kernels fleck_kernels_scalar;

/* Variants this build and CPU can run, scalar first; the last is fastest. */
size_t fleck_kernels_list(const fleck_kernels *list[FLECK_KERNELS_MAX]);

/* The variant of that name, the fastest for NULL; NULL when there is none. */
const fleck_kernels *fleck_kernels_find(const char *name);

/* Product of 8-bit activations and 8-bit weights, as matmul_i16 of the same
 * integers less zero, with the same bits. */
typedef struct {
    const uint8_t *q;
    const float *scale;  /* [rows] */
    const int32_t *zero; /* [rows] */
} fleck_u8;

typedef struct {
    const int8_t *q;
    const float *scale; /* [rows] */
    const int32_t *sum; /* [slices, rows in whole panels]: of the weights of each slice */
} fleck_i8;

typedef struct {
    const char *name;
    void (*matmul)(fleck_u8 a, fleck_i8 packed_b, const float *bias, float *c, size_t ldc, size_t m,
                   size_t n, size_t k);
} fleck_kernel_i8;

extern const fleck_kernel_i8 fleck_kernel_i8_scalar;

/* The 8-bit products that this build and CPU compute rightly, scalar first; returns how many. */
size_t fleck_kernels_i8(const fleck_kernel_i8 *list[FLECK_KERNELS_MAX]);

/* The one that multiplies fastest on this machine, found by timing them beside
 * matmul_i16 of kernels, in WebAssembly for a tenth of a second; NULL when that is
 * faster still. */
const fleck_kernel_i8 *fleck_kernels_i8_fastest(const fleck_kernels *kernels);

/* Elements that a packed B of n rows and k columns takes: n is rounded up to
 * whole panels, whose missing rows are zero. */
size_t fleck_packed_count(size_t n, size_t k);

/* Packs B, whose element (row, column) is b[row*row_stride + column*column_stride],
 * for matmul: panels of FLECK_PANEL rows of B, each [k, FLECK_PANEL]. */
void fleck_pack(const float *b, size_t row_stride, size_t column_stride, size_t n, size_t k,
                float *packed);

/* k rounded up to what integer kernels read at once. */
size_t fleck_depth(size_t k);

/* Packs up to FLECK_PANEL rows of B ([rows, k], k a fleck_depth) as one panel:
 * [k/2, FLECK_PANEL, 2] for int16, [k/4, FLECK_PANEL, 4] for int8. Missing rows
 * are zero. */
void fleck_pack_i16(const int16_t *b, size_t rows, size_t k, int16_t *panel);
void fleck_pack_i8(const int8_t *b, size_t rows, size_t k, int8_t *panel);

#endif
