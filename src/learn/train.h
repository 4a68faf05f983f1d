/* Training, one step at a time: the views' memories, local-net, scales. */
#ifndef FLECK_TRAIN_H
#define FLECK_TRAIN_H

#include "features.h"
#include "model.h"
#include "nets_training.h"
#include "rng.h"

typedef struct {
    fleck_features features;   /* as they were at the begin: later photos don't count */
    fleck_model model;         /* complete when training has ended */
    float *distance, *nearest; /* [photos, P], in the view at hand */
    fleck_patch_scores scores; /* [photos, P]: how unusual, in the end patch scores */
    float *level;              /* [photos] */
    fleck_rng rng;
    fleck_nets_training nets; /* of the view at hand */
    void *learner;       /* what the method's learner works on (learner.h); NULL before its begin */
    uint32_t iterations; /* fleck_options' */
    uint32_t view, view_done;     /* the view at hand, and steps of it */
    float grain[FLECK_VIEWS_MAX]; /* of each view, fleck_view_grain */
    uint32_t memory_steps, learn_steps, steps, done;
    float loss;
} fleck_training;

/* Sets up; the work is left to the steps. arena keeps the model and lives as
 * long as it; method, seed and source are the model's; iterations are fleck_options'. */
fleck_status fleck_training_begin(fleck_arena *arena, const fleck_features *features,
                                  fleck_method method, uint64_t seed, uint32_t iterations,
                                  const fleck_feature_source *source, fleck_training *out,
                                  fleck_message *err);

/* One step. done == total in *progress: the model is complete. */
fleck_status fleck_training_step(fleck_training *training, fleck_arena *arena,
                                 const fleck_compute *compute, fleck_progress *progress,
                                 fleck_message *err);

/* The score of a photo of the folder. After the last step, as what follows. */
float fleck_training_score(const fleck_training *training, uint32_t photo);

/* What a folder of n photos with these scores looks like, its second product aside. */
fleck_folder_verdict fleck_folder_judge(const float *score, uint32_t n, float threshold);

#endif
