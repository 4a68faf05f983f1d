/* The coarse searches against plain sums of the integers that went in, bit by bit.
 * Sizes around lane, tile and run edges; integers up to the greatest that fit;
 * buffers end exactly where the contract says, so that sanitizers see over-reads. */
#include "check.h"
#include "kernels.h"
#include "rng.h"

#include <string.h>

static void *fresh(size_t count, size_t size) {
    void *p = malloc(count * size + (count == 0));
    if (!p) exit(1);
    return p;
}

static float *uniforms(fleck_rng *rng, size_t n) {
    float *x = fresh(n, sizeof(float));
    for (size_t i = 0; i < n; i++) x[i] = fleck_rng_uniform(rng);
    return x;
}

/* Integers as large as they may be: at random, all of one sign, or one pair alone,
 * whose two products are added first. */
static void draw_integers(fleck_rng *rng, size_t size, size_t kind, int16_t max, int16_t *q,
                          size_t k) {
    size_t pair = fleck_rng_below(rng, (uint32_t)k / 2);
    double square, want = 0;
    do {
        for (size_t i = 0; i < k; i++) {
            int random = (int)fleck_rng_below(rng, 2u * (unsigned)max + 1) - max;
            int only = i / 2 == pair ? max : 0;
            q[i] = (int16_t)(kind == 0 ? random : kind == 1 ? max : kind == 2 ? -max : only);
        }
        max--;
    } while (fleck_coarse_load(size, q, k, &square) > 1);
    for (size_t i = 0; i < k; i++) want += (double)q[i] * q[i];
    CHECK(square == want);
}

typedef struct {
    size_t m, n, k, panels, wide; /* wide: n in whole panels */
    float *a_scale, *reach, *limit, *b_scale, *low, *slope;
    uint8_t *q, *packed;
    float *v; /* [m, wide], what is compared with limit */
} problem;

static problem problem_make(const fleck_coarse *coarse, size_t m, size_t n, size_t k) {
    size_t size = coarse->size, panel_size = fleck_coarse_panel_size(size, k);
    fleck_rng rng = fleck_rng_seed(m * 1000003 + n * 1009 + k);
    problem p = {.m = m, .n = n, .k = k, .panels = (n + FLECK_PANEL - 1) / FLECK_PANEL};
    p.wide = p.panels * FLECK_PANEL;
    p.a_scale = uniforms(&rng, m), p.reach = uniforms(&rng, m), p.limit = uniforms(&rng, m);
    p.b_scale = uniforms(&rng, p.wide), p.slope = uniforms(&rng, p.wide);
    p.low = uniforms(&rng, p.wide);
    for (size_t j = 5; j < p.wide; j += 6) p.low[j] = j % 12 == 5 ? INFINITY : -INFINITY;

    int16_t *a = fresh(m * k, sizeof(int16_t)), *b = fresh(n * k, sizeof(int16_t));
    for (size_t i = 0; i < m; i++)
        draw_integers(&rng, size, i % 4, fleck_coarse_query_max(size), a + i * k, k);
    for (size_t j = 0; j < n; j++)
        draw_integers(&rng, size, j / 3 % 4, fleck_coarse_row_max(size), b + j * k, k);
    p.q = fresh(m * k * size, sizeof(uint8_t)),
    p.packed = fresh(p.panels * panel_size, sizeof(uint8_t));
    for (size_t i = 0; i < m; i++) fleck_coarse_encode(size, a + i * k, k, p.q + i * k * size);
    for (size_t j = 0; j < n; j += FLECK_PANEL)
        fleck_coarse_pack(size, b + j * k, n - j < FLECK_PANEL ? n - j : FLECK_PANEL, k,
                          p.packed + j / FLECK_PANEL * panel_size);
    CHECK(panel_size % 64 == 0);

    p.v = fresh(m * p.wide, sizeof(float));
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < p.wide; j++) {
            int64_t sum = 0;
            for (size_t l = 0; j < n && l < k; l++) sum += (int64_t)a[i * k + l] * b[j * k + l];
            float product = 2 * p.a_scale[i] * (p.b_scale[j] * (float)sum);
            p.v[i * p.wide + j] = p.low[j] - (p.slope[j] * p.reach[i] + product);
        }
    free(a), free(b);
    return p;
}

