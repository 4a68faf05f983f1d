/* Half floats against a plain reference in double, bit for bit. */
#include "check.h"
#include "half.h"
#include "rng.h"

#include <string.h>

enum { HALVES = 1 << 16, MOST = 0x7bff /* 65504 */, INF = 0x7c00, SIGN = 0x8000 };

static uint32_t bits_of(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* The value of a half that is finite. */
static double value_of(fleck_half half) {
    int exponent = half >> 10 & 31, fraction = half & 0x3ff;
    double size = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return half & SIGN ? -size : size;
}

/* The nearest half: the size in units of its last place, which the processor
 * rounds to even. */
static fleck_half nearest(float x) {
    int sign = signbit(x) ? SIGN : 0;
    if (isinf(x)) return (fleck_half)(sign | INF);
    int exponent = x == 0 ? -14 : ilogb((double)x);
    if (exponent < -14) exponent = -14;
    if (exponent > 15) return (fleck_half)(sign | INF);
    int units = (int)nearbyint(ldexp(fabs((double)x), 10 - exponent)); /* 0 to 2048 */
    return (fleck_half)(sign | (((exponent + 14) << 10) + units));
}

static bool is_nan(fleck_half half) { return (half & ~SIGN) > INF; }

static fleck_half narrow(float x) {
    fleck_half out;
    fleck_half_narrow(&x, 1, &out);
    return out;
}

static void check_narrow(float x) {
    fleck_half got = narrow(x);
    CHECK(got == nearest(x));
    if (got != nearest(x)) fprintf(stderr, "%a: 0x%04x, not 0x%04x\n", (double)x, got, nearest(x));
}

/* All 65,536: their values, and that nothing is lost on the way back. */
static void test_every_half(void) {
    fleck_half *halves = malloc(HALVES * sizeof *halves), *back = malloc(HALVES * sizeof *back);
    float *wide = malloc(HALVES * sizeof *wide);
    for (uint32_t i = 0; i < HALVES; i++) halves[i] = (fleck_half)i;
    fleck_half_widen(halves, HALVES, wide);
    fleck_half_narrow(wide, HALVES, back);
    int wrong = 0;
    for (uint32_t i = 0; i < HALVES; i++) {
        fleck_half half = halves[i], size = half & (SIGN - 1);
        if (is_nan(half)) {
            wrong += !isnan(wide[i]) || !is_nan(back[i]) || (half ^ back[i]) & SIGN;
            wrong += bits_of(wide[i]) << 1 != (0xff000000u | (half & 0x3ffu) << 14); /* payload */
        } else if (size == INF) {
            wrong += !isinf(wide[i]) || !signbit(wide[i]) != (half == size) || back[i] != half;
        } else {
            wrong += bits_of(wide[i]) != bits_of((float)value_of(half)) || back[i] != half;
        }
        CHECK(fleck_half_finite(&half, 1) == (size < INF));
    }
    CHECK(wrong == 0);
    free(halves);
    free(back);
    free(wide);
}

/* The middle between neighbours, where ties go to the even one, and the floats
 * beside it; up to the middle between 65504 and what would follow it. */
static void test_rounding_edges(void) {
    for (uint32_t i = 0; i <= MOST; i++) {
        double next = i == MOST ? 65536 : value_of((fleck_half)(i + 1));
        float middle = (float)((value_of((fleck_half)i) + next) / 2);
        fleck_half even = (fleck_half)(i + (i & 1));
        for (int sign = 0; sign < 2; sign++) {
            uint32_t bits = bits_of(middle) | (uint32_t)sign << 31;
            fleck_half side = sign ? SIGN : 0;
            CHECK(narrow(float_of(bits)) == (side | even));
            CHECK(narrow(float_of(bits - 1)) == (side | i));
            CHECK(narrow(float_of(bits + 1)) == (side | (i + 1)));
        }
    }
    static const float edges[] = {
        0.0f,   65504.0f, 65519.99f, 65520.0f,   65535.0f, 65536.0f, 3.4e38f,      INFINITY,
        1e-45f, 1.1e-38f, 0x1p-25f,  0x1.8p-25f, 0x1p-24f, 0x1p-14f, 0x1.ffcp-15f, 0x1.ffep-15f};
    for (size_t i = 0; i < LEN(edges); i++) {
        check_narrow(edges[i]);
        check_narrow(-edges[i]);
    }
    CHECK(narrow(65519.99f) == MOST && narrow(65520.0f) == INF);
    CHECK(narrow(0x1p-25f) == 0 && narrow(-0x1p-25f) == SIGN && narrow(0x1.8p-25f) == 1);
    /* a NaN whose payload a half has no room for stays one */
    CHECK(is_nan(narrow(float_of(0x7f800001u))) && is_nan(narrow(float_of(0xffffffffu))));
}

/* Any bits, in runs of every length, so that vector loops show their ends; one
 * value more must stay as it was. */
static void test_random(void) {
    enum { MAX = 67 };
    fleck_rng rng = fleck_rng_seed(1);
    int wrong = 0;
    for (int run = 0; run < 20000; run++) {
        float x[MAX], wide[MAX + 1];
        fleck_half got[MAX + 1];
        size_t n = (size_t)run % (MAX + 1);
        for (size_t i = 0; i < n; i++) {
            uint32_t bits = (uint32_t)fleck_rng_u64(&rng);
            /* every other one is in the range of halves */
            if (i % 2) bits = (bits & 0x80ffffffu) | (0x33u + fleck_rng_below(&rng, 21)) << 24;
            x[i] = float_of(bits);
        }
        got[n] = 0xabcd;
        wide[n] = 7;
        fleck_half_narrow(x, n, got);
        fleck_half_widen(got, n, wide);
        for (size_t i = 0; i < n; i++)
            wrong += isnan(x[i]) ? !is_nan(got[i]) : got[i] != nearest(x[i]);
        wrong += got[n] != 0xabcd || wide[n] != 7;
        bool finite = true;
        for (size_t i = 0; i < n; i++) {
            if (is_nan(got[i]) || (got[i] & (SIGN - 1)) == INF)
                finite = false;
            else
                wrong += bits_of(wide[i]) != bits_of((float)value_of(got[i]));
        }
        wrong += fleck_half_finite(got, n) != finite;
    }
    CHECK(wrong == 0);
}

int main(void) {
    test_every_half();
    test_rounding_edges();
    test_random();
    return check_done();
}
