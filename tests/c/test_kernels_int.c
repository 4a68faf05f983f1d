/* The integer kernels against the scalar reference: but for softmax, whose exp
 * differs, every bit. Sizes around lane, tile and slice edges; buffers end
 * exactly where the contract says, so that sanitizers see over-reads. */
#include "check.h"
#include "kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static uint32_t state = 1;

static uint32_t below(uint32_t n) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)state * n >> 32);
}

static float uniform(float from, float to) {
    return from + (to - from) * ((float)below(1u << 24) / 16777216.0f);
}

static void *fresh(size_t count, size_t size) {
    void *p = malloc(count * size + (count == 0));
    if (!p) exit(1);
    return p;
}

/* ---- quantisation ---- */

static float *values(size_t n, float from, float to) {
    float *x = fresh(n, sizeof(float));
    for (size_t i = 0; i < n; i++) x[i] = uniform(from, to);
    return x;
}

static void test_quantise(const fleck_kernels *k, const fleck_kernels *ref, const float *x,
                          size_t n) {
    size_t depth = fleck_depth(n);
    static const int16_t most[] = {FLECK_I8_MAX, FLECK_VALUE_MAX, FLECK_I16_MAX, 32767};
    int16_t *q = fresh(depth, sizeof(int16_t)), *want = fresh(depth, sizeof(int16_t));
    for (size_t t = 0; t < LEN(most); t++) {
        float scale = k->quantise_i16(x, n, most[t], q);
        CHECK(scale == ref->quantise_i16(x, n, most[t], want));
        CHECK(!memcmp(q, want, depth * sizeof *q));
        /* half a step, and the rounding of the product with 1 / scale */
        for (size_t i = 0; i < n; i++)
            CHECK(fabs((double)q[i] * scale - x[i]) <= 0.51 * scale + FLECK_SCALE_MIN * most[t]);
    }
    uint8_t *u = fresh(depth, sizeof(uint8_t)), *want_u = fresh(depth, sizeof(uint8_t));
    int32_t zero = -1, want_zero = -2;
    float scale = k->quantise_u8(x, n, u, &zero);
    CHECK(scale == ref->quantise_u8(x, n, want_u, &want_zero));
    CHECK(zero == want_zero && zero >= 0 && zero <= FLECK_U8_MAX);
    CHECK(!memcmp(u, want_u, depth));
    for (size_t i = 0; i < n; i++) {
        CHECK(fabs(((double)u[i] - zero) * scale - x[i]) <=
              1.01 * scale + FLECK_SCALE_MIN * FLECK_U8_MAX);
    }
    free(q), free(want), free(u), free(want_u);
}

static void test_softmax(const fleck_kernels *k, const fleck_kernels *ref, const float *x,
                         size_t n) {
    size_t depth = fleck_depth(n);
    int16_t *q = fresh(depth, sizeof(int16_t)), *want = fresh(depth, sizeof(int16_t));
    static const float scales[] = {0, 0.125f, 3};
    for (size_t t = 0; n && t < LEN(scales); t++) {
        float unit = k->softmax_i16(x, scales[t], n, q);
        ref->softmax_i16(x, scales[t], n, want);
        int32_t sum = 0, most = 0;
        for (size_t i = 0; i < n; i++) {
            CHECK(abs(q[i] - want[i]) <= 1);
            sum += q[i];
            most = q[i] > most ? q[i] : most;
        }
        CHECK(most == FLECK_WEIGHT_MAX);
        CHECK(unit == 1 / (float)sum);
        for (size_t i = n; i < depth; i++) CHECK(q[i] == 0);
    }
    free(q), free(want);
}

/* Whether a scale says that its values were not finite, and none of them is left. */
static bool refused(float scale, const void *q, size_t bytes) {
    const uint8_t *byte = q;
    for (size_t i = 0; i < bytes; i++)
        if (byte[i]) return false;
    return isnan(scale);
}

