#include "random_vit.h"

#include "tensors.h"

#include <stdarg.h>
#include <stdio.h>

enum { BLOCK_TENSORS = 12, OTHER_TENSORS = 6 };

#define DEVIATION 0.02f /* of weights, as ViTs are initialised */

typedef struct {
    fleck_arena *arena;
    fleck_weights weights;
    const float *random, *ones; /* what tensors share */
} maker;

static const char *format_in(fleck_arena *arena, const char *format, ...) {
    char *text = bench_alloc(arena, 64, 1);
    va_list list;
    va_start(list, format);
    vsnprintf(text, 64, format, list);
    va_end(list);
    return text;
}

static void add(maker *m, const char *name, const float *data, uint32_t ndim, const size_t *shape) {
    fleck_tensor t = {name, FLECK_F32, ndim, {0}, 1, (const uint8_t *)data};
    for (uint32_t i = 0; i < ndim; i++) {
        t.shape[i] = shape[i];
        t.count *= shape[i];
    }
    m->weights.tensors[m->weights.tensor_count++] = t;
}

/* NAME.weight of that many dimensions, and NAME.bias. */
static void add_layer(maker *m, const char *name, const float *weight, uint32_t ndim,
                      const size_t *shape) {
    add(m, format_in(m->arena, "%s.weight", name), weight, ndim, shape);
    add(m, format_in(m->arena, "%s.bias", name), m->random, 1, shape);
}

static void add_block(maker *m, uint32_t index, size_t dim, size_t hidden) {
    const struct {
        const char *name;
        size_t shape[2];
    } layers[] = {{"attn.qkv", {3 * dim, dim}},
                  {"attn.proj", {dim, dim}},
                  {"mlp.fc1", {hidden, dim}},
                  {"mlp.fc2", {dim, hidden}}};
    for (int norm = 1; norm <= 2; norm++)
        add_layer(m, format_in(m->arena, "blocks.%u.norm%d", index, norm), m->ones, 1, &dim);
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        add_layer(m, format_in(m->arena, "blocks.%u.%s", index, layers[i].name), m->random, 2,
                  layers[i].shape);
}

uint8_t *random_vit(bench *b, fleck_arena *arena, const random_vit_sizes *sizes, size_t *size) {
    size_t dim = sizes->dim, patch = sizes->patch, grid = sizes->input / patch;
    size_t conv[4] = {dim, 3, patch, patch}, cls[3] = {1, 1, dim},
           pos[3] = {1, grid * grid + 1, dim};
    /* the largest tensor */
    size_t most = 3 * dim * dim;
    if (sizes->hidden * dim > most) most = sizes->hidden * dim;
    if (dim * pos[1] > most) most = dim * pos[1];
    if (dim * 3 * patch * patch > most) most = dim * 3 * patch * patch;

    fleck_arena aside = {0};
    float *random = bench_floats(b, &aside, most), *ones = bench_alloc(&aside, dim, sizeof *ones);
    for (size_t i = 0; i < most; i++) random[i] *= DEVIATION * 1.7320508f; /* of a uniform one */
    for (size_t i = 0; i < dim; i++) ones[i] = 1;
    fleck_metadata heads = {"heads", format_in(&aside, "%u", sizes->heads)};
    maker m = {.arena = &aside,
               .weights = {.metadata = &heads, .metadata_count = 1},
               .random = random,
               .ones = ones};
    m.weights.tensors = bench_alloc(&aside, OTHER_TENSORS + BLOCK_TENSORS * (size_t)sizes->depth,
                                    sizeof *m.weights.tensors);
    add_layer(&m, "patch_embed.proj", random, 4, conv);
    add(&m, "cls_token", random, 3, cls);
    add(&m, "pos_embed", random, 3, pos);
    add_layer(&m, "norm", ones, 1, &dim);
    for (uint32_t i = 0; i < sizes->depth; i++) add_block(&m, i, dim, sizes->hidden);

    fleck_weights_write(&m.weights, NULL, 0, size);
    uint8_t *bytes = bench_alloc(arena, *size, 1);
    fleck_weights_write(&m.weights, bytes, *size, size);
    fleck_arena_free(&aside);
    return bytes;
}
