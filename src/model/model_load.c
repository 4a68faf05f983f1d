#include "columns.h"
#include "half.h"
#include "marks.h"
#include "model_file.h"
#include "part.h"
#include "regions.h"
#include "safetensors.h"
#include "text.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { WIDTH_MAX = 16384, DIM_MAX = 32768, PHOTOS_MAX = 1 << 24 };

/* Bounds within which no score overflows. Of the discriminant's weights; of what a view's nets,
 * and a local-net, make of any features; of scales, whose spreads training keeps far above theirs.
 */
#define DISCRIMINANT_MAX 1e20f
#define NETS_MAX 1e15
#define ACTIVATION_MAX 1e30
#define INVERSE_DEVIATION_MAX 1e5f
#define CENTER_MAX 1e18f
#define SPREAD_LEAST 1e-8f

typedef struct {
    fleck_arena *arena;
    fleck_weights weights;
    fleck_message *err;
} reader;

static fleck_status bad(reader *r, const char *what) {
    return fleck_fail(r->err, FLECK_ERR_FORMAT, "the model file is damaged: %s", what);
}

static fleck_status damaged(reader *r) {
    return fleck_fail(r->err, FLECK_ERR_FORMAT, "the model file is damaged");
}

static bool read_number(const reader *r, const char *key, uint64_t most, uint64_t *out) {
    const char *text = fleck_weights_meta(&r->weights, key);
    if (text) text = fleck_read_whole(text, most, out);
    return text && !*text;
}

/* Opens the table, or says whether the bytes are a model that is damaged or cut short, or none:
 * one of them has its mark at the end or its format at the beginning. */
static fleck_status open_table(reader *r, const uint8_t *bytes, size_t size) {
    static const char format[] = "\"format\":\"fleck-model\"";
    enum { WITHIN = 256, WORD = sizeof format - 1 };
    bool sealed = fleck_model_is_marked(bytes, size), model = sealed;
    for (size_t i = 0; !model && i < WITHIN && i + WORD <= size; i++)
        model = !memcmp(bytes + i, format, WORD);
    if (sealed) {
        uint8_t hash[8];
        fleck_model_file_hash(bytes, size, hash);
        if (memcmp(bytes + size - 8, hash, sizeof hash)) return damaged(r);
    }
    bool cut;
    fleck_status status = fleck_safetensors_open(r->arena, bytes, size, &r->weights, &cut, r->err);
    if (status == FLECK_ERR_FORMAT && model) return cut && !sealed ? status : damaged(r);
    const char *found = status ? NULL : fleck_weights_meta(&r->weights, "format");
    if (status == FLECK_ERR_FORMAT || (!status && (!found || strcmp(found, "fleck-model"))))
        return fleck_fail(r->err, FLECK_ERR_FORMAT, "this is no fleck model file");
    if (status) return status;
    const char *text = fleck_weights_meta(&r->weights, "version");
    uint64_t version;
    if (!text || !read_number(r, "version", UINT64_MAX, &version)) return damaged(r);
    if (version != FLECK_MODEL_VERSION)
        return fleck_fail(r->err, FLECK_ERR_FORMAT,
                          "the model file is of version %.20s, this program reads version %d: %s",
                          text, FLECK_MODEL_VERSION,
                          version > FLECK_MODEL_VERSION ? "a newer one reads it"
                                                        : "learn from the photos again");
    return sealed ? FLECK_OK : damaged(r);
}

/* A square grid is told by its side. */
static bool read_grid(const reader *r, fleck_grid *out) {
    bool square = fleck_weights_meta(&r->weights, "grid");
    uint64_t rows, columns;
    if (!read_number(r, square ? "grid" : "rows", FLECK_PATCHES_MAX, &rows) ||
        !read_number(r, square ? "grid" : "columns", FLECK_PATCHES_MAX, &columns))
        return false;
    *out = (fleck_grid){.rows = (uint32_t)rows, .columns = (uint32_t)columns};
    return rows && columns && rows * columns <= FLECK_PATCHES_MAX;
}

static bool read_precision(const reader *r, fleck_precision *out) {
    uint64_t number;
    if (!read_number(r, "precision", UINT8_MAX, &number)) return false;
    for (size_t i = 0; i < sizeof fleck_model_precision; i++) {
        *out = (fleck_precision)i;
        if (fleck_model_precision[i] == number) return true;
    }
    return false;
}

