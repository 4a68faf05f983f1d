#include "heatmap.h"

#include "fleck.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Deviations at which a level stands out, and at which its score is 0.5. */
#define OUTLIER_Z 2.0f
#define DEFECT_Z 3.3f

/* Of the folder's median level: photos that are nearly equal are no outliers of each
 * other. Usual folders have twice that and more. */
#define SPREAD_LEAST 0.05f

/* Share of levels beyond OUTLIER_Z without defects: 2.3 % of normal ones, and some for
 * a longer tail. */
#define USUAL_OUTLIERS 0.04f
enum { RADIUS = 16 }; /* 4 sigma */

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

float fleck_top_mean(float *scores, size_t n, size_t top) {
    if (top > n) top = n;
    if (!top) top = 1;
    qsort(scores, n, sizeof *scores, ascending);
    double sum = 0;
    for (size_t i = n - top; i < n; i++) sum += scores[i];
    return (float)(sum / (double)top);
}

float fleck_median(float *values, size_t n) {
    qsort(values, n, sizeof *values, ascending);
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

/* (z + sqrt(z^2 + 4)) / 2: positive, rising, close to z for large z. Written so
 * that large negative z does not cancel. */
static float squareplus(float z) {
    float root = sqrtf(z * z + 4);
    return z > 0 ? 0.5f * (z + root) : 2 / (root - z);
}

float fleck_photo_level(float raw) { return raw > 0 ? sqrtf(raw) : 0; }

bool fleck_level_scale(fleck_arena *scratch, const float *level, size_t n, fleck_robust *out) {
    if (!fleck_robust_of(scratch, level, n, out)) return false;
    if (out->spread < SPREAD_LEAST * out->center) out->spread = SPREAD_LEAST * out->center;
    return true;
}

bool fleck_outlier(fleck_robust scale, float level) {
    return fleck_robust_z(scale, level) > OUTLIER_Z;
}

float fleck_excess_outliers(fleck_robust scale, const float *level, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) count += fleck_outlier(scale, level[i]);
    return (float)count - 1 - USUAL_OUTLIERS * (float)n;
}

float fleck_calibrate(fleck_robust scale, float level) {
    float z = squareplus(fleck_robust_z(scale, level)) / squareplus(DEFECT_Z);
    if (z > 30) z = 30; /* so that the score is below 1 */
    float power = z * z * z * z;
    return 1 - 1 / (1 + power);
}

void fleck_smooth(const float *in, size_t G, float *out) {
    for (size_t y = 0; y < G; y++)
        for (size_t x = 0; x < G; x++) {
            float sum = 0;
            for (size_t dy = 0; dy < 3; dy++)
                for (size_t dx = 0; dx < 3; dx++) {
                    size_t v = y + dy ? y + dy - 1 : 0, u = x + dx ? x + dx - 1 : 0;
                    sum += in[(v < G ? v : G - 1) * G + (u < G ? u : G - 1)];
                }
            out[y * G + x] = sum / 9;
        }
}

/* out[i] = sum over t of w[|t|] in[i + t] along rows of a [n, FLECK_HEAT] map,
 * mirrored beyond its first and last row: edge pixels repeat once. */
static void blur_rows(const fleck_kernels *kernels, const float *w, const float *in, float *out) {
    for (int y = 0; y < FLECK_HEAT; y++) {
        float *row = out + (size_t)y * FLECK_HEAT;
        memset(row, 0, FLECK_HEAT * sizeof *row);
        for (int t = -RADIUS; t <= RADIUS; t++) {
            int from = y + t;
            if (from < 0) from = -1 - from;
            if (from >= FLECK_HEAT) from = 2 * FLECK_HEAT - 1 - from;
            kernels->axpy(w[abs(t)], in + (size_t)from * FLECK_HEAT, row, FLECK_HEAT);
        }
    }
}

static void transpose(const float *in, float *out) {
    for (size_t y = 0; y < FLECK_HEAT; y++)
        for (size_t x = 0; x < FLECK_HEAT; x++) out[x * FLECK_HEAT + y] = in[y * FLECK_HEAT + x];
}

/* w[t] ~ exp(-t^2 / 32), from powers of exp(-1/32) so that no libm is asked. */
static void gaussian_weights(float w[RADIUS + 1]) {
    double raw[RADIUS + 1], sum = 0;
    for (int t = 0; t <= RADIUS; t++) {
        raw[t] = 1;
        for (int i = 0; i < t * t; i++) raw[t] *= 0.96923323447634413;
        sum += t ? 2 * raw[t] : raw[t];
    }
    for (int t = 0; t <= RADIUS; t++) w[t] = (float)(raw[t] / sum);
}

static void upsample(const float *scores, size_t G, float *map) {
    float step = (float)G / FLECK_HEAT;
    for (size_t y = 0; y < FLECK_HEAT; y++) {
        float v = ((float)y + 0.5f) * step - 0.5f;
        if (v < 0) v = 0;
        size_t y0 = (size_t)v, y1 = y0 + 1 < G ? y0 + 1 : y0;
        float wy = v - (float)y0;
        for (size_t x = 0; x < FLECK_HEAT; x++) {
            float u = ((float)x + 0.5f) * step - 0.5f;
            if (u < 0) u = 0;
            size_t x0 = (size_t)u, x1 = x0 + 1 < G ? x0 + 1 : x0;
            float wx = u - (float)x0;
            float top = scores[y0 * G + x0] * (1 - wx) + scores[y0 * G + x1] * wx;
            float bottom = scores[y1 * G + x0] * (1 - wx) + scores[y1 * G + x1] * wx;
            map[y * FLECK_HEAT + x] = top * (1 - wy) + bottom * wy;
        }
    }
}

bool fleck_heatmap(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                   size_t G, float *map) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *aside = FLECK_NEW(scratch, float, (size_t)FLECK_HEAT *FLECK_HEAT);
    if (!aside) return false;
    float w[RADIUS + 1];
    gaussian_weights(w);
    upsample(scores, G, map);
    blur_rows(kernels, w, map, aside);
    transpose(aside, map);
    blur_rows(kernels, w, map, aside);
    transpose(aside, map);
    fleck_arena_reset(scratch, mark);
    return true;
}
