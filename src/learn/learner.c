#include "learner.h"

static const fleck_learner_kind *const kinds[] = {
    [FLECK_LEARNER_IRMB] = &fleck_irmb_learner,
    [FLECK_LEARNER_PAPER] = &fleck_paper_learner,
};

const fleck_learner_kind *fleck_learner_kind_of(fleck_learner learner) {
    const fleck_learner_kind *kind = kinds[learner];
    return kind && kind->step ? kind : NULL;
}

bool fleck_method_built(fleck_method method) {
    const fleck_method_kind *kind = fleck_method_kind_of(method);
    return kind && (!kind->learner || fleck_learner_kind_of(kind->learner));
}
