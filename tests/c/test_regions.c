/* Regions against scikit-image, and what must hold for any heatmap. */
#include "check.h"
#include "golden.h"
#include "regions.h"
#include "rng.h"

enum { SIDE = FLECK_HEAT, PIXELS = SIDE * SIDE };

static const fleck_frame whole = {SIDE, SIDE, 1}; /* a pixel of the map is one of the photo */

typedef struct {
    fleck_arena arena, scratch;
    fleck_regions regions;
    uint32_t region_of[PIXELS];
} found;

static found find(const float *heat, float level, float smallest, fleck_frame frame) {
    found f = {0};
    CHECK(fleck_regions_find(&f.arena, &f.scratch, heat, (fleck_region_rule){level, smallest},
                             frame, &f.regions, f.region_of));
    return f;
}

static void found_free(found *f) {
    fleck_arena_free(&f->arena);
    fleck_arena_free(&f->scratch);
}

/* ---- golden ---- */

static double distance_to_edge(double x, double y, fleck_point a, fleck_point b) {
    double dx = (double)b.x - (double)a.x, dy = (double)b.y - (double)a.y,
           length = dx * dx + dy * dy, t = 0;
    if (length > 0) t = ((x - (double)a.x) * dx + (y - (double)a.y) * dy) / length;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - (double)a.x - t * dx, y - (double)a.y - t * dy);
}

/* How far a point is from a region's contours. */
static double distance_to(const fleck_regions *r, const fleck_region *region, double x, double y) {
    double least = INFINITY;
    for (uint32_t c = 0; c < region->contour_count; c++) {
        fleck_contour line = r->contour[region->first_contour + c];
        const fleck_point *p = r->point + line.first;
        for (uint32_t i = 0; i < line.count; i++)
            least = fmin(least, distance_to_edge(x, y, p[i], p[(i + 1) % line.count]));
    }
    return least;
}

static void check_golden(golden *g, const char *name) {
    enum { COLUMNS = 10 };
    static float heat[PIXELS];
    size_t n, count, points;
    const float *part = golden_get(g, &n, "heat_%s", name),
                *at = golden_get(g, NULL, "at_%s", name);
    const float *want = golden_get(g, &count, "regions_%s", name);
    const float *line = golden_get(g, &points, "contour_%s", name);
    size_t side = (size_t)(sqrt((double)n) + 0.5);
    memset(heat, 0, sizeof heat);
    for (size_t y = 0; y < side; y++)
        memcpy(heat + ((size_t)at[0] + y) * SIDE + (size_t)at[1], part + y * side,
               side * sizeof *heat);
    found f = find(heat, at[2], 0, whole);
    const fleck_regions *r = &f.regions;
    CHECK(r->count == count / COLUMNS);
    for (size_t i = 0; i < r->count; i++, want += COLUMNS) {
        const fleck_region *region = &r->region[i];
        CHECK(region->peak == want[0]);
        CHECK(f.region_of[(size_t)want[2] * SIDE + (size_t)want[3]] == i + 1);
        CHECK_NEAR(region->mean, want[1], 1e-6);
        CHECK(region->peak_y == want[2] + 0.5f && region->peak_x == want[3] + 0.5f);
        CHECK((float)region->contour_count == want[4]);
        CHECK_NEAR(region->area, want[5], 1e-3);
        CHECK_NEAR(region->centroid_x, want[6], 1e-3);
        CHECK_NEAR(region->centroid_y, want[7], 1e-3);
        CHECK_NEAR(region->width, want[8], 1e-4);
        CHECK_NEAR(region->height, want[9], 1e-4);
    }
    /* each point of theirs lies on our lines */
    for (size_t i = 0; i < points / 3; i++, line += 3)
        CHECK_NEAR(distance_to(r, &r->region[(size_t)line[2]], (double)line[0], (double)line[1]), 0,
                   1e-4);
    found_free(&f);
}

/* ---- shapes by hand ---- */

/* A map of 0, but for what rows say from (x, y) on: '#' is 1, digits are tenths. */
static const float *draw(int x, int y, const char *const *rows, size_t count) {
    static float heat[PIXELS];
    memset(heat, 0, sizeof heat);
    for (size_t v = 0; v < count; v++)
        for (size_t u = 0; rows[v][u]; u++) {
            char c = rows[v][u];
            float value = c == '#' ? 1 : c >= '0' && c <= '9' ? (float)(c - '0') / 10 : 0;
            heat[((size_t)y + v) * SIDE + (size_t)x + u] = value;
        }
    return heat;
}
#define DRAW(x, y, ...)                                                                            \
    draw(x, y, (const char *const[]){__VA_ARGS__}, LEN(((const char *const[]){__VA_ARGS__})))

