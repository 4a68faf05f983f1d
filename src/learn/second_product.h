/* Does a folder show one product, or two? */
#ifndef FLECK_SECOND_PRODUCT_H
#define FLECK_SECOND_PRODUCT_H

#include "arena.h"
#include "features.h"

#include <stdbool.h>

/* Splits the photos into two groups by their class tokens (2-means, begun along the
 * longest axis). Two products lie apart: the groups' means are more than 6.5 of the
 * groups' own deviations along their axis from each other, and the smaller group has a
 * tenth of the photos or more, and five at least. *second is the size of the smaller group then, 0
 * for one product. One product with its defects reaches 5 deviations, two different ones 8 and
 * more. False when scratch memory is short. */
bool fleck_second_product(fleck_arena *scratch, const fleck_features *features, uint32_t *second);

#endif
