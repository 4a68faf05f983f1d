#include "features.h"

#include "hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

uint64_t fleck_features_key(const fleck_half *patch, const fleck_half *cls, size_t P, size_t D) {
    uint64_t h = FLECK_HASH_EMPTY;
    for (size_t i = 0; i < P * D; i++) h = fleck_hash_add(h, patch[i]);
    for (size_t i = 0; i < D; i++) h = fleck_hash_add(h, cls[i]);
    return fleck_hash_mix(h);
}

typedef struct {
    const fleck_features *features;
    uint64_t key;
    uint32_t photo;
} entry;

/* By what they show alone. */
static int compare(const entry *a, const entry *b) {
    const fleck_features *f = a->features;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    int patch = memcmp(f->patch[a->photo], f->patch[b->photo], f->P * f->D * sizeof(fleck_half));
    return patch ? patch : memcmp(f->cls[a->photo], f->cls[b->photo], f->D * sizeof(fleck_half));
}

static int by_content(const void *a, const void *b) { return compare(a, b); }

bool fleck_features_sort(fleck_arena *arena, const fleck_features *features, const uint64_t *key,
                         uint32_t *place, fleck_features *out) {
    uint32_t n = features->count;
    entry *entries = FLECK_NEW(arena, entry, n);
    const fleck_half **patch = FLECK_NEW(arena, const fleck_half *, n);
    const fleck_half **cls = FLECK_NEW(arena, const fleck_half *, n);
    uint32_t *first = FLECK_NEW(arena, uint32_t, n);
    if (!entries || !patch || !cls || !first) return false;
    for (uint32_t i = 0; i < n; i++) entries[i] = (entry){features, key[i], i};
    qsort(entries, n, sizeof *entries, by_content);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t photo = entries[i].photo;
        patch[i] = features->patch[photo];
        cls[i] = features->cls[photo];
        first[i] = i && !compare(&entries[i - 1], &entries[i]) ? first[i - 1] : i;
        place[photo] = i;
    }
    *out = *features;
    out->patch = patch;
    out->cls = cls;
    out->first = first;
    return true;
}
