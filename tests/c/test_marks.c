/* What is learnt from marks, against scikit-learn's kernel ridge regression, and the rules of
 * marks. */
#include "calibration.h"
#include "check.h"
#include "compute_of.h"
#include "folder_of.h"
#include "golden.h"
#include "marks.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { PHOTOS = 7, SIDE = 4, P = SIDE * SIDE, D = 12, MARKS = 5 };

static fleck_model model_of(float defect, float width) {
    return (fleck_model){.method = FLECK_METHOD_KNN,
                         .source = {.grid = square(SIDE)},
                         .P = P,
                         .D = D,
                         .level_scale = {0, defect},
                         .look_width = width};
}

typedef struct {
    golden g;
    folder f;
    fleck_model model;
    fleck_marked marked[MARKS];
    float look[MARKS][FLECK_MARK_POINTS * D];
    const float *rank, *map;
} marked_folder;

static fleck_patch_scores scores_of(const marked_folder *m, uint32_t photo, float copy[2][P]) {
    memcpy(copy[0], m->rank + photo * P, sizeof copy[0]);
    memcpy(copy[1], m->map + photo * P, sizeof copy[1]);
    return (fleck_patch_scores){copy[0], copy[1]};
}

static void open_folder(const fleck_compute *compute, marked_folder *m) {
    m->g = golden_open("marks.safetensors");
    folder_read(&m->g, &m->f, PHOTOS, square(SIDE), D);
    m->rank = golden_get(&m->g, NULL, "rank");
    m->map = golden_get(&m->g, NULL, "map");
    m->model = model_of(*golden_get(&m->g, NULL, "defect"), *golden_get(&m->g, NULL, "width"));
    const float *what = golden_get(&m->g, NULL, "what");
    for (uint32_t i = 0; i < MARKS; i++) {
        float scores[2][P];
        uint32_t photo = (uint32_t)what[4 * i];
        fleck_marked *one = &m->marked[i];
        *one = (fleck_marked){.photo = photo,
                              .place = what[4 * i + 1] < 0 ? FLECK_WHOLE_PHOTO
                                                           : (uint32_t)what[4 * i + 1],
                              .mark = (fleck_mark)what[4 * i + 2],
                              .look = m->look[i]};
        fleck_features_hash(m->f.features.patch[photo], P * D, one->hash);
        CHECK(fleck_marks_look(&m->model, compute, m->model.source.grid, m->f.features.patch[photo],
                               scores_of(m, photo, scores), one));
        if (one->points > (uint32_t)what[4 * i + 3]) one->points = (uint32_t)what[4 * i + 3];
    }
}

static bool apply(const fleck_marks *marks, const marked_folder *m, const fleck_compute *compute,
                  uint32_t photo, fleck_patch_scores scores) {
    uint32_t hash[2];
    const fleck_half *patch = m->f.features.patch[photo];
    fleck_features_hash(patch, P * D, hash);
    return fleck_marks_apply(marks, &m->model, compute, m->model.source.grid, patch, hash, scores);
}

static void close_folder(marked_folder *m) {
    folder_free(&m->f);
    golden_close(&m->g);
}

static void test_golden(const fleck_compute *compute) {
    marked_folder m;
    open_folder(compute, &m);
    float width;
    CHECK(fleck_marks_width(compute, &m.f.features, m.map, &width));
    CHECK_NEAR(width, m.model.look_width, 1e-5);
    const float *strength = golden_get(&m.g, NULL, "strength");
    const float *expected = golden_get(&m.g, NULL, "expected");
    const float *what = golden_get(&m.g, NULL, "what");
    for (uint32_t i = 0; i < MARKS; i++) CHECK_NEAR(m.marked[i].strength, strength[i], 1e-5);
    fleck_marked marked[MARKS]; /* which learning sorts */
    memcpy(marked, m.marked, sizeof marked);
    fleck_marks marks = {.D = D, .marked = marked, .count = MARKS};
    fleck_arena arena = {0};
    CHECK(fleck_marks_learn(&marks, &arena, compute, m.model.look_width));
    for (uint32_t i = 0; i < MARKS; i++)
        for (uint32_t k = 0; k < MARKS; k++)
            if (marked[i].photo == (uint32_t)what[4 * k] && marked[i].place == m.marked[k].place)
                CHECK_NEAR(marks.lesson.expected[i], expected[k], 2e-4);
    const float *ranked = golden_get(&m.g, NULL, "ranked");
    const float *mapped = golden_get(&m.g, NULL, "mapped");
    for (uint32_t photo = 4; photo < PHOTOS; photo++) { /* without marks */
        float copy[2][P];
        fleck_patch_scores scores = scores_of(&m, photo, copy);
        CHECK(apply(&marks, &m, compute, photo, scores));
        CHECK(memcmp(copy[0], m.rank + photo * P, sizeof copy[0]) != 0);
        for (size_t p = 0; p < P; p++) {
            CHECK_NEAR(copy[0][p], ranked[photo * P + p], 2e-4 * ranked[photo * P + p]);
            CHECK_NEAR(copy[1][p], mapped[photo * P + p], 2e-4 * mapped[photo * P + p]);
        }
    }
    fleck_arena_free(&arena);
    close_folder(&m);
}

