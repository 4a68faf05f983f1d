/* Groups of regions against SciPy, and what must hold for any: the order of the photos, threads and
 * kernels change nothing. */
#include "check.h"
#include "compute_of.h"
#include "golden.h"
#include "groups.h"
#include "half.h"
#include "regions.h"
#include "rng.h"

enum { SIDE = FLECK_HEAT, PIXELS = SIDE * SIDE };
static const float level = 0.5f, ordinary = 0.3f;

/* ---- golden ---- */

static void check_linkage(golden *g, uint32_t points) {
    fleck_arena scratch = {0};
    float *distance = golden_get(g, NULL, "distance_%u", points);
    const float *want = golden_get(g, NULL, "roots_%u", points);
    uint32_t *root = FLECK_NEW(&scratch, uint32_t, points);
    CHECK(root && fleck_groups_link(&scratch, distance, points, 0.45f, root));
    for (uint32_t i = 0; root && i < points; i++) CHECK((float)root[i] == want[i]);
    fleck_arena_free(&scratch);
}

/* ---- photos ---- */

/* Photos of square patches, the heat of each patch alike. */
typedef struct {
    fleck_arena arena;
    uint32_t count, side; /* of the grid */
    size_t D;
    fleck_half *patch; /* [count, side * side, D] */
    float *heat;       /* [count, side, side] */
} photos;

static photos photos_make(uint32_t count, uint32_t side, size_t D) {
    photos p = {.count = count, .side = side, .D = D};
    p.patch = FLECK_NEW_ZERO(&p.arena, fleck_half, count, side, side, D);
    p.heat = FLECK_NEW_ZERO(&p.arena, float, count, side, side);
    if (!p.patch || !p.heat) exit(1);
    return p;
}

static void put_patch(photos *p, uint32_t photo, uint32_t place, const float *values) {
    size_t at = (size_t)photo * p->side * p->side + place;
    fleck_half_narrow(values, p->D, p->patch + at * p->D);
}

/* Adds a photo; of how many regions. */
static uint32_t add(const photos *p, uint32_t photo, fleck_grid grid, fleck_grouping *grouping,
                    fleck_arena *arena, const fleck_compute *compute) {
    static float heat[PIXELS];
    static uint32_t region_of[PIXELS];
    size_t patches = (size_t)p->side * p->side;
    fleck_regions regions;
    for (uint32_t i = 0; i < PIXELS; i++)
        heat[i] = p->heat[photo * patches + i / SIDE * p->side / SIDE * p->side +
                          i % SIDE * p->side / SIDE];
    fleck_arena found = {0};
    CHECK(fleck_regions_find(&found, compute->scratch, heat, (fleck_region_rule){level, 0},
                             (fleck_frame){SIDE, SIDE, 1}, &regions, region_of));
    if (regions.count)
        CHECK(fleck_grouping_add(grouping, arena, compute,
                                 &(fleck_grouping_source){grid, p->patch + photo * patches * p->D,
                                                          heat, ordinary, SIDE, SIDE, regions.count,
                                                          region_of}));
    fleck_arena_free(&found);
    return regions.count;
}

/* Groups the photos' regions in an order (NULL: as they are); group receives those of each photo
 * one after the other, in the order of the photos. */
