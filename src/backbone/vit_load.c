/* The bytes of a weight file -> a checked and packed ViT. */
#include "vit.h"

#include "hash.h"
#include "text.h"
#include "vit_names.h"
#include "open.h"

#include <math.h>
#include <string.h>

enum { DIM_MAX = 8192, DEPTH_MAX = 64 };

typedef struct {
    fleck_arena *arena;
    const fleck_weights *weights;
    fleck_message *err;
} loader;

/* Finds a tensor and checks its type and shape. A leading 1 in the file (cls_token,
 * pos_embed) is part of the wanted shape. */
static fleck_status find_scaled(loader *l, const char *name, uint32_t ndim, const size_t *shape,
                                const fleck_tensor **out, const fleck_tensor **scale) {
    const fleck_tensor *t = fleck_weights_find(l->weights, name);
    if (!t) return fleck_fail(l->err, FLECK_ERR_FORMAT, "backbone lacks tensor %s", name);
    fleck_status status = fleck_weights_check_tensor(l->weights, t, scale, l->err);
    if (status) return status;
    int same = t->ndim == ndim;
    for (uint32_t i = 0; same && i < ndim; i++) same = t->shape[i] == shape[i];
    if (!same) {
        char want[64] = "", have[64] = "";
        for (uint32_t i = 0; i < ndim; i++)
            fleck_print(want + strlen(want), sizeof want - strlen(want), "%s%zu", i ? ", " : "",
                        shape[i]);
        for (uint32_t i = 0; i < t->ndim; i++)
            fleck_print(have + strlen(have), sizeof have - strlen(have), "%s%zu", i ? ", " : "",
                        t->shape[i]);
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%s: want [%s], file has [%s]", name, want,
                          have);
    }
    *out = t;
    return FLECK_OK;
}

/* The same for one without scales: all but the weights of layers. */
static fleck_status find(loader *l, const char *name, uint32_t ndim, const size_t *shape,
                         const fleck_tensor **out) {
    const fleck_tensor *scale = NULL;
    fleck_status status = find_scaled(l, name, ndim, shape, out, &scale);
    if (status || !scale) return status;
    return fleck_fail(l->err, FLECK_ERR_FORMAT, "%s is I8, which only weights of layers can be",
                      name);
}

static fleck_status read_tensor(loader *l, const char *name, uint32_t ndim, const size_t *shape,
                                const float **out) {
    const fleck_tensor *t = NULL;
    fleck_status status = find(l, name, ndim, shape, &t);
    if (status) return status;
    float *values = FLECK_NEW(l->arena, float, t->count);
    if (!values) return fleck_fail(l->err, FLECK_ERR_MEMORY, "no memory for %s", name);
    *out = values;
    return fleck_tensor_read_finite(t, 0, t->count, values, l->err);
}

static fleck_status read_vector(loader *l, const char *prefix, const char *name, size_t n,
                                const float **out) {
    char full[96];
    fleck_print(full, sizeof full, "%s%s", prefix, name);
    return read_tensor(l, full, 1, &n, out);
}

/* "NAME.weight" of that shape and "NAME.bias"; where the weight is I8, its scales
 * are "NAME.weight_scale". */
static fleck_status find_linear(loader *l, const char *name, uint32_t ndim, const size_t *shape,
                                fleck_linear_part *out) {
    char full[96];
    fleck_print(full, sizeof full, "%s.weight", name);
    fleck_status status = find_scaled(l, full, ndim, shape, &out->weight, &out->scale);
    if (status) return status;
    fleck_print(full, sizeof full, "%s.bias", name);
    return find(l, full, 1, shape, &out->bias);
}

static fleck_status read_linear(loader *l, const fleck_arithmetic *arithmetic, const char *name,
                                uint32_t ndim, const size_t *shape, fleck_linear *out) {
    fleck_linear_part part = {0};
    fleck_status status = find_linear(l, name, ndim, shape, &part);
    return status ? status : fleck_linear_load(l->arena, arithmetic, &part, 1, out, l->err);
}

/* Queries, keys and values: one layer of a file, or three. */
static fleck_status read_qkv(loader *l, const fleck_arithmetic *arithmetic, const char *prefix,
                             size_t dim, fleck_linear *out) {
    static const char *const names[] = {"attn.q", "attn.k", "attn.v"};
    char name[64];
    fleck_print(name, sizeof name, "%sattn.q.weight", prefix);
    bool apart = fleck_weights_find(l->weights, name);
    if (!apart) {
        fleck_print(name, sizeof name, "%sattn.qkv", prefix);
        return read_linear(l, arithmetic, name, 2, (size_t[]){3 * dim, dim}, out);
    }
    fleck_linear_part part[3] = {0};
    for (int i = 0; i < 3; i++) {
        fleck_print(name, sizeof name, "%s%s", prefix, names[i]);
        fleck_status status = find_linear(l, name, 2, (size_t[]){dim, dim}, &part[i]);
        if (status) return status;
    }
    return fleck_linear_load(l->arena, arithmetic, part, 3, out, l->err);
}

