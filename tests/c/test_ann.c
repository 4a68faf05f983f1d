/* The approximate search against sqdist on every row. */
#include "ann.h"
#include "check.h"
#include "columns.h"
#include "rng.h"
#include "compute_of.h"

/* Rows whose values have standard deviations that fall with the dimension, as features of
 * one product have, about a mean that is far from zero. */
static float *draw_rows(fleck_arena *arena, fleck_rng *rng, size_t n, size_t D) {
    float *x = FLECK_NEW(arena, float, n, D);
    if (!x) exit(1);
    for (size_t i = 0; i < n * D; i++) {
        float deviation = 1 / sqrtf((float)(i % D + 1));
        x[i] = deviation * fleck_rng_normal(rng) + (i % D == 2 ? 9 : 0);
    }
    return x;
}

typedef struct {
    fleck_arena arena;
    size_t D, N, Q;
    const float *rows, *queries;
    fleck_axes axes;
    fleck_ann_bank bank;
    fleck_neighbour *found; /* [Q] */
} search;

static fleck_ann_rows floats(const float *rows) { return (fleck_ann_rows){.value = rows}; }

static void search_in(search *s, const fleck_compute *compute, fleck_ann_rows rows,
                      fleck_row_range skip) {
    fleck_ann_part part = {.bank = &s->bank, .skip = skip};
    s->found = FLECK_NEW(&s->arena, fleck_neighbour, s->Q);
    CHECK(fleck_axes_fit(&s->arena, compute, rows, s->N, s->D, &s->axes));
    CHECK(fleck_ann_build(&s->arena, compute, &s->axes, rows, s->N, &s->bank));
    CHECK(fleck_ann(&s->axes, compute, s->queries, s->Q, &part, 1, s->found));
}

static void search_rows(search *s, const fleck_compute *compute, fleck_row_range skip) {
    search_in(s, compute, floats(s->rows), skip);
}

static search search_drawn(const fleck_compute *compute, size_t D, size_t N, size_t Q,
                           fleck_row_range skip) {
    search s = {.D = D, .N = N, .Q = Q};
    fleck_rng rng = fleck_rng_seed(N + D);
    s.rows = draw_rows(&s.arena, &rng, N, D);
    s.queries = draw_rows(&s.arena, &rng, Q, D);
    search_rows(&s, compute, skip);
    return s;
}

static fleck_neighbour nearest(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                               const float *query, fleck_row_range skip) {
    fleck_neighbour best = {FLECK_NO_ROW, INFINITY};
    for (uint32_t i = 0; i < N; i++) {
        if (i >= skip.begin && i < skip.end) continue;
        float d = compute->kernels->sqdist(query, rows + i * D, D);
        if (d < best.distance) best = (fleck_neighbour){i, d};
    }
    return best;
}

/* At least that share of the queries finds the true nearest row; distances are those of the
 * rows given, none of which is skipped, and on average too long by at most that share. */
static void check_found(const search *s, const fleck_compute *compute, fleck_row_range skip,
                        double share, double excess) {
    size_t right = 0;
    double ratio = 0;
    for (size_t i = 0; i < s->Q; i++) {
        fleck_neighbour want = nearest(compute, s->rows, s->N, s->D, s->queries + i * s->D, skip);
        fleck_neighbour got = s->found[i];
        CHECK(got.index < s->N && !(got.index >= skip.begin && got.index < skip.end));
        if (got.index >= s->N) continue;
        CHECK(got.distance ==
              compute->kernels->sqdist(s->queries + i * s->D, s->rows + got.index * s->D, s->D));
        right += got.index == want.index;
        ratio += sqrt(got.distance / want.distance) / (double)s->Q;
    }
    CHECK((double)right >= share * (double)s->Q);
    CHECK_NEAR(ratio, 1, excess);
}

static void test_search(const fleck_compute *compute, size_t D, size_t N, fleck_row_range skip,
                        double share, double excess) {
    search s = search_drawn(compute, D, N, 70, skip);
    check_found(&s, compute, skip, share, excess);
    fleck_arena_free(&s.arena);
}

/* The axes found carry nearly the variance of the best ones, which in these rows are the
 * leading dimensions. */
static void test_axes(const fleck_compute *compute) {
    enum { D = 200, N = 3000 };
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(3);
    float *x = draw_rows(&arena, &rng, N, D), component[FLECK_AXES];
    double found = 0, best = 0;
    fleck_axes axes;
    CHECK(fleck_axes_fit(&arena, compute, floats(x), N, D, &axes));
    CHECK(axes.L == FLECK_AXES);
    for (size_t i = 0; i < N; i++) {
        compute->kernels->matmul(x + i * D, D, axes.axes, axes.start, component, axes.L, 1, axes.L,
                                 D);
        for (size_t l = 0; l < axes.L; l++) {
            double value = x[i * D + l] - axes.mean[l];
            found += component[l] * (double)component[l] / N;
            best += value * value / N;
        }
    }
    CHECK(found > 0.98 * best && found < 1.05 * best);
    fleck_arena_free(&arena);
}

/* Rows that all are one row have no axes, and no row is nearer than another. */
static void test_equal_rows(const fleck_compute *compute) {
    enum { D = 100, N = 40 };
    search s = {.D = D, .N = N, .Q = N};
    float *x = FLECK_NEW_ZERO(&s.arena, float, N, D);
    for (size_t i = 0; i < N * D; i++) x[i] = 0.5f;
    s.rows = s.queries = x;
    search_rows(&s, compute, (fleck_row_range){0, 0});
    for (size_t i = 0; i < N; i++) CHECK(s.found[i].index < N && s.found[i].distance == 0);
    fleck_arena_free(&s.arena);
}

