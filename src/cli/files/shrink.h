/* Photos made smaller. */
#ifndef FLECK_CLI_SHRINK_H
#define FLECK_CLI_SHRINK_H

#include "image.h"

/* The part of a photo that is shown, and the size that it is shown in. */
typedef struct {
    uint32_t x, y, width, height; /* in pixels of the photo */
    uint32_t out_width, out_height;
} cli_frame;

/* The middle of the photo, frame_share of both sides, at most `longest` pixels a side. */
cli_frame cli_frame_of(const fleck_image *photo, float frame_share, uint32_t longest);

/* Mean of the photo's pixels that fall into one pixel of what is shown: 0..255. */
void cli_frame_pixel(const fleck_image *photo, const cli_frame *frame, uint32_t x, uint32_t y,
                     float rgb[3]);

/* The whole photo as a picture of at most `longest` pixels a side, in arena. False when memory is
 * short. */
bool cli_shrink(fleck_arena *arena, const fleck_image *photo, uint32_t longest, fleck_image *out);

#endif
