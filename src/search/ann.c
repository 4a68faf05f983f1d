#include "ann.h"

#include "columns.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLE = 2048,  /* rows, at most, that axes are fitted to */
    ITERATIONS = 4, /* of the subspace: the axes need not be exact */
    QUERIES = 32,   /* of one piece of work */
    COLUMNS = 1024, /* bank rows of one product: its values stay in the second-level cache */
    CANDIDATES = 4, /* rows that are measured */
    PANELS = 4,     /* of a bank: one piece of building it */
};

/* ---- axes ---- */

/* Makes n vectors ([n, D]) orthonormal, one after the other; those that depend on the
 * ones before become zero. */
static void orthonormalise(const fleck_kernels *k, float *x, size_t n, size_t D) {
    for (size_t i = 0; i < n; i++) {
        float *v = x + i * D, before = k->dot(v, v, D);
        for (size_t j = 0; j < i; j++) k->axpy(-k->dot(v, x + j * D, D), x + j * D, v, D);
        float square = k->dot(v, v, D);
        float factor = square > 1e-6f * before && before > 0 ? 1 / sqrtf(square) : 0;
        for (size_t d = 0; d < D; d++) v[d] *= factor;
    }
}

/* axes [L, D] -> those of x^T x applied to them, for x [n, D]. */
static bool iterate(const fleck_compute *compute, const float *x, size_t n, size_t L, size_t D,
                    float *axes, float *packed, float *components) {
    fleck_pack(axes, D, 1, L, D, packed);
    fleck_matmul(compute, x, packed, NULL, components, n, L, D);
    if (!fleck_matmul_transposed(compute, components, x, axes, L, D, n)) return false;
    orthonormalise(compute->kernels, axes, L, D);
    return true;
}

/* Rows [begin, begin + n) -> x [n, D]. */
static void rows_of(fleck_ann_rows rows, size_t begin, size_t n, size_t D, float *x) {
    if (rows.value)
        memcpy(x, rows.value + begin * D, n * D * sizeof *x);
    else
        fleck_columns_widen(rows.q + begin * D, n, D, rows.step, x);
}

/* n of N rows, evenly spread, -> x, and their mean. */
static void sample(fleck_ann_rows rows, size_t N, size_t n, size_t D, double *sum, float *mean,
                   float *x) {
    for (size_t i = 0; i < n; i++) rows_of(rows, i * N / n, 1, D, x + i * D);
    for (size_t i = 0; i < n * D; i++) sum[i % D] += x[i];
    for (size_t d = 0; d < D; d++) mean[d] = (float)(sum[d] / (double)n);
}

/* Axes of x [n, D], which becomes what is left of it without the mean. */
static bool find_axes(fleck_axes *a, const fleck_compute *compute, float *x, size_t n) {
    size_t L = a->L, D = a->D;
    float *components = FLECK_NEW(compute->scratch, float, n, L);
    float *axes = FLECK_NEW_ZERO(compute->scratch, float, L, D);
    if (!components || !axes) return false;
    for (size_t i = 0; i < n * D; i++) x[i] -= a->mean[i % D];
    memcpy(axes, x, (n < L ? n : L) * D * sizeof *axes);
    orthonormalise(compute->kernels, axes, L, D);
    for (int i = 0; i < ITERATIONS; i++)
        if (!iterate(compute, x, n, L, D, axes, a->axes, components)) return false;
    fleck_pack(axes, D, 1, L, D, a->axes);
    for (size_t l = 0; l < L; l++) a->start[l] = -compute->kernels->dot(a->mean, axes + l * D, D);
    return true;
}

