/* The float32 half of the SIMD variant. */
#include "simd128.h"

#include <math.h>

static float hsum(v128_t v) {
    return (wasm_f32x4_extract_lane(v, 0) + wasm_f32x4_extract_lane(v, 2)) +
           (wasm_f32x4_extract_lane(v, 1) + wasm_f32x4_extract_lane(v, 3));
}

static v128_t madd(v128_t sum, v128_t a, v128_t b) {
    return wasm_f32x4_add(sum, wasm_f32x4_mul(a, b));
}

/* ---- matmul ----
 *
 * A tile is 2 rows of A by one panel, 16 columns: 8 accumulators, 4 vectors of
 * B and 2 broadcast values of A fill 14 of the 16 registers that x86 has. k is
 * cut into slices so that a panel's slice, 16 KB, stays in the first-level
 * cache while all rows of A go past it; C carries the sums from one slice to the
 * next. */
enum { SLICE = 256 };

typedef struct {
    v128_t sum[4];
} tile_row;

static inline void step2(tile_row *t0, tile_row *t1, v128_t a0, v128_t a1, const float *b) {
    v128_t b0 = wasm_v128_load(b), b1 = wasm_v128_load(b + 4);
    v128_t b2 = wasm_v128_load(b + 8), b3 = wasm_v128_load(b + 12);
    t0->sum[0] = madd(t0->sum[0], a0, b0), t1->sum[0] = madd(t1->sum[0], a1, b0);
    t0->sum[1] = madd(t0->sum[1], a0, b1), t1->sum[1] = madd(t1->sum[1], a1, b1);
    t0->sum[2] = madd(t0->sum[2], a0, b2), t1->sum[2] = madd(t1->sum[2], a1, b2);
    t0->sum[3] = madd(t0->sum[3], a0, b3), t1->sum[3] = madd(t1->sum[3], a1, b3);
}

static inline tile_row load_row(const float *c) {
    return (tile_row){
        {wasm_v128_load(c), wasm_v128_load(c + 4), wasm_v128_load(c + 8), wasm_v128_load(c + 12)}};
}

static inline void store_row(float *c, const tile_row *t) {
    for (size_t j = 0; j < 4; j++) wasm_v128_store(c + 4 * j, t->sum[j]);
}

/* c0[16] and c1[16] += rows a0 and a1 times one slice of a panel, k a multiple of 4
 * above 0: four steps share a load of A. The exits between them are never taken; they
 * keep the compiler, which must not see that (hence a function of its own), from
 * moving one step's work into the next, for which there are no registers. */
static __attribute__((noinline)) void tile2_by4(const float *a0, const float *a1, const float *b,
                                                float *c0, float *c1, size_t k) {
    tile_row t0 = load_row(c0), t1 = load_row(c1);
    for (;; k -= 4, a0 += 4, a1 += 4, b += 4 * FLECK_PANEL) {
        v128_t x0 = wasm_v128_load(a0), x1 = wasm_v128_load(a1);
        step2(&t0, &t1, FLECK_SPLAT(x0, 0), FLECK_SPLAT(x1, 0), b);
        if (k <= 1) break;
        step2(&t0, &t1, FLECK_SPLAT(x0, 1), FLECK_SPLAT(x1, 1), b + FLECK_PANEL);
        if (k <= 2) break;
        step2(&t0, &t1, FLECK_SPLAT(x0, 2), FLECK_SPLAT(x1, 2), b + 2 * FLECK_PANEL);
        if (k <= 3) break;
        step2(&t0, &t1, FLECK_SPLAT(x0, 3), FLECK_SPLAT(x1, 3), b + 3 * FLECK_PANEL);
        if (k <= 4) break;
    }
    store_row(c0, &t0);
    store_row(c1, &t1);
}

/* The same for any k. */
static void tile2(const float *a0, const float *a1, const float *b, float *c0, float *c1,
                  size_t k) {
    size_t whole = k / 4 * 4;
    if (whole) tile2_by4(a0, a1, b, c0, c1, whole);
    if (whole == k) return;
    tile_row t0 = load_row(c0), t1 = load_row(c1);
    for (size_t i = whole; i < k; i++)
        step2(&t0, &t1, wasm_v128_load32_splat(a0 + i), wasm_v128_load32_splat(a1 + i),
              b + i * FLECK_PANEL);
    store_row(c0, &t0);
    store_row(c1, &t1);
}