/* Twice the area to the right of a contour. */
static double area_of(const fleck_regions *r, fleck_contour line) {
    const fleck_point *p = r->point + line.first;
    double sum = 0;
    for (uint32_t i = 0; i < line.count; i++) {
        fleck_point a = p[i], b = p[(i + 1) % line.count];
        sum += (double)a.x * (double)b.y - (double)b.x * (double)a.y;
    }
    return sum / 2;
}

static void test_none_and_all(void) {
    static float heat[PIXELS];
    found f = find(heat, 0.5f, 0, whole);
    CHECK(!f.regions.count && !f.regions.contour_count && !f.regions.point_count);
    for (size_t i = 0; i < PIXELS; i++) CHECK(!f.region_of[i]);
    found_free(&f);
    for (size_t i = 0; i < PIXELS; i++) heat[i] = 0.5f; /* the level itself belongs to it */
    f = find(heat, 0.5f, 0, (fleck_frame){400, 300, 1});
    const fleck_region *r = f.regions.region;
    CHECK(f.regions.count == 1 && f.regions.contour_count == 1 && f.regions.point_count == 4);
    CHECK(r->left == 0 && r->top == 0 && r->width == 400 && r->height == 300);
    CHECK(r->area == 120000 && r->share == 1 && r->centroid_x == 200 && r->centroid_y == 150);
    CHECK(r->peak == 0.5f && r->mean == 0.5f);
    /* equal ones: the first pixel */
    CHECK_NEAR(r->peak_x, 400.0 / SIDE / 2, 1e-6);
    CHECK_NEAR(r->peak_y, 300.0 / SIDE / 2, 1e-6);
    found_free(&f);
}

/* One pixel: lines from it to its neighbours cross the level where their heat does. */
static void test_pixel(void) {
    const float *heat = DRAW(10, 20, "#");
    found f = find(heat, 0.75f, 0, whole);
    const fleck_region *r = f.regions.region;
    CHECK(f.regions.count == 1 && f.regions.point_count == 4);
    CHECK(f.regions.point[0].x == 10.5f && f.regions.point[0].y == 20.25f);
    CHECK(f.regions.point[1].x == 10.75f && f.regions.point[1].y == 20.5f);
    CHECK(r->area == 0.125f && r->left == 10.25f && r->width == 0.5f);
    CHECK(r->centroid_x == 10.5f && r->centroid_y == 20.5f);
    found_free(&f);
    /* as hot as the level: a point, and a region all the same */
    f = find(heat, 1, 0, whole);
    r = f.regions.region;
    CHECK(f.regions.count == 1 && r->area == 0 && r->share == 0 && r->peak == 1 && r->mean == 1);
    CHECK(r->left == 10.5f && r->top == 20.5f && r->width == 0 && r->height == 0);
    CHECK(r->centroid_x == 10.5f && r->centroid_y == 20.5f);
    found_free(&f);
    f = find(heat, 1, 1e-6f, whole);
    CHECK(!f.regions.count && !f.regions.contour_count && !f.regions.point_count);
    found_free(&f);
}

/* Pixels that touch at a corner are one region; what is colder does not touch there. */
static void test_corners(void) {
    found f = find(DRAW(5, 5, "#..", ".#.", "..#"), 0.5f, 0, whole);
    CHECK(f.regions.count == 1 && f.regions.contour_count == 1);
    found_free(&f);
    f = find(DRAW(5, 5, "..#", ".#.", "#.."), 0.5f, 0, whole);
    CHECK(f.regions.count == 1 && f.regions.contour_count == 1);
    found_free(&f);
    f = find(DRAW(5, 5, "####", "#.##", "##.#", "####"), 0.5f, 0, whole);
    CHECK(f.regions.count == 1 && f.regions.contour_count == 3);
    CHECK(area_of(&f.regions, f.regions.contour[0]) > 0);
    CHECK(area_of(&f.regions, f.regions.contour[1]) < 0);
    CHECK(area_of(&f.regions, f.regions.contour[2]) < 0);
    double sum = 0;
    for (uint32_t i = 0; i < 3; i++) sum += area_of(&f.regions, f.regions.contour[i]);
    CHECK_NEAR(f.regions.region->area, sum, 1e-4);
    found_free(&f);
    /* a ring of four that touch at corners has a hole; an island in a ring is a region of its own
     */
    f = find(DRAW(5, 5, ".#.", "#.#", ".#."), 0.5f, 0, whole);
    CHECK(f.regions.count == 1 && f.regions.contour_count == 2);
    found_free(&f);
    f = find(DRAW(5, 5, "#####", "#...#", "#.9.#", "#...#", "#####"), 0.5f, 0, whole);
    CHECK(f.regions.count == 2 && f.regions.contour_count == 3);
    CHECK(f.regions.region[0].contour_count == 2 && f.regions.region[1].contour_count == 1);
    CHECK(f.regions.region[1].peak == 0.9f && f.regions.region[1].first_contour == 2);
    CHECK_NEAR(f.regions.region[0].centroid_x, 7.5, 1e-6);
    found_free(&f);
}

