/* The file is safetensors, so that others can read it: a header of HEADER bytes, the features, a
 * table with a row for each photo, and a seal.
 *
 *   metadata        format=fleck-features, version, fleck (version of the program), backbone
 *                   (fingerprint of its file), preset, precision, input, tile_columns, tile_rows,
 *                   sample_bits
 *
 *   features        F16 [photos, P + 1, D]: patches, left to right, top to bottom, then the class
 *                   token
 *   photos.key      U32 [photos, 2]: fleck_photo_key of the file, its low half first
 *   photos.size     U32 [photos, 2]: width and height as the photo is seen; 0, 0: not known
 *   photos.samples  U32 [photos, 2]: bits and highest value of one of 16 bits; 0, 0: of another
 *   photos.hash     U32 [photos, 4]: two hashes of 64 bits of its features
 *   photos.name     U32: the bytes of all names, each with a NUL behind it, and NULs to the end
 *   blocks          U32 [blocks], from 1; without any the backbone's own choice
 *   seal            U32 [4]: "fleckfea", and the hash of all bytes before it but the features,
 *                   which have their own
 *
 * The features come first, so that they are written as they are made; the header, which counts
 * them, is written at the end into the room left for it. */
#include "shard_file.h"

#include "safetensors.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERSION = 2,
    HEADER = 4096,
    SEAL = 16, /* bytes */
    HASHED = SEAL - 8,
    SIDE_MAX = 1 << 24
};

static const char format[] = "fleck-features", seal_mark[] = "fleckfea";

/* ---- writing ---- */

void cli_shard_begin(cli_shard_writer *w, fleck_arena *arena, FILE *out,
                     const cli_shard_source *source, size_t P, size_t D) {
    static const char room[HEADER];
    *w = (cli_shard_writer){
        .out = out, .arena = arena, .shard = {.source = *source, .P = P, .D = D}};
    fwrite(room, 1, sizeof room, out);
}

static cli_features_key hash_of(const void *patch, size_t patch_bytes, const void *cls,
                                size_t cls_bytes) {
    cli_features_key hash = CLI_HASH_BEGIN;
    cli_hash_on(&hash, patch, patch_bytes);
    cli_hash_on(&hash, cls, cls_bytes);
    return hash;
}

bool cli_shard_add(cli_shard_writer *w, const cli_shard_photo *photo, const fleck_half *patch,
                   const fleck_half *cls) {
    cli_shard *s = &w->shard;
    if (FLECK_SIZE(s->count + 1, s->P + 1, s->D, sizeof *patch) == SIZE_MAX) return false;
    if (s->count == w->capacity) {
        size_t capacity = w->capacity ? w->capacity : 64;
        cli_shard_photo *photos = FLECK_NEW(w->arena, cli_shard_photo, capacity, 2);
        if (!photos) return false;
        if (s->count) memcpy(photos, s->photos, s->count * sizeof *photos);
        s->photos = photos;
        w->capacity = 2 * capacity;
    }
    s->photos[s->count] = *photo;
    s->photos[s->count++].hash =
        hash_of(patch, s->P * s->D * sizeof *patch, cls, s->D * sizeof *cls);
    fwrite(patch, sizeof *patch, s->P * s->D, w->out);
    fwrite(cls, sizeof *cls, s->D, w->out);
    return true;
}

/* The rows of the photos' table, those of each tensor together. */
typedef struct {
    uint32_t *key, *size, *samples, *hash, *name;
    size_t name_words;
} photo_columns;

static bool make_columns(fleck_arena *arena, const cli_shard *s, photo_columns *out) {
    size_t n = s->count, bytes = 0, at = 0;
    for (size_t i = 0; i < n; i++) bytes = fleck_size_sum(bytes, strlen(s->photos[i].name) + 1);
    photo_columns c = {.key = FLECK_NEW(arena, uint32_t, n, 2),
                       .size = FLECK_NEW(arena, uint32_t, n, 2),
                       .samples = FLECK_NEW(arena, uint32_t, n, 2),
                       .hash = FLECK_NEW(arena, uint32_t, n, 4),
                       .name_words = bytes / 4 + 1};
    c.name = FLECK_NEW_ZERO(arena, uint32_t, c.name_words);
    if (!c.key || !c.size || !c.samples || !c.hash || !c.name) return false;
    for (size_t i = 0; i < n; i++) {
        const cli_shard_photo *p = &s->photos[i];
        size_t length = strlen(p->name);
        c.key[2 * i] = (uint32_t)p->key;
        c.key[2 * i + 1] = (uint32_t)(p->key >> 32);
        c.size[2 * i] = p->width;
        c.size[2 * i + 1] = p->height;
        c.samples[2 * i] = p->samples.bits;
        c.samples[2 * i + 1] = p->samples.highest;
        memcpy(c.hash + 4 * i, p->hash.hash, sizeof p->hash.hash);
        memcpy((char *)c.name + at, p->name, length);
        at += length + 1;
    }
    *out = c;
    return true;
}

