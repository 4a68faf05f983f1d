#include "nets_training.h"

#include "whitening.h"

#include <math.h>
#include <string.h>

enum {
    ROWS = 4096,                         /* of a fold */
    PHOTO_ROWS = FLECK_AREA_PATCHES_MIN, /* of each of its photos, at least: so many it has */
    LEARN_STEPS = 200,                   /* of a fold, unless told */
    BATCH = 256,                         /* rows */
};

#define LEARNING_RATE 1e-3f
#define NOISE 0.5f

/* Share of the mean variance that is added to each variance, beside fleck_whitening_factor's:
 * directions in which photos hardly differ are known of few of them. */
#define SHRINKAGE 0.1

static uint32_t learn_steps_of(uint32_t iterations) {
    return iterations ? iterations : LEARN_STEPS;
}

uint32_t fleck_nets_training_steps(uint32_t iterations) {
    return FLECK_FOLDS * (1 + learn_steps_of(iterations));
}

static bool tells(const fleck_nets_training *t) { return t->nets->task == FLECK_NETS_L2BT; }

/* Of both nets that learn. */
static void shape_nets(fleck_nets_training *t, float *parameters, float *gradient) {
    const fleck_mlp *kept = &t->nets->net[0][0];
    size_t D = t->nets->D, square[] = {D, D};
    t->net[0] = tells(t) ? fleck_mlp_of(kept->layers, kept->width, parameters)
                         : fleck_mlp_of(1, square, parameters);
    t->net[1] = fleck_mlp_of(kept->layers, kept->width, parameters + t->net[0].count);
    for (uint32_t i = 0; i < 2; i++)
        t->gradient[i] =
            fleck_mlp_of(t->net[i].layers, t->net[i].width, gradient + (i ? t->net[0].count : 0));
}

bool fleck_nets_training_begin(fleck_nets_training *training, fleck_arena *arena,
                               const fleck_features *features, const fleck_embedding *embedding,
                               fleck_nets *nets, uint32_t iterations) {
    fleck_nets_training t = {.features = features,
                             .embedding = embedding,
                             .nets = nets,
                             .learn_steps = learn_steps_of(iterations)};
    size_t D = features->D, kept = nets->net[0][0].count;
    size_t count = fleck_size_sum(kept, tells(&t) ? kept : FLECK_SIZE(D, fleck_size_sum(D, 1)));
    t.rows = FLECK_NEW(arena, float, ROWS, D);
    float *parameters = FLECK_NEW_ZERO(arena, float, count);
    float *gradient = FLECK_NEW_ZERO(arena, float, count);
    if (!t.rows || !parameters || !gradient || !fleck_adam_new(arena, count, &t.adam)) return false;
    shape_nets(&t, parameters, gradient);
    *training = t;
    return fleck_mlp_pack(arena, &training->net[0]) && fleck_mlp_pack(arena, &training->net[1]);
}

/* ---- rows ---- */

