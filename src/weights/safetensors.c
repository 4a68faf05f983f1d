/* safetensors: 8 bytes of header length, a JSON object, then raw tensor data.
 * https://github.com/huggingface/safetensors describes the format. */
#include "safetensors.h"

#include "json.h"
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_MAX = 4 << 20, /* bytes; checkpoints of 1,000 tensors need 0.1 MB */
    VALUES_MAX = 1 << 17, /* a tensor has about 14 */
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

static uint64_t read_u64(const uint8_t *p) {
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

/* An integer from 0 to most; false for anything else. */
static bool read_size(const fleck_json *h, uint32_t at, size_t most, size_t *out) {
    const fleck_json_value *t = &h->values[at];
    if (t->kind != FLECK_JSON_PRIMITIVE) return false;
    size_t v = 0;
    for (uint32_t i = t->start; i < t->end; i++) {
        unsigned digit = (unsigned)(h->text[i] - '0');
        if (digit > 9 || digit > most || v > (most - digit) / 10) return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

static fleck_status read_metadata(fleck_arena *arena, const fleck_json *h, uint32_t at,
                                  fleck_weights *out, fleck_message *err) {
    if (h->values[at].kind != FLECK_JSON_OBJECT)
        return fleck_fail(err, FLECK_ERR_FORMAT, "__metadata__ is not an object");
    out->metadata = FLECK_NEW(arena, fleck_metadata, h->values[at].size);
    if (!out->metadata) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the metadata");
    for (uint32_t value = 0; fleck_json_next(h, at, &value);) {
        if (h->values[value].kind != FLECK_JSON_STRING)
            return fleck_fail(err, FLECK_ERR_FORMAT, "__metadata__ holds more than strings");
        fleck_metadata *m = &out->metadata[out->metadata_count++];
        m->key = fleck_json_copy(arena, h, value - 1);
        m->value = fleck_json_copy(arena, h, value);
        if (!m->key || !m->value)
            return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the metadata");
    }
    return FLECK_OK;
}

/* The value of one tensor: {"dtype":…, "shape":[…], "data_offsets":[b, e]}. One that ends after
 * the data has none; *data_end is the highest end so far. */
static fleck_status read_tensor(const fleck_json *h, uint32_t at, const uint8_t *data,
                                size_t data_size, fleck_tensor *t, size_t *data_end,
                                fleck_message *err) {
    if (h->values[at].kind != FLECK_JSON_OBJECT)
        return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s is not an object", t->name);
    uint32_t bytes = 0;
    int shapes = 0, offsets = 0, types = 0;
    size_t begin = 0, end = 0;
    t->count = 1;
    for (uint32_t value = 0; fleck_json_next(h, at, &value);) {
        const fleck_json_value *v = &h->values[value];
        uint32_t key = value - 1;
        if (fleck_json_is(h, key, "dtype")) {
            types++;
            for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
                if (fleck_json_is(h, value, dtypes[i].name)) {
                    t->dtype = dtypes[i].dtype;
                    bytes = dtypes[i].bytes;
                }
            if (!bytes)
                return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s is of an unknown type",
                                  t->name);
        } else if (fleck_json_is(h, key, "shape")) {
            shapes++;
            if (v->kind != FLECK_JSON_ARRAY || v->size > FLECK_DIMS_MAX)
                return fleck_fail(err, FLECK_ERR_FORMAT,
                                  "tensor %.80s has no shape of up to %d dims", t->name,
                                  FLECK_DIMS_MAX);
            t->ndim = 0;
            for (uint32_t side = 0; fleck_json_next(h, value, &side);) {
                size_t *n = &t->shape[t->ndim++];
                if (!read_size(h, side, INT32_MAX, n) || !fleck_size_mul(t->count, *n, &t->count))
                    return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s has an impossible shape",
                                      t->name);
            }
        } else if (fleck_json_is(h, key, "data_offsets")) {
            offsets++;
            uint32_t side = 0;
            if (v->kind != FLECK_JSON_ARRAY || v->size != 2 || !fleck_json_next(h, value, &side) ||
                !read_size(h, side, SIZE_MAX, &begin) || !fleck_json_next(h, value, &side) ||
                !read_size(h, side, SIZE_MAX, &end))
                return fleck_fail(err, FLECK_ERR_FORMAT,
                                  "tensor %.80s has offsets that are no two sizes", t->name);
        }
    }
    if (types != 1 || shapes != 1 || offsets != 1)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "tensor %.80s wants one type, one shape and one pair of offsets",
                          t->name);
    if (begin > end)
        return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s ends before it begins", t->name);
    size_t want;
    if (!fleck_size_mul(t->count, bytes, &want) || want != end - begin)
        return fleck_fail(err, FLECK_ERR_FORMAT, "tensor %.80s has %zu bytes for %zu values",
                          t->name, end - begin, t->count);
    if (end <= data_size) t->data = data + begin;
    if (end > *data_end) *data_end = end;
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

/* The header's JSON in scratch. */
static fleck_status parse_header(fleck_arena *scratch, const uint8_t *bytes, size_t size,
                                 size_t *length, fleck_json *out, bool *cut, fleck_message *err) {
    uint64_t said = size < 8 ? 0 : read_u64(bytes);
    if (said > HEADER_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "safetensors header of %llu bytes, at most %d are accepted",
                          (unsigned long long)said, HEADER_MAX);
    *cut = size < 8 || said > size - 8;
    if (*cut)
        return fleck_fail(err, FLECK_ERR_FORMAT, "the file is cut short: %zu of at least %zu bytes",
                          size, (size_t)said + 8);
    *length = (size_t)said;
    fleck_status status = fleck_json_parse(scratch, "safetensors header", (const char *)bytes + 8,
                                           *length, VALUES_MAX, out, err);
    if (status) return status;
    if (out->values[0].kind != FLECK_JSON_OBJECT)
        return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header is no JSON object");
    if (out->values[0].size > FLECK_TENSORS_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT, "safetensors header names over %d tensors",
                          FLECK_TENSORS_MAX);
    return FLECK_OK;
}

static fleck_status read_table(fleck_arena *arena, const fleck_json *h, const uint8_t *data,
                               size_t data_size, fleck_weights *out, size_t *data_end,
                               fleck_message *err) {
    out->tensors = FLECK_NEW_ZERO(arena, fleck_tensor, h->values[0].size);
    if (!out->tensors) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
    for (uint32_t value = 0; fleck_json_next(h, 0, &value);) {
        fleck_status status;
        if (fleck_json_is(h, value - 1, "__metadata__")) {
            if (out->metadata)
                return fleck_fail(err, FLECK_ERR_FORMAT, "__metadata__ is there twice");
            status = read_metadata(arena, h, value, out, err);
        } else {
            fleck_tensor *t = &out->tensors[out->tensor_count++];
            t->name = fleck_json_copy(arena, h, value - 1);
            if (!t->name) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the header");
            status = read_tensor(h, value, data, data_size, t, data_end, err);
        }
        if (status) return status;
    }
    return FLECK_OK;
}

bool fleck_is_safetensors(const uint8_t *bytes, size_t size) {
    return size >= 9 && bytes[8] == '{';
}

fleck_status fleck_safetensors_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                    fleck_weights *out, bool *cut, fleck_message *err) {
    fleck_arena scratch = {0};
    fleck_json h = {0};
    size_t length = 0, data_end = 0;
    fleck_weights w = {0};
    *cut = false;
    fleck_status status = parse_header(&scratch, bytes, size, &length, &h, cut, err);
    if (!status)
        status = read_table(arena, &h, bytes + 8 + length, size - 8 - length, &w, &data_end, err);
    *cut |= !status && data_end > size - 8 - length;
    if (!status && *cut)
        status = fleck_fail(err, FLECK_ERR_FORMAT, "the file is cut short: %zu of %zu bytes", size,
                            fleck_size_sum(8 + length, data_end));
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
    size_t n = fleck_print_list(text, sizeof text, format, args);
    va_end(args);
    put(w, text, n < sizeof text ? n : sizeof text - 1);
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
