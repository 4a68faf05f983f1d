/* The model file: safetensors whose metadata says what it is. Version 1 was of
 * features in float32, version 2 did not tell the precision.
 *
 *   metadata  format=fleck-model, version=3, method, preset, precision, input, grid,
 *             blocks, dim, seed, backbone (fingerprint)
 *   memory.rows    F16 [all rows, D]     memory.counts  U32 [memories]
 *   memory.own     U32 [memories, photos, 2]
 *   photo.hash     U32 [photos, 2]
 *   scales         F32 [3, 2]: center and spread of memory distances, logits and photo
 *                  scores
 *   standard       F32 [2, 2, D]: mean and inverse deviation   (IRMB only)
 *   net            F32 [parameters]                             (IRMB only)
 *   net.widths     U32 [3]: A, H1, H2                            (IRMB only) */
#include "model.h"

#include "half.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VERSION = 3, MEMORIES_MAX = 64, WIDTH_MAX = 4096, DIM_MAX = 32768, GRID_MAX = 512 };

/* ---- writing ---- */

enum { TENSORS = 8, METADATA = 11 };

typedef struct {
    fleck_tensor tensors[TENSORS];
    fleck_metadata metadata[METADATA];
    char values[METADATA][64];
    size_t tensor_count, metadata_count;
} file_table;

static void add_tensor(file_table *t, const char *name, fleck_dtype dtype, const void *data,
                       uint32_t ndim, size_t s0, size_t s1, size_t s2) {
    size_t shape[3] = {s0, s1, s2};
    fleck_tensor *tensor = &t->tensors[t->tensor_count++];
    *tensor = (fleck_tensor){.name = name, .dtype = dtype, .ndim = ndim, .count = 1, .data = data};
    for (uint32_t i = 0; i < ndim; i++) {
        tensor->shape[i] = shape[i];
        tensor->count *= shape[i];
    }
}

static void add_meta(file_table *t, const char *key, uint64_t value) {
    char *text = t->values[t->metadata_count];
    snprintf(text, sizeof t->values[0], "%" PRIu64, value);
    t->metadata[t->metadata_count++] = (fleck_metadata){key, text};
}

static void add_source(file_table *t, const fleck_model *model) {
    t->metadata[t->metadata_count++] = (fleck_metadata){"format", "fleck-model"};
    add_meta(t, "version", VERSION);
    add_meta(t, "method", (uint64_t)model->method);
    add_meta(t, "preset", (uint64_t)model->source.preset);
    add_meta(t, "precision", (uint64_t)model->source.precision);
    add_meta(t, "input", model->source.input);
    add_meta(t, "grid", model->source.grid);
    add_meta(t, "dim", model->D);
    add_meta(t, "seed", model->seed);
    add_meta(t, "backbone", model->source.backbone);
    char *blocks = t->values[t->metadata_count];
    size_t used = 0;
    for (uint32_t i = 0; i < model->source.block_count; i++)
        used += (size_t)snprintf(blocks + used, sizeof t->values[0] - used, "%s%u", i ? "," : "",
                                 model->source.blocks[i]);
    t->metadata[t->metadata_count++] = (fleck_metadata){"blocks", blocks};
}

bool fleck_model_save(const fleck_model *model, fleck_arena *scratch, uint8_t *out, size_t capacity,
                      size_t *size) {
    const fleck_memory *memory = &model->memory;
    size_t D = model->D, rows = 0;
    for (uint32_t b = 0; b < memory->count; b++) rows += memory->bank[b].N;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    file_table *t = fleck_arena_zalloc(scratch, 1, sizeof *t);
    fleck_half *all = FLECK_NEW(scratch, fleck_half, (rows * D));
    uint32_t *counts = FLECK_NEW(scratch, uint32_t, memory->count);
    bool enough = t && all && counts;
    if (enough) {
        float scales[3][2] = {{model->memory_scale.center, model->memory_scale.spread},
                              {model->net_scale.center, model->net_scale.spread},
                              {model->photo_scale.center, model->photo_scale.spread}};
        uint32_t widths[3] = {(uint32_t)model->net.A, (uint32_t)model->net.H1,
                              (uint32_t)model->net.H2};
        fleck_half *to = all;
        for (uint32_t b = 0; b < memory->count; to += memory->bank[b++].N * D) {
            counts[b] = (uint32_t)memory->bank[b].N;
            /* exact: the rows are features */
            fleck_half_narrow(memory->bank[b].rows, memory->bank[b].N * D, to);
        }
        add_source(t, model);
        add_tensor(t, "memory.rows", FLECK_F16, all, 2, rows, D, 0);
        add_tensor(t, "memory.counts", FLECK_U32, counts, 1, memory->count, 0, 0);
        add_tensor(t, "memory.own", FLECK_U32, memory->own, 3, memory->count, memory->photos, 2);
        add_tensor(t, "photo.hash", FLECK_U32, model->photo_hash, 2, memory->photos, 2, 0);
        add_tensor(t, "scales", FLECK_F32, scales, 2, 3, 2, 0);
        if (model->method == FLECK_METHOD_IRMB) {
            add_tensor(t, "standard", FLECK_F32, model->standard, 3, 2, 2, D);
            add_tensor(t, "net", FLECK_F32, model->net.block, 1, model->net.count, 0, 0);
            add_tensor(t, "net.widths", FLECK_U32, widths, 1, 3, 0, 0);
        }
        fleck_weights table = {t->tensors, t->tensor_count, t->metadata, t->metadata_count};
        fleck_weights_write(&table, out, capacity, size);
    }
    fleck_arena_reset(scratch, mark);
    return enough;
}

