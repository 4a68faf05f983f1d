/* Outline of the forward pass, N tokens of dim values each:
 *
 *   x = patches · embed + position, CLS first                    [N, dim]
 *   for each block:
 *       x += scale1 * proj(attention(qkv(layernorm(x))))
 *       x += scale2 * fc2(gelu(fc1(layernorm(x))))
 *   features = layernorm(x) of the chosen blocks
 *
 * Every step runs in parallel over rows of tokens; attention over heads and
 * rows, so that no N x N matrix ever exists. */
#include "vit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPS 1e-6f

enum {
    ROWS = 32, /* tokens of one piece of parallel work */
    DIM_MAX = 8192,
    DEPTH_MAX = 64,
    INPUT_MAX = 2048, /* pixels */
};

/* ---- loading ---- */

typedef struct {
    fleck_arena *arena;
    const fleck_weights *weights;
    fleck_message *err;
} loader;

/* Finds a tensor and checks its shape. A leading 1 in the file (cls_token,
 * pos_embed) is part of the wanted shape. */
static fleck_status find(loader *l, const char *name, uint32_t ndim, const size_t *shape,
                         const fleck_tensor **out) {
    const fleck_tensor *t = fleck_weights_find(l->weights, name);
    if (!t) return fleck_fail(l->err, FLECK_ERR_FORMAT, "backbone lacks tensor %s", name);
    if (t->dtype == FLECK_OTHER)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%s is not F32, F16 or BF16", name);
    int same = t->ndim == ndim;
    for (uint32_t i = 0; same && i < ndim; i++) same = t->shape[i] == shape[i];
    if (!same) {
        char want[64] = "", have[64] = "";
        for (uint32_t i = 0; i < ndim; i++)
            snprintf(want + strlen(want), sizeof want - strlen(want), "%s%zu", i ? ", " : "",
                     shape[i]);
        for (uint32_t i = 0; i < t->ndim; i++)
            snprintf(have + strlen(have), sizeof have - strlen(have), "%s%zu", i ? ", " : "",
                     t->shape[i]);
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%s: want [%s], file has [%s]", name, want,
                          have);
    }
    *out = t;
    return FLECK_OK;
}

static fleck_status read_finite(loader *l, const fleck_tensor *t, float *out) {
    fleck_tensor_read(t, out);
    for (size_t i = 0; i < t->count; i++)
        if (!isfinite(out[i]))
            return fleck_fail(l->err, FLECK_ERR_FORMAT, "%s holds a value that is not finite",
                              t->name);
    return FLECK_OK;
}

static fleck_status read_tensor(loader *l, const char *name, uint32_t ndim, const size_t *shape,
                                const float **out) {
    const fleck_tensor *t = NULL;
    fleck_status status = find(l, name, ndim, shape, &t);
    if (status) return status;
    float *values = FLECK_NEW(l->arena, float, t->count);
    if (!values) return fleck_fail(l->err, FLECK_ERR_MEMORY, "no memory for %s", name);
    *out = values;
    return read_finite(l, t, values);
}

static fleck_status read_vector(loader *l, const char *prefix, const char *name, size_t n,
                                const float **out) {
    char full[96];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    return read_tensor(l, full, 1, &n, out);
}

/* A weight, packed, and its bias. The float32 copy that packing starts from is
 * given back. */
static fleck_status read_linear(loader *l, const char *name, uint32_t ndim, const size_t *shape,
                                fleck_linear *out) {
    char full[96];
    snprintf(full, sizeof full, "%s.weight", name);
    const fleck_tensor *t = NULL;
    fleck_status status = find(l, full, ndim, shape, &t);
    if (status) return status;
    out->out = shape[0];
    out->in = shape[0] ? t->count / shape[0] : 0;
    float *packed = FLECK_NEW(l->arena, float, fleck_packed_count(out->out, out->in));
    fleck_arena_mark mark = fleck_arena_here(l->arena);
    float *plain = FLECK_NEW(l->arena, float, t->count);
    if (!packed || !plain) return fleck_fail(l->err, FLECK_ERR_MEMORY, "no memory for %s", full);
    status = read_finite(l, t, plain);
    if (status) return status;
    fleck_pack(plain, out->in, 1, out->out, out->in, packed);
    fleck_arena_reset(l->arena, mark);
    out->packed = packed;
    return read_vector(l, name, ".bias", out->out, &out->bias);
}

