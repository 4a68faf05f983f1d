#include "linear.h"

#include <math.h>
#include <string.h>

static size_t whole_panels(size_t n) { return fleck_packed_count(n, 1); }

/* ---- loading ---- */

/* Reads up to FLECK_PANEL rows as float32. */
static fleck_status read_rows(const fleck_tensor *weight, const float *scale, size_t row,
                              size_t rows, size_t in, float *out, fleck_message *err) {
    fleck_tensor_read_part(weight, row * in, rows * in, out);
    for (size_t i = 0; i < rows * in; i++) {
        if (scale) out[i] *= scale[row + i / in];
        if (!isfinite(out[i]))
            return fleck_fail(err, FLECK_ERR_FORMAT, "%s holds a value that is not finite",
                              weight->name);
    }
    return FLECK_OK;
}

static fleck_status read_vector(fleck_arena *arena, const fleck_tensor *t, size_t room,
                                const float **out, fleck_message *err) {
    float *values = fleck_arena_zalloc(arena, room, sizeof *values);
    if (!values) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %s", t->name);
    fleck_tensor_read(t, values);
    for (size_t i = 0; i < t->count; i++)
        if (!isfinite(values[i]))
            return fleck_fail(err, FLECK_ERR_FORMAT, "%s holds a value that is not finite",
                              t->name);
    *out = values;
    return FLECK_OK;
}

/* Where a layer is packed to, and a panel on its way there. */
typedef struct {
    fleck_linear *layer;
    const fleck_arithmetic *arithmetic;
    float *f32, *scale;
    int16_t *i16;
    int8_t *i8;
    int32_t *slice_sum;
    float *rows;       /* [FLECK_PANEL, in] */
    int16_t *integers; /* [FLECK_PANEL, depth] */
    int8_t *small;     /* the same in bytes */
} packing;

static bool packing_new(fleck_arena *arena, packing *p) {
    const fleck_linear *l = p->layer;
    size_t wide = whole_panels(l->out);
    size_t slices = (l->depth + FLECK_SLICE - 1) / FLECK_SLICE, count;
    if (!fleck_size_mul(wide, l->depth, &count)) return false;
    if (l->precision == FLECK_PRECISION_F32)
        return (p->f32 = FLECK_NEW(arena, float, fleck_packed_count(l->out, l->in))) != NULL;
    p->scale = fleck_arena_zalloc(arena, wide, sizeof *p->scale);
    if (p->arithmetic->i8 && l->precision == FLECK_PRECISION_I8) {
        p->i8 = FLECK_NEW(arena, int8_t, count);
        p->slice_sum = fleck_arena_zalloc(arena, slices * wide, sizeof *p->slice_sum);
        return p->scale && p->i8 && p->slice_sum;
    }
    p->i16 = FLECK_NEW(arena, int16_t, count);
    return p->scale && p->i16;
}

/* Rows [row, row + rows), which are in p->rows. */
static void pack_panel(packing *p, size_t row, size_t rows) {
    const fleck_linear *l = p->layer;
    if (p->f32) {
        fleck_pack(p->rows, l->in, 1, rows, l->in, p->f32 + row * l->in);
        return;
    }
    int16_t most = l->precision == FLECK_PRECISION_I8 ? FLECK_I8_MAX : FLECK_I16_MAX;
    for (size_t i = 0; i < rows; i++)
        p->scale[row + i] = p->arithmetic->kernels->quantise_i16(p->rows + i * l->in, l->in, most,
                                                                 p->integers + i * l->depth);
    if (p->i16) {
        fleck_pack_i16(p->integers, rows, l->depth, p->i16 + row * l->depth);
        return;
    }
    for (size_t i = 0; i < rows * l->depth; i++) p->small[i] = (int8_t)p->integers[i];
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < l->depth; k++)
            p->slice_sum[k / FLECK_SLICE * whole_panels(l->out) + row + i] +=
                p->small[i * l->depth + k];
    fleck_pack_i8(p->small, rows, l->depth, p->i8 + row * l->depth);
}

