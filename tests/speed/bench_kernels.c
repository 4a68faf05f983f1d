/* Every variant of every kernel, on one thread. Matrix products have the shapes of
 * ViT layers and of the attention of one head; the rest goes over as many elements
 * as one layer of ViT-S/8 does, and per_image says how often it does so. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

/* ---- matrix products ---- */

typedef struct {
    size_t m, k, n;
} shape;

static const shape SHAPES[] = {{785, 384, 1152}, {785, 384, 1536}, {785, 1536, 384},
                               {785, 384, 384},  {785, 768, 3072}, {197, 384, 1536},
                               {785, 64, 785},   {785, 785, 64}};

typedef struct {
    const fleck_kernels *kernels;
    const fleck_kernel_i8 *kernel_i8;
    shape s;
    size_t depth;
    const float *a, *b;
    fleck_i16 a16, b16;
    fleck_u8 a8;
    fleck_i8 b8;
    float *c;
} product;

static void run_f32(void *context) {
    const product *p = context;
    p->kernels->matmul(p->a, p->s.k, p->b, NULL, p->c, p->s.n, p->s.m, p->s.n, p->s.k);
}

static void run_i16(void *context) {
    const product *p = context;
    p->kernels->matmul_i16(p->a16, p->b16, NULL, p->c, p->s.n, p->s.m, p->s.n, p->depth);
}

static void run_i8(void *context) {
    const product *p = context;
    p->kernel_i8->matmul(p->a8, p->b8, NULL, p->c, p->s.n, p->s.m, p->s.n, p->depth);
}

/* Integers from least to most. */
static int16_t *integers(bench *b, fleck_arena *arena, size_t count, int least, int most) {
    int16_t *q = bench_alloc(arena, count, sizeof *q);
    for (size_t i = 0; i < count; i++)
        q[i] = (int16_t)(least + (int)fleck_rng_below(&b->rng, (uint32_t)(most - least + 1)));
    return q;
}

static uint8_t *bytes(bench *b, fleck_arena *arena, size_t count, int least, int most) {
    uint8_t *q = bench_alloc(arena, count, sizeof *q);
    for (size_t i = 0; i < count; i++)
        q[i] = (uint8_t)(least + (int)fleck_rng_below(&b->rng, (uint32_t)(most - least + 1)));
    return q;
}

static product product_new(bench *b, fleck_arena *arena, shape s) {
    product p = {.s = s, .depth = fleck_depth(s.k)};
    size_t slices = (p.depth + FLECK_SLICE - 1) / FLECK_SLICE;
    size_t wide = fleck_packed_count(s.n, 1), packed = wide * p.depth;
    int max = FLECK_I16_MAX;
    p.a = bench_floats(b, arena, s.m * s.k);
    p.b = bench_floats(b, arena, fleck_packed_count(s.n, s.k));
    const float *scale = bench_floats(b, arena, s.m > wide ? s.m : wide);
    p.a16 = (fleck_i16){integers(b, arena, s.m * p.depth, -max, max), scale};
    p.b16 = (fleck_i16){integers(b, arena, packed, -max, max), scale};
    p.a8 = (fleck_u8){bytes(b, arena, s.m * p.depth, 0, FLECK_U8_MAX), scale,
                      bench_alloc(arena, s.m, sizeof(int32_t))};
    p.b8 = (fleck_i8){(int8_t *)bytes(b, arena, packed, 0, UINT8_MAX), scale,
                      bench_alloc(arena, slices * wide, sizeof(int32_t))};
    p.c = bench_alloc(arena, s.m * s.n, sizeof *p.c);
    return p;
}

static bool is_scalar(const char *variant) { return !strcmp(variant, "scalar"); }

static bool left_out(const bench *b, const char *variant) {
    return is_scalar(variant) && !b->options.scalar;
}

static void bench_products(bench *b, const fleck_kernels **list, size_t count) {
    const fleck_kernel_i8 *i8[FLECK_KERNELS_MAX];
    size_t i8_count = fleck_kernels_i8(i8);
    bench_group(b, "Matrix products: rows x depth x columns");
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        shape s = {bench_size(b, SHAPES[i].m), bench_size(b, SHAPES[i].k),
                   bench_size(b, SHAPES[i].n)};
        char f32[48], i16[48], i8_name[48];
        snprintf(f32, sizeof f32, "matmul %zux%zux%zu", s.m, s.k, s.n);
        snprintf(i16, sizeof i16, "matmul_i16 %zux%zux%zu", s.m, s.k, s.n);
        snprintf(i8_name, sizeof i8_name, "matmul_i8 %zux%zux%zu", s.m, s.k, s.n);
        fleck_arena arena = {0};
        product p = product_new(b, &arena, s);
        bench_case c = {.flop = 2.0 * (double)s.m * (double)s.n * (double)s.k};
        for (size_t v = 0; v < count; v++) {
            if (left_out(b, list[v]->name)) continue;
            bool scalar = is_scalar(list[v]->name);
            p.kernels = list[v];
            c.variant = list[v]->name;
            c.name = f32, c.peak = scalar ? BENCH_NO_PEAK : BENCH_F32;
            bench_time(b, &c, run_f32, &p);
            c.name = i16, c.peak = scalar ? BENCH_NO_PEAK : BENCH_I16;
            bench_time(b, &c, run_i16, &p);
        }
        for (size_t v = 0; v < i8_count; v++) {
            if (left_out(b, i8[v]->name)) continue;
            p.kernel_i8 = i8[v];
            c.variant = i8[v]->name;
            c.name = i8_name, c.peak = bench_peak_of_integers(i8[v]->name);
            bench_time(b, &c, run_i8, &p);
        }
        fleck_arena_free(&arena);
    }
}

