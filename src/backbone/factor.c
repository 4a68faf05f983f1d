#include "factor.h"

#include <string.h>

static size_t whole_panels(size_t n) { return fleck_packed_count(n, 1); }

static size_t slices_of(const fleck_factor *b) {
    return (b->depth + FLECK_SLICE - 1) / FLECK_SLICE;
}

bool fleck_factor_new(fleck_arena *arena, const fleck_arithmetic *arithmetic, size_t n, size_t k,
                      fleck_factor *out) {
    fleck_factor b = {.precision = arithmetic->precision, .n = n, .k = k, .depth = fleck_depth(k)};
    size_t wide = whole_panels(n);
    bool enough;
    if (b.precision == FLECK_PRECISION_F32) {
        enough = (b.f32 = FLECK_NEW(arena, float, wide, k)) != NULL;
    } else {
        enough = (b.scale = FLECK_NEW_ZERO(arena, float, wide)) != NULL;
        if (b.precision == FLECK_PRECISION_I8 && arithmetic->i8) {
            b.i8 = FLECK_NEW(arena, int8_t, wide, b.depth);
            b.slice_sum = FLECK_NEW(arena, int32_t, slices_of(&b), wide);
            enough = enough && b.i8 && b.slice_sum;
        } else {
            b.i16 = FLECK_NEW(arena, int16_t, wide, b.depth);
            enough = enough && b.i16;
        }
    }
    *out = b;
    return enough;
}

/* Quantised rows, as they lie in scratch memory. */
typedef struct {
    float *scale;
    int32_t *zero;
    float *rotated; /* [k], of one row */
    int16_t *i16;   /* [rows, depth] */
    uint8_t *bytes; /* [rows, depth] */
} quantised;

static quantised quantised_in(const fleck_factor *b, size_t rows, void *scratch) {
    uint8_t *scale = scratch, *zero = scale + fleck_aligned(rows * 4),
            *rotated = zero + fleck_aligned(rows * 4), *i16 = rotated + fleck_aligned(b->k * 4);
    return (quantised){(float *)scale, (int32_t *)zero, (float *)rotated, (int16_t *)i16,
                       i16 + fleck_aligned(rows * b->depth * 2)};
}

/* A row of x or B as it is quantised. */
static const float *spread(const fleck_factor *b, const fleck_kernels *kernels, const float *row,
                           const quantised *q) {
    if (b->precision != FLECK_PRECISION_I8 || b->k % (4 * FLECK_ROTATED)) return row;
    kernels->rotate(row, b->k, q->rotated);
    return q->rotated;
}

size_t fleck_factor_scratch(const fleck_factor *b, size_t m) {
    size_t rows = m > FLECK_PANEL ? m : FLECK_PANEL;
    size_t scales = fleck_aligned(FLECK_SIZE(rows, 4)); /* as many bytes as the zeros */
    size_t i16 = fleck_aligned(FLECK_SIZE(rows, b->depth, 2));
    return fleck_size_sum(
        fleck_size_sum(fleck_size_sum(scales, scales), fleck_aligned(FLECK_SIZE(b->k, 4))),
        fleck_size_sum(i16, FLECK_SIZE(rows, b->depth)));
}

/* ---- packing ---- */

static void pack_bytes(const fleck_factor *b, size_t row, size_t rows, const quantised *q) {
    int8_t *bytes = (int8_t *)q->bytes;
    for (size_t i = 0; i < rows * b->depth; i++) bytes[i] = (int8_t)q->i16[i];
    fleck_pack_i8(bytes, rows, b->depth, b->i8 + row * b->depth);
    for (size_t slice = 0; slice < slices_of(b); slice++) {
        int32_t *sum = b->slice_sum + slice * whole_panels(b->n) + row;
        size_t from = slice * FLECK_SLICE, to = from + FLECK_SLICE;
        if (to > b->depth) to = b->depth;
        memset(sum, 0, FLECK_PANEL * sizeof *sum);
        for (size_t i = 0; i < rows; i++)
            for (size_t k = from; k < to; k++) sum[i] += bytes[i * b->depth + k];
    }
}

void fleck_factor_pack(const fleck_factor *b, const fleck_arithmetic *arithmetic, size_t row,
                       const float *values, size_t stride, void *scratch) {
    size_t rows = b->n - row < FLECK_PANEL ? b->n - row : FLECK_PANEL;
    if (b->f32) {
        fleck_pack(values, stride, 1, rows, b->k, b->f32 + row * b->k);
        return;
    }
    quantised q = quantised_in(b, FLECK_PANEL, scratch);
    int16_t most = b->precision == FLECK_PRECISION_I8 ? FLECK_I8_MAX : FLECK_I16_MAX;
    for (size_t i = 0; i < rows; i++)
        b->scale[row + i] = arithmetic->kernels->quantise_i16(
            spread(b, arithmetic->kernels, values + i * stride, &q), b->k, most,
            q.i16 + i * b->depth);
    if (b->i16)
        fleck_pack_i16(q.i16, rows, b->depth, b->i16 + row * b->depth);
    else
        pack_bytes(b, row, rows, &q);
}

/* ---- multiplying ---- */

static void multiply_i8(const fleck_factor *b, const fleck_arithmetic *arithmetic, const float *x,
                        size_t ldx, size_t m, const float *bias, float *y, size_t ldy,
                        const quantised *q) {
    const fleck_kernels *kernels = arithmetic->kernels;
    for (size_t i = 0; i < m; i++)
        q->scale[i] = kernels->quantise_u8(spread(b, kernels, x + i * ldx, q), b->k,
                                           q->bytes + i * b->depth, &q->zero[i]);
    if (b->i8) {
        arithmetic->i8->matmul((fleck_u8){q->bytes, q->scale, q->zero},
                               (fleck_i8){b->i8, b->scale, b->slice_sum}, bias, y, ldy, m, b->n,
                               b->depth);
        return;
    }
    /* What pads a row meets zeros of B. */
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < b->depth; k++)
            q->i16[i * b->depth + k] = (int16_t)(q->bytes[i * b->depth + k] - q->zero[i]);
    kernels->matmul_i16((fleck_i16){q->i16, q->scale}, (fleck_i16){b->i16, b->scale}, bias, y, ldy,
                        m, b->n, b->depth);
}

void fleck_factor_multiply(const fleck_factor *b, const fleck_arithmetic *arithmetic,
                           const float *x, size_t ldx, size_t m, const float *bias, float *y,
                           size_t ldy, void *scratch) {
    const fleck_kernels *kernels = arithmetic->kernels;
    if (b->f32) {
        kernels->matmul(x, ldx, b->f32, bias, y, ldy, m, b->n, b->k);
        return;
    }
    quantised q = quantised_in(b, m, scratch);
    if (b->precision == FLECK_PRECISION_I8) {
        multiply_i8(b, arithmetic, x, ldx, m, bias, y, ldy, &q);
        return;
    }
    for (size_t i = 0; i < m; i++)
        q.scale[i] = kernels->quantise_i16(x + i * ldx, b->k, FLECK_I16_MAX, q.i16 + i * b->depth);
    kernels->matmul_i16((fleck_i16){q.i16, q.scale}, (fleck_i16){b->i16, b->scale}, bias, y, ldy, m,
                        b->n, b->depth);
}
