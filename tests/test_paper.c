/* FUN-AD as published on a small folder, against an oracle in float64 that draws the
 * same numbers (scripts/golden/paper.py); and through the public API. */
#include "check.h"
#include "fleck.h"

#ifdef FLECK_PAPER

#include "golden.h"
#include "half.h"
#include "tools_of.h"
#include "train.h"

#include <string.h>

enum { PHOTOS = 70, GRID = 4, P = GRID * GRID, D = 6, SEED = 7, ITERATIONS = 20, ODD = 12 };

/* Rounding comes back into every later iteration; a tenth of these is seen. Of the way
 * that the weights move, the share that is off in the mean square: RMSprop's first step
 * is 2e-4 however small the gradient is, so that a few weights whose first gradient is
 * nearly none go the other way; 7e-3 is seen in W1, 5e-4 elsewhere. */
#define LOSS_WITHIN 5e-5
#define LOGIT_WITHIN 2e-4
#define MOVED_WITHIN 1.5e-2

typedef struct {
    const fleck_half *patch[PHOTOS], *cls[PHOTOS];
    fleck_features features;
} folder;

static const fleck_half *read_halves(golden *g, const char *name, size_t want) {
    size_t count;
    const float *wide = golden_get(g, name, &count);
    fleck_half *out = FLECK_NEW(&g->arena, fleck_half, count);
    fleck_half_narrow(wide, count, out);
    CHECK(count == want);
    return out;
}

static void folder_read(golden *g, folder *f) {
    const fleck_half *patch = read_halves(g, "patch", PHOTOS * P * D);
    const fleck_half *cls = read_halves(g, "cls", PHOTOS * D);
    for (size_t i = 0; i < PHOTOS; i++) {
        f->patch[i] = patch + i * P * D;
        f->cls[i] = cls + i * D;
    }
    f->features = (fleck_features){P, D, PHOTOS, f->patch, f->cls};
}

typedef struct {
    fleck_arena arena;
    fleck_training training;
    float loss[ITERATIONS];
    fleck_paper_counts counts[ITERATIONS];
    float *began; /* the net's parameters before the first iteration */
} trained;

static void train(const fleck_tools *tools, const folder *f, uint64_t seed, trained *out) {
    fleck_message err;
    fleck_feature_source source = {.input = 8, .grid = GRID, .blocks = {1}, .block_count = 1};
    fleck_progress progress = {0};
    *out = (trained){0};
    fleck_training *t = &out->training;
    CHECK(!fleck_training_begin(&out->arena, &f->features, FLECK_METHOD_PAPER, seed, ITERATIONS,
                                &source, t, &err));
    CHECK(t->steps == ITERATIONS + PHOTOS);
    while (progress.done < t->steps) {
        if (fleck_training_step(t, &out->arena, tools, &progress, &err)) {
            CHECK(!"a step failed");
            return;
        }
        if (progress.stage != FLECK_STAGE_LEARN) continue;
        out->loss[progress.done - 1] = progress.loss;
        out->counts[progress.done - 1] = t->paper.counts;
    }
    /* The first draws of a generator with the same seed set up another net. */
    fleck_model fresh;
    fleck_paper paper;
    memset(&fresh, 0, sizeof fresh);
    CHECK(fleck_paper_begin(&paper, &out->arena, &f->features, &fresh, fleck_rng_seed(seed)));
    out->began = fresh.net.block;
}

static double worst(const float *got, const float *want, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = fabs((double)got[i] - want[i]);
        if (isnan(difference)) return difference;
        if (difference > most) most = difference;
    }
    return most;
}

static void check_moved(golden *g, const trained *t, const char *name, const float *values) {
    char key[32];
    size_t count;
    snprintf(key, sizeof key, "moved_%s", name);
    const float *want = golden_get(g, key, &count);
    const float *began = t->began + (values - t->training.model.net.block);
    double off = 0, way = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)values[i] - began[i] - want[i];
        off += difference * difference;
        way += (double)want[i] * want[i];
    }
    CHECK_NEAR(sqrt(off / way), 0, MOVED_WITHIN);
}

