/* Patch scores -> a smooth map. */
#ifndef FLECK_HEATMAP_H
#define FLECK_HEATMAP_H

#include "arena.h"
#include "grid.h"
#include "kernels.h"

#include <stdbool.h>

/* Of an area of interest all of it is normalised convolution (Knutsson and Westin, CVPR 1993):
 * means are of the patches that count, by their weights, and no other takes part. */

/* Mean of each patch's score and its neighbours', 3 x 3, the grid's edges repeated. in and
 * out are [P] and must not overlap. False when scratch memory is short, as in what follows. */
bool fleck_smooth(fleck_arena *scratch, const float *in, fleck_grid grid, float *out);

/* Patch scores [P] -> map [FLECK_HEAT, FLECK_HEAT]: bilinear, sample centres
 * aligned, of a finer grid than the map weighted means; then a Gaussian of sigma 4 pixels, mirrored
 * at the borders (as FUN-AD and PatchCore do). -INFINITY where no patch that counts is near. */
bool fleck_heatmap(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                   fleck_grid grid, float *map);

/* The same of logits: the map that FUN-AD publishes, of their probabilities, as logits again. */
bool fleck_heatmap_of_logits(const fleck_kernels *kernels, fleck_arena *scratch,
                             const float *logits, fleck_grid grid, float *map);

#endif
