/* The methods that learn no local-net against oracles in float64 that draw the same
 * numbers (scripts/golden/methods.py), the parts they are made of, and folders in which
 * there is little to learn. */
#include "calibration.h"
#include "check.h"
#include "fleck.h"
#include "lof.h"
#include "training_of.h"

#include <string.h>

enum {
    PHOTOS = 16,
    GRID = 7,
    P = GRID * GRID,
    D = 21,
    SEED = 11,
    BRIEF = 100,
    FEW = 10 /* steps of nets */
};

/* Distances are square roots of sums of D squares, which float32 adds up within 1e-6; the
 * covariance's condition magnifies that, and so do quotients of distances, and scores,
 * in robust deviations, of which some are 20 and more. */
#define DISTANCE_WITHIN 1e-5
#define MAHALANOBIS_WITHIN 1e-4
#define FACTOR_WITHIN 1e-4
#define RAW_WITHIN 1e-3

/* Normal features about a random pattern of the frame. */
static void folder_draw(folder *f, uint32_t count, fleck_grid grid, size_t dim, uint64_t seed) {
    folder_make(f, count, grid, dim);
    fleck_rng rng = fleck_rng_seed(seed);
    size_t size = f->features.P * dim;
    float *place = FLECK_NEW(&f->arena, float, size), *x = FLECK_NEW(&f->arena, float, size);
    for (size_t i = 0; i < size; i++) place[i] = 2 * fleck_rng_normal(&rng);
    for (uint32_t photo = 0; photo < count; photo++) {
        for (size_t i = 0; i < size; i++) x[i] = place[i] + fleck_rng_normal(&rng);
        fleck_half_narrow(x, size, f->patch + photo * size);
    }
}

/* ---- against the oracle ---- */

static void check_method(golden *g, const fleck_compute *compute, const folder *f,
                         fleck_method method, double within, bool several) {
    const char *name = fleck_method_name(method);
    trained t;
    train(compute, f, method, SEED, LOSSES_MAX, &t);
    CHECK_NEAR(
        worst(t.training.distance, golden_get(g, NULL, "distance_%s", name), PHOTOS * P, true), 0,
        within);
    if (several)
        CHECK_NEAR(
            worst(t.training.nearest, golden_get(g, NULL, "nearest_%s", name), PHOTOS * P, true), 0,
            within);
    const float *raw = golden_get(g, NULL, "raw_%s", name);
    for (size_t i = 0; i < PHOTOS; i++) {
        const float *z = t.training.scores.rank + i * P;
        float most = z[0];
        for (size_t p = 1; p < P; p++) most = fmaxf(most, z[p]);
        CHECK_NEAR(most, raw[i], RAW_WITHIN);
    }
    fleck_arena_free(&t.arena);
}

/* A kind of memories in small; windows of 3 x 3 if wide. */
static void check_memory(golden *g, const fleck_compute *compute, const folder *f, const char *name,
                         fleck_memory_plan plan, bool wide) {
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(SEED);
    fleck_view view = {.embedding = {
                           .plan = {.window = wide ? 3 : 1},
                           .grid = square(GRID),
                           .D = D,
                       }};
    float lof[PHOTOS * P], distance[PHOTOS * P], nearest[PHOTOS * P];
    CHECK(fleck_memory_begin(&arena, PHOTOS, D, plan, &rng, &view.memory));
    for (size_t row = 0; plan.weighted && row < GRID; row++)
        CHECK(fleck_lof_row(compute, &f->features, &view.embedding, view.memory.order, PHOTOS, row,
                            lof));
    for (uint32_t m = 0; m < plan.count_max; m++)
        CHECK(fleck_memory_draw(&view.memory, m, &arena, compute, &f->features, &view.embedding,
                                plan.weighted ? lof : NULL, &rng));
    for (uint32_t i = 0; i < PHOTOS; i++)
        CHECK(fleck_view_distance(&view, compute, f->features.patch[i], i, distance + i * P,
                                  nearest + i * P));
    CHECK_NEAR(worst(distance, golden_get(g, NULL, "distance_%s", name), PHOTOS * P, true), 0,
               DISTANCE_WITHIN);
    const float *want = plan.count_max > 1 ? golden_get(g, NULL, "nearest_%s", name) : distance;
    CHECK_NEAR(worst(nearest, want, PHOTOS * P, true), 0, DISTANCE_WITHIN);
    fleck_arena_free(&arena);
}

