/* Polygons are drawn row by row: each edge toggles, in the rows whose centre line it crosses, the
 * first pixel whose centre is behind it; what was toggled an odd number of times up to a pixel has
 * it inside (even-odd rule). */
#include "area.h"

#include <math.h>
#include <string.h>

enum { SIDE = FLECK_HEAT };

/* ---- polygons ---- */

/* On which side of the line from a to b a point lies: above 0, below 0, or 0 on it. */
static double side_of(fleck_point a, fleck_point b, fleck_point c) {
    return ((double)b.x - (double)a.x) * ((double)c.y - (double)a.y) -
           ((double)b.y - (double)a.y) * ((double)c.x - (double)a.x);
}

/* Whether a line has the points c and d on different sides. */
static bool parts(fleck_point a, fleck_point b, fleck_point c, fleck_point d) {
    double one = side_of(a, b, c), other = side_of(a, b, d);
    return (one > 0 && other < 0) || (one < 0 && other > 0);
}

/* Whether edges cross, those that begin at *first and at *second. Edges that only touch do not:
 * what lies inside is as plain then. */
static bool crosses_itself(const fleck_point *p, uint32_t n, uint32_t *first, uint32_t *second) {
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n; k++) {
            fleck_point a = p[i], b = p[(i + 1) % n], c = p[k], d = p[(k + 1) % n];
            if (!parts(a, b, c, d) || !parts(c, d, a, b)) continue;
            *first = i;
            *second = k;
            return true;
        }
    return false;
}

static fleck_status check(const fleck_point *p, uint32_t n, const char *what, uint32_t number,
                          fleck_message *err) {
    uint32_t a = 0, b = 0;
    if (n < 3)
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "polygon %u to %s has %u points: 3 are the least", number, what, n);
    for (uint32_t i = 0; i < n; i++)
        if (!(p[i].x >= 0 && p[i].x <= 1 && p[i].y >= 0 && p[i].y <= 1))
            return fleck_fail(err, FLECK_ERR_ARGUMENT,
                              "polygon %u to %s: point %u lies outside of the photo, whose width "
                              "and height are 0 to 1",
                              number, what, i + 1);
    if (crosses_itself(p, n, &a, &b))
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "polygon %u to %s crosses itself: its edge from point %u to %u and that "
                          "from %u to %u",
                          number, what, a + 1, (a + 1) % n + 1, b + 1, (b + 1) % n + 1);
    return FLECK_OK;
}

/* Where a share of the photo lies along the map, in its pixels. */
static double on_map(float share, float frame_share) {
    double frame = (double)frame_share;
    return ((double)share - (1 - frame) / 2) / frame * SIDE;
}

/* The first pixel of a row or column whose centre is not before this. */
static int pixel_from(double at) {
    double pixel = ceil(at - 0.5);
    return pixel <= 0 ? 0 : pixel >= SIDE ? SIDE : (int)pixel;
}

static void toggle(fleck_point a, fleck_point b, float frame_share, fleck_area_map *toggled) {
    double ax = on_map(a.x, frame_share), ay = on_map(a.y, frame_share);
    double bx = on_map(b.x, frame_share), by = on_map(b.y, frame_share);
    int to = pixel_from(ay < by ? by : ay);
    for (int y = pixel_from(ay < by ? ay : by); y < to; y++) {
        int x = pixel_from(ax + (y + 0.5 - ay) / (by - ay) * (bx - ax));
        if (x < SIDE) toggled->row[y][x / 32] ^= UINT32_C(1) << x % 32;
    }
}

/* Each bit becomes the parity of those up to it. */
static void fill(fleck_area_map *area) {
    for (int y = 0; y < SIDE; y++) {
        uint32_t inside = 0;
        for (int w = 0; w < FLECK_AREA_WORDS; w++) {
            uint32_t word = area->row[y][w];
            for (int shift = 1; shift < 32; shift *= 2) word ^= word << shift;
            area->row[y][w] = word ^ inside;
            inside = word >> 31 ? ~inside : inside;
        }
    }
}

fleck_status fleck_area_of_polygons(const fleck_point *points, const uint32_t *counts,
                                    uint32_t includes, uint32_t excludes, float frame_share,
                                    fleck_area_map *out, fleck_message *err) {
    fleck_area_map area, polygon;
    uint32_t total = 0;
    memset(&area, includes ? 0 : 0xff, sizeof area);
    for (uint32_t i = 0; i < includes || i - includes < excludes; i++) {
        bool excluded = i >= includes;
        uint32_t n = counts[i];
        if (n > FLECK_AREA_POINTS_MAX - total)
            return fleck_fail(err, FLECK_ERR_ARGUMENT,
                              "the area's polygons have more than %d points together",
                              FLECK_AREA_POINTS_MAX);
        const fleck_point *p = points + total;
        total += n;
        fleck_status status =
            check(p, n, excluded ? "exclude" : "include", excluded ? i - includes + 1 : i + 1, err);
        if (status) return status;
        memset(&polygon, 0, sizeof polygon);
        for (uint32_t k = 0; k < n; k++) toggle(p[k], p[(k + 1) % n], frame_share, &polygon);
        fill(&polygon);
        for (int y = 0; y < SIDE; y++)
            for (int w = 0; w < FLECK_AREA_WORDS; w++)
                if (excluded)
                    area.row[y][w] &= ~polygon.row[y][w];
                else
                    area.row[y][w] |= polygon.row[y][w];
    }
    *out = area;
    return FLECK_OK;
}

