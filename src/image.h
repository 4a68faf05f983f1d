/* Photo files and pixels -> the normalised tensor that a ViT takes. */
#ifndef FLECK_IMAGE_H
#define FLECK_IMAGE_H

#include "arena.h"
#include "status.h"

typedef struct {
    uint32_t width, height; /* as seen: after EXIF orientation */
    uint8_t *rgb;           /* [height, width, 3], sRGB */
} fleck_image;

/* Decodes PNG, JPEG or BMP, grey or colour, 8 or 16 bit (16 keeps the high
 * byte), alpha ignored, EXIF orientation applied (a malformed one is ignored).
 * The pixels live in arena.
 *
 * FLECK_ERR_FORMAT says what was wrong: another kind of file, a truncated one
 * (no JPEG end marker, no PNG IEND, too few BMP rows), a PNG with a wrong
 * checksum, more than FLECK_PIXELS_MAX pixels, which is refused before they are
 * allocated. JPEG has no checksum: a damaged one may decode to wrong pixels. */
fleck_status fleck_image_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                                fleck_image *out, fleck_message *err);

/* Copies RGBA pixels ([height, width, 4], borrowed) without their alpha. */
fleck_status fleck_image_from_rgba(fleck_arena *arena, const uint8_t *rgba, uint32_t width,
                                   uint32_t height, fleck_image *out, fleck_message *err);

/* Side of the square that a preset resizes to before it crops S: S itself for
 * fit, S*256/224 rounded for funad (256 for 224, 512 for 448). */
uint32_t fleck_image_resize_side(fleck_preset preset, uint32_t S);

/* Resize as PIL's BILINEAR with antialiasing does it on 8-bit pixels (two
 * passes, fixed-point weights, rounded to a byte after each), then centre
 * crop, then (v/255 - mean) / std. tensor is [3, S, S], planes R, G, B.
 * Scratch memory, about 15*S*S bytes and 8 for every row and column of the
 * photo, is given back. */
fleck_status fleck_image_to_tensor(fleck_arena *scratch, const fleck_image *image,
                                   fleck_preset preset, uint32_t S, const float mean[3],
                                   const float std[3], float *tensor, fleck_message *err);

#endif