static void tile1(const float *a, const float *b, float *c, size_t k) {
    v128_t s0 = wasm_v128_load(c), s1 = wasm_v128_load(c + 4);
    v128_t s2 = wasm_v128_load(c + 8), s3 = wasm_v128_load(c + 12);
    for (size_t i = 0; i < k; i++, b += FLECK_PANEL) {
        v128_t x = wasm_v128_load32_splat(a + i);
        s0 = madd(s0, x, wasm_v128_load(b)), s1 = madd(s1, x, wasm_v128_load(b + 4));
        s2 = madd(s2, x, wasm_v128_load(b + 8)), s3 = madd(s3, x, wasm_v128_load(b + 12));
    }
    wasm_v128_store(c, s0), wasm_v128_store(c + 4, s1);
    wasm_v128_store(c + 8, s2), wasm_v128_store(c + 12, s3);
}

/* All rows against one panel; width < 16 only for the last panel, whose sums
 * live in a full tile apart. */
static void panel(const float *a, size_t lda, const float *b, const float *bias, float *c,
                  size_t ldc, size_t m, size_t width, size_t k) {
    float partial[2][FLECK_PANEL] = {{0}};
    for (size_t from = 0; from < k || from == 0; from += SLICE) {
        size_t depth = k - from < SLICE ? k - from : SLICE;
        const float *slice = b + from * FLECK_PANEL;
        for (size_t i = 0; i < m; i += 2) {
            size_t rows = m - i < 2 ? 1 : 2;
            const float *a0 = a + i * lda + from;
            float *c0 = c + i * ldc, *t0 = width == FLECK_PANEL ? c0 : partial[0];
            float *t1 = width == FLECK_PANEL ? c0 + ldc : partial[1];
            for (size_t r = 0; r < rows; r++) {
                float *t = r ? t1 : t0, *row = c0 + r * ldc;
                for (size_t j = 0; j < width; j++) t[j] = from ? row[j] : bias ? bias[j] : 0;
            }
            if (rows == 2)
                tile2(a0, a0 + lda, slice, t0, t1, depth);
            else
                tile1(a0, slice, t0, depth);
            if (width < FLECK_PANEL)
                for (size_t r = 0; r < rows; r++)
                    for (size_t j = 0; j < width; j++) c0[r * ldc + j] = partial[r][j];
        }
    }
}

static void matmul(const float *a, size_t lda, const float *packed_b, const float *bias, float *c,
                   size_t ldc, size_t m, size_t n, size_t k) {
    for (size_t j = 0; j < n; j += FLECK_PANEL)
        panel(a, lda, packed_b + j * k, bias ? bias + j : NULL, c + j, ldc, m,
              n - j < FLECK_PANEL ? n - j : FLECK_PANEL, k);
}

/* ---- vectors ---- */

static float dot(const float *a, const float *b, size_t n) {
    v128_t s0 = wasm_f32x4_splat(0), s1 = s0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        s0 = madd(s0, wasm_v128_load(a + i), wasm_v128_load(b + i));
        s1 = madd(s1, wasm_v128_load(a + i + 4), wasm_v128_load(b + i + 4));
    }
    float sum = hsum(wasm_f32x4_add(s0, s1));
    for (; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static float sqdist(const float *a, const float *b, size_t n) {
    v128_t s0 = wasm_f32x4_splat(0), s1 = s0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        v128_t d0 = wasm_f32x4_sub(wasm_v128_load(a + i), wasm_v128_load(b + i));
        v128_t d1 = wasm_f32x4_sub(wasm_v128_load(a + i + 4), wasm_v128_load(b + i + 4));
        s0 = madd(s0, d0, d0);
        s1 = madd(s1, d1, d1);
    }
    float sum = hsum(wasm_f32x4_add(s0, s1));
    for (; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/* Bytes take a quarter of the memory that floats take: less is awaited, though more is computed. */
static float sqdist_steps(const float *a, const int8_t *q, const float *step, size_t n) {
    v128_t s0 = wasm_f32x4_splat(0), s1 = s0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        v128_t b = wasm_i16x8_load8x8(q + i);
        v128_t b0 = wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(b));
        v128_t b1 = wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(b));
        b0 = wasm_f32x4_mul(b0, wasm_v128_load(step + i));
        b1 = wasm_f32x4_mul(b1, wasm_v128_load(step + i + 4));
        v128_t d0 = wasm_f32x4_sub(wasm_v128_load(a + i), b0);
        v128_t d1 = wasm_f32x4_sub(wasm_v128_load(a + i + 4), b1);
        s0 = madd(s0, d0, d0);
        s1 = madd(s1, d1, d1);
    }
    float sum = hsum(wasm_f32x4_add(s0, s1));
    for (; i < n; i++) {
        float d = a[i] - (float)q[i] * step[i];
        sum += d * d;
    }
    return sum;
}

