/* Pixels -> the normalised tensor that a ViT takes. */
#ifndef FLECK_RESIZE_H
#define FLECK_RESIZE_H

#include "image.h"

/* Side of the square that a preset resizes to before it crops S: S itself for
 * fit, S*256/224 rounded for funad (256 for 224, 512 for 448). */
uint32_t fleck_image_resize_side(fleck_preset preset, uint32_t S);

/* Resize as PIL's BILINEAR with antialiasing does it on 8-bit pixels (two
 * passes, fixed-point weights, rounded to a byte after each), then centre
 * crop, then (v/255 - mean) / std. tensor is [3, S, S], planes R, G, B. Pixels
 * of 16 bits are resized with the same weights in 16 bits, then (v/65535 - mean)
 * / std. Scratch memory, about 15*S*S bytes (27 for 16 bits) and 8 for every row
 * and column of the photo, is given back. */
fleck_status fleck_image_to_tensor(fleck_arena *scratch, const fleck_image *image,
                                   fleck_preset preset, uint32_t S, const float mean[3],
                                   const float std[3], float *tensor, fleck_message *err);

#endif
