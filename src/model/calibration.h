/* Raw scores of photos -> levels -> scores in 0..1 that mean the same in every folder. */
#ifndef FLECK_CALIBRATION_H
#define FLECK_CALIBRATION_H

#include "robust.h"
#include "types.h"

/* Deviations above the folder's middle at which a level's score is 0.5. */
#define FLECK_DEFECT_Z 3.0f

/* Raw score of a photo, or of a patch -> level (model.h). */
float fleck_photo_level(float raw);

/* Median and spread of a folder's levels; false when scratch memory is short. most bounds the
 * spread, as a share of the median: many defects widen it, good photos do not. 0: no bound. */
bool fleck_level_scale(fleck_arena *scratch, const float *level, size_t n, float most,
                       fleck_robust *out);

/* Widens the spread of levels so that none below least is called a defect. */
void fleck_level_widen(fleck_robust *scale, float least);

/* Whether a level stands out of the folder's. */
bool fleck_outlier(fleck_robust scale, float level);

/* How many more of n levels stand out than may in a folder without defects; below 0
 * where fewer do. */
float fleck_excess_outliers(fleck_robust scale, const float *level, uint32_t n);

/* Level -> (0, 1), by the median and spread of the folder's photos: a smooth monotone
 * curve that puts a usual photo near 0.02 and one of FLECK_DEFECT_Z at 0.5. */
float fleck_calibrate(fleck_robust scale, float level);

/* The verdict that belongs to a score. */
fleck_verdict fleck_verdict_of(float score);

#endif
