/* The area of interest: what polygons and masks cover, which patches count, and that no other has
 * any influence, whatever the method. */
#include "area.h"
#include "check.h"
#include "compute_of.h"
#include "embedding.h"
#include "fleck.h"
#include "golden.h"
#include "half.h"
#include "hash.h"
#include "heatmap.h"
#include "learner.h"
#include "rng.h"

#include <string.h>

/* ---- what is covered, against scikit-image ---- */

/* bits: [FLECK_HEAT, FLECK_HEAT / 16], 16 pixels in each. */
static void check_pixels(const fleck_area_map *area, const float *bits) {
    uint32_t wrong = 0;
    for (size_t y = 0; y < FLECK_HEAT; y++)
        for (size_t x = 0; x < FLECK_HEAT; x++)
            wrong += fleck_area_has(area, x, y) !=
                     ((uint32_t)bits[y * FLECK_HEAT / 16 + x / 16] >> x % 16 & 1);
    CHECK(!wrong);
}

static void golden_area(golden *g, unsigned number, fleck_area_map *out) {
    size_t n, polygons;
    const float *setup = golden_get(g, NULL, "setup_%u", number);
    const float *corner = golden_get(g, &n, "points_%u", number);
    const float *listed = golden_get(g, &polygons, "counts_%u", number);
    fleck_point *points = FLECK_NEW(&g->arena, fleck_point, n / 2);
    uint32_t *counts = FLECK_NEW(&g->arena, uint32_t, polygons);
    fleck_message err = {""};
    for (size_t i = 0; i < n / 2; i++) points[i] = (fleck_point){corner[2 * i], corner[2 * i + 1]};
    for (size_t i = 0; i < polygons; i++) counts[i] = (uint32_t)listed[i];
    CHECK(!fleck_area_of_polygons(points, counts, (uint32_t)setup[0], (uint32_t)setup[1], setup[2],
                                  out, &err));
}

static void check_inside(golden *g, const fleck_area_map *area, uint32_t rows, uint32_t columns) {
    const float *want = golden_get(g, NULL, "inside_%ux%u", rows, columns);
    fleck_grid grid = {.rows = rows, .columns = columns};
    fleck_message err;
    uint32_t wrong = 0, inside = 0;
    CHECK(!fleck_area_grid(&g->arena, area, &grid, &err));
    for (uint32_t i = 0; i < rows * columns; i++) inside += want[i] > 0;
    CHECK(grid.inside == inside && fleck_grid_patches(grid) == inside);
    for (uint32_t i = 0; i < rows * columns; i++) {
        wrong += (want[grid.order[i]] > 0) != (i < inside);
        wrong += i && i != inside && grid.order[i] <= grid.order[i - 1]; /* each part ascends */
    }
    for (uint32_t row = 0; row <= rows; row++) {
        size_t first = fleck_grid_first(grid, row);
        wrong += first < inside && grid.order[first] < row * columns;
        wrong += first && grid.order[first - 1] >= row * columns;
    }
    CHECK(!wrong);
}

static void test_golden(void) {
    golden g = golden_open("area.safetensors");
    fleck_area_map area;
    for (unsigned i = 0; i < 4; i++) {
        golden_area(&g, i, &area);
        check_pixels(&area, golden_get(&g, NULL, "area_%u", i));
    }
    golden_area(&g, 0, &area);
    static const uint32_t grids[][2] = {{28, 28}, {16, 16}, {37, 37}, {12, 91}, {300, 5}};
    for (size_t i = 0; i < LEN(grids); i++) check_inside(&g, &area, grids[i][0], grids[i][1]);
    const float *values = golden_get(&g, NULL, "mask");
    uint8_t mask[31 * 50];
    for (size_t i = 0; i < sizeof mask; i++) mask[i] = values[i] > 0 ? (uint8_t)(1 + i % 255) : 0;
    fleck_area_of_mask(mask, 50, 31, 1, &area);
    check_pixels(&area, golden_get(&g, NULL, "area_mask_1000"));
    fleck_area_of_mask(mask, 50, 31, 0.875f, &area);
    check_pixels(&area, golden_get(&g, NULL, "area_mask_875"));
    golden_close(&g);
}