static fleck_status read_block(loader *l, const fleck_vit *vit, uint32_t index,
                               fleck_vit_block *b) {
    char prefix[32], name[64];
    snprintf(prefix, sizeof prefix, "blocks.%u.", index);
    size_t dim = vit->dim;
    fleck_status status;
    if ((status = read_vector(l, prefix, "norm1.weight", dim, &b->norm1_gamma)) ||
        (status = read_vector(l, prefix, "norm1.bias", dim, &b->norm1_beta)) ||
        (status = read_vector(l, prefix, "norm2.weight", dim, &b->norm2_gamma)) ||
        (status = read_vector(l, prefix, "norm2.bias", dim, &b->norm2_beta)))
        return status;

    snprintf(name, sizeof name, "%smlp.fc1.weight", prefix);
    const fleck_tensor *fc1 = fleck_weights_find(l->weights, name);
    size_t hidden = fc1 && fc1->ndim == 2 ? fc1->shape[0] : 4 * dim;
    if (!hidden || hidden > 8 * DIM_MAX)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%s: %zu hidden values", name, hidden);
    const struct {
        const char *name;
        size_t out, in;
        fleck_linear *linear;
    } linears[] = {{"attn.qkv", 3 * dim, dim, &b->qkv},
                   {"attn.proj", dim, dim, &b->proj},
                   {"mlp.fc1", hidden, dim, &b->fc1},
                   {"mlp.fc2", dim, hidden, &b->fc2}};
    for (size_t i = 0; i < sizeof linears / sizeof *linears; i++) {
        snprintf(name, sizeof name, "%s%s", prefix, linears[i].name);
        size_t shape[2] = {linears[i].out, linears[i].in};
        if ((status = read_linear(l, name, 2, shape, linears[i].linear))) return status;
    }
    snprintf(name, sizeof name, "%sls1.gamma", prefix);
    if (fleck_weights_find(l->weights, name) &&
        ((status = read_vector(l, prefix, "ls1.gamma", dim, &b->scale1)) ||
         (status = read_vector(l, prefix, "ls2.gamma", dim, &b->scale2))))
        return status;
    return FLECK_OK;
}

/* A list of numbers such as "4,7"; false when it is anything else. */
static int parse_numbers(const char *text, double *out, int most, int *count) {
    *count = 0;
    for (;;) {
        char *end;
        if (*count == most) return 0;
        out[*count] = strtod(text, &end);
        if (end == text || !isfinite(out[*count])) return 0;
        ++*count;
        if (!*end) return 1;
        if (*end != ',') return 0;
        text = end + 1;
    }
}

/* An optional metadata entry; out keeps its default when there is none. */
static fleck_status read_meta(loader *l, const char *key, double *out, int least, int most,
                              int *count) {
    const char *text = fleck_weights_meta(l->weights, key);
    if (!text) return FLECK_OK;
    double values[FLECK_BLOCKS_MAX];
    int n;
    if (!parse_numbers(text, values, most, &n) || n < least)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata %s=\"%.60s\" is not understood", key,
                          text);
    memcpy(out, values, (size_t)n * sizeof *out);
    if (count) *count = n;
    return FLECK_OK;
}

static int is_whole(double v, double from, double to) {
    return v >= from && v <= to && v == floor(v);
}

