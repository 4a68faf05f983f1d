#include "knn.h"

#include <math.h>
#include <string.h>

/* Why no row is missed
 *
 * Of a query q and a row b, let x and y be what is left when the bank's centre is
 * taken off, and X and Y their quantised versions, scale * integers. Then
 *
 *   |q - b| >= |X - Y| - |x - X| - |y - Y|,
 *
 * which is far sharper than a bound on the product for rows that are near: it does
 * not grow with |q|. With errors e >= |x - X|, f >= |y - Y| and a distance L that the
 * row must be beaten by, |q - b| > L holds where |X - Y| > L + e + f, that is, with
 * reach = L + e, where
 *
 *   (|Y|^2 - f^2) - (2 f reach + 2 X Y) > reach^2 - |X|^2.
 *
 * The brackets on the left are the kernel's v, with low = |Y|^2 - f^2 and slope = 2 f;
 * the right side is its limit. XY is exact but for the scales.
 *
 * Roundings, with u = 2^-24: centring moves a vector by less than u of its length;
 * residuals and sqdist are sums of D squares, each rounded less than D + 4 times, so
 * that their share of error is below (D + 4) u, to which comes up to 2^-149 for each
 * term that underflows. These go into e, f and L. v takes 7 roundings of terms that
 * add up to less than 2 (|X|^2 + |Y|^2 + f^2 + reach^2); low is set lower, and limit
 * higher, by 2^-19 = 32 u of their parts of that, and by what underflow can take.
 *
 * Vectors too long for squares in float32 have an infinite error: low is then minus
 * infinity, or limit is not a number, and the kernel hits. */

enum {
    QUERIES = 256,  /* at most, of one piece of work, which reads the whole bank */
    COLUMNS = 1024, /* bank rows of one coarse pass */
    PANELS = COLUMNS / FLECK_PANEL,
};

#define SQUARE_MAX 1e36f
#define ROUNDING 0x1p-19
#define UNDERFLOW 0x1p-120

/* A centred vector in integers. */
typedef struct {
    float scale;
    double square; /* of the quantised vector's length */
    double error;  /* at least the distance to the true one */
} quantised;

/* Room to quantise in. */
typedef struct {
    float *centred, *back; /* [D] */
    int16_t *integers;     /* [depth] */
} room;

static bool room_make(fleck_arena *arena, size_t D, room *out) {
    *out = (room){FLECK_NEW(arena, float, D), FLECK_NEW(arena, float, D),
                  FLECK_NEW(arena, int16_t, fleck_depth(D))};
    return out->centred && out->back && out->integers;
}

/* The greatest distance between vectors whose squared distance the sqdist kernel, or
 * sqrt of dot, gives as squared: infinite where nothing is known. */
static double distance_max(double squared, size_t D) {
    double share = ((double)D + 4) * 0x1p-24;
    if (share >= 0.5) return INFINITY;
    return sqrt((squared + (double)D * 0x1p-149) / (1 - share));
}

/* x [D] less centre -> integers of at most that magnitude in r->integers. */
static quantised quantise(const fleck_kernels *k, size_t size, const float *x, const float *centre,
                          size_t D, int16_t max, const room *r) {
    size_t depth = fleck_depth(D);
    for (size_t i = 0; i < D; i++) r->centred[i] = x[i] - centre[i];
    float length = k->dot(r->centred, r->centred, D);
    quantised v = {.error = INFINITY};
    if (!(length < SQUARE_MAX)) {
        memset(r->integers, 0, depth * sizeof *r->integers);
        return v;
    }
    for (;;) {
        v.scale = k->quantise_i16(r->centred, D, max, r->integers);
        double load = fleck_coarse_load(size, r->integers, depth, &v.square);
        if (load <= 1) break;
        max = (int16_t)fmin(max - 1, max / sqrt(load));
    }
    v.square *= (double)v.scale * v.scale;
    for (size_t i = 0; i < D; i++) r->back[i] = v.scale * (float)r->integers[i];
    v.error = distance_max(k->sqdist(r->centred, r->back, D), D) +
              0x1p-22 * (distance_max(length, D) + sqrt(v.square));
    return v;
}

