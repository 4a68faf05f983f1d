#include "places.h"

#include "robust.h"

/* The medians, over every step-th photo from the first one on, of the distances at each place. */
static void medians_of(const float *distance, uint32_t photos, size_t P, uint32_t first,
                       uint32_t step, float least, float *column, float *median) {
    for (size_t p = 0; p < P; p++) {
        size_t n = 0;
        for (uint32_t i = first; i < photos; i += step) {
            float d = distance[i * P + p];
            column[n++] = d < least ? least : d;
        }
        median[p] = fleck_median(column, n);
    }
}

static double mean_of(const float *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    return sum / (double)n;
}

static double covariance_of(const float *a, const float *b, size_t n) {
    double mean_a = mean_of(a, n), mean_b = mean_of(b, n), sum = 0;
    for (size_t i = 0; i < n; i++) sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum / (double)n;
}

static double variance_of(const float *distance, size_t n, float least) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += distance[i] < least ? least : distance[i];
    for (size_t i = 0; i < n; i++) {
        double d = (distance[i] < least ? least : distance[i]) - sum / (double)n;
        square += d * d;
    }
    return square / (double)n;
}

bool fleck_places_fit(fleck_arena *scratch, const float *distance, uint32_t photos, size_t P,
                      float least, float *usual) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *column = FLECK_NEW(scratch, float, photos);
    float *half[2] = {FLECK_NEW(scratch, float, P), FLECK_NEW(scratch, float, P)};
    if (!column || !half[0] || !half[1]) return false;
    for (uint32_t h = 0; h < 2; h++) medians_of(distance, photos, P, h, 2, least, column, half[h]);
    medians_of(distance, photos, P, 0, 1, least, column, usual);
    double covariance = covariance_of(half[0], half[1], P), mean = mean_of(usual, P);
    double variance = variance_of(distance, photos * P, least), share = 0;
    if (covariance > 0 && mean > 0) share = covariance < variance ? covariance / variance : 1;
    for (size_t p = 0; p < P; p++) {
        float u = share > 0 ? (float)(1 + share * (usual[p] / mean - 1)) : 1;
        usual[p] = u < FLECK_USUAL_LEAST  ? FLECK_USUAL_LEAST
                   : u > FLECK_USUAL_MOST ? FLECK_USUAL_MOST
                                          : u;
    }
    fleck_arena_reset(scratch, mark);
    return true;
}

void fleck_places_divide(const float *usual, size_t P, float *distance, size_t n) {
    for (size_t i = 0; i < n; i++) distance[i] /= usual[i % P];
}

float fleck_places_least(const float *usual, size_t P) {
    float least = usual[0];
    for (size_t p = 1; p < P; p++)
        if (usual[p] < least) least = usual[p];
    return least;
}