static void problem_free(problem *p) {
    free(p->a_scale), free(p->reach), free(p->limit), free(p->b_scale), free(p->low);
    free(p->slope), free(p->q), free(p->packed), free(p->v);
}

/* Every bit, and that nothing is written beside them. */
static void check_hits(const fleck_coarse *coarse, const problem *p) {
    size_t stride = p->panels + 1;
    uint16_t *hits = fresh(p->m * stride, sizeof(uint16_t));
    memset(hits, 0x55, p->m * stride * sizeof *hits);
    coarse->scan((fleck_coarse_queries){p->q, p->a_scale, p->reach, p->limit},
                 (fleck_coarse_rows){p->packed, p->b_scale, p->low, p->slope}, hits, stride, p->m,
                 p->panels, p->k);
    for (size_t i = 0; i < p->m; i++) {
        for (size_t j = 0; j < p->wide; j += FLECK_PANEL) {
            unsigned want = 0;
            for (size_t c = 0; c < FLECK_PANEL; c++)
                want |= (unsigned)!(p->v[i * p->wide + j + c] >= p->limit[i]) << c;
            CHECK(hits[i * stride + j / FLECK_PANEL] == want);
        }
        CHECK(hits[i * stride + p->panels] == 0x5555);
    }
    free(hits);
}

static void test_scan(const fleck_coarse *coarse, size_t m, size_t n, size_t k) {
    problem p = problem_make(coarse, m, n, k);
    check_hits(coarse, &p);
    for (size_t j = 0; j < n; j += 7) { /* the value of a row itself is no hit */
        for (size_t i = 0; i < m; i++) p.limit[i] = p.v[i * p.wide + (i + j) % n];
        check_hits(coarse, &p);
    }
    for (size_t i = 0; i < m; i++) p.limit[i] = i % 2 ? NAN : INFINITY;
    check_hits(coarse, &p);
    problem_free(&p);
}

/* Where sums would wrap, and no sooner: two of each run of 96, in int16. */
static void test_load(void) {
    enum { K = 112 };
    double square;
    int16_t q[K] = {0};
    CHECK(fleck_coarse_load(1, q, K, &square) == 0 && square == 0);
    static const size_t at[] = {0, 2, 92, 96, 98}; /* where pairs begin */
    for (size_t i = 0; i < LEN(at); i++) q[at[i]] = q[at[i] + 1] = 100;
    CHECK(fleck_coarse_load(1, q, K, &square) > 1); /* 0 and 92 share a sum: 40,000 */
    q[92] = 112, q[93] = 15;                        /* 32,769 */
    CHECK(fleck_coarse_load(1, q, K, &square) > 1);
    q[93] = 14;
    CHECK(fleck_coarse_load(1, q, K, &square) <= 1 && square == 32740 + 60000);
    for (size_t i = 0; i < K; i++) q[i] = 4378; /* all of them in int32: 46,340 squared */
    CHECK(fleck_coarse_load(2, q, K, &square) <= 1 && square == 112.0 * 4378 * 4378);
    for (size_t i = 0; i < K; i++) q[i] = 4379;
    CHECK(fleck_coarse_load(2, q, K, &square) > 1);
}

int main(void) {
    static const size_t ms[] = {0, 1, 2, 3, 5}, ns[] = {1, 15, 16, 17, 40},
                        ks[] = {16, 32, 80, 96, 112, 192, 400};
    const fleck_coarse *list[FLECK_COARSE_MAX];
    size_t count = fleck_kernels_coarse(list);
    for (size_t v = 0; v < count; v++) {
        printf("%s, %zu bytes\n", list[v]->name, list[v]->size);
        for (size_t i = 0; i < LEN(ms); i++)
            for (size_t j = 0; j < LEN(ns); j++)
                for (size_t l = 0; l < LEN(ks); l++) test_scan(list[v], ms[i], ns[j], ks[l]);
    }
    test_load();
    return check_done();
}
