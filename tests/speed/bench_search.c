/* Exact nearest-neighbour search: the patches of one photo, or with --full those of
 * 32, in a bank of 20,000 rows; and the pairs of rows that are each other's nearest. */
#include "bench.h"
#include "knn.h"

enum {
    DIM = 384,
    BANK = 20000,
    QUERIES = 784,
    MANY_QUERIES = 25088,
    PAIR_ROWS = 2048,
    CENTRES = 200
};

typedef struct {
    fleck_compute compute;
    const char *coarse; /* name of the coarse search */
    size_t N, D, Q;
    float *rows, *queries;
    fleck_arena bank_arena;
    fleck_bank bank;
    fleck_nearest *nearest;
    uint32_t *partner;
} search;

static void run_build(void *context) {
    search *s = context;
    fleck_arena_free(&s->bank_arena);
    bench_check(fleck_bank_build(&s->bank_arena, s->compute.kernels, s->compute.coarse, s->rows,
                                 s->N, s->D, &s->bank),
                "not enough memory for a bank");
}

static void run_knn(void *context) {
    search *s = context;
    bench_check(fleck_knn(&s->bank, &s->compute, s->queries, s->Q, NULL, s->nearest),
                "not enough memory to search");
}

static void run_pairs(void *context) {
    search *s = context;
    bench_check(fleck_mutual_pairs(&s->compute, s->queries, s->Q, s->D, s->partner),
                "not enough memory for pairs");
}

/* Rows about some hundred centres, as features are: not all equally far. */
static float *clustered(bench *b, fleck_arena *arena, size_t rows, size_t D, const float *centres) {
    float *x = bench_floats(b, arena, rows * D);
    for (size_t i = 0; i < rows; i++) {
        const float *centre = centres + fleck_rng_below(&b->rng, CENTRES) * D;
        for (size_t d = 0; d < D; d++) x[i * D + d] += centre[d];
    }
    return x;
}

/* Operations are those of comparing everything with everything: the share of the peak
 * may pass 100 % where a search leaves some out. */
static void bench_threads(bench *b, search *s, const char *name, size_t Q, size_t N,
                          bench_run *run) {
    s->Q = Q;
    for (uint32_t t = 0; t < b->options.thread_count; t++) {
        s->compute = bench_compute(b, t);
        bench_case c = {.name = name,
                        .variant = s->coarse,
                        .pool = s->compute.pool,
                        .flop = 2.0 * (double)Q * (double)N * (double)s->D,
                        .peak = bench_peak_of_integers(s->coarse)};
        bench_time(b, &c, run, s);
    }
}

void bench_search(bench *b) {
    static const char *const build = "bank 20000x384", *const few = "nearest 784 of 20000x384",
                             *const many = "nearest 25088 of 20000x384",
                             *const pairs = "mutual pairs 2048x384";
    fleck_compute compute = bench_compute(b, 0);
    const char *variant = compute.coarse->name;
    bool full = b->options.full && bench_wanted(b, many, variant);
    if (!bench_wanted(b, build, variant) && !bench_wanted(b, few, variant) &&
        !bench_wanted(b, pairs, variant) && !full)
        return;
    fleck_arena arena = {0};
    search s = {
        .compute = compute, .coarse = variant, .N = bench_size(b, BANK), .D = bench_size(b, DIM)};
    size_t most = bench_size(b, full ? MANY_QUERIES : PAIR_ROWS),
           pair_rows = bench_size(b, PAIR_ROWS);
    float *centres = bench_floats(b, &arena, CENTRES * s.D);
    s.rows = clustered(b, &arena, s.N, s.D, centres);
    s.queries = clustered(b, &arena, most, s.D, centres);
    s.nearest = bench_alloc(&arena, most, sizeof *s.nearest);
    s.partner = bench_alloc(&arena, pair_rows, sizeof *s.partner);

    bench_group(b, "Nearest neighbours");
    run_build(&s);
    bench_time(b, &(bench_case){.name = build, .variant = variant}, run_build, &s);
    bench_threads(b, &s, few, bench_size(b, QUERIES), s.N, run_knn);
    if (full) bench_threads(b, &s, many, most, s.N, run_knn);
    bench_threads(b, &s, pairs, pair_rows, pair_rows, run_pairs);
    fleck_arena_free(&s.bank_arena);
    fleck_arena_free(&arena);
}
