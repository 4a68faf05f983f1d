/* FUN-AD exactly as published (WACV 2025): a wide local-net trained for 1,500 epochs
 * on whole photos, its memory bank reconstructed before every step. Hours for a
 * small folder; irmb.h is the same idea within seconds.
 *
 * An iteration:
 *   1. The local-net scores the whole folder; a photo's score is its highest patch
 *      probability, min-max normalised over the folder.
 *   2. Bank: all adapted patches of a random half of the photos below 0.5.
 *   3. Pseudo-labels: squared distance of each of the batch's patches to its nearest
 *      row, itself left out, min-max normalised over the batch; above 0.5 anomalous.
 *   4. Loss: the mean binary cross-entropy of each label, ambiguous patches (0.5 to 0.9)
 *      with feature noise, plus mutual smoothness; a step of RMSprop.
 *
 * What is not published follows PyTorch's defaults: the first weights, RMSprop's other
 * constants, deviations by n - 1. Different from publication is only what follows:
 * scores stay logits, which rank photos alike and do not saturate; the last iteration's
 * net is the result, where the paper took the one that did best on the test set; and a
 * folder of fewer than 32 photos is a batch of its own. */
#ifndef FLECK_PAPER_H
#define FLECK_PAPER_H

#include "learner.h"

/* What the last iteration saw. */
typedef struct {
    uint32_t bank_photos;
    uint32_t anomalous, ambiguous; /* patches of the batch */
    uint32_t pairs;                /* mutually nearest */
} fleck_paper_counts;

typedef struct {
    const fleck_features *features;
    fleck_model *model; /* receives net and (identity) standardisation */
    fleck_localnet gradient;
    fleck_rmsprop rmsprop;
    fleck_rng rng;
    uint32_t *order; /* [photos] of this epoch: batch after batch */
    uint32_t done;   /* iterations */
    fleck_paper_counts counts;
} fleck_paper;

/* Iterations of training on that many photos: those asked for, or for 0 as many as
 * 1,500 epochs have. */
uint32_t fleck_paper_steps(uint32_t photos, uint32_t iterations);

/* Borrows all but compute. False when memory is short, as in all that follows. */
bool fleck_paper_begin(fleck_paper *paper, fleck_arena *arena, const fleck_features *features,
                       fleck_model *model, fleck_rng rng);

/* One iteration. */
bool fleck_paper_step(fleck_paper *paper, const fleck_compute *compute, float *loss);

#endif