static fleck_groups find(const photos *p, const uint32_t *order, fleck_grid grid,
                         const char *kernels, uint32_t threads, uint32_t *group) {
    fleck_arena arena = {0}, scratch = {0};
    fleck_compute compute = compute_make(&scratch, kernels, threads);
    fleck_grouping grouping;
    fleck_groups groups = {0};
    uint32_t *first = FLECK_NEW_ZERO(&arena, uint32_t, p->count + 1), at = 0;
    CHECK(first && fleck_grouping_begin(&arena, p->D, &grouping));
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t photo = order ? order[i] : i;
        first[photo + 1] = add(p, photo, grid, &grouping, &arena, &compute);
    }
    for (uint32_t i = 0; i < p->count; i++) first[i + 1] += first[i];
    CHECK(fleck_grouping_find(&grouping, &arena, &compute, &groups));
    CHECK(groups.regions == first[p->count]);
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t photo = order ? order[i] : i;
        for (uint32_t k = first[photo]; k < first[photo + 1]; k++) group[k] = groups.group[at++];
    }
    for (uint32_t k = 0; k < groups.count; k++)
        CHECK(groups.typical[k] < groups.regions && groups.group[groups.typical[k]] == k);
    uint32_t sum = 0;
    for (uint32_t k = 0; k < groups.count; k++) {
        CHECK(groups.size[k] && (!k || groups.size[k] <= groups.size[k - 1]));
        uint32_t of_it = 0;
        for (uint32_t i = 0; i < groups.regions; i++) of_it += group[i] == k;
        CHECK(of_it == groups.size[k]);
        sum += groups.size[k];
    }
    CHECK(sum == groups.regions);
    fleck_arena_free(&arena);
    compute_free(&compute);
    return groups;
}

static fleck_grid whole(const photos *p) {
    return (fleck_grid){.rows = p->side, .columns = p->side};
}

/* Whatever the order, the kernels and the threads, the groups are these. */
static void check_orders(const photos *p, fleck_grid grid, const uint32_t *want, uint32_t regions) {
    fleck_rng rng = fleck_rng_seed(3);
    uint32_t *order = malloc(p->count * sizeof *order), *got = malloc(regions * sizeof *got);
    if (!order || !got) exit(1);
    for (int run = 0; run < 4; run++) {
        for (uint32_t i = 0; i < p->count; i++) order[i] = run == 1 ? p->count - 1 - i : i;
        if (run > 1) fleck_rng_permutation(&rng, order, p->count);
        fleck_groups groups =
            find(p, order, grid, run == 3 ? "scalar" : NULL, (uint32_t)run + 1, got);
        CHECK(groups.regions == regions && !memcmp(got, want, regions * sizeof *got));
    }
    free(order);
    free(got);
}

static void check_golden(golden *g) {
    enum { PHOTOS = 40, GRID = 8, D = 12 };
    size_t n, regions;
    photos p = photos_make(PHOTOS, GRID, D);
    const float *patch = golden_get(g, &n, "patch");
    CHECK(n == PHOTOS * GRID * GRID * D);
    fleck_half_narrow(patch, n, p.patch);
    memcpy(p.heat, golden_get(g, NULL, "heat"), PHOTOS * GRID * GRID * sizeof *p.heat);
    const float *group = golden_get(g, &regions, "group");
    uint32_t want[256];
    CHECK(regions <= LEN(want));
    for (size_t i = 0; i < regions; i++) want[i] = (uint32_t)group[i];
    check_orders(&p, whole(&p), want, (uint32_t)regions);
    fleck_arena_free(&p.arena);
}

/* ---- made-up photos ---- */

enum { KINDS = 3, EACH_MAX = 64 };

/* Every other patch of every other row has a defect, up to each a photo, of which kind of says;
 * those of a kind look alike. */
static photos defects(uint32_t count, uint32_t side, size_t D, uint32_t each,
                      uint32_t (*kind_of)(uint32_t)) {
    fleck_rng rng = fleck_rng_seed(D);
    photos p = photos_make(count, side, D);
    float values[64];
    uint32_t number = 0;
    for (uint32_t photo = 0; photo < count; photo++)
        for (uint32_t place = 0, done = 0; place < side * side; place++) {
            for (size_t d = 0; d < D; d++) values[d] = fleck_rng_normal(&rng) + (float)photo;
            if (place % side % 2 && place / side % 2 && done < each) {
                uint32_t kind = kind_of(number++);
                done++;
                for (size_t d = 0; d < D; d++)
                    values[d] += d % KINDS == kind % KINDS ? kind < KINDS ? 40 : -40 : 0;
                p.heat[(size_t)photo * side * side + place] =
                    0.95f - (float)place / 1000; /* falling: in this order */
            }
            put_patch(&p, photo, place, values);
        }
    return p;
}