/* ---- neighbours ---- */

/* Of a patch at a place of a grid the mean of what is around it and counts, and how much that is;
 * edges: the grid's edges repeated. */
static double mean_around(fleck_grid grid, const float *places, const float *counted, size_t place,
                          bool edges) {
    int row = (int)(place / grid.columns), column = (int)(place % grid.columns);
    int rows = (int)grid.rows, columns = (int)grid.columns;
    double sum = 0, n = 0;
    for (int v = row - 1; v <= row + 1; v++)
        for (int u = column - 1; u <= column + 1; u++) {
            int y = v < 0 ? 0 : v == rows ? rows - 1 : v;
            int x = u < 0 ? 0 : u == columns ? columns - 1 : u;
            if (!edges && (x != u || y != v)) continue;
            sum += (double)(places[y * columns + x] * counted[y * columns + x]);
            n += (double)counted[y * columns + x];
        }
    return sum / n;
}

/* Windows of patches, smoothed scores and what lies side by side are of patches that count. */
static void test_neighbours(void) {
    enum { ROWS = 9, COLUMNS = 13, PLACES = ROWS * COLUMNS, DIM = 3 };
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    fleck_rng rng = fleck_rng_seed(5);
    uint32_t order[PLACES], inside = 0, outside = 0, others[PLACES];
    float counted[PLACES] = {0}, value[PLACES], places[PLACES], smooth[PLACES], out[PLACES * DIM];
    fleck_half patch[PLACES * DIM];
    for (uint32_t i = 0; i < PLACES; i++) {
        bool counts = i / COLUMNS != 4 && fleck_rng_below(&rng, 3); /* none of a row */
        counted[i] = counts;
        if (counts)
            order[inside++] = i;
        else
            others[outside++] = i;
    }
    memcpy(order + inside, others, outside * sizeof *order);
    fleck_grid grid = {.rows = ROWS, .columns = COLUMNS, .order = order, .inside = inside};
    for (uint32_t p = 0; p < inside; p++) {
        for (size_t d = 0; d < DIM; d++) {
            float x = (float)fleck_rng_below(&rng, 64);
            fleck_half_narrow(&x, 1, &patch[p * DIM + d]);
            if (!d) value[p] = x;
        }
        bool beside = order[p] % COLUMNS + 1 < COLUMNS && counted[order[p] + 1] > 0;
        CHECK(fleck_grid_goes_on(grid, p) == beside);
    }
    fleck_grid_spread(grid, value, places);
    CHECK(fleck_smooth(&scratch, value, grid, smooth));
    fleck_embedding e = {.plan = {.window = 3}, .grid = grid, .D = DIM};
    for (size_t begin = 0; begin < ROWS; begin++)
        for (size_t end = begin + 1; end <= ROWS; end++) {
            size_t first = fleck_grid_first(grid, begin), last = fleck_grid_first(grid, end);
            CHECK(fleck_embed_rows(&e, &compute, patch, begin, end, out));
            for (size_t p = first; p < last; p++)
                CHECK_NEAR(out[(p - first) * DIM],
                           mean_around(grid, places, counted, order[p], false), 1e-5);
        }
    for (size_t p = 0; p < inside; p++)
        CHECK_NEAR(smooth[p], mean_around(grid, places, counted, order[p], true), 1e-5);

    /* a map of one value has it wherever a patch is near, and none elsewhere */
    static float map[FLECK_HEAT * FLECK_HEAT];
    for (size_t p = 0; p < inside; p++) value[p] = 7;
    CHECK(fleck_heatmap(compute.kernels, &scratch, value, grid, map));
    uint32_t wrong = 0;
    for (size_t i = 0; i < LEN(map); i++) wrong += !(fabsf(map[i] - 7) < 1e-4f);
    CHECK(!wrong);
    grid.inside = FLECK_AREA_PATCHES_MIN; /* at the top */
    CHECK(fleck_heatmap(compute.kernels, &scratch, value, grid, map));
    CHECK_NEAR(map[0], 7, 1e-4);
    CHECK(map[LEN(map) - 1] < 0 && !isfinite(map[LEN(map) - 1]));
    compute_free(&compute);
}

