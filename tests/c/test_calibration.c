/* Robust statistics, and the scale of levels and scores. */
#include "calibration.h"
#include "check.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void test_statistics(void) {
    float odd[] = {5, 1, 9}, even[] = {4, 1, 2, 9}, top[] = {1, 7, 3, 5};
    CHECK(fleck_median(odd, 3) == 5);
    CHECK(fleck_median(even, 4) == 3);
    CHECK(fleck_top_mean(top, 4, 2) == 6);
    CHECK(fleck_top_mean(top, 4, 0) == 7);
    CHECK(fleck_top_mean(top, 4, 9) == 4);
    /* outliers below half move neither center nor spread by much */
    float clean[] = {1, 2, 3, 4, 5}, dirty[] = {1, 2, 3, 4, 5000};
    fleck_robust a = fleck_robust_fit(clean, 5), b = fleck_robust_fit(dirty, 5);
    CHECK(a.center == 3 && b.center == 3);
    CHECK_NEAR(a.spread, 1.4826, 1e-6);
    CHECK_NEAR(b.spread, 1.4826, 1e-6);
    float same[] = {2, 2, 2};
    CHECK(fleck_robust_fit(same, 3).spread > 0);
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Every k of many orders and many equal values, against the C library's sort. */
static void test_select(void) {
    fleck_rng rng = fleck_rng_seed(3);
    for (uint32_t n = 1; n <= 40; n++)
        for (uint32_t kind = 0; kind < 5; kind++)
            for (uint32_t k = 0; k < n; k++) {
                float values[40], sorted[40];
                for (uint32_t i = 0; i < n; i++)
                    values[i] = kind == 0   ? (float)i
                                : kind == 1 ? (float)(n - i)
                                : kind == 2 ? (float)(i < n / 2 ? i : n - i)
                                            : (float)fleck_rng_below(&rng, kind == 3 ? 3 : 1000);
                memcpy(sorted, values, sizeof sorted);
                qsort(sorted, n, sizeof *sorted, ascending);
                CHECK(fleck_select(values, n, k) == sorted[k] && values[k] == sorted[k]);
                for (uint32_t i = 0; i < n; i++)
                    CHECK(i < k ? values[i] <= values[k] : values[i] >= values[k]);
                qsort(values, n, sizeof *values, ascending);
                CHECK(!memcmp(values, sorted, n * sizeof *values));
            }
}

/* In [0, 1), rising, one half at 1. */
static void test_score(void) {
    CHECK(fleck_score_of_strength(1) == 0.5f && fleck_score_of_strength(0) == 0);
    float last = -1;
    for (int i = 0; i <= 60; i++) {
        float s = fleck_score_of_strength((float)i / 10);
        CHECK(s > last && s < 1);
        last = s;
    }
    CHECK(fleck_score_of_strength(1e30f) < 1 && fleck_score_of_strength(1e30f) >= last);
    CHECK(fleck_photo_level(9) == 3 && fleck_photo_level(-1) == 0);
}

/* Good photos are the measure, whatever the others are. */
static void test_level_scale(void) {
    fleck_arena scratch = {0};
    float level[90], same[3] = {4, 4, 4}, zero[3] = {0}, one[1] = {2},
                     logit[5] = {-5, -4, -3, -2, 9};
    fleck_level_scale good, bad, s;
    for (size_t i = 0; i < LEN(level); i++) level[i] = 2 + (float)(i % 3);
    CHECK(fleck_level_scale_of(&scratch, level, LEN(level), &good));
    CHECK(good.zero == 0);
    /* 2 and 3 are the lowest two thirds, quartiles are 2 and 4 */
    CHECK_NEAR(good.defect, 2.5 * (1 + 0.9 * pow(2 / 2.5, 0.25)), 1e-6);
    /* thirty that are beyond it are no part of the scale: the others are 2 and 3 */
    for (size_t i = 0; i < LEN(level); i++)
        if (level[i] == 4) level[i] = 400;
    CHECK(fleck_level_scale_of(&scratch, level, LEN(level), &bad));
    CHECK_NEAR(bad.defect, 2.25 * (1 + 0.9 * pow(1 / 2.25, 0.25)), 1e-6);
    /* but more than half are never left out */
    for (size_t i = 0; i < LEN(level); i++) level[i] = i < 40 ? 1 : 400;
    CHECK(fleck_level_scale_of(&scratch, level, LEN(level), &bad) && bad.defect > 100);
    CHECK(fleck_level_strength(good, good.defect) == 1 && fleck_level_strength(good, -3) == 0);
    /* twice the levels, twice the scale: scores mean the same */
    CHECK(fleck_level_scale_of(&scratch, same, 3, &s));
    CHECK_NEAR(s.defect, 4 * (1 + 0.9 * pow(0.01, 0.25)), 1e-6); /* never narrower */
    CHECK(fleck_level_scale_of(&scratch, one, 1, &s));
    CHECK_NEAR(s.defect, 2 * (1 + 0.9 * pow(0.01, 0.25)), 1e-6);
    CHECK(fleck_level_scale_of(&scratch, zero, 3, &s) && s.defect > 0);
    CHECK(fleck_level_scale_of_logits(&scratch, logit, 5, &s));
    CHECK_NEAR(s.defect, -3 + 3 * 1.4826, 1e-5);
    CHECK(fleck_level_strength(s, -3) == 0);
    fleck_arena_free(&scratch);
}

/* None where none is found; otherwise the looks that good photos do not explain are defects. */
static void test_count(void) {
    fleck_defect_count c = fleck_count_defects(100, 0, 6, 0);
    CHECK(c.estimate == 0 && c.least == 0 && c.most == 6);
    c = fleck_count_defects(100, 5, 5, 3); /* of 90 others 4 may be looks */
    CHECK(c.estimate == 6 && c.least == 3 && c.most == 10);
    c = fleck_count_defects(100, 5, 15, 5); /* of 80 others 4 */
    CHECK(c.estimate == 16 && c.least == 5 && c.most == 20);
}

int main(void) {
    test_select();
    test_statistics();
    test_score();
    test_count();
    test_level_scale();
    return check_done();
}
