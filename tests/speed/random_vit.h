/* A ViT of random weights, as the bytes of a safetensors file. */
#ifndef FLECK_BENCH_RANDOM_VIT_H
#define FLECK_BENCH_RANDOM_VIT_H

#include "bench.h"

typedef struct {
    uint32_t dim, depth, heads, patch, input;
    uint32_t hidden; /* neurons of an MLP */
} random_vit_sizes;

/* In arena; F32. */
uint8_t *random_vit(bench *b, fleck_arena *arena, const random_vit_sizes *sizes, size_t *size);

#endif
