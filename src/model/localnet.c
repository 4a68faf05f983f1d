#include "localnet.h"

#include <math.h>
#include <string.h>

#define SLOPE 0.2f

/* A layer's weights and biases. */
static size_t layer_count(size_t out, size_t in) { return FLECK_SIZE(out, fleck_size_sum(in, 1)); }

size_t fleck_localnet_count(size_t D, size_t A, size_t H1, size_t H2) {
    size_t count = layer_count(A, FLECK_SIZE(2, D));
    count = fleck_size_sum(count, layer_count(H1, A));
    count = fleck_size_sum(count, layer_count(H2, H1));
    return fleck_size_sum(count, layer_count(1, H2));
}

bool fleck_localnet_new(fleck_arena *arena, size_t D, size_t A, size_t H1, size_t H2,
                        fleck_localnet *out) {
    fleck_localnet net = {.D = D, .A = A, .H1 = H1, .H2 = H2};
    net.count = fleck_localnet_count(D, A, H1, H2);
    net.block = FLECK_NEW_ZERO(arena, float, net.count);
    if (!net.block) return false;
    float *p = net.block;
    net.Wp = p, p += A * D;
    net.Wc = p, p += A * D;
    net.b0 = p, p += A;
    net.W1 = p, p += H1 * A;
    net.b1 = p, p += H1;
    net.W2 = p, p += H2 * H1;
    net.b2 = p, p += H2;
    net.W3 = p, p += H2;
    net.b3 = p;
    *out = net;
    return true;
}

static void init_weights(fleck_rng *rng, float *values, size_t n, size_t in) {
    float bound = sqrtf(6 / (1.04f * (float)in));
    for (size_t i = 0; i < n; i++) values[i] = bound * (2 * fleck_rng_uniform(rng) - 1);
}

void fleck_localnet_init(fleck_localnet *net, fleck_rng *rng) {
    memset(net->block, 0, net->count * sizeof *net->block);
    init_weights(rng, net->Wp, 2 * net->A * net->D, 2 * net->D); /* Wp and Wc */
    init_weights(rng, net->W1, net->H1 * net->A, net->A);
    init_weights(rng, net->W2, net->H2 * net->H1, net->H1);
    init_weights(rng, net->W3, net->H2, net->H2);
}

bool fleck_localnet_pack(fleck_arena *arena, const fleck_localnet *net,
                         fleck_localnet_packed *out) {
    fleck_localnet_packed p = {.net = net};
    p.Wp = FLECK_NEW(arena, float, fleck_packed_count(net->A, net->D));
    p.W1 = FLECK_NEW(arena, float, fleck_packed_count(net->H1, net->A));
    p.W2 = FLECK_NEW(arena, float, fleck_packed_count(net->H2, net->H1));
    if (!p.Wp || !p.W1 || !p.W2) return false;
    fleck_localnet_repack(&p);
    *out = p;
    return true;
}

void fleck_localnet_repack(const fleck_localnet_packed *packed) {
    const fleck_localnet *net = packed->net;
    fleck_pack(net->Wp, net->D, 1, net->A, net->D, packed->Wp);
    fleck_pack(net->W1, net->A, 1, net->H1, net->A, packed->W1);
    fleck_pack(net->W2, net->H1, 1, net->H2, net->H1, packed->W2);
}

void fleck_localnet_photo_term(const fleck_localnet *net, const fleck_kernels *kernels,
                               const float *cls, float *term) {
    for (size_t a = 0; a < net->A; a++)
        term[a] = net->b0[a] + kernels->dot(net->Wc + a * net->D, cls, net->D);
}

bool fleck_activations_new(fleck_arena *arena, const fleck_localnet *net, size_t n,
                           fleck_activations *out) {
    *out = (fleck_activations){
        .n = n,
        .adapted = FLECK_NEW(arena, float, n, net->A),
        .h1 = FLECK_NEW(arena, float, n, net->H1),
        .h2 = FLECK_NEW(arena, float, n, net->H2),
        .logit = FLECK_NEW(arena, float, n),
    };
    return out->adapted && out->h1 && out->h2 && out->logit;
}

/* ---- forward: each layer over pieces of rows ---- */

enum { ROWS = 32 };