fleck_status fleck_linear_load(fleck_arena *arena, const fleck_arithmetic *arithmetic,
                               const fleck_tensor *weight, const fleck_tensor *scale,
                               const fleck_tensor *bias, fleck_linear *out, fleck_message *err) {
    fleck_linear layer = {.out = weight->shape[0], .precision = arithmetic->precision};
    layer.in = layer.out ? weight->count / layer.out : 0;
    layer.depth = fleck_depth(layer.in);
    fleck_status status = read_vector(arena, bias, whole_panels(layer.out), &layer.bias, err);
    if (status) return status;
    packing p = {.layer = &layer, .arithmetic = arithmetic};
    if (!packing_new(arena, &p))
        return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %s", weight->name);

    fleck_arena_mark mark = fleck_arena_here(arena);
    const float *row_scale = NULL;
    p.rows = FLECK_NEW(arena, float, FLECK_PANEL *layer.in);
    p.integers = FLECK_NEW(arena, int16_t, FLECK_PANEL * layer.depth);
    p.small = FLECK_NEW(arena, int8_t, FLECK_PANEL * layer.depth);
    if (!p.rows || !p.integers || !p.small)
        status = fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %s", weight->name);
    else if (scale)
        status = read_vector(arena, scale, layer.out, &row_scale, err);
    for (size_t row = 0; !status && row < layer.out; row += FLECK_PANEL) {
        size_t rows = layer.out - row < FLECK_PANEL ? layer.out - row : FLECK_PANEL;
        status = read_rows(weight, row_scale, row, rows, layer.in, p.rows, err);
        if (!status) pack_panel(&p, row, rows);
    }
    fleck_arena_reset(arena, mark);
    layer.f32 = p.f32, layer.i16 = p.i16, layer.i8 = p.i8;
    layer.scale = p.scale, layer.slice_sum = p.slice_sum;
    *out = layer;
    return status;
}

/* ---- applying ---- */

/* Quantised inputs of some rows, as they lie in scratch memory. */
typedef struct {
    float *scale;
    int32_t *zero;
    int16_t *i16; /* [rows, depth] */
    uint8_t *u7;  /* [rows, depth] */
} inputs;

static size_t aligned(size_t bytes) {
    return (bytes + FLECK_ALIGN - 1) / FLECK_ALIGN * FLECK_ALIGN;
}

size_t fleck_linear_scratch(const fleck_linear *l, size_t rows) {
    return 2 * aligned(rows * 4) + aligned(rows * l->depth * 2) + rows * l->depth;
}

static inputs inputs_in(const fleck_linear *l, size_t rows, void *scratch) {
    uint8_t *scale = scratch, *zero = scale + aligned(rows * 4), *i16 = zero + aligned(rows * 4);
    return (inputs){(float *)scale, (int32_t *)zero, (int16_t *)i16,
                    i16 + aligned(rows * l->depth * 2)};
}

static void apply_i8(const fleck_linear *l, const fleck_arithmetic *a, const float *x, size_t rows,
                     float *y, const inputs *q) {
    for (size_t i = 0; i < rows; i++)
        q->scale[i] =
            a->kernels->quantise_u7(x + i * l->in, l->in, q->u7 + i * l->depth, &q->zero[i]);
    if (l->i8) {
        a->i8->matmul((fleck_u7){q->u7, q->scale, q->zero},
                      (fleck_i8){l->i8, l->scale, l->slice_sum}, l->bias, y, l->out, rows, l->out,
                      l->depth);
        return;
    }
    /* What pads a row meets weights of zero. */
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < l->depth; k++)
            q->i16[i * l->depth + k] = (int16_t)(q->u7[i * l->depth + k] - q->zero[i]);
    a->kernels->matmul_i16((fleck_i16){q->i16, q->scale}, (fleck_i16){l->i16, l->scale}, l->bias, y,
                           l->out, rows, l->out, l->depth);
}

void fleck_linear_apply(const fleck_linear *l, const fleck_arithmetic *a, const float *x,
                        size_t rows, float *y, void *scratch) {
    if (l->precision == FLECK_PRECISION_F32) {
        a->kernels->matmul(x, l->in, l->f32, l->bias, y, l->out, rows, l->out, l->in);
        return;
    }
    inputs q = inputs_in(l, rows, scratch);
    if (l->precision == FLECK_PRECISION_I8) {
        apply_i8(l, a, x, rows, y, &q);
        return;
    }
    for (size_t i = 0; i < rows; i++)
        q.scale[i] =
            a->kernels->quantise_i16(x + i * l->in, l->in, FLECK_I16_MAX, q.i16 + i * l->depth);
    a->kernels->matmul_i16((fleck_i16){q.i16, q.scale}, (fleck_i16){l->i16, l->scale}, l->bias, y,
                           l->out, rows, l->out, l->depth);
}
