/* A small multilayer perceptron: x -> lrelu(W x + b) -> ... -> W x + b, the last without lrelu.
 * Shapes: n rows; layer l has width[l] inputs and width[l + 1] outputs. */
#ifndef FLECK_MLP_H
#define FLECK_MLP_H

#include "layer.h"

enum { FLECK_MLP_LAYERS = 3 };

/* Parameters in one block, so that gradients and moments of the same layout can be treated as
 * one vector. */
typedef struct {
    uint32_t layers; /* up to FLECK_MLP_LAYERS */
    size_t width[FLECK_MLP_LAYERS + 1];
    size_t count; /* floats of the block */
    float *block;
    float *W[FLECK_MLP_LAYERS], *b[FLECK_MLP_LAYERS]; /* [width[l + 1], width[l]], [width[l + 1]] */
    float *packed[FLECK_MLP_LAYERS];                  /* W, for matmul; NULL of a gradient */
} fleck_mlp;

/* How many parameters so many layers of these widths have; SIZE_MAX where size_t cannot hold it. */
size_t fleck_mlp_count(uint32_t layers, const size_t *width);

/* One of these widths whose parameters are block [count], borrowed. */
fleck_mlp fleck_mlp_of(uint32_t layers, const size_t *width, float *block);

/* Weights as fleck_layer_init, in the order of the block; biases 0. */
void fleck_mlp_init(fleck_mlp *mlp, fleck_rng *rng);

/* Makes room to pack the weights, and packs them. Those that change need a repack. False when
 * memory is short, as in all that follows. */
bool fleck_mlp_pack(fleck_arena *arena, fleck_mlp *mlp);
void fleck_mlp_repack(const fleck_mlp *mlp);

/* What n rows are after each layer: y[l] [n, width[l + 1]]. */
typedef struct {
    size_t n;
    float *y[FLECK_MLP_LAYERS];
} fleck_mlp_values;

bool fleck_mlp_values_new(fleck_arena *arena, const fleck_mlp *mlp, size_t n,
                          fleck_mlp_values *out);

/* x [n, width[0]] -> values; the second only rows [begin, end) of them, on the calling thread. */
void fleck_mlp_forward(const fleck_mlp *mlp, const fleck_compute *compute, const float *x,
                       const fleck_mlp_values *values);
void fleck_mlp_forward_rows(const fleck_mlp *mlp, const fleck_kernels *kernels, const float *x,
                            const fleck_mlp_values *values, size_t begin, size_t end);

/* Adds to gradient the derivative of a loss whose derivative by the last layer's values is dy;
 * dx [n, width[0]], unless NULL, receives that by x. x and values are the forward pass's. */
bool fleck_mlp_backward(const fleck_mlp *mlp, const fleck_compute *compute, const float *x,
                        const fleck_mlp_values *values, const float *dy, fleck_mlp *gradient,
                        float *dx);

#endif
