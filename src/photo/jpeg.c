/* JPEG (ITU-T T.81). The walker checks every segment; then stb_image decodes a stream that is made
 * here of those that it needs, so that all it can stumble over is the picture data itself. That
 * way files are read that are whole but untidy: with stray bytes between segments, without
 * Huffman tables (frames of Motion JPEG), without the mark of the end.
 *
 * JPEG has no checksums. What can be told is whether the decoder ran out of data before it had
 * all blocks: then a part of the picture would be grey, and the file is refused. */
#include "readers.h"
#include "stb.h"

enum { SOF0 = 0xC0, SOF1 = 0xC1, SOF2 = 0xC2, SOF3 = 0xC3, DHT = 0xC4, SOF9 = 0xC9, SOF11 = 0xCB };
enum { SOF15 = 0xCF, JPG = 0xC8, DAC = 0xCC, RST0 = 0xD0, RST7 = 0xD7, SOI = 0xD8, EOI = 0xD9 };
enum { SOS = 0xDA, DQT = 0xDB, DRI = 0xDD, DHP = 0xDE, EXP = 0xDF, APP0 = 0xE0, APP1 = 0xE1 };
enum { APP14 = 0xEE, JPEG_LS = 0xF7 };

/* Blocks of a scan and what each costs, in about a nanosecond. An ordinary progressive photo of 64
 * million pixels takes a third of it, a file of empty scans any number. */
#define WORK_MAX (1u << 30)
enum { WORK_SEQUENTIAL = 64, WORK_PROGRESSIVE = 8 /* and one for each coefficient refined */ };

typedef struct {
    uint8_t code;        /* 0: the file ends without EOI */
    const uint8_t *body; /* behind the length */
    size_t size;
    const uint8_t *data, *data_end; /* of a scan: the picture data that follows */
} jpeg_segment;

#define UNSEEN 255
typedef struct {
    uint32_t id, h, v, table;
    uint64_t blocks;    /* of a scan of this component alone */
    uint8_t lowest[64]; /* of each coefficient: the lowest bit that a scan had so far, or UNSEEN */
} jpeg_component;

/* What the segments so far have said. */
typedef struct {
    uint32_t count; /* of components; 0 before the frame header */
    jpeg_component components[4];
    bool progressive, jfif, exif;
    int adobe; /* its colour transform; -1: no such segment */
    uint64_t width, height, mcus;
    uint32_t restart, tables, orientation; /* tables: bits of the quantisation tables */
    uint64_t work;
    uint64_t intervals; /* of the newest scan, between restart markers */
} jpeg_state;

static fleck_status damaged(fleck_message *err, const char *how) {
    return fleck_fail(err, FLECK_ERR_FORMAT, "damaged JPEG: %s", how);
}

static fleck_status unreadable(fleck_message *err, const char *kind) {
    return fleck_fail(err, FLECK_ERR_KIND, "a JPEG with %s cannot be read", kind);
}

static fleck_status truncated(fleck_message *err) {
    return fleck_fail(err, FLECK_ERR_FORMAT, "truncated JPEG");
}

/* ---- segments ----------------------------------------------------------- */

/* The next marker, from its 0xFF on, past all that is none; end when there is none. */
static const uint8_t *next_marker(const uint8_t *at, const uint8_t *end) {
    while (at < end && (at = memchr(at, 0xFF, (size_t)(end - at))) && end - at > 1) {
        if (at[1] >= SOF0 && at[1] != 0xFF && !(at[1] >= RST0 && at[1] <= RST7)) return at;
        at += at[1] == 0xFF ? 1 : 2;
    }
    return end;
}

/* Where the interval of picture data ends that begins at at: at a restart marker or the end. */
static const uint8_t *next_restart(const uint8_t *at, const uint8_t *end) {
    while (at < end && (at = memchr(at, 0xFF, (size_t)(end - at))) && end - at > 1) {
        if (at[1] >= RST0 && at[1] <= RST7) return at;
        at += at[1] == 0xFF ? 1 : 2;
    }
    return end;
}

