/* PNG (W3C, third edition). The walker checks all chunks to IEND and their checksums: a flipped
 * bit in the middle of a photo would look like a defect. The decoder unpacks no more than the
 * pixels that the header states, whatever the file goes on to hold. */
#include "readers.h"
#include "stb.h"

enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 }; /* colour types */

/* The checksum of chunks, CRC-32, four bits at a time. */
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

/* ---- chunks ------------------------------------------------------------- */

typedef struct {
    const uint8_t *type, *body;
    size_t length;
} png_chunk;

/* The chunk at *at, which moves behind it; false when the file ends before it does. */
static bool next_chunk(const uint8_t *file, size_t size, size_t *at, png_chunk *out) {
    if (size - *at < 12 || be32(file + *at) > size - *at - 12) return false;
    *out = (png_chunk){file + *at + 4, file + *at + 8, be32(file + *at)};
    *at += 12 + out->length;
    return true;
}

static bool is_type(const png_chunk *c, const char *type) { return !memcmp(c->type, type, 4); }
static bool is_intact(const png_chunk *c) {
    return crc32_png(c->type, c->length + 4) == be32(c->body + c->length);
}

static bool good_depth(uint32_t depth, uint32_t colour) {
    bool byte = depth == 8 || depth == 16, part = depth == 1 || depth == 2 || depth == 4;
    if (colour == GREY) return byte || part;
    if (colour == PALETTE) return part || depth == 8;
    return byte && (colour == RGB || colour == GREY_ALPHA || colour == RGB_ALPHA);
}

static fleck_status damaged(fleck_message *err, const char *how) {
    return fleck_fail(err, FLECK_ERR_FORMAT, "damaged PNG: %s", how);
}

fleck_status fleck_png_inspect(const uint8_t *file, size_t size, photo_header *out,
                               fleck_message *err) {
    bool pixels = false, palette = false;
    uint32_t colour = 0;
    for (size_t at = 8, first = at;;) {
        png_chunk c;
        bool header = at == first;
        if (!next_chunk(file, size, &at, &c)) {
            /* Of a file that lacks its end alone the pixels are all there. */
            bool part = size - at >= 8 && !memcmp(file + at + 4, "IDAT", 4);
            if (!pixels || part) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated PNG");
            static const uint8_t end[] = "IEND\xAE\x42\x60\x82";
            c = (png_chunk){end, end + 4, 0};
        }
        if (header && is_type(&c, "CgBI"))
            return fleck_fail(err, FLECK_ERR_KIND,
                              "this PNG is in Apple's own form for iPhone programs (CgBI), which "
                              "cannot be read");
        if (header != is_type(&c, "IHDR") || (header && c.length != 13))
            return damaged(err, "it does not begin with its header");
        bool end = is_type(&c, "IEND"), critical = !(c.type[0] & 0x20), intact = is_intact(&c);
        if (critical && !intact)
            return fleck_fail(err, FLECK_ERR_FORMAT,
                              "damaged PNG: the checksum of a part (%.4s) is wrong",
                              (const char *)c.type);
        if (header) {
            out->width = be32(c.body);
            out->height = be32(c.body + 4);
            colour = c.body[9];
            if (!good_depth(c.body[8], colour) || c.body[10] || c.body[11] || c.body[12] > 1)
                return damaged(err, "its header states a kind of pixels that does not exist");
        } else if (is_type(&c, "IDAT")) {
            pixels = true;
        } else if (is_type(&c, "PLTE")) {
            palette = true;
            if (pixels || !c.length || c.length % 3 || c.length > 3 * 256)
                return damaged(err, "its palette is malformed");
        } else if (is_type(&c, "eXIf") && intact) {
            out->orientation = fleck_exif_orientation(c.body, c.length);
        } else if (critical && !end) {
            return damaged(err, "it has a part that no PNG has");
        }
        if (!end) continue;
        if (!pixels) return damaged(err, "it has no pixels");
        if (colour == PALETTE && !palette) return damaged(err, "it has no palette");
        return FLECK_OK;
    }
}

/* What the pixels need of the chunks that stand before them. */
typedef struct {
    uint32_t depth, colour, interlaced, significant;
    bool ended;                            /* by IEND */
    const uint8_t *palette, *transparency; /* PLTE; tRNS */
    size_t colours, transparency_size;
    const uint8_t *zlib; /* IDAT, joined */
    size_t zlib_size;
} png_content;

/* Bits of a sample that mean something; the file may say less of one colour than of another, and
 * says something of alpha at the end. */
static uint32_t significant_bits(const png_chunk *sbit, uint32_t depth) {
    size_t colours = sbit->length < 3 ? 1 : 3;
    uint32_t most = 0;
    for (size_t i = 0; i < sbit->length && i < colours; i++)
        if (sbit->body[i] > most) most = sbit->body[i];
    return most && most < depth ? most : depth;
}