typedef struct {
    const fleck_localnet_packed *packed;
    const fleck_kernels *k;
    const float *patch, *terms;
    const uint32_t *term_of;
    const fleck_activations *act;
} forward;

static void leaky_relu(float *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = x[i] < 0 ? SLOPE * x[i] : x[i];
}

static void forward_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const forward *f = context;
    const fleck_localnet *net = f->packed->net;
    const fleck_activations *act = f->act;
    size_t rows = end - begin, D = net->D, A = net->A, H1 = net->H1, H2 = net->H2;
    f->k->matmul(f->patch + begin * D, D, f->packed->Wp, NULL, act->adapted + begin * A, A, rows, A,
                 D);
    for (size_t i = begin; i < end; i++)
        f->k->axpy(1, f->terms + (f->term_of ? f->term_of[i] : 0) * A, act->adapted + i * A, A);
    leaky_relu(act->adapted + begin * A, rows * A);
    f->k->matmul(act->adapted + begin * A, A, f->packed->W1, net->b1, act->h1 + begin * H1, H1,
                 rows, H1, A);
    leaky_relu(act->h1 + begin * H1, rows * H1);
    f->k->matmul(act->h1 + begin * H1, H1, f->packed->W2, net->b2, act->h2 + begin * H2, H2, rows,
                 H2, H1);
    leaky_relu(act->h2 + begin * H2, rows * H2);
    for (size_t i = begin; i < end; i++)
        act->logit[i] = net->b3[0] + f->k->dot(net->W3, act->h2 + i * H2, H2);
}

void fleck_localnet_forward(const fleck_localnet_packed *packed, const fleck_compute *compute,
                            const float *patch, const float *terms, const uint32_t *term_of,
                            size_t n, const fleck_activations *act) {
    forward f = {packed, compute->kernels, patch, terms, term_of, act};
    fleck_parallel(compute->pool, n, ROWS, forward_rows, &f);
}

/* ---- backward ---- */

/* dx *= lrelu'(.), from the value after lrelu, whose sign is the same. */
static void leaky_relu_backward(const float *after, float *dx, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (after[i] < 0) dx[i] *= SLOPE;
}

/* dW[out, in] += dy[n, out]^T x[n, in] */
static bool weight_gradient(const fleck_compute *compute, const float *dy, const float *x, size_t n,
                            size_t out, size_t in, float *dW) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *product = FLECK_NEW(compute->scratch, float, out, in);
    if (!product || !fleck_matmul_transposed(compute, dy, x, product, out, in, n)) return false;
    compute->kernels->axpy(1, product, dW, out * in);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* db[out] += sum over rows of dy[n, out] */
static void bias_gradient(const fleck_kernels *kernels, const float *dy, size_t n, size_t out,
                          float *db) {
    for (size_t i = 0; i < n; i++) kernels->axpy(1, dy + i * out, db, out);
}

/* dx[n, in] = dy[n, out] W[out, in] */
static bool input_gradient(const fleck_compute *compute, const float *dy, const float *W, size_t n,
                           size_t out, size_t in, float *dx) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *packed = FLECK_NEW(compute->scratch, float, fleck_packed_count(in, out));
    if (!packed) return false;
    fleck_pack(W, 1, in, in, out, packed);
    fleck_matmul(compute, dy, packed, NULL, dx, n, in, out);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Through the first layer: the patch half row by row, the CLS half once a
 * photo, from the sum over its rows. */