/* ---- reading ---- */

typedef struct {
    fleck_arena *arena;
    fleck_weights weights;
    fleck_message *err;
} reader;

static fleck_status bad(reader *r, const char *what) {
    return fleck_fail(r->err, FLECK_ERR_FORMAT, "damaged model file: %s", what);
}

/* Reads a whole number up to most; what follows it, NULL for anything else. */
static const char *parse_number(const char *text, uint64_t most, uint64_t *out) {
    if (*text < '0' || *text > '9') return NULL;
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > most / 10 || digit > most - 10 * value) return NULL;
        value = 10 * value + digit;
    }
    *out = value;
    return text;
}

static bool read_number(const reader *r, const char *key, uint64_t most, uint64_t *out) {
    const char *text = fleck_weights_meta(&r->weights, key);
    if (text) text = parse_number(text, most, out);
    return text && !*text;
}

static fleck_status read_source(reader *r, fleck_model *m) {
    const char *format = fleck_weights_meta(&r->weights, "format");
    const char *version_text = fleck_weights_meta(&r->weights, "version");
    uint64_t version, method, preset, precision, input, grid, dim;
    if (!format || strcmp(format, "fleck-model"))
        return fleck_fail(r->err, FLECK_ERR_FORMAT, "this is no fleck model file");
    if (!read_number(r, "version", UINT64_MAX, &version) || version != VERSION)
        return fleck_fail(r->err, FLECK_ERR_FORMAT,
                          "model file of version %.20s, this program reads version %d",
                          version_text ? version_text : "unknown", VERSION);
    if (!read_number(r, "method", FLECK_METHOD_KNN, &method) ||
        !read_number(r, "preset", FLECK_PRESET_FIT, &preset) ||
        !read_number(r, "precision", FLECK_PRECISION_I8, &precision) ||
        !read_number(r, "input", 1 << 16, &input) || !read_number(r, "grid", GRID_MAX, &grid) ||
        !read_number(r, "dim", DIM_MAX, &dim) || !read_number(r, "seed", UINT64_MAX, &m->seed) ||
        !read_number(r, "backbone", UINT64_MAX, &m->source.backbone) || !grid || !dim)
        return bad(r, "its metadata");
    m->method = (fleck_method)method;
    m->source.preset = (fleck_preset)preset;
    m->source.precision = (fleck_precision)precision;
    m->source.input = (uint32_t)input;
    m->source.grid = (uint32_t)grid;
    m->P = (size_t)(grid * grid);
    m->D = (size_t)dim;
    const char *text = fleck_weights_meta(&r->weights, "blocks");
    while (text && *text && m->source.block_count < FLECK_BLOCKS_MAX) {
        uint64_t block;
        text = parse_number(text, 1024, &block);
        if (!text || !block) return bad(r, "its blocks");
        m->source.blocks[m->source.block_count++] = (uint32_t)block;
        if (*text == ',') text++;
    }
    if (!text || *text || !m->source.block_count) return bad(r, "its blocks");
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

static fleck_status no_memory(reader *r) {
    return fleck_fail(r->err, FLECK_ERR_MEMORY, "no memory for the model");
}

/* n pairs of row numbers -> ranges within a bank of rows; false if any is not. */
static bool read_ranges(const uint32_t *pairs, size_t n, size_t rows, fleck_row_range *out) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (fleck_row_range){pairs[2 * i], pairs[2 * i + 1]};
        if (out[i].begin > out[i].end || out[i].end > rows) return false;
    }
    return true;
}

