#include "labels.h"

#include "calibration.h"

#include <string.h>

/* Share of the other photos' patches that lie below the bound. */
#define BELOW 0.998

/* Of a photo's patches, whose mean says whether it is a suspect: one odd patch alone is none. */
#define SUSPECT_PERCENT 1

/* A suspect's level, in robust deviations above the folder's middle: some good photos of
 * every folder lie there. */
#define SUSPECT_Z 1.6f

/* Of the folder's median level: photos that are nearly equal are no suspects beside each other.
 * Usual folders have twice that and more. */
#define SPREAD_LEAST 0.05f

bool fleck_labels_new(fleck_arena *arena, uint32_t photos, uint32_t P, fleck_labels *out) {
    size_t n = (size_t)photos * P;
    *out = (fleck_labels){
        .photos = photos,
        .P = P,
        .level = FLECK_NEW(arena, float, photos),
        .suspect = FLECK_NEW(arena, bool, photos),
        .anomalous = FLECK_NEW(arena, uint32_t, n),
        .normal = FLECK_NEW(arena, uint32_t, n),
        .control = FLECK_NEW(arena, uint32_t, n),
        .first = FLECK_NEW(arena, uint32_t, photos + 1),
    };
    return out->level && out->suspect && out->anomalous && out->normal && out->control &&
           out->first;
}

static bool find_suspects(fleck_labels *l, const fleck_model *model, const fleck_compute *compute,
                          const float *score) {
    fleck_robust scale;
    for (uint32_t i = 0; i < l->photos; i++)
        if (!fleck_model_rank(model, compute, score + (size_t)i * l->P, SUSPECT_PERCENT,
                              &l->level[i]))
            return false;
    if (!fleck_robust_of(compute->scratch, l->level, l->photos, &scale)) return false;
    if (scale.spread < SPREAD_LEAST * scale.center) scale.spread = SPREAD_LEAST * scale.center;
    for (uint32_t i = 0; i < l->photos; i++)
        l->suspect[i] = fleck_robust_z(scale, l->level[i]) > SUSPECT_Z;
    return true;
}

/* The bound; aside has room for all scores. At most half of the photos are suspects,
 * for they lie above the median. */
static float find_bound(const fleck_labels *l, const float *score, float *aside) {
    size_t count = 0;
    for (uint32_t i = 0; i < l->photos; i++) {
        if (l->suspect[i]) continue;
        memcpy(aside + count, score + (size_t)i * l->P, l->P * sizeof *aside);
        count += l->P;
    }
    return fleck_select(aside, count, (size_t)(BELOW * (double)(count - 1)));
}

bool fleck_labels_set(fleck_labels *l, const fleck_model *model, const fleck_compute *compute,
                      const float *score) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *aside = FLECK_NEW(compute->scratch, float, l->photos, l->P);
    if (!aside || !find_suspects(l, model, compute, score)) return false;
    float bound = find_bound(l, score, aside);
    l->anomalous_count = l->normal_count = l->control_count = l->groups = 0;
    for (uint32_t i = 0; i < l->photos; i++) {
        uint32_t before = l->anomalous_count;
        for (uint32_t p = i * l->P; p < (i + 1) * l->P; p++)
            if (score[p] <= bound)
                l->normal[l->normal_count++] = p;
            else if (l->suspect[i])
                l->anomalous[l->anomalous_count++] = p;
            else
                l->control[l->control_count++] = p;
        if (l->anomalous_count > before) l->first[l->groups++] = before;
    }
    l->first[l->groups] = l->anomalous_count;
    for (uint32_t i = 0; i < l->anomalous_count; i++) aside[i] = score[l->anomalous[i]];
    l->certain = l->anomalous_count ? fleck_median(aside, l->anomalous_count) : 0;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

fleck_label_group fleck_labels_group(const fleck_labels *l, uint32_t g) {
    return (fleck_label_group){l->anomalous + l->first[g], l->first[g + 1] - l->first[g]};
}

uint32_t fleck_labels_anomaly(const fleck_labels *l, fleck_rng *rng) {
    fleck_label_group group = fleck_labels_group(l, fleck_rng_below(rng, l->groups));
    return group.patches[fleck_rng_below(rng, group.count)];
}
