/* The public API on small made-up photos: order of calls, refusals, the same
 * bits from any number of threads, and a model that survives its file. */
#include "check.h"
#include "fleck.h"
#include "golden.h"
#include "hash.h"
#include "learner.h"
#include "model.h"
#include "open.h"
#include "rng.h"

#include <string.h>

enum { PHOTOS = 14, SIDE = 48, ODD = 9 /* the photo with the blot */ };

/* A grey ramp with noise, and a blot on one of them. */
static void make_photo(uint8_t *rgba, uint32_t index) {
    fleck_rng rng = fleck_rng_seed(100 + index);
    for (uint32_t y = 0; y < SIDE; y++)
        for (uint32_t x = 0; x < SIDE; x++) {
            uint32_t v = 60 + 2 * x + fleck_rng_below(&rng, 24);
            if (index == ODD && (x - 22) * (x - 22) + (y - 26) * (y - 26) < 30) v = 250;
            uint8_t *p = rgba + (y * SIDE + x) * 4;
            p[0] = p[1] = p[2] = (uint8_t)(v > 255 ? 255 : v);
            p[3] = 0;
        }
}

/* Shows the message of a call that should not have failed. */
#define CHECK_NO_ERROR(det)                                                                        \
    do {                                                                                           \
        CHECK(!fleck_error(det)[0]);                                                               \
        if (fleck_error(det)[0]) fprintf(stderr, "%s\n", fleck_error(det));                        \
    } while (0)

static uint8_t *backbone(fleck_arena *arena, size_t *size) {
    uint8_t *bytes = read_file(arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", size);
    CHECK(bytes != NULL);
    return bytes;
}

/* A detector whose backbone's final norm multiplies its first feature by gain. */
static fleck_detector *create_with_gain(fleck_options options, float gain) {
    fleck_arena arena = {0};
    fleck_detector *det = NULL;
    fleck_weights weights;
    fleck_message err;
    size_t size;
    uint8_t *bytes = backbone(&arena, &size);
    CHECK(!fleck_weights_open(&arena, bytes, size, &weights, &err));
    const fleck_tensor *norm = fleck_weights_find(&weights, "norm.weight");
    if (gain != 1) memcpy(bytes + (norm->data - bytes), &gain, sizeof gain);
    CHECK(!fleck_create(&det));
    CHECK(!fleck_configure(det, &options));
    CHECK(!fleck_load_backbone(det, bytes, size));
    fleck_arena_free(&arena);
    return det;
}

static fleck_detector *create(fleck_options options) { return create_with_gain(options, 1); }

static fleck_options options_of(fleck_method method, uint32_t threads) {
    fleck_options o = fleck_options_default();
    CHECK(o.precision == FLECK_PRECISION_I8);
    o.method = method;
    o.preset = FLECK_PRESET_FIT;
    o.input = 48; /* 12 x 12 patches */
    o.threads = threads;
    o.iterations = 100;                /* nets learn half as long, to save time */
    if (method == FLECK_METHOD_L2BT) { /* needs two */
        o.block_count = 2;
        o.blocks[0] = 2;
        o.blocks[1] = 3;
    }
    return o;
}

static void add_photos(fleck_detector *det) {
    uint8_t rgba[SIDE * SIDE * 4];
    fleck_feature_shape shape;
    CHECK(!fleck_shape(det, &shape));
    fleck_half *patch = malloc((size_t)shape.patches * shape.dim * sizeof *patch);
    fleck_half *cls = malloc(shape.dim * sizeof *cls);
    for (uint32_t i = 0; i < PHOTOS; i++) {
        make_photo(rgba, i);
        CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls));
        CHECK(!fleck_add(det, patch, cls));
    }
    CHECK(fleck_count(det) == PHOTOS);
    free(patch);
    free(cls);
}

static uint32_t train(fleck_detector *det) {
    fleck_progress progress = {.done = 0, .total = 1};
    uint32_t steps = 0;
    CHECK(!fleck_train_begin(det));
    while (progress.done < progress.total) {
        CHECK(!fleck_train_step(det, &progress));
        CHECK(progress.done == ++steps && progress.done <= progress.total);
        CHECK(isfinite(progress.loss));
        if (progress.done != steps) break;
    }
    return steps;
}

typedef struct {
    float score[PHOTOS];
    float heat[FLECK_HEAT * FLECK_HEAT]; /* of the odd photo */
    uint8_t *model;
    size_t model_size;
} outcome;

static outcome *outcome_of(fleck_detector *det) {
    outcome *o = calloc(1, sizeof *o);
    for (uint32_t i = 0; i < PHOTOS; i++)
        CHECK(!fleck_score_added(det, i, i == ODD ? o->heat : NULL, &o->score[i]));
    CHECK(!fleck_save(det, NULL, 0, &o->model_size));
    o->model = malloc(o->model_size);
    size_t size;
    CHECK(fleck_save(det, o->model, o->model_size - 1, &size) == FLECK_ERR_ARGUMENT);
    CHECK(!fleck_save(det, o->model, o->model_size, &size) && size == o->model_size);
    return o;
}

static bool same(const outcome *a, const outcome *b) {
    return !memcmp(a->score, b->score, sizeof a->score) &&
           !memcmp(a->heat, b->heat, sizeof a->heat) && a->model_size == b->model_size &&
           !memcmp(a->model, b->model, a->model_size);
}

/* Of scores and map; of these and the model file. */
static uint64_t fingerprint_of_scores(const outcome *o) {
    uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, o->score, sizeof o->score);
    return fleck_hash_bytes(hash, o->heat, sizeof o->heat);
}

static uint64_t fingerprint(const outcome *o) {
    return fleck_hash_bytes(fingerprint_of_scores(o), o->model, o->model_size);
}

static void outcome_free(outcome *o) {
    free(o->model);
    free(o);
}

static void check_finds_blot(const fleck_detector *det, const outcome *o) {
    for (uint32_t i = 0; i < PHOTOS; i++) {
        CHECK(o->score[i] >= 0 && o->score[i] <= 1);
        if (i != ODD) CHECK(o->score[i] < o->score[ODD]);
    }
    CHECK(fleck_judge(det, o->score[ODD]) == FLECK_VERDICT_DEFECT);
    size_t hottest = 0;
    for (size_t i = 0; i < LEN(o->heat); i++)
        if (o->heat[i] > o->heat[hottest]) hottest = i;
    double x = (double)(hottest % FLECK_HEAT) * SIDE / FLECK_HEAT - 22;
    double y = (double)(hottest / FLECK_HEAT) * SIDE / FLECK_HEAT - 26;
    CHECK(x * x + y * y < 100);
}

/* One of the photos has a blot, which stands out by far. */
static void check_folder(fleck_detector *det, const outcome *o) {
    fleck_folder_verdict folder;
    uint32_t defects = 0, looks = 0;
    CHECK(!fleck_judge_folder(det, &folder));
    for (uint32_t i = 0; i < PHOTOS; i++) {
        defects += fleck_judge(det, o->score[i]) == FLECK_VERDICT_DEFECT;
        looks += fleck_judge(det, o->score[i]) == FLECK_VERDICT_LOOK;
    }
    CHECK(folder.photos == PHOTOS && folder.defects == defects && folder.looks == looks);
    CHECK(defects >= 1 && !folder.clean);
}

/* Verdicts follow the threshold, of photos and of the folder; scores do not. A model keeps it, and
 * clearing forgets it. */
