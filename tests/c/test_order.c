/* Nothing depends on the order in which photos are added: scores, maps, verdicts and the
 * model's file have the same bits for every one, whatever the method and the number of
 * threads. Photos that are equal have equal scores. */
#include "check.h"
#include "features.h"
#include "fleck.h"
#include "golden.h"
#include "half.h"
#include "learner.h"
#include "rng.h"

#include <string.h>

enum { P = 144, D = 24, PHOTOS = 24, SAME = 5 /* as photo 2, and as photo 3 of photo 4 */ };

/* One is of no folder. Methods that need two blocks take all, the others the first half. */
static fleck_half patch[PHOTOS + 1][P * 2 * D], cls[PHOTOS + 1][2 * D];

/* Random features about a common pattern, with a defect in some photos. */
static void make_photos(void) {
    fleck_rng rng = fleck_rng_seed(5);
    enum { VALUES = P * 2 * D };
    static float place[VALUES], x[VALUES];
    for (size_t i = 0; i < VALUES; i++) place[i] = 2 * fleck_rng_normal(&rng);
    for (uint32_t photo = 0; photo <= PHOTOS; photo++) {
        for (size_t i = 0; i < VALUES; i++) x[i] = place[i] + fleck_rng_normal(&rng);
        for (size_t i = 0; photo % 6 == 1 && i < 3 * D; i++) x[20 * D + i] += i % 3 ? 5 : -5;
        fleck_half_narrow(x, VALUES, patch[photo]);
        fleck_half_narrow(x + 50 * D, 2 * D, cls[photo]);
    }
    memcpy(patch[SAME], patch[2], sizeof patch[0]);
    memcpy(cls[SAME], cls[2], sizeof cls[0]);
    memcpy(patch[4], patch[3], sizeof patch[0]);
    memcpy(cls[4], cls[3], sizeof cls[0]);
}

typedef struct {
    float score[PHOTOS + 1];
    float heat[PHOTOS / 3 + 1][FLECK_HEAT * FLECK_HEAT]; /* of every third photo, from 2 on */
    fleck_folder_verdict folder;
    fleck_similar similar[2][3]; /* to a place of photo 7 and of the one of no folder */
    fleck_explanation place[2];
    uint32_t normal[2]; /* nearest to them */
    uint8_t model[1 << 20];
    size_t model_size;
} outcome;

static fleck_detector *create(fleck_method method, uint32_t threads, size_t size,
                              const uint8_t *backbone) {
    fleck_options options = fleck_options_default();
    fleck_detector *det;
    options.method = method;
    options.threads = threads;
    options.preset = FLECK_PRESET_FIT;
    options.input = 48;
    options.iterations = 4;
    if (method == FLECK_METHOD_L2BT) { /* needs two */
        options.block_count = 2;
        options.blocks[0] = 2;
        options.blocks[1] = 3;
    }
    CHECK(!fleck_create(&det) && !fleck_configure(det, &options));
    CHECK(!fleck_load_backbone(det, backbone, size));
    return det;
}

static void train(fleck_detector *det) {
    fleck_progress progress = {.total = 1};
    CHECK(!fleck_train_begin(det));
    while (progress.done < progress.total)
        if (fleck_train_step(det, &progress)) break;
    CHECK(progress.done == progress.total);
}

/* Which photo an index stands for; those that are equal stand for each other. */
static uint32_t shown(const uint32_t order[PHOTOS], uint32_t index) {
    uint32_t photo = order[index];
    return photo == SAME ? 2 : photo == 4 ? 3 : photo;
}

/* What others say of two photos. */
static void explain(fleck_detector *det, const uint32_t order[PHOTOS], outcome *o) {
    const fleck_point point = {0.6f, 0.2f};
    uint32_t index = 0;
    while (order[index] != 7) index++;
    CHECK(!fleck_explain_added(det, index, point.x, point.y, 3, o->similar[0], &o->place[0]));
    CHECK(!fleck_explain(det, patch[PHOTOS], point.x, point.y, 3, o->similar[1], &o->place[1]));
    CHECK(!fleck_nearest_normal_added(det, index, &o->normal[0]));
    CHECK(!fleck_nearest_normal(det, patch[PHOTOS], &o->normal[1]));
    for (int i = 0; i < 2; i++) {
        o->normal[i] = shown(order, o->normal[i]);
        CHECK(o->place[i].count == 3 && o->normal[i] != 7);
        for (int k = 0; k < 3; k++) o->similar[i][k].photo = shown(order, o->similar[i][k].photo);
    }
}

