/* safetensors: 8 bytes of header length, a JSON object, then raw tensor data.
 * https://github.com/huggingface/safetensors describes the format. */
#include "weights.h"

#include "half.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn.h"

enum {
    HEADER_MAX = 4 << 20, /* bytes; checkpoints of 1,000 tensors need 0.1 MB */
    TENSORS_MAX = 4096,
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

/* A non-negative integer that fits; false for anything else. */
static int read_size(const header *h, int at, size_t *out) {
    const jsmntok_t *t = &h->tokens[at];
    if (t->type != JSMN_PRIMITIVE || t->start == t->end) return 0;
    size_t v = 0;
    for (int i = t->start; i < t->end; i++) {
        unsigned digit = (unsigned)(h->json[i] - '0');
        if (digit > 9 || v > (SIZE_MAX - digit) / 10) return 0;
        v = v * 10 + digit;
    }
    *out = v;
    return 1;
}

/* A NUL-terminated copy with the simple escapes undone. NULL: no memory. */
static char *copy_string(fleck_arena *arena, const header *h, int at) {
    const jsmntok_t *t = &h->tokens[at];
    char *out = fleck_arena_alloc(arena, token_length(t) + 1, 1);
    if (!out) return NULL;
    size_t n = 0;
    for (int i = t->start; i < t->end; i++) {
        char c = h->json[i];
        if (c == '\\' && i + 1 < t->end) {
            c = h->json[++i];
            if (c == 'n')
                c = '\n';
            else if (c == 't')
                c = '\t';
            else if (c == 'r')
                c = '\r';
        }
        out[n++] = c ? c : ' ';
    }
    out[n] = 0;
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
    int have_shape = 0, have_offsets = 0;
    size_t begin = 0, end = 0;
    t->count = 1;
    for (int token = at + 1, last = skip_value(h, at); token + 1 < last;) {
        int value = token + 1;
        const jsmntok_t *v = &h->tokens[value];
        if (token_is(h, token, "dtype")) {
            for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
                if (token_is(h, value, dtypes[i].name)) {
                    t->dtype = dtypes[i].dtype;
                    bytes = dtypes[i].bytes;
                }
            if (!bytes)
                return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s has unknown type %.*s",
                                  t->name, (int)(token_length(v) < 16 ? token_length(v) : 16),
                                  h->json + v->start);
        } else if (token_is(h, token, "shape")) {
            if (v->type != JSMN_ARRAY || v->size > FLECK_DIMS_MAX)
                return fleck_fail(err, FLECK_ERR_FORMAT,
                                  "tensor %.80s has no shape of up to %d dims", t->name,
                                  FLECK_DIMS_MAX);
            t->ndim = (uint32_t)v->size;
            for (uint32_t i = 0; i < t->ndim; i++)
                if (!read_size(h, value + 1 + (int)i, &t->shape[i]) ||
                    !fleck_size_mul(t->count, t->shape[i], &t->count))
                    return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s has an impossible shape",
                                      t->name);
            have_shape = 1;
        } else if (token_is(h, token, "data_offsets")) {
            have_offsets = v->type == JSMN_ARRAY && v->size == 2 &&
                           read_size(h, value + 1, &begin) && read_size(h, value + 2, &end);
        }
        token = skip_value(h, value);
    }
    if (!bytes || !have_shape || !have_offsets)
        return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s lacks a type, shape or offsets",
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

/* Of the types that can be read. */
static size_t value_bytes(fleck_dtype dtype) {
    return dtype == FLECK_F32 || dtype == FLECK_U32 ? 4 : dtype == FLECK_I8 ? 1 : 2;
}

static size_t tensor_bytes(const fleck_tensor *t) { return t->count * value_bytes(t->dtype); }

/* Two tensors of one name, or of the same bytes, make a file ambiguous. */
static fleck_status check_unique(const fleck_weights *w, fleck_message *err) {
    for (size_t i = 0; i < w->tensor_count; i++)
        for (size_t j = 0; j < i; j++) {
            const fleck_tensor *a = &w->tensors[i], *b = &w->tensors[j];
            if (!strcmp(a->name, b->name))
                return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s is there twice", a->name);
            if (a->dtype == FLECK_OTHER || b->dtype == FLECK_OTHER) continue;
            if (a->data < b->data + tensor_bytes(b) && b->data < a->data + tensor_bytes(a))
                return fleck_fail(err, FLECK_ERR_FORMAT, "tensors %.80s and %.80s overlap", a->name,
                                  b->name);
        }
    return FLECK_OK;
}

