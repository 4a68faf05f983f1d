#include "check.h"
#include "golden.h"
#include "metrics.h"

#include <string.h>

typedef bool (*ranking_metric)(fleck_arena *, const float *, const uint8_t *, size_t, double *);

static double value_of(ranking_metric metric, fleck_arena *scratch, const float *score,
                       const uint8_t *label, size_t n) {
    double value = -1;
    CHECK(metric(scratch, score, label, n, &value));
    return value;
}

static double aupro(fleck_arena *scratch, const float *heat, const uint8_t *mask, size_t n,
                    size_t height, size_t width, double limit) {
    double value = -1;
    CHECK(fleck_aupro(scratch, heat, mask, n, height, width, limit, &value));
    return value;
}

static double expected(const golden *g, const char *metric, const char *name) {
    char key[120];
    snprintf(key, sizeof key, "%s.%s", metric, name);
    const char *value = fleck_weights_meta(&g->weights, key);
    CHECK(value);
    return value ? strtod(value, NULL) : (double)NAN;
}

/* 1e-9: doubles summed in another order than the reference's. */
static void test_against_scikit_learn(golden *g, fleck_arena *scratch) {
    static const char *names[] = {"random",  "good",     "ties",     "all_equal",
                                  "perfect", "reversed", "infinite", "two"};
    for (size_t i = 0; i < LEN(names); i++) {
        size_t n;
        float *score = golden_get(g, &n, "score.%s", names[i]);
        const uint8_t *label = golden_tensor(g, "label.%s", names[i])->data;
        CHECK_NEAR(value_of(fleck_auroc, scratch, score, label, n), expected(g, "auroc", names[i]),
                   1e-9);
        CHECK_NEAR(value_of(fleck_average_precision, scratch, score, label, n),
                   expected(g, "ap", names[i]), 1e-9);
        CHECK_NEAR(value_of(fleck_f1_max, scratch, score, label, n), expected(g, "f1max", names[i]),
                   1e-9);
    }
}

static void test_aupro(golden *g, fleck_arena *scratch) {
    static const char *maps[] = {"fine", "ties", "coarse", "flat"};
    static const char *limits[] = {"0.05", "0.3", "1.0"};
    const fleck_tensor *mask = golden_tensor(g, "mask");
    for (size_t i = 0; i < LEN(maps); i++)
        for (size_t k = 0; k < LEN(limits); k++) {
            float *heat = golden_get(g, NULL, "heat.%s", maps[i]);
            char name[40];
            snprintf(name, sizeof name, "%s.%s", maps[i], limits[k]);
            CHECK_NEAR(aupro(scratch, heat, mask->data, mask->shape[0], mask->shape[1],
                             mask->shape[2], strtod(limits[k], NULL)),
                       expected(g, "aupro", name), 1e-9);
        }
}

/* A map that is the mask covers every region before any normal pixel; pixels
 * that touch at a corner are one region. */
static void test_aupro_by_hand(fleck_arena *scratch) {
    static const uint8_t mask[] = {
        1, 0, 0, 0, 0, /* a diagonal of three and, apart, a single pixel */
        0, 1, 0, 0, 0, /**/
        0, 0, 1, 0, 1,
    };
    float heat[15];
    for (size_t i = 0; i < 15; i++) heat[i] = mask[i];
    CHECK_NEAR(aupro(scratch, heat, mask, 1, 3, 5, 0.3), 1.0, 1e-12);
    heat[14] = -1.0f; /* never found: half of the two regions */
    CHECK_NEAR(aupro(scratch, heat, mask, 1, 3, 5, 0.3), 0.5, 1e-12);
    CHECK_NEAR(aupro(scratch, heat, mask, 1, 15, 1, 1.0), 0.75, 1e-12); /* four regions */
}

static void test_undefined(fleck_arena *scratch) {
    static const ranking_metric metrics[] = {fleck_auroc, fleck_average_precision, fleck_f1_max};
    static const float score[] = {0.1f, 0.2f, 0.3f}, broken[] = {0.1f, NAN, 0.3f};
    static const uint8_t none[] = {0, 0, 0}, all[] = {1, 1, 1}, mixed[] = {0, 0, 1};
    for (size_t i = 0; i < LEN(metrics); i++) {
        CHECK(isnan(value_of(metrics[i], scratch, score, none, 3)));
        CHECK(isnan(value_of(metrics[i], scratch, score, all, 3)));
        CHECK(isnan(value_of(metrics[i], scratch, score, mixed, 0)));
        CHECK(isnan(value_of(metrics[i], scratch, broken, mixed, 3)));
        CHECK_NEAR(value_of(metrics[i], scratch, score, mixed, 3), 1.0, 0.0);
    }
    CHECK(isnan(aupro(scratch, score, none, 1, 1, 3, 0.3)));
    CHECK(isnan(aupro(scratch, score, all, 1, 1, 3, 0.3)));
    CHECK(isnan(aupro(scratch, broken, mixed, 1, 1, 3, 0.3)));
    CHECK(isnan(aupro(scratch, score, mixed, 0, 1, 3, 0.3)));
    CHECK(isnan(aupro(scratch, score, mixed, 1, 1, 3, 0.0)));
    CHECK(isnan(aupro(scratch, score, mixed, 1, 1, 3, 1.5)));
}

/* What does not fit into memory is no undefined metric. */
static void test_no_memory(fleck_arena *scratch) {
    static const ranking_metric metrics[] = {fleck_auroc, fleck_average_precision, fleck_f1_max};
    static const float score[] = {0.1f};
    static const uint8_t label[] = {1};
    static const size_t counts[] = {SIZE_MAX / 8, SIZE_MAX / 4, SIZE_MAX};
    double value = 7;
    for (size_t n = 0; n < LEN(counts); n++) {
        for (size_t i = 0; i < LEN(metrics); i++)
            CHECK(!metrics[i](scratch, score, label, counts[n], &value));
        CHECK(!fleck_aupro(scratch, score, label, 1, 1, counts[n], 0.3, &value));
        CHECK(!fleck_aupro(scratch, score, label, counts[n], 2, 3, 0.3, &value));
    }
    CHECK_NEAR(value, 7.0, 0.0);
    fleck_arena_free(scratch); /* a failure leaves what it took to the owner */
}

/* Scratch memory is given back, also when there was none before. */
static void test_memory(fleck_arena *scratch) { CHECK(!fleck_arena_here(scratch).chunk); }

int main(void) {
    golden g = golden_open("metrics.safetensors");
    fleck_arena scratch = {0};
    test_against_scikit_learn(&g, &scratch);
    test_aupro(&g, &scratch);
    test_aupro_by_hand(&scratch);
    test_undefined(&scratch);
    test_no_memory(&scratch);
    test_memory(&scratch);
    fleck_arena_free(&scratch);
    golden_close(&g);
    return check_done();
}
