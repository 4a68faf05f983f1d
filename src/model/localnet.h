/* FUN-AD's local-net: one patch feature -> one anomaly logit.
 *
 *   adapted = lrelu(Wp patch + Wc cls + b0)    [A], the space that the IRMB searches
 *   h1      = lrelu(W1 adapted + b1)           [H1]
 *   h2      = lrelu(W2 h1 + b2)                [H2]
 *   logit   = W3 h2 + b3                       sigmoid(logit) is the score
 *
 * The paper's input is cls (+) patch; here the two halves of its first matrix
 * stand apart, since Wc cls is the same for all patches of a photo. lrelu has
 * slope 0.2 below zero. Shapes: n rows of D features. */
#ifndef FLECK_LOCALNET_H
#define FLECK_LOCALNET_H

#include "mlp.h"

/* Parameters in one block, so that gradients and moments of the same layout
 * can be treated as one vector. */
typedef struct {
    size_t D, A;
    size_t count; /* floats of the block */
    float *block;
    float *Wp, *Wc, *b0; /* [A, D] [A, D] [A] */
    fleck_mlp hidden;    /* A -> H1 -> H2: W1, b1, W2, b2; lrelu goes over its result, too */
    float *W3, *b3;      /* [H2] [1] */
    float *packed;       /* Wp, for matmul; NULL of a gradient */
} fleck_localnet;

/* How many parameters a net of these widths has; SIZE_MAX where size_t cannot hold it. */
size_t fleck_localnet_count(size_t D, size_t A, size_t H1, size_t H2);

/* A net of zeros (also: a gradient, a moment); false when memory is short. */
bool fleck_localnet_new(fleck_arena *arena, size_t D, size_t A, size_t H1, size_t H2,
                        fleck_localnet *out);

/* Weights as fleck_layer_init, in = 2 D for the first layer, drawn in the order of the block;
 * biases 0. */
void fleck_localnet_init(fleck_localnet *net, fleck_rng *rng);

/* Makes room to pack the weights, and packs them. Those that change need a repack. */
bool fleck_localnet_pack(fleck_arena *arena, fleck_localnet *net);
void fleck_localnet_repack(const fleck_localnet *net);

/* term [A] = Wc cls + b0, the part of a photo's adapted features that all its
 * patches share. */
void fleck_localnet_photo_term(const fleck_localnet *net, const fleck_kernels *kernels,
                               const float *cls, float *term);

/* Values of a forward pass over n rows, kept for the backward pass. */
typedef struct {
    float *adapted;          /* [n, A], after lrelu */
    fleck_mlp_values hidden; /* h1 and h2, the same; and n */
    float *logit;            /* [n] */
} fleck_activations;

bool fleck_activations_new(fleck_arena *arena, const fleck_localnet *net, size_t n,
                           fleck_activations *out);

/* patch [n, D] -> act. terms holds photo terms [.., A]; term_of [n] names each
 * row's, NULL: all rows use the first. */
void fleck_localnet_forward(const fleck_localnet *net, const fleck_compute *compute,
                            const float *patch, const float *terms, const uint32_t *term_of,
                            size_t n, const fleck_activations *act);

/* Adds to gradient the derivative of a loss whose derivative by logit is
 * dlogit [n]. patch and act are the forward pass's; cls [terms, D] are the class
 * tokens behind its terms. False when scratch memory is short. */
bool fleck_localnet_backward(const fleck_localnet *net, const fleck_compute *compute,
                             const float *patch, const float *cls, const uint32_t *term_of,
                             size_t terms, const fleck_activations *act, const float *dlogit,
                             fleck_localnet *gradient);

/* RMSprop with momentum as PyTorch's (smoothing 0.99, epsilon 1e-8). */
typedef struct {
    fleck_localnet square, velocity; /* mean squared gradient, sum of past steps */
} fleck_rmsprop;

bool fleck_rmsprop_new(fleck_arena *arena, const fleck_localnet *net, fleck_rmsprop *out);
void fleck_rmsprop_step(fleck_rmsprop *rmsprop, fleck_localnet *net, const fleck_localnet *gradient,
                        float rate, float momentum);

#endif
