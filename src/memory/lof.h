/* Local outlier factors (LOF; Breunig, Kriegel, Ng, Sander, SIGMOD 2000): how much
 * emptier it is around a point than around its neighbours, about 1 for a usual one.
 *
 * With N(a) the k points nearest to a, a itself left out, and d the distance:
 *
 *     k-distance(b) = distance from b to the farthest of N(b)
 *     reach(a, b)   = max(k-distance(b), d(a, b))       the reachability distance: within
 *                     a cluster all points are equally far, so that chance counts less
 *     density(a)    = 1 / (mean of reach(a, b) over N(a) + 1e-10)
 *     LOF(a)        = mean of density(b) over N(a) / density(a)
 *
 * Equal points thus have a finite density, and LOF 1 among themselves. */
#ifndef FLECK_LOF_H
#define FLECK_LOF_H

#include "embedding.h"

#define FLECK_LOF_K 6 /* k, less where there are no more than k points */

/* What is known of reference points, by which others are judged. */
typedef struct {
    size_t n;
    float *k_distance; /* [n] */
    double *density;   /* [n] */
} fleck_lof_references;

/* LOF of n > 1 points, distance [n, n] between them, and what others are judged by: references
 * comes with n, and with room for the rest. */
void fleck_lof(const float *distance, fleck_lof_references *references, float *lof);

/* LOF of another point, distance [n] from it to the references. */
float fleck_lof_of(const float *distance, const fleck_lof_references *references);

/* LOF of the patches of one row of the grid, each among those at its place in the
 * photos listed as references, count > 1 of them, in the embedding: lof [photos, P].
 * Scratch memory holds that row of all references; false when it is short. */
bool fleck_lof_row(const fleck_compute *compute, const fleck_features *features,
                   const fleck_embedding *embedding, const uint32_t *references, size_t count,
                   size_t row, float *lof);

#endif
