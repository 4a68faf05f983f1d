/* BMP, as Windows and OS/2 have written it since 1985: headers of 12 to 124 bytes, 1 to 32 bits a
 * pixel, palettes, masks, run lengths (RLE8, RLE4). Where files and their description disagree,
 * the pixels are what Pillow makes of them. */
#include "readers.h"

enum { FILE_HEADER = 14, CORE_HEADER = 12, INFO_HEADER = 40, MASKS_HEADER = 52, LAST_HEADER = 124 };
enum { OS2_HEADER = 64 };
enum { RAW = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3, JPEG = 4, PNG = 5, ALPHA_BITFIELDS = 6 };

typedef struct {
    uint64_t width, height;
    bool top_down;
    uint32_t bits, compression;
    uint32_t masks[4];      /* red, green, blue, alpha; of 16 bits and more */
    const uint8_t *palette; /* blue, green, red, and from the info header on a fourth byte */
    uint64_t colours;       /* of these in the file, 256 at most */
    uint32_t colour_bytes;
    uint64_t start; /* of the pixels */
} bmp_layout;

static fleck_status damaged(fleck_message *err, const char *how) {
    return fleck_fail(err, FLECK_ERR_FORMAT, "damaged BMP: %s", how);
}

/* Where the pixels are, and the palette before them. colours is what the header says of it. */
static void place_pixels(const uint8_t *file, size_t size, uint64_t headers, uint64_t colours,
                         bmp_layout *b) {
    uint64_t start = le32(file + 10);
    uint64_t full = b->bits <= 8 ? 1u << b->bits : 0;
    if (!colours) colours = full;
    uint64_t palette = headers + colours * b->colour_bytes;
    /* Some programs forget the palette, some all of it. */
    b->start = start;
    if (start < headers || (start == headers && full)) b->start = full ? palette : headers;
    b->palette = file + headers;
    b->colours = colours < full ? colours : full;
    uint64_t end = b->start < size ? b->start : size;
    uint64_t room = end > headers ? (end - headers) / b->colour_bytes : 0;
    if (b->colours > room) b->colours = room;
}

static void place_masks(const uint8_t *masks, uint32_t count, bmp_layout *b) {
    static const uint32_t usual[][4] = {{0x7C00, 0x3E0, 0x1F}, {0xFF0000, 0xFF00, 0xFF}};
    memcpy(b->masks, usual[b->bits != 16], sizeof b->masks);
    if (b->compression != BITFIELDS && b->compression != ALPHA_BITFIELDS) return;
    for (uint32_t c = 0; c < 4; c++) b->masks[c] = c < count ? le32(masks + (size_t)4 * c) : 0;
    if (b->masks[0] | b->masks[1] | b->masks[2]) return;
    memcpy(b->masks, usual[b->bits != 16], sizeof b->masks);
    if (b->bits == 32) b->masks[3] = 0xFF000000;
}

