/* Decoding has three parts. The walkers look at a file before stb_image does:
 * kind, size in pixels, EXIF orientation, and whether it is all there. That
 * refuses truncated files by name, huge ones before their pixels are
 * allocated, and keeps from stb_image what it would not survive (see
 * check_huffman). Then stb_image decodes, and the pixels are turned upright
 * while they are copied into the arena. */
#include "image.h"

#include "image_kind.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

#define SIDE_MAX (1u << 24)

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_SIMD /* the same code natively and in WebAssembly */
#define STBI_MAX_DIMENSIONS SIDE_MAX
#define STBI_ASSERT(condition) ((void)0) /* bytes of a file must not abort */
#define STBI_MALLOC(size) stb_resize(NULL, size)
#define STBI_REALLOC(old, size) stb_resize(old, size)
#define STBI_FREE(old) free(old)
#include "stb_image.h"
/* gcc reports its undefined static functions at the end of this file. */
#pragma GCC diagnostic ignored "-Wunused-function"

/* ---- what a file says about itself -------------------------------------- */

typedef struct {
    const char *kind;       /* "PNG", "JPEG", "BMP" */
    uint64_t width, height; /* as stored */
    uint32_t orientation;   /* EXIF's 1..8 */
} photo_header;

static uint32_t be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }
static uint32_t be32(const uint8_t *p) { return be16(p) << 16 | be16(p + 2); }
static uint32_t le16(const uint8_t *p) { return (uint32_t)p[1] << 8 | p[0]; }
static uint32_t le32(const uint8_t *p) { return le16(p + 2) << 16 | le16(p); }

static bool starts(const uint8_t *file, size_t size, const void *magic, size_t length) {
    return size >= length && !memcmp(file, magic, length);
}
#define STARTS(file, size, magic) starts(file, size, magic, sizeof(magic) - 1)

/* The orientation in a TIFF block, the content of EXIF; 1, which is upright,
 * whenever anything about it is odd. */
