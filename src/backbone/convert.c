#include "convert.h"

#include "half.h"
#include "text.h"

#include <math.h>
#include <string.h>

enum { PARTS_MAX = 3, Q_MAX = 127, NAME_BYTES = 128 };

static const char weight_ending[] = ".weight", scale_ending[] = "_scale";

/* Tensors of one width that become one, the rows of one below those of the other. */
typedef struct {
    const fleck_tensor *part[PARTS_MAX], *scale[PARTS_MAX]; /* scale: of I8, else NULL */
    size_t parts;
} stack;

static fleck_status no_memory(const char *name, fleck_message *err) {
    return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %.80s", name);
}

/* The type that a tensor gets: never a larger one than it has, but for all in F32. */
static fleck_dtype type_of(const char *name, const fleck_tensor *t, fleck_dtype dtype) {
    if (dtype == FLECK_F32) return FLECK_F32;
    if (t->dtype == FLECK_I8 && dtype == FLECK_I8) return FLECK_I8;
    if (t->ndim < 2) return t->dtype == FLECK_F16 ? FLECK_F16 : FLECK_F32;
    bool matrix =
        !strncmp(name, "blocks.", 7) && fleck_ends_with(name, strlen(name), weight_ending);
    return matrix && dtype == FLECK_I8 ? FLECK_I8 : FLECK_F16;
}

static size_t row_length(const fleck_tensor *t) {
    return t->ndim ? t->count / t->shape[0] : t->count;
}

/* The largest value becomes 127: to cut it for the others' sake gains nothing. */
static float quantise(const float *row, size_t n, int8_t *q) {
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(row[i]));
    float scale = most / Q_MAX;
    for (size_t i = 0; i < n; i++) {
        float v = scale > 0 ? rintf(row[i] / scale) : 0;
        q[i] = (int8_t)(v > Q_MAX ? Q_MAX : v < -Q_MAX ? -Q_MAX : v);
    }
    return scale;
}

/* Writes one row; false where it does not fit into the type. */
static bool write_row(const float *row, size_t n, fleck_dtype dtype, void *out, float *scale) {
    if (dtype == FLECK_I8) {
        *scale = quantise(row, n, out);
    } else if (dtype == FLECK_F16) {
        fleck_half_narrow(row, n, out);
        return fleck_half_finite(out, n);
    } else {
        memcpy(out, row, n * sizeof *row);
    }
    return true;
}

static fleck_status add(fleck_weights *out, fleck_tensor t, const char *ending, fleck_arena *arena,
                        fleck_message *err) {
    size_t size = strlen(t.name) + strlen(ending) + 1;
    char *name = FLECK_NEW(arena, char, size);
    if (!name) return no_memory(t.name, err);
    fleck_print(name, size, "%s%s", t.name, ending);
    t.name = name;
    out->tensors[out->tensor_count++] = t;
    return FLECK_OK;
}

/* Writes a part's rows from row `at` of the new tensor on; those of its type already are copied
 * as they are. *fits becomes false where a value does not fit into the type. */
static fleck_status convert_part(const fleck_tensor *part, const fleck_tensor *scale,
                                 fleck_dtype dtype, size_t at, uint8_t *data, float *scales,
                                 bool *fits, fleck_message *err) {
    size_t each = part->ndim ? part->shape[0] : 1, n = row_length(part);
    fleck_arena scratch = {0};
    float *row = FLECK_NEW(&scratch, float, n);
    float *own = FLECK_NEW(&scratch, float, scale ? each : 0);
    fleck_status status = row && own ? FLECK_OK : no_memory(part->name, err);
    if (!status && scale) status = fleck_tensor_read_finite(scale, 0, each, own, err);
    for (size_t i = 0; i < each && !status && *fits; i++) {
        uint8_t *to = data + (at + i) * n * fleck_dtype_bytes(dtype);
        status = fleck_tensor_read_rows(part, scale ? own : NULL, i, 1, n, row, err);
        if (status) break;
        if (part->dtype != dtype) {
            *fits = write_row(row, n, dtype, to, scales ? scales + at + i : NULL);
        } else {
            memcpy(to, part->data + i * n * fleck_dtype_bytes(dtype), n * fleck_dtype_bytes(dtype));
            if (scales) scales[at + i] = own[i];
        }
    }
    fleck_arena_free(&scratch);
    return status;
}

