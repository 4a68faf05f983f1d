/* Decoding has three parts. The walkers look at a file before stb_image does:
 * kind, size in pixels, EXIF orientation, and whether it is all there. That
 * refuses truncated files by name, huge ones before their pixels are
 * allocated, and keeps from stb_image what it would not survive (see
 * check_huffman). Then stb_image decodes, and the pixels are turned upright
 * while they are copied into the arena. */
#include "image.h"

#include "image_kind.h"
#include "photo.h"
#include "stb.h"

#include <limits.h>

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

fleck_status fleck_photo_out_of_memory(fleck_message *err, uint64_t width, uint64_t height) {
    return fleck_fail(err, FLECK_ERR_MEMORY, "not enough memory for a photo of %llu x %llu pixels",
                      (unsigned long long)width, (unsigned long long)height);
}

static void put_rgb(const photo_samples *samples, size_t index, uint8_t *rgb) {
    uint32_t channels = samples->channels;
    for (uint32_t c = 0; c < 3; c++) {
        size_t at = index * channels + (channels < 3 ? 0 : c);
        rgb[c] = samples->bits == 16 ? (uint8_t)(((const uint16_t *)samples->data)[at] >> 8)
                                     : ((const uint8_t *)samples->data)[at];
    }
}

/* Copies pixels upright. EXIF's orientations 5..8 swap the axes; a walk along the rows of the
 * result goes through the stored pixels from one corner, in steps that may be negative. */
static void copy_upright(const photo_samples *stored, const photo_header *header,
                         fleck_image *out) {
    size_t width = (size_t)header->width, height = (size_t)header->height;
    uint32_t orientation = header->orientation;
    bool swap = orientation >= 5;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    out->width = (uint32_t)(swap ? height : width);
    out->height = (uint32_t)(swap ? width : height);
    if (orientation == 1 && stored->channels == 3 && stored->bits == 8) {
        memcpy(out->rgb, stored->data, width * height * 3);
        return;
    }
    uint8_t *to = out->rgb;
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++, to += 3) {
            size_t u = swap ? y : x, v = swap ? x : y;
            if (from_right) u = width - 1 - u;
            if (from_bottom) v = height - 1 - v;
            put_rgb(stored, v * width + u, to);
        }
}

static fleck_status decode_stb(const uint8_t *file, size_t size, const photo_header *header,
                               photo_samples *out, fleck_message *err) {
    uint32_t width, height;
    const char *reason;
    *out = (photo_samples){.channels = 3, .bits = 8, .significant = 8};
    out->data = out->owned = fleck_stb_load(file, size, &width, &height, &reason);
    if (!out->data && !strcmp(reason, "outofmem"))
        return fleck_photo_out_of_memory(err, header->width, header->height);
    if (!out->data)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged or unusual %s: %s", header->kind, reason);
    if (width != header->width || height != header->height)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged %s: two sizes", header->kind);
    return FLECK_OK;
}

fleck_status fleck_image_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                                fleck_image *out, fleck_message *err) {
    photo_header header;
    fleck_status status = inspect(file, size, &header, err);
    if (status) return status;
    fleck_arena work = {0};
    photo_samples stored = {0};
    if (!strcmp(header.kind, "PNG"))
        status = fleck_png_decode(&work, file, &header, &stored, err);
    else if (!strcmp(header.kind, "BMP"))
        status = fleck_bmp_decode(&work, file, size, &stored, err);
    else
        status = decode_stb(file, size, &header, &stored, err);
    if (!status) {
        fleck_image upright = {.rgb = FLECK_NEW(arena, uint8_t, header.width, header.height, 3)};
        if (upright.rgb) {
            copy_upright(&stored, &header, &upright);
            *out = upright;
        } else {
            status = fleck_photo_out_of_memory(err, header.width, header.height);
        }
    }
    fleck_stb_free(stored.owned);
    fleck_arena_free(&work);
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
    if (!rgb) return fleck_photo_out_of_memory(err, width, height);
    for (size_t i = 0; i < pixels; i++) memcpy(rgb + 3 * i, rgba + 4 * i, 3);
    *out = (fleck_image){.width = width, .height = height, .rgb = rgb};
    return FLECK_OK;
}
