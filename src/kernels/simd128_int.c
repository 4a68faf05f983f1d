/* The integer half of the SIMD variant. */
#include "tile.h"

#include <math.h>

static v128_t to_int(v128_t x) {
    return wasm_i32x4_sub(wasm_f32x4_add(x, wasm_f32x4_splat(FLECK_MAGIC)),
                          wasm_i32x4_splat(FLECK_MAGIC_BITS));
}

static float hmax(v128_t v, float most) {
    float lanes[4];
    wasm_v128_store(lanes, v);
    for (int i = 0; i < 4; i++) most = lanes[i] > most ? lanes[i] : most;
    return most;
}

/* ---- quantisation ---- */

/* The quantised values of x that is not finite. */
static float no_scale(void *q, size_t n, size_t size) {
    memset(q, 0, fleck_depth(n) * size);
    return NAN;
}

/* The greatest |x|, compared as integers: in that order infinity comes after all
 * numbers, and NaN after it. */
static float greatest_magnitude(const float *x, size_t n) {
    v128_t m0 = wasm_i32x4_splat(0), m1 = m0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        m0 = wasm_i32x4_max(m0, wasm_f32x4_abs(wasm_v128_load(x + i)));
        m1 = wasm_i32x4_max(m1, wasm_f32x4_abs(wasm_v128_load(x + i + 4)));
    }
    for (; i < n; i++) m1 = wasm_i32x4_max(m1, wasm_f32x4_abs(wasm_f32x4_splat(x[i])));
    int32_t lanes[4], bits = 0;
    wasm_v128_store(lanes, wasm_i32x4_max(m0, m1));
    for (int j = 0; j < 4; j++) bits = lanes[j] > bits ? lanes[j] : bits;
    float most;
    memcpy(&most, &bits, sizeof most);
    return most;
}

/* round(8 values * inverse) as int16. */
static inline v128_t quantise8(const float *x, v128_t inverse) {
    return wasm_i16x8_narrow_i32x4(to_int(wasm_f32x4_mul(wasm_v128_load(x), inverse)),
                                   to_int(wasm_f32x4_mul(wasm_v128_load(x + 4), inverse)));
}

/* The last n < count values of a row in a copy that zeros fill up. */
static void pad(const float *x, size_t n, size_t count, float *padded) {
    for (size_t i = 0; i < count; i++) padded[i] = i < n ? x[i] : 0;
}

float fleck_simd128_quantise_i16(const float *x, size_t n, int16_t max, int16_t *q) {
    float scale = greatest_magnitude(x, n) / (float)max;
    if (!isfinite(scale)) return no_scale(q, n, sizeof *q);
    float inverse = scale > FLECK_SCALE_MIN ? 1 / scale : 0;
    v128_t s = wasm_f32x4_splat(inverse);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) wasm_v128_store(q + i, quantise8(x + i, s));
    if (i < fleck_depth(n)) {
        float padded[16];
        pad(x + i, n - i, fleck_depth(n) - i, padded);
        for (size_t j = 0; i + j < fleck_depth(n); j += 8)
            wasm_v128_store(q + i + j, quantise8(padded + j, s));
    }
    return scale;
}

/* round(16 values * inverse) + shift as uint8. */
static inline v128_t quantise16(const float *x, v128_t inverse, v128_t shift) {
    return wasm_u8x16_narrow_i16x8(wasm_i16x8_add(quantise8(x, inverse), shift),
                                   wasm_i16x8_add(quantise8(x + 8, inverse), shift));
}

float fleck_simd128_quantise_u8(const float *x, size_t n, uint8_t *q, int32_t *zero) {
    v128_t least = wasm_f32x4_splat(0), most = least, nothing = least;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        v128_t v = wasm_v128_load(x + i);
        least = wasm_f32x4_pmin(least, v), most = wasm_f32x4_pmax(most, v);
        nothing = wasm_f32x4_add(nothing, wasm_f32x4_sub(v, v)); /* NaN of what is not finite */
    }
    float low = -hmax(wasm_f32x4_neg(least), 0), high = hmax(most, 0);
    bool finite = !wasm_v128_any_true(nothing);
    for (; i < n; i++) {
        low = x[i] < low ? x[i] : low, high = x[i] > high ? x[i] : high;
        finite = finite && isfinite(x[i]);
    }

    float scale = (high - low) / FLECK_U8_MAX;
    *zero = 0;
    if (!finite || !isfinite(scale)) return no_scale(q, n, sizeof *q);
    float inverse = scale > FLECK_SCALE_MIN ? 1 / scale : 0, offset = rintf(-low * inverse);
    v128_t s = wasm_f32x4_splat(inverse), shift = wasm_i16x8_splat((int16_t)offset);
    for (i = 0; i + 16 <= n; i += 16) wasm_v128_store(q + i, quantise16(x + i, s, shift));
    if (i < n) {
        float padded[16];
        pad(x + i, n - i, 16, padded);
        wasm_v128_store(q + i, quantise16(padded, s, shift));
        for (i = n; i < fleck_depth(n); i++) q[i] = 0;
    }
    *zero = (int32_t)offset;
    return scale;
}

/* ---- rotation ---- */

