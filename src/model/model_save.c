#include "marks.h"
#include "model_file.h"
#include "part.h"
#include "safetensors.h"
#include "text.h"

#include <string.h>

enum { TENSORS = 17 + 7 * FLECK_VIEWS_MAX, METADATA = 16 };

typedef struct {
    fleck_tensor tensors[TENSORS];
    fleck_metadata metadata[METADATA];
    char names[TENSORS][FLECK_MODEL_NAME];
    char values[METADATA][64];
    size_t tensor_count, metadata_count;
} file_table;

static void add_tensor(file_table *t, const char *name, fleck_dtype dtype, const void *data,
                       uint32_t ndim, size_t s0, size_t s1, size_t s2) {
    size_t shape[3] = {s0, s1, s2};
    char *kept = t->names[t->tensor_count];
    fleck_print(kept, FLECK_MODEL_NAME, "%s", name);
    fleck_tensor *tensor = &t->tensors[t->tensor_count++];
    *tensor = (fleck_tensor){.name = kept, .dtype = dtype, .ndim = ndim, .count = 1, .data = data};
    for (uint32_t i = 0; i < ndim; i++) {
        tensor->shape[i] = shape[i];
        tensor->count *= shape[i];
    }
}

static void add_meta(file_table *t, const char *key, uint64_t value) {
    char *text = t->values[t->metadata_count];
    fleck_print(text, sizeof t->values[0], "%llu", (unsigned long long)value);
    t->metadata[t->metadata_count++] = (fleck_metadata){key, text};
}

static void add_source(file_table *t, const fleck_model *model) {
    t->metadata[t->metadata_count++] = (fleck_metadata){"format", "fleck-model"};
    add_meta(t, "version", FLECK_MODEL_VERSION);
    add_meta(t, "method", (uint64_t)model->method);
    add_meta(t, "preset", (uint64_t)model->source.preset);
    add_meta(t, "precision", fleck_model_precision[model->source.precision]);
    add_meta(t, "input", model->source.input);
    fleck_grid grid = model->source.grid;
    if (grid.rows != grid.columns) add_meta(t, "rows", grid.rows);
    add_meta(t, grid.rows == grid.columns ? "grid" : "columns", grid.columns);
    add_meta(t, "dim", model->D);
    add_meta(t, "seed", model->seed);
    add_meta(t, "backbone", model->source.backbone);
    if (model->source.sample_bits) add_meta(t, "sample_bits", model->source.sample_bits);
    fleck_tiles tiles = model->source.tiles;
    if (tiles.columns > 1 || tiles.rows > 1) {
        add_meta(t, "tile_columns", tiles.columns);
        add_meta(t, "tile_rows", tiles.rows);
    }
    char *blocks = t->values[t->metadata_count];
    size_t used = 0;
    for (uint32_t i = 0; i < model->source.block_count; i++)
        used += fleck_print(blocks + used, sizeof t->values[0] - used, "%s%u", i ? "," : "",
                            model->source.blocks[i]);
    t->metadata[t->metadata_count++] = (fleck_metadata){"blocks", blocks};
}

/* Adds a view's tensors, whose values scratch keeps. */
static bool add_view(file_table *t, fleck_arena *scratch, uint32_t index, const fleck_view *view) {
    const fleck_memory *memory = &view->memory;
    const fleck_embedding *e = &view->embedding;
    char name[FLECK_MODEL_NAME];
    size_t D = e->D, rows = 0;
    if (e->plan.whiten) {
        add_tensor(t, fleck_model_view_name(name, index, "mean"), FLECK_F32, e->mean, 2,
                   e->plan.aligned ? fleck_grid_patches(e->grid) : 1, D, 0);
        add_tensor(t, fleck_model_view_name(name, index, "factor"), FLECK_F32, e->factor, 2, D, D,
                   0);
    }
    if (view->nets.task) {
        add_tensor(t, fleck_model_view_name(name, index, "nets"), FLECK_F32, view->nets.block, 1,
                   view->nets.count, 0, 0);
        add_tensor(t, fleck_model_view_name(name, index, "nets.hidden"), FLECK_U32,
                   &view->nets.hidden, 1, 1, 0, 0);
    }
    if (view->usual)
        add_tensor(t, fleck_model_view_name(name, index, "usual"), FLECK_F32, view->usual, 2, 2,
                   fleck_grid_patches(e->grid), 0);
    if (!memory->count) return true;
    for (uint32_t m = 0; m < memory->count; m++) rows += memory->bank[m].N;
    int8_t *all = FLECK_NEW(scratch, int8_t, rows, D);
    float *steps = FLECK_NEW(scratch, float, memory->count, D);
    float *weights = FLECK_NEW(scratch, float, rows);
    uint32_t *counts = FLECK_NEW(scratch, uint32_t, memory->count);
    if (!all || !steps || !weights || !counts) return false;
    for (size_t m = 0, row = 0; m < memory->count; row += counts[m++]) {
        counts[m] = (uint32_t)memory->bank[m].N;
        memcpy(steps + m * D, memory->bank[m].rows.step, D * sizeof *steps);
        memcpy(all + row * D, memory->bank[m].rows.q, counts[m] * D);
        if (memory->weight)
            memcpy(weights + row, memory->weight + m * memory->plan.rows_max,
                   counts[m] * sizeof *weights);
    }
    add_tensor(t, fleck_model_view_name(name, index, "rows"), FLECK_I8, all, 2, rows, D, 0);
    add_tensor(t, fleck_model_view_name(name, index, "steps"), FLECK_F32, steps, 2, memory->count,
               D, 0);
    add_tensor(t, fleck_model_view_name(name, index, "counts"), FLECK_U32, counts, 1, memory->count,
               0, 0);
    add_tensor(t, fleck_model_view_name(name, index, "own"), FLECK_U32, memory->own, 3,
               memory->count, memory->photos, 2);
    if (memory->weight)
        add_tensor(t, fleck_model_view_name(name, index, "weights"), FLECK_F32, weights, 1, rows, 0,
                   0);
    return true;
}

