/* A heatmap -> its regions. The heat is taken as a surface through the centres of the map's
 * pixels; a region is a connected part of it at or above a level, and marching squares draw its
 * contours.
 *
 * Two pixels of the map that touch at a corner alone belong to one region (connectivity 8): a thin
 * slanting scratch is one. So two pixels below the level that touch at a corner within it are two
 * holes. From the outermost pixels' centres to the frame's edge the heat goes on as it is, and
 * there a region ends.
 *
 * The hottest spot of a heatmap has the photo's score, bit for bit (model.h). With the threshold
 * as the level a photo has a region if and only if its score reaches the threshold. */
#ifndef FLECK_REGIONS_H
#define FLECK_REGIONS_H

#include "arena.h"
#include "types.h"

#include <stdbool.h>

/* Whether a number can be the smallest area that counts, a share of the photo's: in [0, 1]. */
static inline bool fleck_is_smallest_area(float share) { return share >= 0 && share <= 1; }

/* What a region is. */
typedef struct {
    float level;         /* of its heat, above 0 */
    float smallest_area; /* share of the photo's area: smaller ones are left out */
} fleck_region_rule;

/* The photo, and the centred share of its width and height that the map covers. */
typedef struct {
    uint32_t width, height;
    float share;
} fleck_frame;

/* The regions of heat ([FLECK_HEAT, FLECK_HEAT], each in [0, 1]) by falling peak; equal ones from
 * top to bottom and left to right by where it is. out is in arena, 2 MB at most. Contours run with
 * the region on their right as it is seen: outlines clockwise, holes the other way. region_of,
 * unless NULL, receives [FLECK_HEAT, FLECK_HEAT]: of each pixel 1 + the index of its region, or 0.
 * False when memory is short. */
bool fleck_regions_find(fleck_arena *arena, fleck_arena *scratch, const float *heat,
                        fleck_region_rule rule, fleck_frame frame, fleck_regions *out,
                        uint32_t *region_of);

#endif