/* Shapes that the tensors tell, and what only the metadata can. */
static fleck_status read_geometry(loader *l, fleck_vit *vit) {
    const fleck_tensor *conv = fleck_weights_find(l->weights, "patch_embed.proj.weight");
    const fleck_tensor *pos = fleck_weights_find(l->weights, "pos_embed");
    if (!conv || conv->ndim != 4 || !pos || pos->ndim != 3)
        return fleck_fail(l->err, FLECK_ERR_FORMAT,
                          "not a DINO-style ViT: patch_embed.proj.weight [dim, 3, patch, patch] or "
                          "pos_embed [1, tokens, dim] is missing");
    size_t dim = conv->shape[0], patch = conv->shape[2];
    if (!dim || dim % 4 || dim > DIM_MAX || conv->shape[1] != 3 || !patch || patch > 64)
        return fleck_fail(
            l->err, FLECK_ERR_FORMAT,
            "patch_embed.proj.weight [%zu, %zu, %zu, %zu]: want a dim of a multiple of "
            "4, 3 channels and a patch of up to 64",
            dim, conv->shape[1], patch, conv->shape[3]);
    size_t grid = 1;
    while (grid <= INPUT_MAX && grid * grid + 1 < pos->shape[1]) grid++;
    if (grid * grid + 1 != pos->shape[1])
        return fleck_fail(l->err, FLECK_ERR_FORMAT,
                          "pos_embed has %zu tokens: not one more than a square", pos->shape[1]);
    uint32_t depth = 0;
    char name[64];
    do snprintf(name, sizeof name, "blocks.%u.norm1.weight", depth);
    while (fleck_weights_find(l->weights, name) && ++depth <= DEPTH_MAX);
    if (!depth || depth > DEPTH_MAX)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%u blocks, want 1 to %d", depth, DEPTH_MAX);

    double heads = dim % 64 ? 1 : (double)dim / 64, meta_patch = (double)patch,
           input = (double)(grid * patch), blocks[FLECK_BLOCKS_MAX] = {depth},
           mean[FLECK_BLOCKS_MAX] = {0.485, 0.456, 0.406},
           std[FLECK_BLOCKS_MAX] = {0.229, 0.224, 0.225};
    int block_count = 1;
    fleck_status status;
    if ((status = read_meta(l, "heads", &heads, 1, 1, NULL)) ||
        (status = read_meta(l, "patch", &meta_patch, 1, 1, NULL)) ||
        (status = read_meta(l, "input", &input, 1, 1, NULL)) ||
        (status = read_meta(l, "mean", mean, 3, 3, NULL)) ||
        (status = read_meta(l, "std", std, 3, 3, NULL)) ||
        (status = read_meta(l, "blocks", blocks, 1, FLECK_BLOCKS_MAX, &block_count)))
        return status;
    if (!is_whole(heads, 1, (double)dim) || dim % (size_t)heads)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%g heads do not divide %zu dims", heads, dim);
    if (meta_patch != (double)patch)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata says patch %g, the tensors %zu",
                          meta_patch, patch);
    if (!is_whole(input, (double)patch, INPUT_MAX) || (uint32_t)input % patch)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata input=%g is no multiple of %zu",
                          input, patch);
    for (int i = 0; i < block_count; i++)
        if (!is_whole(blocks[i], i ? blocks[i - 1] + 1 : 1, depth))
            return fleck_fail(l->err, FLECK_ERR_FORMAT,
                              "metadata blocks: %g is out of order or over %u", blocks[i], depth);
    for (int i = 0; i < 3; i++)
        if (!(std[i] > 0))
            return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata std: %g is not above 0", std[i]);

    vit->dim = (uint32_t)dim;
    vit->depth = depth;
    vit->heads = (uint32_t)heads;
    vit->patch = (uint32_t)patch;
    vit->native_grid = (uint32_t)grid;
    vit->native_input = (uint32_t)input;
    vit->block_count = (uint32_t)block_count;
    for (int i = 0; i < block_count; i++) vit->blocks[i] = (uint32_t)blocks[i];
    for (int i = 0; i < 3; i++) vit->mean[i] = (float)mean[i], vit->std[i] = (float)std[i];
    return FLECK_OK;
}