static bool first_layer_gradient(const fleck_localnet *net, const fleck_compute *compute,
                                 const float *patch, const float *cls, const uint32_t *term_of,
                                 size_t terms, size_t n, const float *da, fleck_localnet *g) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *per_photo = FLECK_NEW_ZERO(compute->scratch, float, terms, net->A);
    if (!per_photo) return false;
    for (size_t i = 0; i < n; i++)
        compute->kernels->axpy(1, da + i * net->A, per_photo + (term_of ? term_of[i] : 0) * net->A,
                               net->A);
    bias_gradient(compute->kernels, per_photo, terms, net->A, g->b0);
    if (!weight_gradient(compute, per_photo, cls, terms, net->A, net->D, g->Wc) ||
        !weight_gradient(compute, da, patch, n, net->A, net->D, g->Wp))
        return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_localnet_backward(const fleck_localnet *net, const fleck_compute *compute,
                             const float *patch, const float *cls, const uint32_t *term_of,
                             size_t terms, const fleck_activations *act, const float *dlogit,
                             fleck_localnet *gradient) {
    size_t n = act->n, A = net->A, H1 = net->H1, H2 = net->H2;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *dh2 = FLECK_NEW_ZERO(compute->scratch, float, n, H2);
    float *dh1 = FLECK_NEW(compute->scratch, float, n, H1);
    float *da = FLECK_NEW(compute->scratch, float, n, A);
    if (!dh2 || !dh1 || !da) return false;
    for (size_t i = 0; i < n; i++) {
        compute->kernels->axpy(dlogit[i], act->h2 + i * H2, gradient->W3, H2);
        compute->kernels->axpy(dlogit[i], net->W3, dh2 + i * H2, H2);
        gradient->b3[0] += dlogit[i];
    }
    leaky_relu_backward(act->h2, dh2, n * H2);
    bias_gradient(compute->kernels, dh2, n, H2, gradient->b2);
    if (!weight_gradient(compute, dh2, act->h1, n, H2, H1, gradient->W2) ||
        !input_gradient(compute, dh2, net->W2, n, H2, H1, dh1))
        return false;
    leaky_relu_backward(act->h1, dh1, n * H1);
    bias_gradient(compute->kernels, dh1, n, H1, gradient->b1);
    if (!weight_gradient(compute, dh1, act->adapted, n, H1, A, gradient->W1) ||
        !input_gradient(compute, dh1, net->W1, n, H1, A, da))
        return false;
    leaky_relu_backward(act->adapted, da, n * A);
    if (!first_layer_gradient(net, compute, patch, cls, term_of, terms, n, da, gradient))
        return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- Adam ---- */

#define BETA1 0.9f
#define BETA2 0.99f

bool fleck_adam_new(fleck_arena *arena, const fleck_localnet *net, fleck_adam *out) {
    out->power1 = out->power2 = 1;
    return fleck_localnet_new(arena, net->D, net->A, net->H1, net->H2, &out->mean) &&
           fleck_localnet_new(arena, net->D, net->A, net->H1, net->H2, &out->variance);
}

void fleck_adam_restart(fleck_adam *adam) {
    adam->power1 = adam->power2 = 1;
    memset(adam->mean.block, 0, adam->mean.count * sizeof *adam->mean.block);
    memset(adam->variance.block, 0, adam->variance.count * sizeof *adam->variance.block);
}

void fleck_adam_step(fleck_adam *adam, fleck_localnet *net, const fleck_localnet *gradient,
                     float rate) {
    adam->power1 *= BETA1;
    adam->power2 *= BETA2;
    float scale1 = (float)(1 / (1 - adam->power1)), scale2 = (float)(1 / (1 - adam->power2));
    float *m = adam->mean.block, *v = adam->variance.block;
    for (size_t i = 0; i < net->count; i++) {
        float g = gradient->block[i];
        m[i] = BETA1 * m[i] + (1 - BETA1) * g;
        v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
        net->block[i] -= rate * (m[i] * scale1) / (sqrtf(v[i] * scale2) + 1e-8f);
    }
}

/* ---- RMSprop ---- */

#define SMOOTHING 0.99f

bool fleck_rmsprop_new(fleck_arena *arena, const fleck_localnet *net, fleck_rmsprop *out) {
    return fleck_localnet_new(arena, net->D, net->A, net->H1, net->H2, &out->square) &&
           fleck_localnet_new(arena, net->D, net->A, net->H1, net->H2, &out->velocity);
}

void fleck_rmsprop_step(fleck_rmsprop *rmsprop, fleck_localnet *net, const fleck_localnet *gradient,
                        float rate, float momentum) {
    float *v = rmsprop->velocity.block, *s = rmsprop->square.block;
    for (size_t i = 0; i < net->count; i++) {
        float g = gradient->block[i];
        s[i] = SMOOTHING * s[i] + (1 - SMOOTHING) * g * g;
        v[i] = momentum * v[i] + g / (sqrtf(s[i]) + 1e-8f);
        net->block[i] -= rate * v[i];
    }
}
