/* Features of a folder's photos, as the later stages read them.
 *
 * What is drawn at random goes by the photos' numbers, and so do the sums over them. The
 * numbers must follow from what the photos show: not from their names, nor from the order
 * in which they came. */
#ifndef FLECK_FEATURES_H
#define FLECK_FEATURES_H

#include "arena.h"
#include "grid.h"
#include "types.h"

#define FLECK_NO_PHOTO UINT32_MAX

typedef struct {
    fleck_grid grid;
    size_t P, D;
    uint32_t count;           /* photos */
    const fleck_half **patch; /* [count] of [P, D]: the patches that count (grid.h) */
    const fleck_half **cls;   /* [count] of [D] */
    /* [count]: of each photo the first with the same features, which is itself where no
     * other has them. NULL: no two are equal */
    const uint32_t *first;
} fleck_features;

/* Of a photo's features, by their bits. */
uint64_t fleck_features_key(const fleck_half *patch, const fleck_half *cls, size_t P, size_t D);

/* Orders photos by their keys [count], and equal keys by the features themselves, so that
 * only photos that are equal may stand in either order. Fills place [count]: where each
 * photo stands. The tables live in arena, the features stay where they are. False when
 * memory is short. */
bool fleck_features_sort(fleck_arena *arena, const fleck_features *features, const uint64_t *key,
                         uint32_t *place, fleck_features *out);

#endif