static fleck_status read_source(reader *r, fleck_model *m) {
    uint64_t method, preset, input, dim;
    fleck_grid grid;
    if (!read_number(r, "method", INT_MAX, &method) ||
        !read_number(r, "preset", FLECK_PRESET_FUNAD, &preset) ||
        !read_precision(r, &m->source.precision) || !read_number(r, "input", 1 << 16, &input) ||
        !read_grid(r, &grid) || !read_number(r, "dim", DIM_MAX, &dim) ||
        !read_number(r, "seed", UINT64_MAX, &m->seed) ||
        !read_number(r, "backbone", UINT64_MAX, &m->source.backbone) || !dim ||
        (uint64_t)grid.rows * grid.columns * dim > FLECK_VALUES_MAX ||
        !fleck_method_plan_of((fleck_method)method))
        return bad(r, "its metadata");
    m->method = (fleck_method)method;
    m->source.preset = (fleck_preset)preset;
    m->source.input = (uint32_t)input;
    m->source.grid = grid;
    m->P = fleck_grid_patches(grid);
    m->D = (size_t)dim;
    const char *text = fleck_weights_meta(&r->weights, "blocks");
    while (text && *text && m->source.block_count < FLECK_BLOCKS_MAX) {
        uint64_t block;
        text = fleck_read_whole(text, 1024, &block);
        if (!text || !block) return bad(r, "its blocks");
        m->source.blocks[m->source.block_count++] = (uint32_t)block;
        if (*text == ',') text++;
    }
    if (!text || *text || !m->source.block_count) return bad(r, "its blocks");
    /* Absent where no photo had 16 bits, and in files from before. */
    uint64_t bits = 0;
    if (fleck_weights_meta(&r->weights, "sample_bits") &&
        (!read_number(r, "sample_bits", 16, &bits) || !fleck_is_sample_bits((uint32_t)bits)))
        return bad(r, "its metadata");
    m->source.sample_bits = (uint32_t)bits;
    uint64_t columns = 1, rows = 1; /* likewise */
    if (fleck_weights_meta(&r->weights, "tile_columns") &&
        (!read_number(r, "tile_columns", FLECK_TILES_MAX, &columns) ||
         !read_number(r, "tile_rows", FLECK_TILES_MAX, &rows) || !columns || !rows))
        return bad(r, "its metadata");
    m->source.tiles = (fleck_tiles){(uint32_t)columns, (uint32_t)rows};
    return FLECK_OK;
}

/* The tensor of that name with the wanted shape; SIZE_MAX leaves a size open. */
static const fleck_tensor *want(reader *r, const char *name, fleck_dtype dtype, uint32_t ndim,
                                size_t s0, size_t s1, size_t s2) {
    const fleck_tensor *t = fleck_weights_find(&r->weights, name);
    size_t shape[3] = {s0, s1, s2};
    if (!t || t->dtype != dtype || t->ndim != ndim) return NULL;
    for (uint32_t i = 0; i < ndim; i++)
        if (shape[i] != SIZE_MAX && t->shape[i] != shape[i]) return NULL;
    return t;
}

static float *read_floats(reader *r, const fleck_tensor *t) {
    float *out = FLECK_NEW(r->arena, float, t->count);
    if (out) fleck_tensor_read(t, out);
    return out;
}

static uint32_t *read_u32(reader *r, const fleck_tensor *t) {
    uint32_t *out = FLECK_NEW(r->arena, uint32_t, t->count);
    if (out) fleck_tensor_read_u32(t, out);
    return out;
}

static bool all_finite(const float *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

/* Whether no magnitude is above most. */
static bool all_within(const float *values, size_t n, float most) {
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(values[i]) <= most)) return false;
    return true;
}

static fleck_status no_memory(reader *r) {
    return fleck_fail(r->err, FLECK_ERR_MEMORY, "no memory for the model");
}

/* n pairs of row numbers -> ranges of up to most rows within a bank of rows; false if
 * any is not. */
static bool read_ranges(const uint32_t *pairs, size_t n, size_t rows, size_t most,
                        fleck_row_range *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (fleck_row_range){pairs[2 * i], pairs[2 * i + 1]};
        if (out[i].begin > out[i].end || out[i].end > rows) return false;
        if (out[i].end - out[i].begin > most) return false;
    }
    return true;
}