/* Ancillary chunks count where their checksum is right. False when memory is short. */
static bool read_content(fleck_arena *arena, const uint8_t *file, size_t size, png_content *out) {
    png_chunk c = {0};
    uint8_t *joined = NULL;
    /* Twice: the second time with room for what the first one counted. */
    for (int pass = 0; pass < 2; pass++) {
        size_t total = 0, parts = 0;
        for (size_t at = 8;
             next_chunk(file, size, &at, &c) && !(out->ended = is_type(&c, "IEND"));) {
            if (is_type(&c, "IDAT") && c.length) {
                if (joined) memcpy(joined + total, c.body, c.length);
                if (!parts) out->zlib = joined ? joined : c.body;
                total += c.length;
                parts++;
            } else if (is_type(&c, "IHDR")) {
                out->depth = out->significant = c.body[8];
                out->colour = c.body[9];
                out->interlaced = c.body[12];
            } else if (is_type(&c, "PLTE")) {
                out->palette = c.body;
                out->colours = c.length / 3;
            } else if (is_type(&c, "tRNS") && !parts && is_intact(&c)) {
                out->transparency = c.body;
                out->transparency_size = c.length;
            } else if (is_type(&c, "sBIT") && !parts && is_intact(&c)) {
                out->significant = significant_bits(&c, out->depth);
            }
        }
        out->zlib_size = total;
        if (parts < 2) break;
        if (!pass && !(joined = FLECK_NEW(arena, uint8_t, total))) return false;
    }
    return true;
}

/* ---- pixels ------------------------------------------------------------- */

static uint32_t file_channels(uint32_t colour) {
    return colour == RGB ? 3 : colour == RGB_ALPHA ? 4 : colour == GREY_ALPHA ? 2 : 1;
}

static uint8_t paeth(int a, int b, int c) {
    int pa = b - c, pb = a - c, pc = pa + pb;
    pa = pa < 0 ? -pa : pa;
    pb = pb < 0 ? -pb : pb;
    pc = pc < 0 ? -pc : pc;
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* Takes back the filter of a row; above is the row before it, of zeros for the first, and left the
 * bytes of a pixel, 1 at least. to may begin before from. False for a filter that does not exist.
 */
static bool unfilter_row(uint8_t filter, const uint8_t *from, const uint8_t *above, size_t bytes,
                         size_t left, uint8_t *to) {
    size_t i = 0, head = left < bytes ? left : bytes; /* what has no left neighbour */
    switch (filter) {
    case 0:
        memmove(to, from, bytes);
        return true;
    case 1:
        for (; i < head; i++) to[i] = from[i];
        for (; i < bytes; i++) to[i] = (uint8_t)(from[i] + to[i - left]);
        return true;
    case 2:
        for (; i < bytes; i++) to[i] = (uint8_t)(from[i] + above[i]);
        return true;
    case 3:
        for (; i < head; i++) to[i] = (uint8_t)(from[i] + above[i] / 2);
        for (; i < bytes; i++) to[i] = (uint8_t)(from[i] + (to[i - left] + above[i]) / 2);
        return true;
    case 4:
        for (; i < head; i++) to[i] = (uint8_t)(from[i] + above[i]);
        for (; i < bytes; i++)
            to[i] = (uint8_t)(from[i] + paeth(to[i - left], above[i], above[i - left]));
        return true;
    default:
        return false;
    }
}

/* The same for all rows; the gaps where the filters' numbers stood are closed. */
static bool unfilter(uint8_t *rows, const uint8_t *zeros, size_t height, size_t bytes,
                     size_t left) {
    const uint8_t *from = rows, *above = zeros;
    uint8_t *to = rows;
    for (size_t y = 0; y < height; y++, from += bytes + 1, above = to, to += bytes)
        if (!unfilter_row(*from, from + 1, above, bytes, left, to)) return false;
    return true;
}

static uint32_t sample_of(const uint8_t *row, size_t i, uint32_t depth) {
    if (depth == 8) return row[i];
    if (depth == 16) return be16(row + 2 * i);
    size_t bit = i * depth;
    return (uint32_t)row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1);
}