static void distances_between(const float *a, size_t m, const float *b, size_t n, float *out) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t d = 0; d < 3; d++)
                sum +=
                    ((double)a[3 * i + d] - b[3 * j + d]) * ((double)a[3 * i + d] - b[3 * j + d]);
            out[i * n + j] = (float)sqrt(sum);
        }
}

static void check_factors(golden *g) {
    enum { POINTS = 30, OTHERS = 9, LEAST = 4 };
    float distance[POINTS * POINTS], k_distance[POINTS], lof[POINTS];
    double density[POINTS];
    fleck_lof_references r = {POINTS, k_distance, density};
    const float *points = golden_get(g, NULL, "points"), *others = golden_get(g, NULL, "others");
    distances_between(points, POINTS, points, POINTS, distance);
    fleck_lof(distance, &r, lof);
    CHECK_NEAR(worst(lof, golden_get(g, NULL, "lof_points"), POINTS, true), 0, FACTOR_WITHIN);
    distances_between(others, OTHERS, points, POINTS, distance);
    for (size_t i = 0; i < OTHERS; i++) lof[i] = fleck_lof_of(distance + i * POINTS, &r);
    CHECK_NEAR(worst(lof, golden_get(g, NULL, "lof_others"), OTHERS, true), 0, FACTOR_WITHIN);

    r.n = LEAST; /* fewer than k neighbours */
    distances_between(points, LEAST, points, LEAST, distance);
    fleck_lof(distance, &r, lof);
    CHECK_NEAR(worst(lof, golden_get(g, NULL, "few"), LEAST, true), 0, FACTOR_WITHIN);

    memset(distance, 0, sizeof distance); /* all points are equal, but for one */
    r.n = POINTS;
    fleck_lof(distance, &r, lof);
    for (size_t i = 0; i < POINTS; i++) CHECK(lof[i] == 1);
    for (size_t i = 1; i < POINTS; i++) distance[i] = distance[i * POINTS] = 1;
    fleck_lof(distance, &r, lof);
    for (size_t i = 1; i < POINTS; i++) CHECK(lof[i] == 1);
    CHECK(lof[0] > 1e6f && isfinite(lof[0]));
}

static void check_rows_of_factors(golden *g, const fleck_compute *compute, const folder *f) {
    static const uint32_t order[PHOTOS] = {3, 9, 0, 5, 1, 8, 6, 2, 7, 4, 10, 11, 12, 13, 14, 15};
    fleck_embedding e = {.plan = {.window = 3}, .grid = square(GRID), .D = D};
    float lof[PHOTOS * P];
    for (size_t row = 0; row < GRID; row++)
        CHECK(fleck_lof_row(compute, &f->features, &e, order, PHOTOS, row, lof));
    CHECK_NEAR(worst(lof, golden_get(g, NULL, "lof"), PHOTOS * P, true), 0, FACTOR_WITHIN);
    for (size_t row = 0; row < GRID; row++)
        CHECK(fleck_lof_row(compute, &f->features, &e, order, 10, row, lof));
    CHECK_NEAR(worst(lof, golden_get(g, NULL, "lof_first_10"), PHOTOS * P, true), 0, FACTOR_WITHIN);
}

/* Any rows of the grid are those of the whole. */
static void check_rows(const fleck_embedding *e, const fleck_compute *compute,
                       const fleck_half *patch) {
    float all[P * D], rows[P * D];
    size_t line = e->grid.columns * D;
    CHECK(fleck_embed(e, compute, patch, all));
    for (size_t begin = 0; begin < e->grid.rows; begin++)
        for (size_t end = begin + 1; end <= e->grid.rows; end++) {
            CHECK(fleck_embed_rows(e, compute, patch, begin, end, rows));
            CHECK(!memcmp(rows, all + begin * line, (end - begin) * line * sizeof *rows));
        }
}