/* Weights of rows [all rows] -> memory->weight. */
static fleck_status read_weights(reader *r, uint32_t index, const uint32_t *counts, size_t rows,
                                 fleck_memory *memory) {
    char name[FLECK_MODEL_NAME];
    const fleck_tensor *t =
        want(r, fleck_model_view_name(name, index, "weights"), FLECK_F32, 1, rows, 0, 0);
    if (!t) return bad(r, "its memories' weights");
    size_t rows_max = memory->plan.rows_max;
    const float *weights = read_floats(r, t);
    memory->weight = FLECK_NEW(r->arena, float, memory->count, rows_max);
    if (!weights || !memory->weight) return no_memory(r);
    for (size_t i = 0; i < rows; i++)
        if (!(weights[i] > 0 && weights[i] <= FLECK_ROW_WEIGHT_MAX))
            return bad(r, "its memories' weights");
    for (size_t m = 0; m < memory->count; weights += counts[m++])
        memcpy(memory->weight + m * rows_max, weights, counts[m] * sizeof *weights);
    return FLECK_OK;
}

static fleck_status read_memory(reader *r, const fleck_compute *compute, uint32_t index,
                                const fleck_model *m, fleck_memory *memory) {
    char name[FLECK_MODEL_NAME];
    size_t D = m->D;
    const fleck_tensor *counts_t =
        want(r, fleck_model_view_name(name, index, "counts"), FLECK_U32, 1, SIZE_MAX, 0, 0);
    const fleck_tensor *rows_t =
        want(r, fleck_model_view_name(name, index, "rows"), FLECK_I8, 2, SIZE_MAX, D, 0);
    const fleck_tensor *own_t =
        want(r, fleck_model_view_name(name, index, "own"), FLECK_U32, 3, SIZE_MAX, m->photos, 2);
    size_t count = counts_t ? counts_t->count : 0;
    const fleck_tensor *steps_t =
        want(r, fleck_model_view_name(name, index, "steps"), FLECK_F32, 2, count, D, 0);
    if (!count || !rows_t || !steps_t || !own_t || count > memory->plan.count_max ||
        own_t->shape[0] != count)
        return bad(r, "its memories");
    memory->D = D;
    memory->count = (uint32_t)count;
    memory->photos = m->photos;
    uint32_t *counts = read_u32(r, counts_t), *own = read_u32(r, own_t);
    float *steps = read_floats(r, steps_t);
    int8_t *rows = FLECK_NEW(r->arena, int8_t, rows_t->count);
    memory->bank = FLECK_NEW(r->arena, fleck_ann_bank, memory->count);
    memory->own = FLECK_NEW(r->arena, fleck_row_range, own_t->count / 2);
    if (!counts || !own || !steps || !rows || !memory->bank || !memory->own) return no_memory(r);
    if (!all_within(steps, steps_t->count, FLECK_COLUMN_STEP_MAX))
        return bad(r, "the steps of its memories");
    memcpy(rows, rows_t->data, rows_t->count);
    size_t from = 0;
    for (uint32_t b = 0; b < memory->count; b++) {
        if (!counts[b] || counts[b] > memory->plan.rows_max || counts[b] > rows_t->shape[0] - from)
            return bad(r, "its memories");
        if (!fleck_memory_add(memory, b, r->arena, compute, rows + from * D, steps + b * D,
                              counts[b]))
            return no_memory(r);
        from += counts[b];
    }
    if (from != rows_t->shape[0]) return bad(r, "its memories");
    /* one of the whole folder must have rows for each of its photos */
    bool shared = memory->plan.division == FLECK_MEMORY_FOLDER;
    for (uint32_t b = 0; b < memory->count; b++)
        if (!read_ranges(own + (size_t)b * 2 * memory->photos, memory->photos, counts[b],
                         counts[b] - shared, memory->own + (size_t)b * memory->photos))
            return bad(r, "its memories");
    return memory->plan.weighted ? read_weights(r, index, counts, from, memory) : FLECK_OK;
}

