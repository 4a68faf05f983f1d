/* A seeded generator, passed explicitly: xoshiro256++ (Blackman and Vigna,
 * 2019), its state filled by splitmix64. Integer arithmetic and exact float
 * operations only, so that every machine draws the same numbers. */
#ifndef FLECK_RNG_H
#define FLECK_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t s[4];
} fleck_rng;

static inline fleck_rng fleck_rng_seed(uint64_t seed) {
    fleck_rng rng;
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        rng.s[i] = z ^ z >> 31;
    }
    return rng;
}

static inline uint64_t fleck_rng_u64(fleck_rng *rng) {
    uint64_t *s = rng->s, sum = s[0] + s[3];
    uint64_t out = (sum << 23 | sum >> 41) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return out;
}

/* A whole number below n, n > 0; the bias is below n / 2^32. */
static inline uint32_t fleck_rng_below(fleck_rng *rng, uint32_t n) {
    return (uint32_t)((fleck_rng_u64(rng) >> 32) * n >> 32);
}

/* Uniform in [0, 1), a multiple of 2^-24. */
static inline float fleck_rng_uniform(fleck_rng *rng) {
    return (float)(fleck_rng_u64(rng) >> 40) * (1.0f / 16777216.0f);
}

/* Mean 0, variance 1: the sum of twelve uniforms of 16 bits. Its tails end at
 * 6, which suits feature noise, and it needs no logarithm. */
static inline float fleck_rng_normal(fleck_rng *rng) {
    uint32_t sum = 0;
    for (int i = 0; i < 3; i++) {
        uint64_t v = fleck_rng_u64(rng);
        sum += (uint32_t)(v & 0xffff) + (uint32_t)(v >> 16 & 0xffff) +
               (uint32_t)(v >> 32 & 0xffff) + (uint32_t)(v >> 48);
    }
    /* each term is short of its uniform's middle by half a step */
    return ((float)sum + 6.0f) * (1.0f / 65536.0f) - 6.0f;
}

/* A random permutation of 0..n-1. */
static inline void fleck_rng_permutation(fleck_rng *rng, uint32_t *out, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = fleck_rng_below(rng, i + 1);
        out[i] = out[j];
        out[j] = i;
    }
}

#endif
