/* Decoding has three parts. The walkers look at a file before stb_image does:
 * kind, size in pixels, EXIF orientation, and whether it is all there. That
 * refuses truncated files by name, huge ones before their pixels are
 * allocated, and keeps from stb_image what it would not survive (see
 * check_huffman). Then stb_image decodes, and the pixels are turned upright
 * while they are copied into the arena. */
#include "image.h"

#include "image_kind.h"
#include "photo.h"

#include <limits.h>
#include <stdlib.h>

/* ---- stb_image ---------------------------------------------------------- */

/* Its working memory is grown and freed in any order and there is no handle to
 * pass an arena through: the one place besides arena.c that calls malloc.
 * Cleared, because stb_image reads Huffman tables that a file never defined;
 * bounded, because a small PNG can unpack to any size: 16-bit RGBA, its filter
 * bytes, and twice that for the growing buffer of an interlaced one. */
static void *stb_resize(void *old, size_t size) {
    const size_t most = (size_t)FLECK_PIXELS_MAX * 18;
    if (size > most) return NULL;
    return old ? realloc(old, size) : calloc(1, size);
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
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

/* ---- what a file says about itself -------------------------------------- */

static fleck_status inspect(const uint8_t *file, size_t size, photo_header *out,
                            fleck_message *err) {
    *out = (photo_header){.orientation = 1};
    if (!size) return fleck_fail(err, FLECK_ERR_FORMAT, "empty file");
    if (size > INT_MAX) return fleck_fail(err, FLECK_ERR_FORMAT, "file of more than 2 GB");
    if (fleck_file_kind_of(file, size).class == FLECK_FILE_HEATMAP)
        return fleck_fail(err, FLECK_ERR_FORMAT, "this is a heatmap that fleck drew, no photo");
    fleck_status status;
    if (STARTS(file, size, "\x89PNG\r\n\x1a\n")) {
        out->kind = "PNG";
        status = fleck_png_inspect(file, size, out, err);
    } else if (STARTS(file, size, "\xFF\xD8")) {
        out->kind = "JPEG";
        status = fleck_jpeg_inspect(file, size, out, err);
    } else if (STARTS(file, size, "BM")) {
        out->kind = "BMP";
        status = fleck_bmp_inspect(file, size, out, err);
    } else {
        const char *kind = fleck_file_kind_of(file, size).name;
        if (kind)
            return fleck_fail(err, FLECK_ERR_FORMAT,
                              "this is a %s file; PNG, JPEG and BMP photos can be read", kind);
        return fleck_fail(err, FLECK_ERR_FORMAT, "not a PNG, JPEG or BMP photo");
    }
    if (status) return status;
    if (!out->width || !out->height)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged %s: it has no pixels", out->kind);
    if (out->width > PHOTO_SIDE_MAX || out->height > PHOTO_SIDE_MAX ||
        out->width * out->height > FLECK_PIXELS_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "photo has %llu x %llu pixels, at most %u million are accepted",
                          (unsigned long long)out->width, (unsigned long long)out->height,
                          FLECK_PIXELS_MAX >> 20);
    return FLECK_OK;
}

/* ---- pixels ------------------------------------------------------------- */

static fleck_status out_of_memory(fleck_message *err, uint64_t width, uint64_t height) {
    return fleck_fail(err, FLECK_ERR_MEMORY, "not enough memory for a photo of %llu x %llu pixels",
                      (unsigned long long)width, (unsigned long long)height);
}

/* Copies pixels [height, width, 3] upright. EXIF's orientations 5..8 swap the
 * axes; a walk along the rows of the result goes through the stored pixels
 * from one corner, in steps that may be negative. */
static void copy_upright(const uint8_t *stored, size_t width, size_t height, uint32_t orientation,
                         fleck_image *out) {
    bool swap = orientation >= 5;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    out->width = (uint32_t)(swap ? height : width);
    out->height = (uint32_t)(swap ? width : height);
    if (orientation == 1) {
        memcpy(out->rgb, stored, width * height * 3);
        return;
    }
    uint8_t *to = out->rgb;
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++, to += 3) {
            size_t u = swap ? y : x, v = swap ? x : y;
            if (from_right) u = width - 1 - u;
            if (from_bottom) v = height - 1 - v;
            memcpy(to, stored + (v * width + u) * 3, 3);
        }
}

fleck_status fleck_image_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                                fleck_image *out, fleck_message *err) {
    photo_header header;
    fleck_status status = inspect(file, size, &header, err);
    if (status) return status;
    int width, height, channels;
    uint8_t *stored = stbi_load_from_memory(file, (int)size, &width, &height, &channels, 3);
    if (!stored) {
        const char *reason = stbi_failure_reason();
        if (!strcmp(reason, "outofmem")) return out_of_memory(err, header.width, header.height);
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged or unusual %s: %s", header.kind, reason);
    }
    size_t bytes = (size_t)header.width * (size_t)header.height * 3;
    fleck_image upright = {.rgb = FLECK_NEW(arena, uint8_t, bytes)};
    if ((uint64_t)width != header.width || (uint64_t)height != header.height) {
        status = fleck_fail(err, FLECK_ERR_FORMAT, "damaged %s: two sizes", header.kind);
    } else if (upright.rgb) {
        copy_upright(stored, header.width, header.height, header.orientation, &upright);
        *out = upright;
    } else {
        status = out_of_memory(err, header.width, header.height);
    }
    stbi_image_free(stored);
    return status;
}

fleck_status fleck_image_from_rgba(fleck_arena *arena, const uint8_t *rgba, uint32_t width,
                                   uint32_t height, fleck_image *out, fleck_message *err) {
    uint64_t pixels = (uint64_t)width * height;
    if (!rgba || !pixels) return fleck_fail(err, FLECK_ERR_ARGUMENT, "the photo has no pixels");
    if (pixels > FLECK_PIXELS_MAX)
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "photo has %u x %u pixels, at most %u million are accepted", width,
                          height, FLECK_PIXELS_MAX >> 20);
    uint8_t *rgb = FLECK_NEW(arena, uint8_t, pixels, 3);
    if (!rgb) return out_of_memory(err, width, height);
    for (size_t i = 0; i < pixels; i++) memcpy(rgb + 3 * i, rgba + 4 * i, 3);
    *out = (fleck_image){.width = width, .height = height, .rgb = rgb};
    return FLECK_OK;
}