/* At the frame's edge a region ends at the edge, with right angles. */
static void test_borders(void) {
    for (int corner = 0; corner < 4; corner++) {
        int x = corner % 2 ? SIDE - 2 : 0, y = corner / 2 ? SIDE - 2 : 0;
        found f = find(DRAW(x, y, "##", "##"), 0.5f, 0, whole);
        const fleck_region *r = f.regions.region;
        CHECK(f.regions.count == 1 && f.regions.contour_count == 1);
        CHECK(r->left == (x ? SIDE - 2 : 0) && r->width == 2 && r->top == (y ? SIDE - 2 : 0));
        CHECK(r->area == 4 - 0.125f); /* the inner corner is cut */
        found_free(&f);
    }
    found f = find(DRAW(0, 100, "#"), 0.5f, 0, whole); /* halfway to its neighbours, and the edge */
    CHECK(f.regions.region->area == 0.75f && f.regions.region->left == 0);
    found_free(&f);
}

/* By peak, then from top to bottom and left to right; small ones are left out. */
static void test_order(void) {
    const float *heat = DRAW(3, 3, "7...8...7", ".........", "7..999...", "...999...", "9......9.");
    static const float peak_x[] = {6, 3, 10, 7, 3, 11, 3}, peak_y[] = {5, 7, 7, 3, 3, 3, 5};
    found f = find(heat, 0.5f, 0, whole);
    CHECK(f.regions.count == LEN(peak_x));
    for (size_t i = 0; i < f.regions.count && i < LEN(peak_x); i++) {
        CHECK(f.regions.region[i].peak_x == peak_x[i] + 0.5f);
        CHECK(f.regions.region[i].peak_y == peak_y[i] + 0.5f);
    }
    float largest = f.regions.region[0].share, second = f.regions.region[1].share;
    found_free(&f);
    CHECK(largest > second);
    f = find(heat, 0.5f, largest, whole); /* as large as the smallest: counts */
    CHECK(f.regions.count == 1 && f.regions.region->share == largest);
    CHECK(f.regions.contour_count == 1 && f.regions.region->first_contour == 0);
    found_free(&f);
    f = find(heat, 0.5f, nextafterf(largest, 1), whole);
    CHECK(!f.regions.count);
    found_free(&f);
    f = find(heat, 0.5f, second, whole);
    CHECK(f.regions.count == 3);
    found_free(&f);
}

/* The map covers a centred part of the photo, of any shape. */
static void test_frame(void) {
    const float *heat = DRAW(111, 111, "##", "##");
    found map = find(heat, 0.5f, 0, whole);
    found photo = find(heat, 0.5f, 0, (fleck_frame){4480, 2240, 0.875f});
    const fleck_region *a = map.regions.region, *b = photo.regions.region;
    CHECK(b->centroid_x == 2240 && b->centroid_y == 1120);
    CHECK(b->width == a->width * 17.5f && b->height == a->height * 8.75f);
    CHECK_NEAR(b->area, a->area * 17.5f * 8.75f, 1e-3);
    CHECK_NEAR(b->share, b->area / (4480 * 2240.0f), 1e-9);
    CHECK(b->left == 280 + a->left * 17.5f && b->top == 140 + a->top * 8.75f);
    found_free(&map);
    found_free(&photo);
    /* the largest photos, of any shape */
    photo = find(heat, 0.5f, 0, (fleck_frame){FLECK_PIXELS_MAX, 1, 1});
    CHECK_NEAR(photo.regions.region->area / FLECK_PIXELS_MAX, photo.regions.region->share, 1e-9);
    found_free(&photo);
}

/* ---- any map ---- */

