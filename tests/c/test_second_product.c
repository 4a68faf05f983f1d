/* Folders of one product and of two, as their class tokens tell them apart. */
#include "check.h"
#include "half.h"
#include "second_product.h"
#include "rng.h"

enum { PHOTOS = 40, D = 24 };

/* Sizes of the smaller group that is found among PHOTOS photos, of which the last
 * `others` lie `apart` deviations away in every dimension. */
static uint32_t second_of(uint32_t photos, uint32_t others, float apart, float deviation) {
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(photos + others);
    fleck_half *values = FLECK_NEW(&arena, fleck_half, photos, D);
    const fleck_half **cls = FLECK_NEW(&arena, const fleck_half *, photos);
    uint32_t second = 99;
    for (uint32_t i = 0; i < photos; i++) {
        float x[D];
        for (size_t d = 0; d < D; d++)
            x[d] =
                (float)d + deviation * fleck_rng_normal(&rng) + (i >= photos - others ? apart : 0);
        fleck_half_narrow(x, D, values + i * D);
        cls[i] = values + i * D;
    }
    fleck_features features = {.P = 1, .D = D, .count = photos, .patch = cls, .cls = cls};
    CHECK(fleck_second_product(&arena, &features, &second));
    fleck_arena_free(&arena);
    return second;
}

/* Two groups of 12 photos, whose values lie a unit to either side of their means and so many
 * units apart; all lie so many units away from zero in another dimension. */
static uint32_t second_at(uint32_t smaller, float apart, float away, float unit) {
    enum { N = 12 };
    fleck_arena arena = {0};
    fleck_half values[N][2];
    const fleck_half *cls[N];
    uint32_t second = 99;
    for (uint32_t i = 0; i < N; i++) {
        float x[2] = {unit * away, unit * ((i % 2 ? 1 : -1) + (i < smaller ? apart : 0))};
        fleck_half_narrow(x, 2, values[i]);
        cls[i] = values[i];
    }
    fleck_features features = {.P = 1, .D = 2, .count = N, .patch = cls, .cls = cls};
    CHECK(fleck_second_product(&arena, &features, &second));
    fleck_arena_free(&arena);
    return second;
}

/* Apart are 6.5 deviations, each of which counts as a fiftieth of the mean's length at least,
 * whatever the unit; five photos are a product. */
static void test_bounds(void) {
    for (float unit = 1; unit > 0.001f; unit /= 16) {
        CHECK(second_at(6, 6.25f, 0, unit) == 0 && second_at(6, 6.75f, 0, unit) == 6);
        CHECK(second_at(6, -6.25f, 0, unit) == 0 && second_at(6, -6.75f, 0, unit) == 6);
        CHECK(second_at(6, 6.75f, 45, unit) == 6 && second_at(6, 6.75f, 55, unit) == 0);
        CHECK(second_at(6, 6.75f, -45, unit) == 6 && second_at(6, 6.75f, -55, unit) == 0);
        CHECK(second_at(6, 13.25f, 100, unit) == 6 && second_at(6, 12.75f, 100, unit) == 0);
        CHECK(second_at(6, 6.75f, 20, unit) == 6 && second_at(8, 9, 20, unit) == 0);
        CHECK(second_at(5, 9, 20, unit) == 5 && second_at(4, 9, 20, unit) == 0);
    }
}

int main(void) {
    test_bounds();
    CHECK(second_of(PHOTOS, 0, 0, 1) == 0);
    CHECK(second_of(5, 0, 0, 1) == 0);
    CHECK(second_of(PHOTOS, 12, 4, 1) == 12);
    CHECK(second_of(PHOTOS, 28, 4, 1) == 12); /* the smaller one, wherever it stands */
    CHECK(second_of(PHOTOS, 5, 4, 1) == 5);
    /* too few, or too near */
    CHECK(second_of(PHOTOS, 4, 4, 1) == 0);
    CHECK(second_of(6, 3, 4, 1) == 0);
    CHECK(second_of(PHOTOS, 12, 0.5f, 1) == 0);
    /* photos that are all the same, and two that stand many times over */
    CHECK(second_of(PHOTOS, 0, 0, 0) == 0);
    CHECK(second_of(PHOTOS, 10, 4, 0) == 10);
    /* copies that differ by less than other products do */
    CHECK(second_of(PHOTOS, 10, 0.5f, 0) == 0);
    CHECK(second_of(PHOTOS, 10, 0.5f, 0.02f) == 0);
    return check_done();
}
