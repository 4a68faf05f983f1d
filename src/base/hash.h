/* FNV-1a: tells data apart by its bits. Not meant against forgery. */
#ifndef FLECK_HASH_H
#define FLECK_HASH_H

#include <stddef.h>
#include <stdint.h>

#define FLECK_HASH_EMPTY UINT64_C(14695981039346656037)

static inline uint64_t fleck_hash_add(uint64_t hash, uint64_t unit) {
    return (hash ^ unit) * UINT64_C(1099511628211);
}

static inline uint64_t fleck_hash_bytes(uint64_t hash, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) hash = fleck_hash_add(hash, ((const uint8_t *)bytes)[i]);
    return hash;
}

/* Another hash, for 128 bits together with the first: of another basis and multiplier. */
#define FLECK_HASH_EMPTY_2 UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t fleck_hash_add_2(uint64_t hash, uint64_t unit) {
    return (hash ^ unit) * UINT64_C(0x5851f42d4c957f2d);
}

/* The last units hardly reach the high bits: for an order by the whole of a hash these are
 * mixed at the end, as in splitmix64, one to one. */
static inline uint64_t fleck_hash_mix(uint64_t hash) {
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

#endif
