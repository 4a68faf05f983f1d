#include "irmb.h"

#include "half.h"
#include "loss.h"
#include "trial.h"

#include <math.h>
#include <string.h>

enum {
    LEARN_STEPS = 100, /* of a round */
    ANOMALOUS = 128,   /* patches of a batch */
    NORMAL = 384,
    BATCH = ANOMALOUS + NORMAL,
    ROWS = 32, /* of one piece of work */
    BANK_ROWS = 1024,
    ADAPTED = 128, /* widths of the local-net */
    HIDDEN1 = 128,
    HIDDEN2 = 64,
};

/* Trust in the labels: none where held-out anomalies are told from controls, or from normal
 * patches of their photos, no better than at the first AUROC, full from the second on. */
static const double trust_among[2] = {0.5, 0.6}, trust_within[2] = {0.65, 0.8};

#define LEARNING_RATE 1e-3f
#define NOISE 0.5f /* deviation, in standardised features */

/* The trial; every photo's discriminant values; learning, the bank, and every photo's score;
 * learning, and every photo's logits. */
uint32_t fleck_irmb_steps(uint32_t photos) { return 1 + photos + 2 * (LEARN_STEPS + photos) + 1; }

/* ---- set-up ---- */

/* Mean and inverse deviation of each of D values over rows given one by one. */
typedef struct {
    double *sum, *square; /* [D] */
    float *row;           /* [D], the one at hand */
    size_t rows;
} moments;

static bool moments_new(fleck_arena *arena, size_t D, moments *out) {
    out->sum = FLECK_NEW_ZERO(arena, double, D);
    out->square = FLECK_NEW_ZERO(arena, double, D);
    out->row = FLECK_NEW(arena, float, D);
    out->rows = 0;
    return out->sum && out->square && out->row;
}

/* Not inlined: an engine of WebAssembly gives a function good code only where it is entered anew.
 */
static __attribute__((noinline)) void moments_add(moments *m, const fleck_half *rows, size_t n,
                                                  size_t D) {
    for (size_t i = 0; i < n; i++, rows += D) {
        fleck_half_widen(rows, D, m->row);
        for (size_t d = 0; d < D; d++) {
            m->sum[d] += m->row[d];
            m->square[d] += (double)m->row[d] * m->row[d];
        }
    }
    m->rows += n;
}

static void moments_end(const moments *m, size_t D, float *mean, float *inverse_std) {
    for (size_t d = 0; d < D; d++) {
        double mu = m->sum[d] / (double)m->rows;
        double variance = m->square[d] / (double)m->rows - mu * mu;
        mean[d] = (float)mu;
        /* A feature that never varies says nothing: it becomes 0. */
        inverse_std[d] = variance > 1e-8 ? (float)(1 / sqrt(variance)) : 0;
    }
}

/* Class tokens become zero: with them, as in the paper, the net soon knows each photo and
 * judges it as a whole. */
static bool standardise(const fleck_features *f, fleck_arena *arena, fleck_arena *scratch,
                        fleck_model *model) {
    size_t D = f->D;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    model->standard = FLECK_NEW_ZERO(arena, float, 4, D);
    moments patch;
    if (!model->standard || !moments_new(scratch, D, &patch)) return false;
    for (uint32_t i = 0; i < f->count; i++) moments_add(&patch, f->patch[i], f->P, D);
    moments_end(&patch, D, model->standard, model->standard + 2 * D);
    fleck_arena_reset(scratch, mark);
    return true;
}

bool fleck_irmb_begin(fleck_irmb *irmb, fleck_arena *arena, const fleck_compute *compute,
                      const fleck_features *features, const float *unusual, fleck_model *model,
                      fleck_rng rng) {
    size_t n = features->count, P = features->P, D = features->D;
    *irmb = (fleck_irmb){.features = features, .model = model, .unusual = unusual, .rng = rng};
    irmb->logit = FLECK_NEW(arena, float, n, P);
    irmb->bank_distance = FLECK_NEW(arena, float, n, P);
    irmb->score = FLECK_NEW(arena, float, n, P);
    irmb->discriminant = FLECK_NEW(arena, float, n, P);
    irmb->no_cls = FLECK_NEW_ZERO(arena, float, D);
    if (!irmb->logit || !irmb->bank_distance || !irmb->score || !irmb->discriminant ||
        !irmb->no_cls || !fleck_labels_new(arena, (uint32_t)n, (uint32_t)P, &irmb->labels) ||
        !standardise(features, arena, compute->scratch, model) ||
        !fleck_localnet_new(arena, D, ADAPTED, HIDDEN1, HIDDEN2, &model->net) ||
        !fleck_localnet_new(arena, D, ADAPTED, HIDDEN1, HIDDEN2, &irmb->gradient) ||
        !fleck_adam_new(arena, model->net.count, &irmb->adam) ||
        !fleck_localnet_pack(arena, &model->net))
        return false;
    memcpy(irmb->score, unusual, n * P * sizeof *unusual);
    return fleck_labels_set(&irmb->labels, model, compute, irmb->score);
}

