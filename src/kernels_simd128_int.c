/* The integer half of the SIMD variant. */
#include "kernels_tile.h"

#include <math.h>

/* Adding it to |x| < 2^22 rounds x to the nearest integer, which is then in the
 * low bits of the sum's encoding: rounding and conversion in one addition. */
#define MAGIC 12582912.0f /* 1.5 * 2^23 */
#define MAGIC_BITS 0x4B400000

static v128_t to_int(v128_t x) {
    return wasm_i32x4_sub(wasm_f32x4_add(x, wasm_f32x4_splat(MAGIC)), wasm_i32x4_splat(MAGIC_BITS));
}

static float hmax(v128_t v, float most) {
    float lanes[4];
    wasm_v128_store(lanes, v);
    for (int i = 0; i < 4; i++) most = lanes[i] > most ? lanes[i] : most;
    return most;
}

/* ---- quantisation ---- */

/* The greatest |x|, which is the greatest x with the sign cleared. */
static float greatest_magnitude(const float *x, size_t n) {
    v128_t m = wasm_f32x4_splat(0);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) m = wasm_f32x4_pmax(m, wasm_f32x4_abs(wasm_v128_load(x + i)));
    float most = hmax(m, 0);
    for (; i < n; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
    return most;
}

/* Up to 8 values from x; what lies past n reads as zero. */
static void load8(const float *x, size_t n, v128_t v[2]) {
    if (n >= 8) {
        v[0] = wasm_v128_load(x), v[1] = wasm_v128_load(x + 4);
        return;
    }
    float padded[8] = {0};
    for (size_t i = 0; i < n; i++) padded[i] = x[i];
    v[0] = wasm_v128_load(padded), v[1] = wasm_v128_load(padded + 4);
}

float fleck_simd128_quantise_i16(const float *x, size_t n, int16_t max, int16_t *q) {
    float scale = greatest_magnitude(x, n) / (float)max,
          inverse = scale > FLECK_SCALE_MIN ? 1 / scale : 0;
    v128_t s = wasm_f32x4_splat(inverse);
    size_t depth = fleck_depth(n);
    for (size_t i = 0; i < depth; i += 8) {
        v128_t v[2];
        load8(x + (i < n ? i : n), i < n ? n - i : 0, v);
        wasm_v128_store(q + i, wasm_i16x8_narrow_i32x4(to_int(wasm_f32x4_mul(v[0], s)),
                                                       to_int(wasm_f32x4_mul(v[1], s))));
    }
    return scale;
}

float fleck_simd128_quantise_u7(const float *x, size_t n, uint8_t *q, int32_t *zero) {
    v128_t least = wasm_f32x4_splat(0), most = least;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        v128_t v = wasm_v128_load(x + i);
        least = wasm_f32x4_pmin(least, v), most = wasm_f32x4_pmax(most, v);
    }
    float low = -hmax(wasm_f32x4_neg(least), 0), high = hmax(most, 0);
    for (; i < n; i++) low = x[i] < low ? x[i] : low, high = x[i] > high ? x[i] : high;

    float scale = (high - low) / FLECK_U7_MAX, inverse = scale > FLECK_SCALE_MIN ? 1 / scale : 0;
    float offset = rintf(-low * inverse);
    v128_t s = wasm_f32x4_splat(inverse), top = wasm_i8x16_splat(FLECK_U7_MAX);
    v128_t shift = wasm_i16x8_splat((int16_t)offset);
    size_t depth = fleck_depth(n);
    for (i = 0; i < depth; i += 16) {
        v128_t v[4];
        load8(x + (i < n ? i : n), i < n ? n - i : 0, v);
        load8(x + (i + 8 < n ? i + 8 : n), i + 8 < n ? n - i - 8 : 0, v + 2);
        for (int j = 0; j < 4; j++) v[j] = to_int(wasm_f32x4_mul(v[j], s));
        v128_t a = wasm_i16x8_add(wasm_i16x8_narrow_i32x4(v[0], v[1]), shift);
        v128_t b = wasm_i16x8_add(wasm_i16x8_narrow_i32x4(v[2], v[3]), shift);
        wasm_v128_store(q + i, wasm_u8x16_min(wasm_u8x16_narrow_i16x8(a, b), top));
    }
    for (i = n; i < depth; i++) q[i] = 0;
    *zero = (int32_t)offset;
    return scale;
}

/* ---- softmax ---- */

/* round(WEIGHT_MAX * 2^y) for y <= 0, within 1: 2^y = 2^n 2^f with |f| <= 1/2, a
 * polynomial of degree 4 for 2^f (error 4e-6, that is 0.03 in the result), and n
 * added to the exponent. What is below 2^-30 counts as that: it rounds to 0. */
static v128_t weight4(v128_t y) {
    y = wasm_f32x4_pmax(y, wasm_f32x4_splat(-30));
    v128_t shifted = wasm_f32x4_add(y, wasm_f32x4_splat(MAGIC));
    v128_t f = wasm_f32x4_sub(y, wasm_f32x4_sub(shifted, wasm_f32x4_splat(MAGIC)));
    static const float c[] = {1.0000026f, 0.69314759f, 0.24022213f, 0.055504108f, 0.0096728f};
    v128_t p = wasm_f32x4_splat(FLECK_WEIGHT_MAX * c[4]);
    for (int i = 3; i >= 0; i--)
        p = wasm_f32x4_add(wasm_f32x4_splat(FLECK_WEIGHT_MAX * c[i]), wasm_f32x4_mul(p, f));
    return to_int(wasm_i32x4_add(p, wasm_i32x4_shl(shifted, 23)));
}

float fleck_simd128_softmax_i16(const float *x, float scale, size_t n, int16_t *q) {
    if (!n) return 0;
    v128_t m = wasm_f32x4_splat(x[0]);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) m = wasm_f32x4_pmax(m, wasm_v128_load(x + i));
    float max = hmax(m, x[0]);
    for (; i < n; i++) max = x[i] > max ? x[i] : max;

    v128_t s = wasm_f32x4_splat(scale * 1.44269504f), top = wasm_f32x4_splat(max);
    v128_t sum = wasm_i32x4_splat(0);
    for (i = 0; i < n; i += 8) {
        v128_t v[2];
        load8(x + i, n - i, v);
        for (int j = 0; j < 2; j++) v[j] = weight4(wasm_f32x4_mul(wasm_f32x4_sub(v[j], top), s));
        v128_t packed = wasm_i16x8_narrow_i32x4(v[0], v[1]);
        if (n - i < 8) { /* the padding is no weight */
            int16_t lanes[8];
            wasm_v128_store(lanes, packed);
            for (size_t lane = n - i; lane < 8; lane++) lanes[lane] = 0;
            packed = wasm_v128_load(lanes);
        }
        sum = wasm_i32x4_add(sum, wasm_i32x4_extadd_pairwise_i16x8(packed));
        wasm_v128_store(q + i, packed);
    }
    for (; i < fleck_depth(n); i++) q[i] = 0;
    int32_t lanes[4];
    wasm_v128_store(lanes, sum);
    return 1 / (float)(lanes[0] + lanes[1] + lanes[2] + lanes[3]);
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
