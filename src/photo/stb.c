#include "stb.h"

#include "readers.h"

#include <stdlib.h>

/* Its working memory is grown and freed in any order and there is no handle to
 * pass an arena through: the one place besides arena.c that calls malloc.
 * Cleared, because stb_image reads Huffman tables that a file never defined;
 * bounded by what the largest photo needs. */
static void *stb_resize(void *old, size_t size) {
    const size_t most = (size_t)FLECK_PIXELS_MAX * 9;
    if (size > most) return NULL;
    return old ? realloc(old, size) : calloc(1, size);
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_SUPPORT_ZLIB
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_SIMD /* the same code natively and in WebAssembly */
#define STBI_MAX_DIMENSIONS PHOTO_SIDE_MAX
#define STBI_ASSERT(condition) ((void)0) /* bytes of a file must not abort */
#define STBI_MALLOC(size) stb_resize(NULL, size)
#define STBI_REALLOC(old, size) stb_resize(old, size)
#define STBI_FREE(old) free(old)
#include "stb_image.h"
/* gcc reports its undefined static functions at the end of this file. */
#pragma GCC diagnostic ignored "-Wunused-function"

size_t fleck_inflate(const uint8_t *zlib, size_t size, uint8_t *out, size_t capacity) {
    if (size > INT_MAX || capacity > INT_MAX) return 0;
    stbi__zbuf z = {.zbuffer = (stbi_uc *)zlib, .zbuffer_end = (stbi_uc *)zlib + size};
    stbi__do_zlib(&z, (char *)out, (int)capacity, 0, 1);
    return (size_t)(z.zout - z.zout_start);
}

void fleck_stb_free(void *pixels) { stbi_image_free(pixels); }

/* ---- JPEG --------------------------------------------------------------- */

/* What stb_image reads from. Where an interval of the picture data ends, it gets zeros until it has
 * the interval's blocks; how many of them it used up says whether data was missing. */
typedef struct {
    stbi__context s;
    stbi__jpeg j;
    const fleck_jpeg_source *source;
    int zeros;    /* bytes, at the end of an interval */
    bool at_mark; /* behind them is a restart marker */
    bool missing; /* more was needed than there was */
} stb_reader;

static void check_zeros(stb_reader *r) {
    if (r->zeros && 8 * r->zeros > r->j.code_bits) r->missing = true;
}

static int read_source(void *user, char *out, int room) {
    stb_reader *r = user;
    /* stb_image clears the marker when it has begun the next interval. */
    if (r->at_mark && r->j.marker == STBI__MARKER_none && !r->missing) {
        r->at_mark = false;
        r->zeros = 0;
        r->source->next_interval(r->source->user);
    }
    int got = r->zeros ? 0 : (int)r->source->read(r->source->user, (uint8_t *)out, (size_t)room);
    if (got) return got;
    check_zeros(r);
    if (r->missing) {
        r->j.marker = STBI__MARKER_none;
        r->j.todo = 0; /* ends the scan at its next block */
    } else if (r->source->more_intervals(r->source->user)) {
        r->at_mark = true;
        r->j.marker = 0xD0;
    }
    r->zeros++;
    *out = 0;
    return 1;
}

static void skip_source(void *user, int bytes) { (void)user, (void)bytes; } /* nothing to skip */

/* In place of stb_image's own 0 and 1, which the next scan puts back: this one has been told of. */
enum { SCAN_TOLD = 2 };

/* stb_image asks whether the file ends when a scan does, and only then; from version 2.29 on also
 * within the marker that follows. */
static int end_source(void *user) {
    stb_reader *r = user;
    if (r->j.nomore == SCAN_TOLD) return r->zeros > 0;
    check_zeros(r);
    if (r->missing || r->source->more_intervals(r->source->user)) {
        r->missing = true;
        r->s.read_from_callbacks = 0;
        r->s.img_buffer = r->s.img_buffer_end;
        return 1;
    }
    r->source->scan_done(r->source->user);
    r->j.nomore = SCAN_TOLD;
    r->s.img_buffer = r->s.img_buffer_end; /* the scan's data that is left over */
    r->zeros = 0;
    return 0;
}

fleck_jpeg_result fleck_stb_jpeg(const fleck_jpeg_source *source, void **rgb) {
    stb_reader *r = stb_resize(NULL, sizeof *r);
    if (!r) return FLECK_JPEG_MEMORY;
    r->source = source;
    stbi_io_callbacks callbacks = {read_source, skip_source, end_source};
    int width, height;
    stbi__g_failure_reason = NULL; /* it sets none for some failures */
    r->j.s = &r->s;
    stbi__setup_jpeg(&r->j);
    stbi__start_callbacks(&r->s, &callbacks, r);
    *rgb = load_jpeg_image(&r->j, &width, &height, NULL, 3);
    const char *reason = stbi__g_failure_reason;
    bool memory = reason && !strcmp(reason, "outofmem");
    check_zeros(r);
    bool missing = r->missing;
    free(r);
    /* From version 2.29 on it gives what it has when a marker is bad. */
    if (missing || reason) {
        stbi_image_free(*rgb);
        *rgb = NULL;
    }
    return *rgb      ? FLECK_JPEG_WHOLE
           : memory  ? FLECK_JPEG_MEMORY
           : missing ? FLECK_JPEG_SHORT
                     : FLECK_JPEG_DAMAGED;
}
