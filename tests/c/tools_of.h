/* The numeric tools for a test: a variant of the kernels and some threads. */
#ifndef FLECK_TESTS_TOOLS_H
#define FLECK_TESTS_TOOLS_H

#include "compute.h"

#include <stdlib.h>
#include <string.h>

static fleck_tools tools_make(fleck_arena *scratch, const char *kernels, uint32_t threads) {
    bool scalar = kernels && !strcmp(kernels, "scalar"); /* not to be found in WebAssembly */
    fleck_tools tools = {.kernels = scalar ? &fleck_kernels_scalar : fleck_kernels_find(kernels),
                         .scratch = scratch};
    if (!tools.kernels || fleck_pool_create(threads, &tools.pool)) exit(1);
    return tools;
}

static void tools_free(fleck_tools *tools) {
    fleck_pool_destroy(tools->pool);
    fleck_arena_free(tools->scratch);
}

#endif
