/* One kind of photo file each: what it says about itself, and its pixels as they are stored. */
#ifndef FLECK_READERS_H
#define FLECK_READERS_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PHOTO_SIDE_MAX (1u << 24)

typedef struct {
    const char *kind;       /* "PNG", "JPEG", "BMP", "TIFF" */
    uint64_t width, height; /* as stored */
    uint32_t orientation;   /* EXIF's 1..8 */
    int transform;          /* JPEG: of colours, as Adobe numbers them; -1: the usual one */
    uint32_t bits;          /* TIFF: of a sample */
} photo_header;

/* Pixels from the top row to the bottom one, nothing between them. Samples of 16 bits are
 * uint16_t of this machine. */
typedef struct {
    uint32_t channels;    /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha */
    uint32_t bits;        /* 8 or 16: of a sample */
    uint32_t significant; /* of these bits, by PNG's sBIT; bits where a file does not say */
    void *data;           /* [height, width, channels] */
    void *owned;          /* for fleck_stb_free; NULL when the arena has the pixels */
} photo_samples;

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
fleck_status fleck_tiff_inspect(const uint8_t *file, size_t size, photo_header *out,
                                fleck_message *err);

/* Pages of a TIFF, of which the first is read: 1, or 2 for any more. */
uint32_t fleck_tiff_pages(const uint8_t *file, size_t size);

/* Each decodes a file that was inspected and found to have a size that can be allocated. */
fleck_status fleck_png_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                              const photo_header *header, photo_samples *out, fleck_message *err);
fleck_status fleck_jpeg_decode(const uint8_t *file, size_t size, const photo_header *header,
                               photo_samples *out, fleck_message *err);
fleck_status fleck_bmp_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                              photo_samples *out, fleck_message *err);
fleck_status fleck_tiff_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                               photo_samples *out, fleck_message *err);

/* "not enough memory for a photo of ..." */
fleck_status fleck_photo_out_of_memory(fleck_message *err, uint64_t width, uint64_t height);

#endif