/* ---- a detector ---- */

enum { PHOTOS = 12, SIDE = 48, G = 12, P = G * G, D_MAX = 512, ODD = 7 };

/* Of the half below: 6 patches lie in the window by more than half. */
enum { INSIDE = P / 2 - 6 };

/* The left half of the photo, but for a window in it. */
static const fleck_point half[] = {{0, 0},       {0.5f, 0},    {0.5f, 1},    {0, 1},
                                   {0.1f, 0.1f}, {0.3f, 0.1f}, {0.3f, 0.3f}, {0.1f, 0.3f}};
static const uint32_t half_counts[] = {4, 4};

static fleck_status set_half(fleck_detector *det) {
    return fleck_set_area(det, half, half_counts, 1, 1, NULL);
}

/* Photos of noise on a ramp; the odd one has a blot on the left, another one on the right. */
static void make_photo(uint8_t *rgba, uint32_t index) {
    fleck_rng rng = fleck_rng_seed(500 + index);
    for (uint32_t y = 0; y < SIDE; y++)
        for (uint32_t x = 0; x < SIDE; x++) {
            uint32_t v = 60 + 2 * x + fleck_rng_below(&rng, 24);
            if (index == ODD && (x - 12) * (x - 12) + (y - 32) * (y - 32) < 30) v = 250;
            if (index == ODD + 1 && (x - 40) * (x - 40) + (y - 20) * (y - 20) < 30) v = 250;
            uint8_t *p = rgba + (y * SIDE + x) * 4;
            p[0] = p[1] = p[2] = (uint8_t)v;
            p[3] = 255;
        }
}

typedef struct {
    fleck_half patch[P * D_MAX], cls[D_MAX];
} photo;

static fleck_detector *create(fleck_method method) {
    fleck_options o = fleck_options_default();
    fleck_detector *det = NULL;
    fleck_arena arena = {0};
    size_t size;
    o.method = method;
    o.input = SIDE;
    o.threads = 2;
    o.iterations = method == FLECK_METHOD_PAPER ? 3 : 60;
    o.block_count = 2;
    o.blocks[0] = 2;
    o.blocks[1] = 3;
    uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    CHECK(bytes && !fleck_create(&det) && !fleck_configure(det, &o) &&
          !fleck_load_backbone(det, bytes, size));
    fleck_arena_free(&arena);
    return det;
}

static size_t dim_of(const fleck_detector *det) {
    fleck_feature_shape shape;
    CHECK(!fleck_shape(det, &shape) && shape.patches == P && shape.dim <= D_MAX);
    return shape.dim;
}

/* The photos' features. */
static photo *extract(fleck_detector *det) {
    photo *photos = calloc(PHOTOS, sizeof *photos);
    uint8_t rgba[SIDE * SIDE * 4];
    for (uint32_t i = 0; i < PHOTOS; i++) {
        make_photo(rgba, i);
        CHECK(!fleck_extract_rgba(det, rgba, SIDE, SIDE, photos[i].patch, photos[i].cls));
    }
    return photos;
}

/* Other values in every patch that does not count. */
static photo *spoil(const photo *photos, size_t D, const fleck_grid *grid) {
    photo *out = malloc(PHOTOS * sizeof *out);
    fleck_rng rng = fleck_rng_seed(77);
    memcpy(out, photos, PHOTOS * sizeof *out);
    for (uint32_t i = 0; i < PHOTOS; i++)
        for (uint32_t p = grid->inside; p < P; p++)
            for (size_t d = 0; d < D; d++) {
                float value = 50 * fleck_rng_normal(&rng);
                fleck_half_narrow(&value, 1, &out[i].patch[grid->order[p] * D + d]);
            }
    return out;
}

