/* Photos as overlapping tiles: which patches each keeps, the same bits as of the tiles by
 * themselves, and the tiles of a model. */
#include "check.h"
#include "fleck.h"
#include "golden.h"
#include "half.h"
#include "model.h"
#include "rng.h"
#include "tiles.h"

#include <string.h>

enum { INPUT = 32, PATCH = 4, G = INPUT / PATCH, PHOTOS = 8 };

/* Each patch along a side is kept by one tile, and by one that has it inside where it can. */
static void test_kept(void) {
    for (uint32_t g = 1; g <= 70; g++)
        for (uint32_t tiles = 1; tiles <= FLECK_TILES_MAX; tiles++) {
            uint32_t next = 0;
            for (uint32_t t = 0; t < tiles; t++) {
                fleck_kept kept = fleck_tile_kept(t, tiles, g);
                uint32_t first = fleck_tile_first(t, g);
                CHECK(kept.begin < kept.end && kept.end <= g);
                CHECK(first + kept.begin == next);
                next = first + kept.end;
                /* half of what two share, and a patch more or less */
                CHECK(!t || (kept.begin >= g / 4 / 2 && kept.begin <= g / 4 / 2 + 1));
                CHECK(t + 1 == tiles || g - kept.end == g / 4 / 2);
            }
            CHECK(next == fleck_tiles_patches(tiles, g));
        }
    CHECK(fleck_tiles_patches(3, 28) == 70);
}

static fleck_detector *create(fleck_preset preset, uint32_t columns, uint32_t rows) {
    fleck_arena arena = {0};
    fleck_detector *det = NULL;
    size_t size;
    const uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    fleck_options options = fleck_options_default();
    options.method = FLECK_METHOD_KNN;
    options.preset = preset;
    options.input = INPUT;
    CHECK(bytes && !fleck_create(&det) && !fleck_configure(det, &options));
    CHECK(fleck_set_tiles(det, columns, rows) == FLECK_ERR_STATE); /* no backbone yet */
    CHECK(!fleck_load_backbone(det, bytes, size));
    CHECK(!fleck_set_tiles(det, columns, rows));
    fleck_arena_free(&arena);
    return det;
}

static float value_of(fleck_half half) {
    float value;
    fleck_half_widen(&half, 1, &value);
    return value;
}

static void make_photo(uint8_t *rgba, uint32_t width, uint32_t height, uint32_t seed) {
    fleck_rng rng = fleck_rng_seed(seed);
    for (uint32_t i = 0; i < width * height; i++, rgba += 4) {
        for (int c = 0; c < 3; c++) rgba[c] = (uint8_t)(40 + i % width + fleck_rng_below(&rng, 60));
        rgba[3] = 255;
    }
}

/* Of a photo of the grid's own size nothing is resized: its tiles are cut out of it. */
static void test_same_as_cut(void) {
    enum { COLUMNS = 3, ROWS = 2, WIDE = 3 * G - 2 * (G / 4), HIGH = 2 * G - G / 4 };
    enum { WIDTH = WIDE * PATCH, HEIGHT = HIGH * PATCH };
    fleck_detector *whole = create(FLECK_PRESET_FIT, COLUMNS, ROWS);
    fleck_detector *one = create(FLECK_PRESET_FIT, 1, 1);
    fleck_feature_shape shape;
    CHECK(!fleck_shape(whole, &shape) && shape.rows == HIGH && shape.columns == WIDE);
    CHECK(shape.patches == HIGH * WIDE && shape.tile_columns == COLUMNS && shape.tile_rows == ROWS);
    CHECK(shape.input == INPUT && shape.frame_share == 1);
    size_t D = shape.dim;
    fleck_arena arena = {0};
    uint8_t *photo = FLECK_NEW(&arena, uint8_t, WIDTH, HEIGHT, 4);
    uint8_t *cut = FLECK_NEW(&arena, uint8_t, INPUT, INPUT, 4);
    fleck_half *have = FLECK_NEW(&arena, fleck_half, WIDE, HIGH, D);
    fleck_half *tile = FLECK_NEW(&arena, fleck_half, G, G, D);
    fleck_half *cls = FLECK_NEW(&arena, fleck_half, 2, D);
    float *mean = FLECK_NEW_ZERO(&arena, float, D);
    make_photo(photo, WIDTH, HEIGHT, 1);
    CHECK(!fleck_extract_rgba(whole, photo, WIDTH, HEIGHT, have, cls));
    for (uint32_t r = 0; r < ROWS; r++)
        for (uint32_t c = 0; c < COLUMNS; c++) {
            size_t left = fleck_tile_first(c, G), top = fleck_tile_first(r, G);
            for (size_t y = 0; y < INPUT; y++)
                memcpy(cut + y * INPUT * 4, photo + ((top * PATCH + y) * WIDTH + left * PATCH) * 4,
                       INPUT * 4);
            CHECK(!fleck_extract_rgba(one, cut, INPUT, INPUT, tile, cls + D));
            fleck_kept x = fleck_tile_kept(c, COLUMNS, G), y = fleck_tile_kept(r, ROWS, G);
            for (size_t v = y.begin; v < y.end; v++)
                CHECK(!memcmp(have + ((top + v) * WIDE + left + x.begin) * D,
                              tile + (v * G + x.begin) * D, (x.end - x.begin) * D * sizeof *have));
            for (size_t d = 0; d < D; d++) mean[d] += value_of(cls[D + d]) / (COLUMNS * ROWS);
        }
    for (size_t d = 0; d < D; d++) CHECK_NEAR(value_of(cls[d]), mean[d], 4e-3);
    fleck_arena_free(&arena);
    fleck_destroy(whole);
    fleck_destroy(one);
}

