#include "knn.h"

#include <math.h>

enum {
    QUERIES = 32,  /* of one piece of parallel work */
    COLUMNS = 512, /* bank rows of one coarse product: 64 KB of results */
};

bool fleck_bank_build(fleck_arena *arena, const fleck_kernels *kernels, const float *rows, size_t N,
                      size_t D, fleck_bank *out) {
    float *packed = FLECK_NEW(arena, float, fleck_packed_count(N, D));
    float *norm = FLECK_NEW(arena, float, N);
    if (!packed || !norm) return false;
    fleck_pack(rows, D, 1, N, D, packed);
    fleck_bank bank = {.N = N, .D = D, .rows = rows, .packed = packed, .norm = norm};
    for (size_t i = 0; i < N; i++) {
        norm[i] = kernels->dot(rows + i * D, rows + i * D, D);
        if (norm[i] > bank.norm_max) bank.norm_max = norm[i];
    }
    *out = bank;
    return true;
}

typedef struct {
    const fleck_bank *bank;
    const fleck_kernels *k;
    const float *queries;
    const fleck_row_range *skip;
    fleck_nearest *out;
    float *dots;    /* per worker [QUERIES, COLUMNS] */
    uint32_t *hits; /* per worker [COLUMNS] */
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

/* How far |b|^2 - 2ab + |a|^2 from the coarse pass and the sqdist kernel's
 * |a-b|^2 can lie apart. Both are sums of D products, each rounded; with u =
 * 2^-24 every such sum errs by less than (D + 4) u times the sum of its terms'
 * magnitudes, and those are at most (|a| + |b|)^2 on either side. */
static float coarse_margin(const fleck_bank *bank, float query_norm) {
    float reach = sqrtf(query_norm) + sqrtf(bank->norm_max);
    return 2.0f * (float)(bank->D + 4) * 0x1p-24f * reach * reach;
}

static void search_rows(const search *s, size_t query, const float *dots, uint32_t *hits,
                        size_t from, size_t columns) {
    const fleck_bank *bank = s->bank;
    const float *q = s->queries + query * bank->D, *norm = bank->norm + from;
    fleck_nearest *best = &s->out[query];
    fleck_row_range skip = s->skip ? s->skip[query] : (fleck_row_range){0, 0};
    float query_norm = s->k->dot(q, q, bank->D), margin = coarse_margin(bank, query_norm);
    float limit = best->second.distance - query_norm + margin;
    size_t count = s->k->scan_below(dots, norm, limit, hits, columns);
    for (size_t i = 0; i < count; i++) {
        uint32_t row = (uint32_t)from + hits[i];
        if (row >= skip.begin && row < skip.end) continue;
        if (norm[hits[i]] - 2 * dots[hits[i]] >= best->second.distance - query_norm + margin)
            continue; /* the second best has come nearer since the scan */
        offer(best, row, s->k->sqdist(q, bank->rows + row * bank->D, bank->D));
    }
}

static void search_piece(void *context, uint32_t worker, size_t begin, size_t end) {
    const search *s = context;
    const fleck_bank *bank = s->bank;
    float *dots = s->dots + (size_t)worker * QUERIES * COLUMNS;
    uint32_t *hits = s->hits + (size_t)worker * COLUMNS;
    const fleck_neighbour none = {FLECK_NO_ROW, INFINITY};
    for (size_t i = begin; i < end; i++) s->out[i] = (fleck_nearest){none, none};
    for (size_t from = 0; from < bank->N; from += COLUMNS) {
        size_t columns = bank->N - from < COLUMNS ? bank->N - from : COLUMNS;
        s->k->matmul(s->queries + begin * bank->D, bank->D, bank->packed + from * bank->D, NULL,
                     dots, COLUMNS, end - begin, columns, bank->D);
        for (size_t i = begin; i < end; i++)
            search_rows(s, i, dots + (i - begin) * COLUMNS, hits, from, columns);
    }
}

bool fleck_knn(const fleck_bank *bank, const fleck_tools *tools, const float *queries, size_t Q,
               const fleck_row_range *skip, fleck_nearest *out) {
    size_t workers = fleck_pool_threads(tools->pool);
    search s = {.bank = bank, .k = tools->kernels, .queries = queries, .skip = skip, .out = out};
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    s.dots = FLECK_NEW(tools->scratch, float, (workers * QUERIES * COLUMNS));
    s.hits = FLECK_NEW(tools->scratch, uint32_t, workers * COLUMNS);
    bool enough = s.dots && s.hits;
    if (enough) fleck_parallel(tools->pool, Q, QUERIES, search_piece, &s);
    fleck_arena_reset(tools->scratch, mark);
    return enough;
}

bool fleck_mutual_pairs(const fleck_tools *tools, const float *rows, size_t N, size_t D,
                        uint32_t *partner) {
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    fleck_bank bank;
    fleck_row_range *self = FLECK_NEW(tools->scratch, fleck_row_range, N);
    fleck_nearest *nearest = FLECK_NEW(tools->scratch, fleck_nearest, N);
    bool enough =
        self && nearest && fleck_bank_build(tools->scratch, tools->kernels, rows, N, D, &bank);
    if (enough) {
        for (size_t i = 0; i < N; i++) self[i] = (fleck_row_range){(uint32_t)i, (uint32_t)i + 1};
        enough = fleck_knn(&bank, tools, rows, N, self, nearest);
    }
    for (size_t i = 0; enough && i < N; i++) {
        uint32_t j = nearest[i].first.index;
        partner[i] = j != FLECK_NO_ROW && nearest[j].first.index == i ? j : FLECK_NO_ROW;
    }
    fleck_arena_reset(tools->scratch, mark);
    return enough;
}