/* "a/b/c" in the mean and std of some converted files is one entry. */
static fleck_status read_mean_std(loader *l, fleck_vit *vit) {
    const char *text = fleck_weights_meta(l->weights, "preprocess_mean_std");
    if (!text || fleck_weights_meta(l->weights, "mean")) return FLECK_OK;
    char copy[128];
    snprintf(copy, sizeof copy, "%s", text);
    char *slash = strchr(copy, '/');
    double mean[3], std[3];
    int means = 0, stds = 0;
    if (slash) *slash = 0;
    if (!slash || !parse_numbers(copy, mean, 3, &means) ||
        !parse_numbers(slash + 1, std, 3, &stds) || means != 3 || stds != 3 ||
        !(std[0] > 0 && std[1] > 0 && std[2] > 0))
        return fleck_fail(l->err, FLECK_ERR_FORMAT,
                          "metadata preprocess_mean_std=\"%.60s\" is not understood", text);
    for (int i = 0; i < 3; i++) vit->mean[i] = (float)mean[i], vit->std[i] = (float)std[i];
    return FLECK_OK;
}

/* FNV-1a: tells two files apart, not meant against forgery. */
static uint64_t fingerprint(const uint8_t *bytes, size_t size) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

fleck_status fleck_vit_load(fleck_arena *arena, const uint8_t *bytes, size_t size, fleck_vit *out,
                            fleck_message *err) {
    fleck_weights weights;
    fleck_status status = fleck_weights_open(arena, bytes, size, &weights, err);
    if (status) return status;
    loader l = {arena, &weights, err};
    fleck_vit vit = {.fingerprint = fingerprint(bytes, size)};
    if ((status = read_geometry(&l, &vit)) || (status = read_mean_std(&l, &vit))) return status;

    size_t dim = vit.dim, patch = vit.patch;
    size_t conv[4] = {dim, 3, patch, patch}, cls[3] = {1, 1, dim},
           pos[3] = {1, (size_t)vit.native_grid * vit.native_grid + 1, dim};
    vit.block = fleck_arena_zalloc(arena, vit.depth, sizeof *vit.block);
    if (!vit.block) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the backbone");
    if ((status = read_linear(&l, "patch_embed.proj", 4, conv, &vit.embed)) ||
        (status = read_tensor(&l, "cls_token", 3, cls, &vit.cls_token)) ||
        (status = read_tensor(&l, "pos_embed", 3, pos, &vit.position)) ||
        (status = read_vector(&l, "norm", ".weight", dim, &vit.norm_gamma)) ||
        (status = read_vector(&l, "norm", ".bias", dim, &vit.norm_beta)))
        return status;
    for (uint32_t i = 0; i < vit.depth; i++) {
        if ((status = read_block(&l, &vit, i, &vit.block[i]))) return status;
        if (vit.block[i].fc1.out > vit.hidden) vit.hidden = (uint32_t)vit.block[i].fc1.out;
    }
    *out = vit;
    return FLECK_OK;
}

/* ---- planning: position embedding ---- */

/* Cubic convolution with a = -0.75, PyTorch's bicubic: the weights of the four
 * samples around t in [0,1). */