bool fleck_axes_fit(fleck_arena *arena, const fleck_compute *compute, fleck_ann_rows rows, size_t N,
                    size_t D, fleck_axes *out) {
    bool all = D <= FLECK_DIMENSIONS_ALL;
    fleck_axes a = {.D = D, .L = all ? D : FLECK_AXES};
    size_t n = N < SAMPLE ? N : SAMPLE;
    a.mean = FLECK_NEW(arena, float, D);
    if (!all) {
        a.axes = FLECK_NEW(arena, float, fleck_packed_count(a.L, D));
        a.start = FLECK_NEW_ZERO(arena, float, fleck_packed_count(a.L, 1));
    }
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    double *sum = FLECK_NEW_ZERO(compute->scratch, double, D);
    float *x = FLECK_NEW(compute->scratch, float, n, D);
    if (!a.mean || (!all && (!a.axes || !a.start)) || !sum || !x) return false;
    sample(rows, N, n, D, sum, a.mean, x);
    if (!all && !find_axes(&a, compute, x, n)) return false;
    *out = a;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- components in integers ---- */

/* Room for the components of n rows. */
typedef struct {
    float *lead; /* [n, L] */
    int16_t *q;  /* [n, depth] */
    float *scale;
} components;

static bool components_new(fleck_arena *arena, size_t n, size_t L, components *out) {
    *out = (components){FLECK_NEW(arena, float, n, L), FLECK_NEW(arena, int16_t, n, fleck_depth(L)),
                        FLECK_NEW(arena, float, n)};
    return out->lead && out->q && out->scale;
}

static void components_of(const fleck_axes *axes, const fleck_kernels *k, const float *rows,
                          size_t n, const components *out) {
    size_t L = axes->L, depth = fleck_depth(L);
    if (axes->axes)
        k->matmul(rows, axes->D, axes->axes, axes->start, out->lead, L, n, L, axes->D);
    else
        for (size_t i = 0; i < n * L; i++) out->lead[i] = rows[i] - axes->mean[i % L];
    for (size_t i = 0; i < n; i++)
        out->scale[i] = k->quantise_i16(out->lead + i * L, L, FLECK_I16_MAX, out->q + i * depth);
}

typedef struct {
    const fleck_axes *axes;
    const fleck_kernels *k;
    fleck_ann_bank *bank;
    components *c; /* [workers], of a panel's rows */
    float *x;      /* [workers, FLECK_PANEL, D]: these rows */
} building;

static void build_panels(void *context, uint32_t worker, size_t begin, size_t end) {
    const building *w = context;
    fleck_ann_bank *b = w->bank;
    const components *c = &w->c[worker];
    size_t D = w->axes->D, depth = fleck_depth(w->axes->L);
    float *x = w->x + worker * FLECK_PANEL * D;
    for (size_t i = begin * FLECK_PANEL; i < end * FLECK_PANEL && i < b->N; i += FLECK_PANEL) {
        size_t n = b->N - i < FLECK_PANEL ? b->N - i : FLECK_PANEL;
        rows_of(b->rows, i, n, D, x);
        components_of(w->axes, w->k, x, n, c);
        fleck_pack_i16(c->q, n, depth, b->packed + i * depth);
        memcpy(b->scale + i, c->scale, n * sizeof *b->scale);
        for (size_t j = 0; j < n; j++)
            b->start[i + j] = -0.5f * w->k->sqdist(x + j * D, w->axes->mean, D);
    }
}

bool fleck_ann_build(fleck_arena *arena, const fleck_compute *compute, const fleck_axes *axes,
                     fleck_ann_rows rows, size_t N, fleck_ann_bank *out) {
    size_t wide = fleck_packed_count(N, 1), workers = fleck_pool_threads(compute->pool);
    fleck_ann_bank b = {.N = N, .rows = rows};
    b.packed = FLECK_NEW(arena, int16_t, wide, fleck_depth(axes->L));
    b.scale = FLECK_NEW_ZERO(arena, float, wide);
    b.start = FLECK_NEW(arena, float, wide);
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    building w = {.axes = axes, .k = compute->kernels, .bank = &b};
    w.c = FLECK_NEW(compute->scratch, components, workers);
    w.x = FLECK_NEW(compute->scratch, float, FLECK_SIZE(workers, FLECK_PANEL), axes->D);
    if (!b.packed || !b.scale || !b.start || !w.c || !w.x) return false;
    for (size_t i = 0; i < workers; i++)
        if (!components_new(compute->scratch, FLECK_PANEL, axes->L, &w.c[i])) return false;
    fleck_parallel(compute->pool, wide / FLECK_PANEL, PANELS, build_panels, &w);
    for (size_t i = N; i < wide; i++) b.start[i] = -INFINITY;
    fleck_arena_reset(compute->scratch, mark);
    *out = b;
    return true;
}

/* ---- search ---- */

/* What a worker searches with. */
typedef struct {
    float *product; /* [QUERIES, COLUMNS]: the greater, the nearer */
    float best[QUERIES][FLECK_PANEL];
    uint32_t index[QUERIES][FLECK_PANEL];
} bench;

typedef struct {
    const fleck_axes *axes;
    const fleck_kernels *k;
    const float *queries;
    size_t Q;
    components c; /* of the queries */
    const fleck_ann_part *parts;
    size_t count;
    fleck_neighbour *out;
    bench *benches; /* one a worker */
} search;

static void components_piece(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const search *s = context;
    size_t L = s->axes->L;
    components c = {s->c.lead + begin * L, s->c.q + begin * fleck_depth(L), s->c.scale + begin};
    components_of(s->axes, s->k, s->queries + begin * s->axes->D, end - begin, &c);
}

/* The best row of each of FLECK_PANEL lanes, rows dealt to them in turn, for n queries. */
static void scan(const search *s, const fleck_ann_part *part, size_t query, size_t n, bench *b) {
    const fleck_ann_bank *bank = part->bank;
    size_t wide = fleck_packed_count(bank->N, 1), depth = fleck_depth(s->axes->L);
    fleck_i16 q = {s->c.q + query * depth, s->c.scale + query};
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < FLECK_PANEL; j++) b->best[i][j] = -INFINITY, b->index[i][j] = 0;
    for (size_t from = 0; from < wide; from += COLUMNS) {
        size_t columns = wide - from < COLUMNS ? wide - from : COLUMNS, end = from + columns;
        s->k->matmul_i16(q, (fleck_i16){bank->packed + from * depth, bank->scale + from},
                         bank->start + from, b->product, COLUMNS, n, columns, depth);
        for (size_t i = 0; i < n; i++) {
            float *product = b->product + i * COLUMNS;
            for (size_t r = part->skip.begin > from ? part->skip.begin : from;
                 r < part->skip.end && r < end; r++)
                product[r - from] = -INFINITY;
            size_t own = query + i;
            if (part->others && own >= from && own < end) product[own - from] = -INFINITY;
            s->k->lane_max(product, columns, (uint32_t)from, b->best[i], b->index[i]);
        }
    }
}

