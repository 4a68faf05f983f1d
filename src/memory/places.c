#include "places.h"

#include "robust.h"

#include <math.h>

/* The distances at a place: of every second photo from the first on, then of the others. */
static void gather(const float *distance, uint32_t photos, size_t P, float least, float *column) {
    size_t n = 0;
    for (uint32_t first = 0; first < 2; first++)
        for (uint32_t i = first; i < photos; i += 2) column[n++] = fmaxf(distance[i * P], least);
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
    for (size_t i = 0; i < n; i++) sum += fmaxf(distance[i], least);
    for (size_t i = 0; i < n; i++) {
        double d = fmaxf(distance[i], least) - sum / (double)n;
        square += d * d;
    }
    return square / (double)n;
}

bool fleck_places_fit(fleck_arena *scratch, const float *distance, uint32_t photos, size_t P,
                      float least, float *usual) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *column = FLECK_NEW(scratch, float, photos);
    float *half[2] = {FLECK_NEW(scratch, float, P), FLECK_NEW(scratch, float, P)};
    uint32_t first = photos - photos / 2;
    if (!column || !half[0] || !half[1]) return false;
    for (size_t p = 0; p < P; p++) {
        gather(distance + p, photos, P, least, column);
        half[0][p] = fleck_median(column, first);
        half[1][p] = fleck_median(column + first, photos - first);
        usual[p] = fleck_median(column, photos);
    }
    double covariance = covariance_of(half[0], half[1], P), mean = mean_of(usual, P);
    double variance = variance_of(distance, photos * P, least), share = 0;
    if (covariance > 0 && mean > 0) share = covariance < variance ? covariance / variance : 1;
    for (size_t p = 0; p < P; p++) {
        float u = share > 0 ? (float)(1 + share * (usual[p] / mean - 1)) : 1;
        usual[p] = fminf(fmaxf(u, FLECK_USUAL_LEAST), FLECK_USUAL_MOST);
    }
    fleck_arena_reset(scratch, mark);
    return true;
}

void fleck_places_divide(const float *usual, size_t P, float *distance, size_t n) {
    for (size_t i = 0; i < n; i++) distance[i] /= usual[i % P];
}

float fleck_places_least(const float *usual, size_t P) {
    float least = usual[0];
    for (size_t p = 1; p < P; p++) least = fminf(least, usual[p]);
    return least;
}
