/* Photos with made-up defects, for the paper's recipe that learns from some.
 *
 * As DRAEM makes them (Zavrtanik et al., ICCV 2021): Perlin noise of a random scale,
 * cut off, is the shape; inside it a texture is blended over the photo with a random
 * strength. DRAEM takes textures from a data set of its own; here the texture is
 * another photo of the folder, mirrored, shifted, with other colours, because no
 * data set comes with fleck. */
#ifndef FLECK_CLI_SYNTHETIC_H
#define FLECK_CLI_SYNTHETIC_H

#include "image.h"
#include "rng.h"

#include <stdbool.h>

/* Puts a defect into a copy of photo, as RGBA ([height, width, 4]) in arena. NULL when
 * memory is short. */
uint8_t *cli_synthetic(fleck_arena *arena, const fleck_image *photo, const fleck_image *texture,
                       fleck_rng *rng);

#endif
