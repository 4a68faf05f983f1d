/* Pixels are labelled by flood fill; each contour is followed from side to side of the pixels that
 * it separates. Where it crosses the line between two centres is linear in their heat. All of that
 * is in pixels of the map; points become the photo's when they are kept. */
#include "regions.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE = FLECK_HEAT, PIXELS = SIDE * SIDE };

/* Sides of a pixel, clockwise. */
enum { TOP = 0, RIGHT, BOTTOM, LEFT, SIDES };
static const int step_x[SIDES] = {0, 1, 0, -1}, step_y[SIDES] = {-1, 0, 1, 0};

/* Pixels at or above the level that are connected. */
typedef struct {
    uint32_t first, count; /* of members */
    uint32_t peak;         /* the first pixel of the hottest */
    double heat;           /* sum */
} component;

typedef struct {
    const float *heat;
    float level;
    uint32_t *label;  /* [PIXELS]: 1 + index of the component; 0: below the level */
    uint32_t *member; /* [PIXELS]: pixels of each component, in ascending order */
    component *found; /* [count] */
    uint32_t count;
    uint8_t *followed; /* [PIXELS]: a bit for each side that a contour went along */
} map;

static bool is_within(int x, int y) { return x >= 0 && y >= 0 && x < SIDE && y < SIDE; }

/* Whether a pixel, which may lie outside of the map, is at or above the level. */
static bool is_hot(const map *m, int x, int y) {
    return is_within(x, y) && m->heat[y * SIDE + x] >= m->level;
}

/* ---- components ---- */

/* Labels all that hangs together with a pixel. stack has room for every pixel: each comes once. */
static void flood(map *m, uint32_t pixel, uint32_t label, uint32_t *stack) {
    uint32_t depth = 0;
    stack[depth++] = pixel;
    m->label[pixel] = label;
    while (depth) {
        uint32_t at = stack[--depth];
        int x = (int)(at % SIDE), y = (int)(at / SIDE);
        for (int v = y - 1; v <= y + 1; v++)
            for (int u = x - 1; u <= x + 1; u++) {
                if (!is_hot(m, u, v) || m->label[v * SIDE + u]) continue;
                m->label[v * SIDE + u] = label;
                stack[depth++] = (uint32_t)(v * SIDE + u);
            }
    }
}

static bool label_pixels(map *m, fleck_arena *scratch) {
    uint32_t *stack = FLECK_NEW(scratch, uint32_t, PIXELS);
    m->label = FLECK_NEW_ZERO(scratch, uint32_t, PIXELS);
    if (!stack || !m->label) return false;
    for (uint32_t i = 0; i < PIXELS; i++)
        if (m->heat[i] >= m->level && !m->label[i]) flood(m, i, ++m->count, stack);
    return true;
}

static bool find_components(map *m, fleck_arena *scratch) {
    if (!label_pixels(m, scratch)) return false;
    m->found = FLECK_NEW_ZERO(scratch, component, m->count);
    m->member = FLECK_NEW(scratch, uint32_t, PIXELS);
    if (!m->found || !m->member) return false;
    for (uint32_t i = 0; i < PIXELS; i++) {
        if (!m->label[i]) continue;
        component *c = &m->found[m->label[i] - 1];
        if (!c->count++ || m->heat[i] > m->heat[c->peak]) c->peak = i;
        c->heat += m->heat[i];
    }
    for (uint32_t i = 1; i < m->count; i++)
        m->found[i].first = m->found[i - 1].first + m->found[i - 1].count;
    for (uint32_t i = 0; i < m->count; i++) m->found[i].count = 0;
    for (uint32_t i = 0; i < PIXELS; i++) {
        if (!m->label[i]) continue;
        component *c = &m->found[m->label[i] - 1];
        m->member[c->first + c->count++] = i;
    }
    return true;
}

/* ---- contours ---- */

/* Where a contour crosses from a pixel of a region over one of its sides. */
typedef struct {
    int x, y, side;
} crossing;

/* Coordinates in pixels of the map. */
typedef struct {
    double x, y;
} place;

static place centre_of(uint32_t pixel) {
    uint32_t row = pixel / SIDE;
    return (place){pixel % SIDE + 0.5, row + 0.5};
}

/* The crossing that follows, clockwise around the region. Of the four pixels about a corner, two
 * that touch there alone are one region. */
