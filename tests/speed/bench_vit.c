/* Backbones of random weights: loading, the forward pass of a photo at 224x224 with
 * the memory that it takes, and the stages of ViT-S/8. */
#include "attention.h"
#include "resize.h"
#include "random_vit.h"
#include "vit.h"

#include <stdio.h>
#include <string.h>

enum { INPUT = 224, PHOTO = 512, ROWS = 32 /* tokens of one piece of parallel work */ };

static const struct {
    const char *name;
    fleck_precision precision;
} PRECISIONS[] = {
    {"f32", FLECK_PRECISION_F32}, {"i16", FLECK_PRECISION_I16}, {"i8", FLECK_PRECISION_I8}};

enum { PRECISION_COUNT = sizeof PRECISIONS / sizeof *PRECISIONS };

static bench_peak peak_of(const fleck_arithmetic *a) {
    if (a->precision == FLECK_PRECISION_F32) return BENCH_F32;
    bool small = a->precision == FLECK_PRECISION_I8 && a->i8;
    return small ? bench_peak_of_integers(a->i8->name) : BENCH_I16;
}

static double layer_flop(const fleck_linear *l, size_t rows) {
    return 2.0 * (double)rows * (double)l->in * (double)l->out;
}

/* Both products of attention. */
static double attention_flop(const fleck_vit_plan *plan) {
    return 4.0 * plan->tokens * plan->tokens * plan->vit->dim;
}

static double forward_flop(const fleck_vit_plan *plan) {
    const fleck_vit_block *b = plan->vit->block;
    size_t N = plan->tokens;
    double block = layer_flop(&b->qkv, N) + layer_flop(&b->proj, N) + layer_flop(&b->fc1, N) +
                   layer_flop(&b->fc2, N) + attention_flop(plan);
    return layer_flop(&plan->vit->embed, N - 1) + plan->vit->depth * block;
}

/* ---- whole models ---- */

typedef struct {
    const uint8_t *file;
    size_t size;
    fleck_precision precision;
    fleck_arena arena; /* of vit */
    fleck_vit vit;
} model;

static void run_load(void *context) {
    model *m = context;
    fleck_message err;
    fleck_arena_free(&m->arena);
    bench_check(!fleck_vit_load(&m->arena, fleck_kernels_find(NULL), m->precision, m->file, m->size,
                                &m->vit, &err),
                "a backbone cannot be loaded");
}

typedef struct {
    fleck_vit_plan plan;
    fleck_compute compute;
    const float *tensor;
    float *patch, *cls;
    size_t held, image_bytes;
} forward;

static void run_forward(void *context) {
    forward *f = context;
    fleck_message err;
    bench_memory_peak();
    bench_check(!fleck_vit_forward(&f->plan, &f->compute, f->tensor, f->patch, f->cls, &err),
                "not enough memory for an image");
    f->image_bytes = bench_memory_peak() - f->held;
}

/* A plan for vit, in arena, as its file wants it. */
static fleck_vit_plan plan_of(fleck_arena *arena, const fleck_vit *vit) {
    fleck_vit_plan plan;
    fleck_message err;
    bench_check(!fleck_vit_plan_make(arena, vit, 0, NULL, 0, &plan, &err),
                "no plan for a backbone");
    return plan;
}

static void bench_forward(bench *b, const char *name, const char *precision, const model *m,
                          size_t weight_bytes) {
    for (uint32_t t = 0; t < b->options.thread_count; t++) {
        fleck_arena arena = {0};
        forward f = {.compute = bench_compute(b, t), .held = bench_memory_held()};
        f.plan = plan_of(&arena, &m->vit);
        f.tensor = bench_floats(b, &arena, 3 * (size_t)f.plan.input * f.plan.input);
        f.patch = bench_alloc(&arena, (size_t)f.plan.tokens * f.plan.dim, sizeof *f.patch);
        f.cls = bench_alloc(&arena, f.plan.dim, sizeof *f.cls);
        bench_case c = {.name = name,
                        .variant = precision,
                        .pool = f.compute.pool,
                        .flop = forward_flop(&f.plan),
                        .peak = peak_of(&m->vit.arithmetic),
                        .weight_bytes = weight_bytes,
                        .image_bytes = &f.image_bytes};
        bench_time(b, &c, run_forward, &f);
        fleck_arena_free(&arena);
    }
}

static void bench_model(bench *b, const char *name, random_vit_sizes sizes) {
    char load[32], pass[32];
    snprintf(load, sizeof load, "%s load", name);
    snprintf(pass, sizeof pass, "%s forward", name);
    fleck_arena file = {0};
    model m = {0};
    for (int i = 0; i < PRECISION_COUNT; i++) {
        const char *precision = PRECISIONS[i].name;
        if (!bench_wanted(b, load, precision) && !bench_wanted(b, pass, precision)) continue;
        if (!m.file) m.file = random_vit(b, &file, &sizes, &m.size);
        m.precision = PRECISIONS[i].precision;
        size_t held = bench_memory_held();
        run_load(&m);
        size_t weight_bytes = bench_memory_held() - held;
        bench_time(b, &(bench_case){.name = load, .variant = precision}, run_load, &m);
        bench_forward(b, pass, precision, &m, weight_bytes);
        fleck_arena_free(&m.arena);
    }
    fleck_arena_free(&file);
}

