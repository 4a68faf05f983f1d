#include "paper.h"

#include "exact_nearest.h"
#include "half.h"
#include "loss.h"
#include "heatmap.h"

#include <math.h>
#include <string.h>

enum {
    BATCH = 32, /* photos */
    EPOCHS = 1500,
    HIDDEN1 = 1024, /* widths of the local-net; the adaptor's is that of its input */
    HIDDEN2 = 128,
};

#define LEARNING_RATE 2e-5f
#define MOMENTUM 0.2f
#define NORMAL_BELOW 0.5f    /* normalised score of photos that the bank may hold */
#define SAME 1e-2f           /* a squared distance below is none */
#define ANOMALOUS_ABOVE 0.5f /* normalised distance of patches labelled anomalous... */
#define AMBIGUOUS_BELOW 0.9f /* ...and of those of them that get noise */

static uint32_t batch_photos(uint32_t photos) { return photos < BATCH ? photos : BATCH; }

/* Photos that are left when the batches of an epoch are full are dropped. */
static uint32_t epoch_steps(uint32_t photos) { return photos / batch_photos(photos); }

uint32_t fleck_paper_steps(uint32_t photos, uint32_t iterations) {
    return iterations ? iterations : EPOCHS * epoch_steps(photos);
}

/* ---- set-up ---- */

static void init_layer(fleck_rng *rng, float *weight, size_t weights, float *bias, size_t biases,
                       size_t in) {
    float bound = sqrtf(1 / (float)in);
    for (size_t i = 0; i < weights; i++) weight[i] = bound * (2 * fleck_rng_uniform(rng) - 1);
    for (size_t i = 0; i < biases; i++) bias[i] = bound * (2 * fleck_rng_uniform(rng) - 1);
}

/* PyTorch's default: weights and biases U(-b, b) with b^2 = 1 / in. */
static void init(fleck_localnet *net, fleck_rng *rng) {
    init_layer(rng, net->Wp, 2 * net->A * net->D, net->b0, net->A, 2 * net->D); /* Wp and Wc */
    const fleck_mlp *hidden = &net->hidden;
    const size_t *width = hidden->width;
    for (uint32_t l = 0; l < hidden->layers; l++)
        init_layer(rng, hidden->W[l], width[l + 1] * width[l], hidden->b[l], width[l + 1],
                   width[l]);
    init_layer(rng, net->W3, width[2], net->b3, 1, width[2]);
}

bool fleck_paper_begin(fleck_paper *paper, fleck_arena *arena, const fleck_features *features,
                       fleck_model *model, fleck_rng rng) {
    size_t D = features->D, A = 2 * D;
    *paper = (fleck_paper){.features = features, .model = model, .rng = rng};
    paper->order = FLECK_NEW(arena, uint32_t, features->count);
    model->standard = FLECK_NEW(arena, float, 4, D);
    if (!paper->order || !model->standard ||
        !fleck_localnet_new(arena, D, A, HIDDEN1, HIDDEN2, &model->net) ||
        !fleck_localnet_new(arena, D, A, HIDDEN1, HIDDEN2, &paper->gradient) ||
        !fleck_rmsprop_new(arena, &model->net, &paper->rmsprop))
        return false;
    for (size_t d = 0; d < 4 * D; d++) model->standard[d] = d < 2 * D ? 0 : 1;
    init(&model->net, &paper->rng);
    return fleck_localnet_pack(arena, &model->net);
}

/* ---- the batch ---- */

/* Rows that the net has seen, each with the class token of its photo. */
typedef struct {
    size_t n, tokens;
    float *patch;    /* [n, D] */
    float *cls;      /* [tokens, D] */
    uint32_t *token; /* [n]: of each row */
    fleck_activations act;
    float *dlogit; /* [n]: the loss's derivative */
} rows;

static bool rows_new(fleck_arena *arena, const fleck_localnet *net, size_t n, size_t tokens,
                     rows *out) {
    *out = (rows){.n = n,
                  .tokens = tokens,
                  .patch = FLECK_NEW(arena, float, n, net->D),
                  .cls = FLECK_NEW(arena, float, tokens, net->D),
                  .token = FLECK_NEW(arena, uint32_t, n),
                  .dlogit = FLECK_NEW_ZERO(arena, float, n)};
    return out->patch && out->cls && out->token && out->dlogit &&
           fleck_activations_new(arena, net, n, &out->act);
}