static void check_oracle(golden *g, const trained *t) {
    size_t count;
    const float *loss = golden_get(g, "loss", &count);
    CHECK(count == ITERATIONS);
    CHECK_NEAR(worst(t->loss, loss, ITERATIONS), 0, LOSS_WITHIN);
    const float *photos = golden_get(g, "bank_photos", NULL);
    const float *anomalous = golden_get(g, "anomalous", NULL);
    const float *ambiguous = golden_get(g, "ambiguous", NULL);
    const float *pairs = golden_get(g, "pairs", NULL);
    float noised = 0;
    for (size_t i = 0; i < ITERATIONS; i++) {
        const fleck_paper_counts *c = &t->counts[i];
        CHECK(c->bank_photos == photos[i] && c->anomalous == anomalous[i] &&
              c->ambiguous == ambiguous[i] && c->pairs == pairs[i]);
        noised += ambiguous[i];
    }
    CHECK(noised > 0);

    const fleck_localnet *net = &t->training.model.net;
    check_moved(g, t, "Wp", net->Wp);
    check_moved(g, t, "Wc", net->Wc);
    check_moved(g, t, "b0", net->b0);
    check_moved(g, t, "W1", net->W1);
    check_moved(g, t, "b1", net->b1);
    check_moved(g, t, "W2_first", net->W2);
    check_moved(g, t, "b2", net->b2);
    check_moved(g, t, "W3", net->W3);
    check_moved(g, t, "b3", net->b3);

    /* scores: the logits, and the highest of each photo */
    CHECK_NEAR(worst(t->training.patches, golden_get(g, "logit", NULL), PHOTOS * P), 0,
               LOGIT_WITHIN);
    CHECK_NEAR(worst(t->training.photo_score, golden_get(g, "raw", NULL), PHOTOS), 0, LOGIT_WITHIN);
}

static void check_map(golden *g, const fleck_tools *tools, const trained *t) {
    enum { EVERY = 7, SIDE = FLECK_HEAT / EVERY };
    const float *want = golden_get(g, "map_every7", NULL);
    float *map = FLECK_NEW(&g->arena, float, FLECK_HEAT *FLECK_HEAT);
    CHECK(
        fleck_paper_map(tools->kernels, tools->scratch, t->training.patches + ODD * P, GRID, map));
    double most = 0;
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++)
            most = fmax(most, fabs(map[(y * FLECK_HEAT + x) * EVERY] - want[y * SIDE + x]));
    CHECK_NEAR(most, 0, LOGIT_WITHIN);

    /* sure logits stay finite */
    float sure[P];
    for (size_t i = 0; i < P; i++) sure[i] = i % 2 ? 500.0f : -500.0f;
    CHECK(fleck_paper_map(tools->kernels, tools->scratch, sure, GRID, map));
    for (size_t i = 0; i < FLECK_HEAT * FLECK_HEAT; i++)
        if (!isfinite(map[i])) most = INFINITY;
    CHECK(most < 1);
}

/* The same bits whatever the threads; others of another seed. */
static void check_threads(const fleck_tools *tools, const folder *f, const trained *first) {
    fleck_tools alone = *tools;
    trained one, other;
    CHECK(!fleck_pool_create(1, &alone.pool));
    train(&alone, f, SEED, &one);
    train(&alone, f, SEED + 1, &other);
    size_t size = one.training.model.net.count * sizeof(float);
    CHECK(!memcmp(one.loss, first->loss, sizeof one.loss));
    CHECK(!memcmp(one.training.model.net.block, first->training.model.net.block, size));
    CHECK(memcmp(other.loss, first->loss, sizeof one.loss));
    fleck_pool_destroy(alone.pool);
    fleck_arena_free(&one.arena);
    fleck_arena_free(&other.arena);
}

