#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

void fleck_sort(float *values, size_t n) { qsort(values, n, sizeof *values, ascending); }

float fleck_top_mean(float *scores, size_t n, size_t top) {
    if (top > n) top = n;
    if (!top) top = 1;
    fleck_sort(scores, n);
    double sum = 0;
    for (size_t i = n - top; i < n; i++) sum += scores[i];
    return (float)(sum / (double)top);
}

float fleck_median(float *values, size_t n) {
    fleck_sort(values, n);
    return n % 2 ? values[n / 2] : 0.5f * (values[n / 2 - 1] + values[n / 2]);
}

fleck_robust fleck_robust_fit(float *values, size_t n) {
    fleck_robust r = {.center = fleck_median(values, n)};
    for (size_t i = 0; i < n; i++) values[i] = fabsf(values[i] - r.center);
    r.spread = 1.4826f * fleck_median(values, n);
    /* Values that are nearly all alike still need a scale. */
    float least = 1e-3f * fabsf(r.center) + 1e-6f;
    if (r.spread < least) r.spread = least;
    return r;
}

bool fleck_robust_of(fleck_arena *scratch, const float *values, size_t n, fleck_robust *out) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *copy = FLECK_NEW(scratch, float, n);
    if (copy) {
        memcpy(copy, values, n * sizeof *copy);
        *out = fleck_robust_fit(copy, n);
    }
    fleck_arena_reset(scratch, mark);
    return copy != NULL;
}

float fleck_robust_z(fleck_robust scale, float value) {
    return (value - scale.center) / scale.spread;
}