static void check_windows(golden *g, const fleck_compute *compute, const folder *f,
                          uint32_t window) {
    fleck_embedding e = {.plan = {.window = window}, .grid = square(GRID), .D = D};
    const float *want = golden_get(g, NULL, "mean_%u", window);
    for (size_t i = 0; i < 2; i++) {
        float got[P * D];
        CHECK(fleck_embed(&e, compute, f->features.patch[i], got));
        CHECK(!memcmp(got, want + i * P * D, sizeof got)); /* multiples of 1/256 add up exactly */
        check_rows(&e, compute, f->features.patch[i]);
    }
}

/* Embedded patches have mean 0, at each place if aligned, and covariance I - a F F^T: F (C
 * + a I) F^T = I, where a is 1 % of the mean variance and F the factor. */
static void check_whitening(golden *g, const fleck_compute *compute, const folder *f,
                            bool aligned) {
    fleck_arena arena = {0};
    fleck_view view = {0};
    fleck_embedding *e = &view.embedding;
    fleck_embedding_plan plan = {1, true, aligned};
    CHECK(fleck_embedding_fit(&arena, compute, &f->features, plan, e));
    const float *want = golden_get(g, NULL, aligned ? "local" : "global");
    double mean[P][D] = {{0}}, square[D][D] = {{0}}, variance = 0;
    for (uint32_t i = 0; i < PHOTOS; i++) {
        float x[P * D], wide[P * D], distance[P];
        CHECK(fleck_embed(e, compute, f->features.patch[i], x));
        CHECK(fleck_view_distance(&view, compute, f->features.patch[i], i, distance, NULL));
        CHECK_NEAR(worst(distance, want + i * P, P, true), 0, MAHALANOBIS_WITHIN);
        fleck_half_widen(f->features.patch[i], P * D, wide);
        for (size_t p = 0; p < P; p++)
            for (size_t d = 0; d < D; d++) {
                double residual = wide[p * D + d] - e->mean[(aligned ? p * D : 0) + d];
                variance += residual * residual / (PHOTOS * P * D);
                mean[aligned ? p : 0][d] += x[p * D + d] / (aligned ? PHOTOS : PHOTOS * P);
                for (size_t c = 0; c < D; c++)
                    square[d][c] += (double)x[p * D + d] * x[p * D + c] / (PHOTOS * P);
            }
        check_rows(e, compute, f->features.patch[i]);
    }
    for (size_t p = 0; p < P; p++)
        for (size_t d = 0; d < D; d++) CHECK_NEAR(mean[p][d], 0, 1e-5);
    for (size_t d = 0; d < D; d++)
        for (size_t c = 0; c < D; c++) {
            double product = 0;
            for (size_t j = 0; j < D; j++)
                product += (double)e->factor[d * D + j] * e->factor[c * D + j];
            CHECK_NEAR(square[d][c] + 0.01 * variance * product, d == c, 1e-4);
        }
    fleck_arena_free(&arena);
}

/* More patches than the covariance is taken of, some from every place: the rest has about
 * the same. Features have variance 1 beside the place's mean, so that it is nearly I. */
static void check_sample(const fleck_compute *compute) {
    enum { N = 60, SIDE = 18, WIDTH = 4 };
    fleck_arena arena = {0};
    folder f;
    folder_draw(&f, N, square(SIDE), WIDTH, 8);
    fleck_embedding e;
    CHECK(fleck_embedding_fit(&arena, compute, &f.features, (fleck_embedding_plan){1, true, true},
                              &e));
    for (size_t i = 0; i < WIDTH; i++)
        for (size_t j = 0; j < WIDTH; j++)
            CHECK_NEAR(e.factor[i * WIDTH + j], i == j, 0.05); /* 16,384 samples: sd .01 */
    fleck_arena_free(&arena);
    folder_free(&f);
}