/* A model read back scores as before; saved again, its bytes are the same. */
static void check_file(const fleck_tools *tools, const folder *f, const trained *t) {
    fleck_arena arena = {0};
    fleck_message err;
    fleck_model loaded;
    size_t size = 0, again = 0;
    CHECK(fleck_model_save(&t->training.model, tools->scratch, NULL, 0, &size));
    uint8_t *bytes = FLECK_NEW(&arena, uint8_t, size), *copy = FLECK_NEW(&arena, uint8_t, size);
    CHECK(fleck_model_save(&t->training.model, tools->scratch, bytes, size, &size));
    CHECK(!fleck_model_load(&arena, tools->kernels, bytes, size, &loaded, &err));
    CHECK(fleck_model_save(&loaded, tools->scratch, copy, size, &again));
    CHECK(again == size && !memcmp(bytes, copy, size));
    float patches[P];
    for (uint32_t i = 0; i < PHOTOS; i += 9) {
        CHECK(fleck_model_patches(&loaded, tools, f->patch[i], f->cls[i], FLECK_NO_PHOTO, patches));
        CHECK(!memcmp(patches, t->training.patches + i * P, sizeof patches));
    }
    fleck_arena_free(&arena);
}

static void check_steps(void) {
    CHECK(fleck_paper_steps(60, 0) == 1500 && fleck_paper_steps(230, 0) == 10500);
    CHECK(fleck_paper_steps(5, 0) == 1500 && fleck_paper_steps(64, 17) == 17);
}

/* A folder smaller than a batch, of photos that are all alike: nothing to tell apart,
 * and nothing that is not finite. */
static void check_identical(const fleck_tools *tools, const folder *f) {
    enum { FEW = 6 };
    const fleck_half *patch[FEW], *cls[FEW];
    for (size_t i = 0; i < FEW; i++) patch[i] = f->patch[0], cls[i] = f->cls[0];
    fleck_features same = {P, D, FEW, patch, cls};
    fleck_feature_source source = {.grid = GRID};
    fleck_arena arena = {0};
    fleck_training t;
    fleck_message err;
    fleck_progress progress = {0};
    CHECK(!fleck_training_begin(&arena, &same, FLECK_METHOD_PAPER, SEED, 3, &source, &t, &err));
    while (progress.done < t.steps) {
        if (fleck_training_step(&t, &arena, tools, &progress, &err)) break;
        CHECK(isfinite(progress.loss));
    }
    CHECK(progress.done == 3 + FEW && t.paper.counts.anomalous == 0);
    CHECK(t.paper.counts.bank_photos == FEW / 2);
    for (size_t i = 0; i < FEW; i++)
        CHECK(isfinite(t.photo_score[i]) && t.photo_score[i] == t.photo_score[0]);
    fleck_arena_free(&arena);
}

int main(void) {
    golden g = golden_open("paper.safetensors");
    fleck_arena scratch = {0};
    fleck_tools tools = tools_make(&scratch, NULL, 2);
    folder f;
    trained t;
    folder_read(&g, &f);
    train(&tools, &f, SEED, &t);
    check_oracle(&g, &t);
    check_map(&g, &tools, &t);
    check_threads(&tools, &f, &t);
    check_file(&tools, &f, &t);
    check_steps();
    check_identical(&tools, &f);
    fleck_arena_free(&t.arena);
    tools_free(&tools);
    golden_close(&g);
    return check_done();
}

#else

#include <string.h>

/* A build without it says so by name. */
int main(void) {
    fleck_detector *det;
    fleck_options options = fleck_options_default();
    options.method = FLECK_METHOD_PAPER;
    CHECK(!fleck_create(&det));
    CHECK(fleck_configure(det, &options) == FLECK_ERR_ARGUMENT);
    CHECK(strstr(fleck_error(det), "the paper's recipe is not in this build"));
    CHECK(!strcmp(fleck_method_name(FLECK_METHOD_PAPER), "paper"));
    fleck_destroy(det);
    return check_done();
}

#endif