static void restart(fleck_irmb *irmb) {
    fleck_localnet_init(&irmb->model->net, &irmb->rng);
    fleck_adam_restart(&irmb->adam);
    fleck_localnet_repack(&irmb->model->net);
}

/* ---- learn ---- */

/* A batch: BATCH clean rows, anomalies first, then noised copies of the less
 * certain ones. */
typedef struct {
    size_t n;                 /* rows, copies included */
    float *rows;              /* [2 * ANOMALOUS + NORMAL, D], standardised */
    uint32_t patch[BATCH];    /* that a row is of */
    uint32_t copy[ANOMALOUS]; /* row that stands for an anomaly in the loss */
    uint32_t partner[BATCH];  /* mutually nearest row */
    float dlogit[BATCH + ANOMALOUS];
} batch;

/* Draws the patches of a batch, and the noise of copies to where they will be. */
static void draw_batch(fleck_irmb *irmb, batch *b) {
    const fleck_labels *labels = &irmb->labels;
    size_t D = irmb->features->D;
    b->n = BATCH;
    for (uint32_t i = 0; i < BATCH; i++) {
        bool anomaly = i < ANOMALOUS;
        uint32_t patch = anomaly
                             ? fleck_labels_anomaly(labels, &irmb->rng)
                             : labels->normal[fleck_rng_below(&irmb->rng, labels->normal_count)];
        b->patch[i] = patch;
        if (!anomaly) continue;
        b->copy[i] = i;
        if (irmb->score[patch] > labels->certain) continue;
        b->copy[i] = (uint32_t)b->n;
        float *noise = b->rows + b->n++ * D;
        for (size_t d = 0; d < D; d++) noise[d] = NOISE * fleck_rng_normal(&irmb->rng);
    }
}

typedef struct {
    const fleck_irmb *irmb;
    batch *b;
} drawn;

static void batch_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const drawn *what = context;
    const fleck_features *f = what->irmb->features;
    const batch *b = what->b;
    size_t P = f->P, D = f->D;
    for (size_t i = begin; i < end; i++) {
        const fleck_half *patch = f->patch[b->patch[i] / P] + b->patch[i] % P * D;
        float *row = b->rows + i * D, *noised = i < ANOMALOUS ? b->rows + b->copy[i] * D : row;
        fleck_model_standardise(what->irmb->model, false, patch, 1, row);
        for (size_t d = 0; noised != row && d < D; d++) noised[d] += row[d];
    }
}

/* The loss, and its derivative by every logit in b->dlogit. */
static float loss_of(const fleck_compute *compute, batch *b, const float *logit, float *p) {
    double cross_entropy[2] = {0, 0};
    uint32_t pairs;
    compute->kernels->sigmoid(logit, p, b->n);
    memset(b->dlogit, 0, b->n * sizeof *b->dlogit);
    for (size_t i = 0; i < BATCH; i++) {
        bool anomaly = i < ANOMALOUS;
        size_t row = anomaly ? b->copy[i] : i;
        cross_entropy[anomaly] += fleck_cross_entropy(
            anomaly, logit[row], p[row], anomaly ? ANOMALOUS : NORMAL, &b->dlogit[row]);
    }
    return (float)(cross_entropy[1] / ANOMALOUS + cross_entropy[0] / NORMAL +
                   fleck_mutual_smoothness(p, b->partner, BATCH, b->dlogit, &pairs));
}

