/* What is usual at each place of the frame.
 *
 * Where photos are alike, as those of a fixed camera, of a screen, or of parts in a jig, some
 * places differ from photo to photo and others never do; and a transformer sees the borders of any
 * frame a little worse than its middle. A distance is therefore divided by what is usual at its
 * place: 1 + share (m_p / m - 1), with m_p the median over the photos of the distances at place p,
 * and m the mean of these. share, 0 to 1, is the part of the variance of all distances that the
 * place explains, as the folder itself shows it: the covariance, over the places, of the medians
 * of one half of the photos and of the other, by that variance. It is the weight of the means of
 * groups in the best linear prediction (Robinson, Statistical Science 1991): near 0 for textures,
 * whose places are all alike, and near 1 for screens. */
#ifndef FLECK_PLACES_H
#define FLECK_PLACES_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

/* Bounds of usual below, within which no distance overflows. */
#define FLECK_USUAL_LEAST 1e-3f
#define FLECK_USUAL_MOST 1e3f

/* usual [P] of distances [photos, P]; those below least, 0 or more, count as it. Photos are at
 * least 2. False when scratch memory is short. */
bool fleck_places_fit(fleck_arena *scratch, const float *distance, uint32_t photos, size_t P,
                      float least, float *usual);

/* Divides n distances, of whole photos, by what is usual at their places. */
void fleck_places_divide(const float *usual, size_t P, float *distance, size_t n);

/* The least of usual. */
float fleck_places_least(const float *usual, size_t P);

#endif