static void axpy(float alpha, const float *x, float *y, size_t n) {
    v128_t scale = wasm_f32x4_splat(alpha);
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        wasm_v128_store(y + i, madd(wasm_v128_load(y + i), scale, wasm_v128_load(x + i)));
    for (; i < n; i++) y[i] += alpha * x[i];
}

static void mul_add(const float *x, const float *g, float *y, size_t n) {
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        wasm_v128_store(y + i,
                        madd(wasm_v128_load(y + i), wasm_v128_load(x + i), wasm_v128_load(g + i)));
    for (; i < n; i++) y[i] += x[i] * g[i];
}

static float sum_of(const float *x, size_t n) {
    v128_t s = wasm_f32x4_splat(0);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) s = wasm_f32x4_add(s, wasm_v128_load(x + i));
    float sum = hsum(s);
    for (; i < n; i++) sum += x[i];
    return sum;
}

static float sqdist_to(const float *x, float to, size_t n) {
    v128_t s = wasm_f32x4_splat(0), t = wasm_f32x4_splat(to);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        v128_t d = wasm_f32x4_sub(wasm_v128_load(x + i), t);
        s = madd(s, d, d);
    }
    float sum = hsum(s);
    for (; i < n; i++) sum += (x[i] - to) * (x[i] - to);
    return sum;
}

static void layernorm(const float *x, const float *gamma, const float *beta, float *y, size_t n,
                      float eps) {
    float mean = sum_of(x, n) / (float)n;
    float scale = 1 / sqrtf(sqdist_to(x, mean, n) / (float)n + eps);
    v128_t m = wasm_f32x4_splat(mean), s = wasm_f32x4_splat(scale);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        v128_t v = wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(x + i), m), s);
        if (gamma) v = madd(wasm_v128_load(beta + i), v, wasm_v128_load(gamma + i));
        wasm_v128_store(y + i, v);
    }
    for (; i < n; i++) {
        float v = (x[i] - mean) * scale;
        y[i] = gamma ? beta[i] + v * gamma[i] : v;
    }
}

/* ---- functions of one value ----
 *
 * The tail of an array, up to three values, goes through the same vector code
 * in a padded copy: one value gives one result wherever it stands. */

/* exp to 2 units in the last place for -87 <= x <= 88, clamped there: x = n ln 2
 * + r with |r| <= ln 2 / 2, a polynomial of degree 6 for exp(r) (the
 * coefficients of Cephes' expf), and n added to the exponent. */
static inline v128_t exp4(v128_t x) {
    x = wasm_f32x4_pmin(wasm_f32x4_splat(88.0f), wasm_f32x4_pmax(wasm_f32x4_splat(-87.0f), x));
    v128_t shifted = madd(wasm_f32x4_splat(FLECK_MAGIC), x, wasm_f32x4_splat(1.44269504f));
    v128_t n = wasm_f32x4_sub(shifted, wasm_f32x4_splat(FLECK_MAGIC));
    v128_t r = wasm_f32x4_sub(x, wasm_f32x4_mul(n, wasm_f32x4_splat(0.693359375f)));
    r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, wasm_f32x4_splat(-2.12194440e-4f)));
    v128_t p = wasm_f32x4_splat(1.9875691500e-4f);
    p = madd(wasm_f32x4_splat(1.3981999507e-3f), p, r);
    p = madd(wasm_f32x4_splat(8.3334519073e-3f), p, r);
    p = madd(wasm_f32x4_splat(4.1665795894e-2f), p, r);
    p = madd(wasm_f32x4_splat(1.6666665459e-1f), p, r);
    p = madd(wasm_f32x4_splat(5.0000001201e-1f), p, r);
    p = madd(wasm_f32x4_add(r, wasm_f32x4_splat(1)), p, wasm_f32x4_mul(r, r));
    return wasm_i32x4_add(p, wasm_i32x4_shl(shifted, 23));
}

/* x * Phi(x) = max(x, 0) - |x| erfc(z) / 2 for z = |x| / sqrt 2, erfc(z) = (1 + a1 z
 * + ... + a6 z^6)^-16 (Abramowitz and Stegun 7.1.28, error 3e-7). */
static inline v128_t gelu4(v128_t x) {
    static const float a[] = {0.0000430638f, 0.0002765672f, 0.0001520143f,
                              0.0092705272f, 0.0422820123f, 0.0705230784f};
    v128_t magnitude = wasm_f32x4_abs(x), p = wasm_f32x4_splat(a[0]);
    v128_t z = wasm_f32x4_mul(magnitude, wasm_f32x4_splat(0.70710678f));
    for (int i = 1; i < 6; i++) p = madd(wasm_f32x4_splat(a[i]), p, z);
    p = madd(wasm_f32x4_splat(1), p, z);
    for (int i = 0; i < 4; i++) p = wasm_f32x4_mul(p, p);
    v128_t half_erfc = wasm_f32x4_div(wasm_f32x4_splat(0.5f), p);
    return wasm_f32x4_sub(wasm_f32x4_pmax(x, wasm_f32x4_splat(0)),
                          wasm_f32x4_mul(magnitude, half_erfc));
}

