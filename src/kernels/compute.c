#include "compute.h"

enum { ROWS = 32 };

typedef struct {
    const fleck_kernels *kernels;
    const float *a, *packed_b, *bias;
    float *c;
    size_t n, k;
} product;

static void product_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const product *p = context;
    p->kernels->matmul(p->a + begin * p->k, p->k, p->packed_b, p->bias, p->c + begin * p->n, p->n,
                       end - begin, p->n, p->k);
}

void fleck_matmul(const fleck_compute *compute, const float *a, const float *packed_b,
                  const float *bias, float *c, size_t m, size_t n, size_t k) {
    product p = {compute->kernels, a, packed_b, bias, c, n, k};
    fleck_parallel(compute->pool, m, ROWS, product_rows, &p);
}

/* C = A^T B: A is transposed, and B packed, piece by piece. */
typedef struct {
    const fleck_kernels *kernels;
    const float *a, *b;
    float *transposed, *packed, *c;
    size_t m, n, k;
} transposed_product;

static void pack_panels(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const transposed_product *p = context;
    size_t from = begin * FLECK_PANEL, to = end * FLECK_PANEL < p->n ? end * FLECK_PANEL : p->n;
    fleck_pack(p->b + from, 1, p->n, to - from, p->k, p->packed + from * p->k);
}

static void transposed_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const transposed_product *p = context;
    for (size_t i = 0; i < p->k; i++)
        for (size_t j = begin; j < end; j++) p->transposed[j * p->k + i] = p->a[i * p->m + j];
    p->kernels->matmul(p->transposed + begin * p->k, p->k, p->packed, NULL, p->c + begin * p->n,
                       p->n, end - begin, p->n, p->k);
}

bool fleck_matmul_transposed(const fleck_compute *compute, const float *a, const float *b, float *c,
                             size_t m, size_t n, size_t k) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    transposed_product p = {compute->kernels, a, b, NULL, NULL, c, m, n, k};
    p.transposed = FLECK_NEW(compute->scratch, float, m, k);
    p.packed = FLECK_NEW(compute->scratch, float, fleck_packed_count(n, k));
    if (!p.transposed || !p.packed) return false;
    fleck_parallel(compute->pool, (n + FLECK_PANEL - 1) / FLECK_PANEL, 1, pack_panels, &p);
    fleck_parallel(compute->pool, m, ROWS, transposed_rows, &p);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