bool fleck_bank_build(fleck_arena *arena, const fleck_kernels *kernels, const fleck_coarse *coarse,
                      const float *rows, size_t N, size_t D, fleck_bank *out) {
    if (!coarse) coarse = fleck_kernels_coarse_usual(kernels);
    size_t panels = fleck_packed_count(N, 1) / FLECK_PANEL, wide = panels * FLECK_PANEL;
    size_t depth = fleck_depth(D), panel_size = fleck_coarse_panel_size(coarse->size, depth);
    float *centre = FLECK_NEW(arena, float, D);
    uint8_t *packed = FLECK_NEW(arena, uint8_t, panels, panel_size);
    float *scale = FLECK_NEW(arena, float, wide);
    float *low = FLECK_NEW(arena, float, wide), *slope = FLECK_NEW(arena, float, wide);
    if (!centre || !packed || !scale || !low || !slope) return false;

    fleck_arena_mark mark = fleck_arena_here(arena);
    double *sum = FLECK_NEW_ZERO(arena, double, D);
    int16_t *panel = FLECK_NEW(arena, int16_t, FLECK_PANEL, depth);
    room r;
    bool enough = room_make(arena, D, &r) && sum && panel;
    for (size_t i = 0; enough && i < N; i++)
        for (size_t j = 0; j < D; j++) sum[j] += rows[i * D + j];
    for (size_t j = 0; enough && j < D; j++) centre[j] = N ? (float)(sum[j] / (double)N) : 0;

    for (size_t i = 0; enough && i < N; i++) {
        quantised v = quantise(kernels, coarse->size, rows + i * D, centre, D,
                               fleck_coarse_row_max(coarse->size), &r);
        double error2 = v.error * v.error;
        scale[i] = v.scale;
        low[i] = (float)(v.square - error2 - ROUNDING * (v.square + error2) - UNDERFLOW);
        slope[i] = (float)(2 * (1 + ROUNDING) * v.error + UNDERFLOW);
        size_t at = i % FLECK_PANEL;
        memcpy(panel + at * depth, r.integers, depth * sizeof *panel);
        if (at + 1 == FLECK_PANEL || i + 1 == N)
            fleck_coarse_pack(coarse->size, panel, at + 1, depth,
                              packed + i / FLECK_PANEL * panel_size);
    }
    for (size_t i = N; i < wide; i++) scale[i] = slope[i] = 0, low[i] = INFINITY;
    fleck_arena_reset(arena, mark);
    if (!enough) return false;
    *out = (fleck_bank){.N = N,
                        .D = D,
                        .rows = rows,
                        .centre = centre,
                        .coarse = coarse,
                        .packed = {packed, scale, low, slope}};
    return true;
}

/* What a worker searches with. */
typedef struct {
    room room;
    uint8_t *q;               /* [QUERIES, depth * size] */
    quantised query[QUERIES]; /* what q is */
    float scale[QUERIES], reach[QUERIES], limit[QUERIES];
    uint16_t hits[QUERIES][PANELS];
} bench;

typedef struct {
    const fleck_bank *bank;
    const fleck_coarse *coarse;
    const fleck_kernels *k;
    const float *queries;
    const fleck_row_range *skip;
    fleck_nearest *out;
    bench *benches; /* one a worker */
} search;

/* Keeps the better two. Rows come in ascending order, so that a strict
 * comparison leaves equal distances to the lower index. */
static void offer(fleck_nearest *best, uint32_t index, float distance) {
    if (distance < best->first.distance) {
        best->second = best->first;
        best->first = (fleck_neighbour){index, distance};
    } else if (distance < best->second.distance) {
        best->second = (fleck_neighbour){index, distance};
    }
}

/* Measures the rows of the panels that were hit. */
static void measure(const search *s, size_t query, size_t from, const uint16_t *hits,
                    size_t panels) {
    const fleck_bank *bank = s->bank;
    const float *q = s->queries + query * bank->D;
    fleck_row_range skip = s->skip ? s->skip[query] : (fleck_row_range){0, 0};
    for (size_t p = 0; p < panels; p++) {
        uint32_t row = (uint32_t)(from + p * FLECK_PANEL);
        for (unsigned mask = hits[p]; mask; mask >>= 1, row++)
            if ((mask & 1) && row < bank->N && !(row >= skip.begin && row < skip.end))
                offer(&s->out[query], row, s->k->sqdist(q, bank->rows + row * bank->D, bank->D));
    }
}

/* Distances of the second best are known from earlier rows. */
static void set_limits(const search *s, bench *b, size_t begin, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const quantised *v = &b->query[i];
        double reach = distance_max(s->out[begin + i].second.distance, s->bank->D) + v->error;
        reach *= 1 + ROUNDING;
        b->reach[i] = (float)(reach + UNDERFLOW);
        double reach2 = reach * reach;
        b->limit[i] = (float)(reach2 - v->square + ROUNDING * (reach2 + v->square) + UNDERFLOW);
    }
}

