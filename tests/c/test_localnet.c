/* The local-net's gradients against central differences, its forward pass
 * against a plain loop in double. */
#include "adam.h"
#include "check.h"
#include "localnet.h"
#include "compute_of.h"

#include <string.h>

enum { N = 37, D = 10, A = 9, H1 = 7, H2 = 5, PHOTOS = 3 };

typedef struct {
    float patch[N * D], cls[PHOTOS * D], weight[N];
    uint32_t photo[N];
} data;

static double lrelu(double x) { return x < 0 ? 0.2 * x : x; }

/* sum over rows of weight * logit, in double. */
static double plain_loss(const fleck_localnet *net, const data *d, float *logits) {
    double loss = 0;
    for (int i = 0; i < N; i++) {
        double a[A], h1[H1], h2[H2], logit = net->b3[0];
        for (int j = 0; j < A; j++) {
            a[j] = net->b0[j];
            for (int k = 0; k < D; k++)
                a[j] += (double)net->Wp[j * D + k] * d->patch[i * D + k] +
                        (double)net->Wc[j * D + k] * d->cls[d->photo[i] * D + k];
            a[j] = lrelu(a[j]);
        }
        for (int j = 0; j < H1; j++) {
            h1[j] = net->hidden.b[0][j];
            for (int k = 0; k < A; k++) h1[j] += (double)net->hidden.W[0][j * A + k] * a[k];
            h1[j] = lrelu(h1[j]);
        }
        for (int j = 0; j < H2; j++) {
            h2[j] = net->hidden.b[1][j];
            for (int k = 0; k < H1; k++) h2[j] += (double)net->hidden.W[1][j * H1 + k] * h1[k];
            logit += net->W3[j] * lrelu(h2[j]);
        }
        loss += d->weight[i] * logit;
        if (logits) logits[i] = (float)logit;
    }
    return loss;
}

static void test_gradient(const char *variant) {
    fleck_arena arena = {0}, scratch = {0};
    fleck_compute compute = compute_make(&scratch, variant, 2);
    fleck_rng rng = fleck_rng_seed(11);
    fleck_localnet net, gradient;
    fleck_activations act;
    CHECK(fleck_localnet_new(&arena, D, A, H1, H2, &net));
    CHECK(fleck_localnet_new(&arena, D, A, H1, H2, &gradient));
    fleck_localnet_init(&net, &rng);
    for (size_t i = 0; i < net.count; i++) net.block[i] += 0.05f * fleck_rng_normal(&rng);
    CHECK(fleck_localnet_pack(&arena, &net));
    CHECK(fleck_activations_new(&arena, &net, N, &act));
    data d;
    for (size_t i = 0; i < LEN(d.patch); i++) d.patch[i] = fleck_rng_normal(&rng);
    for (size_t i = 0; i < LEN(d.cls); i++) d.cls[i] = fleck_rng_normal(&rng);
    for (size_t i = 0; i < N; i++) {
        d.weight[i] = fleck_rng_normal(&rng);
        d.photo[i] = fleck_rng_below(&rng, PHOTOS);
    }

    float terms[PHOTOS * A], want[N];
    for (int i = 0; i < PHOTOS; i++)
        fleck_localnet_photo_term(&net, compute.kernels, d.cls + i * D, terms + i * A);
    fleck_localnet_forward(&net, &compute, d.patch, terms, d.photo, N, &act);
    plain_loss(&net, &d, want);
    for (int i = 0; i < N; i++) CHECK_NEAR(act.logit[i], want[i], 1e-5);

    CHECK(fleck_localnet_backward(&net, &compute, d.patch, d.cls, d.photo, PHOTOS, &act, d.weight,
                                  &gradient));
    double worst = 0;
    for (size_t i = 0; i < net.count; i++) {
        float keep = net.block[i], step = 2e-5f;
        net.block[i] = keep + step;
        double up = plain_loss(&net, &d, NULL), width = net.block[i];
        net.block[i] = keep - step;
        double down = plain_loss(&net, &d, NULL);
        width -= net.block[i];
        net.block[i] = keep;
        double slope = (up - down) / width;
        worst = fmax(worst, fabs(slope - gradient.block[i]) / (1 + fabs(slope)));
    }
    /* float32 sums over 37 rows; a kink of lrelu within the step may add some */
    CHECK_NEAR(worst, 0, 2e-3);

    /* gradients accumulate */
    fleck_localnet once = gradient;
    once.block = FLECK_NEW(&arena, float, net.count);
    memcpy(once.block, gradient.block, net.count * sizeof(float));
    CHECK(fleck_localnet_backward(&net, &compute, d.patch, d.cls, d.photo, PHOTOS, &act, d.weight,
                                  &gradient));
    for (size_t i = 0; i < net.count; i++)
        CHECK_NEAR(gradient.block[i], 2 * once.block[i], 1e-5 * (1 + fabsf(gradient.block[i])));
    compute_free(&compute);
    fleck_arena_free(&arena);
}