static fleck_status read_block(loader *l, const fleck_vit *vit, uint32_t index,
                               fleck_vit_block *b) {
    char prefix[32], name[64];
    fleck_print(prefix, sizeof prefix, "blocks.%u.", index);
    size_t dim = vit->dim;
    fleck_status status;
    if ((status = read_vector(l, prefix, "norm1.weight", dim, &b->norm1_gamma)) ||
        (status = read_vector(l, prefix, "norm1.bias", dim, &b->norm1_beta)) ||
        (status = read_vector(l, prefix, "norm2.weight", dim, &b->norm2_gamma)) ||
        (status = read_vector(l, prefix, "norm2.bias", dim, &b->norm2_beta)) ||
        (status = read_qkv(l, &vit->arithmetic, prefix, dim, &b->qkv)))
        return status;

    fleck_print(name, sizeof name, "%smlp.fc1.weight", prefix);
    const fleck_tensor *fc1 = fleck_weights_find(l->weights, name);
    size_t hidden = fc1 && fc1->ndim == 2 ? fc1->shape[0] : 4 * dim;
    if (!hidden || hidden > 8 * DIM_MAX)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%s: %zu hidden values", name, hidden);
    const struct {
        const char *name;
        size_t out, in;
        const fleck_arithmetic *arithmetic;
        fleck_linear *linear;
    } linears[] = {{"attn.proj", dim, dim, &vit->wide_arithmetic, &b->proj},
                   {"mlp.fc1", hidden, dim, &vit->arithmetic, &b->fc1},
                   {"mlp.fc2", dim, hidden, &vit->arithmetic, &b->fc2}};
    for (size_t i = 0; i < sizeof linears / sizeof *linears; i++) {
        fleck_print(name, sizeof name, "%s%s", prefix, linears[i].name);
        size_t shape[2] = {linears[i].out, linears[i].in};
        if ((status = read_linear(l, linears[i].arithmetic, name, 2, shape, linears[i].linear)))
            return status;
    }
    fleck_print(name, sizeof name, "%sls1.gamma", prefix);
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
        if (*count == most) return 0;
        const char *end = fleck_read_decimal(text, &out[*count]);
        if (!end || !isfinite(out[*count])) return 0;
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

/* What the metadata says, for a message. */
static const char *said(const loader *l, const char *key) {
    const char *text = fleck_weights_meta(l->weights, key);
    return text ? text : "unsaid";
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
    while (grid <= FLECK_INPUT_MAX && grid * grid + 1 < pos->shape[1]) grid++;
    if (grid * grid != pos->shape[1] && grid * grid + 1 != pos->shape[1])
        return fleck_fail(l->err, FLECK_ERR_FORMAT,
                          "pos_embed has %zu tokens: neither a square nor one more", pos->shape[1]);
    const fleck_tensor *registers = fleck_weights_find(l->weights, "register_tokens");
    if (registers && (registers->ndim != 3 || registers->shape[1] > FLECK_REGISTERS_MAX))
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "register_tokens are not [1, up to %d, dim]",
                          FLECK_REGISTERS_MAX);
    uint32_t depth = 0;
    char name[64];
    do fleck_print(name, sizeof name, "blocks.%u.norm1.weight", depth);
    while (fleck_weights_find(l->weights, name) && ++depth <= DEPTH_MAX);
    if (!depth || depth > DEPTH_MAX)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "%u blocks, want 1 to %d", depth, DEPTH_MAX);

    double heads = dim % 64 ? 1 : (double)dim / 64, meta_patch = (double)patch,
           input = (double)(grid * patch), blocks[FLECK_BLOCKS_MAX] = {depth},
           mean[FLECK_BLOCKS_MAX] = {0.485, 0.456, 0.406},
           std[FLECK_BLOCKS_MAX] = {0.229, 0.224, 0.225};
    int block_count = 1;
    /* What an official file, which says nothing of itself, is best used with: 28 or 32
     * patches a side, and blocks in the middle, where defects show most. */
    bool official =
        depth == 12 && !fleck_weights_meta(l->weights, "heads") &&
        !fleck_weights_meta(l->weights, "patch") &&
        ((patch == 16 && grid == 14) || (patch == 8 && grid == 28) || (patch == 14 && grid == 37));
    if (official) {
        input = patch == 8 ? 224 : 448;
        blocks[0] = 4, blocks[1] = 7, block_count = 2;
    }
    fleck_status status;
    if ((status = read_meta(l, "heads", &heads, 1, 1, NULL)) ||
        (status = read_meta(l, "patch", &meta_patch, 1, 1, NULL)) ||
        (status = read_meta(l, "input", &input, 1, 1, NULL)) ||
        (status = read_meta(l, "mean", mean, 3, 3, NULL)) ||
        (status = read_meta(l, "std", std, 3, 3, NULL)) ||
        (status = read_meta(l, "blocks", blocks, 1, FLECK_BLOCKS_MAX, &block_count)))
        return status;
    if (!is_whole(heads, 1, (double)dim) || dim % (size_t)heads)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata heads=%.60s do not divide %zu dims",
                          said(l, "heads"), dim);
    if (meta_patch != (double)patch)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata says patch %.60s, the tensors %zu",
                          said(l, "patch"), patch);
    if (!is_whole(input, (double)patch, FLECK_INPUT_MAX) || (uint32_t)input % patch)
        return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata input=%.60s is no multiple of %zu",
                          said(l, "input"), patch);
    for (int i = 0; i < block_count; i++)
        if (!is_whole(blocks[i], i ? blocks[i - 1] + 1 : 1, depth))
            return fleck_fail(l->err, FLECK_ERR_FORMAT,
                              "metadata blocks=%.60s are out of order or over %u",
                              said(l, "blocks"), depth);
    for (int i = 0; i < 3; i++)
        if (!(std[i] > 0))
            return fleck_fail(l->err, FLECK_ERR_FORMAT, "metadata std=%.60s are not all above 0",
                              said(l, "std"));

    vit->dim = (uint32_t)dim;
    vit->depth = depth;
    vit->heads = (uint32_t)heads;
    vit->patch = (uint32_t)patch;
    vit->registers = registers ? (uint32_t)registers->shape[1] : 0;
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
    fleck_print(copy, sizeof copy, "%s", text);
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

