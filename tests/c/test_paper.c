/* FUN-AD as published on a small folder, against an oracle in float64 that draws the
 * same numbers (scripts/golden/paper.py); and through the public API. */
#include "calibration.h"
#include "check.h"
#include "fleck.h"
#include "folder_of.h"
#include "heatmap.h"
#include "paper.h"
#include "compute_of.h"

#include <string.h>

enum { PHOTOS = 70, GRID = 3, P = GRID * GRID, D = 6, SEED = 7, ITERATIONS = 20, ODD = 12 };

/* Rounding comes back into every later iteration, and RMSprop's first step is 2e-4 however
 * small a gradient is, so that one that is nearly none may send its weight the other
 * way; a fifth of these is seen. MOVED is of the way that weights went, in the mean
 * square. */
#define LOSS_WITHIN 5e-6
#define LOGIT_WITHIN 1e-5
#define MOVED_WITHIN 2e-4

typedef struct {
    fleck_arena arena;
    fleck_model model;
    fleck_paper paper;
    float loss[ITERATIONS];
    fleck_paper_counts counts[ITERATIONS];
    float *began; /* the net's parameters before the first iteration */
} trained;

static void train(const fleck_compute *compute, const folder *f, uint64_t seed, uint32_t iterations,
                  trained *t) {
    *t = (trained){.model = {.method = FLECK_METHOD_PAPER, .P = P, .D = D}};
    CHECK(fleck_paper_begin(&t->paper, &t->arena, &f->features, &t->model, fleck_rng_seed(seed)));
    t->began = FLECK_NEW(&t->arena, float, t->model.net.count);
    memcpy(t->began, t->model.net.block, t->model.net.count * sizeof *t->began);
    for (uint32_t i = 0; i < iterations; i++) {
        CHECK(fleck_paper_step(&t->paper, compute, &t->loss[i]));
        t->counts[i] = t->paper.counts;
    }
}

static void check_moved(golden *g, const trained *t, const char *name, const float *values) {
    size_t count;
    const float *want = golden_get(g, &count, "moved_%s", name);
    const float *began = t->began + (values - t->model.net.block);
    double off = 0, way = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)values[i] - began[i] - want[i];
        off += difference * difference;
        way += (double)want[i] * want[i];
    }
    CHECK_NEAR(sqrt(off / way), 0, MOVED_WITHIN);
}

static void check_oracle(golden *g, const fleck_compute *compute, const folder *f, const trained *t,
                         float *logit) {
    size_t count;
    const float *loss = golden_get(g, &count, "loss");
    CHECK(count == ITERATIONS);
    CHECK_NEAR(worst(t->loss, loss, ITERATIONS, false), 0, LOSS_WITHIN);
    const float *photos = golden_get(g, NULL, "bank_photos");
    const float *anomalous = golden_get(g, NULL, "anomalous");
    const float *ambiguous = golden_get(g, NULL, "ambiguous");
    const float *pairs = golden_get(g, NULL, "pairs");
    float noised = 0;
    for (size_t i = 0; i < ITERATIONS; i++) {
        const fleck_paper_counts *c = &t->counts[i];
        CHECK(c->bank_photos == photos[i] && c->anomalous == anomalous[i] &&
              c->ambiguous == ambiguous[i] && c->pairs == pairs[i]);
        noised += ambiguous[i];
    }
    CHECK(noised > 0);

    const fleck_localnet *net = &t->model.net;
    check_moved(g, t, "Wp", net->Wp);
    check_moved(g, t, "Wc", net->Wc);
    check_moved(g, t, "b0", net->b0);
    check_moved(g, t, "W1", net->hidden.W[0]);
    check_moved(g, t, "b1", net->hidden.b[0]);
    check_moved(g, t, "W2_first", net->hidden.W[1]);
    check_moved(g, t, "b2", net->hidden.b[1]);
    check_moved(g, t, "W3", net->W3);
    check_moved(g, t, "b3", net->b3);

    for (size_t i = 0; i < PHOTOS; i++)
        CHECK(fleck_model_local(&t->model, compute, f->features.patch[i], f->features.cls[i],
                                logit + i * P, NULL));
    CHECK_NEAR(worst(logit, golden_get(g, NULL, "logit"), PHOTOS * P, false), 0, LOGIT_WITHIN);
}

