/* Linear layers and attention in each precision, against plain sums in double:
 * sizes that no tile divides, weights of every type, and the same bits from every
 * kernel and any number of threads. */
#include "attention.h"
#include "check.h"
#include "half.h"
#include "linear.h"
#include "rng.h"
#include "compute_of.h"

#include <string.h>

static const fleck_precision precisions[] = {FLECK_PRECISION_F32, FLECK_PRECISION_I16,
                                             FLECK_PRECISION_I8};

/* Of a sum of products of values within 1: a step of the coarser factor each,
 * adding up like sqrt(n) but for luck. */
static double tolerance_of(fleck_precision precision, size_t n) {
    double step = precision == FLECK_PRECISION_F32   ? 1e-6
                  : precision == FLECK_PRECISION_I16 ? 1e-3
                                                     : 1e-2;
    return 3 * step * sqrt((double)n + 1);
}

static float *uniform(fleck_arena *arena, fleck_rng *rng, size_t n) {
    float *x = FLECK_NEW(arena, float, n);
    for (size_t i = 0; i < n; i++) x[i] = 2 * fleck_rng_uniform(rng) - 1;
    return x;
}

/* ---- linear layers ---- */

/* [out, in] as a tensor of that type; w receives its values as they are read. */
static fleck_tensor weight_tensor(fleck_arena *arena, fleck_dtype dtype, float *w, size_t out,
                                  size_t in, float *scale) {
    static const size_t bytes[] = {
        [FLECK_F32] = 4, [FLECK_F16] = 2, [FLECK_BF16] = 2, [FLECK_I8] = 1};
    size_t n = out * in;
    /* at an odd address, as a file may have it */
    uint8_t *data = FLECK_NEW(arena, uint8_t, n *bytes[dtype] + 1) + 1;
    for (size_t i = 0; i < n; i++) {
        if (dtype == FLECK_F16) {
            fleck_half half;
            fleck_half_narrow(w + i, 1, &half);
            memcpy(data + 2 * i, &half, 2);
            fleck_half_widen(&half, 1, w + i);
        } else if (dtype == FLECK_BF16) {
            uint32_t bits;
            memcpy(&bits, w + i, 4);
            bits &= 0xffff0000u;
            memcpy(data + 2 * i, (uint8_t *)&bits + 2, 2);
            memcpy(w + i, &bits, 4);
        } else if (dtype == FLECK_I8) {
            int8_t q = (int8_t)lrintf(w[i] * 127);
            memcpy(data + i, &q, 1);
            w[i] = (float)q * scale[i / in];
        } else {
            memcpy(data + 4 * i, w + i, 4);
        }
    }
    return (fleck_tensor){
        .name = "weight", .dtype = dtype, .ndim = 2, .shape = {out, in}, .count = n, .data = data};
}

static fleck_tensor vector_tensor(const float *values, size_t n) {
    return (fleck_tensor){.name = "vector",
                          .dtype = FLECK_F32,
                          .ndim = 1,
                          .shape = {n},
                          .count = n,
                          .data = (const uint8_t *)values};
}

/* The 8-bit products of this build, the reference at least; returns how many. */
static size_t kernels_i8(const fleck_kernel_i8 *list[FLECK_KERNELS_MAX]) {
    size_t count = fleck_kernels_i8(list);
    if (!count) list[count++] = &fleck_kernel_i8_scalar;
    return count;
}

/* Rows of a part as a tensor of its own. */
static fleck_tensor rows_of(const fleck_tensor *t, size_t part, size_t parts) {
    fleck_tensor rows = *t;
    rows.shape[0] /= parts;
    rows.count /= parts;
    rows.data += part * fleck_tensor_bytes(&rows);
    return rows;
}

