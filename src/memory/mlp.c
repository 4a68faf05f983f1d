#include "mlp.h"

#include <string.h>

size_t fleck_mlp_count(uint32_t layers, const size_t *width) {
    size_t count = 0;
    for (uint32_t l = 0; l < layers; l++)
        count = fleck_size_sum(count, FLECK_SIZE(width[l + 1], fleck_size_sum(width[l], 1)));
    return count;
}

fleck_mlp fleck_mlp_of(uint32_t layers, const size_t *width, float *block) {
    fleck_mlp mlp = {.layers = layers, .count = fleck_mlp_count(layers, width), .block = block};
    memcpy(mlp.width, width, (layers + 1) * sizeof *width);
    for (uint32_t l = 0; l < layers; l++) {
        mlp.W[l] = block;
        mlp.b[l] = block += width[l + 1] * width[l];
        block += width[l + 1];
    }
    return mlp;
}

void fleck_mlp_init(fleck_mlp *mlp, fleck_rng *rng) {
    memset(mlp->block, 0, mlp->count * sizeof *mlp->block);
    for (uint32_t l = 0; l < mlp->layers; l++)
        fleck_layer_init(rng, mlp->W[l], mlp->width[l + 1] * mlp->width[l], mlp->width[l]);
}

bool fleck_mlp_pack(fleck_arena *arena, fleck_mlp *mlp) {
    for (uint32_t l = 0; l < mlp->layers; l++) {
        mlp->packed[l] =
            FLECK_NEW(arena, float, fleck_packed_count(mlp->width[l + 1], mlp->width[l]));
        if (!mlp->packed[l]) return false;
    }
    fleck_mlp_repack(mlp);
    return true;
}

void fleck_mlp_repack(const fleck_mlp *mlp) {
    for (uint32_t l = 0; l < mlp->layers; l++)
        fleck_pack(mlp->W[l], mlp->width[l], 1, mlp->width[l + 1], mlp->width[l], mlp->packed[l]);
}

bool fleck_mlp_values_new(fleck_arena *arena, const fleck_mlp *mlp, size_t n,
                          fleck_mlp_values *out) {
    *out = (fleck_mlp_values){.n = n};
    for (uint32_t l = 0; l < mlp->layers; l++)
        if (!(out->y[l] = FLECK_NEW(arena, float, n, mlp->width[l + 1]))) return false;
    return true;
}

/* ---- forward: all layers over pieces of rows ---- */

enum { ROWS = 32 };

typedef struct {
    const fleck_mlp *mlp;
    const fleck_kernels *kernels;
    const float *x;
    const fleck_mlp_values *values;
} forward;

void fleck_mlp_forward_rows(const fleck_mlp *mlp, const fleck_kernels *kernels, const float *x,
                            const fleck_mlp_values *values, size_t begin, size_t end) {
    x += begin * mlp->width[0];
    for (uint32_t l = 0; l < mlp->layers; l++) {
        size_t in = mlp->width[l], out = mlp->width[l + 1];
        float *y = values->y[l] + begin * out;
        kernels->matmul(x, in, mlp->packed[l], mlp->b[l], y, out, end - begin, out, in);
        if (l + 1 < mlp->layers) fleck_leaky_relu(y, (end - begin) * out);
        x = y;
    }
}

static void forward_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const forward *f = context;
    fleck_mlp_forward_rows(f->mlp, f->kernels, f->x, f->values, begin, end);
}

void fleck_mlp_forward(const fleck_mlp *mlp, const fleck_compute *compute, const float *x,
                       const fleck_mlp_values *values) {
    forward f = {mlp, compute->kernels, x, values};
    fleck_parallel(compute->pool, values->n, ROWS, forward_rows, &f);
}

/* ---- backward ---- */

bool fleck_mlp_backward(const fleck_mlp *mlp, const fleck_compute *compute, const float *x,
                        const fleck_mlp_values *values, const float *dy, fleck_mlp *gradient,
                        float *dx) {
    size_t n = values->n;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    for (uint32_t l = mlp->layers; l--;) {
        size_t in = mlp->width[l], out = mlp->width[l + 1];
        float *before = l ? FLECK_NEW(compute->scratch, float, n, in) : dx;
        if (l && !before) return false;
        fleck_bias_gradient(compute->kernels, dy, n, out, gradient->b[l]);
        if (!fleck_weight_gradient(compute, dy, l ? values->y[l - 1] : x, n, out, in,
                                   gradient->W[l]) ||
            (before && !fleck_input_gradient(compute, dy, mlp->W[l], n, out, in, before)))
            return false;
        if (l) fleck_leaky_relu_backward(values->y[l - 1], before, n * in);
        dy = before;
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
