/* Pixels -> the normalised tensor that a ViT takes. */
#ifndef FLECK_RESIZE_H
#define FLECK_RESIZE_H

#include "image.h"

/* Length that a preset resizes a side to before it crops it to so many pixels: the same for
 * fit, 256/224 of them, rounded, for funad (256 for 224, 512 for 448). */
uint32_t fleck_image_resize_side(fleck_preset preset, uint32_t pixels);

/* A square of S pixels in a photo that was resized and cropped to width x height. */
typedef struct {
    uint32_t width, height, S;
    uint32_t left, top; /* S + left <= width, S + top <= height */
} fleck_square;

/* The whole photo as a square. */
static inline fleck_square fleck_square_of(uint32_t S) {
    return (fleck_square){.width = S, .height = S, .S = S};
}

/* Resize as PIL's BILINEAR with antialiasing does it on 8-bit pixels (two
 * passes, fixed-point weights, rounded to a byte after each), then centre
 * crop, then (v/255 - mean) / std. tensor is [3, S, S], planes R, G, B. Pixels
 * of 16 bits are resized with the same weights in 16 bits, then (v/65535 - mean)
 * / std. Of the photo only what the square shows is computed. Scratch memory, about
 * 15*S*S bytes (27 for 16 bits) and 8 for every row and column of the photo that it
 * shows, is given back. */
fleck_status fleck_image_to_tensor(fleck_arena *scratch, const fleck_image *image,
                                   fleck_preset preset, fleck_square square, const float mean[3],
                                   const float std[3], float *tensor, fleck_message *err);

#endif
