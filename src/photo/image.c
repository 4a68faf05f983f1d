/* A file is inspected by the reader of its kind: size in pixels, EXIF orientation, whether it is
 * all there. That refuses truncated files by name, and huge ones before their pixels are
 * allocated. Then it is decoded, and samples.c turns the samples upright. */
#include "image.h"

#include "image_kind.h"
#include "samples.h"
#include "stb.h"

#include <limits.h>

/* ---- what a file says about itself -------------------------------------- */

static bool is_tiff(const uint8_t *file, size_t size) {
    const char *kind = fleck_file_kind_of(file, size).name;
    return kind && !strcmp(kind, "TIFF");
}

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
    } else if (is_tiff(file, size)) {
        out->kind = "TIFF";
        status = fleck_tiff_inspect(file, size, out, err);
    } else {
        const char *kind = fleck_file_kind_of(file, size).name;
        if (kind)
            return fleck_fail(err, FLECK_ERR_KIND,
                              "this is a%s %s file; PNG, JPEG, BMP and TIFF photos can be read",
                              strchr("AEIO", *kind) ? "n" : "", kind);
        return fleck_fail(err, FLECK_ERR_KIND, "not a PNG, JPEG, BMP or TIFF photo");
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

/* Reads a file's samples; work and stored.owned are the caller's to free, whatever the outcome. */
static fleck_status decode(fleck_arena *work, const uint8_t *file, size_t size,
                           photo_header *header, photo_samples *stored, fleck_message *err) {
    *stored = (photo_samples){0};
    fleck_status status = inspect(file, size, header, err);
    if (status) return status;
    if (!strcmp(header->kind, "PNG"))
        return fleck_png_decode(work, file, size, header, stored, err);
    if (!strcmp(header->kind, "BMP")) return fleck_bmp_decode(work, file, size, stored, err);
    if (!strcmp(header->kind, "TIFF")) return fleck_tiff_decode(work, file, size, stored, err);
    return fleck_jpeg_decode(file, size, header, stored, err);
}

fleck_status fleck_image_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                                uint32_t sample_bits, fleck_image *out, fleck_message *err) {
    fleck_arena work = {0};
    photo_header header;
    photo_samples stored;
    fleck_status status = decode(&work, file, size, &header, &stored, err);
    if (!status) status = fleck_photo_pixels(arena, &stored, &header, sample_bits, out, err);
    fleck_stb_free(stored.owned);
    fleck_arena_free(&work);
    return status;
}

fleck_status fleck_image_measure(const uint8_t *file, size_t size, fleck_samples *out,
                                 fleck_message *err) {
    enum { DEPTH_AT = 24, WIDE = 16 }; /* PNG: in IHDR, the first chunk */
    photo_header header;
    fleck_status status = FLECK_OK;
    bool wide =
        size > DEPTH_AT && STARTS(file, size, "\x89PNG\r\n\x1a\n") && file[DEPTH_AT] == WIDE;
    if (is_tiff(file, size)) {
        status = inspect(file, size, &header, err);
        wide = header.bits == WIDE;
    }
    if (status || !wide) {
        if (!status) *out = (fleck_samples){0, 0};
        return status;
    }
    fleck_arena work = {0};
    photo_samples stored;
    status = decode(&work, file, size, &header, &stored, err);
    if (!status) *out = fleck_photo_measure(&stored, (size_t)(header.width * header.height));
    fleck_stb_free(stored.owned);
    fleck_arena_free(&work);
    return status;
}

bool fleck_image_size(const uint8_t *head, size_t size, uint32_t *width, uint32_t *height) {
    photo_header header;
    fleck_message err;
    *width = *height = 0;
    /* The beginning of a file is a truncated one: what it says until then counts. */
    fleck_status status = inspect(head, size, &header, &err);
    if (status == FLECK_ERR_KIND || !header.width || !header.height ||
        header.width > PHOTO_SIDE_MAX || header.height > PHOTO_SIDE_MAX)
        return false;
    bool turned = header.orientation >= 5; /* a quarter, to either side */
    *width = (uint32_t)(turned ? header.height : header.width);
    *height = (uint32_t)(turned ? header.width : header.height);
    return true;
}

uint32_t fleck_image_pages(const uint8_t *file, size_t size) {
    return is_tiff(file, size) ? fleck_tiff_pages(file, size) : 1;
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
    fleck_photo_flatten(rgba, pixels, rgb);
    *out = (fleck_image){.width = width, .height = height, .rgb = rgb};
    return FLECK_OK;
}
