/* Any bytes as a model file: peeked at and loaded, or refused, as they are and with a seal
 * that fits them. What was loaded saves to a file that loads again, and gives finite scores
 * and heatmaps of whatever features, and an area that follows a part lies within any photo. */
#include "marks.h"
#include "model.h"
#include "part.h"

#include "rng.h"

#include <stdlib.h>
#include <string.h>

enum { SCORED_MOST = 1 << 14 /* features of a photo: larger ones take too long */ };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_range(const float *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(values[i] >= 0 && values[i] <= 1)) abort();
}

/* Finite halves: usual ones, small and great ones of either sign. */
static void draw(fleck_half *x, size_t n, uint64_t seed) {
    static const fleck_half odd[] = {0x7bff, 0xfbff, 0x0001, 0x8000, 0x0400};
    fleck_rng rng = fleck_rng_seed(seed);
    for (size_t i = 0; i < n; i++) {
        uint32_t draw = fleck_rng_below(&rng, 16 * 0x800);
        x[i] = (fleck_half)(0x3800 + draw % 0x800 + (draw & 0x800 ? 0x8000 : 0));
        if (seed == 2 || (seed == 1 && draw < 0x2000)) x[i] = odd[draw % 5];
    }
}

/* Few, so that learning from them is quick. */
static void learn_marks(const fleck_model *model, const fleck_compute *compute, fleck_arena *arena,
                        fleck_marks *out) {
    *out = (fleck_marks){.D = model->D};
    if (!model->marks || model->marks->count > 20) return;
    *out = *model->marks;
    if (!fleck_marks_learn(out, arena, compute, model->look_width)) exit(1);
    fleck_review review;
    fleck_marks_review(out, compute->kernels, model->threshold, &review);
    check_range(&review.threshold, 1);
}

/* Where the area lies on a photo: within its grid. */
static void check_shift(const fleck_model *model, const fleck_compute *compute) {
    fleck_grid grid = model->source.grid;
    size_t places = fleck_grid_places(grid);
    if (!model->source.part || places * model->D > SCORED_MOST) return;
    fleck_arena arena = {0};
    fleck_half *photo = FLECK_NEW(&arena, fleck_half, places, model->D);
    if (!photo) exit(1);
    for (uint64_t seed = 0; seed < 3; seed++) {
        fleck_shift shift = {INT32_MAX, INT32_MAX};
        draw(photo, places * model->D, seed);
        if (!fleck_part_find(compute, grid, model->D, model->source.part, photo, &shift)) exit(1);
        fleck_grid moved = fleck_grid_moved(grid, shift);
        for (size_t p = 0; p < model->P; p++)
            if (fleck_grid_place(moved, p) >= places) abort();
    }
    fleck_arena_free(&arena);
}

static void check_scores(const fleck_model *model, const fleck_compute *compute) {
    size_t P = model->P, D = model->D;
    if ((P + 1) * D > SCORED_MOST) return;
    fleck_arena arena = {0};
    fleck_marks marks;
    learn_marks(model, compute, &arena, &marks);
    fleck_half *patch = FLECK_NEW(&arena, fleck_half, P + 1, D);
    fleck_patch_scores scores = {FLECK_NEW(&arena, float, P), FLECK_NEW(&arena, float, P)};
    float *heat = FLECK_NEW(&arena, float, FLECK_HEAT, FLECK_HEAT);
    if (!patch || !scores.rank || !scores.map || !heat) exit(1);
    uint32_t photos[] = {FLECK_NO_PHOTO, 0, model->photos - 1};
    for (uint64_t i = 0; i < 3; i++) {
        float score = -1;
        uint32_t hash[2];
        draw(patch, (P + 1) * D, i);
        fleck_features_hash(patch, P * D, hash);
        if (!fleck_model_patches(model, compute, patch, patch + P * D, photos[i], scores) ||
            !fleck_marks_apply(&marks, model, compute, model->source.grid, patch, hash, scores) ||
            !fleck_model_report(model, compute, scores, fleck_any_strength, (fleck_shift){0, 0},
                                i ? heat : NULL, &score))
            exit(1);
        check_range(&score, 1);
        if (i) check_range(heat, (size_t)FLECK_HEAT * FLECK_HEAT);
    }
    fleck_arena_free(&arena);
}

static bool load(const fleck_compute *compute, const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_message err = {""};
    fleck_model peeked, model, again;
    bool peeks = !fleck_model_peek(compute->scratch, bytes, size, &peeked, &err);
    if (!peeks && !*err.text) abort();
    err.text[0] = 0;
    bool loads = !fleck_model_load(&arena, compute, bytes, size, &model, &err);
    if (!loads) {
        if (!*err.text) abort();
    } else {
        size_t saved;
        if (!peeks || peeked.D != model.D) abort();
        check_scores(&model, compute);
        check_shift(&model, compute);
        if (fleck_model_save(&model, compute->scratch, NULL, 0, &saved)) {
            uint8_t *copy = fleck_arena_alloc(&arena, saved, 1);
            if (copy && fleck_model_save(&model, compute->scratch, copy, saved, &saved) &&
                fleck_model_load(&arena, compute, copy, saved, &again, &err) == FLECK_ERR_FORMAT)
                abort();
        }
    }
    fleck_arena_free(&arena);
    return loads;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena scratch = {0};
    fleck_compute compute = {.kernels = fleck_kernels_find(NULL), .scratch = &scratch};
    if (fleck_pool_create(1, &compute.pool)) abort();
    if (!load(&compute, bytes, size)) {
        uint8_t *sealed = malloc(size ? size : 1);
        if (!sealed) exit(1);
        memcpy(sealed, bytes, size);
        fleck_model_seal(sealed, size);
        load(&compute, sealed, size);
        free(sealed);
    }
    fleck_pool_destroy(compute.pool);
    fleck_arena_free(&scratch);
    return 0;
}
