/* safetensors: 8 bytes of header length, a JSON object, then raw tensor data.
 * https://github.com/huggingface/safetensors describes the format. */
#include "safetensors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn.h"

enum {
    HEADER_MAX = 4 << 20, /* bytes; checkpoints of 1,000 tensors need 0.1 MB */
    TOKENS_MAX = 1 << 17, /* a tensor has about 14 */
};

static const struct {
    const char *name;
    fleck_dtype dtype;
    uint32_t bytes;
} dtypes[] = {
    {"F32", FLECK_F32, 4},    {"F16", FLECK_F16, 2},   {"BF16", FLECK_BF16, 2},
    {"F64", FLECK_OTHER, 8},  {"I64", FLECK_OTHER, 8}, {"U64", FLECK_OTHER, 8},
    {"I32", FLECK_OTHER, 4},  {"U32", FLECK_U32, 4},   {"I16", FLECK_OTHER, 2},
    {"U16", FLECK_OTHER, 2},  {"I8", FLECK_I8, 1},     {"U8", FLECK_OTHER, 1},
    {"BOOL", FLECK_OTHER, 1},
};

/* The JSON header while it is read: tokens in document order. */
typedef struct {
    const char *json;
    const jsmntok_t *tokens;
    int count;
} header;

static uint64_t read_u64(const uint8_t *p) {
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

static size_t token_length(const jsmntok_t *t) { return (size_t)(t->end - t->start); }

static int token_is(const header *h, int at, const char *text) {
    const jsmntok_t *t = &h->tokens[at];
    return t->type == JSMN_STRING && token_length(t) == strlen(text) &&
           !memcmp(h->json + t->start, text, token_length(t));
}

/* The token after the whole value at `at`. */
static int skip_value(const header *h, int at) {
    int end = h->tokens[at].end;
    do at++;
    while (at < h->count && h->tokens[at].start < end);
    return at;
}

/* An integer from 0 to most; false for anything else. */
static bool read_size(const header *h, int at, size_t most, size_t *out) {
    const jsmntok_t *t = &h->tokens[at];
    if (t->type != JSMN_PRIMITIVE || t->start == t->end) return false;
    size_t v = 0;
    for (int i = t->start; i < t->end; i++) {
        unsigned digit = (unsigned)(h->json[i] - '0');
        if (digit > 9 || digit > most || v > (most - digit) / 10) return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

/* A NUL-terminated copy with the simple escapes undone. NULL: no memory. */
static char *copy_string(fleck_arena *arena, const header *h, int at) {
    const jsmntok_t *t = &h->tokens[at];
    char *out = fleck_text_copy(arena, h->json + t->start, token_length(t));
    size_t n = 0;
    for (const char *c = out; c && *c; c++) {
        if (*c == '\\' && c[1])
            out[n++] = strchr("nrt", *++c) ? ' ' : *c;
        else
            out[n++] = *c;
    }
    if (out) out[n] = 0;
    return out;
}

static fleck_status read_metadata(fleck_arena *arena, const header *h, int at, fleck_weights *out,
                                  fleck_message *err) {
    if (h->tokens[at].type != JSMN_OBJECT)
        return fleck_fail(err, FLECK_ERR_FORMAT, "__metadata__ is not an object");
    int pairs = h->tokens[at].size;
    out->metadata = FLECK_NEW(arena, fleck_metadata, (size_t)pairs);
    if (!out->metadata) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the metadata");
    int token = at + 1;
    for (int i = 0; i < pairs; i++) {
        if (token + 1 >= h->count || h->tokens[token].type != JSMN_STRING ||
            h->tokens[token + 1].type != JSMN_STRING)
            return fleck_fail(err, FLECK_ERR_FORMAT, "__metadata__ holds more than strings");
        fleck_metadata *m = &out->metadata[i];
        m->key = copy_string(arena, h, token);
        m->value = copy_string(arena, h, token + 1);
        if (!m->key || !m->value)
            return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the metadata");
        token += 2;
    }
    out->metadata_count = (size_t)pairs;
    return FLECK_OK;
}

/* The value of one tensor: {"dtype":…, "shape":[…], "data_offsets":[b, e]}. */
static fleck_status read_tensor(const header *h, int at, const uint8_t *data, size_t data_size,
                                fleck_tensor *t, fleck_message *err) {
    if (h->tokens[at].type != JSMN_OBJECT)
        return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s is not an object", t->name);
    uint32_t bytes = 0;
    int shapes = 0, offsets = 0, types = 0;
    size_t begin = 0, end = 0;
    t->count = 1;
    for (int token = at + 1, last = skip_value(h, at); token + 1 < last;) {
        int value = token + 1;
        const jsmntok_t *v = &h->tokens[value];
        if (token_is(h, token, "dtype")) {
            types++;
            for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
                if (token_is(h, value, dtypes[i].name)) {
                    t->dtype = dtypes[i].dtype;
                    bytes = dtypes[i].bytes;
                }
            if (!bytes)
                return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s is of an unknown type",
                                  t->name);
        } else if (token_is(h, token, "shape")) {
            shapes++;
            if (v->type != JSMN_ARRAY || v->size > FLECK_DIMS_MAX)
                return fleck_fail(err, FLECK_ERR_FORMAT,
                                  "tensor %.80s has no shape of up to %d dims", t->name,
                                  FLECK_DIMS_MAX);
            t->ndim = (uint32_t)v->size;
            for (uint32_t i = 0; i < t->ndim; i++)
                if (!read_size(h, value + 1 + (int)i, INT32_MAX, &t->shape[i]) ||
                    !fleck_size_mul(t->count, t->shape[i], &t->count))
                    return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s has an impossible shape",
                                      t->name);
        } else if (token_is(h, token, "data_offsets")) {
            offsets++;
            if (v->type != JSMN_ARRAY || v->size != 2 ||
                !read_size(h, value + 1, SIZE_MAX, &begin) ||
                !read_size(h, value + 2, SIZE_MAX, &end))
                return fleck_fail(err, FLECK_ERR_FORMAT,
                                  "tensor %.80s has offsets that are no two sizes", t->name);
        }
        token = skip_value(h, value);
    }
    if (types != 1 || shapes != 1 || offsets != 1)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "tensor %.80s wants one type, one shape and one pair of offsets",
                          t->name);
    if (begin > end || end > data_size)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "tensor %.80s wants bytes %zu to %zu, the file has %zu", t->name, begin,
                          end, data_size);
    size_t want;
    if (!fleck_size_mul(t->count, bytes, &want) || want != end - begin)
        return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s has %zu bytes for %zu values",
                          t->name, end - begin, t->count);
    t->data = data + begin;
    return FLECK_OK;
}

