#include "calibration.h"

#include <math.h>

/* Deviations at which a level stands out. */
#define OUTLIER_Z 2.0f

/* Of the folder's median level: photos that are nearly equal are no outliers of each
 * other. Usual folders have twice that and more. */
#define SPREAD_LEAST 0.05f

/* Share of levels beyond OUTLIER_Z without defects: 2.3 % of normal ones, and some for
 * a longer tail. */
#define USUAL_OUTLIERS 0.04f

/* (z + sqrt(z^2 + 4)) / 2: positive, rising, close to z for large z. Written so
 * that large negative z does not cancel. */
static float squareplus(float z) {
    float root = sqrtf(z * z + 4);
    return z > 0 ? 0.5f * (z + root) : 2 / (root - z);
}

float fleck_photo_level(float raw) { return raw > 0 ? sqrtf(raw) : 0; }

bool fleck_level_scale(fleck_arena *scratch, const float *level, size_t n, float most,
                       fleck_robust *out) {
    if (!fleck_robust_of(scratch, level, n, out)) return false;
    if (most > 0 && out->center > 0 && out->spread > most * out->center)
        out->spread = most * out->center;
    if (out->spread < SPREAD_LEAST * out->center) out->spread = SPREAD_LEAST * out->center;
    return true;
}

void fleck_level_widen(fleck_robust *scale, float least) {
    float spread = (least - scale->center) / FLECK_DEFECT_Z;
    if (scale->spread < spread) scale->spread = spread;
}

bool fleck_outlier(fleck_robust scale, float level) {
    return fleck_robust_z(scale, level) > OUTLIER_Z;
}

float fleck_excess_outliers(fleck_robust scale, const float *level, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) count += fleck_outlier(scale, level[i]);
    return (float)count - 1 - USUAL_OUTLIERS * (float)n;
}

float fleck_calibrate(fleck_robust scale, float level) {
    float z = squareplus(fleck_robust_z(scale, level)) / squareplus(FLECK_DEFECT_Z);
    if (z > 30) z = 30; /* so that the score is below 1 */
    float power = z * z * z * z;
    return 1 - 1 / (1 + power);
}

fleck_verdict fleck_verdict_of(float score) {
    if (score >= FLECK_DEFECT) return FLECK_VERDICT_DEFECT;
    return score >= FLECK_LOOK ? FLECK_VERDICT_LOOK : FLECK_VERDICT_OK;
}
