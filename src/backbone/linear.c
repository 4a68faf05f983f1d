#include "linear.h"

static fleck_status no_memory(const fleck_linear_part *part, fleck_message *err) {
    return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %s", part->weight->name);
}

fleck_status fleck_linear_load(fleck_arena *arena, const fleck_arithmetic *arithmetic,
                               const fleck_linear_part *part, size_t parts, fleck_linear *out,
                               fleck_message *err) {
    size_t each = part->weight->shape[0];
    fleck_linear layer = {.out = parts * each};
    size_t in = layer.in = each ? part->weight->count / each : 0;
    float *bias = FLECK_NEW_ZERO(arena, float, fleck_packed_count(layer.out, 1));
    if (!bias || !fleck_factor_new(arena, arithmetic, layer.out, in, &layer.weight))
        return no_memory(part, err);

    /* A panel at a time, so that the file's type never stands there whole in float32. */
    fleck_arena_mark mark = fleck_arena_here(arena);
    float *scale = FLECK_NEW(arena, float, layer.out);
    float *panel = FLECK_NEW(arena, float, FLECK_PANEL, in);
    void *scratch = FLECK_NEW(arena, uint8_t, fleck_factor_scratch(&layer.weight, 0));
    if (!scale || !panel || !scratch) return no_memory(part, err);
    fleck_status status = FLECK_OK;
    for (size_t i = 0; !status && i < parts; i++) {
        status = fleck_tensor_read_finite(part[i].bias, 0, each, bias + i * each, err);
        if (!status && part[i].scale)
            status = fleck_tensor_read_finite(part[i].scale, 0, each, scale + i * each, err);
    }
    for (size_t row = 0; !status && row < layer.out; row += FLECK_PANEL) {
        size_t end = row + FLECK_PANEL < layer.out ? row + FLECK_PANEL : layer.out;
        for (size_t at = row, next; !status && at < end; at = next) {
            /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): where each is 0, layer.out is */
            const fleck_linear_part *from = &part[at / each];
            size_t part_end = (at / each + 1) * each;
            next = part_end < end ? part_end : end;
            status =
                fleck_tensor_read_rows(from->weight, from->scale ? scale + at / each * each : NULL,
                                       at % each, next - at, in, panel + (at - row) * in, err);
        }
        if (!status) fleck_factor_pack(&layer.weight, arithmetic, row, panel, in, scratch);
    }
    fleck_arena_reset(arena, mark);
    layer.bias = bias;
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