static void test_layer(fleck_precision precision, fleck_dtype dtype, size_t rows, size_t out,
                       size_t in) {
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(rows + 100 * out + 10000 * in);
    fleck_message err = {""};
    float *w = uniform(&arena, &rng, out * in), *bias = uniform(&arena, &rng, out),
          *scale = uniform(&arena, &rng, out), *x = uniform(&arena, &rng, rows * in);
    for (size_t i = 0; i < out; i++) scale[i] = (1.5f + scale[i] / 2) / 127;
    fleck_tensor weight = weight_tensor(&arena, dtype, w, out, in, scale),
                 bias_tensor = vector_tensor(bias, out), scale_tensor = vector_tensor(scale, out);

    const fleck_kernel_i8 *list[FLECK_KERNELS_MAX];
    size_t kernels = precision == FLECK_PRECISION_I8 ? kernels_i8(list) + 1 : 1;
    float *first = NULL;
    for (size_t i = 0; i < kernels; i++) {
        fleck_arithmetic arithmetic = {precision, fleck_kernels_find(NULL), i ? list[i - 1] : NULL};
        fleck_linear layer;
        /* whole, or in three parts as queries, keys and values may be */
        size_t parts = out % 3 ? 1 : 3;
        fleck_tensor piece[3][3];
        fleck_linear_part part[3];
        for (size_t n = 0; n < parts; n++) {
            piece[n][0] = rows_of(&weight, n, parts);
            piece[n][1] = rows_of(&scale_tensor, n, parts);
            piece[n][2] = rows_of(&bias_tensor, n, parts);
            part[n] = (fleck_linear_part){&piece[n][0], dtype == FLECK_I8 ? &piece[n][1] : NULL,
                                          &piece[n][2]};
        }
        CHECK(!fleck_linear_load(&arena, &arithmetic, part, parts, &layer, &err));
        CHECK(layer.out == out && layer.in == in);
        float *y = FLECK_NEW(&arena, float, rows, out);
        fleck_linear_apply(&layer, &arithmetic, x, rows, y,
                           fleck_arena_alloc(&arena, fleck_linear_scratch(&layer, rows), 1));
        if (first) {
            CHECK(!memcmp(y, first, rows * out * sizeof *y));
            continue;
        }
        first = y;
        for (size_t r = 0; r < rows; r++)
            for (size_t o = 0; o < out; o++) {
                double sum = bias[o];
                for (size_t k = 0; k < in; k++) sum += (double)x[r * in + k] * w[o * in + k];
                CHECK_NEAR(y[r * out + o], sum, tolerance_of(precision, in));
            }
    }
    fleck_arena_free(&arena);
}

static void test_refusal(void) {
    fleck_arena arena = {0};
    float w[4] = {1, 2, NAN, 4}, bias[2] = {0, INFINITY}, good[2] = {0, 0};
    fleck_tensor weight = vector_tensor(w, 4), bad = vector_tensor(bias, 2),
                 fine = vector_tensor(good, 2);
    weight.shape[0] = 2, weight.shape[1] = 2, weight.ndim = 2, weight.name = "some.weight";
    bad.name = "some.bias";
    for (size_t p = 0; p < LEN(precisions); p++) {
        fleck_arithmetic arithmetic = {precisions[p], fleck_kernels_find(NULL), NULL};
        fleck_linear layer;
        fleck_message err = {""};
        CHECK(fleck_linear_load(&arena, &arithmetic, &(fleck_linear_part){&weight, NULL, &fine}, 1,
                                &layer, &err) == FLECK_ERR_FORMAT);
        CHECK(strstr(err.text, "some.weight") && strstr(err.text, "not finite"));
        CHECK(fleck_linear_load(&arena, &arithmetic, &(fleck_linear_part){&weight, NULL, &bad}, 1,
                                &layer, &err) == FLECK_ERR_FORMAT);
        CHECK(strstr(err.text, "some.bias") != NULL);
    }
    fleck_arena_free(&arena);
}

/* ---- attention ---- */

