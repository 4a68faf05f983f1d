/* What numeric stages work with, for a test: a variant of the kernels and some threads. */
#ifndef FLECK_TESTS_COMPUTE_H
#define FLECK_TESTS_COMPUTE_H

#include "compute.h"

#include <stdlib.h>
#include <string.h>

static fleck_compute compute_make(fleck_arena *scratch, const char *kernels, uint32_t threads) {
    bool scalar = kernels && !strcmp(kernels, "scalar"); /* not to be found in WebAssembly */
    fleck_compute compute = {.kernels =
                                 scalar ? &fleck_kernels_scalar : fleck_kernels_find(kernels),
                             .scratch = scratch};
    if (!compute.kernels || fleck_pool_create(threads, &compute.pool)) exit(1);
    return compute;
}

static void compute_free(fleck_compute *compute) {
    fleck_pool_destroy(compute->pool);
    fleck_arena_free(compute->scratch);
}

#endif
