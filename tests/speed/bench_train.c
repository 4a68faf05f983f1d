/* The steps of training on a folder of 60 photos, features of ViT-S/8: distances of
 * one photo to the memories, and a step of learning. With --full all of training, on
 * 100 and on 200 photos. */
#include "bench.h"
#include "half.h"
#include "irmb.h"
#include "train.h"

#include <math.h>
#include <stdio.h>

typedef struct {
    fleck_compute compute;
    fleck_features features;
    fleck_arena arena; /* of the training */
    fleck_training training;
} folder;

/* Features about as photos of one product have them: a pattern of the frame, and noise
 * whose deviation falls with the dimension; a sixth of the photos with a blot. */
static void fill(bench *b, folder *f, fleck_arena *arena, uint32_t photos) {
    size_t G = b->options.smoke ? 4 : 28, P = G * G, D = bench_size(b, 384);
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
        for (size_t i = 0; photo % 6 == 0 && i < 9 * D; i++) x[i] += 2 * deviation[D - 1 - i % D];
        fleck_half_narrow(x, P * D, halves + D);
        fleck_half_narrow(x, D, halves);
        at[photo] = halves + D;
        at[photos + photo] = halves;
    }
    fleck_grid grid = {.rows = (uint32_t)G, .columns = (uint32_t)G};
    f->features = (fleck_features){grid, P, D, photos, at, at + photos, NULL};
}

/* False: memory is short. */
static bool begin(folder *f) {
    fleck_message message;
    fleck_feature_source source = {.grid = f->features.grid, .block_count = 1, .blocks = {1}};
    return !fleck_training_begin(&f->arena, &f->features, FLECK_METHOD_IRMB, 0, 0, &source,
                                 &f->training, &message);
}

static bool step(folder *f) {
    fleck_message message;
    fleck_progress progress;
    return !fleck_training_step(&f->training, &f->arena, &f->compute, &progress, &message);
}

static void run_memory(void *context) {
    folder *f = context;
    fleck_arena_mark mark = fleck_arena_here(f->compute.scratch);
    float *out = bench_alloc(f->compute.scratch, f->features.P, sizeof *out);
    bench_check(fleck_view_distance(&f->training.model.view[0], &f->compute, f->features.patch[0],
                                    0, out, NULL),
                "not enough memory for distances");
    fleck_arena_reset(f->compute.scratch, mark);
}

/* The first step of learning again and again: labels stay, the net learns. */
static void run_learn(void *context) {
    folder *f = context;
    fleck_irmb *irmb = f->training.learner;
    irmb->done--;
    f->training.done--;
    bench_check(step(f), "not enough memory to learn");
}

static void bench_steps(bench *b) {
    const char *variant = fleck_kernels_find(NULL)->name;
    const char *memory = "memory distances of a photo", *learn = "step of learning";
    if (!bench_wanted(b, memory, variant) && !bench_wanted(b, learn, variant)) return;
    fleck_arena arena = {0};
    folder f = {.compute = bench_compute(b, 0)};
    fill(b, &f, &arena, 60);
    bool enough = begin(&f);
    while (enough && !(f.training.loss > 0) && f.training.done < f.training.steps)
        enough = step(&f);
    bench_check(enough, "not enough memory to train");
    bench_check(f.training.loss > 0, "nothing was learnt");
    bench_group(b, "Training on 60 photos");
    for (uint32_t t = 0; t < b->options.thread_count; t++) {
        f.compute = bench_compute(b, t);
        bench_case c = {.name = memory, .variant = variant, .pool = f.compute.pool};
        bench_time(b, &c, run_memory, &f);
        c.name = learn;
        bench_time(b, &c, run_learn, &f);
    }
    fleck_arena_free(&f.arena);
    fleck_arena_free(&arena);
}

static void run_whole(void *context) {
    folder *f = context;
    bool enough = begin(f);
    while (enough && f->training.done < f->training.steps) enough = step(f);
    bench_check(enough, "not enough memory to train");
    bench_check(f->training.model.trust > 0, "nothing was learnt");
    fleck_arena_free(&f->arena);
}

static void bench_whole(bench *b, uint32_t photos) {
    const char *variant = fleck_kernels_find(NULL)->name;
    char name[32];
    snprintf(name, sizeof name, "all of training, %u photos", photos);
    if (!b->options.full || !bench_wanted(b, name, variant)) return;
    fleck_arena arena = {0};
    folder f = {0};
    fill(b, &f, &arena, photos);
    bench_group(b, "Training from features to the last score");
    for (uint32_t t = 0; t < b->options.thread_count; t++) {
        f.compute = bench_compute(b, t);
        bench_case c = {.name = name, .variant = variant, .pool = f.compute.pool};
        bench_time(b, &c, run_whole, &f);
    }
    fleck_arena_free(&arena);
}

void bench_train(bench *b) {
    bench_steps(b);
    bench_whole(b, 100);
    bench_whole(b, 200);
}
