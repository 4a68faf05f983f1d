/* Photo files -> pixels, upright. */
#ifndef FLECK_IMAGE_H
#define FLECK_IMAGE_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>

typedef struct {
    uint32_t width, height; /* as seen: after EXIF orientation */
    uint8_t *rgb;           /* [height, width, 3], sRGB */
    uint16_t *wide;         /* of a photo of 16 bits the same, 0..65535; otherwise NULL */
    fleck_samples samples;  /* what its file holds */
} fleck_image;

/* Decodes PNG, JPEG, BMP or the first page of a TIFF, grey or colour, 8 or 16 bit, orientation
 * applied (a malformed one is ignored). What is transparent shows mid grey. Of a photo of 16 bits
 * sample_bits says which values are white, as for fleck_set_sample_bits. The pixels live in arena.
 *
 * FLECK_ERR_FORMAT says what was wrong: another kind of file, a truncated one (only the mark of
 * the end may be missing), a PNG with a wrong checksum, more than
 * FLECK_PIXELS_MAX pixels, which is refused before they are allocated. JPEG has no checksum: a
 * damaged one may decode to wrong pixels.
 *
 * Work and memory are bounded by the size that the header states, not by what the file unpacks
 * to: 25 bytes a pixel at most (16 bits with alpha, as an interlaced PNG or in one strip of a TIFF,
 * 33 in a tile of twice its size; an ordinary JPEG 9), and for FLECK_PIXELS_MAX one to four seconds
 * of a processor, natively. So nothing cancels it. */
fleck_status fleck_image_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                                uint32_t sample_bits, fleck_image *out, fleck_message *err);

/* What the samples of a file hold, as for fleck_measure. */
fleck_status fleck_image_measure(const uint8_t *file, size_t size, fleck_samples *out,
                                 fleck_message *err);

/* A photo's size as seen, by the first bytes of its file, as for fleck_photo_size. */
bool fleck_image_size(const uint8_t *head, size_t size, uint32_t *width, uint32_t *height);

/* Pages of a file, as for fleck_photo_pages. */
uint32_t fleck_image_pages(const uint8_t *file, size_t size);

/* Copies RGBA pixels ([height, width, 4], borrowed), of which transparent ones show mid grey. */
fleck_status fleck_image_from_rgba(fleck_arena *arena, const uint8_t *rgba, uint32_t width,
                                   uint32_t height, fleck_image *out, fleck_message *err);

#endif