/* A tensor of U32 behind the features: rows of so many values, 0 for one of one dimension. */
typedef struct {
    const char *name;
    const void *data;
    size_t rows, row;
} part;

static size_t bytes_of(const part *p) { return p->rows * (p->row ? p->row : 1) * sizeof(uint32_t); }

/* The header as the format has it: its length, JSON, spaces to the end. */
static void make_header(const cli_shard *s, const part *parts, size_t count, char out[HEADER]) {
    const cli_shard_source *o = &s->source;
    size_t at = 8, offset = FLECK_SIZE(s->count, s->P + 1, s->D, sizeof(fleck_half));
    at += (size_t)snprintf(
        out + at, HEADER - at,
        "{\"__metadata__\":{\"format\":\"%s\",\"fleck\":\"%s\",\"version\":\"%d\","
        "\"backbone\":\"%" PRIu64 "\",\"preset\":\"%d\",\"precision\":\"%d\",\"input\":\"%u\","
        "\"tile_columns\":\"%u\",\"tile_rows\":\"%u\",\"sample_bits\":\"%u\"},"
        "\"features\":{\"dtype\":\"F16\",\"shape\":[%zu,%zu,%zu],\"data_offsets\":[0,%zu]}",
        format, o->fleck, VERSION, o->backbone, (int)o->preset, (int)o->precision, o->input,
        o->tiles.columns, o->tiles.rows, o->sample_bits, s->count, s->P + 1, s->D, offset);
    for (const part *p = parts; p < parts + count; p++) {
        char row[32] = "";
        if (p->row) snprintf(row, sizeof row, ",%zu", p->row);
        at += (size_t)snprintf(out + at, HEADER - at,
                               ",\"%s\":{\"dtype\":\"U32\",\"shape\":[%zu%s],"
                               "\"data_offsets\":[%zu,%zu]}",
                               p->name, p->rows, row, offset, offset + bytes_of(p));
        offset += bytes_of(p);
    }
    out[at++] = '}';
    memset(out + at, ' ', HEADER - at);
    for (int i = 0; i < 8; i++) out[i] = (char)((uint64_t)(HEADER - 8) >> 8 * i & 0xFF);
}

bool cli_shard_end(cli_shard_writer *w) {
    const cli_shard *s = &w->shard;
    photo_columns c;
    if (!make_columns(w->arena, s, &c)) return false;
    uint32_t seal[SEAL / 4] = {0};
    const part parts[] = {{"photos.key", c.key, s->count, 2},
                          {"photos.size", c.size, s->count, 2},
                          {"photos.samples", c.samples, s->count, 2},
                          {"photos.hash", c.hash, s->count, 4},
                          {"photos.name", c.name, c.name_words, 0},
                          {"blocks", s->source.blocks, s->source.block_count, 0},
                          {"seal", seal, SEAL / 4, 0}};
    enum { PARTS = sizeof parts / sizeof *parts };
    char header[HEADER];
    make_header(s, parts, PARTS, header);
    memcpy(seal, seal_mark, HASHED);
    uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, header, sizeof header);
    for (size_t i = 0; i < PARTS; i++)
        hash = fleck_hash_bytes(hash, parts[i].data, i + 1 < PARTS ? bytes_of(&parts[i]) : HASHED);
    memcpy(seal + HASHED / 4, &hash, sizeof hash);
    for (size_t i = 0; i < PARTS; i++) fwrite(parts[i].data, 1, bytes_of(&parts[i]), w->out);
    rewind(w->out);
    fwrite(header, 1, sizeof header, w->out);
    fseeko(w->out, 0, SEEK_END);
    return true;
}

/* ---- reading ---- */

