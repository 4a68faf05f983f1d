/* Patch scores -> a smooth map. */
#ifndef FLECK_HEATMAP_H
#define FLECK_HEATMAP_H

#include "arena.h"
#include "kernels.h"

#include <stdbool.h>

/* Mean of each patch's score and its neighbours', 3 x 3, edges repeated. in and
 * out are [rows, columns] and must not overlap. */
void fleck_smooth(const float *in, size_t rows, size_t columns, float *out);

/* Patch scores [rows, columns] -> map [FLECK_HEAT, FLECK_HEAT]: bilinear, sample centres
 * aligned, of a finer grid than the map weighted means; then a Gaussian of sigma 4 pixels, mirrored
 * at the borders (as FUN-AD and PatchCore do). False when scratch memory is short. */
bool fleck_heatmap(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                   size_t rows, size_t columns, float *map);

/* The same of logits: the map that FUN-AD publishes, of their probabilities, as logits again. */
bool fleck_heatmap_of_logits(const fleck_kernels *kernels, fleck_arena *scratch,
                             const float *logits, size_t rows, size_t columns, float *map);

#endif