/* ---- everything else ---- */

/* Rows that a kernel goes over, one by one. */
typedef struct {
    const fleck_kernels *k;
    size_t rows, width, depth;
    const float *x, *gamma;
    float *y;              /* [rows, width] */
    int16_t *q;            /* [depth] */
    uint8_t *u8;           /* [depth] */
    volatile float result; /* so that nothing is left out */
} rows;

static void run_quantise_i16(void *context) {
    rows *r = context;
    for (size_t i = 0; i < r->rows; i++)
        r->result = r->k->quantise_i16(r->x + i * r->width, r->width, FLECK_I16_MAX, r->q);
}

static void run_quantise_u8(void *context) {
    rows *r = context;
    int32_t zero;
    for (size_t i = 0; i < r->rows; i++)
        r->result = r->k->quantise_u8(r->x + i * r->width, r->width, r->u8, &zero);
}

/* Of sizes that are only tried, none or a part. */
static void run_rotate(void *context) {
    rows *r = context;
    size_t whole = r->width - r->width % (4 * FLECK_ROTATED);
    for (size_t i = 0; i < r->rows; i++)
        r->k->rotate(r->x + i * r->width, whole, r->y + i * r->width);
}

/* In place: what was a softmax is one of other numbers next time, as good for this. */
static void run_softmax(void *context) {
    rows *r = context;
    for (size_t i = 0; i < r->rows; i++) r->k->softmax(r->y + i * r->width, 0.125f, r->width);
}

static void run_softmax_i16(void *context) {
    rows *r = context;
    for (size_t i = 0; i < r->rows; i++)
        r->result = r->k->softmax_i16(r->x + i * r->width, 0.125f, r->width, r->q);
}

/* On a fresh copy: again and again in place would end in denormal numbers. */
static void run_gelu(void *context) {
    rows *r = context;
    memcpy(r->y, r->x, r->rows * r->width * sizeof *r->y);
    r->k->gelu(r->y, r->rows * r->width);
}

static void run_layernorm(void *context) {
    rows *r = context;
    for (size_t i = 0; i < r->rows; i++)
        r->k->layernorm(r->x + i * r->width, r->gamma, r->gamma, r->y + i * r->width, r->width,
                        1e-6f);
}

static void run_sqdist(void *context) {
    rows *r = context;
    for (size_t i = 0; i < r->rows; i++)
        r->result = r->k->sqdist(r->gamma, r->x + i * r->width, r->width);
}

static void run_sqdist_steps(void *context) {
    rows *r = context;
    const int8_t *q = (const int8_t *)r->y;
    for (size_t i = 0; i < r->rows; i++)
        r->result = r->k->sqdist_steps(r->x, q + i * r->width, r->gamma, r->width);
}

/* Rows, their width, and how often an image of a precision takes them in ViT-S/8; a
 * product quantises its input: that of qkv, of proj and of fc1 is 384 wide, so are
 * queries, keys and values. */
static const struct {
    const char *name;
    bench_run *run;
    size_t rows, width;
    double per_image;
    const char *image;
} ROWS[] = {
    {"quantise_i16", run_quantise_i16, 785, 384, 12 * 3, "i16"},
    {"quantise_i16", run_quantise_i16, 785, 1536, 12, "i16"},
    {"quantise_u8", run_quantise_u8, 785, 384, 12 * 2, "i8"},
    {"quantise_u8", run_quantise_u8, 785, 1536, 12, "i8"},
    {"rotate", run_rotate, 785, 384, 12 * 2, "i8"},
    {"rotate", run_rotate, 785, 1536, 12, "i8"},
    {"softmax", run_softmax, 785, 785, 12 * 6, "f32"},
    {"softmax_i16", run_softmax_i16, 785, 785, 12 * 6, "i16"},
    {"gelu", run_gelu, 785, 1536, 12, "i16"},
    {"layernorm", run_layernorm, 785, 384, 12 * 2, "i16"},
    {"sqdist", run_sqdist, 1000, 384, 0, NULL},
    {"sqdist_steps", run_sqdist_steps, 1000, 384, 0, NULL},
};

static void bench_rows(bench *b, const fleck_kernels **list, size_t count) {
    bench_group(b, "Kernels: rows x width");
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        fleck_arena arena = {0};
        rows r = {.rows = bench_size(b, ROWS[i].rows), .width = bench_size(b, ROWS[i].width)};
        r.depth = fleck_depth(r.width);
        r.x = bench_floats(b, &arena, r.rows * r.width);
        r.gamma = bench_floats(b, &arena, r.width);
        r.y = bench_floats(b, &arena, r.rows * r.width);
        r.q = bench_alloc(&arena, r.depth, sizeof *r.q);
        r.u8 = bench_alloc(&arena, r.depth, sizeof *r.u8);
        char name[48];
        snprintf(name, sizeof name, "%s %zux%zu", ROWS[i].name, r.rows, r.width);
        for (size_t v = 0; v < count; v++) {
            if (left_out(b, list[v]->name)) continue;
            r.k = list[v];
            bench_case c = {.name = name,
                            .variant = list[v]->name,
                            .elements = (double)r.rows * (double)r.width,
                            .per_image = v + 1 == count ? ROWS[i].per_image : 0,
                            .image = ROWS[i].image};
            bench_time(b, &c, ROWS[i].run, &r);
        }
        fleck_arena_free(&arena);
    }
}

void bench_kernels(bench *b) {
    const fleck_kernels *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list);
    bench_products(b, list, count);
    bench_rows(b, list, count);
}
