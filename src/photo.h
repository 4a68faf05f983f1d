/* What a photo file says about itself: the walkers look at a file before it is decoded. */
#ifndef FLECK_PHOTO_H
#define FLECK_PHOTO_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PHOTO_SIDE_MAX (1u << 24)

typedef struct {
    const char *kind;       /* "PNG", "JPEG", "BMP" */
    uint64_t width, height; /* as stored */
    uint32_t orientation;   /* EXIF's 1..8 */
} photo_header;

static inline uint32_t be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static inline uint32_t be32(const uint8_t *p) { return be16(p) << 16 | be16(p + 2); }
static inline uint32_t le16(const uint8_t *p) { return (uint32_t)p[1] << 8 | p[0]; }
static inline uint32_t le32(const uint8_t *p) { return le16(p + 2) << 16 | le16(p); }

/* Whether a file starts with the bytes of a string literal. */
#define STARTS(file, size, magic)                                                                  \
    ((size) >= sizeof(magic) - 1 && !memcmp((file), (magic), sizeof(magic) - 1))

/* The orientation in a TIFF block, the content of EXIF; 1, which is upright,
 * whenever anything about it is odd. */
uint32_t fleck_exif_orientation(const uint8_t *tiff, size_t size);

/* Each walks over a whole file of its kind and fills what the file states of the header. */
fleck_status fleck_jpeg_inspect(const uint8_t *file, size_t size, photo_header *out,
                                fleck_message *err);
fleck_status fleck_png_inspect(const uint8_t *file, size_t size, photo_header *out,
                               fleck_message *err);
fleck_status fleck_bmp_inspect(const uint8_t *file, size_t size, photo_header *out,
                               fleck_message *err);

#endif
