/* A proposal for an area of interest: the piece of a photo that is unlike what it shows along its
 * edge, which is background as a rule. */
#ifndef FLECK_FOREGROUND_H
#define FLECK_FOREGROUND_H

#include "compute.h"
#include "grid.h"

#include <stdbool.h>

/* Tells patches of the edge's kind from others by how far they are, by the cosine, from the mean of
 * the outermost ones, smoothed over neighbours, and by the threshold that parts these distances
 * best (Otsu 1979). The outline of the largest connected piece, its holes filled, is simplified to
 * half a patch.
 *
 * grid    without an area's order.
 * photo   [places, D].
 * frame_share  as for fleck_feature_shape.
 * points  room for FLECK_AREA_POINTS_MAX, in shares of the photo's width and height.
 * count   receives how many there are: 0 where nothing stands out.
 *
 * False when scratch memory is short. */
bool fleck_foreground_find(const fleck_compute *compute, fleck_grid grid, size_t D,
                           const fleck_half *photo, float frame_share, fleck_point *points,
                           uint32_t *count);

#endif
