#include "robust.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static void swap(float *a, float *b) {
    float x = *a;
    *a = *b;
    *b = x;
}

/* Hoare's FIND, with the median of three as pivot. A C library's qsort of all of a folder's
 * scores takes a good part of training, musl's above all. */
float fleck_select(float *values, size_t n, size_t k) {
    ptrdiff_t first = 0, last = (ptrdiff_t)n - 1, at = (ptrdiff_t)k;
    while (first < last) {
        float *low = values + first, *middle = values + first + (last - first) / 2,
              *high = values + last;
        if (*middle < *low) swap(middle, low);
        if (*high < *middle) swap(high, middle);
        if (*middle < *low) swap(middle, low);
        float pivot = *middle;
        ptrdiff_t i = first, j = last;
        while (i <= j) {
            while (values[i] < pivot) i++;
            while (pivot < values[j]) j--;
            if (i <= j) swap(values + i++, values + j--);
        }
        if (j < at && at < i) break;
        if (at <= j)
            last = j;
        else
            first = i;
    }
    return values[k];
}

float fleck_top_mean(float *scores, size_t n, size_t top) {
    if (top > n) top = n;
    if (!top) top = 1;
    fleck_select(scores, n, n - top);
    double sum = 0;
    for (size_t i = n - top; i < n; i++) sum += scores[i];
    return (float)(sum / (double)top);
}

float fleck_median(float *values, size_t n) {
    float upper = fleck_select(values, n, n / 2);
    if (n % 2) return upper;
    float lower = values[0];
    for (size_t i = 1; i < n / 2; i++)
        if (values[i] > lower) lower = values[i];
    return 0.5f * (lower + upper);
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
    if (!copy) return false;
    memcpy(copy, values, n * sizeof *copy);
    *out = fleck_robust_fit(copy, n);
    fleck_arena_reset(scratch, mark);
    return true;
}

float fleck_robust_z(fleck_robust scale, float value) {
    return (value - scale.center) / scale.spread;
}