/* Stages of the transform of 4 rows, stride values apart, for 4 values of each. */
static inline void rotate4(const float *x, size_t stride, float *y, v128_t factor) {
    v128_t a = wasm_v128_load(x), b = wasm_v128_load(x + stride);
    v128_t c = wasm_v128_load(x + 2 * stride), d = wasm_v128_load(x + 3 * stride);
    v128_t ab = wasm_f32x4_add(a, b), cd = wasm_f32x4_add(c, d);
    a = wasm_f32x4_sub(a, b), c = wasm_f32x4_sub(c, d);
    wasm_v128_store(y, wasm_f32x4_mul(wasm_f32x4_add(ab, cd), factor));
    wasm_v128_store(y + stride, wasm_f32x4_mul(wasm_f32x4_add(a, c), factor));
    wasm_v128_store(y + 2 * stride, wasm_f32x4_mul(wasm_f32x4_sub(ab, cd), factor));
    wasm_v128_store(y + 3 * stride, wasm_f32x4_mul(wasm_f32x4_sub(a, c), factor));
}

void fleck_simd128_rotate(const float *x, size_t n, float *y) {
    size_t each = n / FLECK_ROTATED;
    v128_t one = wasm_f32x4_splat(1), quarter = wasm_f32x4_splat(0.25f);
    for (size_t row = 0; row < FLECK_ROTATED; row += 4)
        for (size_t i = 0; i < each; i += 4)
            rotate4(x + row * each + i, each, y + row * each + i, one);
    for (size_t row = 0; row < 4; row++)
        for (size_t i = 0; i < each; i += 4)
            rotate4(y + row * each + i, 4 * each, y + row * each + i, quarter);
}

/* ---- softmax ---- */

/* round(WEIGHT_MAX * 2^y) for y <= 0, within 1: 2^y = 2^n 2^f with |f| <= 1/2, a
 * polynomial of degree 4 for 2^f (error 4e-6, that is 0.03 in the result), and n
 * added to the exponent. What is below 2^-30 counts as that: it rounds to 0. */
static v128_t weight4(v128_t y) {
    y = wasm_f32x4_pmax(y, wasm_f32x4_splat(-30));
    v128_t shifted = wasm_f32x4_add(y, wasm_f32x4_splat(FLECK_MAGIC));
    v128_t f = wasm_f32x4_sub(y, wasm_f32x4_sub(shifted, wasm_f32x4_splat(FLECK_MAGIC)));
    static const float c[] = {1.0000026f, 0.69314759f, 0.24022213f, 0.055504108f, 0.0096728f};
    v128_t p = wasm_f32x4_splat(FLECK_WEIGHT_MAX * c[4]);
    for (int i = 3; i >= 0; i--)
        p = wasm_f32x4_add(wasm_f32x4_splat(FLECK_WEIGHT_MAX * c[i]), wasm_f32x4_mul(p, f));
    return to_int(wasm_i32x4_add(p, wasm_i32x4_shl(shifted, 23)));
}

/* 8 weights as int16. *sum adds up what the weights are of: NaN stays in it. */
static inline v128_t weight8(const float *x, v128_t top, v128_t scale, v128_t *sum) {
    v128_t y0 = wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(x), top), scale);
    v128_t y1 = wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(x + 4), top), scale);
    *sum = wasm_f32x4_add(*sum, wasm_f32x4_add(y0, y1));
    return wasm_i16x8_narrow_i32x4(weight4(y0), weight4(y1));
}

static float greatest(const float *x, size_t n) {
    v128_t m0 = wasm_f32x4_splat(x[0]), m1 = m0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        m0 = wasm_f32x4_pmax(m0, wasm_v128_load(x + i));
        m1 = wasm_f32x4_pmax(m1, wasm_v128_load(x + i + 4));
    }
    float most = hmax(wasm_f32x4_pmax(m0, m1), x[0]);
    for (; i < n; i++) most = x[i] > most ? x[i] : most;
    return most;
}

float fleck_simd128_softmax_i16(const float *x, float scale, size_t n, int16_t *q) {
    if (!n) return 0;
    v128_t s = wasm_f32x4_splat(scale * 1.44269504f), top = wasm_f32x4_splat(greatest(x, n));
    v128_t sum4 = wasm_i32x4_splat(0), y = wasm_f32x4_splat(0);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        v128_t weights = weight8(x + i, top, s, &y);
        sum4 = wasm_i32x4_add(sum4, wasm_i32x4_extadd_pairwise_i16x8(weights));
        wasm_v128_store(q + i, weights);
    }
    int32_t lanes[4];
    wasm_v128_store(lanes, sum4);
    int32_t sum = lanes[0] + lanes[1] + lanes[2] + lanes[3];
    if (i < n) {
        float padded[8];
        int16_t weights[8];
        pad(x + i, n - i, 8, padded);
        wasm_v128_store(weights, weight8(padded, top, s, &y));
        for (size_t j = 0; i < n; i++, j++) sum += q[i] = weights[j];
    }
    if (wasm_v128_any_true(wasm_f32x4_ne(y, y))) return no_scale(q, n, sizeof *q);
    for (; i < fleck_depth(n); i++) q[i] = 0;
    return 1 / (float)sum;
}

/* ---- matmul ---- */

static inline v128_t add_dot(v128_t sum, v128_t a, v128_t b) {
    return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(a, b));
}

void fleck_simd128_matmul_i16(fleck_i16 a, fleck_i16 packed_b, const float *bias, float *c,
                              size_t ldc, size_t m, size_t n, size_t k) {
    fleck_tile_factors f = {.a = a.q,
                            .b = packed_b.q,
                            .size = sizeof *a.q,
                            .a_scale = a.scale,
                            .b_scale = packed_b.scale,
                            .bias = bias};
    fleck_tile_matmul(add_dot, &f, c, ldc, m, n, k);
}
