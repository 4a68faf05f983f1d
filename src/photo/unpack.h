/* TIFF's own compressions. Each writes capacity bytes at most and returns how many it made: fewer
 * than there should be where the packed bytes end early or are damaged. */
#ifndef FLECK_UNPACK_H
#define FLECK_UNPACK_H

#include <stddef.h>
#include <stdint.h>

size_t fleck_unpack_lzw(const uint8_t *packed, size_t size, uint8_t *out, size_t capacity);

size_t fleck_unpack_packbits(const uint8_t *packed, size_t size, uint8_t *out, size_t capacity);

#endif