/* Whatever the order in which marks were made, what is learnt has the same bits. */
static void test_order(const fleck_compute *compute) {
    marked_folder m;
    open_folder(compute, &m);
    float first[2][P];
    for (uint32_t turn = 0; turn < MARKS; turn++) {
        fleck_marked marked[MARKS];
        for (uint32_t i = 0; i < MARKS; i++)
            marked[i] = m.marked[turn % 2 ? (2 * MARKS - i - turn) % MARKS : (i + turn) % MARKS];
        fleck_marks marks = {.D = D, .marked = marked, .count = MARKS};
        fleck_arena arena = {0};
        CHECK(fleck_marks_learn(&marks, &arena, compute, m.model.look_width));
        float copy[2][P];
        CHECK(apply(&marks, &m, compute, 4, scores_of(&m, 4, copy)));
        if (turn) CHECK(!memcmp(copy, first, sizeof copy));
        memcpy(first, copy, sizeof copy);
        fleck_arena_free(&arena);
    }
    close_folder(&m);
}

/* A spot is what it is marked as, and a photo's verdict is its mark's at any threshold. */
static void test_settled(const fleck_compute *compute) {
    marked_folder m;
    open_folder(compute, &m);
    fleck_marks marks = {.D = D, .marked = m.marked, .count = MARKS};
    fleck_arena arena = {0};
    CHECK(fleck_marks_learn(&marks, &arena, compute, m.model.look_width));
    float copy[2][P];
    CHECK(apply(&marks, &m, compute, 2, scores_of(&m, 2, copy)));
    float hottest = 0, most = fleck_model_score_of_strength(&m.model, 0.7408183f);
    for (size_t p = 0; p < P; p++) hottest = fmaxf(hottest, copy[1][p]);
    bool defect[P] = {false};
    for (uint32_t i = 0; i < MARKS; i++)
        for (uint32_t k = 0; m.marked[i].photo == 2 && k < m.marked[i].points; k++)
            if (m.marked[i].mark == FLECK_MARK_DEFECT) defect[m.marked[i].at[k]] = true;
    static const size_t good[] = {10, 11, 14, 15}; /* some may lie in both: the defect counts */
    for (size_t p = 0; p < P; p++)
        if (defect[p]) CHECK(copy[1][p] == hottest);
    for (size_t i = 0; i < LEN(good); i++)
        if (!defect[good[i]]) CHECK(copy[1][good[i]] <= most && copy[0][good[i]] <= most);
    CHECK(hottest >= fleck_model_score_of_strength(&m.model, 1.3498f));
    uint32_t hash[2];
    static const fleck_mark want[PHOTOS] = {FLECK_MARK_GOOD, FLECK_MARK_DEFECT, FLECK_MARK_DEFECT,
                                            FLECK_MARK_DEFECT};
    for (uint32_t i = 0; i < PHOTOS; i++) {
        fleck_features_hash(m.f.features.patch[i], P * D, hash);
        CHECK(fleck_marks_of(&marks, hash) == want[i]);
    }
    for (float threshold = 1e-6f; threshold < 0.99999f; threshold *= 1.07f) {
        float strength[] = {0, 0.5f, 1, 2, 5};
        for (size_t i = 0; i < LEN(strength); i++)
            for (int mark = FLECK_MARK_GOOD; mark <= FLECK_MARK_DEFECT; mark++) {
                fleck_strength_bounds b = fleck_marked_bounds((fleck_mark)mark, threshold);
                float s = fminf(fmaxf(strength[i], b.least), b.most);
                fleck_verdict verdict = fleck_verdict_of(fleck_score_of_strength(s), threshold);
                CHECK(verdict ==
                      (mark == FLECK_MARK_GOOD ? FLECK_VERDICT_OK : FLECK_VERDICT_DEFECT));
            }
    }
    fleck_arena_free(&arena);
    close_folder(&m);
}