/* Values that are not finite, at every place of a row: the whole row becomes NaN, in every
 * variant, and no float becomes an integer that has no place for it. */
static void test_not_finite(const fleck_kernels *k, size_t n) {
    static const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
    size_t depth = fleck_depth(n);
    int16_t *q = fresh(depth, sizeof(int16_t)), *want = fresh(depth, sizeof(int16_t));
    uint8_t *u = fresh(depth, sizeof(uint8_t));
    for (size_t b = 0; b < LEN(bad); b++)
        for (size_t i = 0; i < n; i++) {
            float *x = values(n, -3, 40);
            x[i] = bad[b];
            memset(q, 1, depth * sizeof *q), memset(u, 1, depth);
            int32_t zero = -1;
            CHECK(refused(k->quantise_i16(x, n, FLECK_I16_MAX, q), q, depth * sizeof *q));
            CHECK(refused(k->quantise_u8(x, n, u, &zero), u, depth) && !zero);
            memset(q, 1, depth * sizeof *q);
            float unit = k->softmax_i16(x, 0.125f, n, q);
            if (bad[b] != -INFINITY || n == 1) {
                CHECK(refused(unit, q, depth * sizeof *q));
            } else {
                x[i] = -1e6f;
                CHECK(q[i] == 0 && unit == k->softmax_i16(x, 0.125f, n, want));
                CHECK(!memcmp(q, want, depth * sizeof *q));
            }
            CHECK(refused(k->softmax_i16(x, NAN, n, q), q, depth * sizeof *q));
            free(x);
        }
    if (n > 1) { /* finite, but not their range */
        float *x = values(n, 0, 1);
        int32_t zero;
        x[0] = 3e38f, x[n - 1] = -3e38f;
        CHECK(refused(k->quantise_u8(x, n, u, &zero), u, depth) && !zero);
        CHECK(isfinite(k->quantise_i16(x, n, FLECK_I16_MAX, q)) && q[0] == FLECK_I16_MAX);
        CHECK(k->softmax_i16(x, 1, n, q) > 0 && q[0] == FLECK_WEIGHT_MAX && !q[n - 1]);
        free(x);
    }
    free(q), free(want), free(u);
}

/* ---- products ---- */

typedef struct {
    size_t m, n, k, ldc, wide; /* wide: n in whole panels */
    int16_t *a, *b;            /* [m, k], [n, k] */
    float *a_scale, *b_scale, *bias;
} product;

static product product_make(size_t m, size_t n, size_t k, int16_t a_max, int16_t b_max,
                            bool extreme) {
    product p = {.m = m, .n = n, .k = k, .ldc = n + 5};
    p.wide = (n + FLECK_PANEL - 1) / FLECK_PANEL * FLECK_PANEL;
    p.a = fresh(m * k, sizeof(int16_t));
    p.b = fresh(n * k, sizeof(int16_t));
    for (size_t i = 0; i < m * k; i++)
        p.a[i] = extreme ? a_max : (int16_t)((int)below(2u * (unsigned)a_max + 1) - a_max);
    for (size_t i = 0; i < n * k; i++)
        p.b[i] = extreme ? (int16_t)(i / k % 2 ? b_max : -b_max)
                         : (int16_t)((int)below(2u * (unsigned)b_max + 1) - b_max);
    p.a_scale = values(m, 0.1f, 1), p.b_scale = values(p.wide, 0.1f, 1);
    p.bias = values(p.wide, -1000, 1000);
    return p;
}

static void product_free(product *p) {
    free(p->a), free(p->b), free(p->a_scale), free(p->b_scale), free(p->bias);
}

static float *product_result(const product *p) {
    size_t count = p->m ? (p->m - 1) * p->ldc + p->n : 0;
    float *c = fresh(count, sizeof(float));
    for (size_t i = 0; i < count; i++) c[i] = 42;
    return c;
}

