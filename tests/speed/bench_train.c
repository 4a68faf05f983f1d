/* The steps of training on a folder of 60 photos, features of ViT-S/8: distances of
 * one photo to the memories, and a step of learning. With --full all of training, on
 * 100 and on 200 photos. */
#include "bench.h"
#include "half.h"
#include "irmb.h"
#include "train.h"

#include <math.h>
#include <stdio.h>

enum { PHOTOS = 60, PATCHES = 784, DIM = 384, MEMORIES = 12, MEMORY_ROWS = 1024 };

typedef struct {
    fleck_compute compute;
    fleck_arena *arena;
    fleck_features features;
    fleck_model model;
    fleck_view view;
    float *unusual; /* [photos, P] */
    fleck_irmb irmb;
} folder;

/* Features, random; what is unusual, random too, as if the memories had been asked. */
static void folder_fill(bench *b, folder *f) {
    size_t P = bench_size(b, PATCHES), D = bench_size(b, DIM), count = (P + 1) * D;
    const fleck_half **patch = bench_alloc(f->arena, PHOTOS, sizeof *patch);
    const fleck_half **cls = bench_alloc(f->arena, PHOTOS, sizeof *cls);
    for (size_t i = 0; i < PHOTOS; i++) {
        fleck_arena aside = {0};
        fleck_half *halves = bench_alloc(f->arena, count, sizeof *halves);
        fleck_half_narrow(bench_floats(b, &aside, count), count, halves);
        fleck_arena_free(&aside);
        cls[i] = halves;
        patch[i] = halves + D;
    }
    fleck_grid grid = {1, (uint32_t)P};
    f->features = (fleck_features){grid, P, D, PHOTOS, patch, cls, NULL};
    f->model = (fleck_model){.P = P, .D = D, .net_scale = {0, 1}};
    f->view = (fleck_view){.embedding = {.plan = {.window = 1}, .grid = grid, .D = D}};
    f->unusual = bench_floats(b, f->arena, PHOTOS * P);
}

static bool draw_memories(bench *b, folder *f, fleck_rng *rng) {
    fleck_memory_plan plan = {FLECK_MEMORY_TENTHS, MEMORIES, (uint32_t)bench_size(b, MEMORY_ROWS),
                              false};
    bool enough = fleck_memory_begin(f->arena, PHOTOS, f->features.D, plan, rng, &f->view.memory);
    for (uint32_t m = 0; enough && m < MEMORIES; m++)
        enough = fleck_memory_draw(&f->view.memory, m, f->arena, &f->compute, &f->features,
                                   &f->view.embedding, NULL, rng);
    return enough;
}

static void run_memory(void *context) {
    folder *f = context;
    fleck_arena_mark mark = fleck_arena_here(f->compute.scratch);
    float *out = bench_alloc(f->compute.scratch, f->features.P, sizeof *out);
    bench_check(fleck_view_distance(&f->view, &f->compute, f->features.patch[0], 0, out, NULL),
                "not enough memory for distances");
    fleck_arena_reset(f->compute.scratch, mark);
}

/* The second step of the first round again and again: labels stay, the net learns. */
static void run_learn(void *context) {
    folder *f = context;
    float loss;
    f->irmb.done = 1;
    bench_check(fleck_irmb_step(&f->irmb, f->arena, &f->compute, &loss),
                "not enough memory to learn");
}

/* ---- all of training ---- */

typedef struct {
    fleck_compute compute;
    fleck_features features;
} whole;

/* Features about as photos of one product have them: a pattern of the frame, and noise
 * whose deviation falls with the dimension; a tenth of the photos with a blot. */