static void check_threshold(fleck_detector *det, const outcome *o) {
    static const float refused[] = {0, -1, 1.001f, INFINITY, NAN};
    fleck_folder_verdict usual, folder;
    float least = 1, score;
    for (uint32_t i = 0; i < PHOTOS; i++) least = o->score[i] < least ? o->score[i] : least;
    CHECK(fleck_threshold(det) == FLECK_DEFECT && !fleck_judge_folder(det, &usual));
    for (size_t i = 0; i < LEN(refused); i++)
        CHECK(fleck_set_threshold(det, refused[i]) == FLECK_ERR_ARGUMENT && fleck_error(det)[0]);
    CHECK(fleck_threshold(det) == FLECK_DEFECT);
    /* a look begins at the same share of each, as far as floats tell */
    CHECK(fleck_judge(det, FLECK_LOOK) == FLECK_VERDICT_LOOK);
    CHECK(fleck_judge(det, nextafterf(FLECK_LOOK, 0)) == FLECK_VERDICT_OK);
    CHECK(!fleck_set_threshold(det, 1) && fleck_judge(det, 1) == FLECK_VERDICT_DEFECT);
    CHECK(fleck_judge(det, 0.61f) == FLECK_VERDICT_LOOK && !fleck_judge(det, 0.59f));
    CHECK(!fleck_set_threshold(det, 0.25f) && fleck_judge(det, 0.25f) == FLECK_VERDICT_DEFECT);
    CHECK(fleck_judge(det, 0.16f) == FLECK_VERDICT_LOOK && !fleck_judge(det, 0.14f));

    CHECK(!fleck_set_threshold(det, o->score[ODD]) && !fleck_judge_folder(det, &folder));
    CHECK(folder.defects == 1 && folder.estimated == usual.estimated && !folder.clean);
    CHECK(!fleck_score_added(det, ODD, NULL, &score) && score == o->score[ODD]);
    CHECK(!fleck_set_smallest_area(det, 0.25f));
    outcome *kept = outcome_of(det);
    CHECK(!fleck_set_smallest_area(det, 0));
    if (o->score[ODD] < 1) { /* what lies above every score: all are fine */
        CHECK(!fleck_set_threshold(det, nextafterf(o->score[ODD], 2)));
        CHECK(!fleck_judge_folder(det, &folder) && !folder.defects && folder.clean);
    }
    CHECK(!fleck_load(det, kept->model, kept->model_size));
    CHECK(fleck_threshold(det) == o->score[ODD] && fleck_smallest_area(det) == 0.25f);
    CHECK(!fleck_load(det, o->model, o->model_size) && fleck_threshold(det) == FLECK_DEFECT);
    CHECK(fleck_smallest_area(det) == 0);
    outcome_free(kept);
}

/* A photo that is called has a region, another has none, at every threshold; a smallest area leaves
 * out what is smaller, and so do the verdicts of photo and folder; scores stay. */
static void check_regions(fleck_detector *det, const outcome *o) {
    static const float refused[] = {-1e-3f, 1.001f, INFINITY, NAN};
    static float heat[FLECK_HEAT * FLECK_HEAT];
    fleck_regions regions;
    fleck_folder_verdict folder;
    float score;
    for (uint32_t step = 0; step <= PHOTOS + 3; step++) {
        /* among them each score, which is then a defect's just so */
        static const float others[] = {1e-30f, 0.3f, 1, FLECK_DEFECT};
        float threshold = step < PHOTOS ? o->score[step] : others[step - PHOTOS];
        if (threshold == 0) continue;
        CHECK(!fleck_set_threshold(det, threshold));
        for (uint32_t i = 0; i < PHOTOS; i++) {
            CHECK(!fleck_score_added(det, i, heat, &score));
            CHECK(!fleck_find_regions(det, heat, 4 * SIDE, 3 * SIDE, &regions));
            bool called = fleck_judge(det, score) == FLECK_VERDICT_DEFECT;
            CHECK(called == (regions.count > 0));
            CHECK(fleck_judge_regions(det, score, regions.count) == fleck_judge(det, score));
            CHECK(!called || (regions.region->peak == score && regions.region->mean <= score));
        }
    }
    CHECK(!fleck_score_added(det, ODD, heat, &score));
    CHECK(!fleck_find_regions(det, heat, 4 * SIDE, 4 * SIDE, &regions));
    const fleck_region *blot = regions.region;
    CHECK_NEAR(blot->peak_x / 4, 22, 10);
    CHECK_NEAR(blot->peak_y / 4, 26, 10);
    CHECK(blot->area > 4 * 4 && blot->share < 0.7f);
    float largest = 0;
    for (uint32_t i = 0; i < regions.count; i++) largest = fmaxf(largest, regions.region[i].share);

    for (size_t i = 0; i < LEN(refused); i++)
        CHECK(fleck_set_smallest_area(det, refused[i]) == FLECK_ERR_ARGUMENT &&
              strstr(fleck_error(det), "smallest area"));
    CHECK(fleck_smallest_area(det) == 0 && !fleck_judge_folder(det, &folder));
    uint32_t defects = folder.defects, looks = folder.looks;
    CHECK(!fleck_set_smallest_area(det, largest));
    CHECK(!fleck_find_regions(det, heat, SIDE, SIDE, &regions) && regions.count);
    CHECK(!fleck_set_smallest_area(det, nextafterf(largest, 1)));
    CHECK(!fleck_find_regions(det, heat, SIDE, SIDE, &regions) && !regions.count);
    CHECK(fleck_judge_regions(det, score, 0) == FLECK_VERDICT_LOOK);
    CHECK(fleck_judge_regions(det, 0, 0) == FLECK_VERDICT_OK);
    CHECK(!fleck_score_added(det, ODD, NULL, &score) && score == o->score[ODD]);
    CHECK(!fleck_set_smallest_area(det, 1) && !fleck_judge_folder(det, &folder));
    CHECK(!folder.defects && folder.looks == looks + defects && folder.clean);

    CHECK(!fleck_set_smallest_area(det, 0));
    CHECK(fleck_find_regions(det, heat, 0, 5, &regions) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_find_regions(det, heat, 5, 0, &regions) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_find_regions(det, heat, 1u << 31, 1u << 31, &regions) == FLECK_ERR_ARGUMENT);
    CHECK(!fleck_find_regions(det, heat, FLECK_PIXELS_MAX, 1, &regions));
    heat[7] = NAN;
    CHECK(fleck_find_regions(det, heat, 5, 5, &regions) == FLECK_ERR_ARGUMENT);
    CHECK(strstr(fleck_error(det), "values from 0 to 1"));
    heat[7] = 1.5f;
    CHECK(fleck_find_regions(det, heat, 5, 5, &regions) == FLECK_ERR_ARGUMENT);
}

static fleck_verdict verdict_of(fleck_detector *det, uint32_t index) {
    static float heat[FLECK_HEAT * FLECK_HEAT];
    float score;
    fleck_regions regions;
    CHECK(!fleck_score_added(det, index, heat, &score));
    CHECK(!fleck_find_regions(det, heat, SIDE, SIDE, &regions));
    CHECK((fleck_judge(det, score) == FLECK_VERDICT_DEFECT) == (regions.count > 0));
    return fleck_judge_regions(det, score, regions.count);
}

static void mark(fleck_detector *det, uint32_t index, fleck_mark mark) {
    CHECK(!fleck_mark_added(det, index, NULL, mark));
}

