/* Contours -> pixels. */
#ifndef FLECK_CLI_FILL_H
#define FLECK_CLI_FILL_H

#include "types.h"

/* A part of a photo, in its pixels. */
typedef struct {
    uint32_t left, top, width, height;
} cli_window;

/* The pixels of a photo of that size that a region may cover. */
cli_window cli_window_of(const fleck_region *region, uint32_t width, uint32_t height);

/* Marks with 1 what lies in the regions from first on, as far as the window shows it: pixels whose
 * centre is within their contours. mask is [height, width] of the window, all 0 before. Gives how
 * many pixels that are. */
uint64_t cli_fill(const fleck_regions *regions, uint32_t first, uint32_t count, cli_window window,
                  uint8_t *mask);

/* Marks the pixel where a region is hottest, which a small one may have no centre of. */
void cli_fill_peak(const fleck_region *region, cli_window window, uint8_t *mask);

#endif
