/* fleck's exact nearest-neighbour search as a module of its own, for bench.mjs:
 * the package does not export it. One search at a time; every function that
 * returns int gives 0, or a fleck_status. */
#include "arena.h"
#include "kernels.h"
#include "knn.h"
#include "parallel.h"
#include "compute.h"

#include <emscripten.h>

static struct {
    fleck_arena arena, scratch;
    fleck_compute compute;
    fleck_bank bank;
    size_t query_count, row_count, dim;
    float *queries, *rows; /* [query_count, dim], [row_count, dim] */
    fleck_nearest *nearest;
    uint32_t *index; /* [query_count] */
} nn;

EMSCRIPTEN_KEEPALIVE int bench_nn_setup(uint32_t queries, uint32_t rows, uint32_t dim,
                                        uint32_t threads) {
    size_t query_values, row_values;
    if (!fleck_size_mul(queries, dim, &query_values) || !fleck_size_mul(rows, dim, &row_values))
        return FLECK_ERR_MEMORY;
    nn.query_count = queries;
    nn.row_count = rows;
    nn.dim = dim;
    nn.queries = FLECK_NEW(&nn.arena, float, query_values);
    nn.rows = FLECK_NEW(&nn.arena, float, row_values);
    nn.nearest = FLECK_NEW(&nn.arena, fleck_nearest, queries);
    nn.index = FLECK_NEW(&nn.arena, uint32_t, queries);
    if (!nn.queries || !nn.rows || !nn.nearest || !nn.index) return FLECK_ERR_MEMORY;
    nn.compute.kernels = fleck_kernels_find(NULL);
    nn.compute.coarse = fleck_kernels_coarse_fastest(nn.compute.kernels);
    nn.compute.scratch = &nn.scratch;
    fleck_status status = fleck_pool_create(threads, &nn.compute.pool);
    if (!status && fleck_pool_threads(nn.compute.pool) != threads) return FLECK_ERR_STATE;
    return (int)status;
}

EMSCRIPTEN_KEEPALIVE float *bench_nn_queries(void) { return nn.queries; }
EMSCRIPTEN_KEEPALIVE float *bench_nn_rows(void) { return nn.rows; }
EMSCRIPTEN_KEEPALIVE uint32_t *bench_nn_index(void) { return nn.index; }

/* Makes the rows, filled in by then, searchable. */
EMSCRIPTEN_KEEPALIVE int bench_nn_build(void) {
    return fleck_bank_build(&nn.arena, nn.compute.kernels, NULL, nn.rows, nn.row_count, nn.dim,
                            &nn.bank)
               ? FLECK_OK
               : FLECK_ERR_MEMORY;
}

EMSCRIPTEN_KEEPALIVE int bench_nn_run(void) {
    if (!fleck_knn(&nn.bank, &nn.compute, nn.queries, nn.query_count, NULL, nn.nearest))
        return FLECK_ERR_MEMORY;
    for (size_t i = 0; i < nn.query_count; i++) nn.index[i] = nn.nearest[i].first.index;
    return FLECK_OK;
}