static bool learn(fleck_irmb *irmb, const fleck_compute *compute, float *loss) {
    if (!irmb->labels.groups) return true;
    fleck_model *model = irmb->model;
    fleck_localnet *net = &model->net;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    batch *b = FLECK_NEW(compute->scratch, batch, 1);
    float *rows = FLECK_NEW(compute->scratch, float, BATCH + ANOMALOUS, net->D);
    float *term = FLECK_NEW(compute->scratch, float, net->A);
    float *p = FLECK_NEW(compute->scratch, float, BATCH + ANOMALOUS);
    fleck_activations act;
    if (!b || !rows || !term || !p) return false;
    b->rows = rows;
    draw_batch(irmb, b);
    fleck_parallel(compute->pool, BATCH, ROWS, batch_rows, &(drawn){irmb, b});
    fleck_localnet_photo_term(net, compute->kernels, irmb->no_cls, term);
    if (!fleck_activations_new(compute->scratch, net, b->n, &act)) return false;
    fleck_localnet_forward(net, compute, rows, term, NULL, b->n, &act);
    if (!fleck_ann_pairs(compute, act.adapted, BATCH, net->A, b->partner)) return false;
    *loss = loss_of(compute, b, act.logit, p);
    memset(irmb->gradient.block, 0, net->count * sizeof *irmb->gradient.block);
    if (!fleck_localnet_backward(net, compute, rows, irmb->no_cls, NULL, 1, &act, b->dlogit,
                                 &irmb->gradient))
        return false;
    fleck_adam_step(&irmb->adam, compute->pool, net->block, irmb->gradient.block, LEARNING_RATE);
    fleck_localnet_repack(net);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- trial ---- */

/* 0 up to range[0], 1 from range[1] on, a line between. */
static double share_of(const double range[2], double value) {
    double share = (value - range[0]) / (range[1] - range[0]);
    return share > 1 ? 1 : share > 0 ? share : 0;
}

/* What the trial says of the labels becomes trust. The fewer suspects, the less it proves. */
static bool trial_step(fleck_irmb *irmb, fleck_arena *arena, const fleck_compute *compute) {
    fleck_trial trial;
    if (!fleck_trial_run(irmb->features, &irmb->labels, arena, compute, &trial)) return false;
    uint32_t groups = irmb->labels.groups;
    double proof = groups < 2 ? 0 : groups < 8 ? (groups - 2) / 6.0 : 1;
    irmb->model->trust = (float)(proof * share_of(trust_among, trial.among_photos) *
                                 share_of(trust_within, trial.within_photos));
    irmb->model->discriminant = trial.discriminant;
    return true;
}

static bool discriminate_step(fleck_irmb *irmb, const fleck_compute *compute, uint32_t photo) {
    const fleck_features *f = irmb->features;
    fleck_model *model = irmb->model;
    if (!fleck_model_discriminate(model, compute, f->patch[photo],
                                  irmb->discriminant + photo * f->P))
        return false;
    return photo + 1 < f->count || fleck_robust_of(compute->scratch, irmb->discriminant,
                                                   f->count * f->P, &model->discriminant_scale);
}

/* ---- reconstruct the bank ---- */

/* All photos in random order, but first the *count that are no suspects. */
static void normal_photos(fleck_irmb *irmb, uint32_t *photos, uint32_t *count) {
    uint32_t n = irmb->features->count;
    fleck_rng_permutation(&irmb->rng, photos, n);
    *count = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t photo = photos[i];
        if (irmb->labels.suspect[photo]) continue;
        photos[i] = photos[*count];
        photos[(*count)++] = photo;
    }
}

/* BANK_ROWS adapted patches, drawn evenly from a random half of the photos that are
 * no suspects. */
static bool reconstruct(fleck_irmb *irmb, fleck_arena *arena, const fleck_compute *compute) {
    fleck_model *model = irmb->model;
    uint32_t n = irmb->features->count, P = (uint32_t)irmb->features->P, count;
    size_t A = model->net.A;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    uint32_t *photos = FLECK_NEW(compute->scratch, uint32_t, n);
    uint32_t *pick = FLECK_NEW(compute->scratch, uint32_t, P);
    float *adapted = FLECK_NEW(compute->scratch, float, P, A);
    float *logit = FLECK_NEW(compute->scratch, float, P);
    float *rows = FLECK_NEW(arena, float, BANK_ROWS, A);
    fleck_row_range *own = FLECK_NEW_ZERO(arena, fleck_row_range, n);
    if (!photos || !pick || !adapted || !logit || !rows || !own) return false;
    uint32_t N = 0;
    normal_photos(irmb, photos, &count);
    /* two at least, so that no photo has only itself to be compared with */
    count = count > 3 ? (count + 1) / 2 : 2;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t take = (BANK_ROWS - N) / (count - i);
        if (take > P) take = P;
        fleck_rng_permutation(&irmb->rng, pick, P);
        own[photos[i]] = (fleck_row_range){N, N + take};
        if (!fleck_model_local(model, compute, irmb->features->patch[photos[i]],
                               irmb->features->cls[photos[i]], logit, adapted))
            return false;
        for (uint32_t r = 0; r < take; r++, N++)
            memcpy(rows + N * A, adapted + pick[r] * A, A * sizeof *rows);
    }
    irmb->own = own;
    fleck_ann_rows all = {.value = rows};
    if (!fleck_axes_fit(arena, compute, all, N, A, &irmb->axes) ||
        !fleck_ann_build(arena, compute, &irmb->axes, all, N, &irmb->bank))
        return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- score ---- */

