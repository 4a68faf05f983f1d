/* Memories of normal patches: random rows of random photos, and the distance of
 * a patch to them.
 *
 * One memory of the whole folder is the plain nearest-neighbour score. Several
 * small ones, each from a tenth of the photos, are the memory ensemble (MeDS,
 * ICML 2026): a defect that is rare in the folder is rare in every memory, and
 * a memory that holds a photo says nothing of it. Rows are drawn at random, not
 * farthest-first, which would prefer the very outliers that must stay rare. */
#ifndef FLECK_MEMORY_H
#define FLECK_MEMORY_H

#include "folder.h"
#include "knn.h"
#include "rng.h"

typedef struct {
    uint32_t count; /* memories */
    size_t D;
    fleck_bank *bank; /* [count] */
    /* Rows of photo i in memory m: [begin, end), see own. photos is 0 in a
     * loaded model, whose folder is gone. */
    uint32_t photos;
    fleck_row_range *own; /* [count, photos] */
} fleck_memory;

/* Draws memories of up to rows_max rows each. With memories == 1 it holds rows
 * of all photos; otherwise memory m holds rows of a tenth of them, the photos
 * shuffled and dealt out in turn, so that all take part about equally. False
 * when memory is short. */
bool fleck_memory_draw(fleck_arena *arena, const fleck_kernels *kernels,
                       const fleck_features *features, fleck_rng *rng, uint32_t memories,
                       uint32_t rows_max, fleck_memory *out);

/* Mean over the memories of the (not squared) distance from each of P patches
 * ([P, D]) to the nearest row. photo is the patches' index in the folder: then
 * memories that hold the photo do not count, and a sole memory leaves its rows
 * out; FLECK_NO_PHOTO for any other photo. False when scratch memory is short. */
bool fleck_memory_distance(const fleck_memory *memory, const fleck_tools *tools,
                           const fleck_half *patch, size_t P, uint32_t photo, float *distance);

#endif