/* More marks than teach: those that want most changed do, the others change nothing. */
static void test_many(const fleck_compute *compute) {
    enum { MANY = FLECK_MARK_TEACHES_MAX + 40 };
    marked_folder m;
    open_folder(compute, &m);
    fleck_marked *marked = calloc(MANY, sizeof *marked);
    float *looks = calloc((size_t)MANY * FLECK_MARK_POINTS * D, sizeof *looks);
    fleck_rng rng = fleck_rng_seed(5);
    for (uint32_t i = 0; i < MANY; i++) {
        marked[i] = m.marked[1];
        marked[i].hash[0] = i;
        marked[i].look = looks + (size_t)i * FLECK_MARK_POINTS * D;
        marked[i].strength = i < 40 ? 2 : 0.9f; /* the first are right already */
        for (size_t p = 0; p < FLECK_MARK_POINTS; p++) {
            float *x = marked[i].look + p * D, length = 0;
            for (size_t d = 0; d < D; d++) x[d] = fleck_rng_normal(&rng);
            for (size_t d = 0; d < D; d++) length += x[d] * x[d];
            for (size_t d = 0; d < D; d++) x[d] /= sqrtf(length);
        }
    }
    fleck_marks marks = {.D = D, .marked = marked, .count = MANY};
    fleck_arena arena = {0}, fewer = {0};
    CHECK(fleck_marks_learn(&marks, &arena, compute, 0.3f));
    CHECK(marks.lesson.points == FLECK_MARK_TEACHES_MAX * FLECK_MARK_POINTS);
    fleck_marks others = {.D = D, .marked = marked + 40, .count = MANY - 40};
    CHECK(fleck_marks_learn(&others, &fewer, compute, 0.3f));
    CHECK(!memcmp(marks.lesson.weight, others.lesson.weight, marks.lesson.points * sizeof(float)));
    fleck_arena_free(&arena);
    fleck_arena_free(&fewer);
    free(marked);
    free(looks);
    close_folder(&m);
}

/* Counts, shares with Wilson's bounds as statsmodels gives them, and the threshold: between good
 * and defects where they part, the folder's own where there is no mark. */
static void test_review(const fleck_compute *compute) {
    fleck_marked marked[12] = {{0}};
    float expected[12];
    for (int i = 0; i < 12; i++) {
        marked[i].mark = i < 4 ? FLECK_MARK_GOOD : FLECK_MARK_DEFECT;
        expected[i] = i < 1 ? 1.2f : i < 4 ? 0.6f : i < 10 ? 1.5f : 0.7f;
    }
    fleck_marks marks = {.marked = marked, .count = 12, .lesson = {.expected = expected}};
    fleck_review r;
    fleck_marks_review(&marks, compute->kernels, FLECK_DEFECT, &r);
    CHECK(r.good == 4 && r.defects == 8 && r.good_called == 1 && r.defects_called == 6);
    CHECK_NEAR(r.precision, 6.0 / 7, 1e-6);
    CHECK_NEAR(r.precision_least, 0.48687, 1e-4);
    CHECK_NEAR(r.precision_most, 0.97433, 1e-4);
    CHECK_NEAR(r.recall, 0.75, 1e-6);
    CHECK_NEAR(r.recall_least, 0.40927, 1e-4);
    CHECK_NEAR(r.recall_most, 0.92852, 1e-4);
    for (int i = 0; i < 12; i++) expected[i] = i < 4 ? 1.1f : 1.6f;
    fleck_marks_review(&marks, compute->kernels, FLECK_DEFECT, &r);
    CHECK(r.threshold > FLECK_DEFECT);
    for (int i = 0; i < 12; i++) expected[i] = i < 4 ? 0.5f : 0.9f;
    fleck_marks_review(&marks, compute->kernels, FLECK_DEFECT, &r);
    CHECK(r.threshold < FLECK_DEFECT);
    marks.count = 0;
    fleck_marks_review(&marks, compute->kernels, FLECK_DEFECT, &r);
    CHECK_NEAR(r.threshold, FLECK_DEFECT, 1e-5);
    CHECK(!r.good && r.precision == 0 && r.precision_least == 0 && r.precision_most == 1);
}

int main(void) {
    static const char *const kernels[] = {"scalar", NULL};
    for (size_t i = 0; i < LEN(kernels); i++) {
        fleck_arena scratch = {0};
        fleck_compute compute = compute_make(&scratch, kernels[i], 1);
        test_golden(&compute);
        test_order(&compute);
        test_settled(&compute);
        test_many(&compute);
        test_review(&compute);
        CHECK(!fleck_arena_here(&scratch).chunk);
        compute_free(&compute);
    }
    return check_done();
}
