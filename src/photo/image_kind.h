/* The first bytes of a file -> what kind of file it is, whatever its name says. */
#ifndef FLECK_IMAGE_KIND_H
#define FLECK_IMAGE_KIND_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    FLECK_FILE_OTHER = 0, /* no picture, as far as can be seen */
    FLECK_FILE_PICTURE,   /* a picture of a kind that cannot be read */
    FLECK_FILE_HEATMAP,   /* a picture that fleck drew */
    FLECK_FILE_PHOTO      /* begins like what can be read */
} fleck_file_class;

typedef struct {
    fleck_file_class class;
    const char *name; /* "PNG", "TIFF", ...; NULL: unknown */
} fleck_file_kind;

#define FLECK_KIND_BYTES 4096 /* no kind needs more of a file's beginning */

fleck_file_kind fleck_file_kind_of(const uint8_t *file, size_t size);

/* The PNG chunk that marks a heatmap as one. It follows IHDR, so that it is found wherever the
 * file is copied to; web/files/kinds.js writes the same. */
#define FLECK_HEATMAP_MARK "\0\0\0\x16tEXtSoftware\0fleck heatmap\xc5\x5d\xb9\x3d"
#define FLECK_HEATMAP_MARK_BYTES (sizeof FLECK_HEATMAP_MARK - 1)
#define FLECK_HEATMAP_MARK_AT 33 /* where IHDR ends */

#endif
