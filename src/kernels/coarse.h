/* The format that coarse searches read, for those who implement one. */
#ifndef FLECK_COARSE_H
#define FLECK_COARSE_H

#include "kernels.h"

/* A query's bytes are q + FLECK_COARSE_ZERO, in 1..127. */
#define FLECK_COARSE_ZERO 64

/* Of bytes, sums run in int16, two for each row, over so many integers: one takes
 * the integers 0 and 1 of every four, one those 2 and 3. */
#define FLECK_COARSE_RUN 96

/* A panel of bytes: what the sums of a row start from, int32 [FLECK_PANEL], then,
 * for each run of k, what its two sums start from, int16 [FLECK_PANEL, 2], and
 * the integers [k/4, FLECK_PANEL, 4]. Each start is -FLECK_COARSE_ZERO * (sum of
 * the row's integers that take part). A panel of int16: [k/2, FLECK_PANEL, 2]. */
#define FLECK_COARSE_START (4 * FLECK_PANEL) /* bytes of either start */

#endif
