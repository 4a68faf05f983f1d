/* Self-training of the local-net with an iteratively reconstructed memory bank
 * (IRMB), FUN-AD section 3, within a fixed small budget of steps.
 *
 * First a trial (trial.h) tells how far pseudo-labels (labels.h) can be trusted. In a
 * clean folder they cannot: then the local-net gets no share in the scores, and nothing
 * is learnt. Otherwise:
 *
 *   1. Learn: steps of Adam on batches of anomalies and normal patches. The loss is the
 *      mean binary cross-entropy of each class, plus mutual smoothness: patches that
 *      are each other's nearest in adapted space should score alike. Less certain
 *      anomalies take part as copies with feature noise.
 *   2. Reconstruct the bank: adapted patches of a random half of the photos that are no
 *      suspects.
 *   3. Score every photo: the mean of how unusual it is, and of robust z of its logit and
 *      of its distance to the bank in adapted space. New labels follow it.
 *   4. Learn again, from these. */
#ifndef FLECK_IRMB_H
#define FLECK_IRMB_H

#include "adam.h"
#include "labels.h"
#include "learner.h"

typedef struct {
    const fleck_features *features;
    fleck_model *model;   /* receives net, standardisation and the logits' scale */
    const float *unusual; /* [photos, P] */
    float *logit;         /* [photos, P] of the last round */
    float *bank_distance; /* [photos, P] to the bank in adapted space */
    float *score;         /* [photos, P] that the next pseudo-labels follow */
    fleck_axes axes;      /* of the bank */
    fleck_ann_bank bank;  /* adapted rows */
    fleck_row_range *own; /* [photos]: rows of each photo in the bank */
    float *discriminant;  /* [photos, P], its values */
    float *no_cls;        /* [D], zero */
    fleck_labels labels;
    fleck_localnet gradient;
    fleck_adam adam;
    fleck_rng rng;
    uint32_t done; /* steps */
} fleck_irmb;

/* Steps that training on that many photos takes. */
uint32_t fleck_irmb_steps(uint32_t photos);

/* Borrows all but compute; unusual [photos, P] is fleck_model_unusual's. False when
 * memory is short, as in all that follows. */
bool fleck_irmb_begin(fleck_irmb *irmb, fleck_arena *arena, const fleck_compute *compute,
                      const fleck_features *features, const float *unusual, fleck_model *model,
                      fleck_rng rng);

/* One step; *loss changes when it was one of learning. */
bool fleck_irmb_step(fleck_irmb *irmb, fleck_arena *arena, const fleck_compute *compute,
                     float *loss);

#endif
