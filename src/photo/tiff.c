/* TIFF 6.0: the first page, in strips or tiles, its channels together or apart, of 1 to 16 bits;
 * as they are, or by LZW, Deflate or PackBits. Where writers differ, the pixels are those that
 * libtiff makes of them.
 *
 * Everything in a TIFF lies where some number says. The numbers are looked at once, before the
 * pixels: each place within the file, and no more tiles than the picture needs. So what follows
 * takes time and memory by the size of picture and file, whatever the numbers are. */
#include "readers.h"
#include "stb.h"
#include "unpack.h"

enum { PLAIN = 1, LZW = 5, DEFLATE = 8, PACKBITS = 32773, OLD_DEFLATE = 32946 };
enum { WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, PALETTE = 3 };
enum { BYTE = 1, SHORT = 3, LONG = 4 };
enum { PREMULTIPLIED = 1, ALPHA = 2 };
enum { SPARE_PIXELS = 1 << 20 }; /* of the tiles of a small picture */
enum { CHANNELS_MAX = 4, HEADER = 8, ENTRY = 12 };

/* What a directory says, by the number of the tag. */
enum {
    WIDTH,
    HEIGHT,
    BITS,
    COMPRESSION,
    COLOURS,
    FILL_ORDER,
    STRIPS,
    ORIENTATION,
    CHANNELS,
    STRIP_ROWS,
    STRIP_BYTES,
    PLANES,
    PREDICTOR,
    COLOUR_MAP,
    TILE_WIDTH,
    TILE_HEIGHT,
    TILES,
    TILE_BYTES,
    EXTRA,
    FORMAT,
    FIELDS
};
static const uint16_t tags[FIELDS] = {256, 257, 258, 259, 262, 266, 273, 274, 277, 278,
                                      279, 284, 317, 320, 322, 323, 324, 325, 338, 339};

/* Numbers in the file; none where the directory does not have them. */
typedef struct {
    size_t at, count;
    uint32_t type;
} numbers;

typedef struct {
    const uint8_t *file;
    size_t size;
    uint32_t (*u16)(const uint8_t *);
    uint32_t (*u32)(const uint8_t *);
    numbers fields[FIELDS];
    uint64_t width, height;
    uint32_t bits, colours, compression, extra, predictor;
    uint32_t channels, planes; /* channels of a pixel in a block; planes of blocks */
    bool tiled;
    uint64_t block_width, block_height, across, down; /* tiles or strips, and how many */
} tiff;

static fleck_status damaged(fleck_message *err, const char *how) {
    return fleck_fail(err, FLECK_ERR_FORMAT, "damaged TIFF: %s", how);
}

static fleck_status truncated(fleck_message *err) {
    return fleck_fail(err, FLECK_ERR_FORMAT, "truncated TIFF");
}

static bool has(const tiff *t, uint32_t field) { return t->fields[field].count != 0; }

static uint32_t number(const tiff *t, uint32_t field, size_t i) {
    const numbers *n = &t->fields[field];
    const uint8_t *p = t->file + n->at;
    return n->type == LONG ? t->u32(p + 4 * i) : n->type == SHORT ? t->u16(p + 2 * i) : p[i];
}

/* The first number of a field, or what counts where it is absent. */
static uint32_t value(const tiff *t, uint32_t field, uint32_t absent) {
    return has(t, field) ? number(t, field, 0) : absent;
}

/* ---- directory ---------------------------------------------------------- */

/* Where the numbers of an entry are; false where the file ends before. */
static bool place(const tiff *t, const uint8_t *entry, numbers *out) {
    uint32_t type = t->u16(entry + 2), count = t->u32(entry + 4);
    size_t bytes = type == BYTE ? 1 : type == SHORT ? 2 : type == LONG ? 4 : 0;
    if (!bytes) return true; /* of a type that none of the fields has: as if it were absent */
    size_t at = count <= 4 / bytes ? (size_t)(entry + 8 - t->file) : t->u32(entry + 8);
    if (at > t->size || count > (t->size - at) / bytes) return false;
    *out = (numbers){at, count, type};
    return true;
}

