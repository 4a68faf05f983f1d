/* Nearest rows and mutual pairs against NumPy in float64, and, to the bit, against
 * sqdist on every row. */
#include "check.h"
#include "golden.h"
#include "knn.h"
#include "rng.h"
#include "compute_of.h"

static void check_search(golden *g, const fleck_compute *compute, unsigned D, unsigned N) {
    char key[4][32];
    static const char *const names[] = {"rows", "queries", "index", "distance"};
    for (int i = 0; i < 4; i++) snprintf(key[i], sizeof key[i], "%s_%u_%u", names[i], D, N);
    size_t row_values, query_values;
    float *rows = golden_get(g, key[0], &row_values),
          *queries = golden_get(g, key[1], &query_values);
    float *index = golden_get(g, key[2], NULL), *distance = golden_get(g, key[3], NULL);
    size_t Q = query_values / D;
    CHECK(row_values == (size_t)N * D);
    fleck_bank bank;
    fleck_nearest *nearest = FLECK_NEW(&g->arena, fleck_nearest, Q);
    CHECK(fleck_bank_build(&g->arena, compute->kernels, compute->coarse, rows, N, D, &bank));
    CHECK(fleck_knn(&bank, compute, queries, Q, NULL, nearest));
    for (size_t q = 0; q < Q; q++) {
        fleck_neighbour got[2] = {nearest[q].first, nearest[q].second};
        for (int k = 0; k < 2; k++) {
            float want = index[2 * q + k];
            if (want < 0) {
                CHECK(got[k].index == FLECK_NO_ROW && isinf(got[k].distance));
            } else {
                CHECK(got[k].index == (uint32_t)want);
                CHECK_NEAR(got[k].distance, distance[2 * q + k], 1e-5 * (1 + distance[2 * q + k]));
            }
        }
    }
}

static void check_mutual(golden *g, const fleck_compute *compute, unsigned D) {
    char key[32];
    size_t count;
    snprintf(key, sizeof key, "batch_%u", D);
    float *rows = golden_get(g, key, &count);
    snprintf(key, sizeof key, "mutual_%u", D);
    float *want = golden_get(g, key, NULL);
    uint32_t partner[64], pairs = 0;
    CHECK(count / D <= LEN(partner));
    CHECK(fleck_mutual_pairs(compute, rows, count / D, D, partner));
    for (size_t i = 0; i < count / D; i++) {
        CHECK(partner[i] == (want[i] < 0 ? FLECK_NO_ROW : (uint32_t)want[i]));
        pairs += partner[i] != FLECK_NO_ROW;
    }
    CHECK(pairs > 0);
}

/* ---- exactness ---- */

static void offer(fleck_nearest *best, fleck_neighbour row) {
    if (row.distance < best->first.distance) {
        best->second = best->first;
        best->first = row;
    } else if (row.distance < best->second.distance) {
        best->second = row;
    }
}

static bool same(fleck_neighbour a, fleck_neighbour b) {
    return a.index == b.index && a.distance == b.distance;
}

/* The search finds what sqdist on every row finds. */
static void check_exact(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                        const float *queries, size_t Q, const fleck_row_range *skip) {
    fleck_arena arena = {0};
    fleck_bank bank;
    fleck_nearest *nearest = FLECK_NEW(&arena, fleck_nearest, Q);
    CHECK(fleck_bank_build(&arena, compute->kernels, compute->coarse, rows, N, D, &bank));
    CHECK(fleck_knn(&bank, compute, queries, Q, skip, nearest));
    size_t wrong = 0;
    for (size_t q = 0; q < Q; q++) {
        fleck_nearest want = {{FLECK_NO_ROW, INFINITY}, {FLECK_NO_ROW, INFINITY}};
        for (uint32_t r = 0; r < N; r++)
            if (!skip || r < skip[q].begin || r >= skip[q].end)
                offer(&want, (fleck_neighbour){
                                 r, compute->kernels->sqdist(queries + q * D, rows + r * D, D)});
        wrong += !same(nearest[q].first, want.first) || !same(nearest[q].second, want.second);
    }
    CHECK(wrong == 0);
    fleck_arena_free(&arena);
}

/* Kinds of vectors that are hard on a coarse pass. */
typedef enum {
    GAUSSIAN,
    DUPLICATES,  /* of three rows */
    NEXT_FLOATS, /* all alike but for the last bit */
    SPHERE,      /* equally far from zero, but for rounding */
    OUTLIERS,    /* few dimensions, far greater than the others, some constant */
    MAGNITUDES,  /* from underflow to overflow of a square, row by row */
    DENORMALS,   /* all of them */
    SHORT,       /* whose squares underflow */
    LONG,        /* whose squares, or differences, overflow */
    ONE_LONG,    /* one row, which moves the mean away from the others */
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
    static const size_t counts[] = {0, 1, 2, 3, 15, 16, 17, 33, 64, 200, 513, 1100},
                        dims[] = {1, 2, 5, 15, 16, 17, 64, 97, 200, 384};
    fleck_rng rng = fleck_rng_seed(19);
    for (vector_kind kind = GAUSSIAN; kind < KINDS; kind++)
        for (size_t i = 0; i < LEN(counts); i++) {
            fleck_arena arena = {0};
            size_t N = counts[i], D = dims[(i + kind) % LEN(dims)];
            size_t Q = 1 + fleck_rng_below(&rng, N < 100 ? 700 : 100);
            float *rows = FLECK_NEW(&arena, float, N, D);
            float *queries = FLECK_NEW(&arena, float, Q, D);
            fleck_row_range *skip = FLECK_NEW(&arena, fleck_row_range, Q);
            draw_vectors(&rng, kind, N, D, rows);
            draw_vectors(&rng, kind, Q, D, queries);
            for (size_t q = 0; q < Q; q++) {
                /* from the middle of the sphere; from a row itself, and from beside it */
                for (size_t j = 0; q % 5 < 3 && j < D; j++) {
                    float row = N ? rows[q * 7 % N * D + j] : 0;
                    float v = queries[q * D + j];
                    queries[q * D + j] = q % 5 == 0   ? (kind == SPHERE ? 0 : v)
                                         : q % 5 == 1 ? row
                                                      : row + v * 1e-4f;
                }
                uint32_t begin = fleck_rng_below(&rng, (uint32_t)N + 1);
                skip[q] = (fleck_row_range){begin, begin + fleck_rng_below(&rng, 20)};
            }
            check_exact(compute, rows, N, D, queries, Q, i % 2 ? skip : NULL);
            fleck_arena_free(&arena);
        }
}

