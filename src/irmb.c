#include "irmb.h"

#include "half.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 2,
    LEARN_STEPS = 100, /* of a round */
    ANOMALOUS = 128,   /* patches of a batch */
    NORMAL = 384,
    BATCH = ANOMALOUS + NORMAL,
    BANK_ROWS = 1024,
    ADAPTED = 128, /* widths of the local-net */
    HIDDEN1 = 128,
    HIDDEN2 = 64,
};

/* Shares of all patches, by score: above the first anomalous, of these above
 * the second certain; up to the third normal. */
#define ANOMALOUS_FROM 0.99
#define CERTAIN_FROM 0.995
#define NORMAL_TO 0.97

/* Scale of the CLS half of the input. At 1, the paper's, the net soon knows each
 * photo by its CLS token and judges it as a whole. */
#define CLS_SCALE 0.25f

#define LEARNING_RATE 1e-3f
#define SMOOTHNESS 2.5f /* weight of the mutual smoothness loss */
#define NOISE 1.0f      /* deviation, in standardised features */

static uint32_t round_steps(uint32_t photos) { return LEARN_STEPS + 1 + photos; }

uint32_t fleck_irmb_steps(uint32_t photos) { return ROUNDS * round_steps(photos); }

/* ---- set-up ---- */

/* Mean and inverse deviation of each of D values over rows given one by one. */
typedef struct {
    double *sum, *square; /* [D] */
    float *row;           /* [D], the one at hand */
    size_t rows;
} moments;

static bool moments_new(fleck_arena *arena, size_t D, moments *out) {
    out->sum = fleck_arena_zalloc(arena, D, sizeof *out->sum);
    out->square = fleck_arena_zalloc(arena, D, sizeof *out->square);
    out->row = FLECK_NEW(arena, float, D);
    out->rows = 0;
    return out->sum && out->square && out->row;
}

static void moments_add(moments *m, const fleck_half *rows, size_t n, size_t D) {
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

static bool standardise(const fleck_features *f, fleck_arena *arena, fleck_arena *scratch,
                        fleck_model *model) {
    size_t D = f->D;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    model->standard = FLECK_NEW(arena, float, 4 * D);
    moments patch, cls;
    bool enough =
        model->standard && moments_new(scratch, D, &patch) && moments_new(scratch, D, &cls);
    if (enough) {
        float *mean = model->standard, *inverse_std = mean + 2 * D;
        for (uint32_t i = 0; i < f->count; i++) {
            moments_add(&patch, f->patch[i], f->P, D);
            moments_add(&cls, f->cls[i], 1, D);
        }
        moments_end(&patch, D, mean, inverse_std);
        moments_end(&cls, D, mean + D, inverse_std + D);
        for (size_t d = D; d < 2 * D; d++) inverse_std[d] *= CLS_SCALE;
    }
    fleck_arena_reset(scratch, mark);
    return enough;
}

bool fleck_irmb_begin(fleck_irmb *irmb, fleck_arena *arena, const fleck_tools *tools,
                      const fleck_features *features, const float *unusual, fleck_model *model,
                      fleck_rng rng) {
    size_t n = features->count, P = features->P, D = features->D;
    *irmb = (fleck_irmb){.features = features, .model = model, .unusual = unusual, .rng = rng};
    irmb->logit = FLECK_NEW(arena, float, (n * P));
    irmb->bank_distance = FLECK_NEW(arena, float, (n * P));
    irmb->score = FLECK_NEW(arena, float, (n * P));
    irmb->cls = FLECK_NEW(arena, float, (n * D));
    irmb->anomalous = FLECK_NEW(arena, uint32_t, n * P);
    irmb->normal = FLECK_NEW(arena, uint32_t, n * P);
    if (!irmb->logit || !irmb->bank_distance || !irmb->score || !irmb->cls || !irmb->anomalous ||
        !irmb->normal || !standardise(features, arena, tools->scratch, model) ||
        !fleck_localnet_new(arena, D, ADAPTED, HIDDEN1, HIDDEN2, &model->net) ||
        !fleck_localnet_new(arena, D, ADAPTED, HIDDEN1, HIDDEN2, &irmb->gradient) ||
        !fleck_adam_new(arena, &model->net, &irmb->adam) ||
        !fleck_localnet_pack(arena, &model->net, &model->packed))
        return false;
    fleck_localnet_init(&model->net, &irmb->rng);
    for (uint32_t i = 0; i < n; i++)
        fleck_model_standardise(model, true, features->cls[i], 1, irmb->cls + i * D);
    fleck_model_fuse(model, unusual, NULL, n * P, irmb->score);
    return true;
}

/* ---- 1. pseudo-labels ---- */

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static bool label(fleck_irmb *irmb, const fleck_tools *tools) {
    uint32_t n = irmb->features->count * (uint32_t)irmb->features->P;
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    float *sorted = FLECK_NEW(tools->scratch, float, n);
    if (sorted) {
        memcpy(sorted, irmb->score, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, ascending);
        float anomalous = sorted[(uint32_t)(ANOMALOUS_FROM * (n - 1))];
        float normal = sorted[(uint32_t)(NORMAL_TO * (n - 1))];
        irmb->certain = sorted[(uint32_t)(CERTAIN_FROM * (n - 1))];
        irmb->anomalous_count = irmb->normal_count = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (irmb->score[i] > anomalous)
                irmb->anomalous[irmb->anomalous_count++] = i;
            else if (irmb->score[i] <= normal)
                irmb->normal[irmb->normal_count++] = i;
        }
    }
    fleck_arena_reset(tools->scratch, mark);
    return sorted != NULL;
}