static fleck_status read_whitening(reader *r, uint32_t index, fleck_embedding *e) {
    char name[FLECK_MODEL_NAME];
    size_t places = e->plan.aligned ? fleck_grid_patches(e->grid) : 1;
    const fleck_tensor *mean =
        want(r, fleck_model_view_name(name, index, "mean"), FLECK_F32, 2, places, e->D, 0);
    const fleck_tensor *factor =
        want(r, fleck_model_view_name(name, index, "factor"), FLECK_F32, 2, e->D, e->D, 0);
    if (!mean || !factor) return bad(r, "its means");
    e->mean = read_floats(r, mean);
    e->factor = read_floats(r, factor);
    if (!e->mean || !e->factor || !fleck_embedding_pack(r->arena, e)) return no_memory(r);
    if (!all_within(e->mean, mean->count, FLECK_HALF_MAX) ||
        !all_within(e->factor, factor->count, FLECK_WHITENING_MAX))
        return bad(r, "its means");
    return FLECK_OK;
}

/* The most that x [in], bounded by each [in], or all by most, can become in a layer of
 * W [out, in] and b; infinite above ACTIVATION_MAX. */
static double layer_most(const float *W, const float *b, size_t out, size_t in, const double *each,
                         double most) {
    double highest = 0;
    for (size_t o = 0; o < out; o++) {
        double sum = fabs((double)b[o]);
        for (size_t i = 0; i < in; i++)
            sum += fabs((double)W[o * in + i]) * (each ? each[i] : most);
        if (!(sum <= ACTIVATION_MAX)) return INFINITY; /* also where it is no number */
        highest = fmax(highest, sum);
    }
    return highest;
}

/* Those of a model of so many blocks; what they make of any features is bounded. */
static fleck_status read_nets(reader *r, uint32_t index, const fleck_model *m, fleck_nets_task task,
                              fleck_nets *nets) {
    char name[FLECK_MODEL_NAME];
    const fleck_tensor *t =
        want(r, fleck_model_view_name(name, index, "nets"), FLECK_F32, 1, SIZE_MAX, 0, 0);
    const fleck_tensor *hidden_t =
        want(r, fleck_model_view_name(name, index, "nets.hidden"), FLECK_U32, 1, 1, 0, 0);
    uint32_t hidden = 0, blocks = m->source.block_count;
    if (hidden_t) fleck_tensor_read_u32(hidden_t, &hidden);
    if (!t || !hidden || hidden > WIDTH_MAX ||
        (task == FLECK_NETS_L2BT && (blocks < 2 || m->D % blocks)) ||
        t->count != fleck_nets_count(task, m->D, blocks, hidden))
        return bad(r, "its nets");
    if (!fleck_nets_new(r->arena, task, m->D, blocks, hidden, nets)) return no_memory(r);
    fleck_tensor_read(t, nets->block);
    for (uint32_t i = 0; i < FLECK_FOLDS * nets->each; i++) {
        const fleck_mlp *net = &nets->net[i / nets->each][i % nets->each];
        double most = FLECK_HALF_MAX;
        for (uint32_t l = 0; most <= NETS_MAX && l < net->layers; l++)
            most = layer_most(net->W[l], net->b[l], net->width[l + 1], net->width[l], NULL, most);
        if (!(most <= NETS_MAX)) return bad(r, "its nets hold values out of range");
    }
    fleck_nets_repack(nets);
    return FLECK_OK;
}

static fleck_status read_places(reader *r, uint32_t index, fleck_view *view) {
    char name[FLECK_MODEL_NAME];
    size_t P = fleck_grid_patches(view->embedding.grid);
    const fleck_tensor *t =
        want(r, fleck_model_view_name(name, index, "usual"), FLECK_F32, 2, 2, P, 0);
    if (!t) return bad(r, "what is usual at its places");
    view->usual = read_floats(r, t);
    if (!view->usual) return no_memory(r);
    for (size_t i = 0; i < t->count; i++)
        if (!(view->usual[i] >= FLECK_USUAL_LEAST && view->usual[i] <= FLECK_USUAL_MOST))
            return bad(r, "what is usual at its places");
    return FLECK_OK;
}

