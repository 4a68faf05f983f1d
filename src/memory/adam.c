#include "adam.h"

#include <math.h>
#include <string.h>

enum { PIECE = 8192 }; /* parameters of one piece of work */

#define BETA1 0.9f
#define BETA2 0.99f

bool fleck_adam_new(fleck_arena *arena, size_t count, fleck_adam *out) {
    *out = (fleck_adam){count, FLECK_NEW_ZERO(arena, float, count),
                        FLECK_NEW_ZERO(arena, float, count), 1, 1};
    return out->mean && out->variance;
}

void fleck_adam_restart(fleck_adam *adam) {
    adam->power1 = adam->power2 = 1;
    memset(adam->mean, 0, adam->count * sizeof *adam->mean);
    memset(adam->variance, 0, adam->count * sizeof *adam->variance);
}

typedef struct {
    const fleck_adam *adam;
    float *parameters;
    const float *gradient;
    float rate, scale1, scale2;
} step;

static void step_piece(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const step *s = context;
    float *m = s->adam->mean, *v = s->adam->variance;
    for (size_t i = begin; i < end; i++) {
        float g = s->gradient[i];
        m[i] = BETA1 * m[i] + (1 - BETA1) * g;
        v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
        s->parameters[i] -= s->rate * (m[i] * s->scale1) / (sqrtf(v[i] * s->scale2) + 1e-8f);
    }
}

void fleck_adam_step(fleck_adam *adam, fleck_pool *pool, float *parameters, const float *gradient,
                     float rate) {
    adam->power1 *= BETA1;
    adam->power2 *= BETA2;
    step s = {.adam = adam,
              .parameters = parameters,
              .gradient = gradient,
              .rate = rate,
              .scale1 = (float)(1 / (1 - adam->power1)),
              .scale2 = (float)(1 / (1 - adam->power2))};
    fleck_parallel(pool, adam->count, PIECE, step_piece, &s);
}
