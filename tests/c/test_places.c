/* What is usual at each place of the frame, against NumPy. */
#include "places.h"
#include "check.h"
#include "golden.h"

#include <stdio.h>

enum { PHOTOS = 15, P = 12 };

static void test_golden(void) {
    golden g = golden_open("places.safetensors");
    fleck_arena scratch = {0};
    static const struct {
        const char *distance, *usual;
    } cases[] = {{"0", "0"}, {"30", "30"}, {"80", "80"}, {"100", "100"}, {"80", "least"}};
    for (size_t i = 0; i < LEN(cases); i++) {
        bool has_least = !strcmp(cases[i].usual, "least");
        const float *distance = golden_get(&g, NULL, "distance_%s", cases[i].distance);
        const float *want = golden_get(&g, NULL, "usual_%s", cases[i].usual);
        float least = has_least ? *golden_get(&g, NULL, "least") : 0, usual[P];
        CHECK(fleck_places_fit(&scratch, distance, PHOTOS, P, least, usual));
        for (size_t p = 0; p < P; p++) CHECK_NEAR(usual[p], want[p], 1e-5);
    }
    CHECK(!fleck_arena_here(&scratch).chunk);
    fleck_arena_free(&scratch);
    golden_close(&g);
}

/* Photos that are all alike have no places; nor has a single one. */
static void test_alike(void) {
    fleck_arena scratch = {0};
    float distance[2 * 3] = {2, 2, 2, 2, 2, 2}, zero[2 * 3] = {0}, usual[3];
    CHECK(fleck_places_fit(&scratch, distance, 2, 3, 0, usual));
    CHECK(usual[0] == 1 && usual[1] == 1 && usual[2] == 1);
    CHECK(fleck_places_fit(&scratch, zero, 2, 3, 0, usual));
    CHECK(usual[0] == 1 && usual[1] == 1 && usual[2] == 1);
    CHECK(fleck_places_fit(&scratch, distance, 6, 1, 0, usual));
    CHECK(usual[0] == 1);
    fleck_arena_free(&scratch);
}

/* Places that never vary take all of the variance: what is usual there is what is seen, within
 * bounds, and distances become shares of it. */
static void test_fixed(void) {
    fleck_arena scratch = {0};
    float distance[3 * 2] = {1, 3, 1, 3, 1, 3}, usual[2], far[3 * 2] = {0, 1, 0, 1, 0, 1};
    CHECK(fleck_places_fit(&scratch, distance, 3, 2, 0, usual));
    CHECK_NEAR(usual[0], 0.5, 1e-6);
    CHECK_NEAR(usual[1], 1.5, 1e-6);
    CHECK(fleck_places_least(usual, 2) == usual[0]);
    fleck_places_divide(usual, 2, distance, 6);
    for (size_t i = 0; i < 6; i++) CHECK_NEAR(distance[i], 2, 1e-6);
    CHECK(fleck_places_fit(&scratch, far, 3, 2, 0, usual));
    CHECK(usual[0] == FLECK_USUAL_LEAST && usual[1] == 2);
    CHECK(fleck_places_fit(&scratch, far, 3, 2, 1, usual));
    CHECK(usual[0] == 1 && usual[1] == 1);
    fleck_arena_free(&scratch);
}

int main(void) {
    test_golden();
    test_alike();
    test_fixed();
    return check_done();
}
