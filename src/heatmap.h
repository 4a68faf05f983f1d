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

/* Raw score of a photo, or of a patch -> level, its square root: good photos' raw scores
 * have a long upper tail, their levels are about normal. */
float fleck_photo_level(float raw);

/* Median and spread of a folder's levels; false when scratch memory is short. */
bool fleck_level_scale(fleck_arena *scratch, const float *level, size_t n, fleck_robust *out);

/* Whether a level stands out of the folder's. */
bool fleck_outlier(fleck_robust scale, float level);

/* How many more of n levels stand out than may in a folder without defects; below 0
 * where fewer do. */
float fleck_excess_outliers(fleck_robust scale, const float *level, uint32_t n);

/* Level -> (0, 1), by the median and spread of the folder's photos: a smooth monotone
 * curve that puts a usual photo near 0.02 and one of 3.3 deviations at 0.5. */
float fleck_calibrate(fleck_robust scale, float level);

/* Mean of each patch's score and its neighbours', 3 x 3, edges repeated. in and
 * out are [G, G] and must not overlap. */
void fleck_smooth(const float *in, size_t G, float *out);

/* Patch scores [G, G] -> map [FLECK_HEAT, FLECK_HEAT]: bilinear, sample centres
 * aligned, then a Gaussian of sigma 4 pixels, mirrored at the borders (as
 * FUN-AD and PatchCore do). False when scratch memory is short. */
bool fleck_heatmap(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                   size_t G, float *map);

#endif
