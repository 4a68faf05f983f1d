/* Multi-head self-attention of a ViT, softmax(Q K^T / sqrt(width)) V for each head
 * (Vaswani et al., NeurIPS 2017), head by head and block of rows by block of rows:
 * no N x N matrix ever exists.
 *
 * Q K^T is computed in the precision that is asked for; with integers the weights of
 * the softmax have 13 bits, V 10, one scale a channel. */
#ifndef FLECK_ATTENTION_H
#define FLECK_ATTENTION_H

#include "factor.h"

/* Memory for the attention of N tokens, used again for every block. */
typedef struct {
    const fleck_arithmetic *arithmetic;
    size_t N, heads, width; /* width of a head */
    const float *qkv;       /* what is being worked on */
    float *out;

    fleck_factor *keys; /* [heads] */
    /* Transposed values of each head, packed: float32, or integers with scales. */
    float *values;
    int16_t *values_i16;
    float *value_scale;
    size_t values_count; /* of one head */

    unsigned char *worker_scratch; /* for each worker */
    size_t worker_bytes;
} fleck_attention;

/* Takes the memory from compute->scratch; false when it is short. arithmetic is
 * borrowed. */
bool fleck_attention_new(const fleck_compute *compute, const fleck_arithmetic *arithmetic,
                         size_t tokens, size_t heads, size_t width, fleck_attention *out);

/* qkv [N, 3, heads, width] -> out [N, heads, width], on all threads. */
void fleck_attention_run(fleck_attention *attention, fleck_pool *pool, const float *qkv,
                         float *out);

#endif
