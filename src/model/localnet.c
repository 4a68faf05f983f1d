#include "localnet.h"

#include "layer.h"

#include <math.h>
#include <string.h>

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

void fleck_localnet_init(fleck_localnet *net, fleck_rng *rng) {
    memset(net->block, 0, net->count * sizeof *net->block);
    fleck_layer_init(rng, net->Wp, 2 * net->A * net->D, 2 * net->D); /* Wp and Wc */
    fleck_layer_init(rng, net->W1, net->H1 * net->A, net->A);
    fleck_layer_init(rng, net->W2, net->H2 * net->H1, net->H1);
    fleck_layer_init(rng, net->W3, net->H2, net->H2);
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
    fleck_leaky_relu(act->adapted + begin * A, rows * A);
    f->k->matmul(act->adapted + begin * A, A, f->packed->W1, net->b1, act->h1 + begin * H1, H1,
                 rows, H1, A);
    fleck_leaky_relu(act->h1 + begin * H1, rows * H1);
    f->k->matmul(act->h1 + begin * H1, H1, f->packed->W2, net->b2, act->h2 + begin * H2, H2, rows,
                 H2, H1);
    fleck_leaky_relu(act->h2 + begin * H2, rows * H2);
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
    fleck_bias_gradient(compute->kernels, per_photo, terms, net->A, g->b0);
    if (!fleck_weight_gradient(compute, per_photo, cls, terms, net->A, net->D, g->Wc) ||
        !fleck_weight_gradient(compute, da, patch, n, net->A, net->D, g->Wp))
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
    fleck_leaky_relu_backward(act->h2, dh2, n * H2);
    fleck_bias_gradient(compute->kernels, dh2, n, H2, gradient->b2);
    if (!fleck_weight_gradient(compute, dh2, act->h1, n, H2, H1, gradient->W2) ||
        !fleck_input_gradient(compute, dh2, net->W2, n, H2, H1, dh1))
        return false;
    fleck_leaky_relu_backward(act->h1, dh1, n * H1);
    fleck_bias_gradient(compute->kernels, dh1, n, H1, gradient->b1);
    if (!fleck_weight_gradient(compute, dh1, act->adapted, n, H1, A, gradient->W1) ||
        !fleck_input_gradient(compute, dh1, net->W1, n, H1, A, da))
        return false;
    fleck_leaky_relu_backward(act->adapted, da, n * A);
    if (!first_layer_gradient(net, compute, patch, cls, term_of, terms, n, da, gradient))
        return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
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
