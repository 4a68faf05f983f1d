/* How good a ranking is, given labels. Ties are handled as scikit-learn does:
 * equal scores form one step of the curve; every distinct score is a threshold.
 * Scratch memory comes from the caller's arena and is given back: 16 bytes a
 * score, 18 a pixel for AUPRO.
 *
 * *out receives NAN where a metric is undefined: one class only, no regions, or a
 * score that is NAN. False, and nothing in *out, when memory is short. */
#ifndef FLECK_METRICS_H
#define FLECK_METRICS_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

/* score [n], higher is more anomalous; label [n], 0 is normal. */

/* Area under the ROC curve, by trapezoids. */
bool fleck_auroc(fleck_arena *scratch, const float *score, const uint8_t *label, size_t n,
                 double *out);

/* Sum of precision times the recall gained, threshold by threshold. */
bool fleck_average_precision(fleck_arena *scratch, const float *score, const uint8_t *label,
                             size_t n, double *out);

/* The largest F1 over all thresholds. */
bool fleck_f1_max(fleck_arena *scratch, const float *score, const uint8_t *label, size_t n,
                  double *out);

/* Area under the per-region-overlap curve up to a false-positive rate of
 * fpr_limit (usually 0.3; above 0, at most 1), divided by fpr_limit; the curve
 * is cut by linear interpolation. heat and mask (0 is normal) are
 * [n, height, width], of 2^32 - 1 pixels at most, more count as short memory;
 * regions are 8-connected components of each image's mask (Bergmann et al.,
 * MVTec AD, 2021). */
bool fleck_aupro(fleck_arena *scratch, const float *heat, const uint8_t *mask, size_t n,
                 size_t height, size_t width, double fpr_limit, double *out);

#endif
