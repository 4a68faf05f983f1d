/* Rows as bytes: never further off than half a step, and found again to the bit. */
#include "check.h"
#include "columns.h"
#include "rng.h"

enum { N = 37, D = 5 };

/* Uniform in +-most. */
static float draw(fleck_rng *rng, float most) {
    return most * ((float)fleck_rng_below(rng, 2000001) / 1e6f - 1);
}

/* What is rounded once stays as it is, and so do its steps. */
static void check_again(const float *rows, size_t n, const float *step) {
    float again[D], widened[N * D];
    int8_t bytes[N * D];
    fleck_columns_fit(rows, n, D, again);
    CHECK(!memcmp(again, step, sizeof again));
    fleck_columns_narrow(rows, n, D, again, bytes);
    fleck_columns_widen(bytes, n, D, again, widened);
    CHECK(!memcmp(widened, rows, n * D * sizeof *rows));
}

/* Columns of very different sizes, one of them all zeros. */
static void test_rounding(void) {
    static const float most[D] = {1, 1e-30f, 0, 60000, 0.003f};
    fleck_rng rng = fleck_rng_seed(1);
    for (int repeat = 0; repeat < 200; repeat++) {
        size_t n = 1 + fleck_rng_below(&rng, N);
        float rows[N * D], rounded[N * D], step[D], greatest[D] = {0};
        int8_t bytes[N * D];
        for (size_t i = 0; i < n * D; i++) {
            rows[i] = draw(&rng, most[i % D]);
            greatest[i % D] = fmaxf(greatest[i % D], fabsf(rows[i]));
        }
        fleck_columns_fit(rows, n, D, step);
        fleck_columns_narrow(rows, n, D, step, bytes);
        fleck_columns_widen(bytes, n, D, step, rounded);
        for (size_t d = 0; d < D; d++)
            CHECK(step[d] >= greatest[d] / 127 && step[d] <= greatest[d] / 127 * 1.0001f);
        int full = 0;
        for (size_t i = 0; i < n * D; i++) {
            CHECK(fabsf(rounded[i] - rows[i]) <= 0.50001f * step[i % D]);
            full += i % D == 0 && abs(bytes[i]) == 127;
        }
        CHECK(full > 0);
        CHECK(step[2] == 0 && bytes[2] == 0);
        check_again(rounded, n, step);
    }
}

/* Halves go to the even step; what is beyond the greatest step's reach stays at its end. */
static void test_ends(void) {
    const float rows[] = {127, 0.5f, 1.5f, -2.5f, 1e9f, /**/ -127, -0.5f, 2.5f, 0, -1e9f};
    const float steps[D] = {1, 1, 1, 1, FLECK_COLUMN_STEP_MAX};
    const int8_t want[] = {127, 0, 2, -2, 127, -127, 0, 2, 0, -127};
    int8_t bytes[2 * D];
    float step[D], rounded[2 * D];
    fleck_columns_narrow(rows, 2, D, steps, bytes);
    CHECK(!memcmp(bytes, want, sizeof bytes));
    fleck_columns_fit(rows, 2, D, step);
    CHECK(step[0] == 1 && step[4] == FLECK_COLUMN_STEP_MAX);
    fleck_columns_narrow(rows, 2, D, step, bytes);
    fleck_columns_widen(bytes, 2, D, step, rounded);
    check_again(rounded, 2, step);
}

int main(void) {
    test_rounding();
    test_ends();
    return check_done();
}