static bool same_result(const product *p, const float *c, const float *want) {
    size_t count = p->m ? (p->m - 1) * p->ldc + p->n : 0;
    return !memcmp(c, want, count * sizeof *c); /* what lies between the rows too */
}

static float *run_i16(const product *p, const fleck_kernels *k, const float *bias) {
    int16_t *packed = fresh(p->wide * p->k, sizeof(int16_t));
    for (size_t j = 0; j < p->n; j += FLECK_PANEL)
        fleck_pack_i16(p->b + j * p->k, p->n - j < FLECK_PANEL ? p->n - j : FLECK_PANEL, p->k,
                       packed + j * p->k);
    float *c = product_result(p);
    k->matmul_i16((fleck_i16){p->a, p->a_scale}, (fleck_i16){packed, p->b_scale}, bias, c, p->ldc,
                  p->m, p->n, p->k);
    free(packed);
    return c;
}

static void test_matmul_i16(const fleck_kernels *k, const fleck_kernels *ref, size_t m, size_t n,
                            size_t depth) {
    for (int extreme = 0; extreme < 3; extreme++) {
        product p = product_make(m, n, depth, extreme == 2 ? FLECK_WEIGHT_MAX : FLECK_I16_MAX,
                                 extreme == 2 ? FLECK_VALUE_MAX : FLECK_I16_MAX, extreme > 0);
        for (int biased = 0; biased < 2; biased++) {
            float *c = run_i16(&p, k, biased ? p.bias : NULL);
            float *want = run_i16(&p, ref, biased ? p.bias : NULL);
            CHECK(same_result(&p, c, want));
            free(c), free(want);
        }
        /* independent of the kernels: every product in 64-bit integers */
        float *c = run_i16(&p, k, NULL);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                int64_t sum = 0;
                for (size_t l = 0; l < depth; l++)
                    sum += (int64_t)p.a[i * depth + l] * p.b[j * depth + l];
                double value = (double)sum * p.a_scale[i] * p.b_scale[j];
                /* some roundings of partial sums as large as the greatest slice */
                double room = 4e-7 * (double)INT32_MAX * (double)(1 + depth / FLECK_SLICE);
                CHECK(fabs(c[i * p.ldc + j] - value) <= (extreme ? room : room / 8));
            }
        free(c);
        product_free(&p);
    }
}

/* The 8-bit product of q and weights = the 16-bit one of q - zero and weights. */
static void test_matmul_i8(const fleck_kernel_i8 *k, const fleck_kernels *ref, size_t m, size_t n,
                           size_t depth, bool extreme) {
    product p = product_make(m, n, depth, FLECK_U8_MAX, FLECK_I8_MAX, extreme);
    uint8_t *a = fresh(m * depth, sizeof(uint8_t));
    int8_t *b = fresh(n * depth, sizeof(int8_t)), *packed = fresh(p.wide * depth, sizeof(int8_t));
    int32_t *zero = fresh(m, sizeof(int32_t));
    size_t slices = (depth + FLECK_SLICE - 1) / FLECK_SLICE;
    int32_t *sum = fresh(slices * p.wide, sizeof(int32_t));
    for (size_t i = 0; i < m; i++) {
        zero[i] = (int32_t)below(FLECK_U8_MAX + 1);
        for (size_t l = 0; l < depth; l++) {
            a[i * depth + l] = (uint8_t)abs(p.a[i * depth + l]);
            p.a[i * depth + l] = (int16_t)(a[i * depth + l] - zero[i]);
        }
    }
    memset(sum, 0, slices * p.wide * sizeof *sum);
    for (size_t j = 0; j < n; j++)
        for (size_t l = 0; l < depth; l++) {
            b[j * depth + l] = (int8_t)p.b[j * depth + l];
            sum[l / FLECK_SLICE * p.wide + j] += b[j * depth + l];
        }
    for (size_t j = 0; j < n; j += FLECK_PANEL)
        fleck_pack_i8(b + j * depth, n - j < FLECK_PANEL ? n - j : FLECK_PANEL, depth,
                      packed + j * depth);
    float *c = product_result(&p), *want = run_i16(&p, ref, p.bias);
    k->matmul((fleck_u8){a, p.a_scale, zero}, (fleck_i8){packed, p.b_scale, sum}, p.bias, c, p.ldc,
              m, n, depth);
    CHECK(same_result(&p, c, want));
    free(a), free(b), free(packed), free(zero), free(sum), free(c), free(want);
    product_free(&p);
}

