/* Maps against PyTorch's interpolation and SciPy's Gaussian filter, and the
 * properties of the scale. */
#include "check.h"
#include "fleck.h"
#include "golden.h"
#include "heatmap.h"

static void check_map(golden *g, const fleck_kernels *kernels, size_t G, size_t every) {
    char key[48];
    snprintf(key, sizeof key, "scores_%zu", G);
    float *scores = golden_get(g, key, NULL);
    snprintf(key, sizeof key, every == 1 ? "map_%zu" : "map_%zu_every7", G);
    size_t count, side = (FLECK_HEAT + every - 1) / every;
    float *want = golden_get(g, key, &count);
    CHECK(count == side * side);
    fleck_arena scratch = {0};
    float *map = FLECK_NEW(&g->arena, float, (size_t)FLECK_HEAT *FLECK_HEAT);
    CHECK(fleck_heatmap(kernels, &scratch, scores, G, map));
    double worst = 0, size = 0;
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++) {
            double w = want[y * side + x];
            worst = fmax(worst, fabs(map[y * every * FLECK_HEAT + x * every] - w));
            size = fmax(size, fabs(w));
        }
    /* two passes of 33 float32 products each */
    CHECK_NEAR(worst / size, 0, 5e-6);
    fleck_arena_free(&scratch);
}

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

/* In (0, 1), rising, one half at z = 3.3, whatever the size of the level. */
static void test_calibrate(void) {
    fleck_robust scale = {10, 2};
    CHECK_NEAR(fleck_calibrate(scale, 16.6f), 0.5, 1e-6);
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

int main(void) {
    golden g = golden_open("heatmap.safetensors");
    const fleck_kernels *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list);
    for (size_t v = 0; v < count; v++) {
        check_map(&g, list[v], 28, 1);
        check_map(&g, list[v], 14, 7);
        check_map(&g, list[v], 5, 7);
        check_map(&g, list[v], 37, 7);
    }
    golden_close(&g);
    test_statistics();
    test_calibrate();
    test_outliers();
    return check_done();
}