/* ---- grids that are not square ---- */

enum { PART = 15 /* patches of the oracle's folder, the first, on other grids */ };

static void folder_part(const folder *f, fleck_grid grid, folder *out) {
    folder_make(out, PHOTOS, grid, D);
    for (size_t i = 0; i < PHOTOS; i++)
        memcpy(out->patch + i * PART * D, f->patch + i * P * D, PART * D * sizeof *out->patch);
}

/* The median distance of those that lie side by side in a row. */
static float grain_of(const folder *f) {
    float apart[PHOTOS * PART];
    size_t n = 0, columns = f->features.grid.columns;
    for (size_t p = 0; p < PHOTOS * PART; p++) {
        if (p % PART % columns == columns - 1) continue;
        float x[2 * D];
        double sum = 0;
        fleck_half_widen(f->patch + p * D, 2 * D, x);
        for (size_t d = 0; d < D; d++) sum += pow((double)x[d] - x[D + d], 2);
        apart[n++] = (float)sqrt(sum);
    }
    return fleck_median(apart, n);
}

static void check_aligned(const fleck_compute *compute, const folder *f) {
    fleck_arena arena = {0};
    fleck_embedding e;
    double mean[PART * D] = {0};
    CHECK(fleck_embedding_fit(&arena, compute, &f->features, (fleck_embedding_plan){3, true, true},
                              &e));
    for (size_t i = 0; i < PHOTOS; i++) {
        float x[PART * D];
        CHECK(fleck_embed(&e, compute, f->features.patch[i], x));
        for (size_t j = 0; j < PART * D; j++) mean[j] += x[j] / PHOTOS;
        check_rows(&e, compute, f->features.patch[i]);
    }
    for (size_t j = 0; j < PART * D; j++) CHECK_NEAR(mean[j], 0, 1e-4);
    fleck_arena_free(&arena);
}

static void check_rectangle(golden *g, const fleck_compute *compute, const folder *all,
                            fleck_grid grid) {
    char name[24];
    folder f;
    folder_part(all, grid, &f);
    fleck_embedding e = {.plan = {.window = 1}, .grid = grid, .D = D};
    float got[PART * D], lof[PHOTOS * PART], grain;
    CHECK(fleck_embedding_grain(&e, compute, &f.features, &grain));
    CHECK_NEAR(grain, grain_of(&f), 1e-5);
    snprintf(name, sizeof name, "%ux%u", grid.rows, grid.columns);
    for (e.plan.window = 5; e.plan.window >= 3; e.plan.window -= 2) {
        const float *want = golden_get(g, NULL, "mean_%u_%s", e.plan.window, name);
        for (size_t i = 0; i < 2; i++) {
            CHECK(fleck_embed(&e, compute, f.features.patch[i], got));
            CHECK(!memcmp(got, want + i * PART * D, sizeof got));
            check_rows(&e, compute, f.features.patch[i]);
        }
    }
    uint32_t order[PHOTOS];
    for (uint32_t i = 0; i < PHOTOS; i++) order[i] = i;
    e.plan.window = 3;
    for (size_t row = 0; row < grid.rows; row++)
        CHECK(fleck_lof_row(compute, &f.features, &e, order, PHOTOS, row, lof));
    CHECK_NEAR(worst(lof, golden_get(g, NULL, "lof_%s", name), PHOTOS * PART, true), 0,
               FACTOR_WITHIN);
    check_aligned(compute, &f);

    trained t;
    train(compute, &f, FLECK_METHOD_SOFTPATCH, SEED, LOSSES_MAX, &t);
    CHECK_NEAR(worst(t.training.distance, golden_get(g, NULL, "distance_softpatch_%s", name),
                     PHOTOS * PART, true),
               0, FACTOR_WITHIN);
    fleck_arena_free(&t.arena);
    folder_free(&f);
}

typedef struct {
    float rank[PART], map[PART], heat[FLECK_HEAT * FLECK_HEAT], score;
} outcome;

