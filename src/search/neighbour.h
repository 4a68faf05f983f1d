/* What searches for nearest rows take and give. */
#ifndef FLECK_NEIGHBOUR_H
#define FLECK_NEIGHBOUR_H

#include <stdint.h>

#define FLECK_NO_ROW UINT32_MAX

typedef struct {
    uint32_t index; /* FLECK_NO_ROW where there is no row to find */
    float distance; /* squared; INFINITY with FLECK_NO_ROW */
} fleck_neighbour;

/* Rows: [begin, end). */
typedef struct {
    uint32_t begin, end;
} fleck_row_range;

#endif