/* The marks that are listed, made again on the photos that are known by them. */
static void make_again(fleck_detector *det, const fleck_made_mark *made, uint32_t count) {
    fleck_clear_marks(det);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t photo = 0; photo < PHOTOS; photo++) {
            uint32_t hash[2];
            CHECK(!fleck_known_by_added(det, photo, hash));
            if (!memcmp(hash, made[i].hash, sizeof hash))
                CHECK(!fleck_mark_added(
                    det, photo, made[i].is_spot ? &(fleck_point){made[i].x, made[i].y} : NULL,
                    made[i].mark));
        }
}

/* A list of marks is all that it takes to make them again, bit for bit, and saving needs no score
 * before. */
static void check_list(fleck_detector *det) {
    static const fleck_point spots[] = {{0.95f, 0.95f}, {0.06f, 0.2f}, {1, 0}};
    enum { COUNT = 5 };
    fleck_made_mark made[COUNT], again[COUNT];
    fleck_clear_marks(det);
    CHECK(!fleck_list_marks(det, made));
    mark(det, ODD, FLECK_MARK_DEFECT);
    mark(det, 1, FLECK_MARK_GOOD);
    for (size_t i = 0; i < LEN(spots); i++)
        CHECK(!fleck_mark_added(det, ODD, &spots[i], i ? FLECK_MARK_DEFECT : FLECK_MARK_GOOD));
    CHECK(fleck_mark_count(det) == COUNT && !fleck_list_marks(det, made));
    uint32_t odd[2];
    CHECK(!fleck_known_by_added(det, ODD, odd));
    uint32_t of_odd = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        bool is_odd = !memcmp(made[i].hash, odd, sizeof odd);
        CHECK(made[i].mark == FLECK_MARK_GOOD || is_odd);
        if (is_odd) CHECK(made[i].is_spot == (of_odd++ > 0)); /* the photo's own comes first */
        for (size_t k = 0; k < LEN(spots); k++) {
            float x = made[i].x - spots[k].x, y = made[i].y - spots[k].y;
            if (made[i].is_spot && fmaxf(fabsf(x), fabsf(y)) < 0.2f)
                CHECK(made[i].mark == (k ? FLECK_MARK_DEFECT : FLECK_MARK_GOOD));
        }
    }
    CHECK(of_odd == 1 + LEN(spots));
    outcome *marked = outcome_of(det), *other;
    make_again(det, made, COUNT);
    CHECK(same(marked, other = outcome_of(det)));
    CHECK(!fleck_list_marks(det, again) && !memcmp(made, again, sizeof made));
    outcome_free(other);

    /* nothing is scored between marks and file, and they are made in another order */
    fleck_clear_marks(det);
    for (size_t i = LEN(spots); i--;)
        CHECK(!fleck_mark_added(det, ODD, &spots[i], i ? FLECK_MARK_DEFECT : FLECK_MARK_GOOD));
    mark(det, 1, FLECK_MARK_GOOD);
    mark(det, ODD, FLECK_MARK_NONE);
    mark(det, ODD, FLECK_MARK_DEFECT);
    for (size_t i = LEN(spots); i--;)
        CHECK(!fleck_mark_added(det, ODD, &spots[i], i ? FLECK_MARK_DEFECT : FLECK_MARK_GOOD));
    size_t size;
    uint8_t *model = malloc(marked->model_size);
    CHECK(!fleck_save(det, model, marked->model_size, &size) && size == marked->model_size);
    CHECK(!memcmp(model, marked->model, size));
    free(model);
    outcome_free(marked);

    CHECK(fleck_known_by_added(det, PHOTOS, odd) == FLECK_ERR_ARGUMENT);
    fleck_clear_marks(det);
}

/* Marks of photos and spots rule, at every threshold; taken back, all is as it was, bit for bit.
 * They do not depend on their order, and survive a file and another training. */
static void check_marks(fleck_detector *det, const outcome *o) {
    static const fleck_point odd = {22.0f / SIDE, 26.0f / SIDE};
    enum { FINE = 3 };
    fleck_folder_verdict folder;
    fleck_review review;
    uint32_t photo[PHOTOS], count = PHOTOS;
    mark(det, ODD, FLECK_MARK_GOOD);
    mark(det, FINE, FLECK_MARK_DEFECT);
    CHECK(fleck_mark_count(det) == 2);
    for (float threshold = 0.05f; threshold < 1; threshold += 0.09f) {
        CHECK(!fleck_set_threshold(det, threshold));
        CHECK(verdict_of(det, ODD) == FLECK_VERDICT_OK);
        CHECK(verdict_of(det, FINE) == FLECK_VERDICT_DEFECT);
    }
    CHECK(!fleck_set_threshold(det, FLECK_DEFECT));
    CHECK(!fleck_judge_folder(det, &folder) && folder.defects >= 1);
    CHECK(!fleck_review_marks(det, &review));
    CHECK(review.good == 1 && review.defects == 1 && review.good_called == 1 &&
          review.recall_most > 0 && review.threshold > 0 && review.threshold < 1);
    CHECK(!fleck_propose_marks(det, photo, &count) && count == PHOTOS - 2);
    for (uint32_t i = 0; i < count; i++) CHECK(photo[i] != ODD && photo[i] != FINE);
    uint32_t few = 3, first[3];
    CHECK(!fleck_propose_marks(det, first, &few) && few == 3);
    CHECK(!memcmp(first, photo, sizeof first));

    outcome *marked = outcome_of(det), *other;
    mark(det, ODD, FLECK_MARK_NONE);
    mark(det, FINE, FLECK_MARK_GOOD); /* replaces the other */
    CHECK(fleck_mark_count(det) == 1 && verdict_of(det, FINE) == FLECK_VERDICT_OK);
    mark(det, FINE, FLECK_MARK_DEFECT);
    mark(det, ODD, FLECK_MARK_GOOD);
    CHECK(same(marked, other = outcome_of(det)));
    outcome_free(other);
    train(det);
    CHECK(fleck_mark_count(det) == 2 && same(marked, other = outcome_of(det)));
    outcome_free(other);
    CHECK(!fleck_load(det, o->model, o->model_size) && fleck_mark_count(det) == 0);
    CHECK(same(o, other = outcome_of(det)));
    outcome_free(other);
    CHECK(!fleck_load(det, marked->model, marked->model_size) && fleck_mark_count(det) == 2);
    CHECK(same(marked, other = outcome_of(det)));
    outcome_free(other);

    /* those of a file beside those that are here, of which none is replaced */
    fleck_clear_marks(det);
    mark(det, FINE, FLECK_MARK_GOOD);
    CHECK(!fleck_add_marks(det, o->model, o->model_size) && fleck_mark_count(det) == 1);
    CHECK(!fleck_add_marks(det, marked->model, marked->model_size) && fleck_mark_count(det) == 2);
    CHECK(verdict_of(det, ODD) == FLECK_VERDICT_OK && verdict_of(det, FINE) == FLECK_VERDICT_OK);
    CHECK(fleck_add_marks(det, marked->model, marked->model_size / 2) == FLECK_ERR_FORMAT);
    CHECK(fleck_mark_count(det) == 2);
    mark(det, FINE, FLECK_MARK_DEFECT);
    CHECK(same(marked, other = outcome_of(det)));
    outcome_free(other);
    outcome_free(marked);

    /* spots: the blot is fine, and a corner is not */
    static const fleck_point corner = {0.95f, 0.95f}, outside = {1.01f, 0.5f}, none = {NAN, 0.5f};
    fleck_clear_marks(det);
    CHECK(!fleck_mark_added(det, FINE, &corner, FLECK_MARK_DEFECT));
    CHECK(verdict_of(det, FINE) == FLECK_VERDICT_DEFECT);
    CHECK(!fleck_mark_added(det, FINE, &corner, FLECK_MARK_GOOD) && fleck_mark_count(det) == 1);
    CHECK(!fleck_mark_added(det, ODD, &odd, FLECK_MARK_GOOD) && fleck_mark_count(det) == 2);
    float score;
    CHECK(!fleck_score_added(det, ODD, NULL, &score) && score < o->score[ODD]);
    mark(det, FINE, FLECK_MARK_GOOD);
    CHECK(!fleck_mark_added(det, FINE, &corner, FLECK_MARK_DEFECT)); /* then it is not good */
    CHECK(fleck_mark_count(det) == 2 && verdict_of(det, FINE) == FLECK_VERDICT_DEFECT);
    CHECK(fleck_mark_added(det, FINE, &outside, FLECK_MARK_GOOD) == FLECK_ERR_ARGUMENT);
    CHECK(strstr(fleck_error(det), "outside") != NULL);
    CHECK(fleck_mark_added(det, FINE, &none, FLECK_MARK_GOOD) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_mark_added(det, PHOTOS, NULL, FLECK_MARK_GOOD) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_mark_added(det, 0, NULL, (fleck_mark)3) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_mark_count(det) == 2);
    check_list(det);
    CHECK(!fleck_load(det, o->model, o->model_size));
    CHECK(same(o, other = outcome_of(det)));
    outcome_free(other);
    CHECK(fleck_judge_folder(det, &folder) == FLECK_ERR_STATE);
    CHECK(fleck_propose_marks(det, photo, &count) == FLECK_ERR_STATE);
}