/* Where every row is skipped there is none. */
static void test_no_rows(const fleck_compute *compute) {
    search s = search_drawn(compute, 20, 5, 3, (fleck_row_range){0, 5});
    for (size_t i = 0; i < s.Q; i++)
        CHECK(s.found[i].index == FLECK_NO_ROW && isinf(s.found[i].distance));
    fleck_arena_free(&s.arena);
}

/* Several banks at once, each as alone. */
static void test_parts(const fleck_compute *compute) {
    search s = search_drawn(compute, 100, 300, 50, (fleck_row_range){0, 0});
    fleck_ann_bank half;
    fleck_neighbour both[2 * 50], alone[50];
    CHECK(fleck_ann_build(&s.arena, compute, &s.axes, floats(s.rows), 150, &half));
    fleck_ann_part parts[] = {{&s.bank, {0, 0}, false}, {&half, {0, 0}, false}};
    CHECK(fleck_ann(&s.axes, compute, s.queries, s.Q, parts, 2, both));
    CHECK(fleck_ann(&s.axes, compute, s.queries, s.Q, parts + 1, 1, alone));
    for (size_t i = 0; i < s.Q; i++) {
        CHECK(both[2 * i].index == s.found[i].index);
        CHECK(both[2 * i + 1].index < 150 && both[2 * i + 1].index == alone[i].index);
    }
    fleck_arena_free(&s.arena);
}

/* Bytes in steps are searched with the same bits as floats of their values. */
static void test_bytes(const fleck_compute *compute) {
    enum { N = 300, Q = 70 };
    static const size_t dimensions[] = {100, 384};
    for (size_t i = 0; i < LEN(dimensions); i++) {
        size_t D = dimensions[i];
        search s = {.D = D, .N = N, .Q = Q};
        fleck_rng rng = fleck_rng_seed(5);
        float *rows = draw_rows(&s.arena, &rng, N, D), *step = FLECK_NEW(&s.arena, float, D);
        int8_t *q = FLECK_NEW(&s.arena, int8_t, N, D);
        if (!step || !q) exit(1);
        fleck_columns_fit(rows, N, D, step);
        fleck_columns_narrow(rows, N, D, step, q);
        fleck_columns_widen(q, N, D, step, rows);
        s.rows = rows;
        s.queries = draw_rows(&s.arena, &rng, Q, D);
        search_rows(&s, compute, (fleck_row_range){0, 0});
        const fleck_neighbour *found = s.found;
        search_in(&s, compute, (fleck_ann_rows){.q = q, .step = step}, (fleck_row_range){0, 0});
        CHECK(!memcmp(s.found, found, Q * sizeof *found));
        fleck_arena_free(&s.arena);
    }
}

/* Mutual pairs are those of exact distances. */
static void test_pairs(const fleck_compute *compute) {
    enum { D = 96, N = 200 };
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(8);
    float *x = draw_rows(&arena, &rng, N, D);
    memcpy(x + 7 * D, x + 90 * D, D * sizeof *x); /* two equal rows */
    uint32_t got[N], other[N], pairs = 0;
    CHECK(fleck_ann_pairs(compute, x, N, D, got));
    for (uint32_t i = 0; i < N; i++)
        other[i] = nearest(compute, x, N, D, x + i * D, (fleck_row_range){i, i + 1}).index;
    for (uint32_t i = 0; i < N; i++) {
        CHECK(got[i] == (other[other[i]] == i ? other[i] : FLECK_NO_ROW));
        pairs += got[i] != FLECK_NO_ROW;
    }
    CHECK(pairs > 20 && got[7] == 90);
    fleck_arena_free(&arena);
}

static void test_all(const char *kernels) {
    static const size_t counts[] = {1, 15, 16, 17, 40};
    const fleck_row_range none = {0, 0};
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, kernels, 1);
    test_axes(&compute);
    /* with all dimensions as axes only rounding to integers is left */
    for (size_t i = 0; i < LEN(counts); i++) test_search(&compute, 21, counts[i], none, 0.98, 1e-4);
    test_search(&compute, 128, 2100, none, 0.98, 1e-4);
    test_search(&compute, 384, 1024, none, 0.9, 2e-3);
    test_search(&compute, 384, 1030, (fleck_row_range){100, 900}, 0.9, 2e-3);
    test_search(&compute, 384, 2049, (fleck_row_range){0, 1500}, 0.9, 2e-3);
    test_equal_rows(&compute);
    test_no_rows(&compute);
    test_parts(&compute);
    test_bytes(&compute);
    test_pairs(&compute);
    compute_free(&compute);
}

/* The same bits whatever the number of threads. */
static void test_bits(void) {
    fleck_arena scratch[2] = {{0}, {0}};
    fleck_compute compute[2] = {compute_make(&scratch[0], NULL, 1),
                                compute_make(&scratch[1], NULL, 3)};
    search a = search_drawn(&compute[0], 384, 500, 100, (fleck_row_range){0, 0});
    search b = search_drawn(&compute[1], 384, 500, 100, (fleck_row_range){0, 0});
    CHECK(!memcmp(a.found, b.found, a.Q * sizeof *a.found));
    fleck_arena_free(&a.arena), fleck_arena_free(&b.arena);
    compute_free(&compute[0]), compute_free(&compute[1]);
}

int main(void) {
    test_all("scalar");
    test_all(NULL);
    test_bits();
    return check_done();
}