static fleck_status read_views(reader *r, const fleck_compute *compute, fleck_model *m) {
    const fleck_method_plan *method = fleck_method_plan_of(m->method);
    const fleck_tensor *hash = want(r, "photo.hash", FLECK_U32, 2, SIZE_MAX, 2, 0);
    if (!hash || hash->shape[0] < FLECK_PHOTOS_MIN || hash->shape[0] > PHOTOS_MAX)
        return bad(r, "its photos");
    m->photos = (uint32_t)hash->shape[0];
    m->photo_hash = read_u32(r, hash);
    if (!m->photo_hash) return no_memory(r);
    fleck_status status = FLECK_OK;
    for (m->views = 0; !status && m->views < method->views; m->views++) {
        const fleck_view_plan *plan = &method->view[m->views];
        fleck_view *view = &m->view[m->views];
        view->embedding =
            (fleck_embedding){.plan = plan->embedding, .grid = m->source.grid, .D = m->D};
        view->memory.plan = plan->memory;
        if (plan->embedding.whiten) status = read_whitening(r, m->views, &view->embedding);
        if (!status && plan->memory.count_max)
            status = read_memory(r, compute, m->views, m, &view->memory);
        if (!status && plan->nets) status = read_nets(r, m->views, m, plan->nets, &view->nets);
        if (!status && plan->by_place) status = read_places(r, m->views, view);
    }
    return status;
}

static fleck_status read_scales(reader *r, fleck_model *m) {
    const fleck_tensor *t =
        want(r, "scales", FLECK_F32, 2, FLECK_MODEL_SCALES + 2 * m->views, 2, 0);
    if (!t) return bad(r, "its scales");
    float v[FLECK_MODEL_SCALES_MAX][2];
    fleck_tensor_read(t, v[0]);
    for (uint32_t i = 0; i < FLECK_MODEL_SCALES + 2 * m->views; i++) {
        float width = i == 1 ? v[i][1] - v[i][0] : v[i][1];
        if (!all_within(v[i], 2, CENTER_MAX) || !(width >= SPREAD_LEAST))
            return bad(r, "its scales");
        fleck_robust scale = {v[i][0], v[i][1]};
        if (i == 0)
            m->net_scale = scale;
        else if (i == 1)
            m->level_scale = (fleck_level_scale){v[i][0], v[i][1]};
        else if (i == 2)
            m->discriminant_scale = scale;
        else if ((i - FLECK_MODEL_SCALES) % 2 == 0)
            m->view[(i - FLECK_MODEL_SCALES) / 2].scale = scale;
        else
            m->view[(i - FLECK_MODEL_SCALES) / 2].nearest_scale = scale;
    }
    return FLECK_OK;
}

/* A number that is absent where it is the usual one, which *out has, and in files from before.
 * False where it is something else. */
static bool read_rule(reader *r, const char *name, float *out) {
    if (!fleck_weights_find(&r->weights, name)) return true;
    const fleck_tensor *t = want(r, name, FLECK_F32, 1, 1, 0, 0);
    if (t) fleck_tensor_read(t, out);
    return t;
}

/* Which photos are called. */
static fleck_status read_rules(reader *r, fleck_model *m) {
    m->threshold = FLECK_DEFECT;
    m->smallest_area = 0;
    if (!read_rule(r, "threshold", &m->threshold) || !fleck_is_threshold(m->threshold))
        return bad(r, "its threshold");
    if (!read_rule(r, "smallest_area", &m->smallest_area) ||
        !fleck_is_smallest_area(m->smallest_area))
        return bad(r, "its smallest area");
    return FLECK_OK;
}

/* A mark's points, of the grid; looks are of unit length or, of a patch without any, zero. */
static bool read_points(const fleck_model *m, const uint32_t *at, fleck_marked *out) {
    size_t places = fleck_grid_places(m->source.grid);
    out->points = 0;
    while (out->points < FLECK_MARK_POINTS && at[out->points] != FLECK_WHOLE_PHOTO)
        out->at[out->points] = at[out->points], out->points++;
    for (uint32_t p = 0; p < out->points; p++) {
        double length = 0;
        for (size_t d = 0; d < m->D; d++) {
            double x = (double)out->look[p * m->D + d];
            length += x * x;
        }
        if (out->at[p] >= places || !(length < 1.01) || (length > 0 && length < 0.99)) return false;
    }
    return out->place < places || out->place == FLECK_WHOLE_PHOTO;
}

