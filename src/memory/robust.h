/* Statistics of many values of which some are outliers. */
#ifndef FLECK_ROBUST_H
#define FLECK_ROBUST_H

#include "arena.h"

#include <stdbool.h>

/* The value that would be at index k < n if values were in ascending order. values is
 * reordered: no value before k is above it, and none behind k below it. */
float fleck_select(float *values, size_t n, size_t k);

/* Mean of the `top` largest of n scores, at least one. scores is reordered. */
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

#endif