static bool open_file(const uint8_t *file, size_t size, tiff *t) {
    bool big = *file == 'M';
    *t = (tiff){.file = file, .size = size, .u16 = big ? be16 : le16, .u32 = big ? be32 : le32};
    return size >= HEADER;
}

/* Where a directory's entries are and how many; 0 where the file ends before. */
static uint32_t directory(const tiff *t, size_t *at) {
    if (*at > t->size || t->size - *at < 2) return 0;
    uint32_t count = t->u16(t->file + *at);
    *at += 2;
    return count && (t->size - *at) / ENTRY >= count ? count : 0;
}

static fleck_status read_directory(const uint8_t *file, size_t size, tiff *t, fleck_message *err) {
    if (!open_file(file, size, t)) return truncated(err);
    size_t at = t->u32(file + 4);
    uint32_t count = directory(t, &at);
    bool whole = count != 0;
    for (uint32_t i = 0; i < count; i++, at += ENTRY)
        for (uint32_t f = 0; f < FIELDS; f++)
            if (t->u16(file + at) == tags[f] && !has(t, f))
                whole = place(t, file + at, &t->fields[f]) && whole;
    t->width = value(t, WIDTH, 0);
    t->height = value(t, HEIGHT, 0);
    return whole ? FLECK_OK : truncated(err);
}

uint32_t fleck_tiff_pages(const uint8_t *file, size_t size) {
    tiff t;
    if (!open_file(file, size, &t)) return 1;
    size_t at = t.u32(file + 4);
    uint32_t count = directory(&t, &at);
    at += (size_t)count * ENTRY;
    if (!count || size - at < 4) return 1;
    at = t.u32(file + at);
    return at && directory(&t, &at) ? 2 : 1;
}

/* ---- what it is --------------------------------------------------------- */