static void test_refused(void) {
    fleck_detector *det = create(FLECK_PRESET_FUNAD, 2, 1);
    static const fleck_tiles bad[] = {{0, 1}, {1, 0}, {17, 1}, {1, 17}, {UINT32_MAX, 1}};
    fleck_feature_shape shape, after;
    CHECK(!fleck_shape(det, &shape) && shape.frame_share < 1);
    for (size_t i = 0; i < LEN(bad); i++) {
        CHECK(fleck_set_tiles(det, bad[i].columns, bad[i].rows) == FLECK_ERR_ARGUMENT);
        CHECK(strstr(fleck_error(det), "1 to 16 can be along each side"));
    }
    CHECK(!fleck_shape(det, &after) && !memcmp(&shape, &after, sizeof shape));
    CHECK(!fleck_set_tiles(det, 16, 16) && !fleck_set_tiles(det, 1, 1));
    fleck_destroy(det);
    /* 56 x 56 patches a tile */
    fleck_arena arena = {0};
    fleck_options options = fleck_options_default();
    options.input = 56 * PATCH;
    size_t size;
    const uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    CHECK(!fleck_create(&det) && !fleck_configure(det, &options));
    CHECK(!fleck_load_backbone(det, bytes, size));
    CHECK(fleck_set_tiles(det, 16, 16) == FLECK_ERR_ARGUMENT);
    CHECK(strstr(fleck_error(det), "16 x 16 tiles have 686 x 686 patches"));
    fleck_destroy(det);
    fleck_arena_free(&arena);
}

typedef struct {
    uint8_t rgba[96 * 64 * 4];
    fleck_half patch[20 * 20 * 64], cls[64];
    float score[PHOTOS];
} room;

static void add_photos(fleck_detector *det, room *r) {
    for (uint32_t i = 0; i < PHOTOS; i++) {
        make_photo(r->rgba, 96, 64, i);
        CHECK(!fleck_extract_rgba(det, r->rgba, 96, 64, r->patch, r->cls));
        CHECK(!fleck_add(det, r->patch, r->cls));
    }
}

static void score_photos(fleck_detector *det, room *r, float score[PHOTOS]) {
    for (uint32_t i = 0; i < PHOTOS; i++) {
        make_photo(r->rgba, 96, 64, i);
        CHECK(!fleck_extract_rgba(det, r->rgba, 96, 64, r->patch, r->cls));
        CHECK(!fleck_score(det, r->patch, r->cls, NULL, &score[i]));
    }
}

/* A model brings its tiles to a detector without photos, and is refused by one with others. */
static void test_model(void) {
    static room r;
    static uint8_t model[1 << 19];
    size_t size, at = 0;
    float score[PHOTOS];
    fleck_detector *det = create(FLECK_PRESET_FIT, 2, 1), *other;
    fleck_feature_shape shape;
    fleck_progress progress = {.total = 1};
    CHECK(!fleck_shape(det, &shape) &&
          (size_t)shape.patches * shape.dim <= sizeof r.patch / sizeof *r.patch);
    add_photos(det, &r);
    CHECK(fleck_set_tiles(det, 1, 1) == FLECK_ERR_STATE && strstr(fleck_error(det), "clear"));
    CHECK(!fleck_set_tiles(det, 2, 1)); /* as they are */
    CHECK(!fleck_train_begin(det));
    while (progress.done < progress.total) CHECK(!fleck_train_step(det, &progress));
    CHECK(!fleck_save(det, model, sizeof model, &size));
    score_photos(det, &r, score);
    CHECK(!fleck_clear(det) && !fleck_shape(det, &shape) && shape.tile_columns == 2);
    CHECK(!fleck_set_tiles(det, 1, 1) && !fleck_load(det, model, size));
    CHECK(!fleck_shape(det, &shape) && shape.tile_columns == 2 && shape.tile_rows == 1);
    score_photos(det, &r, r.score);
    CHECK(!memcmp(score, r.score, sizeof score));
    CHECK(fleck_set_tiles(det, 1, 1) == FLECK_ERR_STATE); /* the model is in use */
    fleck_destroy(det);

    other = create(FLECK_PRESET_FIT, 1, 2);
    add_photos(other, &r);
    CHECK(fleck_load(other, model, size) == FLECK_ERR_FORMAT);
    CHECK(strstr(fleck_error(other), "other tiles"));
    fleck_destroy(other);

    /* A failure leaves the tiles as they were. */
    static const char columns[] = "\"tile_columns\":\"2\"";
    while (at + sizeof columns < size && memcmp(model + at, columns, sizeof columns - 1)) at++;
    CHECK(at + sizeof columns < size);
    other = create(FLECK_PRESET_FIT, 1, 1);
    static const struct {
        char digit;
        const char *words;
    } bad[] = {{'0', "its metadata"}, {'3', "another input size"}};
    for (size_t i = 0; i < LEN(bad); i++) {
        model[at + sizeof columns - 3] = (uint8_t)bad[i].digit;
        fleck_model_seal(model, size);
        CHECK(fleck_load(other, model, size) == FLECK_ERR_FORMAT);
        CHECK(strstr(fleck_error(other), bad[i].words));
        CHECK(!fleck_shape(other, &shape) && shape.tile_columns == 1 && shape.rows == G);
    }
    fleck_destroy(other);
}