/* ---- 2. learn ---- */

/* A batch: BATCH clean rows, anomalies first, then noised copies of the less
 * certain ones. */
typedef struct {
    size_t n;                          /* rows, copies included */
    float *rows;                       /* [2 * ANOMALOUS + NORMAL, D], standardised */
    uint32_t photo[BATCH + ANOMALOUS]; /* of each row */
    uint32_t copy[ANOMALOUS];          /* row that stands for an anomaly in the loss */
    uint32_t partner[BATCH];           /* mutually nearest row */
    float dlogit[BATCH + ANOMALOUS];
} batch;

static void batch_row(const fleck_irmb *irmb, batch *b, size_t row, uint32_t patch) {
    size_t P = irmb->features->P, D = irmb->features->D;
    b->photo[row] = patch / (uint32_t)P;
    fleck_model_standardise(irmb->model, false,
                            irmb->features->patch[b->photo[row]] + patch % P * D, 1,
                            b->rows + row * D);
}

static void draw_batch(fleck_irmb *irmb, batch *b) {
    size_t D = irmb->features->D;
    b->n = BATCH;
    for (uint32_t i = 0; i < BATCH; i++) {
        bool anomaly = i < ANOMALOUS;
        const uint32_t *list = anomaly ? irmb->anomalous : irmb->normal;
        uint32_t count = anomaly ? irmb->anomalous_count : irmb->normal_count;
        uint32_t patch = list[fleck_rng_below(&irmb->rng, count)];
        batch_row(irmb, b, i, patch);
        if (!anomaly) continue;
        b->copy[i] = i;
        if (irmb->score[patch] > irmb->certain) continue;
        b->copy[i] = (uint32_t)b->n;
        b->photo[b->n] = b->photo[i];
        float *noised = b->rows + b->n++ * D;
        for (size_t d = 0; d < D; d++)
            noised[d] = b->rows[i * D + d] + NOISE * fleck_rng_normal(&irmb->rng);
    }
}

/* -log(sigmoid(x)) without overflow. */
static double softplus_negative(double x) { return fmax(-x, 0) + log1p(exp(-fabs(x))); }