/* The folder's regions by groups, of features that the caller has and of those that were added
 * alike. */
static void check_groups(fleck_detector *det) {
    static float heat[FLECK_HEAT * FLECK_HEAT];
    static fleck_half patch[1 << 16], cls[256];
    uint8_t rgba[SIDE * SIDE * 4];
    fleck_groups groups, again;
    uint32_t regions = 0, group[64];
    float score;
    CHECK(fleck_groups_find(det, &groups) == FLECK_ERR_STATE);
    CHECK(fleck_groups_add(det, patch, heat, 5, 5) == FLECK_ERR_STATE);
    CHECK(fleck_groups_add_added(det, 0, heat, 5, 5) == FLECK_ERR_STATE);
    CHECK(strstr(fleck_error(det), "fleck_groups_begin"));
    CHECK(!fleck_groups_begin(det) && !fleck_groups_find(det, &groups));
    CHECK(!groups.regions && !groups.count);
    for (uint32_t i = 0; i < PHOTOS; i++) {
        fleck_regions found;
        CHECK(!fleck_score_added(det, i, heat, &score));
        CHECK(!fleck_find_regions(det, heat, SIDE, SIDE, &found));
        CHECK(!fleck_groups_add_added(det, i, heat, SIDE, SIDE));
        regions += found.count;
    }
    CHECK(!fleck_groups_find(det, &groups) && groups.regions == regions && regions);
    CHECK(groups.count && regions <= LEN(group));
    memcpy(group, groups.group, regions * sizeof *group);
    CHECK(!fleck_groups_begin(det));
    for (uint32_t i = 0; i < PHOTOS; i++) {
        CHECK(!fleck_score_added(det, i, heat, &score));
        make_photo(rgba, i);
        CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls));
        CHECK(!fleck_groups_add(det, patch, heat, SIDE, SIDE));
    }
    CHECK(!fleck_groups_find(det, &again) && again.regions == regions);
    CHECK(!memcmp(again.group, group, regions * sizeof *group));

    CHECK(fleck_groups_add_added(det, PHOTOS, heat, 5, 5) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_groups_add_added(det, 0, heat, 0, 5) == FLECK_ERR_ARGUMENT);
    patch[3] = 0x7c00;
    CHECK(fleck_groups_add(det, patch, heat, 5, 5) == FLECK_ERR_ARGUMENT);
    CHECK(strstr(fleck_error(det), "not finite"));
    heat[7] = 1.5f;
    CHECK(fleck_groups_add_added(det, 0, heat, 5, 5) == FLECK_ERR_ARGUMENT);
    CHECK(!fleck_groups_find(det, &again) && again.regions == regions);
}

/* Regions of other patches cannot be grouped with those of before. */
static void test_groups_end(void) {
    static const uint8_t half[2] = {1, 0};
    fleck_groups groups;
    fleck_detector *det;
    CHECK(!fleck_create(&det) && fleck_groups_begin(det) == FLECK_ERR_STATE);
    fleck_destroy(det);
    det = create(options_of(FLECK_METHOD_KNN, 1));
    CHECK(!fleck_groups_begin(det) && !fleck_set_tiles(det, 1, 1));
    CHECK(!fleck_groups_find(det, &groups) && !fleck_set_tiles(det, 2, 1));
    CHECK(fleck_groups_find(det, &groups) == FLECK_ERR_STATE);
    CHECK(!fleck_groups_begin(det) && !fleck_set_area_mask(det, half, 2, 1, NULL));
    CHECK(fleck_groups_find(det, &groups) == FLECK_ERR_STATE);
    fleck_destroy(det);
}

/* Cancelling is not stepping on: the model before stays. Clearing forgets. */
static void check_cancel(fleck_detector *det, const outcome *before) {
    fleck_progress progress = {.total = 0};
    float score;
    CHECK(!fleck_train_begin(det));
    for (int i = 0; i < 20; i++) CHECK(!fleck_train_step(det, &progress));
    CHECK(progress.done == 20 && progress.done < progress.total);
    outcome *after = outcome_of(det);
    CHECK(same(before, after));
    outcome_free(after);
    CHECK(!fleck_set_threshold(det, 0.25f) && !fleck_set_smallest_area(det, 0.25f));
    CHECK(!fleck_clear(det) && fleck_count(det) == 0 && fleck_threshold(det) == FLECK_DEFECT);
    CHECK(fleck_smallest_area(det) == 0);
    CHECK(fleck_score_added(det, 0, NULL, &score) == FLECK_ERR_STATE);
    fleck_folder_verdict folder;
    CHECK(fleck_judge_folder(det, &folder) == FLECK_ERR_STATE && fleck_error(det)[0]);
    CHECK(fleck_train_step(det, &progress) == FLECK_ERR_STATE);
}

/* Every truncation of a model file is refused, and every change of a byte; what was learnt, o,
 * stays. */
static void check_hostile_model(fleck_detector *det, const outcome *o) {
    for (size_t cut = 0; cut < o->model_size; cut += cut < 3000 ? 7 : 9973) {
        uint8_t *bytes = malloc(cut ? cut : 1);
        memcpy(bytes, o->model, cut);
        CHECK(fleck_load(det, bytes, cut) == FLECK_ERR_FORMAT);
        CHECK(fleck_error(det)[0] != 0);
        free(bytes);
    }
    uint8_t *bytes = malloc(o->model_size);
    fleck_rng rng = fleck_rng_seed(3);
    for (uint32_t i = 0; i < 100; i++) {
        memcpy(bytes, o->model, o->model_size);
        uint32_t within = i % 2 ? 1200 : (uint32_t)o->model_size;
        bytes[fleck_rng_below(&rng, within)] ^= (uint8_t)(1 + fleck_rng_below(&rng, 255));
        CHECK(fleck_load(det, bytes, o->model_size) == FLECK_ERR_FORMAT);
        CHECK(!strcmp(fleck_error(det), "the model file is damaged"));
    }
    CHECK(!fleck_load(det, o->model, o->model_size));
    outcome *after = outcome_of(det);
    CHECK(same(o, after));
    free(bytes);
    outcome_free(after);
}

