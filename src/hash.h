/* FNV-1a: tells data apart by its bits. Not meant against forgery. */
#ifndef FLECK_HASH_H
#define FLECK_HASH_H

#include <stdint.h>

#define FLECK_HASH_EMPTY UINT64_C(14695981039346656037)

static inline uint64_t fleck_hash_add(uint64_t hash, uint64_t unit) {
    return (hash ^ unit) * UINT64_C(1099511628211);
}

#endif
