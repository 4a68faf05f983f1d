/* Mask images of all the ways in which data sets mark defects: any value but 0, any colour
 * but black, or opaque. */
#ifndef FLECK_CLI_MASK_H
#define FLECK_CLI_MASK_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>

typedef struct {
    uint32_t width, height;
    uint8_t *set;  /* [height, width]: 1 where defective */
    size_t marked; /* how many are */
    bool drawn;    /* in a few values, on black that is most of it: no photo */
    bool inverted; /* most of it and all of its corners: perhaps good and defective are swapped */
} cli_mask;

/* err gets the reason without the name: no picture that can be read, or one that marks
 * nothing that can be told apart, as a photo. */
bool cli_mask_decode(fleck_arena *arena, const uint8_t *file, size_t size, cli_mask *out,
                     fleck_message *err);

/* Whether the mask may be of a photo of that size: the same shape, within rounding. */
bool cli_mask_fits(const cli_mask *mask, uint32_t width, uint32_t height);

/* Marks in out what the mask marks, as the heatmap sees the frame: resized with nearest
 * neighbours, then centre-cropped, as the preset does with the photo. */
void cli_mask_draw(const cli_mask *mask, fleck_preset preset,
                   uint8_t *out /* [FLECK_HEAT, FLECK_HEAT] */);

#endif
