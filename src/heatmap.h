/* Patch scores -> the photo's raw score and its smooth map, and the scale that
 * turns both into 0..1. */
#ifndef FLECK_HEATMAP_H
#define FLECK_HEATMAP_H

#include "arena.h"
#include "kernels.h"

#include <stdbool.h>
#include <stdint.h>

/* Mean of the `top` largest of n scores, at least one. The maximum alone, the
 * paper's choice, saturates and follows single noisy patches. scores is
 * reordered. */
float fleck_top_mean(float *scores, size_t n, size_t top);

/* The median of n values, n > 0; values is reordered. */
float fleck_median(float *values, size_t n);

/* Median and spread (median absolute deviation, scaled to a standard deviation)
 * of n > 0 values, which keep what they are as long as fewer than half are
 * outliers. values is overwritten. */
typedef struct {
    float center, spread; /* spread > 0 */
} fleck_robust;
fleck_robust fleck_robust_fit(float *values, size_t n);

/* The same of values that stay as they are; false when scratch memory is short. */
bool fleck_robust_of(fleck_arena *scratch, const float *values, size_t n, fleck_robust *out);

/* (value - center) / spread */
float fleck_robust_z(fleck_robust scale, float value);

/* Raw score -> (0, 1): robust z, then a smooth monotone curve that puts a usual
 * photo near 0.07 and z = 3.5, a common bound for outliers, at 0.5. */
float fleck_calibrate(fleck_robust scale, float raw);

/* Mean of each patch's score and its neighbours', 3 x 3, edges repeated. in and
 * out are [G, G] and must not overlap. */
void fleck_smooth(const float *in, size_t G, float *out);

/* Patch scores [G, G] -> map [FLECK_HEAT, FLECK_HEAT]: bilinear, sample centres
 * aligned, then a Gaussian of sigma 4 pixels, mirrored at the borders (as
 * FUN-AD and PatchCore do). False when scratch memory is short. */
bool fleck_heatmap(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                   size_t G, float *map);

#endif