static fleck_status read_marks(reader *r, fleck_model *m) {
    if (!read_rule(r, "look.width", &m->look_width) ||
        !(m->look_width == 0 ||
          (m->look_width >= FLECK_LOOK_WIDTH_LEAST && m->look_width <= FLECK_LOOK_WIDTH_MOST)))
        return bad(r, "its looks");
    if (!fleck_weights_find(&r->weights, "marks.what")) return FLECK_OK;
    const fleck_tensor *what_t = want(r, "marks.what", FLECK_U32, 2, SIZE_MAX, 4, 0);
    size_t n = what_t ? what_t->shape[0] : 0;
    const fleck_tensor *at_t = want(r, "marks.at", FLECK_U32, 2, n, FLECK_MARK_POINTS, 0);
    const fleck_tensor *strength_t = want(r, "marks.strength", FLECK_F32, 1, n, 0, 0);
    const fleck_tensor *look_t = want(r, "marks.look", FLECK_F32, 3, n, FLECK_MARK_POINTS, m->D);
    if (!n || n > FLECK_MARKS_MAX || !at_t || !strength_t || !look_t || !(m->look_width > 0))
        return bad(r, "its marks");
    fleck_marks *marks = FLECK_NEW_ZERO(r->arena, fleck_marks, 1);
    fleck_marked *marked = FLECK_NEW_ZERO(r->arena, fleck_marked, n);
    uint32_t *what = read_u32(r, what_t), *at = read_u32(r, at_t);
    float *strength = read_floats(r, strength_t), *look = read_floats(r, look_t);
    if (!marks || !marked || !what || !at || !strength || !look) return no_memory(r);
    for (size_t i = 0; i < n; i++) {
        const uint32_t *row = what + 4 * i;
        marked[i] = (fleck_marked){.photo = FLECK_NO_PHOTO,
                                   .hash = {row[0], row[1]},
                                   .place = row[2],
                                   .mark = (fleck_mark)row[3],
                                   .strength = strength[i],
                                   .look = look + FLECK_MARK_POINTS * m->D * i};
        if ((row[3] != FLECK_MARK_GOOD && row[3] != FLECK_MARK_DEFECT) ||
            !(strength[i] >= 0 && strength[i] <= CENTER_MAX) ||
            !read_points(m, at + FLECK_MARK_POINTS * i, &marked[i]))
            return bad(r, "its marks");
    }
    *marks = (fleck_marks){.D = m->D, .marked = marked, .count = (uint32_t)n};
    m->marks = marks;
    return FLECK_OK;
}

/* That no features overflow within the net. */
static fleck_status check_bounds(reader *r, const fleck_model *m) {
    static const char beyond[] = "its local-net holds values out of range";
    const fleck_localnet *n = &m->net;
    const float *standard = m->standard;
    size_t D = m->D;
    double *most = FLECK_NEW(r->arena, double, 2, D), *cls = most ? most + D : NULL;
    float *no_bias = FLECK_NEW_ZERO(r->arena, float, n->A);
    if (!most || !no_bias) return no_memory(r);
    for (size_t kind = 0; kind < 2; kind++)
        for (size_t d = 0; d < D; d++) {
            float mean = standard[kind * D + d], inverse = standard[(2 + kind) * D + d];
            if (!(fabsf(mean) <= FLECK_HALF_MAX) ||
                !(inverse >= 0 && inverse <= INVERSE_DEVIATION_MAX))
                return bad(r, beyond);
            most[kind * D + d] = (fabs((double)mean) + (double)FLECK_HALF_MAX) * (double)inverse;
        }
    double at =
        layer_most(n->Wp, n->b0, n->A, D, most, 0) + layer_most(n->Wc, no_bias, n->A, D, cls, 0);
    const size_t *width = n->hidden.width;
    for (uint32_t l = 0; at <= ACTIVATION_MAX && l < n->hidden.layers; l++)
        at = layer_most(n->hidden.W[l], n->hidden.b[l], width[l + 1], width[l], NULL, at);
    if (at <= ACTIVATION_MAX) at = layer_most(n->W3, n->b3, 1, width[2], NULL, at);
    return at <= ACTIVATION_MAX ? FLECK_OK : bad(r, beyond);
}

static fleck_status read_net(reader *r, fleck_model *m) {
    const fleck_tensor *standard_t = want(r, "standard", FLECK_F32, 3, 2, 2, m->D);
    const fleck_tensor *widths_t = want(r, "net.widths", FLECK_U32, 1, 3, 0, 0);
    if (!standard_t || !widths_t) return bad(r, "its local-net");
    uint32_t w[3];
    fleck_tensor_read_u32(widths_t, w);
    for (int i = 0; i < 3; i++)
        if (!w[i] || w[i] > WIDTH_MAX) return bad(r, "its local-net");
    const fleck_tensor *net_t = want(r, "net", FLECK_F32, 1, SIZE_MAX, 0, 0);
    if (!net_t || net_t->count != fleck_localnet_count(m->D, w[0], w[1], w[2]))
        return bad(r, "its local-net");
    m->standard = read_floats(r, standard_t);
    if (!m->standard || !fleck_localnet_new(r->arena, m->D, w[0], w[1], w[2], &m->net))
        return no_memory(r);
    fleck_tensor_read(net_t, m->net.block);
    fleck_status status = check_bounds(r, m);
    if (status) return status;
    return fleck_localnet_pack(r->arena, &m->net) ? FLECK_OK : no_memory(r);
}

