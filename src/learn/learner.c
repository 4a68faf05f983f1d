#include "learner.h"

static const fleck_learner_functions *const learners[] = {
    [FLECK_LEARNER_IRMB] = &fleck_irmb_learner,
    [FLECK_LEARNER_PAPER] = &fleck_paper_learner,
};

const fleck_learner_functions *fleck_learner_functions_of(fleck_learner learner) {
    const fleck_learner_functions *functions = learners[learner];
    return functions && functions->step ? functions : NULL;
}

bool fleck_method_built(fleck_method method) {
    const fleck_method_plan *plan = fleck_method_plan_of(method);
    return plan && (!plan->learner || fleck_learner_functions_of(plan->learner));
}