static void score(const fleck_model *model, const fleck_compute *compute, const folder *f,
                  uint32_t photo, uint32_t as, outcome *out) {
    fleck_patch_scores scores = {out->rank, out->map};
    CHECK(fleck_model_patches(model, compute, f->features.patch[photo], f->features.cls[photo], as,
                              scores));
    CHECK(fleck_model_report(model, compute, scores, fleck_any_strength, (fleck_shift){0, 0},
                             out->heat, &out->score));
}

/* A model's file gives the same scores and maps, and the same file again. */
static void check_saved(const fleck_compute *compute, fleck_method method, fleck_grid grid) {
    static outcome want, got;
    folder f;
    trained t;
    fleck_message err = {""};
    fleck_model loaded;
    size_t size = 0, again = 0;
    float highest = 0;
    folder_draw(&f, 8, grid, 20, 12);
    train_for(FEW, compute, &f, method, SEED, LOSSES_MAX, &t);
    const fleck_model *model = &t.training.model;
    CHECK(fleck_model_save(model, compute->scratch, NULL, 0, &size));
    uint8_t *bytes = FLECK_NEW(&t.arena, uint8_t, 2, size), *second = bytes + size;
    CHECK(fleck_model_save(model, compute->scratch, bytes, size, &size));
    CHECK(!fleck_model_load(&t.arena, compute, bytes, size, &loaded, &err));
    if (*err.text) fprintf(stderr, "%s: %s\n", fleck_method_name(method), err.text);
    CHECK(loaded.source.grid.rows == grid.rows && loaded.source.grid.columns == grid.columns);
    CHECK(loaded.P == (size_t)grid.rows * grid.columns);
    CHECK(fleck_model_save(&loaded, compute->scratch, second, size, &again));
    CHECK(again == size && !memcmp(bytes, second, size));
    for (uint32_t photo = 0; photo < 8; photo += 7)
        for (int known = 0; known < 2; known++) {
            uint32_t as = known ? photo : FLECK_NO_PHOTO;
            memset(&want, 0, sizeof want);
            memset(&got, 0, sizeof got);
            score(&loaded, compute, &f, photo, as, &got); /* first: nothing is in scratch memory */
            score(model, compute, &f, photo, as, &want);
            CHECK(!memcmp(&want, &got, sizeof got));
            CHECK(!known || want.score == fleck_training_score(&t.training, photo));
            highest = fmaxf(highest, want.score);
        }
    CHECK(highest > 0);
    fleck_arena_free(&t.arena);
    folder_free(&f);
}

static void check_rectangles(golden *g, const fleck_compute *compute, const folder *f) {
    static const fleck_grid grids[] = {
        {.rows = 5, .columns = 3}, {.rows = 3, .columns = 5}, {.rows = 1, .columns = 15}};
    for (size_t i = 0; i < LEN(grids); i++) check_rectangle(g, compute, f, grids[i]);
    for (int method = 0; fleck_method_plan_of((fleck_method)method); method++)
        if (method != FLECK_METHOD_PAPER) check_saved(compute, (fleck_method)method, grids[0]);
    check_saved(compute, FLECK_METHOD_SOFTPATCH, grids[1]);
    check_saved(compute, FLECK_METHOD_MAHALANOBIS, square(3));
}

/* ---- folders in which there is little to learn ---- */

/* The length of half a step in every column, of a memory that holds the greatest values: what
 * rounding moves a row by at most. */
static float half_steps(const fleck_features *f) {
    float squares = 0;
    for (size_t d = 0; d < f->D; d++) {
        float most = 0;
        for (size_t i = 0; i < f->count * f->P; i++) {
            float value;
            fleck_half_widen(&f->patch[i / f->P][i % f->P * f->D + d], 1, &value);
            most = fmaxf(most, fabsf(value));
        }
        squares += most * most / (254 * 254);
    }
    return 1.01f * sqrtf(squares);
}

/* Trains with every method but the paper's, and those that learn only if wanted, for they
 * take long: distances and scores are finite, whatever the folder. */
