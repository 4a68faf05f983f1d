/* Golden vectors: safetensors files in tests/golden, written by
 * scripts/golden/make.py. Their metadata says which command and which versions
 * made them. */
#ifndef FLECK_GOLDEN_H
#define FLECK_GOLDEN_H

#include "arena.h"
#include "open.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    fleck_arena arena;
    fleck_weights weights;
} golden;

/* The bytes of a file in arena; NULL when it cannot be read. */
static uint8_t *read_file(fleck_arena *arena, const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    fseek(f, 0, SEEK_END);
    long end = ftell(f);
    rewind(f);
    uint8_t *bytes = end < 0 ? NULL : fleck_arena_alloc(arena, (size_t)end + 1, 1);
    *size = bytes ? fread(bytes, 1, (size_t)end, f) : 0;
    fclose(f);
    return bytes;
}

/* A golden file is part of the repository: not finding it ends the test. */
static inline golden golden_open(const char *name) {
    golden g = {0};
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", FLECK_GOLDEN_DIR, name);
    size_t size;
    uint8_t *bytes = read_file(&g.arena, path, &size);
    fleck_message err = {"cannot be read"};
    if (!bytes || fleck_weights_open(&g.arena, bytes, size, &g.weights, &err)) {
        fprintf(stderr, "%s: %s\n", path, err.text);
        exit(1);
    }
    return g;
}

/* A tensor, by a format of its name; not finding it ends the test. */
static inline const fleck_tensor *golden_find(const golden *g, const char *format,
                                              va_list arguments) {
    char name[128];
    vsnprintf(name, sizeof name, format, arguments);
    const fleck_tensor *t = fleck_weights_find(&g->weights, name);
    if (!t) {
        fprintf(stderr, "golden tensor %s is missing\n", name);
        exit(1);
    }
    return t;
}

__attribute__((format(printf, 2, 3))) static inline const fleck_tensor *
golden_tensor(const golden *g, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const fleck_tensor *t = golden_find(g, format, arguments);
    va_end(arguments);
    return t;
}

/* The same as float32 and, unless NULL, how many values it has. */
__attribute__((format(printf, 3, 4))) static inline float *golden_get(golden *g, size_t *count,
                                                                      const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const fleck_tensor *t = golden_find(g, format, arguments);
    va_end(arguments);
    float *out = FLECK_NEW(&g->arena, float, t->count);
    if (!out) exit(1);
    fleck_tensor_read(t, out);
    if (count) *count = t->count;
    return out;
}

static inline void golden_close(golden *g) { fleck_arena_free(&g->arena); }

/* The largest of |got - want|, or of its share of |want|; NaN where there is one. */
static inline double worst(const float *got, const float *want, size_t n, bool relative) {
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = fabs((double)got[i] - want[i]) / (relative ? fabs(want[i]) : 1);
        if (!(difference <= most)) most = difference;
    }
    return most;
}

#endif