static void whole_fill(bench *b, whole *w, fleck_arena *arena, uint32_t photos) {
    size_t G = bench_size(b, 28), P = G * G, D = bench_size(b, DIM);
    fleck_rng rng = fleck_rng_seed(7);
    const fleck_half **at = bench_alloc(arena, 2 * (size_t)photos, sizeof *at);
    float *pattern = bench_alloc(arena, P * D, sizeof *pattern);
    float *x = bench_alloc(arena, P * D, sizeof *x);
    float *deviation = bench_alloc(arena, D, sizeof *deviation);
    for (size_t d = 0; d < D; d++) deviation[d] = 1 / sqrtf((float)(d + 1));
    for (size_t i = 0; i < P * D; i++) pattern[i] = deviation[i % D] * fleck_rng_normal(&rng);
    for (uint32_t photo = 0; photo < photos; photo++) {
        fleck_half *halves = bench_alloc(arena, (P + 1) * D, sizeof *halves);
        for (size_t i = 0; i < P * D; i++)
            x[i] = pattern[i] + 0.5f * deviation[i % D] * fleck_rng_normal(&rng);
        for (size_t i = 0; photo % 10 == 0 && i < 9 * D; i++) x[i] += 2 * deviation[D - 1 - i % D];
        fleck_half_narrow(x, P * D, halves + D);
        fleck_half_narrow(x, D, halves);
        at[photo] = halves + D;
        at[photos + photo] = halves;
    }
    fleck_grid grid = {(uint32_t)G, (uint32_t)G};
    w->features = (fleck_features){grid, P, D, photos, at, at + photos, NULL};
}

static void run_whole(void *context) {
    whole *w = context;
    fleck_arena arena = {0};
    fleck_message message;
    fleck_training training;
    fleck_progress progress = {.total = 1};
    fleck_feature_source source = {.grid = w->features.grid, .block_count = 1, .blocks = {1}};
    bool enough = !fleck_training_begin(&arena, &w->features, FLECK_METHOD_IRMB, 0, 0, &source,
                                        &training, &message);
    while (enough && progress.done < progress.total)
        enough = !fleck_training_step(&training, &arena, &w->compute, &progress, &message);
    bench_check(enough, "not enough memory to train");
    bench_check(training.model.trust > 0, "nothing was learnt");
    fleck_arena_free(&arena);
}

static void bench_whole(bench *b, uint32_t photos) {
    const char *variant = fleck_kernels_find(NULL)->name;
    char name[32];
    snprintf(name, sizeof name, "all of training, %u photos", photos);
    if (!b->options.full || !bench_wanted(b, name, variant)) return;
    fleck_arena arena = {0};
    whole w;
    whole_fill(b, &w, &arena, photos);
    bench_group(b, "Training from features to the last score");
    for (uint32_t t = 0; t < b->options.thread_count; t++) {
        w.compute = bench_compute(b, t);
        bench_case c = {.name = name, .variant = variant, .pool = w.compute.pool};
        bench_time(b, &c, run_whole, &w);
    }
    fleck_arena_free(&arena);
}

static void bench_steps(bench *b) {
    const char *variant = fleck_kernels_find(NULL)->name;
    const char *memory = "memory distances of a photo", *learn = "step of learning";
    if (!bench_wanted(b, memory, variant) && !bench_wanted(b, learn, variant)) return;
    fleck_arena arena = {0};
    folder f = {.arena = &arena, .compute = bench_compute(b, 0)};
    fleck_rng rng = fleck_rng_seed(1);
    float loss;
    folder_fill(b, &f);
    bench_check(
        draw_memories(b, &f, &rng) &&
            fleck_irmb_begin(&f.irmb, &arena, &f.compute, &f.features, f.unusual, &f.model, rng) &&
            fleck_irmb_step(&f.irmb, &arena, &f.compute, &loss),
        "not enough memory to train");
    bench_group(b, "Training on 60 photos");
    for (uint32_t t = 0; t < b->options.thread_count; t++) {
        f.compute = bench_compute(b, t);
        bench_case c = {.name = memory, .variant = variant, .pool = f.compute.pool};
        bench_time(b, &c, run_memory, &f);
        c.name = learn;
        bench_time(b, &c, run_learn, &f);
    }
    fleck_arena_free(&arena);
}

void bench_train(bench *b) {
    bench_steps(b);
    bench_whole(b, 100);
    bench_whole(b, 200);
}