static uint32_t by_sixths(uint32_t i) { return i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2; }

static void test_lanes(void) {
    static const size_t sizes[] = {3, 4, 5, 8, 9, 31, 33};
    uint32_t group[36], same = 0;
    for (size_t s = 0; s < LEN(sizes); s++) {
        photos p = defects(12, 6, sizes[s], 3, by_sixths);
        fleck_groups groups = find(&p, NULL, whole(&p), NULL, 1, group);
        CHECK(groups.regions == 36 && groups.count == 3);
        for (uint32_t i = 0; i < 36; i++)
            for (uint32_t j = 0; j < i; j++) same += group[i] == group[j];
        check_orders(&p, whole(&p), group, 36);
        fleck_arena_free(&p.arena);
    }
    CHECK(same == LEN(sizes) * (18 * 17 + 12 * 11 + 6 * 5) / 2);
}

/* A single value tells defects by their sign alone. */
static uint32_t bright_or_dark(uint32_t i) { return i % 3 ? 0 : KINDS; }

static void test_one_value(void) {
    uint32_t group[12];
    photos p = defects(4, 6, 1, 3, bright_or_dark);
    fleck_groups groups = find(&p, NULL, whole(&p), NULL, 1, group);
    CHECK(groups.count == 2);
    for (uint32_t i = 0; i < 12; i++) CHECK(group[i] == !(i % 3));
    fleck_arena_free(&p.arena);
}

static uint32_t all_alike(uint32_t i) { return i & 0; }
static uint32_t but_one(uint32_t i) { return i == 7 ? KINDS + 1 : 0; }

static void test_one_and_single(void) {
    uint32_t group[30];
    photos p = defects(10, 6, 9, 3, all_alike);
    CHECK(find(&p, NULL, whole(&p), NULL, 1, group).count == 1);
    fleck_arena_free(&p.arena);
    p = defects(10, 6, 9, 3, but_one);
    CHECK(find(&p, NULL, whole(&p), NULL, 1, group).count == 2);
    for (uint32_t i = 0; i < 30; i++) CHECK(group[i] == (i == 7));
    fleck_arena_free(&p.arena);
    p = defects(1, 6, 9, 1, all_alike);
    fleck_groups groups = find(&p, NULL, whole(&p), NULL, 1, group);
    CHECK(groups.count == 1 && groups.regions == 1 && !group[0]);
    fleck_arena_free(&p.arena);
}

static void test_none(void) {
    uint32_t group[1];
    photos p = photos_make(2, 4, 5);
    fleck_groups groups = find(&p, NULL, whole(&p), NULL, 1, group);
    CHECK(!groups.count && !groups.regions);
    fleck_arena_free(&p.arena);
}

/* Photos on which nothing varies, and one that is hot everywhere. */
static void test_flat(void) {
    uint32_t group[3];
    photos p = photos_make(3, 4, 5);
    p.heat[5] = p.heat[16 + 6] = 1;
    for (uint32_t i = 32; i < 48; i++) p.heat[i] = 0.75f;
    fleck_groups groups = find(&p, NULL, whole(&p), NULL, 1, group);
    CHECK(groups.regions == 3);
    check_orders(&p, whole(&p), group, 3);
    fleck_arena_free(&p.arena);
}

/* The same photo twice: its regions are in the same group. */
static void test_twice(void) {
    uint32_t group[12];
    photos p = defects(4, 6, 9, 3, by_sixths);
    memcpy(p.patch + 2 * 36 * 9, p.patch, 36 * 9 * sizeof *p.patch);
    memcpy(p.heat + 2 * 36, p.heat, 36 * sizeof *p.heat);
    find(&p, NULL, whole(&p), NULL, 1, group);
    CHECK(!memcmp(group, group + 6, 3 * sizeof *group));
    check_orders(&p, whole(&p), group, 12);
    fleck_arena_free(&p.arena);
}