static uint32_t exif_orientation(const uint8_t *tiff, size_t size) {
    enum { TAG_ORIENTATION = 0x112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };
    if (size < 8 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) return 1;
    uint32_t (*u16)(const uint8_t *) = tiff[0] == 'I' ? le16 : be16;
    uint32_t (*u32)(const uint8_t *) = tiff[0] == 'I' ? le32 : be32;
    size_t at = u32(tiff + 4);
    if (u16(tiff + 2) != 42 || at > size - 2) return 1;
    uint32_t entries = u16(tiff + at);
    at += 2;
    for (uint32_t i = 0; i < entries && size - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES) {
        if (u16(tiff + at) != TAG_ORIENTATION) continue;
        uint32_t value = u16(tiff + at + 8);
        bool good = u16(tiff + at + 2) == TYPE_SHORT && u32(tiff + at + 4) == 1;
        return good && value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}

/* stb_image stores the symbols of a Huffman table without looking whether they
 * fit into the 256 places it has. */
static bool check_huffman(const uint8_t *table, size_t size) {
    while (size) {
        if (size < 17) return false;
        size_t symbols = 0;
        for (size_t i = 1; i <= 16; i++) symbols += table[i];
        if (symbols > 256 || size < 17 + symbols) return false;
        table += 17 + symbols;
        size -= 17 + symbols;
    }
    return true;
}

/* Position of the next marker, from its 0xFF on, past picture data and fill
 * bytes; size when there is none. */
static size_t jpeg_marker(const uint8_t *file, size_t size, size_t at) {
    while (at < size) {
        const uint8_t *found = memchr(file + at, 0xFF, size - at);
        if (!found) break;
        at = (size_t)(found - file);
        if (size - at < 2) break;
        uint8_t code = file[at + 1];
        bool restart = code >= 0xD0 && code <= 0xD7;
        if (code != 0 && code != 0xFF && !restart) return at;
        at += code == 0xFF ? 1 : 2;
    }
    return size;
}

/* Walks over all segments to the end of the picture. stb_image stops at the
 * same markers or fails, so every table it reads was checked here. */
static fleck_status inspect_jpeg(const uint8_t *file, size_t size, photo_header *out,
                                 fleck_message *err) {
    bool exif = false;
    for (size_t at = 2;;) {
        at = jpeg_marker(file, size, at);
        if (size - at < 2) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated JPEG");
        uint8_t code = file[at + 1];
        at += 2;
        if (code == 0xD9) break;
        if (size - at < 2 || be16(file + at) > size - at)
            return fleck_fail(err, FLECK_ERR_FORMAT, "truncated JPEG");
        size_t length = be16(file + at);
        if (length < 2)
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged JPEG: a segment of no length");
        const uint8_t *body = file + at + 2;
        size_t body_size = length - 2;
        if (code == 0xC4) {
            if (!check_huffman(body, body_size))
                return fleck_fail(err, FLECK_ERR_FORMAT, "damaged JPEG: bad Huffman table");
        } else if (code >= 0xC0 && code <= 0xCF && code != 0xC8 && code != 0xCC) {
            if (code > 0xC2)
                return fleck_fail(err, FLECK_ERR_FORMAT,
                                  "this kind of JPEG (lossless, hierarchical or arithmetic) "
                                  "cannot be read");
            if (body_size < 6)
                return fleck_fail(err, FLECK_ERR_FORMAT, "damaged JPEG: frame header too short");
            out->height = be16(body + 1);
            out->width = be16(body + 3);
        } else if (code == 0xE1 && !exif && STARTS(body, body_size, "Exif\0\0")) {
            exif = true;
            out->orientation = exif_orientation(body + 6, body_size - 6);
        }
        at += length;
    }
    return FLECK_OK;
}

/* CRC-32 of PNG, four bits at a time. */
static uint32_t crc32_png(const uint8_t *bytes, size_t size) {
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* Walks over all chunks to IEND. stb_image checks no checksums: a flipped bit
 * in the middle of a photo would look like a defect. */
static fleck_status inspect_png(const uint8_t *file, size_t size, photo_header *out,
                                fleck_message *err) {
    for (size_t at = 8;;) {
        if (size - at < 12 || be32(file + at) > size - at - 12)
            return fleck_fail(err, FLECK_ERR_FORMAT, "truncated PNG");
        size_t length = be32(file + at);
        const uint8_t *type = file + at + 4, *body = type + 4;
        bool first = at == 8, header = !memcmp(type, "IHDR", 4), end = !memcmp(type, "IEND", 4);
        bool critical = !(type[0] & 0x20);
        if (first != header || (header && length != 13))
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged PNG: bad header");
        if (critical && !header && !end && memcmp(type, "IDAT", 4) && memcmp(type, "PLTE", 4))
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged PNG: unknown critical chunk");
        bool intact = crc32_png(type, length + 4) == be32(body + length);
        if (critical && !intact)
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged PNG: checksum of %.4s is wrong",
                              (const char *)type);
        if (header) {
            out->width = be32(body);
            out->height = be32(body + 4);
        } else if (!memcmp(type, "eXIf", 4) && intact) {
            out->orientation = exif_orientation(body, length);
        }
        if (end) return FLECK_OK;
        at += 12 + length;
    }
}

static fleck_status inspect_bmp(const uint8_t *file, size_t size, photo_header *out,
                                fleck_message *err) {
    enum { FILE_HEADER = 14, INFO_HEADER = 40, BITFIELDS = 3, BITFIELDS_BYTES = 12 };
    if (size < FILE_HEADER + INFO_HEADER) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    uint64_t start = le32(file + 10), header = le32(file + 14);
    if (header < INFO_HEADER)
        return fleck_fail(err, FLECK_ERR_FORMAT, "this old kind of BMP (OS/2) cannot be read");
    uint32_t height = le32(file + 22), bits = le16(file + 28);
    bool top_down = height > INT32_MAX;
    out->width = le32(file + 18);
    out->height = top_down ? 0u - height : height;
    bool masks_follow = header == INFO_HEADER && le32(file + 30) == BITFIELDS;
    uint64_t headers = FILE_HEADER + header + (masks_follow ? BITFIELDS_BYTES : 0);
    if (start < headers || out->width > SIDE_MAX || out->height > SIDE_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged BMP: bad header");
    /* Rows are padded to 4 bytes; the last one's padding may be missing. */
    uint64_t row = (out->width * bits + 31) / 32 * 4;
    uint64_t need = out->height ? row * (out->height - 1) + (out->width * bits + 7) / 8 : 0;
    if (start > size || need > size - start)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    return FLECK_OK;
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
        status = inspect_png(file, size, out, err);
    } else if (STARTS(file, size, "\xFF\xD8")) {
        out->kind = "JPEG";
        status = inspect_jpeg(file, size, out, err);
    } else if (STARTS(file, size, "BM")) {
        out->kind = "BMP";
        status = inspect_bmp(file, size, out, err);
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
    if (out->width > SIDE_MAX || out->height > SIDE_MAX ||
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
    *out = (fleck_image){width, height, rgb};
    return FLECK_OK;
}
