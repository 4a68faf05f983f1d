/* Which photos of a folder that is too large to learn from. */
#include "fleck.h"

#include <stdbool.h>

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
