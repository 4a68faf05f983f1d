#include "attention.h"

#include <math.h>

enum { ROWS = 32 /* queries of one piece of parallel work */ };

/* A worker's memory while it prepares a head: the values of FLECK_PANEL channels, or
 * as many keys, before they are packed. */
typedef struct {
    float *columns;    /* [FLECK_PANEL, N] */
    int16_t *integers; /* [FLECK_PANEL, depth] */
} packing_aside;

/* ... and while it attends with ROWS queries. */
typedef struct {
    float *score;    /* [ROWS, N] */
    float *scale;    /* [2, ROWS], of queries and weights */
    int16_t *query;  /* [ROWS, depth of width] */
    int16_t *weight; /* [ROWS, depth of N] */
} attend_aside;

static size_t aligned(size_t bytes) {
    return (bytes + FLECK_ALIGN - 1) / FLECK_ALIGN * FLECK_ALIGN;
}

static void *carve(unsigned char **at, size_t bytes) {
    void *p = *at;
    *at += aligned(bytes);
    return p;
}

static packing_aside packing_aside_of(const fleck_attention *t, uint32_t worker) {
    unsigned char *at = t->aside + worker * t->aside_bytes;
    packing_aside a;
    a.columns = carve(&at, FLECK_PANEL * t->N * sizeof *a.columns);
    a.integers = (int16_t *)at;
    return a;
}

static attend_aside attend_aside_of(const fleck_attention *t, uint32_t worker) {
    unsigned char *at = t->aside + worker * t->aside_bytes;
    attend_aside a;
    a.score = carve(&at, ROWS * t->N * sizeof *a.score);
    a.scale = carve(&at, 2 * ROWS * sizeof *a.scale);
    a.query = carve(&at, ROWS * fleck_depth(t->width) * sizeof *a.query);
    a.weight = (int16_t *)at;
    return a;
}

static size_t aside_bytes(size_t N, size_t width) {
    size_t deepest = fleck_depth(N > width ? N : width);
    return aligned(ROWS * N * sizeof(float)) + aligned(2 * ROWS * sizeof(float)) +
           aligned(ROWS * fleck_depth(width) * 2) + aligned(ROWS * deepest * 2);
}

bool fleck_attention_new(const fleck_tools *tools, fleck_precision precision, size_t tokens,
                         size_t heads, size_t width, fleck_attention *out) {
    fleck_arena *arena = tools->scratch;
    size_t workers = fleck_pool_threads(tools->pool);
    fleck_attention t = {.kernels = tools->kernels, .N = tokens, .heads = heads, .width = width};
    t.integer = precision != FLECK_PRECISION_F32;
    t.aside_bytes = aside_bytes(tokens, width);
    t.aside = FLECK_NEW(arena, unsigned char, workers *t.aside_bytes);
    if (!t.integer) {
        t.keys_count = fleck_packed_count(tokens, width);
        t.values_count = fleck_packed_count(width, tokens);
        t.keys = FLECK_NEW(arena, float, heads *t.keys_count);
        t.values = FLECK_NEW(arena, float, heads *t.values_count);
        *out = t;
        return t.aside && t.keys && t.values;
    }
    t.keys_count = fleck_packed_count(tokens, fleck_depth(width));
    t.values_count = fleck_packed_count(width, fleck_depth(tokens));
    t.keys_i16 = FLECK_NEW(arena, int16_t, heads * t.keys_count);
    t.values_i16 = FLECK_NEW(arena, int16_t, heads * t.values_count);
    t.key_scale = fleck_arena_zalloc(arena, heads * fleck_packed_count(tokens, 1), sizeof(float));
    t.value_scale = fleck_arena_zalloc(arena, heads * fleck_packed_count(width, 1), sizeof(float));
    *out = t;
    return t.aside && t.keys_i16 && t.values_i16 && t.key_scale && t.value_scale;
}

/* ---- packing ---- */

static size_t panel_rows(size_t row, size_t n) {
    return n - row < FLECK_PANEL ? n - row : FLECK_PANEL;
}

static void pack_keys(const fleck_attention *t, size_t head, const packing_aside *aside) {
    size_t stride = 3 * t->heads * t->width, depth = fleck_depth(t->width);
    const float *key = t->qkv + (t->heads + head) * t->width;
    float *scale = t->key_scale + head * fleck_packed_count(t->N, 1);
    int16_t *packed = t->keys_i16 + head * t->keys_count;
    for (size_t row = 0; row < t->N; row += FLECK_PANEL) {
        size_t rows = panel_rows(row, t->N);
        for (size_t i = 0; i < rows; i++)
            scale[row + i] = t->kernels->quantise_i16(key + (row + i) * stride, t->width,
                                                      FLECK_I16_MAX, aside->integers + i * depth);
        fleck_pack_i16(aside->integers, rows, depth, packed + row * depth);
    }
}