/* Scores, map and model bytes of a run are the same as everywhere: natively, under sanitizers, in
 * WebAssembly and on other CPUs. A change of the method changes want; the message tells the new
 * value. */
static void check_bits(const outcome *o, const fleck_options *options, uint64_t want) {
    CHECK(fingerprint(o) == want);
    if (fingerprint(o) != want)
        fprintf(stderr, "method %d, precision %d: 0x%016llx\n", options->method, options->precision,
                (unsigned long long)fingerprint(o));
}

/* The bits alone, where a CPU is emulated and all else would take minutes. */
static void test_bits(fleck_method method, fleck_precision precision, uint64_t want) {
    fleck_options options = options_of(method, 2);
    options.precision = precision;
    fleck_detector *det = create(options);
    add_photos(det);
    train(det);
    outcome *o = outcome_of(det);
    check_bits(o, &options, want);
    outcome_free(o);
    fleck_destroy(det);
}

/* And the same with 1 and 2 threads. */
static void test_method(fleck_method method, fleck_precision precision, uint64_t want) {
    outcome *first = NULL;
    fleck_options options = options_of(method, 1);
    options.precision = precision;
    for (; options.threads <= 2; options.threads++) {
        fleck_detector *det = create(options);
        add_photos(det);
        train(det);
        outcome *o = outcome_of(det);
        check_finds_blot(det, o);
        check_folder(det, o);
        if (options.threads == 1) {
            check_regions(det, o);
            check_groups(det);
            CHECK(!fleck_set_threshold(det, FLECK_DEFECT));
            check_threshold(det, o);
        } else {
            if (method == FLECK_METHOD_IRMB || method == FLECK_METHOD_MAHALANOBIS)
                check_marks(det, o);
            check_cancel(det, o);
        }
        check_bits(o, &options, want);
        if (first) {
            CHECK(same(first, o));
            outcome_free(o);
        } else {
            first = o;
        }
        fleck_destroy(det);
    }

    /* A load into a fresh detector scores the folder's photos as before: its own
     * patches don't vouch for a photo that it recognises. Saved again, the bytes
     * are the same. */
    fleck_detector *det = create(options);
    CHECK(!fleck_load(det, first->model, first->model_size));
    CHECK_NO_ERROR(det);
    add_photos(det);
    outcome *again = outcome_of(det);
    CHECK(same(first, again));
    outcome_free(again);
    if (precision == FLECK_PRECISION_I8) check_hostile_model(det, first);

    fleck_options peeked = fleck_options_default();
    CHECK(!fleck_peek_options(det, first->model, first->model_size, &peeked));
    CHECK(peeked.method == method && peeked.preset == FLECK_PRESET_FIT && peeked.input == 48 &&
          peeked.blocks[peeked.block_count - 1] == 3 && peeked.precision == precision);
    CHECK(peeked.block_count == (method == FLECK_METHOD_L2BT ? 2 : 1));
    fleck_destroy(det);

    /* another seed, another model; another precision or input refuses the file by name */
    fleck_options other = options;
    if (method == FLECK_METHOD_KNN) {
        other.seed = 1;
        det = create(other);
        add_photos(det);
        train(det);
        outcome *different = outcome_of(det);
        CHECK(!same(first, different));
        outcome_free(different);
        fleck_destroy(det);
    }
    other.precision = precision == FLECK_PRECISION_I8 ? FLECK_PRECISION_I16 : FLECK_PRECISION_I8;
    det = create(other);
    CHECK(fleck_load(det, first->model, first->model_size) == FLECK_ERR_FORMAT);
    CHECK(strstr(fleck_error(det), "another precision") != NULL);
    fleck_destroy(det);
    other.precision = precision;
    other.input = 40;
    det = create(other);
    CHECK(fleck_load(det, first->model, first->model_size) == FLECK_ERR_FORMAT);
    CHECK(strstr(fleck_error(det), "another input size") != NULL);
    fleck_destroy(det);
    outcome_free(first);
}

/* A model that an older program saved would judge by another scale: it says so. */
static void test_old_model(void) {
    fleck_detector *det = create(options_of(FLECK_METHOD_MAHALANOBIS, 1));
    fleck_arena arena = {0};
    size_t size;
    uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/model_version7.fleck", &size);
    CHECK(bytes && fleck_load(det, bytes, size) == FLECK_ERR_FORMAT);
    CHECK(strstr(fleck_error(det), "of version 7") != NULL);
    fleck_arena_free(&arena);
    fleck_destroy(det);
}

/* Values that no option has are refused, and the options stay as they were. */
static void test_configure(void) {
    fleck_detector *det;
    CHECK(!fleck_create(&det));
    CHECK(fleck_learn_most(det) == 0);
    for (int i = 0; i < 5; i++) {
        fleck_options options = fleck_options_default();
        if (i == 0) options.method = (fleck_method)99;
        if (i == 1) options.preset = (fleck_preset)2;
        if (i == 2) options.precision = (fleck_precision)3;
        if (i == 3) options.kernels = "mmx";
        if (i == 4) options.learn_most = FLECK_PHOTOS_MIN - 1;
        CHECK(fleck_configure(det, &options) == FLECK_ERR_ARGUMENT && fleck_error(det)[0]);
    }
    fleck_destroy(det);
}

static void test_order_of_calls(void) {
    fleck_detector *det;
    fleck_half value[1] = {0};
    float score;
    size_t size;
    fleck_progress progress;
    fleck_feature_shape shape;
    CHECK(!fleck_create(&det));
    CHECK(fleck_shape(det, &shape) == FLECK_ERR_STATE);
    CHECK(fleck_extract(det, (const uint8_t *)"x", 1, value, value) == FLECK_ERR_STATE);
    CHECK(fleck_add(det, value, value) == FLECK_ERR_STATE);
    CHECK(fleck_train_begin(det) == FLECK_ERR_STATE);
    CHECK(fleck_train_step(det, &progress) == FLECK_ERR_STATE);
    CHECK(fleck_score_added(det, 0, NULL, &score) == FLECK_ERR_STATE);
    CHECK(fleck_save(det, NULL, 0, &size) == FLECK_ERR_STATE);
    CHECK(fleck_load_backbone(det, (const uint8_t *)"not a backbone", 14) == FLECK_ERR_FORMAT);
    CHECK(fleck_error(det)[0] != 0);
    fleck_destroy(det);
    fleck_destroy(NULL);

    det = create(options_of(FLECK_METHOD_IRMB, 1));
    fleck_options options = fleck_options_default();
    CHECK(fleck_configure(det, &options) == FLECK_ERR_STATE);
    CHECK(fleck_train_begin(det) == FLECK_ERR_STATE);
    CHECK(strstr(fleck_error(det), "too few") != NULL);
    CHECK(!fleck_shape(det, &shape) && shape.input == 48 && shape.rows == 12 &&
          shape.columns == 12 && shape.patches == 144 && shape.dim == 24 && shape.frame_share == 1);
    fleck_half *patch = calloc((size_t)shape.patches * shape.dim, sizeof *patch);
    fleck_half *cls = calloc(shape.dim, sizeof *cls);
    CHECK(fleck_extract(det, (const uint8_t *)"no photo", 8, patch, cls) == FLECK_ERR_KIND);
    CHECK(fleck_error(det)[0] != 0);
    free(patch);
    free(cls);
    fleck_destroy(det);
}