static void search_piece(void *context, uint32_t worker, size_t begin, size_t end) {
    const search *s = context;
    const fleck_bank *bank = s->bank;
    size_t size = bank->coarse->size, depth = fleck_depth(bank->D), count = end - begin;
    bench *b = &s->benches[worker];
    const fleck_neighbour none = {FLECK_NO_ROW, INFINITY};
    for (size_t i = 0; i < count; i++) {
        s->out[begin + i] = (fleck_nearest){none, none};
        b->query[i] = quantise(s->k, size, s->queries + (begin + i) * bank->D, bank->centre,
                               bank->D, fleck_coarse_query_max(size), &b->room);
        b->scale[i] = b->query[i].scale;
        fleck_coarse_encode(size, b->room.integers, depth, b->q + i * depth * size);
    }
    /* The first rows are all hits, so the passes start short: each is as long as all
     * before it. */
    size_t panel_size = fleck_coarse_panel_size(size, depth), columns;
    for (size_t from = 0; from < bank->N; from += columns) {
        columns = from < FLECK_PANEL ? FLECK_PANEL : from < COLUMNS ? from : COLUMNS;
        size_t left = fleck_packed_count(bank->N - from, 1);
        size_t first = from / FLECK_PANEL, panels = (columns < left ? columns : left) / FLECK_PANEL;
        fleck_coarse_rows rows = {(const uint8_t *)bank->packed.panels + first * panel_size,
                                  bank->packed.scale + from, bank->packed.low + from,
                                  bank->packed.slope + from};
        set_limits(s, b, begin, count);
        s->coarse->scan((fleck_coarse_queries){b->q, b->scale, b->reach, b->limit}, rows,
                        b->hits[0], PANELS, count, panels, depth);
        for (size_t i = 0; i < count; i++) measure(s, begin + i, from, b->hits[i], panels);
    }
}

/* Pieces of about the same size, as many for each worker; even, since the kernels take
 * two queries at once. */
static size_t queries_of_piece(size_t Q, size_t workers) {
    size_t rounds = (Q + QUERIES * workers - 1) / (QUERIES * workers);
    size_t pieces = rounds * workers;
    return pieces ? (Q + 2 * pieces - 1) / (2 * pieces) * 2 : QUERIES;
}

bool fleck_knn(const fleck_bank *bank, const fleck_compute *compute, const float *queries, size_t Q,
               const fleck_row_range *skip, fleck_nearest *out) {
    size_t workers = fleck_pool_threads(compute->pool);
    search s = {.bank = bank,
                .coarse = bank->coarse,
                .k = compute->kernels,
                .queries = queries,
                .skip = skip,
                .out = out};
    if (compute->coarse && compute->coarse->size == bank->coarse->size) s.coarse = compute->coarse;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    s.benches = FLECK_NEW(compute->scratch, bench, workers);
    bool enough = s.benches;
    for (size_t i = 0; enough && i < workers; i++) {
        bench *b = &s.benches[i];
        b->q =
            FLECK_NEW(compute->scratch, uint8_t, QUERIES, bank->coarse->size, fleck_depth(bank->D));
        enough = room_make(compute->scratch, bank->D, &b->room) && b->q;
    }
    if (enough) fleck_parallel(compute->pool, Q, queries_of_piece(Q, workers), search_piece, &s);
    fleck_arena_reset(compute->scratch, mark);
    return enough;
}

bool fleck_mutual_pairs(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                        uint32_t *partner) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    fleck_bank bank;
    fleck_row_range *self = FLECK_NEW(compute->scratch, fleck_row_range, N);
    fleck_nearest *nearest = FLECK_NEW(compute->scratch, fleck_nearest, N);
    bool enough = self && nearest &&
                  fleck_bank_build(compute->scratch, compute->kernels, NULL, rows, N, D, &bank);
    if (enough) {
        for (size_t i = 0; i < N; i++) self[i] = (fleck_row_range){(uint32_t)i, (uint32_t)i + 1};
        enough = fleck_knn(&bank, compute, rows, N, self, nearest);
    }
    for (size_t i = 0; enough && i < N; i++) {
        uint32_t j = nearest[i].first.index;
        partner[i] = j != FLECK_NO_ROW && nearest[j].first.index == i ? j : FLECK_NO_ROW;
    }
    fleck_arena_reset(compute->scratch, mark);
    return enough;
}