/* More than are linked: the others join the group that they look like. */
static void test_many(void) {
    enum { PHOTOS = 36, REGIONS = PHOTOS * EACH_MAX };
    static uint32_t group[REGIONS];
    photos p = defects(PHOTOS, 16, 6, EACH_MAX, by_sixths);
    fleck_groups groups = find(&p, NULL, whole(&p), NULL, 1, group);
    CHECK(groups.regions == REGIONS && groups.regions > FLECK_GROUPING_LINKED);
    CHECK(groups.count == 3);
    uint32_t size[3] = {0};
    for (uint32_t i = 0; i < REGIONS; i++) size[group[i] % 3]++;
    CHECK(size[0] == REGIONS / 2 && size[1] == REGIONS / 3 && size[2] == REGIONS / 6);
    check_orders(&p, whole(&p), group, REGIONS);
    fleck_arena_free(&p.arena);
}

/* What lies outside of an area has no say. */
static void test_area(void) {
    enum { SIDES = 6, PLACES = SIDES * SIDES, INSIDE = 30, D = 9 };
    uint32_t order[PLACES], want[36], got[36], at = 0;
    fleck_grid grid = {.rows = SIDES, .columns = SIDES, .order = order, .inside = INSIDE};
    for (uint32_t i = 0; i < PLACES; i++) /* all but the first column, then this */
        if (i % SIDES) order[at++] = i;
    for (uint32_t i = 0; i < PLACES; i += SIDES) order[at++] = i;
    photos p = defects(12, SIDES, D, 3, by_sixths), inner = photos_make(12, SIDES, D);
    memcpy(inner.heat, p.heat, sizeof(float) * 12 * PLACES);
    for (size_t i = 0; i < 12 * PLACES; i++)
        memcpy(inner.patch + i * D, p.patch + (i / PLACES * PLACES + order[i % PLACES]) * D,
               D * sizeof *p.patch);
    CHECK(find(&inner, NULL, grid, NULL, 1, want).count == 3);
    for (size_t i = 0; i < 12 * PLACES; i++)
        if (i % PLACES >= INSIDE) memset(inner.patch + i * D, 0x7b, D * sizeof *p.patch);
    find(&inner, NULL, grid, NULL, 1, got);
    CHECK(!memcmp(got, want, sizeof want));
    fleck_arena_free(&p.arena);
    fleck_arena_free(&inner.arena);
}

/* Five defects in a row, from one leaning one way to one leaning the other: the middle one is
 * typical, whenever it is added. */
static void test_typical(void) {
    enum { COUNT = 5, PLACE = 7, D = 9 };
    photos p = defects(COUNT, 6, D, 1, all_alike);
    for (uint32_t i = 0; i < COUNT; i++) {
        float values[D];
        for (size_t d = 0; d < D; d++) values[d] = (float)i + (d % KINDS ? 0 : 40);
        values[1] += 10 * ((float)i - 2);
        put_patch(&p, i, PLACE, values);
    }
    for (uint32_t first = 0; first < COUNT; first++) {
        fleck_arena arena = {0}, scratch = {0};
        fleck_compute compute = compute_make(&scratch, NULL, 1);
        fleck_grouping grouping;
        fleck_groups groups = {0};
        CHECK(fleck_grouping_begin(&arena, D, &grouping));
        for (uint32_t i = 0; i < COUNT; i++)
            CHECK(add(&p, (first + i) % COUNT, whole(&p), &grouping, &arena, &compute) == 1);
        CHECK(fleck_grouping_find(&grouping, &arena, &compute, &groups));
        CHECK(groups.count == 1 && (first + groups.typical[0]) % COUNT == 2);
        fleck_arena_free(&arena);
        compute_free(&compute);
    }
    fleck_arena_free(&p.arena);
}

int main(void) {
    golden g = golden_open("groups.safetensors");
    static const uint32_t points[] = {1, 2, 3, 8, 57};
    for (size_t i = 0; i < LEN(points); i++) check_linkage(&g, points[i]);
    check_golden(&g);
    golden_close(&g);
    test_lanes();
    test_one_value();
    test_one_and_single();
    test_typical();
    test_none();
    test_flat();
    test_twice();
    test_many();
    test_area();
    return check_done();
}
