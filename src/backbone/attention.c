#include "attention.h"

#include <math.h>

enum { ROWS = 32 /* queries of one piece of parallel work */ };

/* A worker's memory: while it prepares the values of a head, FLECK_PANEL channels;
 * while it attends, what ROWS queries need. */
typedef struct {
    float *score;    /* [ROWS, N], or columns [FLECK_PANEL, N] */
    int16_t *weight; /* [ROWS, depth of N], or integers of columns */
    float *unit;     /* [ROWS], of weights */
    void *scratch;   /* of fleck_factor */
} desk;

static size_t score_bytes(size_t N) { return fleck_aligned(FLECK_SIZE(ROWS, N, sizeof(float))); }
static size_t weight_bytes(size_t N) {
    return fleck_aligned(FLECK_SIZE(ROWS, fleck_depth(N), sizeof(int16_t)));
}
static size_t unit_bytes(void) { return fleck_aligned(ROWS * sizeof(float)); }

static desk desk_of(const fleck_attention *t, uint32_t worker) {
    unsigned char *score = t->worker_scratch + worker * t->worker_bytes,
                  *weight = score + score_bytes(t->N), *unit = weight + weight_bytes(t->N);
    return (desk){(float *)score, (int16_t *)weight, (float *)unit, unit + unit_bytes()};
}

static bool is_integer(const fleck_attention *t) {
    return t->arithmetic->precision != FLECK_PRECISION_F32;
}

bool fleck_attention_new(const fleck_compute *compute, const fleck_arithmetic *arithmetic,
                         size_t tokens, size_t heads, size_t width, fleck_attention *out) {
    fleck_arena *arena = compute->scratch;
    fleck_attention t = {.arithmetic = arithmetic, .N = tokens, .heads = heads, .width = width};
    t.keys = FLECK_NEW(arena, fleck_factor, heads);
    if (!t.keys) return false;
    for (size_t h = 0; h < heads; h++)
        if (!fleck_factor_new(arena, arithmetic, tokens, width, &t.keys[h])) return false;
    if (is_integer(&t)) {
        t.values_count = fleck_packed_count(width, fleck_depth(tokens));
        t.values_i16 = FLECK_NEW(arena, int16_t, heads, t.values_count);
        t.value_scale = FLECK_NEW_ZERO(arena, float, heads, fleck_packed_count(width, 1));
        if (!t.values_i16 || !t.value_scale) return false;
    } else {
        t.values_count = fleck_packed_count(width, tokens);
        t.values = FLECK_NEW(arena, float, heads, t.values_count);
        if (!t.values) return false;
    }
    t.worker_bytes = fleck_size_sum(
        fleck_size_sum(score_bytes(tokens), weight_bytes(tokens)),
        fleck_size_sum(unit_bytes(), fleck_aligned(fleck_factor_scratch(&t.keys[0], ROWS))));
    t.worker_scratch = FLECK_NEW(arena, uint8_t, fleck_pool_threads(compute->pool), t.worker_bytes);
    *out = t;
    return t.worker_scratch != NULL;
}

/* ---- packing ---- */

static void pack_values(const fleck_attention *t, size_t head, const float *value, const desk *d) {
    size_t stride = 3 * t->heads * t->width, depth = fleck_depth(t->N);
    float *scale = t->value_scale + head * fleck_packed_count(t->width, 1);
    int16_t *packed = t->values_i16 + head * t->values_count;
    for (size_t channel = 0; channel < t->width; channel += FLECK_PANEL) {
        size_t channels = t->width - channel < FLECK_PANEL ? t->width - channel : FLECK_PANEL;
        for (size_t i = 0; i < t->N; i++)
            for (size_t c = 0; c < channels; c++)
                d->score[c * t->N + i] = value[i * stride + channel + c];
        for (size_t c = 0; c < channels; c++)
            scale[channel + c] = t->arithmetic->kernels->quantise_i16(
                d->score + c * t->N, t->N, FLECK_VALUE_MAX, d->weight + c * depth);
        fleck_pack_i16(d->weight, channels, depth, packed + channel * depth);
    }
}

static void pack_heads(void *context, uint32_t worker, size_t begin, size_t end) {
    const fleck_attention *t = context;
    desk d = desk_of(t, worker);
    size_t dim = t->heads * t->width;
    for (size_t head = begin; head < end; head++) {
        const float *key = t->qkv + dim + head * t->width, *value = key + dim;
        for (size_t row = 0; row < t->N; row += FLECK_PANEL)
            fleck_factor_pack(&t->keys[head], t->arithmetic, row, key + row * 3 * dim, 3 * dim,
                              d.scratch);
        if (is_integer(t))
            pack_values(t, head, value, &d);
        else
            fleck_pack(value, 1, 3 * dim, t->width, t->N, t->values + head * t->values_count);
    }
}

/* ---- attending ---- */

static void weigh_f32(const fleck_attention *t, size_t head, size_t rows, float scale, float *out,
                      const desk *d) {
    const fleck_kernels *kernels = t->arithmetic->kernels;
    for (size_t i = 0; i < rows; i++) kernels->softmax(d->score + i * t->N, scale, t->N);
    kernels->matmul(d->score, t->N, t->values + head * t->values_count, NULL, out,
                    t->heads * t->width, rows, t->width, t->N);
}

static void weigh_i16(const fleck_attention *t, size_t head, size_t rows, float scale, float *out,
                      const desk *d) {
    const fleck_kernels *kernels = t->arithmetic->kernels;
    size_t depth = fleck_depth(t->N);
    for (size_t i = 0; i < rows; i++)
        d->unit[i] = kernels->softmax_i16(d->score + i * t->N, scale, t->N, d->weight + i * depth);
    fleck_i16 values = {t->values_i16 + head * t->values_count,
                        t->value_scale + head * fleck_packed_count(t->width, 1)};
    kernels->matmul_i16((fleck_i16){d->weight, d->unit}, values, NULL, out, t->heads * t->width,
                        rows, t->width, depth);
}

/* Pieces of ROWS queries, those of one head after those of another. */
static void attend(void *context, uint32_t worker, size_t begin, size_t end) {
    const fleck_attention *t = context;
    desk d = desk_of(t, worker);
    size_t pieces = (t->N + ROWS - 1) / ROWS, dim = t->heads * t->width;
    float scale = 1 / sqrtf((float)t->width);
    for (size_t piece = begin; piece < end; piece++) {
        size_t head = piece / pieces, row = piece % pieces * ROWS;
        size_t rows = t->N - row < ROWS ? t->N - row : ROWS;
        fleck_factor_multiply(&t->keys[head], t->arithmetic,
                              t->qkv + row * 3 * dim + head * t->width, 3 * dim, rows, NULL,
                              d.score, t->N, d.scratch);
        (is_integer(t) ? weigh_i16 : weigh_f32)(t, head, rows, scale,
                                                t->out + row * dim + head * t->width, &d);
    }
}

void fleck_attention_run(fleck_attention *t, fleck_pool *pool, const float *qkv, float *out) {
    t->qkv = qkv;
    t->out = out;
    fleck_parallel(pool, t->heads, 1, pack_heads, t);
    fleck_parallel(pool, t->heads * ((t->N + ROWS - 1) / ROWS), 1, attend, t);
}