static void add(fleck_detector *det, const photo *photos, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) CHECK(!fleck_add(det, photos[i].patch, photos[i].cls));
}

static void train(fleck_detector *det) {
    fleck_progress progress = {.done = 0, .total = 1};
    CHECK(!fleck_train_begin(det));
    while (progress.done < progress.total)
        if (fleck_train_step(det, &progress)) {
            CHECK(!"trains");
            break;
        }
}

typedef struct {
    float preview[PHOTOS], score[PHOTOS], heat[PHOTOS][FLECK_HEAT * FLECK_HEAT];
    float other, other_heat[FLECK_HEAT * FLECK_HEAT]; /* of a photo that was not learnt from */
    fleck_folder_verdict folder;
    uint8_t *model;
    size_t model_size;
} outcome;

static void score_all(fleck_detector *det, const photo *other, outcome *o) {
    for (uint32_t i = 0; i < PHOTOS - 1; i++)
        CHECK(!fleck_score_added(det, i, o->heat[i], &o->score[i]));
    CHECK(!fleck_score(det, other->patch, other->cls, o->other_heat, &o->other));
}

/* All but the last photo are learnt from. */
static outcome *outcome_of(fleck_detector *det, const photo *photos) {
    outcome *o = calloc(1, sizeof *o);
    CHECK(!fleck_preview(det, o->preview));
    train(det);
    score_all(det, &photos[PHOTOS - 1], o);
    CHECK(!fleck_judge_folder(det, &o->folder));
    CHECK(!fleck_save(det, NULL, 0, &o->model_size));
    o->model = malloc(o->model_size);
    CHECK(!fleck_save(det, o->model, o->model_size, &o->model_size));
    return o;
}

static void outcome_free(outcome *o) {
    free(o->model);
    free(o);
}

static bool same_scores(const outcome *a, const outcome *b) {
    return !memcmp(a->score, b->score, sizeof a->score) &&
           !memcmp(a->heat, b->heat, sizeof a->heat) &&
           !memcmp(&a->other, &b->other, sizeof a->other) &&
           !memcmp(a->other_heat, b->other_heat, sizeof a->other_heat);
}

static bool same(const outcome *a, const outcome *b) {
    return same_scores(a, b) && !memcmp(a->preview, b->preview, sizeof a->preview) &&
           !memcmp(&a->folder, &b->folder, sizeof a->folder) && a->model_size == b->model_size &&
           !memcmp(a->model, b->model, a->model_size);
}

/* ---- what lies outside ---- */

static void check_heat(const outcome *o, const uint8_t *map) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < PHOTOS - 1; i++) {
        float hottest = 0;
        for (size_t k = 0; k < FLECK_HEAT * FLECK_HEAT; k++) {
            hottest = fmaxf(hottest, o->heat[i][k]);
            wrong += !map[k] && o->heat[i][k] != 0;
            wrong += !(o->heat[i][k] >= 0 && o->heat[i][k] <= 1);
        }
        CHECK(hottest == o->score[i]);
    }
    CHECK(!wrong);
}

/* A model survives its file, and brings its area to photos whose patches are in another order. */
static void check_file(const outcome *o, fleck_method method, const photo *photos) {
    fleck_detector *det = create(method);
    outcome *loaded = calloc(1, sizeof *loaded);
    size_t size;
    add(det, photos, PHOTOS - 1);
    CHECK(!fleck_load(det, o->model, o->model_size));
    CHECK(fleck_area(det, NULL) == INSIDE);
    score_all(det, &photos[PHOTOS - 1], loaded);
    CHECK(same_scores(o, loaded));
    uint8_t *again = malloc(o->model_size);
    CHECK(!fleck_save(det, again, o->model_size, &size) && size == o->model_size);
    CHECK(!memcmp(again, o->model, size));
    /* a file that is cut anywhere in the area's bits, or has others that leave too little */
    for (size_t i = 0; i + 4 < size; i++)
        if (!memcmp(again + i, "\"14\"", 4)) {
            again[i + 2] = '0';
            break;
        }
    CHECK(fleck_load(det, again, size) == FLECK_ERR_FORMAT); /* its seal is broken */
    CHECK(fleck_area(det, NULL) == INSIDE);                  /* nothing is lost */
    score_all(det, &photos[PHOTOS - 1], loaded);
    CHECK(same_scores(o, loaded));
    free(again);
    free(loaded);
    fleck_destroy(det);
}

