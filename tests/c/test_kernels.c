/* Every variant against the scalar reference, at sizes around lane and tile
 * edges. Buffers are one float off alignment and end exactly at n, so that
 * sanitizers see over-reads. */
#include "check.h"
#include "kernels.h"

#include <stdint.h>
#include <string.h>

static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 257, 384};

/* A buffer whose first float is misaligned by 4 bytes and whose last one ends
 * the allocation. */
typedef struct {
    float *base, *at;
} buffer;

static uint32_t state = 1;

static float uniform(float from, float to) {
    state = state * 1664525u + 1013904223u;
    return from + (to - from) * (float)(state >> 8) / 16777216.0f;
}

static buffer make(size_t n, float from, float to) {
    buffer b = {malloc((n + 1) * sizeof(float)), NULL};
    b.at = b.base + 1;
    for (size_t i = 0; i < n; i++) b.at[i] = uniform(from, to);
    return b;
}

static buffer copy(buffer from, size_t n) {
    buffer b = {malloc((n + 1) * sizeof(float)), NULL};
    b.at = b.base + 1;
    memcpy(b.at, from.at, n * sizeof(float));
    return b;
}

static double worst(const float *a, const float *b, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)a[i] - b[i]);
        if (!(d <= most)) most = d; /* a NaN stays */
    }
    return most;
}

/* Values in ±1: an error of half a unit in the last place for each of n
 * additions at magnitude sqrt(n), several times over. */
static double sum_tolerance(size_t n) { return 1e-7 * (4 + (double)n); }

static void test_vectors(const fleck_kernels *k, const fleck_kernels *ref, size_t n) {
    buffer a = make(n, -1, 1), b = make(n, -1, 1), g = make(n, -1, 1);
    CHECK_NEAR(k->dot(a.at, b.at, n), ref->dot(a.at, b.at, n), sum_tolerance(n));
    CHECK_NEAR(k->sqdist(a.at, b.at, n), ref->sqdist(a.at, b.at, n), sum_tolerance(n));

    buffer y = copy(b, n), want = copy(b, n);
    k->axpy(0.7f, a.at, y.at, n);
    ref->axpy(0.7f, a.at, want.at, n);
    CHECK(worst(y.at, want.at, n) <= 2e-7);
    k->mul_add(a.at, g.at, y.at, n);
    ref->mul_add(a.at, g.at, want.at, n);
    CHECK(worst(y.at, want.at, n) <= 4e-7);

    if (n) {
        k->layernorm(a.at, NULL, NULL, y.at, n, 1e-6f);
        ref->layernorm(a.at, NULL, NULL, want.at, n, 1e-6f);
        /* one value has no variance: x - mean is 0 or its last bit, / sqrt(eps) */
        CHECK(worst(y.at, want.at, n) <= 1e-5);
        k->layernorm(a.at, g.at, b.at, y.at, n, 1e-6f);
        ref->layernorm(a.at, g.at, b.at, want.at, n, 1e-6f);
        CHECK(worst(y.at, want.at, n) <= 1e-5);
    }
    free(a.base), free(b.base), free(g.base), free(y.base), free(want.base);
}

/* The distance to bytes in steps has the bits of that to floats of the same values. */
static void test_steps(const fleck_kernels *k, const fleck_kernels *ref, size_t n) {
    buffer a = make(n, -1, 1), step = make(n, 0, 1.0f / 127), b = copy(step, n);
    int8_t *bytes = malloc(n + 1), *q = bytes + 1;
    for (size_t i = 0; i < n; i++) {
        q[i] = (int8_t)((int)(i * 37 % 256) - 128);
        b.at[i] *= (float)q[i];
    }
    float distance = k->sqdist_steps(a.at, q, step.at, n);
    CHECK(distance == k->sqdist(a.at, b.at, n));
    CHECK_NEAR(distance, ref->sqdist_steps(a.at, q, step.at, n), sum_tolerance(n));
    free(a.base), free(step.base), free(b.base), free(bytes);
}

static void test_functions(const fleck_kernels *k, const fleck_kernels *ref, size_t n) {
    static const float ranges[] = {1, 8, 100};
    for (size_t r = 0; r < LEN(ranges); r++) {
        float range = ranges[r];
        buffer x = make(n, -range, range), y = copy(x, n), want = copy(x, n);
        k->gelu(y.at, n);
        ref->gelu(want.at, n);
        CHECK(worst(y.at, want.at, n) <= 5e-7 * range);
        k->sigmoid(x.at, y.at, n);
        ref->sigmoid(x.at, want.at, n);
        CHECK(worst(y.at, want.at, n) <= 3e-7);
        memcpy(y.at, x.at, n * sizeof(float));
        memcpy(want.at, x.at, n * sizeof(float));
        k->softmax(y.at, 0.125f, n);
        ref->softmax(want.at, 0.125f, n);
        CHECK(worst(y.at, want.at, n) <= 1e-6);
        /* one value has one result, wherever it stands */
        if (n > 1) {
            float alone = x.at[n - 1];
            k->gelu(&alone, 1);
            k->gelu(x.at, n);
            CHECK(alone == x.at[n - 1]);
        }
        free(x.base), free(y.base), free(want.base);
    }
}