/* The loss, and its derivative by every logit in b->dlogit. */
static float loss_of(const fleck_tools *tools, batch *b, const float *logit, float *p) {
    double cross_entropy[2] = {0, 0}, difference = 0;
    tools->kernels->sigmoid(logit, p, b->n);
    memset(b->dlogit, 0, b->n * sizeof *b->dlogit);
    for (size_t i = 0; i < BATCH; i++) {
        bool anomaly = i < ANOMALOUS;
        size_t row = anomaly ? b->copy[i] : i;
        cross_entropy[anomaly] += softplus_negative(anomaly ? logit[row] : -logit[row]);
        b->dlogit[row] += anomaly ? (p[row] - 1) / ANOMALOUS : p[row] / NORMAL;
    }
    size_t paired = 0;
    for (size_t i = 0; i < BATCH; i++) paired += b->partner[i] != FLECK_NO_ROW;
    for (size_t i = 0; paired && i < BATCH; i++) {
        if (b->partner[i] == FLECK_NO_ROW) continue;
        float d = p[i] - p[b->partner[i]];
        difference += 0.5 * fabs(d) / (double)paired;
        /* both i and its partner carry this difference: hence 2 * 0.5 */
        float slope = d > 0 ? SMOOTHNESS : d < 0 ? -SMOOTHNESS : 0;
        b->dlogit[i] += slope / (float)paired * p[i] * (1 - p[i]);
    }
    return (float)(cross_entropy[1] / ANOMALOUS + cross_entropy[0] / NORMAL +
                   SMOOTHNESS * difference);
}

static bool learn(fleck_irmb *irmb, const fleck_tools *tools, float *loss) {
    /* Photos that are all alike leave nothing to tell apart. */
    if (!irmb->anomalous_count || !irmb->normal_count) return true;
    fleck_model *model = irmb->model;
    fleck_localnet *net = &model->net;
    uint32_t photos = irmb->features->count;
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    batch *b = FLECK_NEW(tools->scratch, batch, 1);
    float *terms = FLECK_NEW(tools->scratch, float, photos * net->A);
    float *p = FLECK_NEW(tools->scratch, float, BATCH + ANOMALOUS);
    fleck_activations act;
    bool enough = b && terms && p;
    if (enough) {
        b->rows = FLECK_NEW(tools->scratch, float, (BATCH + ANOMALOUS) * net->D);
        enough = b->rows != NULL;
    }
    if (enough) {
        draw_batch(irmb, b);
        fleck_localnet_repack(&model->packed);
        for (uint32_t i = 0; i < photos; i++)
            fleck_localnet_photo_term(net, tools->kernels, irmb->cls + i * net->D,
                                      terms + i * net->A);
        enough = fleck_activations_new(tools->scratch, net, b->n, &act);
    }
    if (enough) {
        fleck_localnet_forward(&model->packed, tools, b->rows, terms, b->photo, b->n, &act);
        enough = fleck_mutual_pairs(tools, act.adapted, BATCH, net->A, b->partner);
    }
    if (enough) {
        *loss = loss_of(tools, b, act.logit, p);
        memset(irmb->gradient.block, 0, net->count * sizeof *irmb->gradient.block);
        enough = fleck_localnet_backward(net, tools, b->rows, irmb->cls, b->photo, photos, &act,
                                         b->dlogit, &irmb->gradient);
    }
    if (enough) fleck_adam_step(&irmb->adam, net, &irmb->gradient, LEARNING_RATE);
    fleck_arena_reset(tools->scratch, mark);
    return enough;
}

/* ---- 3. reconstruct the bank ---- */

/* All photos in random order, but first the *count that look normal: of a raw
 * score below the middle between the folder's least and greatest. */
static bool normal_photos(fleck_irmb *irmb, const fleck_tools *tools, uint32_t *photos,
                          uint32_t *count) {
    uint32_t n = irmb->features->count;
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    float *raw = FLECK_NEW(tools->scratch, float, n), least = INFINITY, most = -INFINITY;
    bool enough = raw != NULL;
    for (uint32_t i = 0; enough && i < n; i++) {
        enough =
            fleck_model_photo(irmb->model, tools, irmb->score + i * irmb->features->P, &raw[i]);
        if (!enough) break;
        if (raw[i] < least) least = raw[i];
        if (raw[i] > most) most = raw[i];
    }
    if (enough) {
        fleck_rng_permutation(&irmb->rng, photos, n);
        *count = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t photo = photos[i];
            if (raw[photo] > 0.5f * (least + most)) continue;
            photos[i] = photos[*count];
            photos[(*count)++] = photo;
        }
    }
    fleck_arena_reset(tools->scratch, mark);
    return enough;
}

/* BANK_ROWS adapted patches, drawn evenly from a random half of the photos that
 * look normal. */
