/* How good a ranking is, given labels. Ties are handled as scikit-learn does:
 * equal scores form one step of the curve. Scratch memory comes from the
 * caller's arena and is given back. NAN where a metric is undefined (one class
 * only) or memory is short. */
#ifndef FLECK_METRICS_H
#define FLECK_METRICS_H

#include "arena.h"

#include <stdint.h>

/* score [n], higher is more anomalous; label [n], 0 or 1. */
double fleck_auroc(fleck_arena *scratch, const float *score, const uint8_t *label, size_t n);
double fleck_average_precision(fleck_arena *scratch, const float *score, const uint8_t *label,
                               size_t n);
/* The largest F1 over all thresholds. */
double fleck_f1_max(fleck_arena *scratch, const float *score, const uint8_t *label, size_t n);

/* Area under the per-region-overlap curve up to a false-positive rate of
 * fpr_limit (0.3), divided by fpr_limit. heat and mask are [n, height, width];
 * regions are 8-connected components of each image's mask (Bergmann et al.,
 * MVTec AD, 2021). */
double fleck_aupro(fleck_arena *scratch, const float *heat, const uint8_t *mask, size_t n,
                   size_t height, size_t width, double fpr_limit);

#endif