static void check_finite(const fleck_compute *compute, folder *f, bool learn, bool identical) {
    static const uint32_t first[PHOTOS];
    const fleck_features *features = &f->features;
    f->features.first = identical ? first : NULL; /* what folds say of a photo differs */
    size_t count = features->count * features->P;
    for (int method = 0; fleck_method_plan_of((fleck_method)method); method++) {
        fleck_learner learner = fleck_method_plan_of((fleck_method)method)->learner;
        if (learner == FLECK_LEARNER_PAPER || (learner && !learn)) continue;
        trained t;
        train_for(FEW, compute, f, (fleck_method)method, SEED, LOSSES_MAX, &t);
        const fleck_training *done = &t.training;
        for (size_t i = 0; i < count; i++) {
            CHECK(isfinite(done->distance[i]) &&
                  (done->distance[i] >= 0 || method == FLECK_METHOD_SIMPLENET));
            CHECK(isfinite(done->scores.rank[i]) && isfinite(done->scores.map[i]));
        }
        for (uint32_t i = 0; i < features->count; i++) {
            float score = fleck_training_score(done, i);
            CHECK(isfinite(score) && score >= 0 && score <= 1);
            if (identical) CHECK(score < FLECK_LOOK && done->level[i] == done->level[0]);
        }
        /* but for nets, each photo is the mean of its place, and in the memories but for the
         * rounding of rows to bytes */
        for (size_t i = 0; identical && !done->model.view[0].nets.task && i < count; i++)
            CHECK(done->distance[i] <= half_steps(features));
        fleck_arena_free(&t.arena);
    }
}

static void check_small_folders(const fleck_compute *compute) {
    folder f;
    folder_draw(&f, FLECK_PHOTOS_MIN, square(3), 19, 1);
    check_finite(compute, &f, true, false);
    folder_free(&f);
    folder_draw(&f, FLECK_PHOTOS_MIN, square(1), 3, 2);
    check_finite(compute, &f, false, false);
    folder_free(&f);
    folder_draw(&f, FLECK_PHOTOS_MIN, grid_of(4, 1), 3, 2); /* without neighbours in a row */
    check_finite(compute, &f, false, false);
    folder_free(&f);
}

static void copy_photo(folder *f, uint32_t from, uint32_t to) {
    size_t size = f->features.P * f->features.D;
    memcpy(f->patch + to * size, f->patch + from * size, size * sizeof *f->patch);
}

static void check_equal_photos(const fleck_compute *compute) {
    folder f;
    folder_make(&f, 6, square(4), 20); /* black: all features are 0 */
    check_finite(compute, &f, false, true);
    folder_free(&f);
    folder_draw(&f, 6, square(4), 20, 3);
    for (uint32_t i = 1; i < 6; i++) copy_photo(&f, 0, i);
    check_finite(compute, &f, false, true);
    folder_free(&f);

    /* Some that are equal have no distance, nor have others weights without bound. */
    folder_draw(&f, 20, square(4), 20, 4);
    for (uint32_t i = 1; i < 10; i++) copy_photo(&f, 0, i);
    check_finite(compute, &f, true, false);
    trained t;
    train(compute, &f, FLECK_METHOD_SOFTPATCH, SEED, LOSSES_MAX, &t);
    const fleck_memory *memory = &t.training.model.view[0].memory;
    size_t bounded = 0;
    for (size_t i = 0; i < memory->bank[0].N; i++) {
        CHECK(memory->weight[i] > 0 && memory->weight[i] <= FLECK_ROW_WEIGHT_MAX);
        bounded += memory->weight[i] == FLECK_ROW_WEIGHT_MAX;
    }
    CHECK(bounded > 0);
    fleck_arena_free(&t.arena);
    folder_free(&f);
}

/* Twenty copies of a photo and another that was saved anew, which moves its features a little,
 * and a part of which may be a defect: only that is one, and where it is is seen. */