static bool reconstruct(fleck_irmb *irmb, fleck_arena *arena, const fleck_tools *tools) {
    fleck_model *model = irmb->model;
    uint32_t n = irmb->features->count, P = (uint32_t)irmb->features->P, count;
    size_t A = model->net.A;
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    uint32_t *photos = FLECK_NEW(tools->scratch, uint32_t, n);
    uint32_t *pick = FLECK_NEW(tools->scratch, uint32_t, P);
    float *adapted = FLECK_NEW(tools->scratch, float, (P * A));
    float *logit = FLECK_NEW(tools->scratch, float, P);
    float *rows = FLECK_NEW(arena, float, (BANK_ROWS * A));
    fleck_row_range *own = fleck_arena_zalloc(arena, n, sizeof *own);
    bool enough = photos && pick && adapted && logit && rows && own &&
                  normal_photos(irmb, tools, photos, &count);
    uint32_t N = 0;
    if (enough) {
        fleck_localnet_repack(&model->packed);
        /* two at least, so that no photo has only itself to be compared with */
        count = count > 3 ? (count + 1) / 2 : 2;
    }
    for (uint32_t i = 0; enough && i < count; i++) {
        uint32_t take = (BANK_ROWS - N) / (count - i);
        if (take > P) take = P;
        fleck_rng_permutation(&irmb->rng, pick, P);
        own[photos[i]] = (fleck_row_range){N, N + take};
        enough = fleck_model_local(model, tools, irmb->features->patch[photos[i]],
                                   irmb->features->cls[photos[i]], logit, adapted);
        for (uint32_t r = 0; enough && r < take; r++, N++)
            memcpy(rows + N * A, adapted + pick[r] * A, A * sizeof *rows);
    }
    if (enough) {
        irmb->own = own;
        enough = fleck_bank_build(arena, tools->kernels, NULL, rows, N, A, &irmb->bank);
    }
    fleck_arena_reset(tools->scratch, mark);
    return enough;
}

/* ---- 4. score ---- */

static bool score_photo(fleck_irmb *irmb, const fleck_tools *tools, uint32_t photo) {
    const fleck_features *f = irmb->features;
    size_t P = f->P, at = photo * P;
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    float *adapted = FLECK_NEW(tools->scratch, float, P * irmb->model->net.A);
    fleck_nearest *nearest = FLECK_NEW(tools->scratch, fleck_nearest, P);
    fleck_row_range *skip = FLECK_NEW(tools->scratch, fleck_row_range, P);
    bool enough = adapted && nearest && skip &&
                  fleck_model_local(irmb->model, tools, f->patch[photo], f->cls[photo],
                                    irmb->logit + at, adapted);
    if (enough) {
        for (size_t i = 0; i < P; i++) skip[i] = irmb->own[photo];
        enough = fleck_knn(&irmb->bank, tools, adapted, P, skip, nearest);
    }
    for (size_t i = 0; enough && i < P; i++)
        irmb->bank_distance[at + i] = sqrtf(nearest[i].first.distance);
    fleck_arena_reset(tools->scratch, mark);
    return enough;
}

static bool end_round(fleck_irmb *irmb, const fleck_tools *tools) {
    size_t n = irmb->features->count * irmb->features->P;
    fleck_model *model = irmb->model;
    fleck_robust bank_scale;
    if (!fleck_robust_of(tools->scratch, irmb->logit, n, &model->net_scale) ||
        !fleck_robust_of(tools->scratch, irmb->bank_distance, n, &bank_scale))
        return false;
    for (size_t i = 0; i < n; i++)
        irmb->score[i] = (irmb->unusual[i] + fleck_model_logit_z(model, irmb->logit[i]) +
                          fleck_robust_z(bank_scale, irmb->bank_distance[i])) /
                         3;
    return true;
}

bool fleck_irmb_step(fleck_irmb *irmb, fleck_arena *arena, const fleck_tools *tools, float *loss) {
    uint32_t photos = irmb->features->count, at = irmb->done++ % round_steps(photos);
    if (at < LEARN_STEPS) return (at || label(irmb, tools)) && learn(irmb, tools, loss);
    if (at == LEARN_STEPS) return reconstruct(irmb, arena, tools);
    uint32_t photo = at - LEARN_STEPS - 1;
    return score_photo(irmb, tools, photo) && (photo + 1 < photos || end_round(irmb, tools));
}