/* softmax(q k^T / sqrt(width)) v, token i of head h -> out [width]. */
static void plain_attention(const float *qkv, size_t N, size_t heads, size_t width, size_t i,
                            size_t h, double *out) {
    size_t dim = heads * width;
    double total = 0;
    for (size_t c = 0; c < width; c++) out[c] = 0;
    for (size_t j = 0; j < N; j++) {
        double score = 0;
        for (size_t c = 0; c < width; c++)
            score +=
                (double)qkv[i * 3 * dim + h * width + c] * qkv[j * 3 * dim + dim + h * width + c];
        double weight = exp(score / sqrt((double)width));
        total += weight;
        for (size_t c = 0; c < width; c++)
            out[c] += weight * qkv[j * 3 * dim + 2 * dim + h * width + c];
    }
    for (size_t c = 0; c < width; c++) out[c] /= total;
}

static void test_attention(fleck_precision precision, size_t N, size_t heads, size_t width) {
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(N + 1000 * width + heads);
    size_t dim = heads * width;
    const fleck_kernel_i8 *list[FLECK_KERNELS_MAX];
    size_t count = kernels_i8(list);
    float *qkv = uniform(&arena, &rng, N * 3 * dim), *first = NULL;
    for (size_t i = 0; i < N * 3 * dim; i++) qkv[i] *= 4; /* so that few tokens matter */
    for (uint32_t threads = 1; threads <= 4; threads++) {
        fleck_arena scratch = {0};
        fleck_compute compute = compute_make(&scratch, NULL, threads);
        fleck_arithmetic arithmetic = {precision, compute.kernels, NULL};
        if (precision == FLECK_PRECISION_I8 && threads > 1)
            arithmetic.i8 = list[(threads - 2) % count];
        fleck_attention attention;
        float *out = FLECK_NEW(&arena, float, N, dim);
        CHECK(fleck_attention_new(&compute, &arithmetic, N, heads, width, &attention));
        fleck_attention_run(&attention, compute.pool, qkv, out);
        compute_free(&compute);
        if (first)
            CHECK(!memcmp(out, first, N * dim * sizeof *out));
        else
            first = out;
    }
    double want[64];
    /* Values within 4. V's steps are 4 / 511; scores err by about 4 steps of Q, 8 / 255 with 8
     * bits, and the weights by as great a share */
    double tolerance = precision == FLECK_PRECISION_F32   ? 2e-5
                       : precision == FLECK_PRECISION_I16 ? 0.05
                                                          : 0.25;
    for (size_t i = 0; i < N; i++)
        for (size_t h = 0; h < heads; h++) {
            plain_attention(qkv, N, heads, width, i, h, want);
            for (size_t c = 0; c < width; c++)
                CHECK_NEAR(first[i * dim + h * width + c], want[c], tolerance);
        }
    fleck_arena_free(&arena);
}

int main(void) {
    static const fleck_dtype dtypes[] = {FLECK_F32, FLECK_F16, FLECK_BF16, FLECK_I8};
    static const size_t shapes[][3] = {{1, 1, 1},   {2, 4, 4},    {3, 12, 20},  {5, 17, 36},
                                       {4, 16, 16}, {7, 33, 516}, {2, 20, 1028}};
    for (size_t p = 0; p < LEN(precisions); p++) {
        for (size_t s = 0; s < LEN(shapes); s++)
            for (size_t d = 0; d < LEN(dtypes); d++)
                test_layer(precisions[p], dtypes[d], shapes[s][0], shapes[s][1], shapes[s][2]);
        static const size_t tokens[] = {1, 2, 5, 17, 33, 70};
        for (size_t t = 0; t < LEN(tokens); t++) {
            test_attention(precisions[p], tokens[t], 1, 4);
            test_attention(precisions[p], tokens[t], 3, 20);
            test_attention(precisions[p], tokens[t], 2, 64);
        }
    }
    test_refusal();
    return check_done();
}
