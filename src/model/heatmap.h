/* Patch scores -> a smooth map. */
#ifndef FLECK_HEATMAP_H
#define FLECK_HEATMAP_H

#include "features.h"
#include "kernels.h"

#include <stdbool.h>

/* Mean of each patch's score and its neighbours', 3 x 3, edges repeated. in and
 * out are [rows, columns] and must not overlap. */
void fleck_smooth(const float *in, fleck_grid grid, float *out);

/* Patch scores [rows, columns] -> map [FLECK_HEAT, FLECK_HEAT]: bilinear, sample centres
 * aligned, then a Gaussian of sigma 4 pixels, mirrored at the borders (as
 * FUN-AD and PatchCore do). False when scratch memory is short. */
bool fleck_heatmap(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                   fleck_grid grid, float *map);

/* The same of logits: the map that FUN-AD publishes, of their probabilities, as logits again. */
bool fleck_heatmap_of_logits(const fleck_kernels *kernels, fleck_arena *scratch,
                             const float *logits, fleck_grid grid, float *map);

#endif