static v128_t sigmoid4(v128_t x) {
    v128_t one = wasm_f32x4_splat(1);
    return wasm_f32x4_div(one, wasm_f32x4_add(one, exp4(wasm_f32x4_neg(x))));
}

static inline void map4(v128_t (*f)(v128_t), const float *x, float *y, size_t n) {
    size_t i = 0;
    for (; i + 4 <= n; i += 4) wasm_v128_store(y + i, f(wasm_v128_load(x + i)));
    if (i == n) return;
    float tail[4] = {0};
    for (size_t j = i; j < n; j++) tail[j - i] = x[j];
    wasm_v128_store(tail, f(wasm_v128_load(tail)));
    for (size_t j = i; j < n; j++) y[j] = tail[j - i];
}

static void gelu(float *x, size_t n) { map4(gelu4, x, x, n); }
static void sigmoid(const float *x, float *y, size_t n) { map4(sigmoid4, x, y, n); }

static void softmax(float *x, float scale, size_t n) {
    if (!n) return;
    float max = x[0];
    v128_t m = wasm_f32x4_splat(max);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) m = wasm_f32x4_pmax(m, wasm_v128_load(x + i));
    for (size_t lane = i; lane < n; lane++) max = x[lane] > max ? x[lane] : max;
    float lanes[4];
    wasm_v128_store(lanes, m);
    for (int lane = 0; lane < 4; lane++) max = lanes[lane] > max ? lanes[lane] : max;

    v128_t s = wasm_f32x4_splat(scale), top = wasm_f32x4_splat(max), sum4 = wasm_f32x4_splat(0);
    for (i = 0; i + 4 <= n; i += 4) {
        v128_t e = exp4(wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(x + i), top), s));
        wasm_v128_store(x + i, e);
        sum4 = wasm_f32x4_add(sum4, e);
    }
    float sum = hsum(sum4), tail[4] = {0};
    for (size_t j = i; j < n; j++) tail[j - i] = (x[j] - max) * scale;
    wasm_v128_store(tail, exp4(wasm_v128_load(tail)));
    for (size_t j = i; j < n; j++) sum += x[j] = tail[j - i];

    float inverse = 1 / sum;
    v128_t inverse4 = wasm_f32x4_splat(inverse);
    for (i = 0; i + 4 <= n; i += 4)
        wasm_v128_store(x + i, wasm_f32x4_mul(wasm_v128_load(x + i), inverse4));
    for (; i < n; i++) x[i] *= inverse;
}

static void lane_max(const float *x, size_t n, uint32_t first, float *best, uint32_t *index) {
    v128_t most[4], at[4], place[4];
    for (size_t j = 0; j < 4; j++) {
        most[j] = wasm_v128_load(best + 4 * j);
        at[j] = wasm_v128_load(index + 4 * j);
        place[j] =
            wasm_i32x4_add(wasm_i32x4_splat((int32_t)(first + 4 * j)), wasm_i32x4_make(0, 1, 2, 3));
    }
    for (; n; n -= FLECK_PANEL, x += FLECK_PANEL)
        for (size_t j = 0; j < 4; j++) {
            v128_t v = wasm_v128_load(x + 4 * j), greater = wasm_f32x4_gt(v, most[j]);
            most[j] = wasm_v128_bitselect(v, most[j], greater);
            at[j] = wasm_v128_bitselect(place[j], at[j], greater);
            place[j] = wasm_i32x4_add(place[j], wasm_i32x4_splat(FLECK_PANEL));
        }
    for (size_t j = 0; j < 4; j++) {
        wasm_v128_store(best + 4 * j, most[j]);
        wasm_v128_store(index + 4 * j, at[j]);
    }
}

const fleck_kernels fleck_kernels_simd128 = {
    .name = "simd128",
    .matmul = matmul,
    .dot = dot,
    .sqdist = sqdist,
    .sqdist_steps = sqdist_steps,
    .axpy = axpy,
    .mul_add = mul_add,
    .layernorm = layernorm,
    .softmax = softmax,
    .gelu = gelu,
    .sigmoid = sigmoid,
    .lane_max = lane_max,
    .quantise_i16 = fleck_simd128_quantise_i16,
    .quantise_u8 = fleck_simd128_quantise_u8,
    .rotate = fleck_simd128_rotate,
    .softmax_i16 = fleck_simd128_softmax_i16,
    .matmul_i16 = fleck_simd128_matmul_i16,
};
