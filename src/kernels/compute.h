/* What the numeric stages work with, passed down as one. */
#ifndef FLECK_COMPUTE_H
#define FLECK_COMPUTE_H

#include "arena.h"
#include "kernels.h"
#include "parallel.h"

#include <stdbool.h>

typedef struct {
    const fleck_kernels *kernels;
    fleck_pool *pool;
    fleck_arena *scratch; /* what a function takes from it, it gives back; one that fails leaves
                           * that to the arena's owner */
} fleck_compute;

/* C[m,n] = A[m,k] B[n,k]^T + bias, as fleck_kernels.matmul, on all threads;
 * rows of A, B and C are contiguous. */
void fleck_matmul(const fleck_compute *compute, const float *a, const float *packed_b,
                  const float *bias, float *c, size_t m, size_t n, size_t k);

/* C[m,n] = A[k,m]^T B[k,n]; false when scratch memory is short. */
bool fleck_matmul_transposed(const fleck_compute *compute, const float *a, const float *b, float *c,
                             size_t m, size_t n, size_t k);

#endif