/* A row that quantisation moves straight away from the query, and the query from it, as
 * far as it can: half a step in every dimension but one, which sets the steps. Two
 * rows that are farther by a thousandth come before it. Negatives of all rows keep
 * the mean at zero. */
static void check_trap(const fleck_compute *compute) {
    enum { D = 64, N = 100, TRAP = 77 };
    size_t size = compute->coarse->size;
    /* the steps of row and query: both have query_max * row_max in dimension 0 */
    double row_step = fleck_coarse_query_max(size), query_step = fleck_coarse_row_max(size);
    fleck_rng rng = fleck_rng_seed(5);
    float rows[2 * N * D], query[D];
    for (size_t i = 0; i < N * D; i++) rows[i] = (float)(100 * row_step * fleck_rng_normal(&rng));
    rows[TRAP * D] = query[0] = (float)(row_step * query_step);
    for (size_t i = 1; i < D; i++) {
        int n = (int)fleck_rng_below(&rng, 9) - 4;
        double x = query_step * (n + 0.498);
        query[i] = (float)x;
        rows[TRAP * D + i] = (float)(row_step * (floor(x / row_step + 0.498) + 0.502));
    }
    for (size_t decoy = 2; decoy < 4; decoy++)
        for (size_t i = 0; i < D; i++)
            rows[decoy * D + i] =
                query[i] + (i % 2 ? 1.001f : -1.001f) * (rows[TRAP * D + i] - query[i]);
    for (size_t i = 0; i < N * D; i++) rows[N * D + i] = -rows[i];
    check_exact(compute, rows, (size_t)2 * N, D, query, 1, NULL);
}

/* Among 1,000 normal rows of N(0, I) and 100 anomalies of N(1.5, 2 I): the share of
 * the normals with a normal partner, of the anomalies with an anomalous one, and of
 * the rows whose partner is of the other kind. A mean of several draws, since the
 * share of only 100 anomalies strays by .05 in one. */
static void check_shares(const fleck_compute *compute, unsigned D, double normal, double anomalous,
                         double mixed) {
    enum { NORMAL = 1000, ALL = 1100, DRAWS = 40 };
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(41);
    float *rows = FLECK_NEW(&arena, float, ALL, D);
    uint32_t *partner = FLECK_NEW(&arena, uint32_t, ALL), alike[2] = {0, 0}, other = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        for (size_t i = 0; i < (size_t)ALL * D; i++) {
            rows[i] = fleck_rng_normal(&rng);
            if (i / D >= NORMAL) rows[i] = 1.5f + sqrtf(2) * rows[i];
        }
        CHECK(fleck_mutual_pairs(compute, rows, ALL, D, partner));
        for (uint32_t i = 0; i < ALL; i++) {
            if (partner[i] == FLECK_NO_ROW) continue;
            if ((partner[i] < NORMAL) == (i < NORMAL))
                alike[i >= NORMAL]++;
            else
                other++;
        }
    }
    CHECK_NEAR((double)alike[0] / (DRAWS * NORMAL), normal, 0.03);
    CHECK_NEAR((double)alike[1] / (DRAWS * (ALL - NORMAL)), anomalous, 0.03);
    CHECK_NEAR((double)other / (DRAWS * ALL), mixed, 0.03);
    fleck_arena_free(&arena);
}

/* With every coarse search, the kernels being scalar for some of them. */
static void check_coarse(golden *g, const char *kernels, const fleck_coarse *coarse) {
    static const unsigned dims[] = {20, 64}, counts[] = {1, 7, 203};
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, kernels, 2);
    compute.coarse = coarse;
    for (size_t d = 0; d < LEN(dims); d++) {
        for (size_t n = 0; n < LEN(counts); n++) check_search(g, &compute, dims[d], counts[n]);
        check_mutual(g, &compute, dims[d]);
    }
    check_kinds(&compute);
    check_trap(&compute);
    compute_free(&compute);
}

int main(void) {
    const fleck_coarse *list[FLECK_COARSE_MAX];
    size_t count = fleck_kernels_coarse(list);
    golden g = golden_open("knn.safetensors");
    check_coarse(&g, "scalar", &fleck_coarse_scalar_1);
    check_coarse(&g, "scalar", &fleck_coarse_scalar_2);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i]->name, "scalar")) check_coarse(&g, NULL, list[i]);

    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    compute.coarse = fleck_kernels_coarse_fastest(compute.kernels);
    check_shares(&compute, 2, 0.588, 0.288, 0.054);
    check_shares(&compute, 8, 0.406, 0.312, 0.006);
    check_shares(&compute, 32, 0.236, 0.266, 0.000);
    compute_free(&compute);
    golden_close(&g);
    return check_done();
}