static void check_copies(const fleck_compute *compute) {
    enum { N = 21, COPY = 20 };
    for (int defective = 0; defective < 2; defective++) {
        folder f;
        fleck_rng rng = fleck_rng_seed(7);
        folder_draw(&f, N, square(GRID), D, 6);
        for (uint32_t i = 1; i < N; i++) copy_photo(&f, 0, i);
        fleck_half *patch = f.patch + (size_t)COPY * P * D;
        float x[P * D];
        fleck_half_widen(patch, P * D, x);
        for (size_t i = 0; i < P * D; i++) x[i] += 0.3f * fleck_rng_normal(&rng);
        for (size_t i = 0; defective && i < 9 * D; i++) /* 3 x 3 of 7 x 7 patches */
            x[((2 + i / D / 3) * GRID + 2 + i / D % 3) * D + i % D] += i % 2 ? 9 : -9;
        fleck_half_narrow(x, P * D, patch);
        for (int method = 0; fleck_method_plan_of((fleck_method)method); method++) {
            if (method == FLECK_METHOD_PAPER) continue;
            trained t;
            train_for(BRIEF, compute, &f, (fleck_method)method, SEED, LOSSES_MAX, &t);
            float copy = fleck_training_score(&t.training, COPY);
            float other = fleck_training_score(&t.training, 3);
            if (fleck_verdict_of(copy, FLECK_DEFECT) !=
                (defective ? FLECK_VERDICT_DEFECT : FLECK_VERDICT_OK))
                fprintf(stderr, "%s: %g\n", fleck_method_name((fleck_method)method), (double)copy);
            CHECK(fleck_verdict_of(other, FLECK_DEFECT) == FLECK_VERDICT_OK);
            CHECK(fleck_verdict_of(copy, FLECK_DEFECT) ==
                  (defective ? FLECK_VERDICT_DEFECT : FLECK_VERDICT_OK));
            float scores[N];
            for (uint32_t i = 0; i < f.features.count; i++)
                scores[i] = fleck_training_score(&t.training, i);
            fleck_folder_verdict says = fleck_folder_judge(scores, f.features.count, FLECK_DEFECT);
            CHECK(says.defects == (uint32_t)defective && (defective || says.clean));
            fleck_arena_free(&t.arena);
        }
        folder_free(&f);
    }
}

/* More photos than are compared with each other: the odd one is found among the rest. */
static void check_many_photos(const fleck_compute *compute) {
    enum { N = 230, SIDE = 3, PATCHES = SIDE * SIDE };
    folder f;
    folder_draw(&f, N, square(SIDE), 17, 5);
    for (uint32_t odd = 0; odd < N; odd += N - 1) {
        fleck_half *patch = (fleck_half *)f.features.patch[odd];
        for (size_t i = 0; i < 17; i++) patch[i] = 0x4900; /* 10 */
    }
    trained t;
    train(compute, &f, FLECK_METHOD_SOFTPATCH, SEED, LOSSES_MAX, &t);
    for (uint32_t i = 1; i + 1 < N; i++)
        CHECK(t.training.level[i] < t.training.level[0] &&
              t.training.level[i] < t.training.level[N - 1]);
    CHECK(t.training.model.view[0].memory.bank[0].N == N * PATCHES - N * PATCHES * 15 / 100);
    fleck_arena_free(&t.arena);
    folder_free(&f);
}

/* The hottest spot of a photo's map is its score, bit for bit, whatever the photo as a whole and
 * the map say for themselves: with a map that has nothing unusual all of it is as hot; nothing is
 * hot where nothing is unusual. */
