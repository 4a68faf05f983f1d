/* One way to look at patches: an embedding, memories in it, and the distance to
 * them. A method has one view or several, whose distances it puts on one scale. */
#ifndef FLECK_VIEW_H
#define FLECK_VIEW_H

#include "memory.h"
#include "robust.h"

#define FLECK_VIEWS_MAX 3

typedef struct {
    fleck_embedding_plan embedding;
    /* count_max 0: none; the distance is an embedded patch's length, with whitening
     * the Mahalanobis distance to the mean */
    fleck_memory_plan memory;
} fleck_view_plan;

typedef struct {
    fleck_embedding embedding;
    fleck_memory memory;
    fleck_robust scale, nearest_scale; /* of a patch's distances, over the folder */
} fleck_view;

/* Distances [P] of a photo's patches ([P, D]); photo and nearest, which may be NULL, as
 * for fleck_memory_distance. False when scratch memory is short. */
bool fleck_view_distance(const fleck_view *view, const fleck_compute *compute,
                         const fleck_half *patch, uint32_t photo, float *distance, float *nearest);

#endif