static bool rows_forward(const fleck_model *model, const fleck_compute *compute, const rows *r) {
    const fleck_localnet *net = &model->net;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *terms = FLECK_NEW(compute->scratch, float, r->tokens, net->A);
    if (!terms) return false;
    for (size_t i = 0; i < r->tokens; i++)
        fleck_localnet_photo_term(net, compute->kernels, r->cls + i * net->D, terms + i * net->A);
    fleck_localnet_forward(net, compute, r->patch, terms, r->token, r->n, &r->act);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

typedef struct {
    uint32_t B;             /* photos */
    const uint32_t *photos; /* [B] */
    rows clean;             /* all patches of the photos */
    rows noised;            /* copies of the ambiguous ones */
    float *distance;        /* [clean.n], normalised */
    uint32_t *stand_in;     /* [clean.n]: the noised copy in a row's place, or FLECK_NO_ROW */
} batch;

/* The next photos of the epoch, through the net. */
static bool batch_begin(fleck_paper *paper, const fleck_compute *compute, batch *b) {
    const fleck_features *f = paper->features;
    const fleck_localnet *net = &paper->model->net;
    uint32_t B = batch_photos(f->count), at = paper->done % epoch_steps(f->count);
    size_t n = B * f->P;
    if (!at) fleck_rng_permutation(&paper->rng, paper->order, f->count);
    *b = (batch){.B = B,
                 .photos = paper->order + (size_t)at * B,
                 .distance = FLECK_NEW(compute->scratch, float, n),
                 .stand_in = FLECK_NEW(compute->scratch, uint32_t, n)};
    if (!b->distance || !b->stand_in || !rows_new(compute->scratch, net, n, B, &b->clean))
        return false;
    for (uint32_t i = 0; i < B; i++) {
        uint32_t photo = b->photos[i];
        fleck_half_widen(f->patch[photo], f->P * f->D, b->clean.patch + i * f->P * f->D);
        fleck_half_widen(f->cls[photo], f->D, b->clean.cls + i * f->D);
        for (size_t p = 0; p < f->P; p++) b->clean.token[i * f->P + p] = i;
    }
    return rows_forward(paper->model, compute, &b->clean);
}

/* ---- the memory bank ---- */

/* Where a photo's part of values, width of each of the batch's patches, begins; NULL
 * when it is not in the batch. */
static const float *in_batch(const batch *b, const float *values, size_t width, uint32_t photo) {
    for (uint32_t i = 0; i < b->B; i++)
        if (b->photos[i] == photo) return values + b->clean.n / b->B * width * i;
    return NULL;
}

/* Photo scores [count]: the highest patch probability. */
static bool score_photos(fleck_paper *paper, const fleck_compute *compute, const batch *b,
                         float *score) {
    const fleck_features *f = paper->features;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *room = FLECK_NEW(compute->scratch, float, f->P);
    if (!room) return false;
    for (uint32_t i = 0; i < f->count; i++) {
        const float *logit = in_batch(b, b->clean.act.logit, 1, i);
        if (!logit) {
            logit = room;
            if (!fleck_model_local(paper->model, compute, f->patch[i], f->cls[i], room, NULL))
                return false;
        }
        score[i] = -INFINITY;
        for (size_t p = 0; p < f->P; p++)
            if (logit[p] > score[i]) score[i] = logit[p];
    }
    fleck_arena_reset(compute->scratch, mark);
    compute->kernels->sigmoid(score, score, f->count);
    return true;
}

/* Min-max normalisation in place; equal values become 0. */
static void normalise(float *x, size_t n) {
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (x[i] < least) least = x[i];
        if (x[i] > most) most = x[i];
    }
    for (size_t i = 0; i < n; i++) x[i] = most > least ? (x[i] - least) / (most - least) : 0;
}

