/* Multi-head self-attention of a ViT, softmax(Q K^T / sqrt(width)) V for each head
 * (Vaswani et al., NeurIPS 2017), head by head and block of rows by block of rows:
 * no N x N matrix ever exists.
 *
 * In integer precisions Q and K have 12 bits, one scale a token; the weights of the
 * softmax 13, V 10, one scale a channel. */
#ifndef FLECK_ATTENTION_H
#define FLECK_ATTENTION_H

#include "tools.h"

#include <stdbool.h>

/* Memory for the attention of N tokens, used again for every block. */
typedef struct {
    const fleck_kernels *kernels;
    bool integer;
    size_t N, heads, width; /* width of a head */
    const float *qkv;       /* what is being worked on */
    float *out;

    /* Keys and transposed values of each head, packed; their scales. */
    float *keys, *values;
    int16_t *keys_i16, *values_i16;
    float *key_scale, *value_scale;
    size_t keys_count, values_count; /* of one head */

    unsigned char *aside; /* for each worker */
    size_t aside_bytes;
} fleck_attention;

/* Takes the memory from tools->scratch; false when it is short. */
bool fleck_attention_new(const fleck_tools *tools, fleck_precision precision, size_t tokens,
                         size_t heads, size_t width, fleck_attention *out);

/* qkv [N, 3, heads, width] -> out [N, heads, width], on all threads. */
void fleck_attention_run(fleck_attention *attention, fleck_pool *pool, const float *qkv,
                         float *out);

#endif
