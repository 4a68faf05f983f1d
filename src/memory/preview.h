/* A first ranking of a folder, before anything is learnt from it: plain nearest neighbours
 * (PatchCore without its coreset; Roth et al., CVPR 2022). */
#ifndef FLECK_PREVIEW_H
#define FLECK_PREVIEW_H

#include "compute.h"
#include "features.h"

/* How far each photo lies from the others: of the hundredth of its patches that is farthest, the
 * mean distance to the nearest of 1,024 patches of the others, drawn at random by seed. unusual
 * [count], count > 1; its values compare photos of one call alone. False when memory is short. */
bool fleck_preview_rank(const fleck_compute *compute, const fleck_features *features, uint64_t seed,
                        float *unusual);

#endif