/* Adds photos of the same patches, the last ones with class tokens of another product. */
static void judge_products(uint32_t others, fleck_folder_verdict *folder) {
    enum { COUNT = 14, D = 24 };
    fleck_detector *det = create(options_of(FLECK_METHOD_KNN, 1));
    uint8_t rgba[SIDE * SIDE * 4];
    fleck_half patch[144 * D], cls[D];
    for (uint32_t i = 0; i < COUNT; i++) {
        make_photo(rgba, i == ODD ? 100 : i);
        CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls));
        for (uint32_t d = 0; i + others >= COUNT && d < D; d++) cls[d] = d % 2 ? 0x4400 : 0xc400;
        CHECK(!fleck_add(det, patch, cls));
    }
    train(det);
    CHECK(!fleck_judge_folder(det, folder));
    fleck_destroy(det);
}

/* What is clean but for a second product is not. */
static void test_second_product(void) {
    fleck_folder_verdict one, two;
    judge_products(0, &one);
    judge_products(6, &two);
    CHECK(one.clean && !one.second_product);
    CHECK(!two.clean && two.second_product == 6);
    CHECK(one.defects == two.defects && one.looks == two.looks);
}

/* A model of other blocks, as many. */
static void test_other_blocks(void) {
    fleck_options options = options_of(FLECK_METHOD_KNN, 1);
    static uint8_t model[1 << 18];
    size_t size;
    options.blocks[0] = 2;
    options.block_count = 1;
    fleck_detector *det = create(options);
    add_photos(det);
    train(det);
    CHECK(!fleck_save(det, model, sizeof model, &size) && !fleck_load(det, model, size));
    fleck_destroy(det);
    for (uint32_t block = 1; block <= 3; block += 2) {
        options.blocks[0] = block;
        det = create(options);
        CHECK(fleck_load(det, model, size) == FLECK_ERR_FORMAT);
        CHECK(strstr(fleck_error(det), "other blocks"));
        fleck_destroy(det);
    }
}

/* A model of patches that lie otherwise in photos of the same size. */
static void test_other_grid(void) {
    static const char grid[] = "\"grid\":\"12\"";
    static uint8_t model[1 << 18];
    size_t size, at = 0;
    fleck_detector *det = create(options_of(FLECK_METHOD_KNN, 1));
    add_photos(det);
    train(det);
    CHECK(!fleck_save(det, model, sizeof model, &size));
    while (at + sizeof grid < size && memcmp(model + at, grid, sizeof grid - 1)) at++;
    CHECK(at + sizeof grid < size);
    memcpy(model + at + sizeof grid - 4, "09", 2);
    fleck_model_seal(model, size);
    CHECK(fleck_load(det, model, size) == FLECK_ERR_FORMAT);
    CHECK(strstr(fleck_error(det), "another input size"));
    fleck_destroy(det);
}

/* A folder of one photo many times over: no NaN, no defect. */
static void test_identical(void) {
    fleck_detector *det = create(options_of(FLECK_METHOD_IRMB, 1));
    uint8_t rgba[SIDE * SIDE * 4];
    fleck_half patch[144 * 24], cls[24];
    float score;
    make_photo(rgba, 0);
    CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls));
    for (int i = 0; i < 6; i++) CHECK(!fleck_add(det, patch, cls));
    train(det);
    for (uint32_t i = 0; i < 6; i++) {
        CHECK(!fleck_score_added(det, i, NULL, &score));
        CHECK(isfinite(score) && fleck_judge(det, score) == FLECK_VERDICT_OK);
    }
    fleck_folder_verdict folder;
    CHECK(!fleck_judge_folder(det, &folder) && folder.clean && !folder.defects);
    fleck_destroy(det);
}

/* Finite weights whose features are beyond the halves (1e6), or beyond the floats:
 * every such photo is refused, whatever was there stays, and the caller may go on. */
static void test_overflow(void) {
    static const float gains[] = {1e6f, 3e38f};
    uint8_t rgba[SIDE * SIDE * 4];
    fleck_half patch[144 * 24] = {1, 2}, cls[24] = {3};
    make_photo(rgba, 0);
    for (size_t i = 0; i < LEN(gains); i++) {
        fleck_detector *det = create_with_gain(options_of(FLECK_METHOD_IRMB, 1), gains[i]);
        for (int again = 0; again < 2; again++) {
            CHECK(fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls) == FLECK_ERR_FORMAT);
            CHECK(
                strstr(fleck_error(det), "features of this photo hold a value that is not finite"));
        }
        CHECK(patch[0] == 1 && patch[1] == 2 && patch[2] == 0 && cls[0] == 3);
        fleck_destroy(det);
    }
}

/* Features that the caller spoilt: refused by the folder and by a model. */
static void test_not_finite(void) {
    static const fleck_half bad[] = {0x7c00, 0xfc00, 0x7e00, 0xfc01}; /* infinities, NaNs */
    fleck_detector *det = create(options_of(FLECK_METHOD_KNN, 1));
    uint8_t rgba[SIDE * SIDE * 4];
    fleck_half patch[144 * 24], cls[24];
    float score = 7;
    add_photos(det);
    train(det);
    make_photo(rgba, 0);
    CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls));
    for (size_t i = 0; i < 2 * LEN(bad); i++) {
        fleck_half *at = i % 2 ? &cls[23] : &patch[144 * 24 - 1], was = *at;
        *at = bad[i / 2];
        CHECK(fleck_add(det, patch, cls) == FLECK_ERR_ARGUMENT && fleck_count(det) == PHOTOS);
        CHECK(strstr(fleck_error(det), "not finite"));
        CHECK(fleck_score(det, patch, cls, NULL, &score) == FLECK_ERR_ARGUMENT && score == 7);
        *at = was;
    }
    CHECK(!fleck_score(det, patch, cls, NULL, &score) && !fleck_add(det, patch, cls));
    fleck_destroy(det);
}

/* Keys are those of the package (tests/js/detector.test.mjs), and the most photos with the
 * smallest ones are learnt from: of equal ones as many as there is room for. */
static void test_learns_from(void) {
    static const uint64_t key[] = {9, 3, 5, 5, UINT64_MAX, 5, 0};
    static const char *const want[] = {"0000000", "0000001", "0100001", "0110001",
                                       "0111001", "0111011", "1111011", "1111111"};
    CHECK(fleck_photo_key((const uint8_t *)"", 0) == 0xab3e7c0b92ca2f0e);
    CHECK(fleck_photo_key((const uint8_t *)"photo", 5) == 0x38896afd8e17deae);
    for (uint32_t most = 0; most <= LEN(key) + 1; most++) {
        uint8_t learns[LEN(key)];
        const char *chosen = want[most < LEN(key) ? most : LEN(key)];
        fleck_learns_from(key, LEN(key), most, learns);
        for (size_t i = 0; i < LEN(key); i++) CHECK(learns[i] == chosen[i] - '0');
    }
}