/* Adds photos in order, some of them after a first training, and trains. */
static void learn(fleck_detector *det, const uint32_t order[PHOTOS], uint32_t first, outcome *o) {
    memset(o, 0, sizeof *o);
    for (uint32_t i = 0; i < PHOTOS; i++) {
        if (first && i == first) train(det);
        CHECK(!fleck_add(det, patch[order[i]], cls[order[i]]));
    }
    train(det);
    for (uint32_t i = 0; i < PHOTOS; i++)
        CHECK(!fleck_score_added(det, i, order[i] % 3 == 2 ? o->heat[order[i] / 3] : NULL,
                                 &o->score[order[i]]));
    CHECK(!fleck_score(det, patch[PHOTOS], cls[PHOTOS], o->heat[PHOTOS / 3], &o->score[PHOTOS]));
    CHECK(!fleck_judge_folder(det, &o->folder));
    explain(det, order, o);
    CHECK(!fleck_save(det, o->model, sizeof o->model, &o->model_size));
}

static void check_method(fleck_method method, size_t size, const uint8_t *backbone) {
    static outcome want, got;
    uint32_t order[PHOTOS];
    fleck_rng rng = fleck_rng_seed(9);
    for (uint32_t run = 0; run < 3; run++) {
        for (uint32_t i = 0; i < PHOTOS; i++) order[i] = run == 1 ? PHOTOS - 1 - i : i;
        if (run == 2) fleck_rng_permutation(&rng, order, PHOTOS);
        fleck_detector *det = create(method, run + 1, size, backbone);
        outcome *o = run ? &got : &want;
        learn(det, order, run == 2 ? 10 : 0, o);
        if (run) CHECK(!memcmp(&want, &got, sizeof want));
        CHECK(o->score[SAME] == o->score[2] && o->score[4] == o->score[3]);
        CHECK(!memcmp(o->heat[SAME / 3], o->heat[0], sizeof o->heat[0]));
        CHECK(o->score[0] != o->score[1] && o->folder.photos == PHOTOS);
        uint32_t defects = 0;
        for (uint32_t i = 0; i < PHOTOS; i++)
            defects += fleck_judge(det, o->score[i]) == FLECK_VERDICT_DEFECT;
        CHECK(o->folder.defects == defects);
        fleck_destroy(det);
    }
    /* a model that was loaded knows the photos, too */
    fleck_detector *det = create(method, 1, size, backbone);
    CHECK(!fleck_load(det, want.model, want.model_size));
    for (uint32_t i = 0; i < PHOTOS; i++) {
        float score;
        CHECK(!fleck_score(det, patch[i], cls[i], NULL, &score) && score == want.score[i]);
    }
    fleck_destroy(det);
}

/* Where keys are equal the features themselves decide: patches first, then class tokens. */
static void check_equal_keys(void) {
    static const uint64_t key[] = {7, 7, 7, 3, 7};
    static const uint32_t shown[] = {2, 1, 0, 5, 2}; /* two show the same */
    fleck_half features[6][2] = {{10, 1}, {10, 2}, {20, 1}, {0, 0}, {0, 0}, {99, 9}};
    const fleck_half *at[5], *token[5];
    uint32_t place[5];
    fleck_arena arena = {0};
    for (int reversed = 0; reversed < 2; reversed++) {
        uint64_t keys[5];
        for (uint32_t i = 0; i < 5; i++) {
            uint32_t from = reversed ? 4 - i : i;
            keys[i] = key[from];
            at[i] = &features[shown[from]][0];
            token[i] = &features[shown[from]][1];
        }
        fleck_features f = {.P = 1, .D = 1, .count = 5, .patch = at, .cls = token}, sorted;
        CHECK(fleck_features_sort(&arena, &f, keys, place, &sorted));
        static const fleck_half patches[] = {99, 10, 10, 20, 20}, tokens[] = {9, 1, 2, 1, 1};
        static const uint32_t first[] = {0, 1, 2, 3, 3};
        for (uint32_t i = 0; i < 5; i++) {
            CHECK(sorted.patch[i][0] == patches[i] && sorted.cls[i][0] == tokens[i]);
            CHECK(sorted.first[i] == first[i]);
            CHECK(sorted.patch[place[i]] == at[i] && sorted.cls[place[i]] == token[i]);
        }
    }
    fleck_arena_free(&arena);
}

int main(void) {
    check_equal_keys();
    fleck_arena arena = {0};
    size_t size;
    uint8_t *backbone = read_file(&arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    if (!backbone) return 1;
    make_photos();
    for (int method = 0; fleck_method_name((fleck_method)method); method++) {
        if (!fleck_method_built((fleck_method)method)) continue;
        check_method((fleck_method)method, size, backbone);
    }
    fleck_arena_free(&arena);
    return check_done();
}