/* Of all that an area leads to, natively and in WebAssembly; of the paper's recipe, which is not
 * there, 0. */
static const uint64_t fingerprints[] = {0xb0691bf280561e06, 0x5033a5cfaced0682, 0xb0b51c18556c3f4f,
                                        0x59bb4b78da698bd0, 0x04cd9326b62abf0c, 0,
                                        0x12036f4b7e0e20f0, 0xda74a7bb5a31d7cb, 0x8f809d1d3a13bf91};

static void check_fingerprint(const outcome *o, fleck_method method) {
    uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, o->preview, sizeof o->preview);
    hash = fleck_hash_bytes(hash, o->score, sizeof o->score);
    hash = fleck_hash_bytes(hash, o->heat, sizeof o->heat);
    hash = fleck_hash_bytes(hash, o->model, o->model_size);
    if (method == FLECK_METHOD_PAPER) return;
    CHECK(hash == fingerprints[method]);
    if (hash != fingerprints[method])
        fprintf(stderr, "%s: 0x%016llx\n", fleck_method_name(method), (unsigned long long)hash);
}

static void test_method(fleck_method method) {
    fleck_detector *det = create(method);
    static uint8_t map[FLECK_HEAT * FLECK_HEAT];
    size_t D = dim_of(det);
    photo *photos = extract(det);
    CHECK(!fleck_area(det, map) && map[0] && map[sizeof map - 1]);

    add(det, photos, PHOTOS - 1);
    CHECK(!set_half(det));
    CHECK(fleck_area(det, map) == INSIDE);
    outcome *after = outcome_of(det, photos);
    check_heat(after, map);
    check_fingerprint(after, method);

    fleck_arena arena = {0};
    fleck_grid grid = {.rows = G, .columns = G};
    fleck_area_map area;
    fleck_message err;
    CHECK(!fleck_area_of_polygons(half, half_counts, 1, 1, 1, &area, &err));
    CHECK(!fleck_area_grid(&arena, &area, &grid, &err));
    photo *spoilt = spoil(photos, D, &grid);
    fleck_arena_free(&arena);

    /* garbage outside, the area before the photos: every bit is the same */
    CHECK(!fleck_clear(det));
    CHECK(!fleck_area(det, NULL));
    CHECK(!set_half(det));
    add(det, spoilt, PHOTOS - 1);
    outcome *before = outcome_of(det, spoilt);
    CHECK(same(after, before));
    check_file(after, method, spoilt);

    outcome_free(after);
    outcome_free(before);
    free(photos);
    free(spoilt);
    fleck_destroy(det);
}

