/* Trains a view's nets (nets.h), one fold after the other: draws rows of the fold's photos, then
 * learns from batches of them by Adam.
 *
 *   l2bt       the loss is the mean of 1 - cosine of what each of the nets tells and the tokens.
 *   simplenet  an adapter maps rows linearly to q, and the discriminator d is to be above a margin
 *              for q and below minus that for q + Gaussian noise: the loss is the mean of
 *              max(0, m - d(q)) + max(0, m + d(q + noise)). In the end the adapter, which is
 *              linear, becomes part of the discriminator's first layer.
 *
 * Different from publication: hundreds of steps on some thousand rows of each fold, where the
 * papers take tens of epochs; leaky ReLU in place of l2bt's GELU; no batch normalisation in
 * simplenet's discriminator. And simplenet's adapter starts as what whitens the rows, which else
 * it would have to learn: noise is told in their deviations, not by the published 0.015 of a
 * CNN's features. (A random start gave AUROC .55 to .73 where this gives .77 to .94.) */
#ifndef FLECK_NETS_TRAINING_H
#define FLECK_NETS_TRAINING_H

#include "adam.h"
#include "features.h"
#include "rng.h"
#include "view.h"

typedef struct {
    const fleck_features *features;
    const fleck_embedding *embedding;
    fleck_nets *nets;
    float *rows; /* [ROWS, D] of the fold at hand, of which there are count */
    size_t count;
    /* l2bt: forward and backward; simplenet: adapter and discriminator. The parameters of both
     * are one vector, and so are the gradients. */
    fleck_mlp net[2], gradient[2];
    fleck_adam adam;
    uint32_t learn_steps; /* of each fold */
    uint32_t done;        /* steps */
} fleck_nets_training;

/* Steps that the nets of a view take, iterations of learning for each fold; 0: 200. */
uint32_t fleck_nets_training_steps(uint32_t iterations);

/* Borrows all but compute. False when memory is short, as in what follows. */
bool fleck_nets_training_begin(fleck_nets_training *training, fleck_arena *arena,
                               const fleck_features *features, const fleck_embedding *embedding,
                               fleck_nets *nets, uint32_t iterations);

/* One step; *loss changes when it was one of learning. */
bool fleck_nets_training_step(fleck_nets_training *training, const fleck_compute *compute,
                              fleck_rng *rng, float *loss);

#endif
