#include "method.h"

#include <string.h>

/* The spaces that patches are compared in. */
#define PATCHES {.window = 1}
#define MEANS {.window = 3}
#define WHITENED {.window = 1, .whiten = true, .aligned = true}

/* The memories that they are compared with. Of ten tenths one holds each photo: fewer would leave
 * photos out; more of these or of the ensemble's change nothing. */
#define TENTHS {.division = FLECK_MEMORY_TENTHS, .count_max = 10, .rows_max = 1024}
#define ENSEMBLE {.division = FLECK_MEMORY_TENTHS, .count_max = 12, .rows_max = 1024}
#define FOLDER {.division = FLECK_MEMORY_FOLDER, .count_max = 1, .rows_max = 8000}
#define WEIGHTED                                                                                   \
    {.division = FLECK_MEMORY_FOLDER, .count_max = 1, .rows_max = 8000, .weighted = true}
#define PHOTOS {.division = FLECK_MEMORY_PHOTOS, .count_max = 32, .rows_max = 4096}

static const fleck_method_plan plans[] = {
    [FLECK_METHOD_IRMB] = {.views = 2,
                           .view = {{.embedding = PATCHES, .memory = TENTHS, .by_place = true},
                                    {.embedding = MEANS, .memory = TENTHS, .by_place = true}},
                           .map_from = 1,
                           .learner = FLECK_LEARNER_IRMB,
                           .top_percent = 0,
                           .peak_share = 0.5f,
                           .smooth = true},
    [FLECK_METHOD_ENSEMBLE] = {.views = 1,
                               .view = {{.embedding = PATCHES, .memory = ENSEMBLE}},
                               .top_percent = 1,
                               .smooth = true},
    [FLECK_METHOD_KNN] = {.views = 1,
                          .view = {{.embedding = PATCHES, .memory = FOLDER}},
                          .top_percent = 1},
    [FLECK_METHOD_MUSC] = {.views = 1,
                           .view = {{.embedding = MEANS, .memory = PHOTOS}},
                           .top_percent = 1},
    [FLECK_METHOD_MAHALANOBIS] = {.views = 1, .view = {{.embedding = WHITENED}}, .top_percent = 1},
    [FLECK_METHOD_PAPER] = {.learner = FLECK_LEARNER_PAPER, .logits = true},
    [FLECK_METHOD_SOFTPATCH] = {.views = 1,
                                .view = {{.embedding = MEANS, .memory = WEIGHTED}},
                                .top_percent = 1},
    [FLECK_METHOD_L2BT] = {.views = 1,
                           .view = {{.embedding = PATCHES, .nets = FLECK_NETS_L2BT}},
                           .top_percent = 1},
    [FLECK_METHOD_SIMPLENET] = {.views = 1,
                                .view = {{.embedding = MEANS, .nets = FLECK_NETS_SIMPLENET}},
                                .top_percent = 1},
};

enum { PLANS = sizeof plans / sizeof plans[0] };

const fleck_method_plan *fleck_method_plan_of(fleck_method method) {
    return (unsigned)method < PLANS ? &plans[method] : NULL;
}