static int by_address(const void *a, const void *b) {
    const fleck_tensor *s = *(const fleck_tensor *const *)a, *t = *(const fleck_tensor *const *)b;
    return (s->data > t->data) - (s->data < t->data);
}

/* Two tensors of the same bytes make a file ambiguous. */
static fleck_status check_apart(fleck_arena *scratch, const fleck_weights *w, fleck_message *err) {
    const fleck_tensor **sorted = FLECK_NEW(scratch, const fleck_tensor *, w->tensor_count);
    if (!sorted) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
    size_t count = 0;
    for (size_t i = 0; i < w->tensor_count; i++)
        if (w->tensors[i].dtype != FLECK_OTHER && w->tensors[i].count)
            sorted[count++] = &w->tensors[i];
    qsort(sorted, count, sizeof *sorted, by_address);
    for (size_t i = 1; i < count; i++)
        if (sorted[i]->data < sorted[i - 1]->data + fleck_tensor_bytes(sorted[i - 1]))
            return fleck_fail(err, FLECK_ERR_FORMAT, "tensors %.80s and %.80s overlap",
                              sorted[i - 1]->name, sorted[i]->name);
    return FLECK_OK;
}

/* Whether tokens nest as JSON's do, one value in all: the parser lets stray colons make
 * children of what has ended or can have none, and sizes count children. */
static bool is_nested(const jsmntok_t *tokens, int count) {
    for (int i = 1; i < count; i++) {
        const jsmntok_t *t = &tokens[i];
        if (t->parent < 0) return false;
        const jsmntok_t *parent = &tokens[t->parent];
        bool is_key = parent->type == JSMN_OBJECT;
        if (parent->type == JSMN_PRIMITIVE || (is_key && t->type != JSMN_STRING) ||
            (t->type == JSMN_STRING && t->size != is_key) ||
            (parent->type != JSMN_STRING && t->start > parent->end))
            return false;
    }
    return true;
}

