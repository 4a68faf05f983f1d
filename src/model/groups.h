/* Regions of many photos -> groups of those that look alike.
 *
 * What a region looks like is the mean of the features of the patches that it covers, each weighed
 * by its heat, less the mean of the photo's ordinary patches: the product, its pose and the light
 * cancel out. It is whitened by the covariance of ordinary patches, so that what varies on good
 * photos counts little, and has unit length, so that a faint scratch is like a plain one. How long
 * the region is for its breadth is one more coordinate.
 *
 * Groups are those of average linkage (UPGMA), cut at one distance, for whatever product: whitened
 * features of two defects that have nothing in common are about orthogonal. So a region that is
 * like no other is a group of its own, all may be one group, and one photo more hardly changes the
 * groups of the others. */
#ifndef FLECK_GROUPS_H
#define FLECK_GROUPS_H

#include "compute.h"
#include "grid.h"
#include "types.h"

/* Regions that can be grouped, and those that make up the groups: where there are more, the others
 * join the nearest one. Distances between the former take 16 MB. */
enum { FLECK_GROUPING_MAX = 1 << 20, FLECK_GROUPING_LINKED = 2048 };

/* Regions of one photo. */
typedef struct fleck_grouping_photo {
    uint32_t count;
    float *look; /* [count, D + 1]: features, as differences from ordinary ones; elongation */
    struct fleck_grouping_photo *before;
} fleck_grouping_photo;

/* What was added. */
typedef struct {
    size_t D;
    uint32_t regions, photos;
    fleck_grouping_photo *last;
    int64_t *covariance; /* [D, D]: sum over photos of what is usual, each with the mean variance
                            1, in whole numbers: it does not depend on their order */
} fleck_grouping;

/* A photo with the regions that were found on it. */
typedef struct {
    fleck_grid grid;
    const fleck_half *patch;   /* [P, D] */
    const float *heat;         /* [FLECK_HEAT, FLECK_HEAT] */
    float ordinary;            /* patches whose heat stays below are */
    uint32_t width, height;    /* in which proportion it is seen */
    uint32_t regions;          /* at least one */
    const uint32_t *region_of; /* [FLECK_HEAT, FLECK_HEAT], as from fleck_regions_find */
} fleck_grouping_source;

/* Begins without any. What is added lives in arena. False when memory is short, as in all that
 * follows: then nothing was added. */
bool fleck_grouping_begin(fleck_arena *arena, size_t D, fleck_grouping *out);

/* Adds the regions of a photo; at most FLECK_GROUPING_MAX in all. */
bool fleck_grouping_add(fleck_grouping *grouping, fleck_arena *arena, const fleck_compute *compute,
                        const fleck_grouping_source *photo);

/* The groups of all that was added; the tables are in arena. */
bool fleck_grouping_find(const fleck_grouping *grouping, fleck_arena *arena,
                         const fleck_compute *compute, fleck_groups *out);

/* Average linkage of n points by their distances [n, n], which are symmetric and are overwritten;
 * two groups become one while the mean of the distances between their points is no greater than
 * limit. root [n] receives for each point the first one of its group. */
bool fleck_groups_link(fleck_arena *scratch, float *distance, uint32_t n, float limit,
                       uint32_t *root);

#endif
