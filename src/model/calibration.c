#include "calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Good photos reach so far above their middle, as a share of it, times the fourth root of their
 * relative spread: set where 1.3 % of the good photos of nine products lie above
 * (tests/quality/README.md says what other values do). */
#define REACH 0.9f

/* Least spread, as a share of the middle: photos that are nearly equal are no defects. */
#define SPREAD_LEAST 0.01f

/* Where a defect begins among logits, in robust deviations above their median. */
#define LOGIT_DEFECT_Z 3.0f

/* Of good photos, so many have at least the strength of a look: it goes with REACH. */
#define GOOD_LOOKS 0.045f

/* Beyond it, scores could not be told from 1. */
#define STRENGTH_MOST 6.0f

/* Levels of a folder whose patches are all as usual as its median patch: any scale does. */
#define DEFECT_LEAST 1e-3f

float fleck_photo_level(float raw) { return raw > 0 ? sqrtf(raw) : 0; }

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Where a defect begins, by n > 0 levels in ascending order. */
static float defect_of(const float *level, size_t n) {
    size_t low = n < 2 ? 1 : 2 * n / 3, quarter = (n - 1) / 4;
    double sum = 0;
    for (size_t i = 0; i < low; i++) sum += level[i];
    float middle = (float)(sum / (double)low);
    float spread = level[n - 1 - quarter] - level[quarter];
    if (spread < SPREAD_LEAST * middle) spread = SPREAD_LEAST * middle;
    float defect = middle > 0 ? middle * (1 + REACH * sqrtf(sqrtf(spread / middle))) : 0;
    return defect > DEFECT_LEAST ? defect : DEFECT_LEAST;
}

bool fleck_level_scale_of(fleck_arena *scratch, const float *level, size_t n,
                          fleck_level_scale *out) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *sorted = FLECK_NEW(scratch, float, n);
    if (!sorted) return false;
    memcpy(sorted, level, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    float defect = defect_of(sorted, n), next = defect;
    for (size_t good = n, below; next <= defect; good = below) {
        defect = next;
        for (below = good; below > 0 && sorted[below - 1] >= defect;) below--;
        if (below == good || below < (n + 1) / 2) break;
        next = defect_of(sorted, below);
    }
    *out = (fleck_level_scale){0, defect};
    fleck_arena_reset(scratch, mark);
    return true;
}

bool fleck_level_scale_of_logits(fleck_arena *scratch, const float *logit, size_t n,
                                 fleck_level_scale *out) {
    fleck_robust r;
    if (!fleck_robust_of(scratch, logit, n, &r)) return false;
    *out = (fleck_level_scale){r.center, r.center + LOGIT_DEFECT_Z * r.spread};
    return true;
}

float fleck_level_strength(fleck_level_scale scale, float level) {
    float strength = (level - scale.zero) / (scale.defect - scale.zero);
    return strength > 0 ? strength : 0;
}

float fleck_score_of_strength(float strength) {
    if (strength > STRENGTH_MOST) strength = STRENGTH_MOST;
    float square = strength * strength, fourth = square * square, eighth = fourth * fourth;
    return eighth / (1 + eighth);
}

float fleck_strength_of_score(float score) {
    float strength = score < 1 ? sqrtf(sqrtf(sqrtf(score / (1 - score)))) : STRENGTH_MOST;
    while (strength < STRENGTH_MOST && fleck_score_of_strength(strength) < score)
        strength *= 1.0000002f;
    return strength;
}

fleck_verdict fleck_verdict_of(float score, float threshold) {
    if (score >= threshold) return FLECK_VERDICT_DEFECT;
    return score >= threshold * (FLECK_LOOK / FLECK_DEFECT) ? FLECK_VERDICT_LOOK : FLECK_VERDICT_OK;
}

fleck_defect_count fleck_count_defects(uint32_t photos, uint32_t defects, uint32_t looks,
                                       uint32_t certain) {
    uint32_t odd = defects + looks;
    float hidden = (float)odd - GOOD_LOOKS * (float)(photos - odd);
    fleck_defect_count c = {defects, certain, odd};
    if (defects && hidden > (float)defects) c.estimate = (uint32_t)(hidden + 0.5f);
    return c;
}
