/* Parts of a model at their bounds: which photos are recognised, how far a sure net counts,
 * which photos are suspects, and how little a variance may be. */
#include "check.h"
#include "labels.h"
#include "compute_of.h"
#include "whitening.h"

#include <string.h>

/* By all 64 bits, of each photo its own. */
static void check_recognise(void) {
    enum { P = 2, D = 3, PHOTOS = 4 };
    fleck_half patch[PHOTOS + 1][P * D];
    uint32_t hash[2 * PHOTOS];
    fleck_model m = {.P = P, .D = D, .photos = PHOTOS, .photo_hash = hash};
    for (uint32_t i = 0; i <= PHOTOS; i++)
        for (size_t d = 0; d < P * D; d++) patch[i][d] = (fleck_half)(1000 * i + d);
    for (uint32_t i = 0; i < PHOTOS; i++) fleck_features_hash(patch[i], P * D, hash + 2 * i);
    for (uint32_t i = 0; i < PHOTOS; i++) CHECK(fleck_model_recognise(&m, patch[i]) == i);
    CHECK(fleck_model_recognise(&m, patch[PHOTOS]) == FLECK_NO_PHOTO);
    for (uint32_t bit = 0; bit < 64; bit++) {
        hash[2 * 2 + bit / 32] ^= 1u << bit % 32;
        CHECK(fleck_model_recognise(&m, patch[2]) == FLECK_NO_PHOTO);
        hash[2 * 2 + bit / 32] ^= 1u << bit % 32;
    }
    /* the last value counts as the first does, and half of a hash is none */
    patch[1][P * D - 1] ^= 1;
    CHECK(fleck_model_recognise(&m, patch[1]) == FLECK_NO_PHOTO);
    uint32_t shifted[3] = {0, hash[0], hash[1]};
    m.photos = 1;
    m.photo_hash = shifted;
    CHECK(fleck_model_recognise(&m, patch[0]) == FLECK_NO_PHOTO);
}

static void check_learnt_z(void) {
    fleck_robust scale = {2, 0.5f};
    CHECK(fleck_learnt_z(scale, 2) == 0 && fleck_learnt_z(scale, 3) == 2);
    CHECK(fleck_learnt_z(scale, -2.9f) < -9.7f && fleck_learnt_z(scale, -2.9f) > -10);
    CHECK(fleck_learnt_z(scale, -3) == -10 && fleck_learnt_z(scale, -99) == -10);
    CHECK(fleck_learnt_z(scale, 31.5f) == 59 && fleck_learnt_z(scale, 32) == 60);
    CHECK(fleck_learnt_z(scale, 32.5f) == 60 && fleck_learnt_z(scale, 1e9f) == 60);
}

/* Photos of levels 1.6, 1.7, ... 2.3 and one more: the median is 2, the spread .29652. Above
 * 1.6 of it, and not above 1.5, the last one is a suspect. */
static void check_suspects(const fleck_compute *compute) {
    enum { PHOTOS = 9, P = 4 };
    static const float z[] = {1.5f, 1.59f, 1.61f, 1.7f};
    fleck_model m = {.method = FLECK_METHOD_KNN, .P = P};
    fleck_arena arena = {0};
    fleck_labels labels;
    CHECK(fleck_labels_new(&arena, PHOTOS, P, &labels));
    for (size_t k = 0; k < LEN(z); k++) {
        float score[PHOTOS * P] = {0};
        for (uint32_t i = 0; i < PHOTOS; i++) {
            float level = i + 1 < PHOTOS ? 1.6f + 0.1f * (float)i : 2 + z[k] * 0.29652f;
            score[i * P + i % P] = level * level;
        }
        CHECK(fleck_labels_set(&labels, &m, compute, score));
        for (uint32_t i = 0; i + 1 < PHOTOS; i++) CHECK(!labels.suspect[i]);
        CHECK(labels.suspect[PHOTOS - 1] == (z[k] > 1.6f));
        CHECK(labels.groups == (z[k] > 1.6f) && labels.anomalous_count == labels.groups);
    }
    fleck_arena_free(&arena);
}

/* A variance that rounding made negative is half of what is added to all: a hundredth of the
 * mean variance, and 1e-8 where there is none. */
static void check_least_variance(const fleck_compute *compute) {
    double none[4] = {1, 0, 0, -1}, some[4] = {3, 0, 0, -1};
    float factor[4];
    CHECK(fleck_whitening_factor(compute, none, 2, factor));
    CHECK_NEAR(factor[0], 1, 1e-6);
    CHECK_NEAR(factor[3], 14142.136, 0.01); /* 1 / sqrt(1e-8 / 2) */
    CHECK(fleck_whitening_factor(compute, some, 2, factor));
    CHECK_NEAR(factor[0], 0.57639, 1e-5);   /* 1 / sqrt(3.01) */
    CHECK_NEAR(factor[3], 14.142136, 1e-4); /* 1 / sqrt(.01 / 2) */
    CHECK(factor[1] == 0 && factor[2] == 0);
}

int main(void) {
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 1);
    check_recognise();
    check_learnt_z();
    check_suspects(&compute);
    check_least_variance(&compute);
    compute_free(&compute);
    return check_done();
}
