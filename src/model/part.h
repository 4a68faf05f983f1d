/* The part that an area of interest follows: tokens of the photo that the area was drawn over, of
 * patches that count. On another photo the area lies where its patches are most like them: at the
 * shift by whole patches for which the mean cosine between them and the photo's tokens is highest.
 * What turns or comes nearer is not followed. */
#ifndef FLECK_PART_H
#define FLECK_PART_H

#include "compute.h"
#include "grid.h"

#include <stdbool.h>

/* Tokens at most: of larger areas those of some patches, spread evenly. */
#define FLECK_PART_TOKENS 1024

/* An area moves by a quarter of the grid's rows and columns at most, and stays within the grid. */
#define FLECK_PART_REACH 4

/* Whether there is room for that. */
bool fleck_part_moves(fleck_grid grid);

/* n: how many tokens there are. */
size_t fleck_part_tokens(fleck_grid grid);

/* Takes them from a photo ([places, D], by place) into part ([n, D]). */
void fleck_part_take(fleck_grid grid, size_t D, const fleck_half *photo, fleck_half *part);

/* Where the area lies on a photo ([places, D], by place); of shifts that fit as well the smallest,
 * of these the first by rows and columns. False when scratch memory is short. */
bool fleck_part_find(const fleck_compute *compute, fleck_grid grid, size_t D,
                     const fleck_half *part, const fleck_half *photo, fleck_shift *out);

#endif
