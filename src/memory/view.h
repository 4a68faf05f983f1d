/* One way to look at patches: an embedding, memories in it or nets, and the distance to
 * them. A method has one view or several, whose distances it puts on one scale. */
#ifndef FLECK_VIEW_H
#define FLECK_VIEW_H

#include "memory.h"
#include "nets.h"
#include "places.h"
#include "robust.h"

#define FLECK_VIEWS_MAX 3

typedef struct {
    fleck_embedding_plan embedding;
    /* count_max 0: none; the distance is an embedded patch's length, with whitening
     * the Mahalanobis distance to the mean */
    fleck_memory_plan memory;
    fleck_nets_task nets; /* in place of memories */
    bool by_place;        /* distances are divided by what is usual at their place (places.h) */
} fleck_view_plan;

typedef struct {
    fleck_embedding embedding;
    fleck_memory memory;
    fleck_nets nets;
    float *usual; /* [2, P], of distances and of nearest ones; NULL: not by place, or not yet */
    fleck_robust scale, nearest_scale; /* of a patch's distances, over the folder */
} fleck_view;

/* Learns what is usual at each place from the distances of a folder's photos, [photos, P] each,
 * and divides these by it; grain is the view's. False when memory is short. */
bool fleck_view_learn_places(fleck_view *view, fleck_arena *arena, fleck_arena *scratch,
                             uint32_t photos, float grain, float *distance, float *nearest);

/* Distances [P] of a photo's patches ([P, D]); photo and nearest, which may be NULL, as
 * for fleck_memory_distance. False when scratch memory is short. */
bool fleck_view_distance(const fleck_view *view, const fleck_compute *compute,
                         const fleck_half *patch, uint32_t photo, float *distance, float *nearest);

/* The grain, below which distances are too small to mean anything: fleck_embedding_grain; of l2bt
 * the median distance of what lies half-way between patches side by side in a photo, and of
 * simplenet twice its margin, which most of what it takes for noise exceeds. */
bool fleck_view_grain(const fleck_view *view, const fleck_compute *compute,
                      const fleck_features *features, float *grain);

#endif
