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

bool fleck_matmul_transposed(const fleck_compute *compute, const float *a, const float *b, float *c,
                             size_t m, size_t n, size_t k) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *transposed = FLECK_NEW(compute->scratch, float, m, k);
    float *packed = FLECK_NEW(compute->scratch, float, fleck_packed_count(n, k));
    if (!transposed || !packed) return false;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < m; j++) transposed[j * k + i] = a[i * m + j];
    fleck_pack(b, 1, n, n, k, packed);
    fleck_matmul(compute, transposed, packed, NULL, c, m, n, k);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
