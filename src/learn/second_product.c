#include "second_product.h"

#include "half.h"

#include <math.h>
#include <string.h>

enum {
    TURNS = 30,       /* of the power iteration, and of 2-means at most */
    PHOTOS_LEAST = 5, /* a few may just be odd, and of few any split lies far apart */
};

#define APART 6.5
#define SHARE 0.1

/* The least deviation, as a share of a class token's length: copies of one photo, saved anew
 * as JPEGs of quality 50 to 95, move by a hundredth to a tenth of it, other products by a
 * third and more. */
#define DEVIATION_LEAST 0.02

/* Class tokens as points about their mean. */
typedef struct {
    uint32_t n;
    size_t D;
    float *x;        /* [n, D] */
    double length;   /* of their mean, before it was taken away */
    double *axis;    /* [D] */
    double *mean[2]; /* [D], of the groups */
    bool *group;     /* [n] */
} points;

static double along(const points *p, uint32_t i) {
    double sum = 0;
    for (size_t d = 0; d < p->D; d++) sum += p->x[i * p->D + d] * p->axis[d];
    return sum;
}

static void normalise(points *p) {
    double square = 0;
    for (size_t d = 0; d < p->D; d++) square += p->axis[d] * p->axis[d];
    for (size_t d = 0; d < p->D && square > 0; d++) p->axis[d] /= sqrt(square);
}

/* The direction in which the points differ most, begun at the one farthest out. */
static void find_axis(points *p) {
    double farthest = -1;
    for (uint32_t i = 0; i < p->n; i++) {
        double square = 0;
        for (size_t d = 0; d < p->D; d++) square += (double)p->x[i * p->D + d] * p->x[i * p->D + d];
        if (square <= farthest) continue;
        farthest = square;
        for (size_t d = 0; d < p->D; d++) p->axis[d] = p->x[i * p->D + d];
    }
    for (int turn = 0; turn < TURNS; turn++) {
        double *next = p->mean[0];
        normalise(p);
        memset(next, 0, p->D * sizeof *next);
        for (uint32_t i = 0; i < p->n; i++) {
            double at = along(p, i);
            for (size_t d = 0; d < p->D; d++) next[d] += at * p->x[i * p->D + d];
        }
        memcpy(p->axis, next, p->D * sizeof *next);
    }
    normalise(p);
}

/* Means of the groups; the size of the first. */
static uint32_t find_means(points *p) {
    uint32_t size[2] = {0, 0};
    for (int g = 0; g < 2; g++) memset(p->mean[g], 0, p->D * sizeof *p->mean[g]);
    for (uint32_t i = 0; i < p->n; i++) {
        size[p->group[i]]++;
        for (size_t d = 0; d < p->D; d++) p->mean[p->group[i]][d] += p->x[i * p->D + d];
    }
    for (int g = 0; g < 2; g++)
        for (size_t d = 0; d < p->D && size[g]; d++) p->mean[g][d] /= size[g];
    return size[0];
}

/* Photos to the nearer mean; whether any has changed its group. */
static bool regroup(points *p) {
    bool changed = false;
    for (uint32_t i = 0; i < p->n; i++) {
        double nearer = 0;
        for (size_t d = 0; d < p->D; d++) {
            double a = p->x[i * p->D + d] - p->mean[0][d], b = p->x[i * p->D + d] - p->mean[1][d];
            nearer += a * a - b * b;
        }
        changed = changed || p->group[i] != (nearer > 0);
        p->group[i] = nearer > 0;
    }
    return changed;
}

/* How far apart the groups lie, in their own deviations along the axis between them. */
static double distance_apart(points *p) {
    double sum[2] = {0, 0}, square[2] = {0, 0}, count[2] = {0, 0}, variance = 0;
    for (size_t d = 0; d < p->D; d++) p->axis[d] = p->mean[1][d] - p->mean[0][d];
    normalise(p);
    for (uint32_t i = 0; i < p->n; i++) {
        double at = along(p, i);
        sum[p->group[i]] += at;
        square[p->group[i]] += at * at;
        count[p->group[i]]++;
    }
    for (int g = 0; g < 2; g++) {
        sum[g] /= count[g];
        variance += 0.5 * (square[g] / count[g] - sum[g] * sum[g]);
    }
    double deviation = fmax(sqrt(fmax(variance, 0)), DEVIATION_LEAST * p->length);
    return deviation > 0 ? (sum[1] - sum[0]) / deviation : 0;
}

static bool points_new(fleck_arena *scratch, const fleck_features *f, points *out) {
    points p = {.n = f->count, .D = f->D};
    p.x = FLECK_NEW(scratch, float, p.n, p.D);
    p.axis = FLECK_NEW(scratch, double, p.D);
    p.group = FLECK_NEW(scratch, bool, p.n);
    for (int g = 0; g < 2; g++) p.mean[g] = FLECK_NEW_ZERO(scratch, double, p.D);
    if (!p.x || !p.axis || !p.group || !p.mean[0] || !p.mean[1]) return false;
    for (uint32_t i = 0; i < p.n; i++) {
        fleck_half_widen(f->cls[i], p.D, p.x + i * p.D);
        for (size_t d = 0; d < p.D; d++) p.mean[0][d] += p.x[i * p.D + d] / (double)p.n;
    }
    for (size_t d = 0; d < p.D; d++) p.length += p.mean[0][d] * p.mean[0][d];
    p.length = sqrt(p.length);
    for (uint32_t i = 0; i < p.n; i++)
        for (size_t d = 0; d < p.D; d++) p.x[i * p.D + d] -= (float)p.mean[0][d];
    *out = p;
    return true;
}

bool fleck_second_product(fleck_arena *scratch, const fleck_features *features, uint32_t *second) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    points p;
    if (!points_new(scratch, features, &p)) return false;
    find_axis(&p);
    for (uint32_t i = 0; i < p.n; i++) p.group[i] = along(&p, i) > 0;
    uint32_t first = find_means(&p);
    for (int turn = 0; turn < TURNS && regroup(&p); turn++) first = find_means(&p);
    uint32_t smaller = first < p.n - first ? first : p.n - first;
    bool several = smaller >= PHOTOS_LEAST && smaller >= SHARE * p.n && distance_apart(&p) > APART;
    *second = several ? smaller : 0;
    fleck_arena_reset(scratch, mark);
    return true;
}
