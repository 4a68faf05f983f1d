#include "method.h"

#include <string.h>

/* Memories of the ensemble: more change nothing. */
#define ENSEMBLE {FLECK_MEMORY_TENTHS, 12, 1024, false}

/* Each photo is in one of them: fewer leave photos out, more change nothing. */
#define TENTHS {FLECK_MEMORY_TENTHS, 10, 1024, false}

static const fleck_method_plan plans[] = {
    [FLECK_METHOD_IRMB] = {.views = 2,
                           .view = {{{1, false, false}, TENTHS, .by_place = true},
                                    {{3, false, false}, TENTHS, .by_place = true}},
                           .map_from = 1,
                           .learner = FLECK_LEARNER_IRMB,
                           .top_percent = 0,
                           .peak_share = 0.5f,
                           .smooth = true},
    [FLECK_METHOD_ENSEMBLE] = {.views = 1,
                               .view = {{.embedding = {1, false, false}, .memory = ENSEMBLE}},
                               .top_percent = 1,
                               .smooth = true},
    [FLECK_METHOD_KNN] = {.views = 1,
                          .view = {{.embedding = {1, false, false},
                                    .memory = {FLECK_MEMORY_FOLDER, 1, 8000, false}}},
                          .top_percent = 1},
    [FLECK_METHOD_MUSC] = {.views = 1,
                           .view = {{.embedding = {3, false, false},
                                     .memory = {FLECK_MEMORY_PHOTOS, 32, 4096, false}}},
                           .top_percent = 1},
    [FLECK_METHOD_MAHALANOBIS] = {.views = 1,
                                  .view = {{.embedding = {1, true, true},
                                            .memory = {FLECK_MEMORY_FOLDER, 0, 0, false}}},
                                  .top_percent = 1},
    [FLECK_METHOD_PAPER] = {.learner = FLECK_LEARNER_PAPER, .logits = true},
    [FLECK_METHOD_SOFTPATCH] = {.views = 1,
                                .view = {{.embedding = {3, false, false},
                                          .memory = {FLECK_MEMORY_FOLDER, 1, 8000, true}}},
                                .top_percent = 1},
    [FLECK_METHOD_L2BT] = {.views = 1,
                           .view = {{.embedding = {1, false, false}, .nets = FLECK_NETS_L2BT}},
                           .top_percent = 1},
    [FLECK_METHOD_SIMPLENET] = {.views = 1,
                                .view = {{.embedding = {3, false, false},
                                          .nets = FLECK_NETS_SIMPLENET}},
                                .top_percent = 1},
};

enum { PLANS = sizeof plans / sizeof plans[0] };

const fleck_method_plan *fleck_method_plan_of(fleck_method method) {
    return (unsigned)method < PLANS ? &plans[method] : NULL;
}