static fleck_status read_discriminant(reader *r, fleck_model *m) {
    const fleck_tensor *trust = want(r, "trust", FLECK_F32, 1, 1, 0, 0);
    const fleck_tensor *t = want(r, "discriminant", FLECK_F32, 1, m->D, 0, 0);
    if (!trust || !t) return bad(r, "its discriminant");
    m->discriminant = read_floats(r, t);
    if (!m->discriminant) return no_memory(r);
    fleck_tensor_read(trust, &m->trust);
    if (!(m->trust >= 0 && m->trust <= 1) ||
        !all_within(m->discriminant, t->count, DISCRIMINANT_MAX))
        return bad(r, "its discriminant");
    return FLECK_OK;
}

/* What the area follows. */
static fleck_status read_part(reader *r, fleck_model *m) {
    fleck_grid grid = m->source.grid;
    const fleck_tensor *t = want(r, "area.part", FLECK_F16, 2, fleck_part_tokens(grid), m->D, 0);
    if (!t || !fleck_part_moves(grid)) return bad(r, "the part that its area follows");
    float *values = read_floats(r, t);
    fleck_half *part = FLECK_NEW(r->arena, fleck_half, t->count);
    if (!values || !part) return no_memory(r);
    if (!all_finite(values, t->count)) return bad(r, "the part that its area follows");
    fleck_half_narrow(values, t->count, part); /* exact: they were halves */
    m->source.part = part;
    return FLECK_OK;
}

/* Which patches count, before anything that has a value for each. */
static fleck_status read_area(reader *r, fleck_model *m) {
    bool follows = fleck_weights_find(&r->weights, "area.part");
    if (!fleck_weights_find(&r->weights, "area"))
        return follows ? bad(r, "it has a part to follow, and no area") : FLECK_OK;
    const fleck_tensor *t = want(r, "area", FLECK_U32, 2, FLECK_HEAT, FLECK_AREA_WORDS, 0);
    if (!t) return bad(r, "its area");
    fleck_area_map *area = FLECK_NEW(r->arena, fleck_area_map, 1);
    if (!area) return no_memory(r);
    fleck_tensor_read_u32(t, area->row[0]);
    fleck_status status = fleck_area_grid(r->arena, area, &m->source.grid, r->err);
    if (status) return status == FLECK_ERR_MEMORY ? status : bad(r, "its area");
    m->source.area = area;
    m->P = fleck_grid_patches(m->source.grid);
    return follows ? read_part(r, m) : FLECK_OK;
}

fleck_status fleck_model_load(fleck_arena *arena, const fleck_compute *compute,
                              const uint8_t *bytes, size_t size, fleck_model *out,
                              fleck_message *err) {
    reader r = {.arena = arena, .err = err};
    fleck_status status = open_table(&r, bytes, size);
    fleck_model m = {0};
    if (!status) status = read_source(&r, &m);
    if (!status) status = read_area(&r, &m);
    if (!status) status = read_views(&r, compute, &m);
    if (!status) status = read_scales(&r, &m);
    if (!status) status = read_rules(&r, &m);
    if (!status) status = read_marks(&r, &m);
    if (!status && fleck_method_plan_of(m.method)->learner) status = read_net(&r, &m);
    if (!status && fleck_method_plan_of(m.method)->learner == FLECK_LEARNER_IRMB)
        status = read_discriminant(&r, &m);
    if (!status) *out = m;
    return status;
}

fleck_status fleck_model_peek(fleck_arena *scratch, const uint8_t *bytes, size_t size,
                              fleck_model *out, fleck_message *err) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    reader r = {.arena = scratch, .err = err};
    fleck_status status = open_table(&r, bytes, size);
    fleck_model m = {0};
    if (!status) status = read_source(&r, &m);
    if (!status) *out = m;
    fleck_arena_reset(scratch, mark);
    return status;
}
