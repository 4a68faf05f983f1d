#include "heatmap.h"

#include "natural_log.h"
#include "types.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RADIUS = 16 }; /* 4 sigma */

static void smooth(const float *in, size_t rows, size_t columns, float *out) {
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < columns; x++) {
            float sum = 0;
            for (size_t dy = 0; dy < 3; dy++)
                for (size_t dx = 0; dx < 3; dx++) {
                    size_t v = y + dy ? y + dy - 1 : 0, u = x + dx ? x + dx - 1 : 0;
                    if (v == rows) v--;
                    if (u == columns) u--;
                    sum += in[v * columns + u];
                }
            out[y * columns + x] = sum / 9;
        }
}

bool fleck_smooth(fleck_arena *scratch, const float *in, fleck_grid grid, float *out) {
    if (!grid.order) {
        smooth(in, grid.rows, grid.columns, out);
        return true;
    }
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *places = FLECK_NEW(scratch, float, grid.rows, grid.columns);
    float *means = FLECK_NEW(scratch, float, grid.rows, grid.columns);
    float *weights = FLECK_NEW(scratch, float, grid.rows, grid.columns);
    if (!places || !means || !weights) return false;
    fleck_grid_spread(grid, in, places);
    smooth(places, grid.rows, grid.columns, means);
    fleck_grid_spread(grid, NULL, places);
    smooth(places, grid.rows, grid.columns, weights);
    for (size_t p = 0; p < grid.inside; p++) {
        size_t place = fleck_grid_place(grid, p);
        out[p] = means[place] / weights[place];
    }
    fleck_arena_reset(scratch, mark);
    return true;
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

/* Two places of n, and the second's share of what a pixel of the map shows. */
typedef struct {
    size_t first, second;
    float share;
} between;

static between places_at(size_t pixel, size_t n) {
    float at = ((float)pixel + 0.5f) * ((float)n / FLECK_HEAT) - 0.5f;
    if (at < 0) at = 0;
    size_t first = (size_t)at;
    return (between){first, first + 1 < n ? first + 1 : first, at - (float)first};
}

/* A line of n values, more than FLECK_HEAT of them -> FLECK_HEAT: means weighted by triangles that
 * are as wide as two of these, as PIL and PyTorch (antialias) shrink. */
static void shrink(const float *in, size_t n, size_t step, float *out) {
    float wide = (float)n / FLECK_HEAT;
    for (size_t i = 0; i < FLECK_HEAT; i++) {
        float centre = ((float)i + 0.5f) * wide, sum = 0, weights = 0;
        size_t from = centre > wide ? (size_t)(centre - wide) : 0;
        for (size_t k = from; k < n && (float)k + 0.5f < centre + wide; k++) {
            float weight = 1 - fabsf((float)k + 0.5f - centre) / wide;
            if (weight <= 0) continue;
            sum += weight * in[k * step];
            weights += weight;
        }
        out[i * step] = sum / weights;
    }
}

/* Scores of a fine grid -> at most FLECK_HEAT rows and columns; scores themselves where they are no
 * more. NULL when scratch memory is short. */
static const float *coarsen(fleck_arena *scratch, const float *scores, size_t *rows,
                            size_t *columns) {
    if (*rows > FLECK_HEAT) {
        float *out = FLECK_NEW(scratch, float, FLECK_HEAT, *columns);
        if (!out) return NULL;
        for (size_t x = 0; x < *columns; x++) shrink(scores + x, *rows, *columns, out + x);
        scores = out;
        *rows = FLECK_HEAT;
    }
    if (*columns > FLECK_HEAT) {
        float *out = FLECK_NEW(scratch, float, *rows, FLECK_HEAT);
        if (!out) return NULL;
        for (size_t y = 0; y < *rows; y++)
            shrink(scores + y * *columns, *columns, 1, out + y * FLECK_HEAT);
        scores = out;
        *columns = FLECK_HEAT;
    }
    return scores;
}

static void upsample(const float *scores, size_t rows, size_t columns, float *map) {
    for (size_t y = 0; y < FLECK_HEAT; y++) {
        between v = places_at(y, rows);
        const float *above = scores + v.first * columns;
        const float *below = scores + v.second * columns;
        for (size_t x = 0; x < FLECK_HEAT; x++) {
            between h = places_at(x, columns);
            float top = above[h.first] * (1 - h.share) + above[h.second] * h.share;
            float bottom = below[h.first] * (1 - h.share) + below[h.second] * h.share;
            map[y * FLECK_HEAT + x] = top * (1 - v.share) + bottom * v.share;
        }
    }
}

/* Values of all places -> map. */
static bool draw(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                 fleck_grid grid, float *map) {
    size_t rows = grid.rows, columns = grid.columns;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *turned = FLECK_NEW(scratch, float, FLECK_HEAT, FLECK_HEAT);
    scores = coarsen(scratch, scores, &rows, &columns);
    if (!turned || !scores) return false;
    float w[RADIUS + 1];
    gaussian_weights(w);
    upsample(scores, rows, columns, map);
    blur_rows(kernels, w, map, turned);
    transpose(turned, map);
    blur_rows(kernels, w, map, turned);
    transpose(turned, map);
    fleck_arena_reset(scratch, mark);
    return true;
}

bool fleck_heatmap(const fleck_kernels *kernels, fleck_arena *scratch, const float *scores,
                   fleck_grid grid, float *map) {
    if (!grid.order) return draw(kernels, scratch, scores, grid, map);
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *places = FLECK_NEW(scratch, float, grid.rows, grid.columns);
    float *weights = FLECK_NEW(scratch, float, FLECK_HEAT, FLECK_HEAT);
    if (!places || !weights) return false;
    fleck_grid_spread(grid, scores, places);
    if (!draw(kernels, scratch, places, grid, map)) return false;
    fleck_grid_spread(grid, NULL, places);
    if (!draw(kernels, scratch, places, grid, weights)) return false;
    for (size_t i = 0; i < (size_t)FLECK_HEAT * FLECK_HEAT; i++)
        map[i] = weights[i] > 0 ? map[i] / weights[i] : -INFINITY;
    fleck_arena_reset(scratch, mark);
    return true;
}

/* Bounds of a smoothed probability, so that its logit is finite. */
#define PROBABILITY_LEAST 1e-30f
#define PROBABILITY_MOST 0.99999994f

bool fleck_heatmap_of_logits(const fleck_kernels *kernels, fleck_arena *scratch,
                             const float *logits, fleck_grid grid, float *map) {
    size_t P = fleck_grid_patches(grid);
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *p = FLECK_NEW(scratch, float, P);
    if (!p) return false;
    kernels->sigmoid(logits, p, P);
    if (!fleck_heatmap(kernels, scratch, p, grid, map)) return false;
    for (size_t i = 0; i < (size_t)FLECK_HEAT * FLECK_HEAT; i++) {
        float value = map[i] > PROBABILITY_LEAST ? map[i] : PROBABILITY_LEAST;
        if (value > PROBABILITY_MOST) value = PROBABILITY_MOST;
        map[i] = fleck_natural_log(value / (1 - value));
    }
    fleck_arena_reset(scratch, mark);
    return true;
}
