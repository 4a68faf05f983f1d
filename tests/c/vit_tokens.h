/* What tests of a vision transformer share: the input of the golden tokens, and how
 * near to them is right. */
#ifndef FLECK_VIT_TOKENS_H
#define FLECK_VIT_TOKENS_H

#include "arena.h"

#include <math.h>
#include <stdint.h>

/* Relative error of a whole tensor. A float32 sum of n products errs by about
 * sqrt(n) 2^-24 of its size, some 1e-6 here; a dozen blocks add up to less than
 * 2e-5. */
#define TOLERANCE 2e-5

static inline uint32_t mix(uint32_t h) {
    h *= 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    return h ^ h >> 13;
}

/* The input of scripts/golden/vit.py: multiples of 1/256 in [-1, 1). */
static inline float *make_input(fleck_arena *arena, uint32_t S) {
    float *tensor = FLECK_NEW(arena, float, 3, S, S);
    for (uint32_t c = 0; c < 3; c++)
        for (uint32_t y = 0; y < S; y++)
            for (uint32_t x = 0; x < S; x++) {
                uint32_t cell = mix((c * 1024 + y / 16) * 1024 + x / 16 + 1) >> 24;
                uint32_t fine = mix((c * S + y) * S + x) >> 24;
                tensor[(c * S + y) * S + x] = (float)((int)(cell + fine) - 256) / 256.0f;
            }
    return tensor;
}

static inline double relative_error(const float *got, const float *want, size_t n) {
    double difference = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        difference += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
        size += (double)want[i] * want[i];
    }
    return sqrt(difference / size);
}

#endif