static void cubic_weights(double t, double w[4]) {
    const double a = -0.75;
    double x = t + 1;
    w[0] = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    x = t;
    w[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
    x = 1 - t;
    w[2] = ((a + 2) * x - (a + 3)) * x * x + 1;
    x = 2 - t;
    w[3] = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

/* Where output i of `to` samples an axis of `from`: DINO scales by
 * (to + 0.1) / from, the 0.1 dodges rounding in its own framework. */
static void sample_axis(uint32_t i, uint32_t from, uint32_t to, uint32_t index[4], double w[4]) {
    double at = (i + 0.5) * from / (to + 0.1) - 0.5, floor_at = floor(at);
    cubic_weights(at - floor_at, w);
    for (int k = 0; k < 4; k++) {
        double v = floor_at + k - 1;
        index[k] = v < 0 ? 0 : v > from - 1 ? from - 1 : (uint32_t)v;
    }
}

static void interpolate_position(const fleck_vit *vit, uint32_t grid, float *out) {
    size_t dim = vit->dim, native = vit->native_grid;
    memcpy(out, vit->position, dim * sizeof *out);
    for (uint32_t y = 0; y < grid; y++)
        for (uint32_t x = 0; x < grid; x++) {
            uint32_t iy[4], ix[4];
            double wy[4], wx[4];
            sample_axis(y, vit->native_grid, grid, iy, wy);
            sample_axis(x, vit->native_grid, grid, ix, wx);
            float *row = out + (1 + (size_t)y * grid + x) * dim;
            for (size_t d = 0; d < dim; d++) {
                double sum = 0;
                for (int j = 0; j < 4; j++)
                    for (int k = 0; k < 4; k++)
                        sum +=
                            wy[j] * wx[k] * vit->position[(1 + iy[j] * native + ix[k]) * dim + d];
                row[d] = (float)sum;
            }
        }
}

fleck_status fleck_vit_plan_make(fleck_arena *arena, const fleck_vit *vit, uint32_t input,
                                 const uint32_t *blocks, uint32_t block_count, fleck_vit_plan *out,
                                 fleck_message *err) {
    fleck_vit_plan plan = {.vit = vit, .input = input ? input : vit->native_input};
    if (!block_count) blocks = vit->blocks, block_count = vit->block_count;
    if (plan.input < vit->patch || plan.input > INPUT_MAX || plan.input % vit->patch)
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "input %u: want a multiple of the patch, %u, and at most %d", plan.input,
                          vit->patch, INPUT_MAX);
    if (block_count > FLECK_BLOCKS_MAX)
        return fleck_fail(err, FLECK_ERR_ARGUMENT, "%u blocks, at most %d can be used", block_count,
                          FLECK_BLOCKS_MAX);
    for (uint32_t i = 0; i < block_count; i++) {
        if (!blocks[i] || blocks[i] > vit->depth || (i && blocks[i] <= blocks[i - 1]))
            return fleck_fail(err, FLECK_ERR_ARGUMENT,
                              "block %u: want ascending numbers from 1 to %u", blocks[i],
                              vit->depth);
        plan.blocks[i] = blocks[i];
    }
    plan.block_count = block_count;
    plan.grid = plan.input / vit->patch;
    plan.tokens = plan.grid * plan.grid + 1;
    plan.dim = vit->dim * block_count;
    if (plan.grid == vit->native_grid) {
        plan.position = vit->position;
    } else {
        float *position = FLECK_NEW(arena, float, (size_t)plan.tokens * vit->dim);
        if (!position) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the positions");
        interpolate_position(vit, plan.grid, position);
        plan.position = position;
    }
    *out = plan;
    return FLECK_OK;
}

/* ---- forward ---- */

/* One photo's pass: what the parallel pieces share. */
typedef struct {
    const fleck_vit_plan *plan;
    const fleck_kernels *k;
    const fleck_vit_block *block;
    const float *tensor;           /* [3, input, input] */
    float *x;                      /* [N, dim], the residual stream */
    float *qkv;                    /* [N, 3*dim] */
    float *attended;               /* [N, dim] */
    float *keys, *values;          /* packed for matmul, a head after the other */
    size_t keys_size, values_size; /* floats of one head */
    float *aside;                  /* per worker [ROWS, aside_width] */
    size_t aside_width;
    float *patch, *cls;        /* where features go */
    uint32_t column;           /* of the chosen block in a feature row */
    const float *gamma, *beta; /* its norm, or NULL */
} pass;

static float *aside_of(const pass *p, uint32_t worker) {
    return p->aside + (size_t)worker * ROWS * p->aside_width;
}

/* Rows of x from patches. Row 0 of the loop is token 1: CLS has no pixels. */
static void embed_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    pass *p = context;
    const fleck_vit *vit = p->plan->vit;
    size_t dim = vit->dim, side = vit->patch, input = p->plan->input, grid = p->plan->grid;
    size_t width = 3 * side * side;
    float *pixels = aside_of(p, worker);
    for (size_t i = begin; i < end; i++) {
        const float *corner = p->tensor + i / grid * side * input + i % grid * side;
        float *to = pixels + (i - begin) * width;
        for (size_t channel = 0; channel < 3; channel++)
            for (size_t y = 0; y < side; y++, to += side)
                memcpy(to, corner + (channel * input + y) * input, side * sizeof *to);
    }
    float *x = p->x + (1 + begin) * dim;
    p->k->matmul(pixels, width, vit->embed.packed, vit->embed.bias, x, dim, end - begin, dim,
                 width);
    p->k->axpy(1, p->plan->position + (1 + begin) * dim, x, (end - begin) * dim);
}

