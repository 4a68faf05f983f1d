#include "localnet.h"

#include <math.h>
#include <string.h>

size_t fleck_localnet_count(size_t D, size_t A, size_t H1, size_t H2) {
    size_t first = FLECK_SIZE(A, fleck_size_sum(FLECK_SIZE(2, D), 1));
    size_t hidden = fleck_mlp_count(2, (size_t[]){A, H1, H2});
    return fleck_size_sum(fleck_size_sum(first, hidden), fleck_size_sum(H2, 1));
}

bool fleck_localnet_new(fleck_arena *arena, size_t D, size_t A, size_t H1, size_t H2,
                        fleck_localnet *out) {
    fleck_localnet net = {.D = D, .A = A, .count = fleck_localnet_count(D, A, H1, H2)};
    net.block = FLECK_NEW_ZERO(arena, float, net.count);
    if (!net.block) return false;
    net.Wp = net.block;
    net.Wc = net.Wp + A * D;
    net.b0 = net.Wc + A * D;
    net.hidden = fleck_mlp_of(2, (size_t[]){A, H1, H2}, net.b0 + A);
    net.W3 = net.hidden.block + net.hidden.count;
    net.b3 = net.W3 + H2;
    *out = net;
    return true;
}

void fleck_localnet_init(fleck_localnet *net, fleck_rng *rng) {
    size_t H2 = net->hidden.width[2];
    memset(net->block, 0, net->count * sizeof *net->block);
    fleck_layer_init(rng, net->Wp, 2 * net->A * net->D, 2 * net->D); /* Wp and Wc */
    fleck_mlp_init(&net->hidden, rng);
    fleck_layer_init(rng, net->W3, H2, H2);
}

bool fleck_localnet_pack(fleck_arena *arena, fleck_localnet *net) {
    net->packed = FLECK_NEW(arena, float, fleck_packed_count(net->A, net->D));
    if (!net->packed || !fleck_mlp_pack(arena, &net->hidden)) return false;
    fleck_localnet_repack(net);
    return true;
}

void fleck_localnet_repack(const fleck_localnet *net) {
    fleck_pack(net->Wp, net->D, 1, net->A, net->D, net->packed);
    fleck_mlp_repack(&net->hidden);
}

void fleck_localnet_photo_term(const fleck_localnet *net, const fleck_kernels *kernels,
                               const float *cls, float *term) {
    for (size_t a = 0; a < net->A; a++)
        term[a] = net->b0[a] + kernels->dot(net->Wc + a * net->D, cls, net->D);
}

bool fleck_activations_new(fleck_arena *arena, const fleck_localnet *net, size_t n,
                           fleck_activations *out) {
    *out = (fleck_activations){
        .adapted = FLECK_NEW(arena, float, n, net->A),
        .logit = FLECK_NEW(arena, float, n),
    };
    return out->adapted && out->logit && fleck_mlp_values_new(arena, &net->hidden, n, &out->hidden);
}

/* ---- forward: each layer over pieces of rows ---- */

enum { ROWS = 32 };

typedef struct {
    const fleck_localnet *net;
    const fleck_kernels *k;
    const float *patch, *terms;
    const uint32_t *term_of;
    const fleck_activations *act;
} forward;

static void forward_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const forward *f = context;
    const fleck_localnet *net = f->net;
    const fleck_activations *act = f->act;
    size_t rows = end - begin, D = net->D, A = net->A, H2 = net->hidden.width[2];
    float *h2 = act->hidden.y[1];
    f->k->matmul(f->patch + begin * D, D, net->packed, NULL, act->adapted + begin * A, A, rows, A,
                 D);
    for (size_t i = begin; i < end; i++)
        f->k->axpy(1, f->terms + (f->term_of ? f->term_of[i] : 0) * A, act->adapted + i * A, A);
    fleck_leaky_relu(act->adapted + begin * A, rows * A);
    fleck_mlp_forward_rows(&net->hidden, f->k, act->adapted, &act->hidden, begin, end);
    fleck_leaky_relu(h2 + begin * H2, rows * H2);
    for (size_t i = begin; i < end; i++)
        act->logit[i] = net->b3[0] + f->k->dot(net->W3, h2 + i * H2, H2);
}

void fleck_localnet_forward(const fleck_localnet *net, const fleck_compute *compute,
                            const float *patch, const float *terms, const uint32_t *term_of,
                            size_t n, const fleck_activations *act) {
    forward f = {net, compute->kernels, patch, terms, term_of, act};
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
    size_t n = act->hidden.n, A = net->A, H2 = net->hidden.width[2];
    const float *h2 = act->hidden.y[1];
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *dh2 = FLECK_NEW_ZERO(compute->scratch, float, n, H2);
    float *da = FLECK_NEW(compute->scratch, float, n, A);
    if (!dh2 || !da) return false;
    for (size_t i = 0; i < n; i++) {
        compute->kernels->axpy(dlogit[i], h2 + i * H2, gradient->W3, H2);
        compute->kernels->axpy(dlogit[i], net->W3, dh2 + i * H2, H2);
        gradient->b3[0] += dlogit[i];
    }
    fleck_leaky_relu_backward(h2, dh2, n * H2);
    if (!fleck_mlp_backward(&net->hidden, compute, act->adapted, &act->hidden, dh2,
                            &gradient->hidden, da))
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
    const size_t *width = net->hidden.width;
    return fleck_localnet_new(arena, net->D, net->A, width[1], width[2], &out->square) &&
           fleck_localnet_new(arena, net->D, net->A, width[1], width[2], &out->velocity);
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