/* Adds what was marked, whose values scratch keeps. */
static bool add_marks(file_table *t, fleck_arena *scratch, const fleck_marks *marks) {
    size_t n = marks->count, D = marks->D, look = FLECK_MARK_POINTS * D;
    uint32_t *what = FLECK_NEW(scratch, uint32_t, n, 4);
    uint32_t *at = FLECK_NEW(scratch, uint32_t, n, FLECK_MARK_POINTS);
    float *strength = FLECK_NEW(scratch, float, n),
          *looks = FLECK_NEW_ZERO(scratch, float, n, look);
    if (!what || !at || !strength || !looks) return false;
    for (size_t i = 0; i < n; i++) {
        const fleck_marked *m = &marks->marked[i];
        const uint32_t row[4] = {m->hash[0], m->hash[1], m->place, (uint32_t)m->mark};
        memcpy(what + 4 * i, row, sizeof row);
        for (uint32_t p = 0; p < FLECK_MARK_POINTS; p++)
            at[FLECK_MARK_POINTS * i + p] = p < m->points ? m->at[p] : FLECK_WHOLE_PHOTO;
        strength[i] = m->strength;
        memcpy(looks + look * i, m->look, m->points * D * sizeof *looks);
    }
    add_tensor(t, "marks.what", FLECK_U32, what, 2, n, 4, 0);
    add_tensor(t, "marks.at", FLECK_U32, at, 2, n, FLECK_MARK_POINTS, 0);
    add_tensor(t, "marks.strength", FLECK_F32, strength, 1, n, 0, 0);
    add_tensor(t, "marks.look", FLECK_F32, looks, 3, n, FLECK_MARK_POINTS, D);
    return true;
}

bool fleck_model_save(const fleck_model *model, fleck_arena *scratch, uint8_t *out, size_t capacity,
                      size_t *size) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    file_table *t = FLECK_NEW_ZERO(scratch, file_table, 1);
    if (!t) return false;
    for (uint32_t v = 0; v < model->views; v++)
        if (!add_view(t, scratch, v, &model->view[v])) return false;
    fleck_robust scales[FLECK_MODEL_SCALES_MAX] = {
        model->net_scale,
        {model->level_scale.zero, model->level_scale.defect},
        model->discriminant_scale};
    for (uint32_t v = 0; v < model->views; v++) {
        scales[FLECK_MODEL_SCALES + 2 * v] = model->view[v].scale;
        scales[FLECK_MODEL_SCALES + 2 * v + 1] = model->view[v].nearest_scale;
    }
    uint32_t widths[3];
    for (size_t i = 0; i < 3; i++) widths[i] = (uint32_t)model->net.hidden.width[i];
    add_source(t, model);
    add_tensor(t, "photo.hash", FLECK_U32, model->photo_hash, 2, model->photos, 2, 0);
    if (model->threshold != FLECK_DEFECT)
        add_tensor(t, "threshold", FLECK_F32, &model->threshold, 1, 1, 0, 0);
    if (model->smallest_area > 0)
        add_tensor(t, "smallest_area", FLECK_F32, &model->smallest_area, 1, 1, 0, 0);
    if (model->source.area)
        add_tensor(t, "area", FLECK_U32, model->source.area->row, 2, FLECK_HEAT, FLECK_AREA_WORDS,
                   0);
    if (model->source.part)
        add_tensor(t, "area.part", FLECK_F16, model->source.part, 2,
                   fleck_part_tokens(model->source.grid), model->D, 0);
    if (model->look_width > 0)
        add_tensor(t, "look.width", FLECK_F32, &model->look_width, 1, 1, 0, 0);
    if (model->marks && !add_marks(t, scratch, model->marks)) return false;
    add_tensor(t, "scales", FLECK_F32, scales, 2, FLECK_MODEL_SCALES + 2 * model->views, 2, 0);
    if (fleck_method_plan_of(model->method)->learner) {
        add_tensor(t, "standard", FLECK_F32, model->standard, 3, 2, 2, model->D);
        add_tensor(t, "net", FLECK_F32, model->net.block, 1, model->net.count, 0, 0);
        add_tensor(t, "net.widths", FLECK_U32, widths, 1, 3, 0, 0);
    }
    if (fleck_method_plan_of(model->method)->learner == FLECK_LEARNER_IRMB) {
        add_tensor(t, "trust", FLECK_F32, &model->trust, 1, 1, 0, 0);
        add_tensor(t, "discriminant", FLECK_F32, model->discriminant, 1, model->D, 0, 0);
    }
    static const uint32_t no_seal[FLECK_MODEL_SEAL / 4];
    add_tensor(t, "seal", FLECK_U32, no_seal, 1, sizeof no_seal / 4, 0, 0);
    fleck_weights table = {t->tensors, t->tensor_count, t->metadata, t->metadata_count};
    fleck_weights_write(&table, out, capacity, size);
    if (out && capacity >= *size) fleck_model_seal(out, *size);
    fleck_arena_reset(scratch, mark);
    return true;
}
