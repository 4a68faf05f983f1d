/* The patches of a photo: a grid of them, or those of it that lie in an area of interest.
 *
 * Where an area is set, the features of a photo's patches stand in the grid's order: first those
 * inside, then the others. All that is learnt and scored takes the first P of them, so that what
 * lies outside is nowhere to be found. What asks for neighbours finds them by their places.
 *
 * An area that follows a part lies elsewhere on each photo. The patches of all of them stand in the
 * order of the area as it was drawn, and so in their places on the part; what is said of a photo's
 * own places goes by a grid that was moved (fleck_grid_moved). */
#ifndef FLECK_GRID_H
#define FLECK_GRID_H

#include "types.h"

#include <stdbool.h>

typedef struct {
    uint32_t rows, columns;
    /* [rows * columns]: places (row * columns + column), first of those patches that count, which
     * are inside, then of the others, both ascending. NULL: all count, in the order of their
     * places. */
    const uint32_t *order;
    uint32_t inside;
    int32_t moved; /* added to the places of the patches that count; 0 without an order */
} fleck_grid;

/* Places. */
static inline size_t fleck_grid_places(fleck_grid grid) { return (size_t)grid.rows * grid.columns; }

/* P: patches that count. */
static inline size_t fleck_grid_patches(fleck_grid grid) {
    return grid.order ? grid.inside : fleck_grid_places(grid);
}

/* The place of a patch. */
static inline size_t fleck_grid_place(fleck_grid grid, size_t patch) {
    return grid.order ? (size_t)((int64_t)grid.order[patch] + grid.moved) : patch;
}

/* The same grid where a photo shows what the area holds, which stays within it. */
fleck_grid fleck_grid_moved(fleck_grid grid, fleck_shift shift);

/* All places ([rows * columns]): of the patches that count, then the others, both ascending. */
void fleck_grid_list(fleck_grid grid, uint32_t *places);

/* How many patches lie in the rows above this one: the number of its first. */
size_t fleck_grid_first(fleck_grid grid, size_t row);

/* Whether patch + 1 is the right neighbour of patch. */
bool fleck_grid_goes_on(fleck_grid grid, size_t patch);

/* A value for each patch ([P]; NULL: 1 for each) -> one for each place, 0 where no patch counts. */
void fleck_grid_spread(fleck_grid grid, const float *values, float *places);

#endif