static fleck_status read_memory(reader *r, const fleck_kernels *kernels, fleck_model *m) {
    const fleck_tensor *counts_t = want(r, "memory.counts", FLECK_U32, 1, SIZE_MAX, 0, 0);
    const fleck_tensor *rows_t = want(r, "memory.rows", FLECK_F16, 2, SIZE_MAX, m->D, 0);
    const fleck_tensor *hash_t = want(r, "photo.hash", FLECK_U32, 2, SIZE_MAX, 2, 0);
    if (!counts_t || !rows_t || !hash_t || !counts_t->count || counts_t->count > MEMORIES_MAX)
        return bad(r, "its memories");
    fleck_memory *memory = &m->memory;
    memory->D = m->D;
    memory->count = (uint32_t)counts_t->count;
    memory->photos = (uint32_t)hash_t->shape[0];
    const fleck_tensor *own_t =
        want(r, "memory.own", FLECK_U32, 3, memory->count, memory->photos, 2);
    if (!own_t) return bad(r, "its memories");
    uint32_t *counts = read_u32(r, counts_t), *own = read_u32(r, own_t);
    float *rows = read_floats(r, rows_t);
    m->photo_hash = read_u32(r, hash_t);
    memory->bank = FLECK_NEW(r->arena, fleck_bank, memory->count);
    memory->own = FLECK_NEW(r->arena, fleck_row_range, own_t->count / 2);
    if (!counts || !own || !rows || !m->photo_hash || !memory->bank || !memory->own)
        return no_memory(r);
    if (!all_finite(rows, rows_t->count))
        return bad(r, "its memories hold values that are not finite");
    size_t from = 0;
    for (uint32_t b = 0; b < memory->count; b++) {
        if (!counts[b] || counts[b] > rows_t->shape[0] - from) return bad(r, "its memories");
        if (!fleck_bank_build(r->arena, kernels, NULL, rows + from * m->D, counts[b], m->D,
                              &memory->bank[b]))
            return no_memory(r);
        from += counts[b];
    }
    for (uint32_t b = 0; b < memory->count; b++)
        if (!read_ranges(own + (size_t)b * 2 * memory->photos, memory->photos, counts[b],
                         memory->own + (size_t)b * memory->photos))
            return bad(r, "its memories");
    return FLECK_OK;
}

static fleck_status read_scales(reader *r, fleck_model *m) {
    const fleck_tensor *t = want(r, "scales", FLECK_F32, 2, 3, 2, 0);
    if (!t) return bad(r, "its scales");
    float v[6];
    fleck_tensor_read(t, v);
    if (!all_finite(v, 6) || !(v[1] > 0 && v[3] > 0 && v[5] > 0)) return bad(r, "its scales");
    m->memory_scale = (fleck_robust){v[0], v[1]};
    m->net_scale = (fleck_robust){v[2], v[3]};
    m->photo_scale = (fleck_robust){v[4], v[5]};
    return FLECK_OK;
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
    size_t count = 2 * w[0] * m->D + w[0] + (size_t)w[1] * w[0] + w[1] + (size_t)w[2] * w[1] +
                   2 * (size_t)w[2] + 1;
    if (!net_t || net_t->count != count) return bad(r, "its local-net");
    m->standard = read_floats(r, standard_t);
    if (!m->standard || !fleck_localnet_new(r->arena, m->D, w[0], w[1], w[2], &m->net))
        return no_memory(r);
    fleck_tensor_read(net_t, m->net.block);
    if (!all_finite(m->standard, 4 * m->D) || !all_finite(m->net.block, count))
        return bad(r, "its local-net holds values that are not finite");
    return fleck_localnet_pack(r->arena, &m->net, &m->packed) ? FLECK_OK : no_memory(r);
}

fleck_status fleck_model_load(fleck_arena *arena, const fleck_kernels *kernels,
                              const uint8_t *bytes, size_t size, fleck_model *out,
                              fleck_message *err) {
    reader r = {.arena = arena, .err = err};
    fleck_status status = fleck_weights_open(arena, bytes, size, &r.weights, err);
    fleck_model m = {0};
    if (!status) status = read_source(&r, &m);
    if (!status) status = read_memory(&r, kernels, &m);
    if (!status) status = read_scales(&r, &m);
    if (!status && m.method == FLECK_METHOD_IRMB) status = read_net(&r, &m);
    if (!status) {
        *out = m;
        /* the packed net points at its parameters, which have moved with m */
        out->packed.net = &out->net;
    }
    return status;
}

fleck_status fleck_model_peek(fleck_arena *scratch, const uint8_t *bytes, size_t size,
                              fleck_model *out, fleck_message *err) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    reader r = {.arena = scratch, .err = err};
    fleck_status status = fleck_weights_open(scratch, bytes, size, &r.weights, err);
    fleck_model m = {0};
    if (!status) status = read_source(&r, &m);
    if (!status) *out = m;
    fleck_arena_reset(scratch, mark);
    return status;
}
