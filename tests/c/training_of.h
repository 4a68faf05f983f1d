/* Training on a folder's features, for a test: run to its end, or for a few steps of learning. */
#ifndef FLECK_TESTS_TRAINING_H
#define FLECK_TESTS_TRAINING_H

#include "check.h"
#include "compute_of.h"
#include "folder_of.h"
#include "golden.h"
#include "train.h"

/* Training feeds its rounding back into itself, and there are kinks: nearly equal neighbours may
 * change places, margins and leaky ReLUs bend, and Adam's first steps have their full length
 * however small the gradient is. Hence a tight bound on the first steps, where 1e-6 is seen, and
 * a loose one at the end, which is each test's own. */
enum { EARLY = 10, LOSSES_MAX = 1024 };
#define EARLY_WITHIN 1e-4

typedef struct {
    fleck_arena arena;
    fleck_training training;
    float loss[LOSSES_MAX]; /* after each step of learning */
    uint32_t losses;
} trained;

/* Goes on to the end, or until so many steps of learning are done. */
static void train_on(trained *t, const fleck_compute *compute, uint32_t losses_max) {
    fleck_training *training = &t->training;
    uint32_t photos = training->features.count;
    bool nets = fleck_method_plan_of(training->model.method)->view[0].nets;
    while (training->done < training->steps && t->losses < losses_max) {
        fleck_message err = {""};
        fleck_progress progress;
        uint32_t done = training->done;
        float before = training->loss;
        fleck_status status = fleck_training_step(training, &t->arena, compute, &progress, &err);
        CHECK(!status && !*err.text);
        if (status) return;
        CHECK(progress.done == done + 1 && progress.total == training->steps);
        bool calibrates = progress.done + photos > progress.total;
        CHECK((progress.stage == FLECK_STAGE_CALIBRATE) == calibrates);
        CHECK(!nets || progress.stage != FLECK_STAGE_MEMORY);
        if (progress.loss != before) t->loss[t->losses++] = progress.loss;
    }
    CHECK(training->done == training->steps || losses_max < LOSSES_MAX);
}

/* iterations: fleck_options'. */
static void train_for(uint32_t iterations, const fleck_compute *compute, const folder *f,
                      fleck_method method, uint64_t seed, uint32_t losses_max, trained *out) {
    fleck_message err = {""};
    fleck_feature_source source = {
        .input = 56, .grid = f->features.grid, .block_count = 2, .blocks = {1, 2}};
    *out = (trained){0};
    CHECK(!fleck_training_begin(&out->arena, &f->features, method, seed, iterations, &source,
                                &out->training, &err));
    train_on(out, compute, losses_max);
}

static void train(const fleck_compute *compute, const folder *f, fleck_method method, uint64_t seed,
                  uint32_t losses_max, trained *out) {
    train_for(0, compute, f, method, seed, losses_max, out);
}

/* What is learnt, as it is now: the nets of the first fold, or the local-net. */
static inline const float *parameters_of(const trained *t, size_t *count) {
    const fleck_nets_training *nets = &t->training.nets;
    const fleck_localnet *local = &t->training.model.net;
    *count = nets->adam.count ? nets->adam.count : local->count;
    return nets->adam.count ? nets->net[0].block : local->block;
}

/* Equal seeds give equal bits, whatever the threads; another seed gives others; and the plain
 * loops come as near to the oracle, whose losses these are. */
static inline void check_seeds(const fleck_compute *compute, const folder *f, fleck_method method,
                               uint64_t seed, const float *loss) {
    fleck_compute single = *compute, plain = *compute;
    trained one, alone, other, scalar;
    size_t count, count_alone;
    CHECK(!fleck_pool_create(1, &single.pool));
    plain.kernels = &fleck_kernels_scalar;
    train(compute, f, method, seed, EARLY, &one);
    train(&single, f, method, seed, EARLY, &alone);
    train(compute, f, method, seed + 1, EARLY, &other);
    train(&plain, f, method, seed, EARLY, &scalar);
    CHECK(one.losses == EARLY && alone.losses == EARLY && scalar.losses == EARLY);
    CHECK(!memcmp(one.loss, alone.loss, EARLY * sizeof *one.loss));
    CHECK(memcmp(one.loss, other.loss, EARLY * sizeof *one.loss));
    CHECK_NEAR(worst(scalar.loss, loss, EARLY, false), 0, EARLY_WITHIN);
    const float *learnt = parameters_of(&one, &count);
    const float *learnt_alone = parameters_of(&alone, &count_alone);
    CHECK(count && count == count_alone && !memcmp(learnt, learnt_alone, count * sizeof *learnt));
    fleck_pool_destroy(single.pool);
    fleck_arena_free(&one.arena);
    fleck_arena_free(&alone.arena);
    fleck_arena_free(&other.arena);
    fleck_arena_free(&scalar.arena);
}

#endif