static void test_matmul(const fleck_kernels *k, const fleck_kernels *ref) {
    static const size_t ms[] = {0, 1, 2, 3, 7}, ns[] = {1, 15, 16, 17, 40},
                        ks[] = {0, 1, 4, 20, 255, 256, 257, 600};
    for (size_t i = 0; i < LEN(ms); i++)
        for (size_t j = 0; j < LEN(ns); j++)
            for (size_t l = 0; l < LEN(ks); l++) {
                size_t m = ms[i], n = ns[j], depth = ks[l], lda = depth + 3, ldc = n + 5;
                size_t a_size = m ? (m - 1) * lda + depth : 0, c_size = m ? (m - 1) * ldc + n : 0;
                buffer a = make(a_size, -1, 1), b = make(n * depth, -1, 1), bias = make(n, -1, 1);
                buffer c = make(c_size, -1, 1), want = copy(c, c_size);
                buffer packed = make(fleck_packed_count(n, depth), 0, 0);
                fleck_pack(b.at, depth, 1, n, depth, packed.at);
                k->matmul(a.at, lda, packed.at, bias.at, c.at, ldc, m, n, depth);
                ref->matmul(a.at, lda, packed.at, bias.at, want.at, ldc, m, n, depth);
                /* what lies between the rows of C is compared too: it stays */
                CHECK(worst(c.at, want.at, c_size) <= sum_tolerance(depth));
                /* packing the transposed matrix gives the same panels */
                buffer bt = make(n * depth, 0, 0), again = make(fleck_packed_count(n, depth), 0, 0);
                for (size_t row = 0; row < n; row++)
                    for (size_t column = 0; column < depth; column++)
                        bt.at[column * n + row] = b.at[row * depth + column];
                fleck_pack(bt.at, 1, n, n, depth, again.at);
                CHECK(!memcmp(again.at, packed.at, fleck_packed_count(n, depth) * sizeof(float)));
                free(a.base), free(b.base), free(bias.base), free(c.base), free(want.base);
                free(packed.base), free(bt.base), free(again.base);
            }
}

/* Greatest values of lanes to the bit, among them equal ones and infinities. */
static void test_lane_max(const fleck_kernels *k, const fleck_kernels *ref) {
    static const size_t counts[] = {0, 16, 32, 1008};
    for (size_t i = 0; i < LEN(counts); i++) {
        size_t n = counts[i];
        buffer x = make(n, -4, 4);
        float best[2][FLECK_PANEL];
        uint32_t index[2][FLECK_PANEL];
        for (size_t j = 0; j < n; j++)
            x.at[j] = j % 7 == 3 ? -INFINITY : j % 5 ? floorf(x.at[j]) : x.at[j];
        for (size_t j = 0; j < FLECK_PANEL; j++) {
            best[0][j] = best[1][j] = j % 3 ? -INFINITY : 3.5f;
            index[0][j] = index[1][j] = FLECK_PANEL;
        }
        k->lane_max(x.at, n, 70000, best[0], index[0]);
        ref->lane_max(x.at, n, 70000, best[1], index[1]);
        CHECK(!memcmp(best[0], best[1], sizeof best[0]));
        CHECK(!memcmp(index[0], index[1], sizeof index[0]));
        for (size_t j = 0; j < FLECK_PANEL && n; j++)
            CHECK(index[0][j] == FLECK_PANEL || x.at[index[0][j] - 70000] == best[0][j]);
        free(x.base);
    }
}

/* A row's result must not depend on the rows beside it: threads cut anywhere. */
static void test_matmul_rows(const fleck_kernels *k) {
    enum { M = 5, N = 19, K = 300 };
    buffer a = make(M * K, -1, 1), b = make(N * K, -1, 1), c = make(M * N, 0, 0),
           one = make(N, 0, 0);
    buffer packed = make(fleck_packed_count(N, K), 0, 0);
    fleck_pack(b.at, K, 1, N, K, packed.at);
    k->matmul(a.at, K, packed.at, NULL, c.at, N, M, N, K);
    for (size_t i = 0; i < M; i++) {
        k->matmul(a.at + i * K, K, packed.at, NULL, one.at, N, 1, N, K);
        CHECK(!memcmp(one.at, c.at + i * N, N * sizeof(float)));
    }
    free(a.base), free(b.base), free(c.base), free(one.base), free(packed.base);
}

int main(void) {
    const fleck_kernels *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list);
    const fleck_kernels *scalar = &fleck_kernels_scalar;
    CHECK(count >= 1 && fleck_kernels_find(NULL) == list[count - 1]);
#ifdef __wasm__
    CHECK(fleck_kernels_find("scalar") == NULL);
#else
    CHECK(list[0] == scalar && fleck_kernels_find("scalar") == scalar);
#endif
    CHECK(fleck_kernels_find("no such variant") == NULL);
    for (size_t v = 0; v < count; v++) {
        printf("%s\n", list[v]->name);
        for (size_t s = 0; s < LEN(sizes); s++) {
            test_vectors(list[v], scalar, sizes[s]);
            test_steps(list[v], scalar, sizes[s]);
            test_functions(list[v], scalar, sizes[s]);
        }
        test_matmul(list[v], scalar);
        test_matmul_rows(list[v]);
        test_lane_max(list[v], scalar);
    }
    return check_done();
}
