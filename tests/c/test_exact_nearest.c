/* The exact search against sqdist on every row, to the bit. */
#include "check.h"
#include "exact_nearest.h"
#include "rng.h"
#include "compute_of.h"

static void offer(fleck_nearest *best, fleck_neighbour row) {
    if (row.distance < best->first.distance) {
        best->second = best->first;
        best->first = row;
    } else if (row.distance < best->second.distance) {
        best->second = row;
    }
}

/* Every row measured. */
static fleck_nearest nearest_of_all(const fleck_compute *compute, const float *rows, size_t N,
                                    size_t D, const float *query, size_t but) {
    fleck_nearest best = {{FLECK_NO_ROW, INFINITY}, {FLECK_NO_ROW, INFINITY}};
    for (uint32_t r = 0; r < N; r++)
        if (r != but)
            offer(&best, (fleck_neighbour){r, compute->kernels->sqdist(query, rows + r * D, D)});
    return best;
}

static bool same(fleck_neighbour a, fleck_neighbour b) {
    return a.index == b.index && a.distance == b.distance;
}

static void check_search(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                         const float *queries, size_t Q) {
    fleck_arena arena = {0};
    fleck_nearest *got = FLECK_NEW(&arena, fleck_nearest, Q);
    CHECK(fleck_exact_nearest(compute, rows, N, D, queries, Q, false, got));
    size_t wrong = 0;
    for (size_t q = 0; q < Q; q++) {
        fleck_nearest want = nearest_of_all(compute, rows, N, D, queries + q * D, SIZE_MAX);
        wrong += !same(got[q].first, want.first) || !same(got[q].second, want.second);
    }
    CHECK(wrong == 0);
    fleck_arena_free(&arena);
}

/* Each row but itself, and mutual pairs. */
static void check_others(const fleck_compute *compute, const float *rows, size_t N, size_t D) {
    fleck_arena arena = {0};
    fleck_nearest *got = FLECK_NEW(&arena, fleck_nearest, N);
    fleck_nearest *want = FLECK_NEW(&arena, fleck_nearest, N);
    uint32_t *partner = FLECK_NEW(&arena, uint32_t, N);
    CHECK(fleck_exact_nearest(compute, rows, N, D, rows, N, true, got));
    CHECK(fleck_exact_pairs(compute, rows, N, D, partner));
    size_t wrong = 0;
    for (size_t i = 0; i < N; i++) {
        want[i] = nearest_of_all(compute, rows, N, D, rows + i * D, i);
        wrong += !same(got[i].first, want[i].first) || !same(got[i].second, want[i].second);
    }
    for (size_t i = 0; i < N; i++) {
        uint32_t other = want[i].first.index;
        bool mutual = other != FLECK_NO_ROW && want[other].first.index == i;
        wrong += partner[i] != (mutual ? other : FLECK_NO_ROW);
    }
    CHECK(wrong == 0);
    fleck_arena_free(&arena);
}

/* Kinds of vectors that are hard on products in float32. */
typedef enum {
    GAUSSIAN,
    DUPLICATES,  /* of three rows */
    NEXT_FLOATS, /* all alike but for the last bit */
    FAR,         /* from zero, compared with what they differ by */
    SPHERE,      /* equally far from zero, but for rounding */
    OUTLIERS,    /* few dimensions, far greater than the others, some constant */
    MAGNITUDES,  /* from underflow to overflow of a square, row by row */
    DENORMALS,   /* all of them */
    SHORT,       /* whose squares underflow */
    LONG,        /* whose squares, or differences, overflow */
    LONG_NEAR,   /* whose squares overflow, those of differences not */
    ONE_LONG,    /* one row */
    ZEROS,
    KINDS
} vector_kind;