/* ---- rotation ---- */

/* H / 4 is orthogonal: lengths and products stay; and Sylvester's matrix has -1 where the bits that
 * row and column have in common are odd in number. */
static void test_rotate(const fleck_kernels *k, const fleck_kernels *ref, size_t n) {
    size_t each = n / FLECK_ROTATED;
    float *x = values(n, -3, 40), *y = fresh(n, sizeof *y), *want = fresh(n, sizeof *want);
    k->rotate(x, n, y);
    ref->rotate(x, n, want);
    CHECK(!memcmp(y, want, n * sizeof *y));
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t column = 0; column < FLECK_ROTATED; column++) {
            size_t common = i / each & column, odd = 0;
            for (; common; common >>= 1) odd ^= common & 1;
            sum += (odd ? -.25 : .25) * x[column * each + i % each];
        }
        CHECK(fabs(y[i] - sum) <= 1e-4);
    }
    k->rotate(y, n, want); /* its own inverse */
    for (size_t i = 0; i < n; i++) CHECK(fabs(want[i] - x[i]) <= 1e-4);
    free(x), free(y), free(want);
}

int main(void) {
    static const size_t sizes[] = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 257, 785};
    static const size_t ms[] = {0, 1, 2, 3, 5}, ns[] = {1, 15, 16, 17, 40},
                        ks[] = {16, 32, 496, 512, 528, 1040};
    const fleck_kernels *list[FLECK_KERNELS_MAX], *scalar = &fleck_kernels_scalar;
    const fleck_kernel_i8 *list_i8[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list), count_i8 = fleck_kernels_i8(list_i8);
    for (size_t v = 0; v < count; v++) {
        printf("%s\n", list[v]->name);
        for (size_t s = 0; s < LEN(sizes); s++) {
            if (sizes[s] < 100) test_not_finite(list[v], sizes[s]);
            static const float ranges[][2] = {{-1, 1}, {-3, 40},    {0, 9},         {-9, 0},
                                              {0, 0},  {0, 1e-36f}, {-1e38f, 1e38f}};
            for (size_t r = 0; r < LEN(ranges); r++) {
                float *x = values(sizes[s], ranges[r][0], ranges[r][1]);
                test_quantise(list[v], scalar, x, sizes[s]);
                if (ranges[r][1] < 1e3f) test_softmax(list[v], scalar, x, sizes[s]);
                free(x);
            }
        }
        for (size_t n = 0; n <= 1536; n += n < 256 ? 4 * FLECK_ROTATED : 256)
            test_rotate(list[v], scalar, n);
        for (size_t i = 0; i < LEN(ms); i++)
            for (size_t j = 0; j < LEN(ns); j++)
                for (size_t l = 0; l < LEN(ks); l++)
                    test_matmul_i16(list[v], scalar, ms[i], ns[j], ks[l]);
    }
    for (size_t v = 0; v < count_i8; v++) {
        printf("i8 %s\n", list_i8[v]->name);
        for (size_t i = 0; i < LEN(ms); i++)
            for (size_t j = 0; j < LEN(ns); j++)
                for (size_t l = 0; l < 2 * LEN(ks); l++)
                    test_matmul_i8(list_i8[v], scalar, ms[i], ns[j], ks[l / 2], l % 2);
    }
    return check_done();
}