/* Position embedding [1 + grid^2, dim]. Some files have none for CLS, which holds it
 * already. */
static fleck_status read_position(loader *l, fleck_vit *vit) {
    size_t dim = vit->dim, squares = (size_t)vit->native_grid * vit->native_grid;
    const fleck_tensor *t = fleck_weights_find(l->weights, "pos_embed");
    size_t shape[3] = {1, t->shape[1], dim};
    fleck_status status = find(l, "pos_embed", 3, shape, &t);
    if (status) return status;
    float *position = FLECK_NEW_ZERO(l->arena, float, 1 + squares, dim);
    if (!position) return fleck_fail(l->err, FLECK_ERR_MEMORY, "no memory for pos_embed");
    vit->position = position;
    return fleck_tensor_read_finite(t, 0, t->count,
                                    t->shape[1] == squares ? position + dim : position, l->err);
}

fleck_status fleck_vit_load(fleck_arena *arena, const fleck_kernels *kernels,
                            fleck_precision precision, const uint8_t *bytes, size_t size,
                            fleck_vit *out, fleck_message *err) {
    fleck_weights weights;
    fleck_status status = fleck_weights_open(arena, bytes, size, &weights, err);
    if (!status) status = fleck_vit_names(arena, &weights, &weights, err);
    if (status) return status;
    fleck_vit vit = {.fingerprint = fleck_hash_bytes(FLECK_HASH_EMPTY, bytes, size),
                     .arithmetic = {precision, kernels, NULL}};
    if (precision == FLECK_PRECISION_I8) vit.arithmetic.i8 = fleck_kernels_i8_fastest(kernels);
    vit.wide_arithmetic = vit.arithmetic;
    if (precision == FLECK_PRECISION_I8) vit.wide_arithmetic.precision = FLECK_PRECISION_I16;
    loader l = {arena, &weights, err};
    if ((status = read_geometry(&l, &vit)) || (status = read_mean_std(&l, &vit))) return status;

    size_t dim = vit.dim, patch = vit.patch;
    size_t conv[4] = {dim, 3, patch, patch}, cls[3] = {1, 1, dim},
           registers[3] = {1, vit.registers, dim};
    vit.block = FLECK_NEW_ZERO(arena, fleck_vit_block, vit.depth);
    if (!vit.block) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the backbone");
    if ((status = read_linear(&l, &vit.wide_arithmetic, "patch_embed.proj", 4, conv, &vit.embed)) ||
        (status = read_tensor(&l, "cls_token", 3, cls, &vit.cls_token)) ||
        (status = read_position(&l, &vit)) ||
        (vit.registers &&
         (status = read_tensor(&l, "register_tokens", 3, registers, &vit.registered))) ||
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
