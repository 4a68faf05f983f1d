/* The tensors of a backbone -> the same in another type, under DINO's names. */
#ifndef FLECK_CONVERT_H
#define FLECK_CONVERT_H

#include "tensors.h"

/* in has DINO's names (vit_names.h). Queries, keys and values become one matrix. With
 * FLECK_F32 all is float32. With FLECK_F16 vectors stay float32, which layer scales of
 * 1e-5 need and which takes little space; everything else is F16, where no value is beyond it.
 * FLECK_I8 is the same but for the matrices of the blocks, whose rows become integers
 * of -127 to 127 and a scale each.
 *
 * Names and data live in arena, or in in's file. The metadata is in's. */
fleck_status fleck_convert(fleck_arena *arena, const fleck_weights *in, fleck_dtype dtype,
                           fleck_weights *out, fleck_message *err);

/* Whether a file's metadata holds it as it is: printable ASCII without '"' and '\\'. */
bool fleck_is_plain(const char *text);

#endif