/* Learns from most of the photos, chosen by their pixels, and scores all. */
static void score_large(fleck_detector *det, uint32_t most, float score[PHOTOS]) {
    enum { P = 144, D = 24 };
    fleck_half *patch = malloc((size_t)PHOTOS * P * D * sizeof *patch), cls[PHOTOS][D];
    uint8_t rgba[SIDE * SIDE * 4], learns[PHOTOS];
    uint64_t key[PHOTOS];
    for (uint32_t i = 0; i < PHOTOS; i++) {
        make_photo(rgba, i);
        key[i] = i == ODD ? 0 : fleck_photo_key(rgba, sizeof rgba);
        CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, patch + i * P * D, cls[i]));
    }
    fleck_learns_from(key, PHOTOS, most, learns);
    for (uint32_t i = 0; i < PHOTOS; i++)
        if (learns[i]) CHECK(!fleck_add(det, patch + i * P * D, cls[i]));
    CHECK(fleck_count(det) == most);
    train(det);
    for (uint32_t i = 0, index = 0; i < PHOTOS; i++)
        if (learns[i])
            CHECK(!fleck_score_added(det, index++, NULL, &score[i]));
        else
            CHECK(!fleck_score(det, patch + i * P * D, cls[i], NULL, &score[i]));
    free(patch);
}

/* A folder larger than what is learnt from: the limit holds, and what is learnt is what
 * is learnt from these photos alone. */
static void test_learn_most(void) {
    enum { MOST = 6 };
    fleck_options options = options_of(FLECK_METHOD_IRMB, 1);
    fleck_detector *free_det = create(options), *det;
    options.learn_most = MOST;
    det = create(options);
    CHECK(fleck_learn_most(det) == MOST);
    CHECK(fleck_learn_most(free_det) == FLECK_FEATURE_BYTES / ((144 + 1) * 24 * 2));

    float limited[PHOTOS], alone[PHOTOS];
    score_large(det, MOST, limited);
    score_large(free_det, MOST, alone);
    CHECK(!memcmp(limited, alone, sizeof alone));
    for (uint32_t i = 0; i < PHOTOS; i++)
        CHECK(limited[i] >= 0 && limited[i] <= limited[ODD] && fleck_judge(det, limited[ODD]));
    fleck_folder_verdict folder;
    CHECK(!fleck_judge_folder(det, &folder) && folder.photos == MOST);

    fleck_half patch[144 * 24] = {0}, cls[24] = {0};
    CHECK(fleck_add(det, patch, cls) == FLECK_ERR_STATE && fleck_count(det) == MOST);
    CHECK(strstr(fleck_error(det), "6 photos are the most"));
    CHECK(!fleck_clear(det) && !fleck_add(det, patch, cls) && fleck_count(det) == 1);
    fleck_destroy(det);
    fleck_destroy(free_det);
}

/* A first ranking has the odd photo first, does not depend on threads, and gives the same to
 * photos that came in another order. */
static void test_preview(void) {
    float unusual[PHOTOS], threads[PHOTOS], turned[PHOTOS];
    fleck_detector *det = create(options_of(FLECK_METHOD_IRMB, 1));
    fleck_detector *more = create(options_of(FLECK_METHOD_IRMB, 3));
    fleck_detector *back = create(options_of(FLECK_METHOD_IRMB, 1));
    CHECK(fleck_preview(det, unusual) == FLECK_ERR_STATE);
    CHECK(strstr(fleck_error(det), "0 photos are too few to be ranked"));
    add_photos(det);
    add_photos(more);
    fleck_half patch[144 * 24], cls[24];
    uint8_t rgba[SIDE * SIDE * 4];
    for (uint32_t i = PHOTOS; i--;) {
        make_photo(rgba, i);
        CHECK(!fleck_extract_rgba(back, rgba, SIDE, SIDE, patch, cls) &&
              !fleck_add(back, patch, cls));
    }
    CHECK(!fleck_preview(det, unusual) && !fleck_preview(more, threads) &&
          !fleck_preview(back, turned));
    CHECK(!memcmp(unusual, threads, sizeof unusual));
    for (uint32_t i = 0; i < PHOTOS; i++) {
        CHECK(i == ODD ? unusual[i] > 0 : unusual[i] >= 0 && unusual[i] < unusual[ODD]);
        CHECK(turned[PHOTOS - 1 - i] == unusual[i]);
    }
    train(det); /* goes on as if nothing had been asked */
    train(more);
    float score, other;
    CHECK(!fleck_score_added(det, ODD, NULL, &score) &&
          !fleck_score_added(more, ODD, NULL, &other) && score == other);
    fleck_destroy(det);
    fleck_destroy(more);
    fleck_destroy(back);
}

/* How photos of 16 bits are read: as told, and as the model was taught. */
static void test_sample_bits(void) {
    golden g = golden_open("pixels.safetensors");
    const fleck_tensor *own = golden_tensor(&g, "deep.12.grey_of_12");
    const fleck_tensor *above = golden_tensor(&g, "deep.12.grey_saturated");
    const fleck_tensor *shallow = golden_tensor(&g, "shallow.rgba");
    fleck_detector *det = create(options_of(FLECK_METHOD_KNN, 1));
    enum { N = 144 * 24 };
    fleck_half dark[N], right[N], again[N], cls[24];
    fleck_samples samples;
    CHECK(!fleck_measure(det, own->data, own->count, &samples));
    CHECK(samples.bits == 12 && samples.highest == 4095);
    CHECK(!fleck_measure(det, above->data, above->count, &samples));
    CHECK(samples.bits == 14 && samples.highest == 5000);
    CHECK(!fleck_measure(det, shallow->data, FLECK_HEAD, &samples) && !samples.bits);
    CHECK(fleck_measure(det, own->data, own->count - 20, &samples) == FLECK_ERR_FORMAT);

    for (uint32_t bits = 1; bits < 8; bits++)
        CHECK(fleck_set_sample_bits(det, bits) == FLECK_ERR_ARGUMENT && fleck_error(det)[0]);
    CHECK(fleck_set_sample_bits(det, 17) == FLECK_ERR_ARGUMENT && !fleck_sample_bits(det));
    CHECK(!fleck_extract(det, own->data, own->count, dark, cls));
    CHECK(!fleck_set_sample_bits(det, 16) &&
          !fleck_extract(det, own->data, own->count, again, cls));
    CHECK(!memcmp(dark, again, sizeof dark));
    CHECK(!fleck_set_sample_bits(det, 12) && fleck_sample_bits(det) == 12);
    CHECK(!fleck_extract(det, above->data, above->count, right, cls));
    fleck_extracted(det, &samples);
    CHECK(samples.bits == 14 && samples.highest == 5000);
    CHECK(!fleck_extract(det, own->data, own->count, right, cls));
    fleck_extracted(det, &samples);
    CHECK(samples.bits == 12 && samples.highest == 4095);
    CHECK(memcmp(dark, right, sizeof dark) != 0);
    /* Photos of 8 bits are read as ever. */
    CHECK(!fleck_extract(det, shallow->data, shallow->count, dark, cls));
    CHECK(!fleck_set_sample_bits(det, 0) &&
          !fleck_extract(det, shallow->data, shallow->count, again, cls));
    CHECK(!memcmp(dark, again, sizeof dark));

    CHECK(!fleck_set_sample_bits(det, 12));
    fleck_progress progress;
    for (int i = 0; i < FLECK_PHOTOS_MIN; i++) CHECK(!fleck_add(det, right, cls));
    CHECK(!fleck_train_begin(det));
    do CHECK(!fleck_train_step(det, &progress));
    while (progress.done < progress.total);
    size_t size;
    CHECK(!fleck_save(det, NULL, 0, &size));
    uint8_t *model = FLECK_NEW(&g.arena, uint8_t, size);
    CHECK(!fleck_save(det, model, size, &size));
    CHECK(!fleck_clear(det) && !fleck_sample_bits(det));
    CHECK(!fleck_load(det, model, size) && fleck_sample_bits(det) == 12);
    CHECK(!fleck_extract(det, own->data, own->count, again, cls));
    CHECK(!memcmp(again, right, sizeof right));

    static const char key[] = "\"sample_bits\":\"12\"";
    size_t at = 0;
    while (at + sizeof key < size && memcmp(model + at, key, sizeof key - 1)) at++;
    CHECK(at + sizeof key < size);
    for (int i = 0; i < 3; i++) {
        memcpy(model + at + sizeof key - 4, &"17071x"[2 * i], 2);
        fleck_model_seal(model, size);
        CHECK(fleck_load(det, model, size) == FLECK_ERR_FORMAT && fleck_sample_bits(det) == 12);
    }
    fleck_destroy(det);
    golden_close(&g);
}

