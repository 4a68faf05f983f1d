/* Memories of normal patches: random rows of random photos, and the distance of
 * a patch to them.
 *
 * One memory of the whole folder is the plain nearest-neighbour score. Several
 * small ones, each from a tenth of the photos, are the memory ensemble (MeDS,
 * ICML 2026): a defect that is rare in the folder is rare in every memory, and
 * a memory that holds a photo says nothing of it. One memory for each of some
 * photos is mutual scoring (MuSc, ICLR 2024): what most photos know is normal,
 * but a photo that happens to lack it must not count, so the nearest ones do.
 *
 * A weighted memory is that of SoftPatch (Jiang et al., NeurIPS 2022): it does without
 * the 15 % of the folder's patches that are the greatest outliers among those at their
 * place, and keeps the local outlier factor (lof.h) of each of its rows as a weight,
 * which the distance to it is multiplied by.
 *
 * Rows are drawn at random, not farthest-first as PatchCore and SoftPatch do, which
 * would prefer the very outliers that must stay rare. */
#ifndef FLECK_MEMORY_H
#define FLECK_MEMORY_H

#include "ann.h"
#include "lof.h"
#include "rng.h"

/* The greatest weight: beside photos that are equal, others have factors of any size. */
#define FLECK_ROW_WEIGHT_MAX 10.0f

/* How the folder's photos are divided among memories. */
typedef enum {
    FLECK_MEMORY_FOLDER = 0, /* one, of all photos */
    FLECK_MEMORY_TENTHS,     /* several, each of a tenth of the photos */
    FLECK_MEMORY_PHOTOS      /* one for each of several photos */
} fleck_memory_division;

typedef struct {
    fleck_memory_division division;
    uint32_t count_max; /* memories; fewer of FLECK_MEMORY_PHOTOS where the folder is smaller */
    uint32_t rows_max;  /* of one */
    bool weighted;
} fleck_memory_plan;

typedef struct {
    fleck_memory_plan plan;
    uint32_t count; /* memories */
    size_t D;
    fleck_axes axes;      /* of the first memory's rows */
    fleck_ann_bank *bank; /* [count] */
    /* Rows of photo i in memory m: [begin, end), see own. photos is that of the
     * folder. */
    uint32_t photos;
    fleck_row_range *own; /* [count, photos] */
    float *weight;        /* [count, rows_max], of rows; NULL unless weighted */
    uint32_t *order;      /* [photos], shuffled; while memories are drawn */
} fleck_memory;

/* Memories that a plan makes of a folder of so many photos. */
uint32_t fleck_memory_count(fleck_memory_plan plan, uint32_t photos);

/* Makes room for memories of a folder and shuffles its photos, which are dealt out in
 * turn, so that all take part about equally. False when memory is short, as in all
 * that follows. */
bool fleck_memory_begin(fleck_arena *arena, uint32_t photos, size_t D, fleck_memory_plan plan,
                        fleck_rng *rng, fleck_memory *out);

/* Draws memory number m, after those before it. Rows are rounded to bytes (columns.h), as the
 * model's file keeps them. outlier: for a weighted memory the local outlier
 * factors of all patches ([photos, P], above 0), otherwise NULL. */
bool fleck_memory_draw(fleck_memory *memory, uint32_t m, fleck_arena *arena,
                       const fleck_compute *compute, const fleck_features *features,
                       const fleck_embedding *embedding, const float *outlier, fleck_rng *rng);

/* Makes rows (bytes [N, D] in steps [D], N above 0, borrowed as long as the memory lives) memory
 * number m, after those before it. */
bool fleck_memory_add(fleck_memory *memory, uint32_t m, fleck_arena *arena,
                      const fleck_compute *compute, const int8_t *bytes, const float *step,
                      size_t N);

/* The (not squared, weighted) distance from each of P embedded patches ([P, D]) to the
 * nearest row, over the memories: its mean, of FLECK_MEMORY_PHOTOS over the nearest 30 %
 * of them, and in nearest, unless NULL, the mean over the nearest third. The first ranks
 * photos better, for it is steady; the second finds the places, for a patch that some
 * memory knows is at home. photo is the patches' index in the folder: then memories
 * that hold the photo do not count, and a sole memory leaves its rows out;
 * FLECK_NO_PHOTO for any other photo. */
bool fleck_memory_distance(const fleck_memory *memory, const fleck_compute *compute,
                           const float *patches, size_t P, uint32_t photo, float *distance,
                           float *nearest);

#endif
