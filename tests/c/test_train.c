/* Training on a small folder against an oracle in float64 that draws the same
 * numbers (scripts/golden/train.py): memories, the losses of learning, and the
 * scores of every method. */
#include "calibration.h"
#include "check.h"
#include "irmb.h"
#include "training_of.h"

#include <string.h>

enum { PHOTOS = 16, GRID = 7, P = GRID * GRID, D = 12, SEED = 5 };

#define LATER_WITHIN 1e-3 /* 1e-5 is seen; scores are in robust deviations */
/* Robust z of the logits, whose spread is small in so small a folder, are 50 and more. */
#define PATCHES_WITHIN 1e-2
/* Sums of some ten products, of values up to 75. */
#define DISCRIMINANT_WITHIN 1e-3

static void check_distances(golden *g, const fleck_compute *compute, const folder *f,
                            uint32_t memories, uint32_t rows) {
    const float *want = golden_get(g, NULL, "distance_%u_%u", memories, rows);
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(SEED);
    fleck_memory_plan plan = {memories > 1 ? FLECK_MEMORY_TENTHS : FLECK_MEMORY_FOLDER, memories,
                              rows, false};
    fleck_view view = {.embedding = {.plan = {.window = 1}, .grid = square(GRID), .D = D}};
    CHECK(fleck_memory_begin(&arena, PHOTOS, D, plan, &rng, &view.memory));
    for (uint32_t m = 0; m < memories; m++)
        CHECK(fleck_memory_draw(&view.memory, m, &arena, compute, &f->features, &view.embedding,
                                NULL, &rng));
    for (uint32_t i = 0; i < PHOTOS; i++) {
        float got[P];
        CHECK(fleck_view_distance(&view, compute, f->features.patch[i], i, got, NULL));
        for (size_t p = 0; p < P; p++) CHECK_NEAR(got[p], want[i * P + p], 1e-5 * want[i * P + p]);
    }
    fleck_arena_free(&arena);
}

/* Raw and calibrated photo scores, and that both rank alike. */
static void check_scores(golden *g, const fleck_compute *compute, const trained *t,
                         const char *method, double tolerance) {
    const float *raw = golden_get(g, NULL, "raw_%s", method);
    const float *score = golden_get(g, NULL, "score_%s", method);
    const float *got = t->training.level;
    float calibrated[PHOTOS];
    int misplaced = 0;
    /* the oracle knows nothing of the grain, which may move the scale up */
    fleck_level_scale scale;
    CHECK(fleck_level_scale_of(compute->scratch, got, PHOTOS, &scale));
    CHECK(scale.defect <= t->training.model.level_scale.defect);
    for (size_t i = 0; i < PHOTOS; i++) {
        calibrated[i] = fleck_score_of_strength(fleck_level_strength(scale, got[i]));
        for (size_t j = 0; j < i; j++)
            misplaced +=
                (got[i] < got[j]) != (raw[i] < raw[j]) && fabsf(raw[i] - raw[j]) > (float)tolerance;
    }
    CHECK_NEAR(worst(got, raw, PHOTOS, false), 0, tolerance);
    CHECK_NEAR(worst(calibrated, score, PHOTOS, false), 0, tolerance);
    CHECK(misplaced == 0);
}

/* Without learning nothing amplifies the rounding of float32. */
static void check_plain(golden *g, const fleck_compute *compute, const folder *f,
                        fleck_method method, const char *name) {
    trained t;
    train(compute, f, method, SEED, LOSSES_MAX, &t);
    CHECK(t.losses == 0);
    check_scores(g, compute, &t, name, 1e-4);
    fleck_arena_free(&t.arena);
}

static void check_irmb(golden *g, const fleck_compute *compute, const folder *f) {
    size_t steps, rounds;
    const float *loss = golden_get(g, &steps, "loss"), *patches = golden_get(g, NULL, "patches");
    const float *anomalous = golden_get(g, &rounds, "anomalous");
    const float *normal = golden_get(g, NULL, "normal");
    trained t;
    train(compute, f, FLECK_METHOD_IRMB, SEED, LOSSES_MAX, &t);
    CHECK(t.losses == steps && steps >= EARLY);
    CHECK_NEAR(worst(t.loss, loss, EARLY, false), 0, EARLY_WITHIN);
    CHECK_NEAR(worst(t.loss, loss, t.losses == steps ? steps : 0, false), 0, LATER_WITHIN);
    const fleck_irmb *irmb = t.training.learner;
    CHECK(irmb->labels.anomalous_count == anomalous[rounds - 1]);
    CHECK(irmb->labels.normal_count == normal[rounds - 1]);
    CHECK_NEAR(worst(t.training.scores.rank, patches, PHOTOS * P, false), 0, PATCHES_WITHIN);
    CHECK_NEAR(worst(t.training.scores.map, golden_get(g, NULL, "map"), PHOTOS * P, false), 0,
               PATCHES_WITHIN);
    CHECK_NEAR(t.training.model.trust, golden_get(g, NULL, "trust")[0], 1e-6);
    CHECK(t.training.model.trust > 0);
    const float *discriminant = golden_get(g, NULL, "discriminant");
    CHECK_NEAR(worst(irmb->discriminant, discriminant, PHOTOS * P, false), 0, DISCRIMINANT_WITHIN);
    check_scores(g, compute, &t, "irmb", LATER_WITHIN);
    fleck_arena_free(&t.arena);
}

int main(void) {
    golden g = golden_open("train.safetensors");
    folder f;
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    folder_read(&g, &f, PHOTOS, square(GRID), D);
    check_distances(&g, &compute, &f, 12, 1024);
    check_distances(&g, &compute, &f, 3, 20);
    check_distances(&g, &compute, &f, 1, 100);
    check_plain(&g, &compute, &f, FLECK_METHOD_KNN, "knn");
    check_plain(&g, &compute, &f, FLECK_METHOD_ENSEMBLE, "ensemble");
    check_irmb(&g, &compute, &f);
    check_seeds(&compute, &f, FLECK_METHOD_IRMB, SEED, golden_get(&g, NULL, "loss"));
    folder_free(&f);
    compute_free(&compute);
    golden_close(&g);
    return check_done();
}