typedef struct {
    fleck_weights weights;
    fleck_message *err;
} reader;

static fleck_status damaged(const reader *r, const char *what) {
    return fleck_fail(r->err, FLECK_ERR_FORMAT, "the file of features is damaged: %s", what);
}

static bool read_number(const reader *r, const char *key, uint64_t least, uint64_t most,
                        uint64_t *out) {
    const char *text = fleck_weights_meta(&r->weights, key);
    if (text) text = fleck_read_whole(text, most, out);
    return text && !*text && *out >= least;
}

/* The tensor of that name with n rows of so many values, any number of rows for SIZE_MAX; rows of 0
 * stand for a tensor of one dimension. */
static const fleck_tensor *want(const reader *r, const char *name, size_t n, size_t row) {
    const fleck_tensor *t = fleck_weights_find(&r->weights, name);
    bool fits = t && t->dtype == FLECK_U32 && t->ndim == (row ? 2 : 1) &&
                (n == SIZE_MAX || t->shape[0] == n) && (!row || t->shape[1] == row);
    return fits ? t : NULL;
}

static fleck_status read_source(const reader *r, cli_shard_source *out) {
    uint64_t backbone, preset, precision, input, columns, rows, bits;
    const fleck_tensor *blocks = want(r, "blocks", SIZE_MAX, 0);
    out->fleck = fleck_weights_meta(&r->weights, "fleck");
    if (!out->fleck || !read_number(r, "backbone", 0, UINT64_MAX, &backbone) ||
        !read_number(r, "preset", 0, FLECK_PRESET_FUNAD, &preset) ||
        !read_number(r, "precision", 0, FLECK_PRECISION_I16, &precision) ||
        !read_number(r, "input", 1, 8192, &input) ||
        !read_number(r, "tile_columns", 1, FLECK_TILES_MAX, &columns) ||
        !read_number(r, "tile_rows", 1, FLECK_TILES_MAX, &rows) ||
        !read_number(r, "sample_bits", 0, 16, &bits) || (bits && bits < 8))
        return damaged(r, "its metadata");
    if (!blocks || blocks->count > FLECK_BLOCKS_MAX) return damaged(r, "its blocks");
    out->backbone = backbone;
    out->preset = (fleck_preset)preset;
    out->precision = (fleck_precision)precision;
    out->input = (uint32_t)input;
    out->tiles = (fleck_tiles){(uint32_t)columns, (uint32_t)rows};
    out->sample_bits = (uint32_t)bits;
    out->block_count = (uint32_t)blocks->count;
    fleck_tensor_read_u32(blocks, out->blocks);
    for (uint32_t i = 0; i < out->block_count; i++)
        if (out->blocks[i] <= (i ? out->blocks[i - 1] : 0)) return damaged(r, "its blocks");
    return FLECK_OK;
}

static bool is_photo(const cli_shard_photo *p) {
    bool sized =
        p->width && p->height && p->width <= SIDE_MAX && p->height <= FLECK_PIXELS_MAX / p->width;
    bool deep = p->samples.bits >= 8 && p->samples.bits <= 16 && p->samples.highest <= UINT16_MAX;
    return (sized || (!p->width && !p->height)) &&
           (deep || (!p->samples.bits && !p->samples.highest));
}