/* The segment at *at or behind it; *at moves to its end. False when it is not all there. */
static bool next_segment(const uint8_t *file, size_t size, size_t *at, jpeg_segment *out) {
    const uint8_t *end = file + size, *found = next_marker(file + *at, end);
    *out = (jpeg_segment){0};
    *at = (size_t)(found - file);
    if (found == end) return true;
    out->code = found[1];
    *at += 2;
    if (out->code == EOI || out->code == SOI) return true;
    if (size - *at < 2) return false;
    size_t length = be16(found + 2);
    if (length > size - *at) return false;
    out->body = found + 4;
    out->size = length < 2 ? 0 : length - 2;
    *at += length < 2 ? 2 : length;
    if (out->code != SOS) return true;
    /* Any marker but a restart ends the data; 0xFF 0x00 is the byte 0xFF. */
    out->data = out->data_end = out->body + out->size;
    while (out->data_end < end) {
        const uint8_t *p = memchr(out->data_end, 0xFF, (size_t)(end - out->data_end));
        out->data_end = p ? p : end;
        if (!p || end - p < 2) break;
        if (p[1] && p[1] != 0xFF && !(p[1] >= RST0 && p[1] <= RST7)) break;
        out->data_end += p[1] == 0xFF ? 1 : 2;
    }
    *at = (size_t)(out->data_end - file);
    return true;
}

static fleck_status take_huffman(const uint8_t *p, size_t size, fleck_message *err) {
    while (size) {
        size_t symbols = 0;
        uint32_t codes = 0; /* used up of those of a length */
        bool good = size >= 17 && p[0] >> 4 <= 1 && (p[0] & 15) <= 3;
        for (uint32_t i = 1; good && i <= 16; i++) {
            symbols += p[i];
            codes = 2 * codes + p[i];
            good = codes <= 1u << i;
        }
        if (!good || symbols > 256 || size < 17 + symbols)
            return damaged(err, "its code tables are malformed");
        p += 17 + symbols;
        size -= 17 + symbols;
    }
    return FLECK_OK;
}

static fleck_status take_quantisation(jpeg_state *j, const uint8_t *p, size_t size,
                                      fleck_message *err) {
    while (size) {
        size_t bytes = p[0] >> 4 ? 129 : 65;
        if (p[0] >> 4 > 1 || (p[0] & 15) > 3 || size < bytes)
            return damaged(err, "its tables are malformed");
        j->tables |= 1u << (p[0] & 15);
        p += bytes;
        size -= bytes;
    }
    return FLECK_OK;
}

