/* What is used of stb_image: its inflate, and its JPEG decoder. */
#ifndef FLECK_STB_H
#define FLECK_STB_H

#include <stddef.h>
#include <stdint.h>

/* Unpacks a zlib stream (RFC 1950) and returns the bytes it made, capacity at most. What is
 * left of out is not touched, but for up to 258 bytes after them. */
#define FLECK_INFLATE_PIECE 65536 /* stb_image drops a last piece that does not fit */
size_t fleck_inflate(const uint8_t *zlib, size_t size, uint8_t *out, size_t capacity);

uint8_t *fleck_stb_load(const uint8_t *file, size_t size, uint32_t *width, uint32_t *height,
                        const char **reason);

/* Frees pixels that a decoder here allocated; NULL is allowed. */
void fleck_stb_free(void *pixels);

#endif
