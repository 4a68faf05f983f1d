/* The trial on folders that are drawn: with something in common among the suspects' anomalies,
 * without, with something that their photos have in common, and with too few of them. That its
 * numbers are right test_train.c checks. */
#include "check.h"
#include "half.h"
#include "rng.h"
#include "compute_of.h"
#include "trial.h"

enum { PHOTOS = 40, P = 49, SUSPECTS = 6, ODD = 5 /* patches of a suspect */ };

typedef struct {
    fleck_arena arena;
    fleck_features features;
    fleck_labels labels;
} folder;

/* What suspects have in common. */
typedef enum { NOTHING, ANOMALIES, PHOTOS_AS_A_WHOLE } common_kind;

/* Normal features with ODD long patches in each of SUSPECTS photos, which are its labels'
 * anomalies, and in as many others the controls, as long. Those of a photo point in one
 * direction: where suspects have something in common, the same for all of them, and
 * their other patches as well where it is the photos. */
static void folder_draw(folder *f, size_t D, common_kind kind) {
    *f = (folder){0};
    fleck_rng rng = fleck_rng_seed(D + kind);
    const fleck_half **at = FLECK_NEW(&f->arena, const fleck_half *, PHOTOS);
    float *x = FLECK_NEW(&f->arena, float, D), *common = FLECK_NEW(&f->arena, float, D);
    float *own = FLECK_NEW(&f->arena, float, D);
    if (!at || !x || !common || !own || !fleck_labels_new(&f->arena, PHOTOS, P, &f->labels))
        exit(1);
    fleck_labels *l = &f->labels;
    for (size_t d = 0; d < D; d++) common[d] = fleck_rng_normal(&rng);
    for (uint32_t photo = 0; photo < PHOTOS; photo++) {
        fleck_half *out = FLECK_NEW(&f->arena, fleck_half, P, D);
        if (!out) exit(1);
        bool suspect = l->suspect[photo] = photo < SUSPECTS, odd = photo < 2 * SUSPECTS;
        for (size_t d = 0; d < D; d++)
            own[d] = suspect && kind ? common[d] : fleck_rng_normal(&rng);
        if (suspect) l->first[l->groups++] = l->anomalous_count;
        for (uint32_t p = 0; p < P; p++) {
            uint32_t patch = photo * P + p;
            bool along = p < ODD ? odd : suspect && kind == PHOTOS_AS_A_WHOLE;
            for (size_t d = 0; d < D; d++) x[d] = fleck_rng_normal(&rng) + (along ? 2 * own[d] : 0);
            fleck_half_narrow(x, D, out + p * D);
            if (!odd || p >= ODD)
                l->normal[l->normal_count++] = patch;
            else if (suspect)
                l->anomalous[l->anomalous_count++] = patch;
            else
                l->control[l->control_count++] = patch;
        }
        at[photo] = out;
    }
    l->first[l->groups] = l->anomalous_count;
    f->features = (fleck_features){.P = P, .D = D, .count = PHOTOS, .patch = at, .cls = at};
}

static double value(const float *discriminant, const folder *f, uint32_t patch) {
    size_t D = f->features.D;
    float x[2000];
    double sum = 0;
    fleck_half_widen(f->features.patch[patch / P] + patch % P * D, D, x);
    for (size_t i = 0; i < D; i++) sum += discriminant[i] * (double)x[i];
    return sum;
}

static fleck_trial trial_of(folder *f, const fleck_compute *compute) {
    fleck_trial trial;
    CHECK(fleck_trial_run(&f->features, &f->labels, &f->arena, compute, &trial));
    return trial;
}

static void test_alike(const fleck_compute *compute, size_t D) {
    folder f;
    folder_draw(&f, D, ANOMALIES);
    fleck_trial trial = trial_of(&f, compute);
    CHECK(trial.among_photos > 0.99 && trial.within_photos > 0.99);
    /* the discriminant is above zero for anomalies, and about zero on average for others */
    double normal = 0;
    for (uint32_t i = 0; i < f.labels.anomalous_count; i++)
        CHECK(value(trial.discriminant, &f, f.labels.anomalous[i]) > 0);
    for (uint32_t i = 0; i < f.labels.normal_count; i++)
        normal += value(trial.discriminant, &f, f.labels.normal[i]) / f.labels.normal_count;
    CHECK_NEAR(normal / value(trial.discriminant, &f, f.labels.anomalous[0]), 0, 0.1);
    fleck_arena_free(&f.arena);
}

/* In random directions of many dimensions nothing is alike: chance, whose deviation for 30
 * against 30 patches of 6 and 6 photos is some 0.1. */
static void test_unlike(const fleck_compute *compute) {
    folder f;
    folder_draw(&f, 300, NOTHING);
    fleck_trial trial = trial_of(&f, compute);
    CHECK_NEAR(trial.among_photos, 0.5, 0.25);
    fleck_arena_free(&f.arena);
}

/* Another kind of photo is no defect: its anomalies are like the rest of it. Chance deviates by
 * some 0.05 for 6 times 5 against 44 patches. */
static void test_kind_of_photo(const fleck_compute *compute) {
    folder f;
    folder_draw(&f, 20, PHOTOS_AS_A_WHOLE);
    fleck_trial trial = trial_of(&f, compute);
    CHECK(trial.among_photos > 0.99);
    CHECK_NEAR(trial.within_photos, 0.5, 0.15);
    fleck_arena_free(&f.arena);
}

/* A photo that is anomalous all over has nothing to be told from: 0.5 in the mean. */
static void test_nothing_normal(const fleck_compute *compute) {
    folder f;
    folder_draw(&f, 20, ANOMALIES);
    f.labels.normal += P - ODD;
    f.labels.normal_count -= P - ODD;
    fleck_trial trial = trial_of(&f, compute);
    CHECK_NEAR(trial.within_photos, (SUSPECTS - 1 + 0.5) / SUSPECTS, 0.01);
    fleck_arena_free(&f.arena);
}

static void test_too_few(const fleck_compute *compute) {
    folder f;
    folder_draw(&f, 20, ANOMALIES);
    f.labels.groups = 1;
    fleck_trial trial = trial_of(&f, compute);
    CHECK(trial.among_photos == 0.5 && trial.within_photos == 0.5);
    f.labels.groups = SUSPECTS;
    f.labels.control_count = 0;
    trial = trial_of(&f, compute);
    CHECK(trial.among_photos == 0.5 && trial.within_photos == 0.5);
    for (size_t i = 0; i < 20; i++) CHECK(trial.discriminant[i] == 0);
    fleck_arena_free(&f.arena);
}

int main(void) {
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    test_alike(&compute, 20);
    test_alike(&compute, 1100); /* of which only some are looked at */
    test_unlike(&compute);
    test_kind_of_photo(&compute);
    test_nothing_normal(&compute);
    test_too_few(&compute);
    compute_free(&compute);
    return check_done();
}
