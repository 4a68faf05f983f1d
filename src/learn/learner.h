/* What learns a local-net, as a table: training (train.h) knows no other way to it. */
#ifndef FLECK_LEARNER_H
#define FLECK_LEARNER_H

#include "features.h"
#include "model.h"
#include "rng.h"

typedef struct {
    /* Steps on that many photos; iterations are fleck_options'. */
    uint32_t (*steps)(uint32_t photos, uint32_t iterations);

    /* Sets up, which takes a pass over all features: what the others work on, in arena. unusual
     * [photos, P] is fleck_model_unusual's. Borrows all but compute. NULL: memory is short. */
    void *(*begin)(fleck_arena *arena, const fleck_compute *compute, const fleck_features *features,
                   const float *unusual, fleck_model *model, fleck_rng rng);

    /* One step; *loss changes when it was one of learning. False when memory is short. */
    bool (*step)(void *learner, fleck_arena *arena, const fleck_compute *compute, float *loss);

    /* What the last step knows of a photo of the folder. NULL: nothing, it is scored anew. */
    fleck_learnt (*learnt)(const void *learner, uint32_t photo);
} fleck_learner_functions;

extern const fleck_learner_functions fleck_irmb_learner;  /* irmb.c */
extern const fleck_learner_functions fleck_paper_learner; /* paper.c, or paper_left_out.c */

/* NULL for none, and for one that this build is without. */
const fleck_learner_functions *fleck_learner_functions_of(fleck_learner learner);

/* Whether this build can learn by a method: a browser would take days for the paper's
 * recipe, which is left out of WebAssembly. */
bool fleck_method_built(fleck_method method);
#define FLECK_METHOD_NOT_BUILT "the paper's recipe is not in this build"

#endif