/* The pixels of a file, into room that is large enough. */
static void test_decode(void) {
    golden g = golden_open("tiff.safetensors");
    const fleck_tensor *file = golden_tensor(&g, "file.turned6");
    const fleck_tensor *rgb = golden_tensor(&g, "rgb.turned6");
    fleck_detector *det;
    CHECK(!fleck_create(&det)); /* without a backbone */
    uint32_t width, height;
    fleck_photo_size(file->data, file->count, &width, &height);
    CHECK(height == rgb->shape[0] && width == rgb->shape[1]);
    uint8_t rgba[13 * 21 * 4] = {0};
    CHECK(fleck_decode(det, file->data, file->count, rgba, sizeof rgba - 1) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_error(det)[0] && !rgba[3]);
    CHECK(!fleck_decode(det, file->data, file->count, rgba, sizeof rgba));
    for (size_t i = 0; i < sizeof rgba / 4; i++)
        CHECK(!memcmp(rgba + 4 * i, (const uint8_t *)rgb->data + 3 * i, 3) &&
              rgba[4 * i + 3] == 255);
    CHECK(fleck_decode(det, file->data, 100, rgba, sizeof rgba) == FLECK_ERR_FORMAT);
    CHECK(fleck_photo_pages(file->data, file->count) == 1);
    fleck_destroy(det);
    golden_close(&g);
}

/* A build without the paper's recipe says so by name, of a model that it made as well. */
static void test_built(void) {
    fleck_arena arena = {0};
    size_t size;
    uint8_t *model = read_file(&arena, FLECK_SOURCE_DIR "/tests/fuzz/corpus/model/paper", &size);
    fleck_options options = options_of(FLECK_METHOD_PAPER, 1);
    fleck_detector *det;
    bool built = fleck_method_built(FLECK_METHOD_PAPER);
    CHECK(model != NULL);
    CHECK(!fleck_create(&det));
    CHECK(!strcmp(fleck_method_name(FLECK_METHOD_PAPER), "paper"));
    CHECK(fleck_configure(det, &options) == (built ? FLECK_OK : FLECK_ERR_ARGUMENT));
    CHECK(built == !strstr(fleck_error(det), "the paper's recipe is not in this build"));
    CHECK(fleck_peek_options(det, model, size, &options) == (built ? FLECK_OK : FLECK_ERR_FORMAT));
    CHECK(built == !strstr(fleck_error(det), "the paper's recipe is not in this build"));
#ifdef __wasm__
    CHECK(!built);
#else
    CHECK(built);
#endif
    fleck_destroy(det);
    fleck_arena_free(&arena);
}

/* L2BT wants two blocks: with one, which may be the backbone's own choice, it says so, and the
 * detector takes another backbone or other options. */
static void test_one_block(void) {
    fleck_arena arena = {0};
    size_t size;
    uint8_t *bytes = backbone(&arena, &size);
    fleck_options options = options_of(FLECK_METHOD_L2BT, 1);
    for (options.block_count = 0; options.block_count < 3; options.block_count++) {
        fleck_detector *det;
        fleck_feature_shape shape;
        bool one = options.block_count < 2;
        CHECK(!fleck_create(&det) && !fleck_configure(det, &options));
        CHECK(fleck_load_backbone(det, bytes, size) == (one ? FLECK_ERR_ARGUMENT : FLECK_OK));
        CHECK(!one || strstr(fleck_error(det), options.block_count ? "block 2 is the only one"
                                                                   : "block 3 is the only one"));
        CHECK((fleck_shape(det, &shape) == FLECK_OK) == !one);
        options.method = FLECK_METHOD_SIMPLENET;
        if (one) CHECK(!fleck_configure(det, &options) && !fleck_load_backbone(det, bytes, size));
        options.method = FLECK_METHOD_L2BT;
        fleck_destroy(det);
    }
    fleck_arena_free(&arena);
}

static const struct {
    fleck_method method;
    fleck_precision precision;
    uint64_t bits;
} METHODS[] = {
    {FLECK_METHOD_IRMB, FLECK_PRECISION_I8, 0xeda6ee052a265298},
    {FLECK_METHOD_ENSEMBLE, FLECK_PRECISION_I8, 0xf5951d532f3ac8ab},
    {FLECK_METHOD_KNN, FLECK_PRECISION_I8, 0x09894e73612ee03c},
    {FLECK_METHOD_MUSC, FLECK_PRECISION_I8, 0x93b47d5c68c4cb2e},
    {FLECK_METHOD_MAHALANOBIS, FLECK_PRECISION_I8, 0x75b7f5357ad66367},
    {FLECK_METHOD_SOFTPATCH, FLECK_PRECISION_I8, 0x33f9486c70eea9e7},
    {FLECK_METHOD_L2BT, FLECK_PRECISION_I8, 0x84439416e8c82eaa},
    {FLECK_METHOD_SIMPLENET, FLECK_PRECISION_I8, 0xe621bb172fd5a5d0},
    {FLECK_METHOD_KNN, FLECK_PRECISION_F32, 0x5dabb2aa27eb37d2},
    {FLECK_METHOD_KNN, FLECK_PRECISION_I16, 0xaffde380db00f847},
};

/* With FLECK_TEST_BITS in the environment the bits alone. Debian's emcc takes no main with
 * arguments for one. */
int main(void) {
    if (getenv("FLECK_TEST_BITS")) {
        for (uint32_t i = 0; i < LEN(METHODS); i++)
            test_bits(METHODS[i].method, METHODS[i].precision, METHODS[i].bits);
        return check_done();
    }
    CHECK(!strcmp(fleck_version(), FLECK_VERSION));
    test_configure();
    test_built();
    test_one_block();
    test_order_of_calls();
    for (uint32_t i = 0; i < LEN(METHODS); i++)
        test_method(METHODS[i].method, METHODS[i].precision, METHODS[i].bits);
    test_groups_end();
    test_old_model();
    test_second_product();
    test_other_blocks();
    test_other_grid();
    test_identical();
    test_overflow();
    test_not_finite();
    test_learns_from();
    test_learn_most();
    test_preview();
    test_sample_bits();
    test_decode();
    return check_done();
}