/* ---- stages ---- */

/* A linear layer over tokens as vit.c applies it, with what vit.c does just before
 * and after. */
typedef struct {
    fleck_compute compute;
    const fleck_linear *layer;
    const fleck_arithmetic *arithmetic;
    const float *gamma, *beta; /* of a LayerNorm before; NULL: none */
    bool gelu;                 /* after */
    size_t rows;
    const float *in;
    float *out;
    float *normed; /* [workers, ROWS, in] */
    unsigned char *scratch;
    size_t scratch_bytes; /* of a worker */
} layer_stage;

static void layer_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    const layer_stage *s = context;
    const fleck_linear *l = s->layer;
    const float *in = s->in + begin * l->in;
    float *out = s->out + begin * l->out, *normed = s->normed + worker * ROWS * l->in;
    if (s->gamma) {
        for (size_t i = 0; i < end - begin; i++)
            s->compute.kernels->layernorm(in + i * l->in, s->gamma, s->beta, normed + i * l->in,
                                          l->in, 1e-6f);
        in = normed;
    }
    fleck_linear_apply(l, s->arithmetic, in, end - begin, out,
                       s->scratch + worker * s->scratch_bytes);
    if (s->gelu) s->compute.kernels->gelu(out, (end - begin) * l->out);
}

static void run_layer(void *context) {
    layer_stage *s = context;
    fleck_parallel(s->compute.pool, s->rows, ROWS, layer_rows, s);
}

static void bench_layer(bench *b, const char *name, const char *precision, double per_image,
                        layer_stage s) {
    fleck_arena arena = {0};
    const fleck_linear *l = s.layer;
    size_t workers = fleck_pool_threads(s.compute.pool);
    s.scratch_bytes = (fleck_linear_scratch(l, ROWS) + FLECK_ALIGN - 1) / FLECK_ALIGN * FLECK_ALIGN;
    s.scratch = bench_alloc(&arena, workers, s.scratch_bytes);
    s.normed = bench_alloc(&arena, workers * ROWS * l->in, sizeof *s.normed);
    s.in = bench_floats(b, &arena, s.rows * l->in);
    s.out = bench_alloc(&arena, s.rows * l->out, sizeof *s.out);
    bench_case c = {.name = name,
                    .variant = precision,
                    .pool = s.compute.pool,
                    .flop = layer_flop(l, s.rows),
                    .peak = peak_of(s.arithmetic),
                    .per_image = per_image,
                    .image = precision};
    bench_time(b, &c, run_layer, &s);
    fleck_arena_free(&arena);
}

typedef struct {
    fleck_attention attention;
    fleck_pool *pool;
    const float *qkv;
    float *out;
} attention_stage;

static void run_attention(void *context) {
    attention_stage *s = context;
    fleck_attention_run(&s->attention, s->pool, s->qkv, s->out);
}

static void bench_attention(bench *b, const char *precision, fleck_compute compute,
                            const fleck_vit_plan *plan) {
    const fleck_vit *vit = plan->vit;
    fleck_arena arena = {0};
    size_t N = plan->tokens;
    attention_stage s = {.pool = compute.pool, .qkv = bench_floats(b, &arena, N * 3 * vit->dim)};
    s.out = bench_alloc(&arena, N * vit->dim, sizeof *s.out);
    compute.scratch = &arena;
    bench_check(fleck_attention_new(&compute, &vit->arithmetic, N, vit->heads,
                                    vit->dim / vit->heads, &s.attention),
                "not enough memory for attention");
    bench_case c = {.name = "ViT-S/8 attention",
                    .variant = precision,
                    .pool = compute.pool,
                    .flop = attention_flop(plan),
                    .peak =
                        vit->arithmetic.precision == FLECK_PRECISION_F32 ? BENCH_F32 : BENCH_I16,
                    .per_image = vit->depth,
                    .image = precision};
    bench_time(b, &c, run_attention, &s);
    fleck_arena_free(&arena);
}