static fleck_status read_photos(const reader *r, fleck_arena *arena, const uint8_t *values,
                                cli_shard *s) {
    const fleck_tensor *key = want(r, "photos.key", s->count, 2);
    const fleck_tensor *size = want(r, "photos.size", s->count, 2);
    const fleck_tensor *samples = want(r, "photos.samples", s->count, 2);
    const fleck_tensor *hash = want(r, "photos.hash", s->count, 4);
    const fleck_tensor *name = want(r, "photos.name", SIZE_MAX, 0);
    if (!key || !size || !samples || !hash || !name) return damaged(r, "its table");
    size_t n = s->count, row_bytes = (s->P + 1) * s->D * sizeof(fleck_half);
    uint32_t *rows = FLECK_NEW(arena, uint32_t, n, 10);
    char *names = FLECK_NEW(arena, char, fleck_size_sum(fleck_tensor_bytes(name), 1));
    s->photos = FLECK_NEW(arena, cli_shard_photo, n);
    if (!rows || !names || !s->photos)
        return fleck_fail(r->err, FLECK_ERR_MEMORY, "no memory for the file of features");
    uint32_t *sizes = rows + 2 * n, *deep = rows + 4 * n, *hashes = rows + 6 * n;
    fleck_tensor_read_u32(key, rows);
    fleck_tensor_read_u32(size, sizes);
    fleck_tensor_read_u32(samples, deep);
    fleck_tensor_read_u32(hash, hashes);
    size_t left = fleck_tensor_bytes(name);
    memcpy(names, name->data, left);
    names[left] = '\0';
    for (size_t i = 0; i < n; i++) {
        cli_shard_photo *p = &s->photos[i];
        *p = (cli_shard_photo){.name = names,
                               .key = rows[2 * i] | (uint64_t)rows[2 * i + 1] << 32,
                               .width = sizes[2 * i],
                               .height = sizes[2 * i + 1],
                               .samples = {deep[2 * i], deep[2 * i + 1]},
                               .values = values + i * row_bytes};
        memcpy(p->hash.hash, hashes + 4 * i, sizeof p->hash.hash);
        size_t length = strlen(names);
        if (!length || length >= left || !is_photo(p)) return damaged(r, "its photos");
        names += length + 1;
        left -= length + 1;
    }
    return FLECK_OK;
}

/* That all bytes but the features are as they were written. */
static bool is_sealed(const reader *r, const uint8_t *bytes, size_t size,
                      const fleck_tensor *features) {
    const fleck_tensor *seal = want(r, "seal", SEAL / 4, 0);
    const uint8_t *end = features->data + fleck_tensor_bytes(features);
    if (!seal || seal->data != bytes + size - SEAL || end > seal->data ||
        memcmp(seal->data, seal_mark, HASHED) != 0)
        return false;
    uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, bytes, (size_t)(features->data - bytes));
    hash = fleck_hash_bytes(hash, end, (size_t)(bytes + size - SEAL + HASHED - end));
    return !memcmp(&hash, bytes + size - sizeof hash, sizeof hash);
}

fleck_status cli_shard_read(fleck_arena *arena, const uint8_t *bytes, size_t size, cli_shard *out,
                            fleck_message *err) {
    reader r = {.err = err};
    bool cut = false;
    cli_shard s = {0};
    fleck_status status = fleck_is_safetensors(bytes, size)
                              ? fleck_safetensors_open(arena, bytes, size, &r.weights, &cut, err)
                              : FLECK_ERR_FORMAT;
    const char *is = status ? NULL : fleck_weights_meta(&r.weights, "format");
    if (status && (cut || status != FLECK_ERR_FORMAT)) return status;
    if (!is || strcmp(is, format) != 0)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "this is no file of features: 'fleck extract' makes them");
    uint64_t version;
    if (!read_number(&r, "version", 1, UINT64_MAX, &version)) return damaged(&r, "its version");
    if (version != VERSION)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "the file of features is of version %" PRIu64
                          ", this program reads version %d: extract them again",
                          version, VERSION);
    const fleck_tensor *t = fleck_weights_find(&r.weights, "features");
    if (!t || t->dtype != FLECK_F16 || t->ndim != 3 || !t->count ||
        t->shape[1] - 1 > FLECK_PATCHES_MAX || t->shape[1] < 2 ||
        t->shape[2] > FLECK_VALUES_MAX / (t->shape[1] - 1))
        return damaged(&r, "its sizes");
    if (!is_sealed(&r, bytes, size, t)) return damaged(&r, "its seal");
    s.count = t->shape[0];
    s.P = t->shape[1] - 1;
    s.D = t->shape[2];
    status = read_source(&r, &s.source);
    if (!status) status = read_photos(&r, arena, t->data, &s);
    if (!status) *out = s;
    return status;
}

bool cli_shard_values(const cli_shard *s, const cli_shard_photo *photo, fleck_half *patch,
                      fleck_half *cls) {
    size_t patch_bytes = s->P * s->D * sizeof *patch, cls_bytes = s->D * sizeof *cls;
    cli_features_key hash =
        hash_of(photo->values, patch_bytes, photo->values + patch_bytes, cls_bytes);
    if (memcmp(&hash, &photo->hash, sizeof hash) != 0) return false;
    memcpy(patch, photo->values, patch_bytes);
    memcpy(cls, photo->values + patch_bytes, cls_bytes);
    return true;
}
