/* Nearest rows and mutual pairs against NumPy in float64. */
#include "check.h"
#include "golden.h"
#include "knn.h"
#include "rng.h"
#include "tools_of.h"

static void check_search(golden *g, const fleck_tools *tools, unsigned D, unsigned N) {
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
    CHECK(fleck_bank_build(&g->arena, tools->kernels, rows, N, D, &bank));
    CHECK(fleck_knn(&bank, tools, queries, Q, NULL, nearest));
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

static void check_mutual(golden *g, const fleck_tools *tools, unsigned D) {
    char key[32];
    size_t count;
    snprintf(key, sizeof key, "batch_%u", D);
    float *rows = golden_get(g, key, &count);
    snprintf(key, sizeof key, "mutual_%u", D);
    float *want = golden_get(g, key, NULL);
    uint32_t partner[64], pairs = 0;
    CHECK(count / D <= LEN(partner));
    CHECK(fleck_mutual_pairs(tools, rows, count / D, D, partner));
    for (size_t i = 0; i < count / D; i++) {
        CHECK(partner[i] == (want[i] < 0 ? FLECK_NO_ROW : (uint32_t)want[i]));
        pairs += partner[i] != FLECK_NO_ROW;
    }
    CHECK(pairs > 0);
}

/* More rows than one coarse block, nearly all alike: the survivors of the coarse
 * pass must still be told apart as a plain loop over sqdist does. */
static void check_close_rows(const fleck_tools *tools) {
    enum { N = 1500, D = 36, Q = 40 };
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(7);
    float *rows = FLECK_NEW(&arena, float, (N * D)), *queries = FLECK_NEW(&arena, float, (Q * D));
    for (size_t i = 0; i < N * D; i++) rows[i] = 3 + 1e-5f * fleck_rng_uniform(&rng);
    for (size_t i = 0; i < Q * D; i++) queries[i] = 3 + 1e-5f * fleck_rng_uniform(&rng);
    fleck_bank bank;
    fleck_nearest nearest[Q];
    fleck_row_range skip[Q];
    for (uint32_t q = 0; q < Q; q++) skip[q] = (fleck_row_range){q * 3, q * 37};
    CHECK(fleck_bank_build(&arena, tools->kernels, rows, N, D, &bank));
    CHECK(fleck_knn(&bank, tools, queries, Q, skip, nearest));
    for (size_t q = 0; q < Q; q++) {
        fleck_neighbour best = {FLECK_NO_ROW, INFINITY};
        for (uint32_t r = 0; r < N; r++) {
            if (r >= skip[q].begin && r < skip[q].end) continue;
            float d = tools->kernels->sqdist(queries + q * D, rows + r * D, D);
            if (d < best.distance) best = (fleck_neighbour){r, d};
        }
        CHECK(nearest[q].first.index == best.index && nearest[q].first.distance == best.distance);
    }
    fleck_arena_free(&arena);
}

/* An empty bank has no rows to offer, and says so. */
static void check_empty(const fleck_tools *tools) {
    fleck_arena arena = {0};
    fleck_bank bank;
    fleck_nearest nearest;
    float query[4] = {1, 2, 3, 4};
    CHECK(fleck_bank_build(&arena, tools->kernels, query, 0, 4, &bank));
    CHECK(fleck_knn(&bank, tools, query, 1, NULL, &nearest));
    CHECK(nearest.first.index == FLECK_NO_ROW && nearest.second.index == FLECK_NO_ROW);
    fleck_arena_free(&arena);
}

/* Among 1,000 normal rows of N(0, I) and 100 anomalies of N(1.5, 2 I): the share of
 * the normals with a normal partner, of the anomalies with an anomalous one, and of
 * the rows whose partner is of the other kind. A mean of several draws, since the
 * share of only 100 anomalies strays by .05 in one. */
static void check_shares(const fleck_tools *tools, unsigned D, double normal, double anomalous,
                         double mixed) {
    enum { NORMAL = 1000, ALL = 1100, DRAWS = 40 };
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(41);
    float *rows = FLECK_NEW(&arena, float, ((size_t)ALL * D));
    uint32_t *partner = FLECK_NEW(&arena, uint32_t, ALL), alike[2] = {0, 0}, other = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        for (size_t i = 0; i < (size_t)ALL * D; i++) {
            rows[i] = fleck_rng_normal(&rng);
            if (i / D >= NORMAL) rows[i] = 1.5f + sqrtf(2) * rows[i];
        }
        CHECK(fleck_mutual_pairs(tools, rows, ALL, D, partner));
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

int main(void) {
    static const unsigned dims[] = {20, 64}, counts[] = {1, 7, 203};
    static const char *const variants[] = {"scalar", NULL};
    golden g = golden_open("knn.safetensors");
    for (size_t v = 0; v < LEN(variants); v++) {
        fleck_arena scratch = {0};
        fleck_tools tools = tools_make(&scratch, variants[v], 2);
        for (size_t d = 0; d < LEN(dims); d++) {
            for (size_t n = 0; n < LEN(counts); n++) check_search(&g, &tools, dims[d], counts[n]);
            check_mutual(&g, &tools, dims[d]);
        }
        check_close_rows(&tools);
        check_empty(&tools);
        if (!variants[v]) {
            check_shares(&tools, 2, 0.588, 0.288, 0.054);
            check_shares(&tools, 8, 0.406, 0.312, 0.006);
            check_shares(&tools, 32, 0.236, 0.266, 0.000);
        }
        tools_free(&tools);
    }
    golden_close(&g);
    return check_done();
}