static fleck_status read_layout(const uint8_t *file, size_t size, bmp_layout *b,
                                fleck_message *err) {
    *b = (bmp_layout){0};
    if (size < FILE_HEADER + CORE_HEADER) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    uint32_t header = le32(file + FILE_HEADER);
    if ((header != CORE_HEADER && header < 16) || header > LAST_HEADER)
        return damaged(err, "it has a header that no BMP has");
    if (size - FILE_HEADER < header) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    uint8_t h[LAST_HEADER] = {0}; /* what a short header leaves out is 0 */
    memcpy(h, file + FILE_HEADER, header);
    uint64_t headers = (uint64_t)FILE_HEADER + header, colours = 0;
    if (header == CORE_HEADER) {
        b->width = le16(h + 4);
        b->height = le16(h + 6);
        b->bits = le16(h + 10);
        b->colour_bytes = 3;
    } else {
        uint32_t height = le32(h + 8);
        b->top_down = height > INT32_MAX;
        b->width = le32(h + 4);
        b->height = b->top_down ? 0u - height : height;
        b->bits = le16(h + 14);
        b->compression = le32(h + 16);
        b->colour_bytes = 4;
        colours = le32(h + 32);
    }
    if (b->width > PHOTO_SIDE_MAX || b->height > PHOTO_SIDE_MAX)
        return damaged(err, "it states a size that no photo has");
    bool masks = b->compression == BITFIELDS || b->compression == ALPHA_BITFIELDS;
    if (b->compression == JPEG || b->compression == PNG || b->compression > ALPHA_BITFIELDS ||
        (header == OS2_HEADER && masks))
        return fleck_fail(err, FLECK_ERR_KIND,
                          "this BMP is compressed in a way (number %u) that cannot be read",
                          b->compression);
    bool run_lengths = b->compression == RLE8 || b->compression == RLE4;
    bool palette = b->bits == 1 || b->bits == 2 || b->bits == 4 || b->bits == 8;
    if (!palette && b->bits != 16 && b->bits != 24 && b->bits != 32)
        return fleck_fail(err, FLECK_ERR_KIND, "a BMP of %u bits a pixel cannot be read", b->bits);
    if ((masks && palette) || (run_lengths && b->bits != (b->compression == RLE8 ? 8u : 4u)))
        return damaged(err, "its compression is one for another number of bits a pixel");
    if (!palette) {
        uint32_t count = header >= MASKS_HEADER + 4 ? 4 : 3;
        const uint8_t *at = h + INFO_HEADER;
        if (masks && header < MASKS_HEADER) { /* they follow the header */
            count = b->compression == ALPHA_BITFIELDS ? 4 : 3;
            at = file + headers;
            if (size - headers < (size_t)4 * count)
                return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
            headers += (uint64_t)4 * count;
        }
        place_masks(at, count, b);
    }
    place_pixels(file, size, headers, colours, b);
    return FLECK_OK;
}

/* Bytes of a row; in the file rows are padded to 4. */
static uint64_t row_bytes(const bmp_layout *b) { return (b->width * b->bits + 7) / 8; }

fleck_status fleck_bmp_inspect(const uint8_t *file, size_t size, photo_header *out,
                               fleck_message *err) {
    bmp_layout b;
    fleck_status status = read_layout(file, size, &b, err);
    if (status) return status;
    out->width = b.width;
    out->height = b.height;
    uint64_t need = 0; /* the last row's padding may be missing */
    if (b.compression != RLE8 && b.compression != RLE4 && b.height)
        need = (row_bytes(&b) + 3) / 4 * 4 * (b.height - 1) + row_bytes(&b);
    if (b.start > size || need > size - b.start)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    /* Two bytes make a run of 255 pixels at most. Steps go further, but no photo is all steps. */
    if (!need && b.width * b.height / 128 > size - b.start)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    return FLECK_OK;
}

/* ---- pixels ------------------------------------------------------------- */

/* Red, green and blue of a palette's colour; black where it has no such one. */
static void colour_of(const bmp_layout *b, uint32_t colour, uint8_t *rgb) {
    for (uint32_t c = 0; c < 3; c++)
        rgb[c] = colour < b->colours ? b->palette[colour * b->colour_bytes + 2 - c] : 0;
}

/* The bits of a mask as 0..255. */
static uint8_t masked(uint32_t pixel, uint32_t mask) {
    if (!mask) return 0;
    uint32_t lowest = mask & (0u - mask);
    return (uint8_t)((uint64_t)((pixel & mask) / lowest) * 255 / (mask / lowest));
}

/* A row of the picture, from the top, in the file. */
static uint64_t file_row(const bmp_layout *b, uint64_t y) {
    return b->top_down ? y : b->height - 1 - y;
}

/* Pixel x of the row that is the file's y-th. */
static uint8_t *place(const bmp_layout *b, uint8_t *rgb, uint64_t x, uint64_t y) {
    return rgb + (file_row(b, y) * b->width + x) * 3;
}

/* Run lengths: two bytes each, n pixels of one colour (RLE8) or of two that take turns (RLE4).
 * n = 0 tells the end of a row (0), of the picture (1), a step right and on (2), or n pixels as
 * they are. Pixels that are left out have the colour 0. */