/* Areas come and go; no method knows. */
static void test_changes(void) {
    fleck_detector *det = create(FLECK_METHOD_IRMB);
    photo *photos = extract(det);
    float score;
    add(det, photos, PHOTOS - 1);
    outcome *whole = outcome_of(det, photos);
    CHECK(!set_half(det));
    CHECK(fleck_score_added(det, 0, NULL, &score) == FLECK_ERR_STATE); /* it is another's */

    /* the same area changes nothing */
    outcome *with = outcome_of(det, photos);
    CHECK(!set_half(det));
    CHECK(!fleck_score_added(det, 0, NULL, &score) && score == with->score[0]);

    /* one after the other, and none: as at first */
    CHECK(!fleck_set_area(det, half + 4, half_counts, 0, 1, NULL));
    CHECK(fleck_area(det, NULL) == INSIDE + P / 2);
    CHECK(!set_half(det));
    CHECK(!fleck_set_area(det, NULL, NULL, 0, 0, NULL));
    outcome *none = outcome_of(det, photos);
    CHECK(same(whole, none));

    /* an area that holds all: the same scores */
    static const fleck_point all[] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    CHECK(!fleck_set_area(det, all, half_counts, 1, 0, NULL));
    CHECK(fleck_area(det, NULL) == P);
    outcome *full = outcome_of(det, photos);
    CHECK(same_scores(whole, full));

    outcome_free(whole);
    outcome_free(with);
    outcome_free(none);
    outcome_free(full);
    free(photos);
    fleck_destroy(det);
}

/* A defect outside is not called, one inside is, and where it is. */
static void test_defects(void) {
    fleck_detector *det = create(FLECK_METHOD_IRMB);
    photo *photos = extract(det);
    static uint8_t map[FLECK_HEAT * FLECK_HEAT];
    outcome *o;
    add(det, photos, PHOTOS - 1);
    o = outcome_of(det, photos);
    CHECK(o->score[ODD] >= FLECK_DEFECT && o->score[ODD + 1] >= FLECK_DEFECT);
    outcome_free(o);
    for (size_t i = 0; i < sizeof map; i++) map[i] = i % FLECK_HEAT < FLECK_HEAT / 2;
    CHECK(!fleck_set_area_mask(det, map, FLECK_HEAT, FLECK_HEAT, NULL));
    o = outcome_of(det, photos);
    for (uint32_t i = 0; i < PHOTOS - 1; i++) CHECK((o->score[i] >= FLECK_DEFECT) == (i == ODD));
    fleck_regions regions;
    CHECK(!fleck_find_regions(det, o->heat[ODD], SIDE, SIDE, &regions) && regions.count == 1);
    CHECK(regions.region[0].left + regions.region[0].width <= SIDE / 2 + 0.5f);
    CHECK(!fleck_find_regions(det, o->heat[ODD + 1], SIDE, SIDE, &regions) && !regions.count);
    outcome_free(o);
    free(photos);
    fleck_destroy(det);
}

/* A spot is listed by the middle of its patch, and can be marked by it again, though the area of
 * interest has a hole there. */
static void test_hole(void) {
    static const fleck_point spot = {0.502f, 0.502f}, outside = {0.95f, 0.5f};
    enum { MIDDLE = (FLECK_HEAT / 2) + FLECK_HEAT / G / 2 };
    static uint8_t mask[FLECK_HEAT * FLECK_HEAT];
    fleck_detector *det = create(FLECK_METHOD_KNN);
    photo *photos = extract(det);
    fleck_made_mark made, again;
    memset(mask, 1, sizeof mask);
    for (size_t y = 0; y < FLECK_HEAT; y++)
        memset(mask + y * FLECK_HEAT + 200, 0, FLECK_HEAT - 200);
    for (size_t y = MIDDLE - 2; y <= MIDDLE + 2; y++)
        memset(mask + y * FLECK_HEAT + MIDDLE - 2, 0, 5);
    add(det, photos, PHOTOS - 1);
    CHECK(!fleck_set_area_mask(det, mask, FLECK_HEAT, FLECK_HEAT, NULL));
    outcome_free(outcome_of(det, photos));
    CHECK(!fleck_mark_added(det, 0, &spot, FLECK_MARK_DEFECT) && !fleck_list_marks(det, &made));
    const fleck_point middle = {made.x, made.y};
    CHECK(made.is_spot &&
          !mask[(size_t)(made.y * FLECK_HEAT) * FLECK_HEAT + (size_t)(made.x * FLECK_HEAT)]);
    CHECK(!fleck_mark_added(det, 0, &middle, FLECK_MARK_DEFECT));
    CHECK(fleck_mark_count(det) == 1 && !fleck_list_marks(det, &again));
    CHECK(!memcmp(&made, &again, sizeof made));
    CHECK(fleck_mark_added(det, 0, &outside, FLECK_MARK_GOOD) == FLECK_ERR_ARGUMENT);
    uint32_t hash[2];
    CHECK(!fleck_known_by(det, photos[0].patch, hash));
    CHECK(!memcmp(hash, made.hash, sizeof hash)); /* its patches are in another order */
    free(photos);
    fleck_destroy(det);
}