/* One parameter on a parabola: Adam's first step is the rate itself, and it
 * finds the bottom. */
static void test_adam(void) {
    fleck_arena arena = {0};
    fleck_localnet net, gradient;
    fleck_adam adam;
    fleck_pool *pool;
    CHECK(!fleck_pool_create(1, &pool));
    CHECK(fleck_localnet_new(&arena, 4, 1, 1, 1, &net));
    CHECK(fleck_localnet_new(&arena, 4, 1, 1, 1, &gradient));
    CHECK(fleck_adam_new(&arena, net.count, &adam));
    net.block[0] = 1;
    for (int i = 0; i < 300; i++) {
        gradient.block[0] = 2 * (net.block[0] - 0.25f);
        fleck_adam_step(&adam, pool, net.block, gradient.block, 0.02f);
        if (!i) CHECK_NEAR(net.block[0], 0.98, 1e-6);
    }
    CHECK_NEAR(net.block[0], 0.25, 1e-2);
    CHECK(net.block[1] == 0);
    fleck_pool_destroy(pool);
    fleck_arena_free(&arena);
}

/* RMSprop's first step is the rate times 10, since the mean square begins at zero;
 * momentum then repeats a fifth of it where the gradient is gone. */
static void test_rmsprop(void) {
    fleck_arena arena = {0};
    fleck_localnet net, gradient;
    fleck_rmsprop rmsprop;
    CHECK(fleck_localnet_new(&arena, 4, 1, 1, 1, &net));
    CHECK(fleck_localnet_new(&arena, 4, 1, 1, 1, &gradient));
    CHECK(fleck_rmsprop_new(&arena, &net, &rmsprop));
    gradient.block[0] = 3, gradient.block[1] = -1e-3f;
    fleck_rmsprop_step(&rmsprop, &net, &gradient, 0.01f, 0.2f);
    CHECK_NEAR(net.block[0], -0.1, 1e-6);
    CHECK_NEAR(net.block[1], 0.1, 1e-4);
    CHECK(net.block[2] == 0);
    gradient.block[0] = 0;
    fleck_rmsprop_step(&rmsprop, &net, &gradient, 0.01f, 0.2f);
    CHECK_NEAR(net.block[0], -0.12, 1e-6);
    fleck_arena_free(&arena);
}

/* Widths whose count size_t cannot hold: no net, however small the count that wraps. */
static void test_count(void) {
    static const size_t half = SIZE_MAX / 2 + 1;
    static const size_t widths[][4] = {{half / 2, 2, 1, 1},
                                       {1, half, 2, 1},
                                       {1, 1, half, 2},
                                       {1, 1, 1, SIZE_MAX / 2},
                                       {SIZE_MAX, 1, 1, 1}};
    fleck_arena arena = {0};
    fleck_localnet net;
    CHECK(fleck_localnet_count(5, 4, 3, 2) == 2 * 4 * 5 + 4 + 3 * 4 + 3 + 2 * 3 + 2 + 2 + 1);
    for (size_t i = 0; i < LEN(widths); i++) {
        const size_t *w = widths[i];
        CHECK(fleck_localnet_count(w[0], w[1], w[2], w[3]) == SIZE_MAX);
        CHECK(!fleck_localnet_new(&arena, w[0], w[1], w[2], w[3], &net));
    }
    CHECK(fleck_localnet_new(&arena, 5, 4, 3, 2, &net) && net.b3 + 1 == net.block + net.count);
    fleck_arena_free(&arena);
}

int main(void) {
    test_count();
    test_gradient(NULL);
    test_gradient("scalar");
    test_adam();
    test_rmsprop();
    return check_done();
}