/* The header's JSON, tokens of it in scratch. */
static fleck_status parse_header(fleck_arena *scratch, const uint8_t *bytes, size_t size,
                                 size_t *length, header *out, fleck_message *err) {
    uint64_t said = size < 8 ? 0 : read_u64(bytes);
    if (said > HEADER_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "safetensors header of %llu bytes, at most %d are accepted",
                          (unsigned long long)said, HEADER_MAX);
    if (size < 8 || said > size - 8)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated safetensors file: header ends early");
    *length = (size_t)said;
    header h = {.json = (const char *)bytes + 8};
    jsmn_parser parser;
    jsmn_init(&parser);
    h.count = jsmn_parse(&parser, h.json, *length, NULL, 0);
    if (h.count > TOKENS_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header of too many entries");
    jsmntok_t *tokens = h.count < 1 ? NULL : FLECK_NEW(scratch, jsmntok_t, (size_t)h.count);
    if (h.count > 0 && !tokens)
        return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
    jsmn_init(&parser);
    if (h.count < 1 || jsmn_parse(&parser, h.json, *length, tokens, (unsigned)h.count) != h.count ||
        tokens[0].type != JSMN_OBJECT || !is_nested(tokens, h.count))
        return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header is not JSON");
    if (tokens[0].size > FLECK_TENSORS_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header names over %d tensors",
                          FLECK_TENSORS_MAX);
    h.tokens = tokens;
    *out = h;
    return FLECK_OK;
}

static fleck_status read_table(fleck_arena *arena, const header *h, const uint8_t *data,
                               size_t data_size, fleck_weights *out, fleck_message *err) {
    out->tensors = fleck_arena_zalloc(arena, (size_t)h->tokens[0].size, sizeof *out->tensors);
    if (!out->tensors) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
    for (int token = 1; token + 1 < h->count; token = skip_value(h, token + 1)) {
        fleck_status status;
        if (token_is(h, token, "__metadata__")) {
            if (out->metadata)
                return fleck_fail(err, FLECK_ERR_FORMAT, "__metadata__ is there twice");
            status = read_metadata(arena, h, token + 1, out, err);
        } else {
            fleck_tensor *t = &out->tensors[out->tensor_count++];
            t->name = copy_string(arena, h, token);
            if (!t->name) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
            status = read_tensor(h, token + 1, data, data_size, t, err);
        }
        if (status) return status;
    }
    return FLECK_OK;
}

bool fleck_is_safetensors(const uint8_t *bytes, size_t size) {
    return size >= 9 && bytes[8] == '{';
}

fleck_status fleck_safetensors_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                    fleck_weights *out, fleck_message *err) {
    fleck_arena scratch = {0};
    header h = {0};
    size_t length = 0;
    fleck_weights w = {0};
    fleck_status status = parse_header(&scratch, bytes, size, &length, &h, err);
    if (!status) status = read_table(arena, &h, bytes + 8 + length, size - 8 - length, &w, err);
    if (!status) status = fleck_weights_check_names(&w, err);
    if (!status) status = check_apart(&scratch, &w, err);
    fleck_arena_free(&scratch);
    if (!status) *out = w;
    return status;
}

/* ---- writing ---- */

/* Appends where there is room, and counts all the same. */
typedef struct {
    uint8_t *out;
    size_t capacity, size;
} writer;

static void put(writer *w, const void *bytes, size_t n) {
    if (w->size <= w->capacity && n <= w->capacity - w->size && n)
        memcpy(w->out + w->size, bytes, n);
    w->size += n;
}

static void put_text(writer *w, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(w, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static void put_string(writer *w, const char *text) {
    put(w, "\"", 1);
    put(w, text, strlen(text));
    put(w, "\"", 1);
}

static const char *dtype_name(fleck_dtype dtype) {
    size_t i = 0;
    while (dtypes[i].dtype != dtype) i++;
    return dtypes[i].name;
}

static void put_header(writer *w, const fleck_weights *weights) {
    put_text(w, "{\"__metadata__\":{");
    for (size_t i = 0; i < weights->metadata_count; i++) {
        if (i) put_text(w, ",");
        put_string(w, weights->metadata[i].key);
        put_text(w, ":");
        put_string(w, weights->metadata[i].value);
    }
    put_text(w, "}");
    size_t offset = 0;
    for (size_t i = 0; i < weights->tensor_count; i++) {
        const fleck_tensor *t = &weights->tensors[i];
        put_text(w, ",");
        put_string(w, t->name);
        put_text(w, ":{\"dtype\":\"%s\",\"shape\":[", dtype_name(t->dtype));
        for (uint32_t d = 0; d < t->ndim; d++) put_text(w, "%s%zu", d ? "," : "", t->shape[d]);
        put_text(w, "],\"data_offsets\":[%zu,%zu]}", offset, offset + fleck_tensor_bytes(t));
        offset += fleck_tensor_bytes(t);
    }
    put_text(w, "}");
    while (w->size % 8) put(w, " ", 1); /* the data starts aligned */
}

/* Every machine that this runs on is little-endian, as the format is. */
void fleck_weights_write(const fleck_weights *weights, uint8_t *out, size_t capacity,
                         size_t *size) {
    writer count = {.size = 8};
    put_header(&count, weights);
    size_t header_size = count.size - 8;
    for (size_t i = 0; i < weights->tensor_count; i++)
        count.size += fleck_tensor_bytes(&weights->tensors[i]);
    *size = count.size;
    if (!out || capacity < count.size) return;

    writer w = {.out = out, .capacity = capacity};
    for (int i = 0; i < 8; i++) put(&w, &(uint8_t){(uint8_t)((uint64_t)header_size >> 8 * i)}, 1);
    put_header(&w, weights);
    for (size_t i = 0; i < weights->tensor_count; i++)
        put(&w, weights->tensors[i].data, fleck_tensor_bytes(&weights->tensors[i]));
}
