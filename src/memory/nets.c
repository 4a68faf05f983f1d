#include "nets.h"

#include <math.h>
#include <string.h>

enum { L2BT_HIDDEN = 96, SIMPLENET_HIDDEN = 128 };

/* Without parameters. */
static fleck_nets shape_of(fleck_nets_task task, size_t D, uint32_t blocks, uint32_t hidden) {
    bool pair = task == FLECK_NETS_L2BT;
    if (!hidden) hidden = pair ? L2BT_HIDDEN : SIMPLENET_HIDDEN;
    return (fleck_nets){.task = task,
                        .D = D,
                        .width = D / (blocks > 2 ? blocks : 2),
                        .hidden = hidden,
                        .each = pair ? 2 : 1};
}

/* A net's widths: simplenet's adapter is part of its discriminator's first layer. */
static uint32_t layers_of(const fleck_nets *nets, size_t width[FLECK_MLP_LAYERS + 1]) {
    bool pair = nets->task == FLECK_NETS_L2BT;
    width[0] = pair ? nets->width : nets->D;
    width[1] = nets->hidden;
    width[2] = pair ? nets->hidden : 1;
    width[3] = nets->width;
    return pair ? 3 : 2;
}

size_t fleck_nets_count(fleck_nets_task task, size_t D, uint32_t blocks, uint32_t hidden) {
    fleck_nets nets = shape_of(task, D, blocks, hidden);
    size_t width[FLECK_MLP_LAYERS + 1];
    return FLECK_SIZE(FLECK_FOLDS, nets.each, fleck_mlp_count(layers_of(&nets, width), width));
}

bool fleck_nets_new(fleck_arena *arena, fleck_nets_task task, size_t D, uint32_t blocks,
                    uint32_t hidden, fleck_nets *out) {
    fleck_nets nets = shape_of(task, D, blocks, hidden);
    size_t width[FLECK_MLP_LAYERS + 1];
    uint32_t layers = layers_of(&nets, width);
    nets.count = fleck_nets_count(task, D, blocks, hidden);
    float *block = nets.block = FLECK_NEW_ZERO(arena, float, nets.count);
    if (!block) return false;
    for (uint32_t fold = 0; fold < FLECK_FOLDS; fold++)
        for (uint32_t i = 0; i < nets.each; i++) {
            nets.net[fold][i] = fleck_mlp_of(layers, width, block);
            if (!fleck_mlp_pack(arena, &nets.net[fold][i])) return false;
            block += nets.net[fold][i].count;
        }
    *out = nets;
    return true;
}

void fleck_nets_repack(const fleck_nets *nets) {
    for (uint32_t fold = 0; fold < FLECK_FOLDS; fold++)
        for (uint32_t i = 0; i < nets->each; i++) fleck_mlp_repack(&nets->net[fold][i]);
}

void fleck_nets_split(const fleck_nets *nets, const float *x, size_t n, float *a, float *b) {
    size_t D = nets->D, width = nets->width;
    for (size_t i = 0; i < n; i++) {
        memcpy(a + i * width, x + i * D, width * sizeof *a);
        memcpy(b + i * width, x + (i + 1) * D - width, width * sizeof *b);
    }
}

/* 1 - cosine, at least 0; 1 where a vector is 0. */
static float apart(const fleck_kernels *k, const float *x, const float *y, size_t n) {
    float length = sqrtf(k->dot(x, x, n)) * sqrtf(k->dot(y, y, n));
    return length > 0 ? fmaxf(1 - k->dot(x, y, n) / length, 0) : 1;
}

/* distance [P] += what the nets of a fold say. */
static bool add_fold(const fleck_nets *nets, const fleck_compute *compute, const float *x,
                     const float *a, const float *b, size_t P, uint32_t fold, float *distance) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    const fleck_mlp *net = nets->net[fold];
    const fleck_kernels *k = compute->kernels;
    size_t width = nets->width;
    fleck_mlp_values forward, backward;
    if (!fleck_mlp_values_new(compute->scratch, net, P, &forward)) return false;
    if (nets->task == FLECK_NETS_SIMPLENET) {
        fleck_mlp_forward(net, compute, x, &forward);
        for (size_t i = 0; i < P; i++) distance[i] -= forward.y[1][i];
    } else {
        if (!fleck_mlp_values_new(compute->scratch, net + 1, P, &backward)) return false;
        fleck_mlp_forward(net, compute, a, &forward);
        fleck_mlp_forward(net + 1, compute, b, &backward);
        for (size_t i = 0; i < P; i++)
            distance[i] += 2 * sqrtf(apart(k, forward.y[2] + i * width, b + i * width, width) *
                                     apart(k, backward.y[2] + i * width, a + i * width, width));
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_nets_distance(const fleck_nets *nets, const fleck_compute *compute, const float *patches,
                         size_t P, uint32_t photo, float *distance) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *a = FLECK_NEW(compute->scratch, float, P, nets->width);
    float *b = FLECK_NEW(compute->scratch, float, P, nets->width);
    if (!a || !b) return false;
    fleck_nets_split(nets, patches, P, a, b);
    memset(distance, 0, P * sizeof *distance);
    float asked = 0;
    for (uint32_t fold = 0; fold < FLECK_FOLDS; fold++) {
        if (photo != FLECK_NO_PHOTO && fleck_fold_of(photo) == fold) continue;
        if (!add_fold(nets, compute, patches, a, b, P, fold, distance)) return false;
        asked++;
    }
    for (size_t i = 0; i < P; i++) distance[i] /= asked;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