/* Whether a place is in the regions, by the rule that polygons are filled with (even-odd). */
static bool is_in(const fleck_regions *r, double x, double y) {
    bool in = false;
    for (uint32_t c = 0; c < r->contour_count; c++) {
        const fleck_point *p = r->point + r->contour[c].first;
        uint32_t n = r->contour[c].count;
        for (uint32_t i = 0; i < n; i++) {
            double ax = (double)p[i].x, ay = (double)p[i].y;
            double bx = (double)p[(i + 1) % n].x, by = (double)p[(i + 1) % n].y;
            if ((ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)) in = !in;
        }
    }
    return in;
}

/* What holds for all of them: a region where there is heat, contours that part what reaches the
 * level from what does not, sums that agree. */
static void check_any(const float *heat, float level, bool sampled) {
    found f = find(heat, level, 0, whole);
    const fleck_regions *r = &f.regions;
    float hottest = 0;
    for (size_t i = 0; i < PIXELS; i++) hottest = heat[i] > hottest ? heat[i] : hottest;
    CHECK((r->count > 0) == (hottest >= level));
    CHECK(!r->count || r->region[0].peak == hottest);
    for (size_t i = 0; i < PIXELS; i += sampled ? 97 : 1)
        CHECK(is_in(r, (double)(i % SIDE) + 0.5, (double)(i / SIDE) + 0.5) == (heat[i] >= level));
    uint32_t contours = 0, points = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        const fleck_region *a = &r->region[i];
        CHECK(a->first_contour == contours && a->contour_count);
        CHECK(a->peak >= a->mean && a->mean >= level);
        CHECK(!i || a->peak <= r->region[i - 1].peak);
        CHECK(a->area >= 0 && a->left >= 0 && a->top >= 0 && a->left + a->width <= SIDE);
        CHECK(a->centroid_x >= a->left && a->centroid_x <= a->left + a->width);
        double area = 0;
        for (uint32_t c = 0; c < a->contour_count; c++, contours++) {
            fleck_contour line = r->contour[contours];
            CHECK(line.first == points && line.count >= 4);
            CHECK(c ? area_of(r, line) <= 1e-4 : area_of(r, line) >= -1e-4);
            points += line.count;
            area += area_of(r, line);
        }
        CHECK_NEAR(a->area, area, 2e-3 + 1e-5 * area);
    }
    CHECK(contours == r->contour_count && points == r->point_count);
    CHECK(sizeof *r->region * r->count + sizeof *r->contour * contours + sizeof *r->point * points <
          2u << 20);
    found_free(&f);
}

static void test_any(void) {
    static float heat[PIXELS];
    fleck_rng rng = fleck_rng_seed(5);
    for (int coarse = 1; coarse <= 32; coarse *= 2) {
        for (size_t i = 0; i < PIXELS; i++) { /* squares of equal heat, and noise */
            size_t corner = i / SIDE / (size_t)coarse * (size_t)coarse * SIDE +
                            i % SIDE / (size_t)coarse * (size_t)coarse;
            float noise = fleck_rng_uniform(&rng);
            heat[i] = i == corner ? noise : 0.9f * heat[corner] + 0.1f * noise;
        }
        check_any(heat, coarse == 1 ? 0.9f : 0.5f, true);
    }
    /* as many regions as there can be, each a point; then all of them one, of as many holes */
    for (size_t i = 0; i < PIXELS; i++) heat[i] = i / SIDE % 2 == 0 && i % SIDE % 2 == 0;
    check_any(heat, 0.5f, true);
    found f = find(heat, 0.5f, 0, whole);
    CHECK(f.regions.count == PIXELS / 4);
    found_free(&f);
    for (size_t i = 0; i < PIXELS; i++) heat[i] = (i / SIDE + i % SIDE) % 2 == 0;
    check_any(heat, 0.5f, true);
    f = find(heat, 0.5f, 0, whole);
    CHECK(f.regions.count == 1 && f.regions.point_count > PIXELS);
    found_free(&f);
    for (size_t i = 0; i < PIXELS; i++) heat[i] = 0.25f + (float)(i % SIDE) / 500;
    check_any(heat, 0.3f, false); /* half of the frame */
}

int main(void) {
    static const char *const names[] = {"blobs", "corner", "noise", "rings", "all"};
    golden g = golden_open("regions.safetensors");
    for (size_t i = 0; i < LEN(names); i++) check_golden(&g, names[i]);
    golden_close(&g);
    test_none_and_all();
    test_pixel();
    test_corners();
    test_borders();
    test_order();
    test_frame();
    test_any();
    return check_done();
}