static crossing next(const map *m, crossing c) {
    int ahead = (c.side + 1) % SIDES, behind = (c.side + 3) % SIDES;
    int x = c.x + step_x[ahead], y = c.y + step_y[ahead];
    if (is_hot(m, x + step_x[c.side], y + step_y[c.side]))
        return (crossing){x + step_x[c.side], y + step_y[c.side], behind};
    if (is_hot(m, x, y)) return (crossing){x, y, c.side};
    return (crossing){c.x, c.y, ahead};
}

/* Whether the crossing is at the frame's edge. */
static bool is_edge(crossing c) { return !is_within(c.x + step_x[c.side], c.y + step_y[c.side]); }

static place place_of(const map *m, crossing c) {
    double t = 0.5;
    if (!is_edge(c)) {
        double inside = (double)m->heat[c.y * SIDE + c.x];
        double outside = (double)m->heat[(c.y + step_y[c.side]) * SIDE + c.x + step_x[c.side]];
        t = (inside - (double)m->level) / (inside - outside);
    }
    return (place){c.x + 0.5 + step_x[c.side] * t, c.y + 0.5 + step_y[c.side] * t};
}

/* A contour under way: what it encloses, by the sums over its edges. Places are relative to origin,
 * for the sake of small ones. */
typedef struct {
    place origin, first, last;
    double area, x, y; /* twice the area; its first moments, times 6 */
    place least, most;
    uint32_t count;
} walk;

static void add_edge(walk *w, place a, place b) {
    double cross = a.x * b.y - b.x * a.y;
    w->area += cross;
    w->x += (a.x + b.x) * cross;
    w->y += (a.y + b.y) * cross;
}

/* The photo's pixels that one of the map's stands for, and where the map begins. */
typedef struct {
    double scale_x, scale_y, left, top;
} placement;

static placement placement_of(fleck_frame frame) {
    double share = (double)frame.share;
    return (placement){frame.width * share / SIDE, frame.height * share / SIDE,
                       frame.width * (1 - share) / 2, frame.height * (1 - share) / 2};
}

static fleck_point point_of(placement p, place at) {
    return (fleck_point){(float)(p.left + at.x * p.scale_x), (float)(p.top + at.y * p.scale_y)};
}

/* What is found, and grows. */
typedef struct {
    placement placement;
    fleck_region *region;
    fleck_contour *contour;
    fleck_point *point;
    uint32_t *region_of; /* [PIXELS], or NULL */
    uint32_t count, contours, points;
} results;

static void add_place(results *r, walk *w, place at) {
    place relative = {at.x - w->origin.x, at.y - w->origin.y};
    if (w->count++)
        add_edge(w, w->last, relative);
    else
        w->first = relative;
    w->last = relative;
    if (at.x < w->least.x) w->least.x = at.x;
    if (at.y < w->least.y) w->least.y = at.y;
    if (at.x > w->most.x) w->most.x = at.x;
    if (at.y > w->most.y) w->most.y = at.y;
    r->point[r->points++] = point_of(r->placement, at);
}

/* Follows a contour. Along the frame's edge only its corners are kept: where it comes to the edge,
 * where it leaves it, and those of the frame. */
static void follow(map *m, results *r, walk *w, crossing from) {
    fleck_contour *contour = &r->contour[r->contours++];
    *contour = (fleck_contour){r->points, 0};
    w->count = 0;
    crossing c = from;
    do {
        crossing after = next(m, c);
        m->followed[c.y * SIDE + c.x] |= (uint8_t)(1 << c.side);
        place here = place_of(m, c), there = place_of(m, after);
        if (!is_edge(c)) add_place(r, w, here);
        if (after.x == c.x && after.y == c.y && (is_edge(c) || is_edge(after)))
            add_place(r, w, c.side % 2 ? (place){here.x, there.y} : (place){there.x, here.y});
        c = after;
    } while (c.x != from.x || c.y != from.y || c.side != from.side);
    add_edge(w, w->last, w->first);
    contour->count = r->points - contour->first;
}

/* Takes a component as a region, where it is large enough. Its first pixel is at the top of its
 * outline, so that this comes before the holes. */
