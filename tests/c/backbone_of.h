/* Small backbones of random weights, as files, for tests that need one of a given shape. */
#ifndef FLECK_BACKBONE_OF_H
#define FLECK_BACKBONE_OF_H

#include "half.h"
#include "rng.h"
#include "tensors.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    size_t dim, patch, grid, depth, hidden, registers; /* grid: of pos_embed */
    const char *input, *blocks;                        /* metadata; NULL: none */
} backbone_shape;

typedef struct {
    fleck_arena *arena;
    fleck_rng rng;
    fleck_weights weights;
} backbone_maker;

static void backbone_add(backbone_maker *m, const char *prefix, const char *name, float most,
                         uint32_t ndim, size_t s0, size_t s1, size_t s2, size_t s3) {
    fleck_tensor *t = &m->weights.tensors[m->weights.tensor_count++];
    *t = (fleck_tensor){.dtype = FLECK_F16, .ndim = ndim, .shape = {s0, s1, s2, s3}, .count = 1};
    for (uint32_t i = 0; i < ndim; i++) t->count *= t->shape[i];
    char *full = FLECK_NEW(m->arena, char, 64);
    fleck_half *data = FLECK_NEW(m->arena, fleck_half, t->count);
    if (!full || !data) exit(1);
    snprintf(full, 64, "%s%s", prefix, name);
    for (size_t i = 0; i < t->count; i++) {
        float value = most * (2 * fleck_rng_uniform(&m->rng) - 1);
        fleck_half_narrow(&value, 1, &data[i]);
    }
    t->name = full;
    t->data = (const uint8_t *)data;
}

/* The file's bytes in arena. */
static uint8_t *backbone_of(fleck_arena *arena, backbone_shape s, size_t *size) {
    backbone_maker m = {arena, fleck_rng_seed(7), {0}};
    fleck_metadata metadata[] = {{"heads", "1"}, {"input", s.input}, {"blocks", s.blocks}};
    m.weights.tensors = FLECK_NEW(arena, fleck_tensor, 16 * (s.depth + 1));
    m.weights.metadata = metadata;
    m.weights.metadata_count = s.input ? s.blocks ? 3 : 2 : 1;
    if (!m.weights.tensors) exit(1);
    backbone_add(&m, "", "patch_embed.proj.weight", 0.5f, 4, s.dim, 3, s.patch, s.patch);
    backbone_add(&m, "", "patch_embed.proj.bias", 0.1f, 1, s.dim, 0, 0, 0);
    backbone_add(&m, "", "cls_token", 1, 3, 1, 1, s.dim, 0);
    backbone_add(&m, "", "pos_embed", 1, 3, 1, 1 + s.grid * s.grid, s.dim, 0);
    if (s.registers) backbone_add(&m, "", "register_tokens", 1, 3, 1, s.registers, s.dim, 0);
    backbone_add(&m, "", "norm.weight", 1, 1, s.dim, 0, 0, 0);
    backbone_add(&m, "", "norm.bias", 0.1f, 1, s.dim, 0, 0, 0);
    for (size_t i = 0; i < s.depth; i++) {
        char block[32];
        snprintf(block, sizeof block, "blocks.%zu.", i);
        backbone_add(&m, block, "norm1.weight", 1, 1, s.dim, 0, 0, 0);
        backbone_add(&m, block, "norm1.bias", 0.1f, 1, s.dim, 0, 0, 0);
        backbone_add(&m, block, "norm2.weight", 1, 1, s.dim, 0, 0, 0);
        backbone_add(&m, block, "norm2.bias", 0.1f, 1, s.dim, 0, 0, 0);
        backbone_add(&m, block, "attn.qkv.weight", 0.5f, 2, 3 * s.dim, s.dim, 0, 0);
        backbone_add(&m, block, "attn.qkv.bias", 0.1f, 1, 3 * s.dim, 0, 0, 0);
        backbone_add(&m, block, "attn.proj.weight", 0.5f, 2, s.dim, s.dim, 0, 0);
        backbone_add(&m, block, "attn.proj.bias", 0.1f, 1, s.dim, 0, 0, 0);
        backbone_add(&m, block, "mlp.fc1.weight", 0.5f, 2, s.hidden, s.dim, 0, 0);
        backbone_add(&m, block, "mlp.fc1.bias", 0.1f, 1, s.hidden, 0, 0, 0);
        backbone_add(&m, block, "mlp.fc2.weight", 0.5f, 2, s.dim, s.hidden, 0, 0);
        backbone_add(&m, block, "mlp.fc2.bias", 0.1f, 1, s.dim, 0, 0, 0);
    }
    fleck_weights_write(&m.weights, NULL, 0, size);
    uint8_t *bytes = FLECK_NEW(arena, uint8_t, *size);
    if (!bytes) exit(1);
    fleck_weights_write(&m.weights, bytes, *size, size);
    return bytes;
}

#endif
