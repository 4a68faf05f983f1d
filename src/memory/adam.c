#include "adam.h"

#include <math.h>
#include <string.h>

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

void fleck_adam_step(fleck_adam *adam, float *parameters, const float *gradient, float rate) {
    adam->power1 *= BETA1;
    adam->power2 *= BETA2;
    float scale1 = (float)(1 / (1 - adam->power1)), scale2 = (float)(1 / (1 - adam->power2));
    float *m = adam->mean, *v = adam->variance;
    for (size_t i = 0; i < adam->count; i++) {
        float g = gradient[i];
        m[i] = BETA1 * m[i] + (1 - BETA1) * g;
        v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
        parameters[i] -= rate * (m[i] * scale1) / (sqrtf(v[i] * scale2) + 1e-8f);
    }
}