static fleck_status convert(fleck_arena *arena, const stack *s, const char *name, fleck_dtype dtype,
                            fleck_weights *out, fleck_message *err) {
    const fleck_tensor *first = s->part[0];
    size_t each = first->ndim ? first->shape[0] : 1;
    fleck_tensor t = *first;
    t.name = name;
    t.dtype = dtype;
    t.count = FLECK_SIZE(s->parts, first->count);
    if (t.ndim) t.shape[0] = s->parts * each;
    fleck_tensor scales = {
        .name = name, .dtype = FLECK_F32, .ndim = 1, .shape = {t.shape[0]}, .count = t.shape[0]};
    uint8_t *data = FLECK_NEW(arena, uint8_t, t.count, fleck_dtype_bytes(dtype));
    float *scale = dtype == FLECK_I8 ? FLECK_NEW(arena, float, scales.count) : NULL;
    if (!data || (!scale && dtype == FLECK_I8)) return no_memory(name, err);
    bool fits = true;
    fleck_status status = FLECK_OK;
    for (size_t p = 0; p < s->parts && fits && !status; p++)
        status = convert_part(s->part[p], s->scale[p], dtype, p * each, data, scale, &fits, err);
    if (status) return status;
    if (!fits) return convert(arena, s, name, FLECK_F32, out, err);
    t.data = data;
    scales.data = (const uint8_t *)scale;
    status = add(out, t, "", arena, err);
    return status || !scale ? status : add(out, scales, scale_ending, arena, err);
}

/* Takes a tensor as the next part. */
static fleck_status take(const fleck_weights *in, const fleck_tensor *t, stack *s,
                         fleck_message *err) {
    s->part[s->parts] = t;
    return fleck_weights_check_tensor(in, t, &s->scale[s->parts++], err);
}

/* The tensor beside t that has `other` in place of `own` in its name. */
static const fleck_tensor *beside(const fleck_weights *in, const fleck_tensor *t, const char *own,
                                  const char *other, char name[NAME_BYTES]) {
    const char *at = strstr(t->name, own);
    int before = (int)(at - t->name);
    fleck_print(name, NAME_BYTES, "%.*s%s%s", before, t->name, other, at + strlen(own));
    return fleck_weights_find(in, name);
}

/* Gathers what becomes one tensor with in's tensor at: its queries stand for keys and values,
 * too. No parts: it comes with another. */
static fleck_status gather(const fleck_weights *in, const fleck_tensor *at, char name[NAME_BYTES],
                           stack *s, fleck_message *err) {
    static const char query[] = ".attn.q.", all[] = ".attn.qkv.";
    static const char *const others[] = {".attn.k.", ".attn.v."};
    *s = (stack){.parts = 0};
    if (fleck_ends_with(at->name, strlen(at->name), scale_ending)) return FLECK_OK;
    for (int i = 0; i < 2; i++)
        if (strstr(at->name, others[i])) {
            if (beside(in, at, others[i], query, name)) return FLECK_OK;
            return fleck_fail(err, FLECK_ERR_FORMAT, "%s has no %s beside it", at->name, name);
        }
    fleck_status status = take(in, at, s, err);
    if (!strstr(at->name, query)) {
        fleck_print(name, NAME_BYTES, "%s", at->name);
        return status;
    }
    for (int i = 0; i < 2 && !status; i++) {
        const fleck_tensor *t = beside(in, at, query, others[i], name);
        if (!t || !at->ndim || t->ndim != at->ndim || t->count != at->count ||
            t->shape[0] != at->shape[0])
            return fleck_fail(err, FLECK_ERR_FORMAT, "%s does not go with %s", at->name, name);
        status = take(in, t, s, err);
    }
    beside(in, at, query, all, name);
    return status;
}

fleck_status fleck_convert(fleck_arena *arena, const fleck_weights *in, fleck_dtype dtype,
                           fleck_weights *out, fleck_message *err) {
    fleck_weights w = {.metadata = in->metadata, .metadata_count = in->metadata_count};
    w.tensors = FLECK_NEW(arena, fleck_tensor, 2, in->tensor_count);
    if (!w.tensors) return no_memory("the backbone", err);
    fleck_status status = FLECK_OK;
    for (size_t i = 0; i < in->tensor_count && !status; i++) {
        const fleck_tensor *t = &in->tensors[i];
        char name[NAME_BYTES];
        stack s;
        status = gather(in, t, name, &s, err);
        if (!status && s.parts) status = convert(arena, &s, name, type_of(name, t, dtype), &w, err);
    }
    if (!status) *out = w;
    return status;
}

bool fleck_is_plain(const char *text) {
    for (; *text; text++)
        if (*text < ' ' || *text > '~' || *text == '"' || *text == '\\') return false;
    return true;
}