/* A random half of the photos that look normal, and how many these are. */
static bool choose_photos(fleck_paper *paper, const fleck_compute *compute, const batch *b,
                          uint32_t *photos, uint32_t *count) {
    uint32_t n = paper->features->count, normal = 0;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *score = FLECK_NEW(compute->scratch, float, n);
    if (!score || !score_photos(paper, compute, b, score)) return false;
    normalise(score, n);
    fleck_rng_permutation(&paper->rng, photos, n);
    for (uint32_t i = 0; i < n; i++)
        if (score[photos[i]] < NORMAL_BELOW) photos[normal++] = photos[i];
    *count = normal > 1 ? normal / 2 : 1;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* The adapted features of photos, [count * P, A]; NULL when memory is short. */
static float *build_bank(const fleck_paper *paper, const fleck_compute *compute, const batch *b,
                         const uint32_t *photos, uint32_t count) {
    const fleck_features *f = paper->features;
    size_t A = paper->model->net.A, values = f->P * A;
    float *adapted = FLECK_NEW(compute->scratch, float, count, values);
    float *logit = FLECK_NEW(compute->scratch, float, f->P);
    if (!adapted || !logit) return NULL;
    for (uint32_t i = 0; i < count; i++) {
        const float *known = in_batch(b, b->clean.act.adapted, A, photos[i]);
        if (known)
            memcpy(adapted + i * values, known, values * sizeof *adapted);
        else if (!fleck_model_local(paper->model, compute, f->patch[photos[i]], f->cls[photos[i]],
                                    logit, adapted + i * values))
            return NULL;
    }
    return adapted;
}

/* A row's own copy in the bank is at no distance: then the next one counts. */
static float other_than_itself(fleck_nearest nearest) {
    float first = nearest.first.distance, second = nearest.second.distance;
    if (first >= SAME) return first;
    return second >= SAME && second < INFINITY ? second : 0;
}

static bool measure_batch(fleck_paper *paper, const fleck_compute *compute, batch *b) {
    size_t n = b->clean.n;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    uint32_t *photos = FLECK_NEW(compute->scratch, uint32_t, paper->features->count);
    fleck_nearest *nearest = FLECK_NEW(compute->scratch, fleck_nearest, n);
    uint32_t *count = &paper->counts.bank_photos;
    if (!photos || !nearest || !choose_photos(paper, compute, b, photos, count)) return false;
    float *bank = build_bank(paper, compute, b, photos, *count);
    if (!bank || !fleck_exact_nearest(compute, bank, *count * paper->features->P,
                                      paper->model->net.A, b->clean.act.adapted, n, false, nearest))
        return false;
    for (size_t i = 0; i < n; i++) b->distance[i] = other_than_itself(nearest[i]);
    fleck_arena_reset(compute->scratch, mark);
    normalise(b->distance, n);
    return true;
}

/* ---- ambiguous patches ---- */

/* The greatest over P positions of each value's standard deviation (n - 1) over B
 * photos, whose rows are [B, P, D]. */
static bool deviations(fleck_arena *scratch, const float *x, size_t B, size_t P, size_t D,
                       float *most) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    double *sum = FLECK_NEW(scratch, double, D), *square = FLECK_NEW(scratch, double, D);
    if (!sum || !square) return false;
    memset(most, 0, D * sizeof *most);
    for (size_t p = 0; p < P; p++) {
        memset(sum, 0, D * sizeof *sum);
        memset(square, 0, D * sizeof *square);
        for (size_t b = 0; b < B; b++) {
            const float *row = x + (b * P + p) * D;
            for (size_t d = 0; d < D; d++) {
                sum[d] += row[d];
                square[d] += (double)row[d] * row[d];
            }
        }
        for (size_t d = 0; d < D; d++) {
            double variance = (square[d] - sum[d] * sum[d] / (double)B) / (double)(B - 1);
            float deviation = variance > 0 ? (float)sqrt(variance) : 0;
            if (deviation > most[d]) most[d] = deviation;
        }
    }
    fleck_arena_reset(scratch, mark);
    return true;
}

static void add_noise(fleck_rng *rng, const float *x, const float *deviation, size_t D,
                      float *out) {
    for (size_t d = 0; d < D; d++) out[d] = x[d] + deviation[d] * fleck_rng_normal(rng);
}

/* Copies of the ambiguous patches with noise on both halves of the input, so that each
 * has a class token of its own, through the net. */
static bool add_noised(fleck_paper *paper, const fleck_compute *compute, batch *b) {
    size_t P = paper->features->P, D = paper->features->D;
    uint32_t count = 0;
    for (size_t i = 0; i < b->clean.n; i++) {
        bool ambiguous = b->distance[i] > ANOMALOUS_ABOVE && b->distance[i] < AMBIGUOUS_BELOW;
        b->stand_in[i] = ambiguous ? count++ : FLECK_NO_ROW;
    }
    paper->counts.ambiguous = count;
    float *deviation = FLECK_NEW(compute->scratch, float, 2, D);
    if (!deviation || !rows_new(compute->scratch, &paper->model->net, count, count, &b->noised) ||
        !deviations(compute->scratch, b->clean.patch, b->B, P, D, deviation) ||
        !deviations(compute->scratch, b->clean.cls, b->B, 1, D, deviation + D))
        return false;
    for (size_t i = 0; i < b->clean.n; i++) {
        uint32_t row = b->stand_in[i];
        if (row == FLECK_NO_ROW) continue;
        add_noise(&paper->rng, b->clean.patch + i * D, deviation, D, b->noised.patch + row * D);
        add_noise(&paper->rng, b->clean.cls + i / P * D, deviation + D, D, b->noised.cls + row * D);
        b->noised.token[row] = row;
    }
    return rows_forward(paper->model, compute, &b->noised);
}