/* ---- masks ---- */

/* The mask's pixel that the centre of a pixel of the map is in. */
static uint32_t mask_pixel(int i, uint32_t length, float frame_share) {
    double frame = (double)frame_share;
    double at = ((1 - frame) / 2 + (i + 0.5) / SIDE * frame) * length;
    return at < length ? (uint32_t)at : length - 1;
}

void fleck_area_of_mask(const uint8_t *mask, uint32_t width, uint32_t height, float frame_share,
                        fleck_area_map *out) {
    memset(out, 0, sizeof *out);
    for (int y = 0; y < SIDE; y++) {
        const uint8_t *row = mask + (size_t)mask_pixel(y, height, frame_share) * width;
        for (int x = 0; x < SIDE; x++)
            if (row[mask_pixel(x, width, frame_share)])
                out->row[y][x / 32] |= UINT32_C(1) << x % 32;
    }
}

/* ---- patches ---- */

/* Whether at least half of a patch lies inside. Lengths are in units of which a pixel of the map
 * is rows high and columns wide, and a patch SIDE along both: whole numbers, whatever the grid. */
static bool counts(const fleck_area_map *area, size_t row, size_t column, fleck_grid grid) {
    uint64_t inside = 0;
    size_t top = row * SIDE, left = column * SIDE, high = grid.rows, wide = grid.columns;
    for (size_t y = top / high; y * high < top + SIDE; y++) {
        size_t from = y * high < top ? top : y * high;
        size_t to = (y + 1) * high < top + SIDE ? (y + 1) * high : top + SIDE;
        for (size_t x = left / wide; x * wide < left + SIDE; x++) {
            size_t begin = x * wide < left ? left : x * wide;
            size_t end = (x + 1) * wide < left + SIDE ? (x + 1) * wide : left + SIDE;
            if (fleck_area_has(area, x, y)) inside += (uint64_t)(to - from) * (end - begin);
        }
    }
    return 2 * inside >= (uint64_t)SIDE * SIDE;
}

fleck_status fleck_area_grid(fleck_arena *arena, const fleck_area_map *area, fleck_grid *grid,
                             fleck_message *err) {
    grid->order = NULL;
    if (!area) return FLECK_OK;
    size_t places = fleck_grid_places(*grid), inside = 0, outside = 0;
    uint32_t *order = FLECK_NEW(arena, uint32_t, places);
    uint32_t *others = FLECK_NEW(arena, uint32_t, places);
    if (!order || !others) return fleck_fail(err, FLECK_ERR_MEMORY, "not enough memory");
    for (size_t i = 0; i < places; i++)
        if (counts(area, i / grid->columns, i % grid->columns, *grid))
            order[inside++] = (uint32_t)i;
        else
            others[outside++] = (uint32_t)i;
    if (inside < FLECK_AREA_PATCHES_MIN)
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "%zu of %zu patches lie in the area: %d are the least", inside, places,
                          FLECK_AREA_PATCHES_MIN);
    if (!outside) return FLECK_OK; /* as without an area */
    memcpy(order + inside, others, outside * sizeof *order);
    grid->order = order;
    grid->inside = (uint32_t)inside;
    return FLECK_OK;
}

/* Patches of a grid of n in pixels of the map, to the nearest. */
static int pixels_of(int32_t patches, uint32_t n) {
    int64_t twice = (int64_t)2 * SIDE * patches, half = patches < 0 ? -(int64_t)n : (int64_t)n;
    return (int)((twice + half) / (2 * (int64_t)n));
}

void fleck_area_move(const fleck_area_map *area, fleck_grid grid, fleck_shift shift,
                     fleck_area_map *out) {
    int right = pixels_of(shift.columns, grid.columns), down = pixels_of(shift.rows, grid.rows);
    memset(out, 0, sizeof *out);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int from_x = x - right, from_y = y - down;
            if (from_x >= 0 && from_x < SIDE && from_y >= 0 && from_y < SIDE &&
                fleck_area_has(area, (size_t)from_x, (size_t)from_y))
                out->row[y][x / 32] |= UINT32_C(1) << x % 32;
        }
}

bool fleck_area_is_same(const fleck_area_map *a, const fleck_area_map *b) {
    return a && b ? !memcmp(a, b, sizeof *a) : a == b;
}