static const char *compression_name(uint32_t compression) {
    static const struct {
        uint32_t number;
        const char *name;
    } names[] = {{2, "CCITT"},    {3, "CCITT"},         {4, "CCITT"},    {6, "JPEG"},
                 {7, "JPEG"},     {34712, "JPEG 2000"}, {34892, "JPEG"}, {34887, "LERC"},
                 {34925, "LZMA"}, {50000, "Zstandard"}, {50001, "WebP"}, {50002, "JPEG XL"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == compression) return names[i].name;
    return NULL;
}

/* Refuses by name what is no photo that is read here. */
static fleck_status check_kind(tiff *t, fleck_message *err) {
    static const char *const others[] = {
        [4] = "a mask", [5] = "CMYK", [6] = "YCbCr", [8] = "CIELab", [9] = "ICCLab"};
    t->compression = value(t, COMPRESSION, PLAIN);
    t->bits = value(t, BITS, 1);
    t->colours = value(t, COLOURS, BLACK_IS_ZERO);
    t->channels = value(t, CHANNELS, 1);
    uint32_t c = t->compression, format = value(t, FORMAT, 1), colours = t->colours;
    if (c != PLAIN && c != LZW && c != DEFLATE && c != OLD_DEFLATE && c != PACKBITS) {
        const char *name = compression_name(c);
        if (name)
            return fleck_fail(err, FLECK_ERR_KIND, "a TIFF compressed as %s cannot be read", name);
        return fleck_fail(err, FLECK_ERR_KIND,
                          "this TIFF is compressed in a way (number %u) that cannot be read", c);
    }
    if (colours > PALETTE) {
        const char *name = colours < sizeof others / sizeof *others ? others[colours] : NULL;
        return fleck_fail(err, FLECK_ERR_KIND,
                          "a TIFF of %s cannot be read; grey, RGB and palettes can",
                          name ? name : "unusual colours");
    }
    if (format != 1 && format != 4)
        return fleck_fail(err, FLECK_ERR_KIND, "a TIFF of %s values cannot be read",
                          format == 2   ? "signed"
                          : format == 3 ? "floating-point"
                                        : "complex");
    bool deep = t->bits == 8 || t->bits == 16, few = t->bits == 1 || t->bits == 2 || t->bits == 4;
    if ((!deep && (!few || colours == RGB)) || (colours == PALETTE && t->bits == 16))
        return fleck_fail(err, FLECK_ERR_KIND,
                          "a TIFF of %u bits a value cannot be read; 8 and 16 can", t->bits);
    for (size_t i = 1; i < t->fields[BITS].count && i < t->channels; i++)
        if (number(t, BITS, i) != t->bits)
            return fleck_fail(err, FLECK_ERR_KIND,
                              "a TIFF whose channels differ in their bits cannot be read");
    uint32_t least = colours == RGB ? 3 : 1;
    if (t->channels < least) return damaged(err, "it has too few channels for its colours");
    if (t->channels > CHANNELS_MAX)
        return fleck_fail(err, FLECK_ERR_KIND, "a TIFF of %u channels cannot be read", t->channels);
    if (t->channels > least) t->extra = value(t, EXTRA, 0);
    if (value(t, FILL_ORDER, 1) != 1)
        return fleck_fail(err, FLECK_ERR_KIND, "a TIFF of reversed bits cannot be read");
    bool packed = c == LZW || c == DEFLATE || c == OLD_DEFLATE; /* of others libtiff reads none */
    t->predictor = packed ? value(t, PREDICTOR, 1) : 1;
    if (t->predictor > 2 || (t->predictor == 2 && !deep))
        return fleck_fail(err, FLECK_ERR_KIND, "a TIFF with predictor %u cannot be read",
                          t->predictor);
    if (colours == PALETTE && t->fields[COLOUR_MAP].count < (size_t)3 << t->bits)
        return damaged(err, "its palette is missing");
    return FLECK_OK;
}

static size_t row_bytes(const tiff *t) {
    return FLECK_SIZE((t->block_width * t->channels * t->bits + 7) / 8);
}

/* Rows of the picture in the blocks of a row of them. */
static size_t rows_in(const tiff *t, uint64_t row) {
    uint64_t left = t->height - row * t->block_height;
    return (size_t)(left < t->block_height ? left : t->block_height);
}

/* Where the bytes of a block are; false where they are not in the file. */
static bool block_at(const tiff *t, size_t index, size_t need, size_t *at, size_t *bytes) {
    uint32_t sizes = t->tiled ? TILE_BYTES : STRIP_BYTES;
    *at = number(t, t->tiled ? TILES : STRIPS, index);
    *bytes = has(t, sizes) ? number(t, sizes, index) : need;
    if (t->compression == PLAIN && *bytes > need) *bytes = need;
    return *at <= t->size && *bytes <= t->size - *at;
}

static fleck_status check_blocks(tiff *t, fleck_message *err) {
    t->tiled = has(t, TILES);
    uint64_t rows = value(t, STRIP_ROWS, UINT32_MAX);
    t->block_width = t->tiled ? value(t, TILE_WIDTH, 0) : t->width;
    t->block_height = t->tiled ? value(t, TILE_HEIGHT, 0) : rows < t->height ? rows : t->height;
    if (!t->block_width || !t->block_height) return damaged(err, "its tiles or strips are empty");
    t->across = (t->width + t->block_width - 1) / t->block_width;
    t->down = (t->height + t->block_height - 1) / t->block_height;
    uint64_t most = 2 * t->width * t->height + SPARE_PIXELS;
    if (t->across * t->block_width > most / t->down / t->block_height)
        return damaged(err, "its tiles are much larger than its picture");
    t->planes = 1;
    if (value(t, PLANES, 1) == 2) {
        t->planes = t->channels;
        t->channels = 1;
    }
    uint64_t blocks = t->across * t->down * t->planes;
    uint32_t sizes = t->tiled ? TILE_BYTES : STRIP_BYTES;
    if (t->fields[t->tiled ? TILES : STRIPS].count < blocks)
        return damaged(err, "some of its tiles or strips are missing");
    if (has(t, sizes) ? t->fields[sizes].count < blocks : t->compression != PLAIN)
        return damaged(err, "it does not say how long its tiles or strips are");
    uint64_t all = 0; /* bytes: blocks that share some would take more time than their file tells */
    for (size_t i = 0; i < blocks; i++) {
        size_t at, bytes, row = i / (size_t)t->across % (size_t)t->down;
        if (!block_at(t, i, FLECK_SIZE(rows_in(t, row), row_bytes(t)), &at, &bytes))
            return truncated(err);
        all += bytes;
    }
    return all <= t->size ? FLECK_OK : damaged(err, "its tiles or strips overlap");
}

static fleck_status open_tiff(const uint8_t *file, size_t size, tiff *t, fleck_message *err) {
    fleck_status status = read_directory(file, size, t, err);
    if (!status) status = check_kind(t, err);
    /* What has no size, or too much of it, is refused as other photos are. */
    bool sized = t->width && t->height && t->width <= PHOTO_SIDE_MAX &&
                 t->height <= PHOTO_SIDE_MAX && t->width * t->height <= FLECK_PIXELS_MAX;
    return !status && sized ? check_blocks(t, err) : status;
}

fleck_status fleck_tiff_inspect(const uint8_t *file, size_t size, photo_header *out,
                                fleck_message *err) {
    tiff t;
    fleck_status status = open_tiff(file, size, &t, err);
    uint32_t orientation = value(&t, ORIENTATION, 1);
    out->width = t.width;
    out->height = t.height;
    out->bits = t.bits;
    if (orientation >= 1 && orientation <= 8) out->orientation = orientation;
    return status;
}

/* ---- pixels ------------------------------------------------------------- */

static size_t unpack(const tiff *t, const uint8_t *packed, size_t size, uint8_t *out, size_t need) {
    switch (t->compression) {
    case LZW:
        return fleck_unpack_lzw(packed, size, out, need);
    case PACKBITS:
        return fleck_unpack_packbits(packed, size, out, need);
    case PLAIN:
        memcpy(out, packed, size);
        return size;
    default:
        return fleck_inflate(packed, size, out, fleck_size_sum(need, FLECK_INFLATE_PIECE));
    }
}

/* Values of 16 bits become those of this machine; where each is the step from its left neighbour,
 * the steps are summed up. */
static void restore_row(const tiff *t, uint8_t *row) {
    size_t count = (size_t)t->block_width * t->channels, left = t->channels;
    uint16_t *wide = (void *)row;
    if (t->bits == 16)
        for (size_t i = 0; i < count; i++) wide[i] = (uint16_t)t->u16((uint8_t *)(wide + i));
    if (t->predictor != 2) return;
    for (size_t i = left; i < count; i++)
        if (t->bits == 16)
            wide[i] = (uint16_t)(wide[i] + wide[i - left]);
        else
            row[i] = (uint8_t)(row[i] + row[i - left]);
}

static uint32_t value_of(const tiff *t, const uint8_t *row, size_t i) {
    if (t->bits == 8) return row[i];
    const uint16_t *wide = (const void *)row;
    if (t->bits == 16) return wide[i];
    size_t bit = i * t->bits;
    return (uint32_t)row[bit / 8] >> (8 - t->bits - bit % 8) & ((1u << t->bits) - 1);
}

/* Colours of 16 bits, or of 8 where none is higher. */
static uint32_t colour_shift(const tiff *t) {
    for (size_t i = 0; i < (size_t)3 << t->bits; i++)
        if (number(t, COLOUR_MAP, i) > 255) return 8;
    return 0;
}

/* The pixels of the picture that are in a block, to their place; first: of its channels. */
typedef struct {
    const tiff *t;
    const photo_samples *out;
    uint32_t shift; /* of the palette's colours */
} target;

static void put_row(const target *to, const uint8_t *row, size_t x, size_t y, uint32_t first) {
    const tiff *t = to->t;
    uint32_t channels = to->out->channels, most = (1u << t->bits) - 1;
    size_t count = (size_t)(t->width - x < t->block_width ? t->width - x : t->block_width);
    size_t at = (y * (size_t)t->width + x) * channels;
    for (size_t i = 0; i < count; i++, at += channels)
        for (uint32_t c = 0; c < t->channels && first + c < channels; c++) {
            uint32_t v = value_of(t, row, i * t->channels + c);
            if (t->bits < 8 && t->colours != PALETTE) v *= 255 / most;
            if (t->colours == WHITE_IS_ZERO && !first && !c) v = (t->bits == 16 ? 65535 : 255) - v;
            if (t->bits == 16)
                ((uint16_t *)to->out->data)[at + first + c] = (uint16_t)v;
            else
                ((uint8_t *)to->out->data)[at + first + c] = (uint8_t)v;
        }
}

static void put_palette_row(const target *to, const uint8_t *row, size_t x, size_t y) {
    const tiff *t = to->t;
    size_t count = (size_t)(t->width - x < t->block_width ? t->width - x : t->block_width);
    uint8_t *rgb = (uint8_t *)to->out->data + (y * (size_t)t->width + x) * 3;
    for (size_t i = 0; i < count; i++)
        for (uint32_t c = 0; c < 3; c++) {
            size_t colour = ((size_t)c << t->bits) + value_of(t, row, i * t->channels);
            *rgb++ = (uint8_t)(number(t, COLOUR_MAP, colour) >> to->shift);
        }
}

/* Takes back that the colours were multiplied by their alpha, the last channel. */
static void divide_by_alpha(const photo_samples *out, size_t pixels) {
    uint32_t most = out->bits == 16 ? 65535 : 255, last = out->channels - 1;
    for (size_t i = 0; i < pixels * out->channels; i += out->channels)
        for (uint32_t c = 0; c < last; c++) {
            uint16_t *wide = (uint16_t *)out->data + i;
            uint8_t *narrow = (uint8_t *)out->data + i;
            uint32_t alpha = most == 255 ? narrow[last] : wide[last];
            uint32_t v = most == 255 ? narrow[c] : wide[c];
            if (alpha) v = v < alpha ? (uint32_t)(((uint64_t)v * most + alpha / 2) / alpha) : most;
            if (most == 255)
                narrow[c] = (uint8_t)v;
            else
                wide[c] = (uint16_t)v;
        }
}

fleck_status fleck_tiff_decode(fleck_arena *arena, const uint8_t *file, size_t size,
                               photo_samples *out, fleck_message *err) {
    tiff t;
    fleck_status status = open_tiff(file, size, &t, err);
    if (status) return status;
    size_t bytes = row_bytes(&t), pixels = FLECK_SIZE(t.width, t.height);
    bool alpha = t.extra == PREMULTIPLIED || t.extra == ALPHA;
    bool palette = t.colours == PALETTE;
    *out = (photo_samples){.channels = palette            ? 3
                                       : t.colours == RGB ? 3u + alpha
                                                          : 1u + alpha,
                           .bits = t.bits == 16 ? 16 : 8};
    out->significant = out->bits;
    size_t capacity = FLECK_SIZE(t.block_height, bytes);
    /* Cleared: a damaged stream may repeat bytes that were never written. */
    uint8_t *block = FLECK_NEW_ZERO(arena, uint8_t, fleck_size_sum(capacity, FLECK_INFLATE_PIECE));
    out->data = FLECK_NEW(arena, uint8_t, pixels, out->channels, out->bits / 8);
    if (!block || !out->data) return fleck_photo_out_of_memory(err, t.width, t.height);

    target to = {&t, out, palette ? colour_shift(&t) : 0};
    size_t index = 0;
    for (uint32_t plane = 0; plane < t.planes; plane++)
        for (size_t row = 0; row < t.down; row++)
            for (size_t column = 0; column < t.across; column++, index++) {
                size_t at, packed, rows = rows_in(&t, row), need = rows * bytes;
                if (!block_at(&t, index, need, &at, &packed)) return truncated(err);
                if (unpack(&t, file + at, packed, block, need) < need)
                    return damaged(err, "its pixels cannot be unpacked, or are too few");
                for (size_t y = 0; y < rows; y++) {
                    uint8_t *from = block + y * bytes;
                    size_t x = column * (size_t)t.block_width;
                    size_t to_y = row * (size_t)t.block_height + y;
                    restore_row(&t, from);
                    if (!palette)
                        put_row(&to, from, x, to_y, plane);
                    else if (!plane)
                        put_palette_row(&to, from, x, to_y);
                }
            }
    if (t.extra == PREMULTIPLIED && !palette) divide_by_alpha(out, pixels);
    return FLECK_OK;
}
