/* Samples as a file stores them -> pixels as they are seen. */
#ifndef FLECK_SAMPLES_H
#define FLECK_SAMPLES_H

#include "image.h"
#include "readers.h"

/* What samples hold. */
fleck_samples fleck_photo_measure(const photo_samples *samples, size_t pixels);

/* Samples as pixels that are seen; sample_bits as for fleck_image_decode. */
fleck_status fleck_photo_pixels(fleck_arena *arena, const photo_samples *samples,
                                const photo_header *header, uint32_t sample_bits, fleck_image *out,
                                fleck_message *err);

/* The same of RGBA, which stands upright: rgb [pixels, 3]. */
void fleck_photo_flatten(const uint8_t *rgba, size_t pixels, uint8_t *rgb);

#endif