static void linear(const pass *p, const fleck_linear *l, const float *a, float *c, size_t rows) {
    p->k->matmul(a, l->in, l->packed, l->bias, c, l->out, rows, l->out, l->in);
}

static void qkv_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    pass *p = context;
    size_t dim = p->plan->vit->dim;
    float *normed = aside_of(p, worker);
    for (size_t i = begin; i < end; i++)
        p->k->layernorm(p->x + i * dim, p->block->norm1_gamma, p->block->norm1_beta,
                        normed + (i - begin) * dim, dim, EPS);
    linear(p, &p->block->qkv, normed, p->qkv + begin * 3 * dim, end - begin);
}

/* Packs the keys and the transposed values of heads [begin, end). */
static void pack_heads(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    pass *p = context;
    size_t dim = p->plan->vit->dim, N = p->plan->tokens, width = dim / p->plan->vit->heads;
    for (size_t h = begin; h < end; h++) {
        const float *key = p->qkv + dim + h * width, *value = p->qkv + 2 * dim + h * width;
        fleck_pack(key, 3 * dim, 1, N, width, p->keys + h * p->keys_size);
        fleck_pack(value, 1, 3 * dim, width, N, p->values + h * p->values_size);
    }
}

/* softmax(q k^T / sqrt(width)) v for one head and up to ROWS tokens a round. */
static void attend(void *context, uint32_t worker, size_t begin, size_t end) {
    pass *p = context;
    size_t dim = p->plan->vit->dim, N = p->plan->tokens, width = dim / p->plan->vit->heads;
    size_t pieces = (N + ROWS - 1) / ROWS;
    float scale = 1 / sqrtf((float)width), *weight = aside_of(p, worker);
    for (size_t round = begin; round < end; round++) {
        size_t h = round / pieces, row = round % pieces * ROWS;
        size_t rows = N - row < ROWS ? N - row : ROWS;
        p->k->matmul(p->qkv + row * 3 * dim + h * width, 3 * dim, p->keys + h * p->keys_size, NULL,
                     weight, N, rows, N, width);
        for (size_t i = 0; i < rows; i++) p->k->softmax(weight + i * N, scale, N);
        p->k->matmul(weight, N, p->values + h * p->values_size, NULL,
                     p->attended + row * dim + h * width, dim, rows, width, N);
    }
}

/* x += [scale *] y */
static void add_branch(const pass *p, const float *scale, const float *y, size_t row, size_t rows) {
    size_t dim = p->plan->vit->dim;
    for (size_t i = 0; i < rows; i++) {
        float *x = p->x + (row + i) * dim;
        if (scale)
            p->k->mul_add(y + i * dim, scale, x, dim);
        else
            p->k->axpy(1, y + i * dim, x, dim);
    }
}

