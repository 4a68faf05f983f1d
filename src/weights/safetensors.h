/* safetensors bytes -> a table of tensors. */
#ifndef FLECK_SAFETENSORS_H
#define FLECK_SAFETENSORS_H

#include "tensors.h"

/* Whether bytes begin as such a file does. */
bool fleck_is_safetensors(const uint8_t *bytes, size_t size);

/* As fleck_weights_open. Two tensors that share bytes are refused. *cut receives whether the file
 * was refused because its header promises more bytes than there are. */
fleck_status fleck_safetensors_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                    fleck_weights *out, bool *cut, fleck_message *err);

#endif
