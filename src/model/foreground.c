#include "foreground.h"

#include "area.h"
#include "half.h"
#include "heatmap.h"
#include "regions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DOUBLED_MOST = 12 }; /* half a patch becomes more than the photo */

static bool is_edge(fleck_grid grid, size_t place) {
    size_t row = place / grid.columns, column = place % grid.columns;
    return !row || !column || row + 1 == grid.rows || column + 1 == grid.columns;
}

/* Of each patch (1 - cosine) / 2, 0 to 1, of its token and the mean of the edge's, each of unit
 * length. */
static bool from_edge(const fleck_compute *compute, fleck_grid grid, size_t D,
                      const fleck_half *photo, float *out) {
    const fleck_kernels *kernels = compute->kernels;
    size_t places = fleck_grid_places(grid);
    float *x = FLECK_NEW(compute->scratch, float, D);
    float *mean = FLECK_NEW_ZERO(compute->scratch, float, D);
    if (!x || !mean) return false;
    for (size_t i = 0; i < places; i++) {
        if (!is_edge(grid, i)) continue;
        fleck_half_widen(photo + i * D, D, x);
        float square = kernels->dot(x, x, D);
        if (square > 0) kernels->axpy(1 / sqrtf(square), x, mean, D);
    }
    float edge = kernels->dot(mean, mean, D);
    for (size_t i = 0; i < places; i++) {
        fleck_half_widen(photo + i * D, D, x);
        float squares = kernels->dot(x, x, D) * edge;
        float cosine = squares > 0 ? kernels->dot(x, mean, D) / sqrtf(squares) : 0;
        out[i] = fminf(fmaxf((1 - cosine) / 2, 0), 1);
    }
    return true;
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The threshold that parts n values, which it sorts, into two of greatest variance between them. */
static float threshold_of(float *value, size_t n) {
    double total = 0, below = 0, best = 0;
    float threshold = 0;
    qsort(value, n, sizeof *value, ascending);
    for (size_t i = 0; i < n; i++) total += (double)value[i];
    for (size_t i = 1; i < n; i++) {
        below += (double)value[i - 1];
        double apart = (total - below) / (double)(n - i) - below / (double)i;
        double between = (double)i * (double)(n - i) * apart * apart;
        if (between <= best) continue;
        best = between;
        threshold = (value[i - 1] + value[i]) / 2;
    }
    return threshold;
}

/* How far a point lies from the line between two others, squared. */
static double off_line(fleck_point a, fleck_point b, fleck_point c) {
    double x = (double)b.x - (double)a.x, y = (double)b.y - (double)a.y;
    double u = (double)c.x - (double)a.x, v = (double)c.y - (double)a.y;
    double length = x * x + y * y, t = length > 0 ? (u * x + v * y) / length : 0;
    t = fmin(fmax(t, 0), 1);
    u -= t * x;
    v -= t * y;
    return u * u + v * v;
}

/* Ramer's way, round by round: between two points that are kept, the one farthest off their line is
 * kept as well, where it is farther than tolerance. Begins with every quarter of the points. */
static void simplify(const fleck_point *point, uint32_t n, double tolerance, bool *kept) {
    for (uint32_t i = 0; i < n; i++) kept[i] = i % (n / 4 + 1) == 0;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t from = 0, to; from < n; from = to) {
            uint32_t farthest = 0;
            double most = tolerance * tolerance;
            for (to = from + 1; to < n && !kept[to]; to++) continue;
            for (uint32_t i = from + 1; i < to; i++) {
                double off = off_line(point[from], point[to % n], point[i]);
                if (off > most) most = off, farthest = i;
            }
            if (farthest) kept[farthest] = more = true;
        }
    }
}

static uint32_t gather(const fleck_point *point, uint32_t n, const bool *kept, fleck_point *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n && count <= FLECK_AREA_POINTS_MAX; i++) {
        if (!kept[i]) continue;
        if (count < FLECK_AREA_POINTS_MAX)
            out[count] =
                (fleck_point){fminf(fmaxf(point[i].x, 0), 1), fminf(fmaxf(point[i].y, 0), 1)};
        count++;
    }
    return count;
}

/* The polygon within a tolerance, or the first of twice as much that has few enough points and does
 * not cross itself. */
static bool polygon_of(fleck_arena *scratch, const fleck_point *point, uint32_t n, double tolerance,
                       fleck_point *out, uint32_t *count) {
    bool *kept = FLECK_NEW(scratch, bool, n);
    fleck_area_map ignored;
    fleck_message err;
    if (!kept) return false;
    for (int doubled = 0; doubled < DOUBLED_MOST; doubled++) {
        simplify(point, n, tolerance, kept);
        *count = gather(point, n, kept, out);
        if (*count <= FLECK_AREA_POINTS_MAX &&
            !fleck_area_of_polygons(out, count, 1, 0, 1, &ignored, &err))
            return true;
        tolerance *= 2;
    }
    *count = 0;
    return true;
}

/* The outline of the largest region of a map above a level, within half a patch. */
static bool outline_of(fleck_arena *scratch, const float *map, float level, fleck_grid grid,
                       float frame_share, fleck_point *points, uint32_t *count) {
    fleck_arena found = {0}; /* what is found outlasts the scratch memory of finding it */
    fleck_regions regions;
    bool done = fleck_regions_find(&found, scratch, map, (fleck_region_rule){level, 0},
                                   (fleck_frame){1, 1, frame_share}, &regions, NULL);
    if (done && regions.count) {
        const fleck_region *largest = regions.region;
        for (uint32_t i = 1; i < regions.count; i++)
            if (regions.region[i].area > largest->area) largest = &regions.region[i];
        fleck_contour outline = regions.contour[largest->first_contour];
        uint32_t side = grid.rows < grid.columns ? grid.rows : grid.columns;
        double half_patch = (double)frame_share / (2 * (double)side);
        done = polygon_of(scratch, regions.point + outline.first, outline.count, half_patch, points,
                          count);
    }
    fleck_arena_free(&found);
    return done;
}

bool fleck_foreground_find(const fleck_compute *compute, fleck_grid grid, size_t D,
                           const fleck_half *photo, float frame_share, fleck_point *points,
                           uint32_t *count) {
    fleck_arena *scratch = compute->scratch;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    size_t places = fleck_grid_places(grid);
    float *far = FLECK_NEW(scratch, float, places), *smooth = FLECK_NEW(scratch, float, places);
    float *map = FLECK_NEW(scratch, float, FLECK_HEAT, FLECK_HEAT);
    *count = 0;
    if (!far || !smooth || !map || !from_edge(compute, grid, D, photo, far) ||
        !fleck_smooth(scratch, far, grid, smooth) ||
        !fleck_heatmap(compute->kernels, scratch, smooth, grid, map))
        return false;
    float level = threshold_of(smooth, places);
    /* a blur of ones may be above one by rounding */
    for (size_t i = 0; i < (size_t)FLECK_HEAT * FLECK_HEAT; i++) map[i] = fminf(map[i], 1);
    bool done = !(level > 0) || outline_of(scratch, map, level, grid, frame_share, points, count);
    fleck_arena_reset(scratch, mark);
    return done;
}