/* Patches of random photos of a fold, evenly many of each. */
static bool draw_rows(fleck_nets_training *t, const fleck_compute *compute, fleck_rng *rng,
                      uint32_t fold) {
    const fleck_features *f = t->features;
    uint32_t n = (f->count - fold + FLECK_FOLDS - 1) / FLECK_FOLDS, P = (uint32_t)f->P;
    uint32_t photos = n < ROWS / PHOTO_ROWS ? n : ROWS / PHOTO_ROWS;
    size_t D = f->D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    uint32_t *order = FLECK_NEW(compute->scratch, uint32_t, n);
    uint32_t *pick = FLECK_NEW(compute->scratch, uint32_t, P);
    float *embedded = FLECK_NEW(compute->scratch, float, P, D);
    if (!order || !pick || !embedded) return false;
    fleck_rng_permutation(rng, order, n);
    t->count = 0;
    for (uint32_t i = 0; i < photos; i++) {
        uint32_t take = (ROWS - (uint32_t)t->count) / (photos - i);
        if (take > P) take = P;
        fleck_rng_permutation(rng, pick, P);
        if (!fleck_embed(t->embedding, compute, f->patch[(size_t)order[i] * FLECK_FOLDS + fold],
                         embedded))
            return false;
        for (uint32_t r = 0; r < take; r++, t->count++)
            memcpy(t->rows + t->count * D, embedded + pick[r] * D, D * sizeof *embedded);
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* The adapter starts as what whitens the rows, but for their mean. */
static bool whiten(fleck_nets_training *t, const fleck_compute *compute) {
    size_t D = t->features->D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    double *covariance = FLECK_NEW_ZERO(compute->scratch, double, D, D);
    if (!covariance || !fleck_covariance_add(compute, t->rows, t->count, D, covariance))
        return false;
    double trace = 0;
    for (size_t i = 0; i < D * D; i++) covariance[i] /= (double)t->count;
    for (size_t d = 0; d < D; d++) trace += covariance[d * D + d];
    for (size_t d = 0; d < D; d++) covariance[d * D + d] += SHRINKAGE * trace / (double)D;
    if (!fleck_whitening_factor(compute, covariance, D, t->net[0].W[0])) return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

static bool begin_fold(fleck_nets_training *t, const fleck_compute *compute, fleck_rng *rng,
                       uint32_t fold) {
    if (!draw_rows(t, compute, rng, fold)) return false;
    fleck_adam_restart(&t->adam);
    memset(t->net[0].block, 0, t->adam.count * sizeof *t->net[0].block);
    if (tells(t))
        fleck_mlp_init(&t->net[0], rng);
    else if (!whiten(t, compute))
        return false;
    fleck_mlp_init(&t->net[1], rng);
    for (uint32_t i = 0; i < 2; i++) fleck_mlp_repack(&t->net[i]);
    return true;
}

/* ---- l2bt ---- */

/* Mean of 1 - cosine of the batch's rows p and their targets; dp receives the derivative. */
static double cosine_loss(const fleck_kernels *k, const float *p, const float *target, size_t width,
                          float *dp) {
    double sum = 0;
    for (size_t i = 0; i < BATCH; i++, p += width, target += width, dp += width) {
        float square = k->dot(p, p, width), share = 1.0f / BATCH;
        float length = sqrtf(square) * sqrtf(k->dot(target, target, width));
        float cosine = length > 0 ? k->dot(p, target, width) / length : 0;
        memset(dp, 0, width * sizeof *dp);
        sum += 1 - (double)cosine;
        if (!(length > 0)) continue; /* nothing to tell */
        k->axpy(-share / length, target, dp, width);
        k->axpy(share * cosine / square, p, dp, width);
    }
    return sum / BATCH;
}

/* A net learns to tell b from a. */
static bool learn_to_tell(fleck_nets_training *t, const fleck_compute *compute, uint32_t net,
                          const float *a, const float *b, double *loss) {
    fleck_mlp *mlp = &t->net[net];
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *dp = FLECK_NEW(compute->scratch, float, BATCH, t->nets->width);
    fleck_mlp_values values;
    if (!dp || !fleck_mlp_values_new(compute->scratch, mlp, BATCH, &values)) return false;
    fleck_mlp_forward(mlp, compute, a, &values);
    *loss += cosine_loss(compute->kernels, values.y[mlp->layers - 1], b, t->nets->width, dp);
    if (!fleck_mlp_backward(mlp, compute, a, &values, dp, &t->gradient[net], NULL)) return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

static bool learn_tokens(fleck_nets_training *t, const fleck_compute *compute, const float *x,
                         double *loss) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *a = FLECK_NEW(compute->scratch, float, BATCH, t->nets->width);
    float *b = FLECK_NEW(compute->scratch, float, BATCH, t->nets->width);
    if (!a || !b) return false;
    fleck_nets_split(t->nets, x, BATCH, a, b);
    if (!learn_to_tell(t, compute, 0, a, b, loss) || !learn_to_tell(t, compute, 1, b, a, loss))
        return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- simplenet ---- */

/* Of the values of the batch's rows and of their noised copies; dy receives the derivative. */
static double margin_loss(const float *y, float *dy) {
    double sum = 0;
    for (size_t i = 0; i < 2 * BATCH; i++) {
        float side = i < BATCH ? 1 : -1, missing = FLECK_NETS_MARGIN - side * y[i];
        dy[i] = missing > 0 ? -side / BATCH : 0;
        if (missing > 0) sum += missing;
    }
    return sum / BATCH;
}

static bool learn_noise(fleck_nets_training *t, const fleck_compute *compute, fleck_rng *rng,
                        const float *x, double *loss) {
    const fleck_mlp *adapter = &t->net[0], *discriminator = &t->net[1];
    size_t D = t->features->D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *q = FLECK_NEW(compute->scratch, float, 2, BATCH, D), *noised = q + BATCH * D;
    float *dq = FLECK_NEW(compute->scratch, float, 2, BATCH, D);
    float *dy = FLECK_NEW(compute->scratch, float, 2, BATCH);
    fleck_mlp_values adapted = {.n = BATCH, .y = {q}}, values;
    if (!q || !dq || !dy ||
        !fleck_mlp_values_new(compute->scratch, discriminator, 2 * BATCH, &values))
        return false;
    fleck_mlp_forward(adapter, compute, x, &adapted);
    for (size_t i = 0; i < BATCH * D; i++) noised[i] = q[i] + NOISE * fleck_rng_normal(rng);
    fleck_mlp_forward(discriminator, compute, q, &values);
    *loss = margin_loss(values.y[1], dy);
    if (!fleck_mlp_backward(discriminator, compute, q, &values, dy, &t->gradient[1], dq))
        return false;
    compute->kernels->axpy(1, dq + BATCH * D, dq, BATCH * D);
    if (!fleck_mlp_backward(adapter, compute, x, &adapted, dq, &t->gradient[0], NULL)) return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* The discriminator after the adapter A x + a as a net of its own: V A, c + V a, where V and c are
 * the discriminator's first layer. */
static bool merge(const fleck_nets_training *t, const fleck_compute *compute, fleck_mlp *out) {
    const fleck_mlp *adapter = &t->net[0], *discriminator = &t->net[1];
    size_t D = t->features->D;
    memcpy(out->block, discriminator->block, out->count * sizeof *out->block);
    for (size_t h = 0; h < t->nets->hidden; h++)
        out->b[0][h] += compute->kernels->dot(discriminator->W[0] + h * D, adapter->b[0], D);
    return fleck_input_gradient(compute, discriminator->W[0], adapter->W[0], t->nets->hidden, D, D,
                                out->W[0]);
}

/* ---- steps ---- */

static bool learn(fleck_nets_training *t, const fleck_compute *compute, fleck_rng *rng,
                  float *loss) {
    size_t D = t->features->D;
    double sum = 0;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *x = FLECK_NEW(compute->scratch, float, BATCH, D);
    if (!x) return false;
    for (size_t i = 0; i < BATCH; i++)
        memcpy(x + i * D, t->rows + fleck_rng_below(rng, (uint32_t)t->count) * D, D * sizeof *x);
    memset(t->gradient[0].block, 0, t->adam.count * sizeof *t->gradient[0].block);
    if (!(tells(t) ? learn_tokens(t, compute, x, &sum) : learn_noise(t, compute, rng, x, &sum)))
        return false;
    fleck_adam_step(&t->adam, compute->pool, t->net[0].block, t->gradient[0].block, LEARNING_RATE);
    for (uint32_t i = 0; i < 2; i++) fleck_mlp_repack(&t->net[i]);
    *loss = (float)sum;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

static bool end_fold(const fleck_nets_training *t, const fleck_compute *compute, fleck_mlp *kept) {
    if (tells(t))
        memcpy(kept[0].block, t->net[0].block, t->adam.count * sizeof *kept[0].block);
    else if (!merge(t, compute, kept))
        return false;
    for (uint32_t i = 0; i < t->nets->each; i++) fleck_mlp_repack(&kept[i]);
    return true;
}

bool fleck_nets_training_step(fleck_nets_training *training, const fleck_compute *compute,
                              fleck_rng *rng, float *loss) {
    fleck_nets_training *t = training;
    uint32_t steps = 1 + t->learn_steps, fold = t->done / steps, at = t->done++ % steps;
    if (!at) return begin_fold(t, compute, rng, fold);
    return learn(t, compute, rng, loss) &&
           (at < t->learn_steps || end_fold(t, compute, t->nets->net[fold]));
}