/* Pixel x of a row as channels samples at index of out. */
static void put_pixel(const png_content *png, const uint8_t *row, size_t x, size_t index,
                      const photo_samples *out) {
    uint32_t stored = file_channels(png->colour), v[4] = {0};
    for (uint32_t c = 0; c < stored; c++) v[c] = sample_of(row, x * stored + c, png->depth);
    const uint8_t *transparency = png->transparency;
    if (png->colour == PALETTE) {
        size_t colour = v[0];
        v[3] = colour < png->transparency_size ? transparency[colour] : 255;
        /* A colour that the palette lacks is black, as libpng has it. */
        for (uint32_t c = 0; c < 3; c++)
            v[c] = colour < png->colours ? png->palette[3 * colour + c] : 0;
    } else {
        if (out->channels > stored) { /* one colour is transparent */
            bool same = true;
            for (uint32_t c = 0; c < stored; c++)
                same = same && v[c] == be16(transparency + (size_t)2 * c);
            v[stored] = same ? 0 : 65535; /* the low byte counts for 8 bits */
        }
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): the header states 1, 2, 4, 8 or 16 */
        if (png->depth < 8) v[0] *= 255 / ((1u << png->depth) - 1);
    }
    for (uint32_t c = 0; c < out->channels; c++)
        if (out->bits == 16)
            ((uint16_t *)out->data)[index * out->channels + c] = (uint16_t)v[c];
        else
            ((uint8_t *)out->data)[index * out->channels + c] = (uint8_t)v[c];
}

/* Seven passes of an interlaced PNG (Adam7), and the only one of others. */
typedef struct {
    uint8_t x, y, dx, dy;
} png_pass;
static const png_pass passes[] = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
    {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}, {0, 0, 1, 1},
};

/* Pixels of a pass along one axis. */
static size_t pass_size(uint64_t size, uint32_t from, uint32_t step) {
    return size > from ? (size_t)((size - from + step - 1) / step) : 0;
}

fleck_status fleck_png_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                              const photo_header *header, photo_samples *out, fleck_message *err) {
    png_content png = {0};
    if (!read_content(arena, file, size, &png))
        return fleck_photo_out_of_memory(err, header->width, header->height);
    uint32_t stored = file_channels(png.colour), first = png.interlaced ? 0 : 7;
    uint32_t last = png.interlaced ? 6 : 7;
    size_t bits = (size_t)stored * png.depth, need = 0;
    size_t widest = FLECK_SIZE((header->width * bits + 7) / 8);
    for (uint32_t i = first; i <= last; i++) {
        const png_pass *p = &passes[i];
        size_t width = pass_size(header->width, p->x, p->dx);
        size_t height = pass_size(header->height, p->y, p->dy);
        if (width) need = fleck_size_sum(need, FLECK_SIZE(height, 1 + (width * bits + 7) / 8));
    }
    /* Cleared: a damaged stream may repeat bytes that were never written. */
    size_t capacity = fleck_size_sum(need, FLECK_INFLATE_PIECE);
    uint8_t *raw = FLECK_NEW_ZERO(arena, uint8_t, capacity);
    const uint8_t *zeros = FLECK_NEW_ZERO(arena, uint8_t, widest);
    if (!raw || !zeros) return fleck_photo_out_of_memory(err, header->width, header->height);
    if (fleck_inflate(png.zlib, png.zlib_size, raw, capacity) < need)
        return png.ended ? damaged(err, "its pixels cannot be unpacked, or are too few")
                         : fleck_fail(err, FLECK_ERR_FORMAT, "truncated PNG");

    bool transparent = png.transparency &&
                       (png.colour == PALETTE || ((png.colour == GREY || png.colour == RGB) &&
                                                  png.transparency_size == (size_t)2 * stored));
    uint32_t colours = png.colour == PALETTE ? 3 : stored;
    if (!transparent) png.transparency_size = 0;
    *out = (photo_samples){.channels = colours + transparent, .bits = png.depth == 16 ? 16 : 8};
    out->significant = png.depth < 8 || png.colour == PALETTE ? 8 : png.significant;
    /* Samples that need nothing more stay where they are. */
    bool in_place =
        png.depth >= 8 && png.colour != PALETTE && !png.interlaced && out->channels == stored;
    size_t pixels = FLECK_SIZE(header->width, header->height);
    out->data = in_place ? raw : FLECK_NEW(arena, uint8_t, pixels, out->channels, out->bits / 8);
    if (!out->data) return fleck_photo_out_of_memory(err, header->width, header->height);

    for (uint32_t i = first; i <= last; i++) {
        const png_pass *p = &passes[i];
        size_t width = pass_size(header->width, p->x, p->dx);
        size_t height = pass_size(header->height, p->y, p->dy);
        size_t bytes = (width * bits + 7) / 8;
        if (!width) continue;
        if (!unfilter(raw, zeros, height, bytes, (bits + 7) / 8))
            return damaged(err, "its rows are coded in a way that does not exist");
        for (size_t y = 0; y < height && !in_place; y++)
            for (size_t x = 0; x < width; x++) {
                size_t index = (p->y + y * p->dy) * (size_t)header->width + p->x + x * p->dx;
                put_pixel(&png, raw + y * bytes, x, index, out);
            }
        raw += height * (1 + bytes);
    }
    if (in_place && out->bits == 16) {
        uint16_t *samples = out->data;
        for (size_t i = 0; i < pixels * stored; i++)
            samples[i] = (uint16_t)be16((uint8_t *)(samples + i));
    }
    return FLECK_OK;
}