static fleck_tiles suited(size_t count, const uint32_t *sizes) {
    return fleck_tiles_suited(sizes, (uint32_t)count, 224);
}

static void test_suited(void) {
    static const struct {
        uint32_t width, height, columns, rows;
    } one[] = {{0, 0, 1, 1},
               {1, 1, 1, 1},
               /* long: squares along it */
               {500, 1250, 1, 3},
               {1250, 500, 3, 1},
               {400, 100, 2, 1},
               {999, 500, 1, 1},
               {1000, 500, 2, 1},
               {200, 50, 1, 1},   /* no larger than the input */
               {1792, 112, 8, 1}, /* 16 squares; 8 tiles at most */
               /* large: five pixels for one of the input's */
               {1120, 1120, 1, 1},
               {1121, 1120, 2, 1},
               {1120, 1121, 1, 2},
               {1121, 1121, 2, 2},
               {1920, 1080, 2, 1},
               {2000, 1500, 3, 2},
               {4000, 3000, 3, 2}, /* 3 x 3 would be more than 8 */
               {3000, 4000, 2, 3},
               {10000, 10000, 3, 2},
               /* both */
               {6000, 2000, 4, 2},
               {UINT32_MAX, UINT32_MAX, 3, 2},
               {20000, 100, 8, 1},
               {1, UINT32_MAX, 1, 8}};
    for (size_t i = 0; i < LEN(one); i++) {
        fleck_tiles tiles = suited(1, (uint32_t[2]){one[i].width, one[i].height});
        CHECK(tiles.columns == one[i].columns && tiles.rows == one[i].rows);
    }
    fleck_tiles none = suited(0, NULL);
    CHECK(none.columns == 1 && none.rows == 1);
    /* What more than half want, of those whose size is known. */
    static const uint32_t most[][2] = {{500, 1250}, {0, 0}, {4, 3}, {500, 1000}, {0, 0}, {0, 7}};
    CHECK(suited(LEN(most), most[0]).rows == 2 && suited(LEN(most), most[0]).columns == 1);
    static const uint32_t both[][2] = {{500, 1250}, {1250, 500}, {500, 1250}, {1250, 500}, {9, 9}};
    CHECK(suited(LEN(both), both[0]).rows == 1 && suited(LEN(both), both[0]).columns == 1);
    static const uint32_t large[][2] = {{4000, 3000}, {3000, 4000}, {4000, 3000}, {3000, 4000}};
    CHECK(suited(3, large[0]).columns == 3 && suited(3, large[0]).rows == 2);
    CHECK(suited(4, large[0]).columns == 2 && suited(4, large[0]).rows == 2);
    static const uint32_t small[][2] = {{64, 160}, {64, 128}, {4, 3}}; /* the input is of 32 */
    uint32_t columns, rows;
    fleck_detector *det = NULL;
    CHECK(!fleck_create(&det));
    CHECK(fleck_suggest_tiles(det, small[0], LEN(small), &columns, &rows) == FLECK_ERR_STATE);
    fleck_destroy(det);
    det = create(FLECK_PRESET_FIT, 1, 1);
    CHECK(!fleck_suggest_tiles(det, small[0], LEN(small), &columns, &rows));
    CHECK(columns == 1 && rows == 2);
    fleck_destroy(det);
}

int main(void) {
    test_suited();
    test_kept();
    test_same_as_cut();
    test_refused();
    test_model();
    return check_done();
}
