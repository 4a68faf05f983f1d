/* Robust statistics, and the scale of levels and scores. */
#include "calibration.h"
#include "check.h"
#include "rng.h"

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

/* In (0, 1), rising, one half at three deviations, whatever the size of the level. */
static void test_calibrate(void) {
    fleck_robust scale = {10, 2};
    CHECK_NEAR(fleck_calibrate(scale, 16), 0.5, 1e-6);
    CHECK(fleck_calibrate(scale, 10) < 0.01f);
    static const float levels[] = {-1e30f, -1e6f, -100, 0, 9, 10, 11, 16, 17, 18, 50};
    float last = -1;
    for (size_t i = 0; i < LEN(levels); i++) {
        float s = fleck_calibrate(scale, levels[i]);
        CHECK(s >= 0 && s < 1);
        CHECK(s > last || (i && levels[i] < 0));
        last = s;
    }
    CHECK(fleck_calibrate(scale, 1e30f) < 1 && fleck_calibrate(scale, 1e30f) >= last);
    CHECK(fleck_photo_level(9) == 3 && fleck_photo_level(-1) == 0);
}

/* A clean folder has a few levels beyond two deviations, a contaminated one more. */
static void test_outliers(void) {
    fleck_robust scale = {10, 2};
    CHECK(!fleck_outlier(scale, 14) && fleck_outlier(scale, 14.1f) && !fleck_outlier(scale, 0));
    float level[100];
    for (size_t i = 0; i < LEN(level); i++) level[i] = i < 5 ? 20 : 10;
    CHECK(fleck_excess_outliers(scale, level, LEN(level)) == 0);
    level[5] = 20;
    CHECK(fleck_excess_outliers(scale, level, LEN(level)) > 0);
}

/* Many defects widen the spread of all levels; a bound keeps that of the good ones. */
static void test_level_scale(void) {
    fleck_arena scratch = {0};
    float level[100], alike[3] = {4, 4, 4}, zero[3] = {0};
    for (size_t i = 0; i < LEN(level); i++) level[i] = i < 60 ? 9 + (float)(i % 3) : 20;
    fleck_robust loose, bound;
    CHECK(fleck_level_scale(&scratch, level, LEN(level), 0, &loose));
    CHECK(fleck_level_scale(&scratch, level, LEN(level), 0.1f, &bound));
    CHECK(loose.center == 11 && bound.center == 11);
    CHECK_NEAR(loose.spread, 1.4826 * 2, 1e-5);
    CHECK_NEAR(bound.spread, 1.1, 1e-6);
    /* never narrower than photos that are nearly equal allow */
    CHECK(fleck_level_scale(&scratch, alike, 3, 0.1f, &bound) && bound.spread == 0.2f);
    CHECK(fleck_level_scale(&scratch, zero, 3, 0.1f, &bound) && bound.spread > 0);
    fleck_arena_free(&scratch);
}

int main(void) {
    test_select();
    test_statistics();
    test_calibrate();
    test_outliers();
    test_level_scale();
    return check_done();
}
