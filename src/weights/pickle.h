/* A PyTorch checkpoint (.pth, .pt, .bin) -> a table of tensors.
 *
 * Its pickle is a program. This reader knows only what builds tensors, dictionaries
 * and plain values; whatever else it asks for is refused by name and never done. */
#ifndef FLECK_PICKLE_H
#define FLECK_PICKLE_H

#include "tensors.h"

/* Whether bytes begin as a checkpoint does, in its present form (a zip file) or in the
 * one of before PyTorch 1.6. */
bool fleck_is_checkpoint(const uint8_t *bytes, size_t size);

/* As fleck_weights_open. Tensors in dictionaries within dictionaries are called
 * "teacher.backbone.cls_token" and so on. The form of before PyTorch 1.6 is refused,
 * saying how to convert it. */
fleck_status fleck_checkpoint_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                   fleck_weights *out, fleck_message *err);

#endif