static void pack_values(const fleck_attention *t, size_t head, const packing_aside *aside) {
    size_t stride = 3 * t->heads * t->width, depth = fleck_depth(t->N);
    const float *value = t->qkv + (2 * t->heads + head) * t->width;
    float *scale = t->value_scale + head * fleck_packed_count(t->width, 1);
    int16_t *packed = t->values_i16 + head * t->values_count;
    for (size_t channel = 0; channel < t->width; channel += FLECK_PANEL) {
        size_t channels = panel_rows(channel, t->width);
        for (size_t i = 0; i < t->N; i++)
            for (size_t c = 0; c < channels; c++)
                aside->columns[c * t->N + i] = value[i * stride + channel + c];
        for (size_t c = 0; c < channels; c++)
            scale[channel + c] = t->kernels->quantise_i16(
                aside->columns + c * t->N, t->N, FLECK_VALUE_MAX, aside->integers + c * depth);
        fleck_pack_i16(aside->integers, channels, depth, packed + channel * depth);
    }
}

static void pack_heads(void *context, uint32_t worker, size_t begin, size_t end) {
    const fleck_attention *t = context;
    packing_aside aside = packing_aside_of(t, worker);
    size_t dim = t->heads * t->width;
    for (size_t head = begin; head < end; head++) {
        if (t->integer) {
            pack_keys(t, head, &aside);
            pack_values(t, head, &aside);
            continue;
        }
        const float *key = t->qkv + dim + head * t->width, *value = key + dim;
        fleck_pack(key, 3 * dim, 1, t->N, t->width, t->keys + head * t->keys_count);
        fleck_pack(value, 1, 3 * dim, t->width, t->N, t->values + head * t->values_count);
    }
}

/* ---- attending ---- */

static void attend_f32(const fleck_attention *t, size_t head, size_t row, size_t rows,
                       const attend_aside *aside) {
    size_t dim = t->heads * t->width;
    float scale = 1 / sqrtf((float)t->width);
    t->kernels->matmul(t->qkv + row * 3 * dim + head * t->width, 3 * dim,
                       t->keys + head * t->keys_count, NULL, aside->score, t->N, rows, t->N,
                       t->width);
    for (size_t i = 0; i < rows; i++) t->kernels->softmax(aside->score + i * t->N, scale, t->N);
    t->kernels->matmul(aside->score, t->N, t->values + head * t->values_count, NULL,
                       t->out + row * dim + head * t->width, dim, rows, t->width, t->N);
}

static void attend_i16(const fleck_attention *t, size_t head, size_t row, size_t rows,
                       const attend_aside *aside) {
    size_t dim = t->heads * t->width, depth = fleck_depth(t->width), deep = fleck_depth(t->N);
    const float *query = t->qkv + row * 3 * dim + head * t->width;
    float scale = 1 / sqrtf((float)t->width), *unit = aside->scale + ROWS;
    fleck_i16 keys = {t->keys_i16 + head * t->keys_count,
                      t->key_scale + head * fleck_packed_count(t->N, 1)};
    fleck_i16 values = {t->values_i16 + head * t->values_count,
                        t->value_scale + head * fleck_packed_count(t->width, 1)};
    for (size_t i = 0; i < rows; i++)
        aside->scale[i] = t->kernels->quantise_i16(query + i * 3 * dim, t->width, FLECK_I16_MAX,
                                                   aside->query + i * depth);
    t->kernels->matmul_i16((fleck_i16){aside->query, aside->scale}, keys, NULL, aside->score, t->N,
                           rows, t->N, depth);
    for (size_t i = 0; i < rows; i++)
        unit[i] =
            t->kernels->softmax_i16(aside->score + i * t->N, scale, t->N, aside->weight + i * deep);
    t->kernels->matmul_i16((fleck_i16){aside->weight, unit}, values, NULL,
                           t->out + row * dim + head * t->width, dim, rows, t->width, deep);
}

/* Pieces of ROWS queries, those of one head after those of another. */
static void attend(void *context, uint32_t worker, size_t begin, size_t end) {
    const fleck_attention *t = context;
    attend_aside aside = attend_aside_of(t, worker);
    size_t pieces = (t->N + ROWS - 1) / ROWS;
    for (size_t piece = begin; piece < end; piece++) {
        size_t head = piece / pieces, row = piece % pieces * ROWS;
        size_t rows = t->N - row < ROWS ? t->N - row : ROWS;
        (t->integer ? attend_i16 : attend_f32)(t, head, row, rows, &aside);
    }
}

void fleck_attention_run(fleck_attention *t, fleck_pool *pool, const float *qkv, float *out) {
    t->qkv = qkv;
    t->out = out;
    fleck_parallel(pool, t->heads, 1, pack_heads, t);
    fleck_parallel(pool, t->heads * ((t->N + ROWS - 1) / ROWS), 1, attend, t);
}