/* Photos rank by their highest patch alone. */
static void check_photo(const fleck_compute *compute, const trained *t) {
    float patches[P] = {0}, low, same, high;
    uint32_t percent = fleck_method_plan_of(FLECK_METHOD_PAPER)->top_percent;
    patches[3] = 2;
    CHECK(fleck_model_rank(&t->model, compute, patches, percent, &low));
    patches[5] = 1.9f;
    CHECK(fleck_model_rank(&t->model, compute, patches, percent, &same));
    patches[5] = 2.1f;
    CHECK(fleck_model_rank(&t->model, compute, patches, percent, &high));
    CHECK(low == same && low < high);
}

static void check_map(golden *g, const fleck_compute *compute, const float *logits) {
    enum { EVERY = 7, SIDE = FLECK_HEAT / EVERY };
    const float *want = golden_get(g, NULL, "map_every7");
    float *map = FLECK_NEW(&g->arena, float, FLECK_HEAT, FLECK_HEAT);
    CHECK(fleck_heatmap_of_logits(compute->kernels, compute->scratch, logits, square(GRID), map));
    double most = 0;
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++)
            most = fmax(most, fabs(map[(y * FLECK_HEAT + x) * EVERY] - want[y * SIDE + x]));
    CHECK_NEAR(most, 0, LOGIT_WITHIN);

    /* sure logits stay finite */
    float sure[P];
    for (size_t i = 0; i < P; i++) sure[i] = i % 2 ? 500.0f : -500.0f;
    CHECK(fleck_heatmap_of_logits(compute->kernels, compute->scratch, sure, square(GRID), map));
    for (size_t i = 0; i < FLECK_HEAT * FLECK_HEAT; i++)
        if (!isfinite(map[i])) most = INFINITY;
    CHECK(most < 1);
}

/* The same bits whatever the threads; others of another seed. */
static void check_threads(const fleck_compute *compute, const folder *f, const trained *first) {
    enum { FEW = 2 };
    fleck_compute alone = *compute;
    trained one, other;
    CHECK(!fleck_pool_create(1, &alone.pool));
    train(&alone, f, SEED, FEW, &one);
    train(&alone, f, SEED + 1, FEW, &other);
    CHECK(!memcmp(one.loss, first->loss, FEW * sizeof *one.loss));
    CHECK(memcmp(other.loss, first->loss, FEW * sizeof *other.loss));
    fleck_pool_destroy(alone.pool);
    fleck_arena_free(&one.arena);
    fleck_arena_free(&other.arena);
}

static void check_steps(void) {
    CHECK(fleck_paper_steps(60, 0) == 1500 && fleck_paper_steps(230, 0) == 10500);
    CHECK(fleck_paper_steps(5, 0) == 1500 && fleck_paper_steps(64, 17) == 17);
}

/* ---- through the public API ---- */

enum { SIDE = 24, FOLDER = 6, STEPS = 2 };

/* Grey noise, brighter to the right. */
static void make_photo(uint8_t *rgba, uint32_t seed) {
    fleck_rng rng = fleck_rng_seed(seed);
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        uint8_t *p = rgba + 4 * i;
        p[0] = p[1] = p[2] = (uint8_t)(60 + 2 * (i % SIDE) + fleck_rng_below(&rng, 24));
        p[3] = 255;
    }
}

static fleck_detector *create(uint32_t threads) {
    fleck_arena arena = {0};
    fleck_detector *det = NULL;
    fleck_options options = fleck_options_default();
    options.method = FLECK_METHOD_PAPER;
    options.iterations = STEPS;
    options.preset = FLECK_PRESET_FIT;
    options.input = SIDE;
    options.threads = threads;
    size_t size;
    uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    CHECK(!fleck_create(&det) && !fleck_configure(det, &options));
    CHECK(bytes && !fleck_load_backbone(det, bytes, size));
    fleck_arena_free(&arena);
    return det;
}

/* Adds a folder of different photos, or the same one many times. */
static void add_photos(fleck_detector *det, bool identical) {
    static fleck_half patch[36 * 24], cls[24];
    uint8_t rgba[SIDE * SIDE * 4];
    for (uint32_t i = 0; i < FOLDER; i++) {
        make_photo(rgba, identical ? 0 : i);
        CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls));
        CHECK(!fleck_add(det, patch, cls));
    }
}

