/* What is used of stb_image: its inflate, and its JPEG decoder. */
#ifndef FLECK_STB_H
#define FLECK_STB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Unpacks a zlib stream (RFC 1950) and returns how many bytes it made, capacity at most. Of the
 * rest of out up to 258 bytes may be written over. */
#define FLECK_INFLATE_PIECE 65536 /* spare room: stb_image drops a last piece that does not fit */
size_t fleck_inflate(const uint8_t *zlib, size_t size, uint8_t *out, size_t capacity);

/* Where the JPEG decoder reads from: a file whose segments are well-formed, its picture data
 * without the restart markers, in the intervals between them. */
typedef struct {
    void *user;
    size_t (*read)(void *user, uint8_t *out, size_t room); /* 0: the interval is read */
    bool (*more_intervals)(void *user);                    /* whether the scan has another */
    void (*next_interval)(void *user);                     /* goes on to it */
    void (*scan_done)(void *user);                         /* goes on to the next segment */
} fleck_jpeg_source;

typedef enum {
    FLECK_JPEG_WHOLE,
    FLECK_JPEG_SHORT, /* some picture data is missing */
    FLECK_JPEG_DAMAGED,
    FLECK_JPEG_MEMORY
} fleck_jpeg_result;

/* Decodes to [height, width, 3]; rgb is to be freed with fleck_stb_free. */
fleck_jpeg_result fleck_stb_jpeg(const fleck_jpeg_source *source, void **rgb);

/* Frees pixels that a decoder here allocated; NULL is allowed. */
void fleck_stb_free(void *pixels);

#endif