fleck_status fleck_weights_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                fleck_weights *out, fleck_message *err) {
    if (size < 8) return fleck_fail(err, FLECK_ERR_FORMAT, "not a safetensors file: too short");
    uint64_t length = read_u64(bytes);
    if (size < 10 || bytes[8] != '{')
        return fleck_fail(err, FLECK_ERR_FORMAT, "not a safetensors file");
    if (length > HEADER_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "safetensors header of %llu bytes, at most %d are accepted",
                          (unsigned long long)length, HEADER_MAX);
    if (length > size - 8)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated safetensors file: header ends early");

    header h = {.json = (const char *)bytes + 8};
    jsmn_parser parser;
    jsmn_init(&parser);
    h.count = jsmn_parse(&parser, h.json, (size_t)length, NULL, 0);
    if (h.count < 1) return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header is not JSON");
    jsmntok_t *tokens = FLECK_NEW(arena, jsmntok_t, (size_t)h.count);
    if (!tokens) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
    jsmn_init(&parser);
    if (jsmn_parse(&parser, h.json, (size_t)length, tokens, (unsigned)h.count) != h.count)
        return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header is not JSON");
    h.tokens = tokens;
    if (tokens[0].type != JSMN_OBJECT || tokens[0].size > TENSORS_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header names over %d tensors",
                          TENSORS_MAX);

    fleck_weights w = {0};
    w.tensors = fleck_arena_zalloc(arena, (size_t)tokens[0].size, sizeof *w.tensors);
    if (!w.tensors) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
    for (int token = 1; token + 1 < h.count; token = skip_value(&h, token + 1)) {
        fleck_status status;
        if (tokens[token].type != JSMN_STRING || tokens[token].size != 1)
            return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header is not JSON");
        if (token_is(&h, token, "__metadata__")) {
            if (w.metadata) return fleck_fail(err, FLECK_ERR_FORMAT, "__metadata__ is there twice");
            status = read_metadata(arena, &h, token + 1, &w, err);
        } else {
            fleck_tensor *t = &w.tensors[w.tensor_count++];
            t->name = copy_string(arena, &h, token);
            if (!t->name) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
            status =
                read_tensor(&h, token + 1, bytes + 8 + length, size - 8 - (size_t)length, t, err);
        }
        if (status) return status;
    }
    fleck_status status = check_unique(&w, err);
    if (!status) *out = w;
    return status;
}

const fleck_tensor *fleck_weights_find(const fleck_weights *weights, const char *name) {
    for (size_t i = 0; i < weights->tensor_count; i++)
        if (!strcmp(weights->tensors[i].name, name)) return &weights->tensors[i];
    return NULL;
}

const char *fleck_weights_meta(const fleck_weights *weights, const char *key) {
    for (size_t i = 0; i < weights->metadata_count; i++)
        if (!strcmp(weights->metadata[i].key, key)) return weights->metadata[i].value;
    return NULL;
}

/* The data may lie at an odd address. */
static void read_halves(const uint8_t *p, size_t n, float *out) {
    fleck_half aligned[256];
    for (size_t i = 0, part; i < n; i += part) {
        part = n - i < 256 ? n - i : 256;
        memcpy(aligned, p + 2 * i, part * sizeof *aligned);
        fleck_half_widen(aligned, part, out + i);
    }
}

static void read_bfloats(const uint8_t *p, size_t n, float *out) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)p[2 * i] << 16 | (uint32_t)p[2 * i + 1] << 24;
        memcpy(out + i, &bits, sizeof bits);
    }
}

void fleck_tensor_read_part(const fleck_tensor *tensor, size_t first, size_t count, float *out) {
    if (!count) return;
    const uint8_t *p = tensor->data + first * value_bytes(tensor->dtype);
    if (tensor->dtype == FLECK_F16)
        read_halves(p, count, out);
    else if (tensor->dtype == FLECK_BF16)
        read_bfloats(p, count, out);
    else if (tensor->dtype == FLECK_I8)
        for (size_t i = 0; i < count; i++) out[i] = (int8_t)p[i];
    else
        memcpy(out, p, count * sizeof *out);
}

void fleck_tensor_read(const fleck_tensor *tensor, float *out) {
    fleck_tensor_read_part(tensor, 0, tensor->count, out);
}

void fleck_tensor_read_u32(const fleck_tensor *tensor, uint32_t *out) {
    const uint8_t *p = tensor->data;
    for (size_t i = 0; i < tensor->count; i++, p += 4)
        out[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
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
        put_text(w, "],\"data_offsets\":[%zu,%zu]}", offset, offset + tensor_bytes(t));
        offset += tensor_bytes(t);
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
        count.size += tensor_bytes(&weights->tensors[i]);
    *size = count.size;
    if (!out || capacity < count.size) return;

    writer w = {.out = out, .capacity = capacity};
    for (int i = 0; i < 8; i++) put(&w, &(uint8_t){(uint8_t)((uint64_t)header_size >> 8 * i)}, 1);
    put_header(&w, weights);
    for (size_t i = 0; i < weights->tensor_count; i++)
        put(&w, weights->tensors[i].data, tensor_bytes(&weights->tensors[i]));
}