static float distance_to(const search *s, const float *query, fleck_ann_rows rows, size_t row) {
    size_t D = s->axes->D;
    return rows.value ? s->k->sqdist(query, rows.value + row * D, D)
                      : s->k->sqdist_steps(query, rows.q + row * D, rows.step, D);
}

/* The nearest of the best candidates, of equal ones that of the lowest index; takes them out
 * of best. */
static fleck_neighbour measure(const search *s, const fleck_ann_bank *bank, const float *query,
                               float *best, const uint32_t *index) {
    fleck_neighbour nearest = {FLECK_NO_ROW, INFINITY};
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
        size_t at = 0;
        for (size_t j = 1; j < FLECK_PANEL; j++)
            if (best[j] > best[at] || (best[j] == best[at] && index[j] < index[at])) at = j;
        if (!(best[at] > -INFINITY)) break;
        float distance = distance_to(s, query, bank->rows, index[at]);
        if (distance < nearest.distance ||
            (distance == nearest.distance && index[at] < nearest.index))
            nearest = (fleck_neighbour){index[at], distance};
        best[at] = -INFINITY;
    }
    return nearest;
}

/* Pieces of a part come one after the other: its rows stay in the second-level cache. */
static void search_pieces(void *context, uint32_t worker, size_t begin, size_t end) {
    const search *s = context;
    size_t pieces = (s->Q + QUERIES - 1) / QUERIES;
    bench *b = &s->benches[worker];
    for (size_t piece = begin; piece < end; piece++) {
        size_t p = piece / pieces, first = piece % pieces * QUERIES;
        size_t n = s->Q - first < QUERIES ? s->Q - first : QUERIES;
        scan(s, &s->parts[p], first, n, b);
        for (size_t i = 0; i < n; i++)
            s->out[(first + i) * s->count + p] =
                measure(s, s->parts[p].bank, s->queries + (first + i) * s->axes->D, b->best[i],
                        b->index[i]);
    }
}

bool fleck_ann(const fleck_axes *axes, const fleck_compute *compute, const float *queries, size_t Q,
               const fleck_ann_part *parts, size_t count, fleck_neighbour *out) {
    size_t workers = fleck_pool_threads(compute->pool);
    search s = {.axes = axes,
                .k = compute->kernels,
                .queries = queries,
                .Q = Q,
                .parts = parts,
                .count = count,
                .out = out};
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    s.benches = FLECK_NEW(compute->scratch, bench, workers);
    if (!s.benches || !components_new(compute->scratch, Q, axes->L, &s.c)) return false;
    for (size_t i = 0; i < workers; i++) {
        s.benches[i].product = FLECK_NEW(compute->scratch, float, QUERIES, COLUMNS);
        if (!s.benches[i].product) return false;
    }
    fleck_parallel(compute->pool, Q, QUERIES, components_piece, &s);
    fleck_parallel(compute->pool, (Q + QUERIES - 1) / QUERIES * count, 1, search_pieces, &s);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_ann_pairs(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                     uint32_t *partner) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    fleck_axes axes;
    fleck_ann_bank bank;
    fleck_neighbour *nearest = FLECK_NEW(compute->scratch, fleck_neighbour, N);
    fleck_ann_part part = {.bank = &bank, .others = true};
    fleck_ann_rows all = {.value = rows};
    if (!nearest || !fleck_axes_fit(compute->scratch, compute, all, N, D, &axes) ||
        !fleck_ann_build(compute->scratch, compute, &axes, all, N, &bank) ||
        !fleck_ann(&axes, compute, rows, N, &part, 1, nearest))
        return false;
    for (size_t i = 0; i < N; i++) {
        uint32_t j = nearest[i].index;
        partner[i] = j != FLECK_NO_ROW && nearest[j].index == i ? j : FLECK_NO_ROW;
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