/* What an area would leave is told as if it were set, and nothing changes. */
static void test_tried(void) {
    fleck_detector *det = create(FLECK_METHOD_KNN), *other = create(FLECK_METHOD_KNN);
    photo *photos = extract(det);
    static uint8_t map[FLECK_HEAT * FLECK_HEAT], tried[FLECK_HEAT * FLECK_HEAT];
    static const uint8_t mask[] = {0, 9, 0, 9};
    uint32_t patches;
    add(det, photos, PHOTOS - 1);
    outcome *o = outcome_of(det, photos), *again = calloc(1, sizeof *again);

    CHECK(!set_half(other));
    CHECK(!fleck_try_area(det, half, half_counts, 1, 1, NULL, NULL, &patches, NULL, tried));
    CHECK(patches == fleck_area(other, map) && !memcmp(map, tried, sizeof map));
    CHECK(!fleck_set_area_mask(other, mask, 2, 2, NULL));
    CHECK(!fleck_try_area_mask(det, mask, 2, 2, NULL, NULL, &patches, NULL, tried));
    CHECK(patches == fleck_area(other, map) && !memcmp(map, tried, sizeof map));
    CHECK(!fleck_try_area(det, NULL, NULL, 0, 0, NULL, NULL, &patches, NULL, tried));
    CHECK(patches == P && !memchr(tried, 0, sizeof tried));

    CHECK(!fleck_area(det, NULL));
    score_all(det, &photos[PHOTOS - 1], again);
    CHECK(same_scores(o, again));
    outcome_free(o);
    outcome_free(again);
    free(photos);
    fleck_destroy(other);
    fleck_destroy(det);
}

/* ---- bad input ---- */

static void check_refused(fleck_detector *det, const fleck_point *points, const uint32_t *counts,
                          uint32_t includes, uint32_t excludes, const char *why) {
    uint32_t patches = 7;
    CHECK(fleck_try_area(det, points, counts, includes, excludes, NULL, NULL, &patches, NULL,
                         NULL) == FLECK_ERR_ARGUMENT);
    CHECK(!strcmp(fleck_error(det), why) && patches == 7);
    CHECK(fleck_set_area(det, points, counts, includes, excludes, NULL) == FLECK_ERR_ARGUMENT);
    CHECK(!strcmp(fleck_error(det), why));
    if (strcmp(fleck_error(det), why) != 0) fprintf(stderr, "%s\n", fleck_error(det));
}

