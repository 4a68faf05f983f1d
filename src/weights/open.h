/* A weight file of any kind -> its table of tensors. */
#ifndef FLECK_OPEN_H
#define FLECK_OPEN_H

#include "tensors.h"

/* Reads a weight file, whose first bytes tell its kind. The table lives in arena,
 * the data stays in bytes. What is of no known kind, damaged or ambiguous is
 * FLECK_ERR_FORMAT, and the message says why. */
fleck_status fleck_weights_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                fleck_weights *out, fleck_message *err);

#endif