static uint64_t divided_up(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

static fleck_status take_frame(jpeg_state *j, const jpeg_segment *s, fleck_message *err) {
    if (s->code == DHP || s->code == EXP) return unreadable(err, "several resolutions");
    if (s->code == JPEG_LS) return unreadable(err, "JPEG-LS compression");
    if (s->code == SOF3) return unreadable(err, "lossless compression");
    if (s->code >= SOF9) return unreadable(err, "arithmetic coding");
    if (s->code > SOF2) return unreadable(err, "several resolutions");
    if (j->count) return damaged(err, "a second picture begins within it");
    const uint8_t *p = s->body;
    if (s->size < 6 || s->size != 6 + 3 * (size_t)p[5] || !p[5] || p[5] > 4)
        return damaged(err, "its header is malformed");
    if (p[0] == 12) return unreadable(err, "12 bits a sample");
    if (p[0] != 8) return damaged(err, "its header is malformed");
    if (p[5] == 2) return unreadable(err, "two colour channels");
    j->count = p[5];
    j->progressive = s->code == SOF2;
    j->height = be16(p + 1);
    j->width = be16(p + 3);
    uint64_t h_most = 1, v_most = 1;
    const uint8_t *q = p + 6;
    for (uint32_t c = 0; c < j->count; c++, q += 3) {
        jpeg_component *to = &j->components[c];
        *to = (jpeg_component){.id = q[0], .h = q[1] >> 4, .v = q[1] & 15, .table = q[2]};
        memset(to->lowest, UNSEEN, sizeof to->lowest);
        if (!to->h || to->h > 4 || !to->v || to->v > 4 || to->table > 3)
            return damaged(err, "its header is malformed");
        if (to->h > h_most) h_most = to->h;
        if (to->v > v_most) v_most = to->v;
    }
    for (uint32_t c = 0; c < j->count; c++) {
        jpeg_component *to = &j->components[c];
        if (h_most % to->h || v_most % to->v)
            return unreadable(err, "colour channels of such odd sizes");
        to->blocks = divided_up(divided_up((uint64_t)j->width * to->h, h_most), 8) *
                     divided_up(divided_up((uint64_t)j->height * to->v, v_most), 8);
    }
    j->mcus = divided_up(j->width, 8 * h_most) * divided_up(j->height, 8 * v_most);
    return FLECK_OK;
}

/* The bits of coefficients that a scan codes, for one of its components. */
static bool take_bits(const jpeg_state *j, uint8_t *lowest, const uint8_t *bits) {
    uint32_t first = bits[0], last = bits[1], high = bits[2] >> 4, low = bits[2] & 15;
    if (!j->progressive) {
        memset(lowest, 0, 64);
        return true;
    }
    if (first > last || last > 63 || high > 13 || low > 13) return false;
    /* The mean comes first, alone and once: stb_image clears the other coefficients with it. */
    if (first ? lowest[0] == UNSEEN : last || (high == 0) != (lowest[0] == UNSEEN)) return false;
    memset(lowest + first, (int)low, last - first + 1);
    return true;
}

static fleck_status take_scan(jpeg_state *j, const jpeg_segment *s, fleck_message *err) {
    const uint8_t *p = s->body;
    if (!j->count || s->size < 6 || !p[0] || p[0] > j->count || s->size != 4 + 2 * (size_t)p[0])
        return damaged(err, "the header of its picture data is malformed");
    const uint8_t *bits = p + 1 + 2 * (size_t)p[0];
    uint64_t blocks = 0, per_mcu = 0;
    bool good = !j->progressive || !bits[0] || p[0] == 1;
    uint32_t seen = 0;
    for (uint32_t i = 0; good && i < p[0]; i++) {
        uint32_t c = 0;
        while (c < j->count && j->components[c].id != p[1 + 2 * i]) c++;
        if (c == j->count || seen >> c & 1 || p[2 + 2 * i] >> 4 > 3 || (p[2 + 2 * i] & 15) > 3)
            return damaged(err, "the header of its picture data is malformed");
        seen |= 1u << c;
        jpeg_component *component = &j->components[c];
        if (!(j->tables >> component->table & 1)) return damaged(err, "a table is missing");
        good = take_bits(j, component->lowest, bits);
        blocks = component->blocks;
        per_mcu += (uint64_t)component->h * component->v;
    }
    if (!good) return damaged(err, "the passes of its picture follow in an order that makes none");
    uint64_t mcus = p[0] == 1 ? blocks : j->mcus;
    if (p[0] > 1) blocks = mcus * per_mcu;
    uint64_t cost = !j->progressive ? WORK_SEQUENTIAL : WORK_PROGRESSIVE;
    if (j->progressive && bits[2] >> 4) cost += bits[1] - bits[0] + 1u;
    j->work += blocks * cost;
    j->intervals = j->restart ? divided_up(mcus, j->restart) : 1;
    return FLECK_OK;
}

static fleck_status take(jpeg_state *j, const jpeg_segment *s, fleck_message *err) {
    const uint8_t *p = s->body;
    switch (s->code) {
    case DHT:
        return take_huffman(p, s->size, err);
    case DQT:
        return take_quantisation(j, p, s->size, err);
    case SOS:
        return take_scan(j, s, err);
    case SOI:
        return damaged(err, "a second picture begins within it");
    case DRI:
        if (s->size != 2) return damaged(err, "its restart interval is malformed");
        j->restart = be16(p);
        break;
    case APP0:
        j->jfif = j->jfif || STARTS(p, s->size, "JFIF\0");
        break;
    case APP1:
        if (j->exif || !STARTS(p, s->size, "Exif\0\0")) break;
        j->exif = true;
        j->orientation = fleck_exif_orientation(p + 6, s->size - 6);
        break;
    case APP14:
        if (STARTS(p, s->size, "Adobe") && s->size >= 12) j->adobe = p[11];
        break;
    default:
        if ((s->code >= SOF0 && s->code <= SOF15 && s->code != JPG && s->code != DAC) ||
            s->code == DHP || s->code == EXP || s->code == JPEG_LS)
            return take_frame(j, s, err);
    }
    return FLECK_OK;
}

fleck_status fleck_jpeg_inspect(const uint8_t *file, size_t size, photo_header *out,
                                fleck_message *err) {
    jpeg_state j = {.adobe = -1, .orientation = 1};
    jpeg_segment s;
    for (size_t at = 2;;) {
        if (!next_segment(file, size, &at, &s)) return truncated(err);
        if (!s.code || s.code == EOI) break;
        fleck_status status = take(&j, &s, err);
        if (status) return status;
        out->width = j.width; /* known also of a file that ends too early */
        out->height = j.height;
        out->orientation = j.orientation;
    }
    bool whole = true, any = true; /* every bit is there; something of each channel */
    for (uint32_t c = 0; c < j.count; c++)
        for (uint32_t k = 0; k < 64; k++) {
            whole = whole && !j.components[c].lowest[k];
            any = any && j.components[c].lowest[0] != UNSEEN;
        }
    if (!s.code && (!j.count || !whole)) return truncated(err);
    if (!any) return damaged(err, "part of its picture is missing");
    /* As libjpeg tells colours: four channels are inks, by Adobe's convention more where there is
     * less of them; three are RGB where Adobe's segment says so and JFIF's does not disagree. */
    out->transform = j.count == 4 ? (j.adobe > 0 ? 2 : 0) : j.adobe == 0 && !j.jfif ? 0 : -1;
    if (j.width * j.height <= FLECK_PIXELS_MAX && j.work > WORK_MAX)
        return damaged(err, "its picture is spread over more passes than any photo needs");
    return FLECK_OK;
}

/* ---- the stream for stb_image ------------------------------------------- */

/* The start of a file and the Huffman tables of T.81's annex K, which Motion JPEG leaves out. A
 * file's own tables come later and count instead. */
static const uint8_t START[] = {
    255, 216, 255, 196, 1,   162, 0,   0,   1,   5,   1,   1,   1,   1,   1,   1,   0,   0,   0,
    0,   0,   0,   0,   0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  16,  0,   2,
    1,   3,   3,   2,   4,   3,   5,   5,   4,   4,   0,   0,   1,   125, 1,   2,   3,   0,   4,
    17,  5,   18,  33,  49,  65,  6,   19,  81,  97,  7,   34,  113, 20,  50,  129, 145, 161, 8,
    35,  66,  177, 193, 21,  82,  209, 240, 36,  51,  98,  114, 130, 9,   10,  22,  23,  24,  25,
    26,  37,  38,  39,  40,  41,  42,  52,  53,  54,  55,  56,  57,  58,  67,  68,  69,  70,  71,
    72,  73,  74,  83,  84,  85,  86,  87,  88,  89,  90,  99,  100, 101, 102, 103, 104, 105, 106,
    115, 116, 117, 118, 119, 120, 121, 122, 131, 132, 133, 134, 135, 136, 137, 138, 146, 147, 148,
    149, 150, 151, 152, 153, 154, 162, 163, 164, 165, 166, 167, 168, 169, 170, 178, 179, 180, 181,
    182, 183, 184, 185, 186, 194, 195, 196, 197, 198, 199, 200, 201, 202, 210, 211, 212, 213, 214,
    215, 216, 217, 218, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 241, 242, 243, 244, 245,
    246, 247, 248, 249, 250, 1,   0,   3,   1,   1,   1,   1,   1,   1,   1,   1,   1,   0,   0,
    0,   0,   0,   0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  17,  0,   2,   1,
    2,   4,   4,   3,   4,   7,   5,   4,   4,   0,   1,   2,   119, 0,   1,   2,   3,   17,  4,
    5,   33,  49,  6,   18,  65,  81,  7,   97,  113, 19,  34,  50,  129, 8,   20,  66,  145, 161,
    177, 193, 9,   35,  51,  82,  240, 21,  98,  114, 209, 10,  22,  36,  52,  225, 37,  241, 23,
    24,  25,  26,  38,  39,  40,  41,  42,  53,  54,  55,  56,  57,  58,  67,  68,  69,  70,  71,
    72,  73,  74,  83,  84,  85,  86,  87,  88,  89,  90,  99,  100, 101, 102, 103, 104, 105, 106,
    115, 116, 117, 118, 119, 120, 121, 122, 130, 131, 132, 133, 134, 135, 136, 137, 138, 146, 147,
    148, 149, 150, 151, 152, 153, 154, 162, 163, 164, 165, 166, 167, 168, 169, 170, 178, 179, 180,
    181, 182, 183, 184, 185, 186, 194, 195, 196, 197, 198, 199, 200, 201, 202, 210, 211, 212, 213,
    214, 215, 216, 217, 218, 226, 227, 228, 229, 230, 231, 232, 233, 234, 242, 243, 244, 245, 246,
    247, 248, 249, 250,
};

typedef struct {
    jpeg_state j;
    const uint8_t *file;
    size_t size, at;
    const uint8_t *from, *to;           /* what is to be read next */
    const uint8_t *interval, *data_end; /* of the scan: its next interval */
    uint64_t intervals;                 /* of the scan, that come after the one being read */
    enum { FEED_START, FEED_SEGMENTS, FEED_SCAN, FEED_DATA } stage;
    int transform;
    uint8_t made[32]; /* a segment that is not the file's */
} jpeg_feed;

static void feed_made(jpeg_feed *f, const void *bytes, size_t size) {
    memcpy(f->made, bytes, size);
    f->from = f->made;
    f->to = f->made + size;
}

static void feed_interval(void *user) {
    jpeg_feed *f = user;
    f->from = f->interval;
    f->to = next_restart(f->interval, f->data_end);
    f->interval = f->to < f->data_end ? f->to + 2 : f->to;
    f->intervals--;
    while (f->to > f->from && f->to[-1] == 0xFF) f->to--; /* fill bytes */
}

/* The next segment that the decoder needs. */
static void feed_segment(jpeg_feed *f) {
    jpeg_segment s;
    fleck_message none;
    for (;;) {
        bool found = next_segment(f->file, f->size, &f->at, &s);
        if (!found || !s.code || s.code == EOI) {
            feed_made(f, "\xFF\xD9", 2);
            return;
        }
        take(&f->j, &s, &none);
        if (s.code == SOS) {
            size_t bytes = 4 + s.size;
            feed_made(f, s.body - 4, bytes);
            if (!f->j.progressive) memcpy(f->made + bytes - 3, "\0\x3F", 3);
            f->interval = s.data;
            f->data_end = s.data_end;
            f->intervals = f->j.intervals;
            f->stage = FEED_SCAN;
            return;
        }
        bool needed = s.code == DHT || s.code == DQT || s.code == DRI || s.code <= SOF2;
        if (needed && s.size) {
            f->from = s.body - 4;
            f->to = s.body + s.size;
            return;
        }
    }
}

static size_t feed_read(void *user, uint8_t *out, size_t room) {
    jpeg_feed *f = user;
    while (f->from == f->to) {
        if (f->stage == FEED_DATA) return 0;
        if (f->stage == FEED_START) {
            uint8_t adobe[] = "\xFF\xEE\0\x0E"
                              "Adobe\0\0\0\0\0\0"; /* its last byte counts */
            adobe[15] = (uint8_t)f->transform;
            f->stage = FEED_SEGMENTS;
            if (f->transform >= 0) feed_made(f, adobe, sizeof adobe);
        } else if (f->stage == FEED_SCAN) {
            f->stage = FEED_DATA;
            feed_interval(f);
        } else {
            feed_segment(f);
        }
    }
    size_t bytes = (size_t)(f->to - f->from);
    if (bytes > room) bytes = room;
    memcpy(out, f->from, bytes);
    f->from += bytes;
    return bytes;
}

static bool feed_more(void *user) { return ((jpeg_feed *)user)->intervals > 0; }

static void feed_scan_done(void *user) {
    jpeg_feed *f = user;
    f->from = f->to;
    f->stage = FEED_SEGMENTS;
}

fleck_status fleck_jpeg_decode(const uint8_t *file, size_t size, const photo_header *header,
                               photo_samples *out, fleck_message *err) {
    jpeg_feed feed = {.j = {.adobe = -1, .orientation = 1},
                      .file = file,
                      .size = size,
                      .at = 2,
                      .from = START,
                      .to = START + sizeof START,
                      .transform = header->transform};
    fleck_jpeg_source source = {&feed, feed_read, feed_more, feed_interval, feed_scan_done};
    *out = (photo_samples){.channels = 3, .bits = 8, .significant = 8};
    switch (fleck_stb_jpeg(&source, &out->owned)) {
    case FLECK_JPEG_WHOLE:
        out->data = out->owned;
        return FLECK_OK;
    case FLECK_JPEG_SHORT: {
        jpeg_segment s; /* the one after the picture data that ran out */
        bool end = !next_segment(file, size, &feed.at, &s) || !s.code;
        return end ? truncated(err) : damaged(err, "part of its picture is missing");
    }
    case FLECK_JPEG_MEMORY:
        return fleck_photo_out_of_memory(err, header->width, header->height);
    default:
        return damaged(err, "its picture data is no picture");
    }
}
