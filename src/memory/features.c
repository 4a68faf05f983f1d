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

/* ---- a part of a large folder ---- */

static uint32_t mix(uint32_t h) { /* murmur3's */
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

/* Two hashes of 32 bits, as JavaScript multiplies: wasm/js/index.js has the same. */
uint64_t fleck_photo_key(const uint8_t *bytes, size_t size) {
    uint32_t a = 0x811c9dc5u, b = 0x9e3779b9u;
    for (size_t i = 0; i < size; i++) {
        a = (a ^ bytes[i]) * 0x01000193u;
        b = (b ^ bytes[i]) * 0x2c1b3c6du;
    }
    return (uint64_t)mix(a) << 32 | mix(b);
}

static uint32_t count_below(const uint64_t *key, uint32_t count, uint64_t limit) {
    uint32_t below = 0;
    for (uint32_t i = 0; i < count; i++) below += key[i] < limit;
    return below;
}

void fleck_learns_from(const uint64_t *key, uint32_t count, uint32_t most, uint8_t *learns) {
    uint64_t limit = 0; /* the greatest with no more than most keys below it, bit by bit */
    for (int bit = 63; bit >= 0; bit--) {
        uint64_t more = limit | UINT64_C(1) << bit;
        if (count_below(key, count, more) <= most) limit = more;
    }
    uint32_t left = most - count_below(key, count, limit);
    for (uint32_t i = 0; i < count; i++) {
        bool equal = key[i] == limit && left; /* photos that are equal, any of them */
        left -= equal;
        learns[i] = key[i] < limit || equal;
    }
}