static void add_region(map *m, results *r, const component *c, fleck_region_rule rule,
                       double frame_share) {
    uint32_t points = r->points, contours = r->contours;
    place peak = centre_of(c->peak);
    walk w = {.origin = peak, .least = {SIDE, SIDE}};
    for (uint32_t i = 0; i < c->count; i++) {
        crossing top = {(int)(m->member[c->first + i] % SIDE),
                        (int)(m->member[c->first + i] / SIDE), TOP};
        bool followed = m->followed[m->member[c->first + i]] & 1 << TOP;
        if (!followed && !is_hot(m, top.x, top.y - 1)) follow(m, r, &w, top);
    }
    double area = w.area > 0 ? w.area / 2 : 0;
    float share = (float)(area * frame_share * frame_share / PIXELS);
    if (share < rule.smallest_area) {
        r->points = points;
        r->contours = contours;
        return;
    }
    for (uint32_t i = 0; r->region_of && i < c->count; i++)
        r->region_of[m->member[c->first + i]] = r->count + 1;
    const placement *p = &r->placement;
    fleck_point least = point_of(*p, w.least), hottest = point_of(*p, peak);
    place middle = peak;
    if (area > 0) {
        middle.x += w.x / (6 * area);
        middle.y += w.y / (6 * area);
    }
    /* of a sliver the moments are mostly rounding */
    middle.x = middle.x < w.least.x ? w.least.x : middle.x > w.most.x ? w.most.x : middle.x;
    middle.y = middle.y < w.least.y ? w.least.y : middle.y > w.most.y ? w.most.y : middle.y;
    fleck_point centroid = point_of(*p, middle);
    r->region[r->count++] = (fleck_region){
        .left = least.x,
        .top = least.y,
        .width = (float)((w.most.x - w.least.x) * p->scale_x),
        .height = (float)((w.most.y - w.least.y) * p->scale_y),
        .area = (float)(area * p->scale_x * p->scale_y),
        .share = share,
        .centroid_x = centroid.x,
        .centroid_y = centroid.y,
        .peak = m->heat[c->peak],
        .mean = (float)(c->heat / c->count),
        .peak_x = hottest.x,
        .peak_y = hottest.y,
        .first_contour = contours,
        .contour_count = r->contours - contours,
    };
}

/* ---- all of them ---- */

/* What components are sorted by. */
typedef struct {
    float heat;
    uint32_t peak, index;
} rank;

static int by_peak(const void *a, const void *b) {
    const rank *x = a, *y = b;
    if (x->heat != y->heat) return x->heat < y->heat ? 1 : -1;
    return (x->peak > y->peak) - (x->peak < y->peak);
}

static rank *ranks_of(const map *m, fleck_arena *scratch) {
    rank *ranks = FLECK_NEW(scratch, rank, m->count);
    if (!ranks) return NULL;
    for (uint32_t i = 0; i < m->count; i++)
        ranks[i] = (rank){m->heat[m->found[i].peak], m->found[i].peak, i};
    if (m->count) qsort(ranks, m->count, sizeof *ranks, by_peak);
    return ranks;
}

/* At most so many points, and contours: of each crossing one, at the frame's edge two. A contour
 * has the top side of a pixel, at least. */
static void bounds_of(const map *m, uint32_t *points, uint32_t *contours) {
    *points = *contours = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int side = 0; is_hot(m, x, y) && side < SIDES; side++) {
                if (is_hot(m, x + step_x[side], y + step_y[side])) continue;
                *points += 1 + is_edge((crossing){x, y, side});
                *contours += side == TOP;
            }
}

bool fleck_regions_find(fleck_arena *arena, fleck_arena *scratch, const float *heat,
                        fleck_region_rule rule, fleck_frame frame, fleck_regions *out,
                        uint32_t *region_of) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    map m = {.heat = heat, .level = rule.level};
    uint32_t points, contours;
    if (!find_components(&m, scratch)) return false;
    bounds_of(&m, &points, &contours);
    m.followed = FLECK_NEW_ZERO(scratch, uint8_t, PIXELS);
    const rank *ranks = ranks_of(&m, scratch);
    results r = {.placement = placement_of(frame),
                 .region = FLECK_NEW(arena, fleck_region, m.count),
                 .contour = FLECK_NEW(arena, fleck_contour, contours),
                 .point = FLECK_NEW(arena, fleck_point, points),
                 .region_of = region_of};
    if (!m.followed || !ranks || !r.region || !r.contour || !r.point) return false;
    if (region_of) memset(region_of, 0, PIXELS * sizeof *region_of);
    for (uint32_t i = 0; i < m.count; i++)
        add_region(&m, &r, &m.found[ranks[i].index], rule, (double)frame.share);
    *out = (fleck_regions){r.count, r.contours, r.points, r.region, r.contour, r.point};
    fleck_arena_reset(scratch, mark);
    return true;
}