static void check_heat(const fleck_compute *compute) {
    enum { SIDE = 14, PATCHES = SIDE * SIDE };
    static float heat[FLECK_HEAT * FLECK_HEAT];
    float rank[PATCHES], map[PATCHES], score;
    for (int method = 0; fleck_method_plan_of((fleck_method)method); method++)
        for (int strong = 0; strong < 4; strong++) {
            static const float hot[] = {-1, 6, 30, -1};
            for (size_t i = 0; i < PATCHES; i++) rank[i] = map[i] = -1;
            for (size_t i = 40; strong && i < 43; i++) rank[i] = 9, map[i] = hot[strong];
            fleck_model model = {.method = (fleck_method)method,
                                 .P = PATCHES,
                                 .source.grid = square(SIDE),
                                 .level_scale = {0, 2}};
            CHECK(fleck_model_report(&model, compute, (fleck_patch_scores){rank, map},
                                     fleck_any_strength, (fleck_shift){0, 0}, heat, &score));
            float hottest = 0;
            for (size_t i = 0; i < LEN(heat); i++) hottest = heat[i] > hottest ? heat[i] : hottest;
            CHECK(hottest == score);
            if (strong == 3) {
                CHECK(heat[0] == score);
                continue;
            }
            CHECK(strong ? score > FLECK_DEFECT : score < 0.2f);
            CHECK(!strong || heat[0] < 0.2f);
        }
}

/* ---- ranks ---- */

/* A photo of 200 patches, all 1 but two, 9 and 25: methods rank it by the mean of the highest
 * hundredth, fleck's own and the paper's by the highest alone. */
static void check_top(const fleck_compute *compute) {
    enum { PATCHES = 200 };
    float rank[PATCHES], map[PATCHES], level;
    for (size_t i = 0; i < PATCHES; i++) rank[i] = map[i] = 1;
    rank[7] = 9;
    rank[150] = 25;
    static const struct {
        fleck_method method;
        float level;
    } want[] = {
        {FLECK_METHOD_IRMB, 0.5f * 5 + 0.5f * 1},
        {FLECK_METHOD_PAPER, 25},
        {FLECK_METHOD_KNN, 4.1231056f}, /* the root of 17 */
        {FLECK_METHOD_SOFTPATCH, 4.1231056f},
    };
    for (size_t i = 0; i < LEN(want); i++) {
        fleck_model model = {.method = want[i].method, .P = PATCHES};
        CHECK(fleck_model_photo(&model, compute, (fleck_patch_scores){rank, map}, &level));
        CHECK_NEAR(level, want[i].level, 1e-6);
    }
}

int main(void) {
    golden g = golden_open("methods.safetensors");
    folder f;
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    folder_read(&g, &f, PHOTOS, square(GRID), D);

    check_windows(&g, &compute, &f, 3);
    check_windows(&g, &compute, &f, 5);
    check_whitening(&g, &compute, &f, true);
    check_whitening(&g, &compute, &f, false);
    check_sample(&compute);
    check_top(&compute);
    check_factors(&g);
    check_rows_of_factors(&g, &compute, &f);
    check_rectangles(&g, &compute, &f);

    fleck_memory_plan knn = {FLECK_MEMORY_FOLDER, 1, 100, false}, soft = knn;
    soft.weighted = true;
    check_memory(&g, &compute, &f, "knn_100", knn, false);
    check_memory(&g, &compute, &f, "softpatch_100", soft, true);
    check_memory(&g, &compute, &f, "ensemble_3_20",
                 (fleck_memory_plan){FLECK_MEMORY_TENTHS, 3, 20, false}, false);
    check_memory(&g, &compute, &f, "musc_8_20",
                 (fleck_memory_plan){FLECK_MEMORY_PHOTOS, 8, 20, false}, true);

    check_method(&g, &compute, &f, FLECK_METHOD_KNN, DISTANCE_WITHIN, false);
    check_method(&g, &compute, &f, FLECK_METHOD_ENSEMBLE, DISTANCE_WITHIN, true);
    check_method(&g, &compute, &f, FLECK_METHOD_MUSC, DISTANCE_WITHIN, true);
    check_method(&g, &compute, &f, FLECK_METHOD_MAHALANOBIS, MAHALANOBIS_WITHIN, false);
    check_method(&g, &compute, &f, FLECK_METHOD_SOFTPATCH, FACTOR_WITHIN, false);

    check_small_folders(&compute);
    check_equal_photos(&compute);
    check_copies(&compute);
    check_many_photos(&compute);
    check_heat(&compute);
    folder_free(&f);
    compute_free(&compute);
    golden_close(&g);
    return check_done();
}