static bool score_photo(fleck_irmb *irmb, const fleck_compute *compute, uint32_t photo) {
    const fleck_features *f = irmb->features;
    size_t P = f->P, at = photo * P;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *adapted = FLECK_NEW(compute->scratch, float, P, irmb->model->net.A);
    fleck_neighbour *nearest = FLECK_NEW(compute->scratch, fleck_neighbour, P);
    fleck_ann_part part = {.bank = &irmb->bank, .skip = irmb->own[photo]};
    if (!adapted || !nearest ||
        !fleck_model_local(irmb->model, compute, f->patch[photo], f->cls[photo], irmb->logit + at,
                           adapted) ||
        !fleck_ann(&irmb->axes, compute, adapted, P, &part, 1, nearest))
        return false;
    for (size_t i = 0; i < P; i++) irmb->bank_distance[at + i] = sqrtf(nearest[i].distance);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Patches' scores after the first round, and the labels that follow them. */
static bool end_round(fleck_irmb *irmb, const fleck_compute *compute) {
    size_t n = irmb->features->count * irmb->features->P;
    fleck_model *model = irmb->model;
    fleck_robust bank_scale;
    if (!fleck_robust_of(compute->scratch, irmb->logit, n, &model->net_scale) ||
        !fleck_robust_of(compute->scratch, irmb->bank_distance, n, &bank_scale))
        return false;
    for (size_t i = 0; i < n; i++)
        irmb->score[i] = (irmb->unusual[i] + fleck_learnt_z(model->net_scale, irmb->logit[i]) +
                          fleck_robust_z(bank_scale, irmb->bank_distance[i])) /
                         3;
    return fleck_labels_set(&irmb->labels, model, compute, irmb->score);
}

static bool first_round(fleck_irmb *irmb, fleck_arena *arena, const fleck_compute *compute,
                        uint32_t at, float *loss) {
    uint32_t photos = irmb->features->count;
    if (at == 0) restart(irmb);
    if (at < LEARN_STEPS) return learn(irmb, compute, loss);
    if (at == LEARN_STEPS) return reconstruct(irmb, arena, compute);
    uint32_t photo = at - LEARN_STEPS - 1;
    return score_photo(irmb, compute, photo) && (photo + 1 < photos || end_round(irmb, compute));
}

static bool second_round(fleck_irmb *irmb, const fleck_compute *compute, uint32_t at, float *loss) {
    const fleck_features *f = irmb->features;
    if (at < LEARN_STEPS) return learn(irmb, compute, loss);
    uint32_t photo = at - LEARN_STEPS;
    return fleck_model_local(irmb->model, compute, f->patch[photo], f->cls[photo],
                             irmb->logit + photo * f->P, NULL) &&
           (photo + 1 < f->count || fleck_robust_of(compute->scratch, irmb->logit, f->count * f->P,
                                                    &irmb->model->net_scale));
}

bool fleck_irmb_step(fleck_irmb *irmb, fleck_arena *arena, const fleck_compute *compute,
                     float *loss) {
    uint32_t at = irmb->done++, second = LEARN_STEPS + 1 + irmb->features->count;
    if (!at--) return trial_step(irmb, arena, compute);
    if (!irmb->model->trust) return true; /* nothing to learn from */
    if (at < irmb->features->count) return discriminate_step(irmb, compute, at);
    at -= irmb->features->count;
    if (at < second) return first_round(irmb, arena, compute, at, loss);
    return second_round(irmb, compute, at - second, loss);
}

/* ---- as a learner ---- */

static uint32_t steps_of(uint32_t photos, uint32_t iterations) {
    (void)iterations;
    return fleck_irmb_steps(photos);
}

static void *begin(fleck_arena *arena, const fleck_compute *compute, const fleck_features *features,
                   const float *unusual, fleck_model *model, fleck_rng rng) {
    fleck_irmb *irmb = FLECK_NEW(arena, fleck_irmb, 1);
    bool begun = irmb && fleck_irmb_begin(irmb, arena, compute, features, unusual, model, rng);
    return begun ? irmb : NULL;
}

static bool step(void *irmb, fleck_arena *arena, const fleck_compute *compute, float *loss) {
    return fleck_irmb_step(irmb, arena, compute, loss);
}

static fleck_learnt learnt(const void *learner, uint32_t photo) {
    const fleck_irmb *irmb = learner;
    size_t at = photo * irmb->model->P;
    if (!(irmb->model->trust > 0)) return (fleck_learnt){NULL, NULL};
    return (fleck_learnt){irmb->logit + at, irmb->discriminant + at};
}

const fleck_learner_functions fleck_irmb_learner = {steps_of, begin, step, learnt};
