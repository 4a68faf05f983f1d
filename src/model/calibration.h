/* Raw scores of photos -> levels -> scores in 0..1 that mean the same in every folder. */
#ifndef FLECK_CALIBRATION_H
#define FLECK_CALIBRATION_H

#include "robust.h"
#include "types.h"

/* Raw score of a photo, or of a patch -> level (model.h). */
float fleck_photo_level(float raw);

/* What a folder's levels are measured by: a level's strength is 0 at zero and 1 at defect. */
typedef struct {
    float zero, defect; /* defect > zero */
} fleck_level_scale;

/* The scale of n > 0 levels. Their middle is the mean of the lowest two thirds, good photos
 * whatever the others are. A defect begins above it by a share of it that goes with the fourth
 * root of the relative spread, from quartile to quartile. How far good photos reach is much the
 * same for all products, since levels are roots of robust z; photos that are very alike reach
 * less far. Then the same without the photos that are defects by that, as often as this finds
 * more of them, and they are less than half of all: many defects widen the spread. false when
 * scratch memory is short. */
bool fleck_level_scale_of(fleck_arena *scratch, const float *level, size_t n,
                          fleck_level_scale *out);

/* The scale of logits, which have no zero of their own: that is their median, and three robust
 * deviations above it a defect begins. false when scratch memory is short. */
bool fleck_level_scale_of_logits(fleck_arena *scratch, const float *logit, size_t n,
                                 fleck_level_scale *out);

/* (level - zero) / (defect - zero), at least 0. */
float fleck_level_strength(fleck_level_scale scale, float level);

/* Strength of a photo, or of a spot on it -> score in [0, 1): smooth, rising, 0.5 at 1. */
float fleck_score_of_strength(float strength);

/* The least strength, to a few units of the last place, whose score is no lower than this one, in
 * (0, 1]. */
float fleck_strength_of_score(float score);

/* Whether a number can be a threshold of scores: in (0, 1]. */
static inline bool fleck_is_threshold(float number) { return number > 0 && number <= 1; }

/* The verdict that belongs to a score where those from threshold on are defects. A look begins at
 * the same share of the threshold whatever that is: FLECK_LOOK / FLECK_DEFECT. */
fleck_verdict fleck_verdict_of(float score, float threshold);

/* How many of a folder's photos have a defect, seen or not, from how many have which verdict. */
typedef struct {
    uint32_t estimate, least, most;
} fleck_defect_count;
fleck_defect_count fleck_count_defects(uint32_t photos, uint32_t defects, uint32_t looks,
                                       uint32_t certain);

#endif