/* ---- the loss ---- */

/* The mean cross-entropy of each label, and its derivative. */
static bool cross_entropy(fleck_paper *paper, const fleck_compute *compute, batch *b,
                          double *loss) {
    size_t n = b->clean.n, m = b->noised.n, count[2] = {0, 0};
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *p = FLECK_NEW(compute->scratch, float, n), *q = FLECK_NEW(compute->scratch, float, m);
    double sum[2] = {0, 0};
    if (!p || !q) return false;
    compute->kernels->sigmoid(b->clean.act.logit, p, n);
    compute->kernels->sigmoid(b->noised.act.logit, q, m);
    for (size_t i = 0; i < n; i++) count[b->distance[i] > ANOMALOUS_ABOVE]++;
    for (size_t i = 0; i < n; i++) {
        bool label = b->distance[i] > ANOMALOUS_ABOVE, noised = b->stand_in[i] != FLECK_NO_ROW;
        const rows *r = noised ? &b->noised : &b->clean;
        size_t row = noised ? b->stand_in[i] : i;
        sum[label] += fleck_cross_entropy(label, r->act.logit[row], noised ? q[row] : p[row],
                                          count[label], &r->dlogit[row]);
    }
    paper->counts.anomalous = (uint32_t)count[1];
    for (int label = 0; label < 2; label++)
        if (count[label]) *loss += sum[label] / (double)count[label];
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Of the batch, and its derivative. */
static bool mutual_smoothness(fleck_paper *paper, const fleck_compute *compute, batch *b,
                              double *loss) {
    size_t n = b->clean.n;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    uint32_t *partner = FLECK_NEW(compute->scratch, uint32_t, n);
    float *p = FLECK_NEW(compute->scratch, float, n);
    if (!partner || !p ||
        !fleck_exact_pairs(compute, b->clean.act.adapted, n, paper->model->net.A, partner))
        return false;
    compute->kernels->sigmoid(b->clean.act.logit, p, n);
    *loss += fleck_mutual_smoothness(p, partner, n, b->clean.dlogit, &paper->counts.pairs);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

static bool rows_backward(fleck_paper *paper, const fleck_compute *compute, const rows *r) {
    return fleck_localnet_backward(&paper->model->net, compute, r->patch, r->cls, r->token,
                                   r->tokens, &r->act, r->dlogit, &paper->gradient);
}

bool fleck_paper_step(fleck_paper *paper, const fleck_compute *compute, float *loss) {
    fleck_model *model = paper->model;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    batch b;
    double sum = 0;
    memset(paper->gradient.block, 0, paper->gradient.count * sizeof *paper->gradient.block);
    if (!batch_begin(paper, compute, &b) || !measure_batch(paper, compute, &b) ||
        !add_noised(paper, compute, &b) || !cross_entropy(paper, compute, &b, &sum) ||
        !mutual_smoothness(paper, compute, &b, &sum) || !rows_backward(paper, compute, &b.clean) ||
        !rows_backward(paper, compute, &b.noised))
        return false;
    fleck_rmsprop_step(&paper->rmsprop, &model->net, &paper->gradient, LEARNING_RATE, MOMENTUM);
    fleck_localnet_repack(&model->net);
    *loss = (float)sum;
    paper->done++;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- as a learner ---- */

static void *begin(fleck_arena *arena, const fleck_compute *compute, const fleck_features *features,
                   const float *unusual, fleck_model *model, fleck_rng rng) {
    (void)compute;
    (void)unusual;
    fleck_paper *paper = FLECK_NEW(arena, fleck_paper, 1);
    return paper && fleck_paper_begin(paper, arena, features, model, rng) ? paper : NULL;
}

static bool step(void *paper, fleck_arena *arena, const fleck_compute *compute, float *loss) {
    (void)arena;
    return fleck_paper_step(paper, compute, loss);
}

const fleck_learner_functions fleck_paper_learner = {fleck_paper_steps, begin, step, NULL};