static fleck_status decode_runs(const uint8_t *file, size_t size, const bmp_layout *b, uint8_t *rgb,
                                fleck_message *err) {
    bool half = b->compression == RLE4;
    uint64_t x = 0, y = 0;
    size_t at = (size_t)b->start;
    uint8_t none[3];
    colour_of(b, 0, none);
    for (uint64_t i = 0; i < b->width * b->height; i++) memcpy(rgb + 3 * i, none, 3);
    while (y < b->height) {
        if (size - at < 2) {
            if (x >= b->width && y + 1 == b->height) break; /* only the end is missing */
            return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
        }
        uint32_t n = file[at], code = file[at + 1];
        at += 2;
        if (n || code > 2) {
            bool literal = !n;
            if (literal) n = code;
            size_t bytes = half ? (n + 1) / 2 : n;
            if (literal && size - at < bytes)
                return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
            for (uint32_t i = 0; i < n && x < b->width; i++, x++) {
                uint32_t byte = !literal ? code : half ? file[at + i / 2] : file[at + i];
                uint32_t colour = !half ? byte : i % 2 ? byte & 15 : byte >> 4;
                colour_of(b, colour, place(b, rgb, x, y));
            }
            if (literal) at += bytes + bytes % 2 > size - at ? size - at : bytes + bytes % 2;
        } else if (code == 0) {
            x = 0;
            y++;
        } else if (code == 1) {
            if (y + 1 < b->height) return damaged(err, "rows are missing");
            break;
        } else {
            if (size - at < 2) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
            x += file[at];
            y += file[at + 1];
            at += 2;
        }
    }
    return FLECK_OK;
}

static void decode_palette(const uint8_t *pixels, const bmp_layout *b, uint8_t *rgb) {
    uint8_t colours[256][3];
    for (uint32_t i = 0; i < 256; i++) colour_of(b, i, colours[i]);
    uint64_t stride = (row_bytes(b) + 3) / 4 * 4;
    for (uint64_t y = 0; y < b->height; y++) {
        const uint8_t *row = pixels + file_row(b, y) * stride;
        for (uint64_t x = 0; x < b->width; x++, rgb += 3) {
            uint64_t bit = x * b->bits;
            uint32_t colour = row[bit / 8] >> (8 - b->bits - bit % 8) & ((1u << b->bits) - 1);
            memcpy(rgb, colours[colour], 3);
        }
    }
}

static void decode_masks(const uint8_t *pixels, const bmp_layout *b, uint32_t channels,
                         uint8_t *out) {
    uint64_t stride = (row_bytes(b) + 3) / 4 * 4;
    bool plain = b->masks[0] == 0xFF0000 && b->masks[1] == 0xFF00 && b->masks[2] == 0xFF;
    uint32_t bytes = b->bits / 8;
    for (uint64_t y = 0; y < b->height; y++) {
        const uint8_t *p = pixels + file_row(b, y) * stride;
        for (uint64_t x = 0; x < b->width; x++, p += bytes, out += channels) {
            if (plain && channels == 3) {
                for (uint32_t c = 0; c < 3; c++) out[c] = p[2 - c];
                continue;
            }
            uint32_t pixel = le16(p) | (bytes > 2 ? (uint32_t)p[2] << 16 : 0) |
                             (bytes > 3 ? (uint32_t)p[3] << 24 : 0);
            for (uint32_t c = 0; c < channels; c++) out[c] = masked(pixel, b->masks[c]);
        }
    }
}

fleck_status fleck_bmp_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                              photo_samples *out, fleck_message *err) {
    bmp_layout b;
    fleck_status status = read_layout(file, size, &b, err);
    if (status) return status;
    uint32_t channels = b.bits >= 16 && b.masks[3] ? 4 : 3;
    uint8_t *pixels = FLECK_NEW(arena, uint8_t, b.width, b.height, channels);
    if (!pixels) return fleck_photo_out_of_memory(err, b.width, b.height);
    *out = (photo_samples){.channels = channels, .bits = 8, .significant = 8, .data = pixels};
    if (b.compression == RLE8 || b.compression == RLE4)
        return decode_runs(file, size, &b, pixels, err);
    if (b.bits <= 8)
        decode_palette(file + b.start, &b, pixels);
    else
        decode_masks(file + b.start, &b, channels, pixels);
    return FLECK_OK;
}