static void test_refused(void) {
    fleck_detector *det = NULL;
    CHECK(!fleck_create(&det));
    uint32_t patches = 7;
    CHECK(set_half(det) == FLECK_ERR_STATE && fleck_set_area_mask(det, NULL, 1, 1, NULL));
    CHECK(fleck_try_area(det, NULL, NULL, 0, 0, NULL, NULL, &patches, NULL, NULL) ==
          FLECK_ERR_STATE);
    fleck_destroy(det);
    det = create(FLECK_METHOD_KNN);
    photo *photos = extract(det);
    CHECK(!set_half(det));
    add(det, photos, PHOTOS - 1);
    outcome *o = outcome_of(det, photos), *again = calloc(1, sizeof *again);

    static const uint32_t two[] = {2}, three[] = {3}, four[] = {4}, many[] = {4, 4093};
    static const fleck_point crossing[] = {{0, 0}, {1, 1}, {1, 0}, {0, 1}};
    static const fleck_point flat[] = {{0, 0}, {1, 0}, {0.5f, 0}, {0.25f, 0}};
    static fleck_point wrong[] = {{0, 0}, {1, 0}, {0, 0}}, lots[4097];
    check_refused(det, half, two, 1, 0, "polygon 1 to include has 2 points: 3 are the least");
    check_refused(det, crossing, four, 0, 1,
                  "polygon 1 to exclude crosses itself: its edge from point 1 to 2 and that from 3 "
                  "to 4");
    check_refused(det, flat, four, 1, 0, "0 of 144 patches lie in the area: 16 are the least");
    static const float outside[] = {-1e-6f, 1.0001f, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 2 * LEN(outside); i++) {
        wrong[2] = (fleck_point){0, 0};
        *(i % 2 ? &wrong[2].x : &wrong[2].y) = outside[i / 2];
        check_refused(det, wrong, three, 1, 0,
                      "polygon 1 to include: point 3 lies outside of the photo, whose width and "
                      "height are 0 to 1");
    }
    memcpy(lots, half, 4 * sizeof *half);
    check_refused(det, lots, many, 1, 1, "the area's polygons have more than 4096 points together");
    static const uint8_t black[6] = {0};
    CHECK(fleck_set_area_mask(det, black, 3, 2, NULL) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_set_area_mask(det, black, 0, 2, NULL) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_set_area_mask(det, black, 1 << 16, 1 << 16, NULL) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_try_area_mask(det, black, 3, 2, NULL, NULL, &patches, NULL, NULL) ==
          FLECK_ERR_ARGUMENT);
    CHECK(fleck_try_area_mask(det, black, 0, 2, NULL, NULL, &patches, NULL, NULL) ==
          FLECK_ERR_ARGUMENT);
    CHECK(patches == 7);

    CHECK(fleck_area(det, NULL) == INSIDE); /* nothing is lost */
    score_all(det, &photos[PHOTOS - 1], again);
    CHECK(same_scores(o, again));

    /* edges that touch do not cross, and a corner named twice is one */
    static const fleck_point touching[] = {{0, 0},    {1, 0},    {1, 1}, {0.5f, 0},
                                           {0.5f, 0}, {0, 0.5f}, {0, 0}};
    static const uint32_t seven[] = {7};
    CHECK(!fleck_set_area(det, touching, seven, 1, 0, NULL));
    outcome_free(o);
    free(again);
    free(photos);
    fleck_destroy(det);
}

/* Tiles make another grid; an area is the same on it, and a training under way ends with it. */
static void test_order_of_calls(void) {
    fleck_detector *det = create(FLECK_METHOD_KNN);
    fleck_feature_shape shape;
    fleck_progress progress;
    photo *photos = extract(det);
    CHECK(!set_half(det) && !fleck_set_tiles(det, 2, 1) && !fleck_shape(det, &shape));
    CHECK(shape.patches == 21 * G && fleck_area(det, NULL) > P / 2);
    CHECK(!fleck_set_tiles(det, 1, 1) && fleck_area(det, NULL) == INSIDE);
    add(det, photos, PHOTOS - 1);
    CHECK(!fleck_train_begin(det) && !fleck_train_step(det, &progress));
    CHECK(!fleck_set_area(det, half, half_counts, 1, 0, NULL));
    CHECK(fleck_train_step(det, &progress) == FLECK_ERR_STATE);
    CHECK(!fleck_train_begin(det) && !fleck_train_step(det, &progress));
    CHECK(!fleck_set_area(det, half, half_counts, 1, 0, NULL)); /* the same */
    CHECK(!fleck_train_step(det, &progress));
    free(photos);
    fleck_destroy(det);
}

int main(void) {
    test_golden();
    test_neighbours();
    for (int m = 0; fleck_method_name((fleck_method)m); m++)
        if (fleck_method_built((fleck_method)m)) test_method((fleck_method)m);
    test_changes();
    test_defects();
    test_hole();
    test_tried();
    test_refused();
    test_order_of_calls();
    return check_done();
}