static void learn(fleck_detector *det) {
    fleck_progress step = {.total = 1};
    CHECK(!fleck_train_begin(det));
    for (uint32_t i = 1; step.done < step.total; i++) {
        CHECK(!fleck_train_step(det, &step) && isfinite(step.loss));
        CHECK(step.stage == (i <= STEPS ? FLECK_STAGE_LEARN : FLECK_STAGE_CALIBRATE));
        if (step.done != i) return;
    }
    CHECK(step.total == STEPS + FOLDER);
}

typedef struct {
    float score[FOLDER], heat[FLECK_HEAT * FLECK_HEAT];
} outcome;

static void score(fleck_detector *det, outcome *out) {
    for (uint32_t i = 0; i < FOLDER; i++) {
        CHECK(!fleck_score_added(det, i, out->heat, &out->score[i]));
        CHECK(out->score[i] >= 0 && out->score[i] <= 1);
    }
    double least = 1, most = 0;
    for (size_t i = 0; i < LEN(out->heat); i++) {
        least = fmin(least, out->heat[i]);
        most = fmax(most, out->heat[i]);
    }
    CHECK(least >= 0 && most <= 1);
}

/* A model read back scores as before; saved again, its bytes are the same. */
static void check_api(void) {
    static outcome first, alone, loaded;
    fleck_arena arena = {0};
    fleck_detector *det = create(2), *other = create(1);
    add_photos(det, false);
    add_photos(other, false);
    learn(det);
    learn(other);
    score(det, &first);
    score(other, &alone);
    CHECK(!memcmp(&first, &alone, sizeof first));
    fleck_destroy(other);

    size_t size = 0, again = 0;
    CHECK(!fleck_save(det, NULL, 0, &size));
    uint8_t *bytes = FLECK_NEW(&arena, uint8_t, size), *copy = FLECK_NEW(&arena, uint8_t, size);
    CHECK(!fleck_save(det, bytes, size, &size));
    other = create(2);
    fleck_options peeked = {.method = FLECK_METHOD_KNN};
    CHECK(!fleck_peek_options(other, bytes, size, &peeked) && peeked.method == FLECK_METHOD_PAPER);
    CHECK(!fleck_load(other, bytes, size) && !fleck_save(other, copy, size, &again));
    CHECK(again == size && !memcmp(bytes, copy, size));
    add_photos(other, false);
    score(other, &loaded);
    CHECK(!memcmp(&first, &loaded, sizeof first));
    fleck_destroy(other);
    fleck_destroy(det);
    fleck_arena_free(&arena);
}

/* Photos that are all alike: nothing to tell apart, and nothing that is not finite. */
static void check_identical(void) {
    static outcome out;
    fleck_detector *det = create(2);
    add_photos(det, true);
    learn(det);
    score(det, &out);
    for (size_t i = 0; i < FOLDER; i++)
        CHECK(out.score[i] == out.score[0] &&
              fleck_verdict_of(out.score[i], FLECK_DEFECT) == FLECK_VERDICT_OK);
    fleck_destroy(det);
}

static void check_refused(void) {
    fleck_detector *det;
    fleck_options options = fleck_options_default();
    options.method = FLECK_METHOD_PAPER;
    options.iterations = FLECK_ITERATIONS_MAX + 1;
    CHECK(!fleck_create(&det));
    CHECK(fleck_configure(det, &options) == FLECK_ERR_ARGUMENT);
    CHECK(strstr(fleck_error(det), "iterations"));
    fleck_destroy(det);
}

int main(void) {
    static float logit[PHOTOS * P];
    golden g = golden_open("paper.safetensors");
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    folder f;
    trained t;
    folder_read(&g, &f, PHOTOS, square(GRID), D);
    train(&compute, &f, SEED, ITERATIONS, &t);
    check_oracle(&g, &compute, &f, &t, logit);
    check_photo(&compute, &t);
    check_map(&g, &compute, logit + ODD * P);
    check_threads(&compute, &f, &t);
    check_steps();
    check_api();
    check_identical();
    check_refused();
    fleck_arena_free(&t.arena);
    folder_free(&f);
    compute_free(&compute);
    golden_close(&g);
    return check_done();
}