static void draw_vectors(fleck_rng *rng, vector_kind kind, size_t n, size_t D, float *x) {
    for (size_t i = 0; i < n; i++) {
        float *row = x + i * D, magnitude = ldexpf(1, (int)fleck_rng_below(rng, 240) - 130);
        fleck_rng copy = fleck_rng_seed(fleck_rng_below(rng, 3));
        double square = 0;
        for (size_t j = 0; j < D; j++) {
            float v = fleck_rng_normal(kind == DUPLICATES ? &copy : rng);
            square += (double)v * v;
            if (kind == NEXT_FLOATS)
                v = nextafterf(1 + (float)(j % 5), v < 0 ? 0.0f : 9.0f);
            else if (kind == FAR)
                v = 100 + v * 0.01f;
            else if (kind == OUTLIERS)
                v = j % 8 == 1 ? 5000 * v : j % 8 == 2 ? 40 * v + 3000 : v;
            else if (kind == MAGNITUDES)
                v *= magnitude;
            else if (kind == DENORMALS)
                v *= 1e-42f;
            else if (kind == SHORT)
                v *= 1e-23f;
            else if (kind == LONG)
                v *= i % 3 ? 3e37f : 1e18f;
            else if (kind == LONG_NEAR)
                v = 1e20f * (1 + 1e-6f * v);
            else if (kind == ONE_LONG)
                v *= i == n / 2 ? 1e15f : 1;
            else if (kind == ZEROS)
                v = 0;
            row[j] = v;
        }
        for (size_t j = 0; kind == SPHERE && j < D; j++) row[j] = (float)(row[j] / sqrt(square));
    }
}

static void check_kinds(const fleck_compute *compute) {
    static const size_t counts[] = {0, 1, 2, 3, 15, 16, 17, 33, 64, 200, 511, 512, 513, 1100},
                        dims[] = {1, 2, 3, 4, 5, 15, 16, 17, 64, 97, 200, 384},
                        query_counts[] = {0, 1, 31, 32, 33, 70};
    fleck_rng rng = fleck_rng_seed(19);
    for (vector_kind kind = GAUSSIAN; kind < KINDS; kind++)
        for (size_t i = 0; i < LEN(counts); i++) {
            fleck_arena arena = {0};
            size_t N = counts[i], D = dims[(i + kind) % LEN(dims)];
            size_t Q = query_counts[(i + 2 * kind) % LEN(query_counts)];
            float *rows = FLECK_NEW(&arena, float, N, D);
            float *queries = FLECK_NEW(&arena, float, Q, D);
            draw_vectors(&rng, kind, N, D, rows);
            draw_vectors(&rng, kind, Q, D, queries);
            for (size_t q = 0; q < Q; q++)
                /* from the middle of the sphere; from a row itself, and from beside it */
                for (size_t j = 0; q % 5 < 3 && j < D; j++) {
                    float row = N ? rows[q * 7 % N * D + j] : 0;
                    float v = queries[q * D + j];
                    queries[q * D + j] = q % 5 == 0   ? (kind == SPHERE ? 0 : v)
                                         : q % 5 == 1 ? row
                                                      : row + v * 1e-4f;
                }
            check_search(compute, rows, N, D, queries, Q);
            if (N <= 64 || D <= 16) check_others(compute, rows, N, D); /* in a short time */
            fleck_arena_free(&arena);
        }
}

/* Two rows alike and a third: the pair is those two; of three alike, the first two. */
static void check_ties(const fleck_compute *compute) {
    const float two[] = {1, 2, 5, 5, 1, 2}, three[] = {3, 3, 3, 3, 3, 3};
    uint32_t partner[3];
    CHECK(fleck_exact_pairs(compute, two, 3, 2, partner));
    CHECK(partner[0] == 2 && partner[1] == FLECK_NO_ROW && partner[2] == 0);
    CHECK(fleck_exact_pairs(compute, three, 3, 2, partner));
    CHECK(partner[0] == 1 && partner[1] == 0 && partner[2] == FLECK_NO_ROW);
    fleck_nearest nearest;
    CHECK(fleck_exact_nearest(compute, three, 3, 2, three, 1, false, &nearest));
    CHECK(nearest.first.index == 0 && nearest.second.index == 1 && nearest.second.distance == 0);
}

int main(void) {
    static const char *const kernels[] = {"scalar", NULL};
    for (uint32_t i = 0; i < LEN(kernels); i++) {
        fleck_arena scratch = {0};
        fleck_compute compute = compute_make(&scratch, kernels[i], 1 + 2 * i);
        check_kinds(&compute);
        check_ties(&compute);
        compute_free(&compute);
    }
    return check_done();
}
