/* The space in which patches are compared. As a method wants it:
 *
 *   window    a patch becomes the mean of the window x window patches around it, at
 *             the borders of those that exist (PatchCore's locally aware features,
 *             Roth et al., CVPR 2022): larger structures count, noise averages out
 *   whiten    distances become Mahalanobis distances under the folder's covariance,
 *             shrunk towards a multiple of the identity
 *   aligned   and taken from the mean of the patch's own place in the frame (PaDiM,
 *             Defard et al., ICPR 2021), for products that always lie alike */
#ifndef FLECK_EMBEDDING_H
#define FLECK_EMBEDDING_H

#include "features.h"
#include "compute.h"

#include <stdbool.h>

/* Bound of the values of factor below: no distance overflows. */
#define FLECK_WHITENING_MAX 1e5f

typedef struct {
    uint32_t window; /* odd; 1: the patch alone */
    bool whiten, aligned;
} fleck_embedding_plan;

typedef struct {
    fleck_embedding_plan plan;
    fleck_grid grid; /* of P patches */
    size_t D;
    /* With whiten alone: */
    float *mean;   /* [D], or [P, D] of aligned */
    float *factor; /* [D, D], lower triangular: inverse of the covariance's Cholesky factor */
    float *packed; /* the same, for matmul */
} fleck_embedding;

/* Places [begin, end) along a side of n that a window takes in which reaches so far around i. */
typedef struct {
    size_t begin, end;
} fleck_window;
fleck_window fleck_window_around(size_t i, size_t n, size_t reach);

/* The sums over the windows of values [P] (NULL: 1 for each), one a patch, -> out [P]; places
 * [rows, columns] is room for them. */
void fleck_window_sums(const fleck_embedding *embedding, const float *values, float *places,
                       float *out);

/* Learns what plan needs from a folder; the features are not kept. False when memory
 * is short, as in all that follows. */
bool fleck_embedding_fit(fleck_arena *arena, const fleck_compute *compute,
                         const fleck_features *features, fleck_embedding_plan plan,
                         fleck_embedding *out);

/* Packs factor, once it is known. */
bool fleck_embedding_pack(fleck_arena *arena, fleck_embedding *embedding);

/* The grain: distances below it are too small to mean anything. It is the median distance between
 * patches side by side in a photo or, if that is more, what rounding to halves makes. Saving a
 * photo anew, as a JPEG of quality 75 to 95, moves most of its patches by .05 to .6 of it, at the
 * worst place by .3 to 2. With whitening it is a distance that no usual patch exceeds. */
bool fleck_embedding_grain(const fleck_embedding *embedding, const fleck_compute *compute,
                           const fleck_features *features, float *grain);

/* A photo's patches ([P, D]) -> out [P, D]. */
bool fleck_embed(const fleck_embedding *embedding, const fleck_compute *compute,
                 const fleck_half *patch, float *out);

/* The same values for rows [begin, end) of the grid alone, out [their patches, D]. */
bool fleck_embed_rows(const fleck_embedding *embedding, const fleck_compute *compute,
                      const fleck_half *patch, size_t begin, size_t end, float *out);

#endif
