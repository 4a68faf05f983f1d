/* Adam (Kingma and Ba, ICLR 2015) with beta 0.9 and 0.99, epsilon 1e-8: the second
 * is for runs of a few hundred steps. */
#ifndef FLECK_ADAM_H
#define FLECK_ADAM_H

#include "arena.h"
#include "parallel.h"

typedef struct {
    size_t count;
    float *mean, *variance; /* [count]: first and second moments */
    double power1, power2;  /* beta^t */
} fleck_adam;

/* For count parameters; false when memory is short. */
bool fleck_adam_new(fleck_arena *arena, size_t count, fleck_adam *out);

/* As it was when new. */
void fleck_adam_restart(fleck_adam *adam);

/* A step against the gradient; both [count]. */
void fleck_adam_step(fleck_adam *adam, fleck_pool *pool, float *parameters, const float *gradient,
                     float rate);

#endif