/* What follows attention in a block, row by row. */
static void finish_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    pass *p = context;
    const fleck_vit_block *b = p->block;
    size_t dim = p->plan->vit->dim, rows = end - begin;
    float *branch = aside_of(p, worker), *hidden = branch + ROWS * dim;
    linear(p, &b->proj, p->attended + begin * dim, branch, rows);
    add_branch(p, b->scale1, branch, begin, rows);
    for (size_t i = 0; i < rows; i++)
        p->k->layernorm(p->x + (begin + i) * dim, b->norm2_gamma, b->norm2_beta, branch + i * dim,
                        dim, EPS);
    linear(p, &b->fc1, branch, hidden, rows);
    p->k->gelu(hidden, rows * b->fc1.out);
    linear(p, &b->fc2, hidden, branch, rows);
    add_branch(p, b->scale2, branch, begin, rows);
}

static void feature_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    pass *p = context;
    size_t dim = p->plan->vit->dim, D = p->plan->dim;
    for (size_t i = begin; i < end; i++) {
        float *row = i ? p->patch + (i - 1) * D : p->cls;
        p->k->layernorm(p->x + i * dim, p->gamma, p->beta, row + p->column * dim, dim, EPS);
    }
}

static size_t max_size(size_t a, size_t b) { return a > b ? a : b; }

/* Scratch of one pass; false when memory is short. */
static int pass_alloc(pass *p, fleck_arena *scratch, uint32_t workers) {
    const fleck_vit *vit = p->plan->vit;
    size_t N = p->plan->tokens, dim = vit->dim, width = dim / vit->heads;
    p->keys_size = fleck_packed_count(N, width);
    p->values_size = fleck_packed_count(width, N);
    p->aside_width = max_size(max_size(3 * (size_t)vit->patch * vit->patch, N), dim + vit->hidden);
    p->x = FLECK_NEW(scratch, float, (N * dim));
    p->qkv = FLECK_NEW(scratch, float, N * 3 * dim);
    p->attended = FLECK_NEW(scratch, float, (N * dim));
    p->keys = FLECK_NEW(scratch, float, vit->heads * p->keys_size);
    p->values = FLECK_NEW(scratch, float, vit->heads * p->values_size);
    p->aside = FLECK_NEW(scratch, float, workers *ROWS * p->aside_width);
    return p->x && p->qkv && p->attended && p->keys && p->values && p->aside;
}

fleck_status fleck_vit_forward(const fleck_vit_plan *plan, const fleck_tools *tools,
                               const float *tensor, float *patch, float *cls, fleck_message *err) {
    const fleck_vit *vit = plan->vit;
    size_t N = plan->tokens, pieces = (N + ROWS - 1) / ROWS;
    pass p = {.plan = plan, .k = tools->kernels, .tensor = tensor, .patch = patch, .cls = cls};
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    if (!pass_alloc(&p, tools->scratch, fleck_pool_threads(tools->pool))) {
        fleck_arena_reset(tools->scratch, mark);
        return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %zu tokens", N);
    }

    memcpy(p.x, plan->position, vit->dim * sizeof *p.x);
    tools->kernels->axpy(1, vit->cls_token, p.x, vit->dim);
    fleck_parallel(tools->pool, N - 1, ROWS, embed_rows, &p);
    for (uint32_t i = 0; i < plan->blocks[plan->block_count - 1]; i++) {
        p.block = &vit->block[i];
        fleck_parallel(tools->pool, N, ROWS, qkv_rows, &p);
        fleck_parallel(tools->pool, vit->heads, 1, pack_heads, &p);
        fleck_parallel(tools->pool, vit->heads * pieces, 1, attend, &p);
        fleck_parallel(tools->pool, N, ROWS, finish_rows, &p);
        if (i + 1 != plan->blocks[p.column]) continue;
        p.gamma = i + 1 == vit->depth ? vit->norm_gamma : NULL;
        p.beta = i + 1 == vit->depth ? vit->norm_beta : NULL;
        fleck_parallel(tools->pool, N, ROWS, feature_rows, &p);
        p.column++;
    }
    fleck_arena_reset(tools->scratch, mark);
    return FLECK_OK;
}
