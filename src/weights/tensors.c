#include "tensors.h"

#include "half.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

fleck_status fleck_weights_check_names(const fleck_weights *weights, fleck_message *err) {
    fleck_arena scratch = {0};
    size_t tensors = weights->tensor_count, count = tensors + weights->metadata_count;
    const char **names = FLECK_NEW(&scratch, const char *, count);
    if (!names) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the names");
    for (size_t i = 0; i < tensors; i++) names[i] = weights->tensors[i].name;
    for (size_t i = tensors; i < count; i++) names[i] = weights->metadata[i - tensors].key;
    qsort(names, tensors, sizeof *names, by_text);
    qsort(names + tensors, count - tensors, sizeof *names, by_text);
    fleck_status status = FLECK_OK;
    for (size_t i = 1; !status && i < count; i++)
        if (i != tensors && !strcmp(names[i - 1], names[i]))
            status = fleck_fail(err, FLECK_ERR_FORMAT, "%.80s is there twice", names[i]);
    fleck_arena_free(&scratch);
    return status;
}

size_t fleck_dtype_bytes(fleck_dtype dtype) {
    return dtype == FLECK_F32 || dtype == FLECK_U32 ? 4 : dtype == FLECK_I8 ? 1 : 2;
}

static bool is_float(fleck_dtype dtype) {
    return dtype == FLECK_F32 || dtype == FLECK_F16 || dtype == FLECK_BF16;
}

size_t fleck_tensor_bytes(const fleck_tensor *t) { return t->count * fleck_dtype_bytes(t->dtype); }

const fleck_tensor *fleck_weights_find(const fleck_weights *weights, const char *name) {
    for (size_t i = 0; i < weights->tensor_count; i++)
        if (!strcmp(weights->tensors[i].name, name)) return &weights->tensors[i];
    return NULL;
}

/* The tensor of that name with that ending. */
static const fleck_tensor *find_with(const fleck_weights *weights, const char *name,
                                     const char *ending) {
    size_t length = strlen(name);
    for (size_t i = 0; i < weights->tensor_count; i++) {
        const char *other = weights->tensors[i].name;
        if (!strncmp(other, name, length) && !strcmp(other + length, ending))
            return &weights->tensors[i];
    }
    return NULL;
}

const char *fleck_weights_meta(const fleck_weights *weights, const char *key) {
    for (size_t i = 0; i < weights->metadata_count; i++)
        if (!strcmp(weights->metadata[i].key, key)) return weights->metadata[i].value;
    return NULL;
}

fleck_status fleck_weights_check_tensor(const fleck_weights *weights, const fleck_tensor *t,
                                        const fleck_tensor **scale, fleck_message *err) {
    *scale = NULL;
    if (!t->count) return fleck_fail(err, FLECK_ERR_FORMAT, "%.80s is empty", t->name);
    if (is_float(t->dtype)) return FLECK_OK;
    if (t->dtype != FLECK_I8)
        return fleck_fail(err, FLECK_ERR_FORMAT, "%.80s is not F32, F16, BF16 or I8", t->name);
    if (t->ndim < 2)
        return fleck_fail(err, FLECK_ERR_FORMAT, "%.80s is I8, which only matrices can be",
                          t->name);
    const fleck_tensor *s = find_with(weights, t->name, "_scale");
    if (!s || !is_float(s->dtype) || s->ndim != 1 || s->shape[0] != t->shape[0])
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "%.80s is I8 and wants %.80s_scale, a float for each of its %zu rows",
                          t->name, t->name, t->shape[0]);
    *scale = s;
    return FLECK_OK;
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
    const uint8_t *p = tensor->data + first * fleck_dtype_bytes(tensor->dtype);
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

static fleck_status check_finite(const fleck_tensor *t, const float *values, size_t count,
                                 fleck_message *err) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return fleck_fail(err, FLECK_ERR_FORMAT, "%.80s holds a value that is not finite",
                              t->name);
    return FLECK_OK;
}

fleck_status fleck_tensor_read_finite(const fleck_tensor *tensor, size_t first, size_t count,
                                      float *out, fleck_message *err) {
    fleck_tensor_read_part(tensor, first, count, out);
    return check_finite(tensor, out, count, err);
}

fleck_status fleck_tensor_read_rows(const fleck_tensor *tensor, const float *scale, size_t row,
                                    size_t rows, size_t n, float *out, fleck_message *err) {
    fleck_tensor_read_part(tensor, row * n, rows * n, out);
    for (size_t i = 0; scale && i < rows; i++)
        for (size_t k = 0; k < n; k++) out[i * n + k] *= scale[row + i];
    return check_finite(tensor, out, rows * n, err);
}

void fleck_tensor_read_u32(const fleck_tensor *tensor, uint32_t *out) {
    const uint8_t *p = tensor->data;
    for (size_t i = 0; i < tensor->count; i++, p += 4)
        out[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