static void bench_layers(bench *b, const char *precision, const fleck_vit *vit) {
    fleck_arena arena = {0};
    fleck_vit_plan plan = plan_of(&arena, vit);
    const fleck_vit_block *k = vit->block;
    const fleck_arithmetic *coarse = &vit->arithmetic, *fine = &vit->wide_arithmetic;
    for (uint32_t t = 0; t < b->options.thread_count; t++) {
        fleck_compute compute = bench_compute(b, t);
        const layer_stage some = {.compute = compute, .rows = plan.tokens};
        layer_stage embed = some, qkv = some, proj = some, fc1 = some, fc2 = some;
        embed.layer = &vit->embed, embed.arithmetic = fine, embed.rows = plan.tokens - 1;
        qkv.layer = &k->qkv, qkv.arithmetic = coarse;
        qkv.gamma = k->norm1_gamma, qkv.beta = k->norm1_beta;
        proj.layer = &k->proj, proj.arithmetic = fine;
        fc1.layer = &k->fc1, fc1.arithmetic = coarse, fc1.gelu = true;
        fc1.gamma = k->norm2_gamma, fc1.beta = k->norm2_beta;
        fc2.layer = &k->fc2, fc2.arithmetic = coarse;
        bench_layer(b, "ViT-S/8 embed", precision, 1, embed);
        bench_layer(b, "ViT-S/8 norm+qkv", precision, vit->depth, qkv);
        bench_attention(b, precision, compute, &plan);
        bench_layer(b, "ViT-S/8 proj", precision, vit->depth, proj);
        bench_layer(b, "ViT-S/8 norm+fc1+gelu", precision, vit->depth, fc1);
        bench_layer(b, "ViT-S/8 fc2", precision, vit->depth, fc2);
    }
    fleck_arena_free(&arena);
}

/* Whether the filter lets any stage pass. */
static bool stages_wanted(const bench *b, const char *precision) {
    static const char *const names[] = {"embed", "norm+qkv",      "attention",
                                        "proj",  "norm+fc1+gelu", "fc2"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[32];
        snprintf(name, sizeof name, "ViT-S/8 %s", names[i]);
        if (bench_wanted(b, name, precision)) return true;
    }
    return false;
}

typedef struct {
    fleck_arena *scratch;
    const uint8_t *rgba;
    uint32_t side, input;
    float *tensor;
} photo;

static void run_photo(void *context) {
    static const float mean[3] = {0.485f, 0.456f, 0.406f}, std[3] = {0.229f, 0.224f, 0.225f};
    photo *p = context;
    fleck_message err;
    fleck_image image;
    fleck_arena_mark mark = fleck_arena_here(p->scratch);
    bench_check(!fleck_image_from_rgba(p->scratch, p->rgba, p->side, p->side, &image, &err) &&
                    !fleck_image_to_tensor(p->scratch, &image, FLECK_PRESET_FUNAD,
                                           fleck_square_of(p->input), mean, std, p->tensor, &err),
                "not enough memory for a photo");
    fleck_arena_reset(p->scratch, mark);
}

static void bench_photo(bench *b) {
    fleck_arena arena = {0};
    photo p = {.scratch = &b->scratch,
               .side = (uint32_t)bench_size(b, PHOTO),
               .input = (uint32_t)bench_size(b, INPUT)};
    size_t count = 4 * (size_t)p.side * p.side;
    uint8_t *rgba = bench_alloc(&arena, count, 1);
    for (size_t i = 0; i < count; i++) rgba[i] = (uint8_t)fleck_rng_below(&b->rng, 256);
    p.rgba = rgba;
    p.tensor = bench_alloc(&arena, 3 * (size_t)p.input * p.input, sizeof *p.tensor);
    bench_case c = {
        .name = "512x512 pixels to tensor", .variant = "", .per_image = 1, .image = "i16"};
    bench_time(b, &c, run_photo, &p);
    fleck_arena_free(&arena);
}

static random_vit_sizes sizes_of(const bench *b, uint32_t depth, uint32_t dim, uint32_t hidden,
                                 uint32_t heads, uint32_t patch) {
    uint32_t grid = (uint32_t)bench_size(b, INPUT / patch);
    return (random_vit_sizes){.dim = (uint32_t)bench_size(b, dim),
                              .hidden = (uint32_t)bench_size(b, hidden),
                              .depth = (uint32_t)bench_size(b, depth),
                              .heads = heads,
                              .patch = patch,
                              .input = grid * patch};
}

void bench_vit(bench *b) {
    random_vit_sizes s8 = sizes_of(b, 12, 384, 1536, 6, 8);
    bench_group(b, "Backbones of random weights, 224x224");
    bench_model(b, "fleck-tiny", sizes_of(b, 5, 192, 576, 3, 8));
    bench_model(b, "ViT-S/16", sizes_of(b, 12, 384, 1536, 6, 16));
    bench_model(b, "ViT-S/8", s8);
    bench_model(b, "ViT-B/8", sizes_of(b, 12, 768, 3072, 12, 8));

    bench_group(b, "Stages of ViT-S/8");
    bench_photo(b);
    for (int i = 0; i < PRECISION_COUNT; i++) {
        if (!stages_wanted(b, PRECISIONS[i].name)) continue;
        fleck_arena file = {0};
        model m = {.precision = PRECISIONS[i].precision};
        m.file = random_vit(b, &file, &s8, &m.size);
        run_load(&m);
        bench_layers(b, PRECISIONS[i].name, &m.vit);
        fleck_arena_free(&m.arena);
        fleck_arena_free(&file);
    }
}
