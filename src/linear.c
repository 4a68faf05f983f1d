#include "linear.h"

#include <math.h>

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

fleck_status fleck_linear_load(fleck_arena *arena, const fleck_arithmetic *arithmetic,
                               const fleck_tensor *weight, const fleck_tensor *scale,
                               const fleck_tensor *bias, fleck_linear *out, fleck_message *err) {
    fleck_linear layer = {.out = weight->shape[0]};
    layer.in = layer.out ? weight->count / layer.out : 0;
    size_t in = layer.in;
    fleck_status status =
        read_vector(arena, bias, fleck_packed_count(layer.out, 1), &layer.bias, err);
    if (status) return status;
    bool enough = fleck_factor_new(arena, arithmetic, layer.out, in, &layer.weight);

    /* A panel at a time, so that the file's type never stands there whole in float32. */
    fleck_arena_mark mark = fleck_arena_here(arena);
    const float *row_scale = NULL;
    float *panel = FLECK_NEW(arena, float, FLECK_PANEL *in);
    void *scratch = fleck_arena_alloc(arena, fleck_factor_scratch(&layer.weight, 0), 1);
    if (!enough || !panel || !scratch)
        status = fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %s", weight->name);
    else if (scale)
        status = read_vector(arena, scale, layer.out, &row_scale, err);
    for (size_t row = 0; !status && row < layer.out; row += FLECK_PANEL) {
        size_t rows = layer.out - row < FLECK_PANEL ? layer.out - row : FLECK_PANEL;
        status = read_rows(weight, row_scale, row, rows, in, panel, err);
        if (!status) fleck_factor_pack(&layer.weight, arithmetic, row, panel, in, scratch);
    }
    fleck_arena_reset(arena, mark);
    *out = layer;
    return status;
}

size_t fleck_linear_scratch(const fleck_linear *layer, size_t rows) {
    return fleck_factor_scratch(&layer->weight, rows);
}

void fleck_linear_apply(const fleck_linear *layer, const fleck_arithmetic *arithmetic,
                        const float *x, size_t rows, float *y, void *scratch) {
    fleck_factor_multiply(&layer->weight, arithmetic, x, layer->in, rows, layer->bias, y,
                          layer->out, scratch);
}
