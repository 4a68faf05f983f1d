/* An area that follows the part: where it is found, against all shifts tried in doubles, and that
 * photos whose parts moved are judged, bit for bit, as those whose parts did not. */
#include "check.h"
#include "compute_of.h"
#include "fleck.h"
#include "golden.h"
#include "half.h"
#include "hash.h"
#include "learner.h"
#include "part.h"
#include "rng.h"

#include <string.h>

static void random_halves(fleck_rng *rng, fleck_half *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float x = fleck_rng_normal(rng);
        fleck_half_narrow(&x, 1, &out[i]);
    }
}

#define PROPOSED UINT64_C(0xfc041801f6afda21)

/* ---- the search ---- */

enum { LARGE = 48, FEW = 5 };

static double length_of(const fleck_half *x) {
    float wide[FEW];
    double sum = 0;
    fleck_half_widen(x, FEW, wide);
    for (size_t d = 0; d < FEW; d++) sum += (double)wide[d] * (double)wide[d];
    return sqrt(sum);
}

static double cosine(const fleck_half *a, const fleck_half *b) {
    float x[FEW], y[FEW];
    double sum = 0;
    fleck_half_widen(a, FEW, x);
    fleck_half_widen(b, FEW, y);
    for (size_t d = 0; d < FEW; d++) sum += (double)x[d] * (double)y[d];
    return sum / (length_of(a) * length_of(b));
}

/* Every shift that is allowed, by the definition: over the patches of which tokens are kept. */
static fleck_shift by_force(fleck_grid grid, const fleck_half *part_of, const fleck_half *photo) {
    int rows = (int)grid.rows, columns = (int)grid.columns;
    size_t P = fleck_grid_patches(grid), n = P < 1024 ? P : 1024;
    fleck_shift found = {0, 0};
    double best = -2;
    for (int dy = -rows / 4; dy <= rows / 4; dy++)
        for (int dx = -columns / 4; dx <= columns / 4; dx++) {
            double sum = 0;
            bool within = true;
            for (size_t p = 0; p < P && within; p++) {
                int y = (int)grid.order[p] / columns + dy, x = (int)grid.order[p] % columns + dx;
                within = y >= 0 && y < rows && x >= 0 && x < columns;
            }
            for (size_t i = 0; i < n && within; i++) {
                size_t place = grid.order[i * P / n];
                size_t moved = (size_t)((int)place + dy * columns + dx);
                sum += cosine(part_of + place * FEW, photo + moved * FEW);
            }
            if (!within || sum <= best) continue;
            best = sum;
            found = (fleck_shift){dx, dy};
        }
    return found;
}

/* A rectangle of patches, without some of them. */
static fleck_grid patchy(fleck_rng *rng, uint32_t rows, uint32_t columns, const uint32_t box[4],
                         uint32_t *order) {
    fleck_grid grid = {.rows = rows, .columns = columns, .order = order};
    uint32_t others[LARGE * LARGE], outside = 0;
    for (uint32_t i = 0; i < rows * columns; i++) {
        uint32_t y = i / columns, x = i % columns;
        bool counts = y >= box[0] && y < box[1] && x >= box[2] && x < box[3];
        if (counts && fleck_rng_below(rng, 8))
            order[grid.inside++] = i;
        else
            others[outside++] = i;
    }
    memcpy(order + grid.inside, others, outside * sizeof *others);
    return grid;
}

static void test_search(void) {
    static const uint32_t shapes[][6] = {
        {12, 12, 4, 8, 3, 9},     {12, 20, 0, 6, 8, 15},
        {9, 31, 2, 9, 0, 20},     {16, 16, 1, 16, 4, 12},
        {28, 28, 7, 21, 7, 21},   {48, 48, 3, 43, 4, 40}, /* 1,024 of more */
        {LARGE, 7, 10, 20, 2, 3},
    };
    fleck_arena scratch = {0};
    fleck_rng rng = fleck_rng_seed(3);
    static fleck_half part_of[LARGE * LARGE * FEW], photo[LARGE * LARGE * FEW];
    static fleck_half part[FLECK_PART_TOKENS * FEW];
    static uint32_t order[LARGE * LARGE];
    for (size_t s = 0; s < LEN(shapes); s++) {
        fleck_grid grid = patchy(&rng, shapes[s][0], shapes[s][1], shapes[s] + 2, order);
        size_t places = fleck_grid_places(grid);
        CHECK(fleck_part_moves(grid));
        CHECK((grid.inside > FLECK_PART_TOKENS) == (s == 5));
        random_halves(&rng, part_of, places * FEW);
        fleck_part_take(grid, FEW, part_of, part);
        for (uint32_t round = 0; round < 4; round++) {
            fleck_shift found[2], want;
            random_halves(&rng, photo, places * FEW);
            for (uint32_t threads = 1; threads <= 2; threads++) {
                fleck_compute compute = compute_make(&scratch, NULL, threads);
                CHECK(fleck_part_find(&compute, grid, FEW, part, photo, &found[threads - 1]));
                compute_free(&compute);
            }
            want = by_force(grid, part_of, photo);
            CHECK(found[0].rows == want.rows && found[0].columns == want.columns);
            CHECK(!memcmp(&found[0], &found[1], sizeof *found));
        }
    }
    /* of shifts that fit as well the smallest, also where nothing is like anything */
    fleck_compute compute = compute_make(&scratch, NULL, 1);
    static const uint32_t box[] = {4, 8, 3, 9};
    fleck_grid grid = patchy(&rng, 12, 12, box, order);
    fleck_shift found = {7, 7};
    memset(photo, 0, sizeof photo);
    CHECK(fleck_part_find(&compute, grid, FEW, part, photo, &found));
    CHECK(!found.rows && !found.columns);
    for (size_t i = 0; i < 144 * FEW; i++) photo[i] = 0x3c00;
    CHECK(fleck_part_find(&compute, grid, FEW, part, photo, &found));
    CHECK(!found.rows && !found.columns);
    /* from edge to edge, or all of the photo */
    static const uint32_t wide[] = {0, 12, 0, 12};
    CHECK(!fleck_part_moves(patchy(&rng, 12, 12, wide, order)));
    CHECK(!fleck_part_moves((fleck_grid){.rows = 12, .columns = 12}));
    compute_free(&compute);
}

/* Whatever the shift, a photo's places are listed once each, those of the area first. */
static void test_list(void) {
    enum { ROWS = 9, COLUMNS = 13 };
    fleck_rng rng = fleck_rng_seed(8);
    static const uint32_t box[] = {3, 7, 4, 10};
    uint32_t order[ROWS * COLUMNS], list[ROWS * COLUMNS];
    fleck_grid drawn = patchy(&rng, ROWS, COLUMNS, box, order);
    for (int32_t dy = -2; dy <= 2; dy++)
        for (int32_t dx = -3; dx <= 3; dx++) {
            fleck_grid grid = fleck_grid_moved(drawn, (fleck_shift){dx, dy});
            bool seen[ROWS * COLUMNS] = {false};
            fleck_grid_list(grid, list);
            for (size_t p = 0; p < ROWS * COLUMNS; p++) {
                CHECK(list[p] < ROWS * COLUMNS && !seen[list[p]]);
                seen[list[p]] = true;
                CHECK(!p || p == grid.inside || list[p] > list[p - 1]);
                if (p < grid.inside)
                    CHECK((int)list[p] == (int)order[p] + dy * COLUMNS + dx &&
                          fleck_grid_place(grid, p) == list[p]);
            }
        }
}

/* ---- a detector ---- */

enum { PHOTOS = 14, SIDE = 56, G = 14, P = G * G, D_MAX = 512, ODD = 5, FROM = 4, TO = 10 };
enum { INSIDE = (TO - FROM) * (TO - FROM), PIXELS = FLECK_HEAT / G, REACH = G / 4 };

/* The part: patches FROM to TO of rows and columns, of the photo that the area was drawn over. */
#define AT(patch) ((float)(patch) / G)
static const fleck_point square[] = {
    {AT(FROM), AT(FROM)}, {AT(TO), AT(FROM)}, {AT(TO), AT(TO)}, {AT(FROM), AT(TO)}};
static const uint32_t four[] = {4};

typedef struct {
    fleck_half patch[P * D_MAX], cls[D_MAX];
} photo;

static fleck_detector *create(fleck_method method, uint32_t threads) {
    fleck_options o = fleck_options_default();
    fleck_detector *det = NULL;
    fleck_arena arena = {0};
    size_t size;
    o.method = method;
    o.input = SIDE;
    o.threads = threads;
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

static fleck_shift shift_of(uint32_t index) {
    fleck_rng rng = fleck_rng_seed(900 + index);
    int32_t columns = (int32_t)fleck_rng_below(&rng, 2 * REACH + 1) - REACH;
    return index ? (fleck_shift){columns, (int32_t)fleck_rng_below(&rng, 2 * REACH + 1) - REACH}
                 : (fleck_shift){0, 0};
}

/* Photos of a part whose patches are each of their own kind, a little other in each photo, moved or
 * not; the odd one has two strange patches. Around it is noise of a seed. */
static photo *make_photos(size_t D, bool moved, uint64_t noise) {
    photo *photos = calloc(PHOTOS, sizeof *photos);
    float *kind = malloc(P * D * sizeof *kind);
    fleck_rng rng = fleck_rng_seed(1), around = fleck_rng_seed(noise);
    for (size_t i = 0; i < P * D; i++) kind[i] = fleck_rng_normal(&rng);
    for (uint32_t i = 0; i < PHOTOS; i++) {
        fleck_shift shift = moved ? shift_of(i) : (fleck_shift){0, 0};
        random_halves(&rng, photos[i].cls, D);
        random_halves(&around, photos[i].patch, P * D);
        for (int y = FROM; y < TO; y++)
            for (int x = FROM; x < TO; x++)
                for (size_t d = 0; d < D; d++) {
                    float value = kind[(size_t)(y * G + x) * D + d] + 0.3f * fleck_rng_normal(&rng);
                    if (i == ODD && y == 6 && (x == 7 || x == 8)) value += 3;
                    size_t place = (size_t)((y + shift.rows) * G + x + shift.columns);
                    fleck_half_narrow(&value, 1, &photos[i].patch[place * D + d]);
                }
    }
    free(kind);
    return photos;
}

static fleck_status follow(fleck_detector *det, const photo *drawn_over) {
    return fleck_set_area(det, square, four, 1, 0, drawn_over ? drawn_over->patch : NULL);
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
    float score[PHOTOS], heat[PHOTOS][FLECK_HEAT * FLECK_HEAT]; /* by the photo's number */
    fleck_shift shift[PHOTOS];
    fleck_folder_verdict folder;
    uint8_t *model;
    size_t model_size;
} outcome;

/* All but the last photo were added, in this order or backwards. */
static void score_all(fleck_detector *det, const photo *photos, bool backwards, outcome *o) {
    const photo *last = &photos[PHOTOS - 1];
    for (uint32_t i = 0; i < PHOTOS - 1; i++) {
        uint32_t number = backwards ? PHOTOS - 2 - i : i;
        CHECK(!fleck_score_added(det, i, o->heat[number], &o->score[number]));
        CHECK(!fleck_area_shift_added(det, i, &o->shift[number]));
    }
    CHECK(!fleck_score(det, last->patch, last->cls, o->heat[PHOTOS - 1], &o->score[PHOTOS - 1]));
    CHECK(!fleck_area_shift(det, last->patch, &o->shift[PHOTOS - 1]));
}

static void add(fleck_detector *det, const photo *photos, bool backwards) {
    for (uint32_t i = 0; i < PHOTOS - 1; i++) {
        const photo *one = &photos[backwards ? PHOTOS - 2 - i : i];
        CHECK(!fleck_add(det, one->patch, one->cls));
    }
}

static outcome *outcome_of(fleck_detector *det, const photo *photos, bool backwards) {
    outcome *o = calloc(1, sizeof *o);
    train(det);
    score_all(det, photos, backwards, o);
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
           !memcmp(a->shift, b->shift, sizeof a->shift);
}

static bool same(const outcome *a, const outcome *b) {
    return same_scores(a, b) && !memcmp(&a->folder, &b->folder, sizeof a->folder) &&
           a->model_size == b->model_size && !memcmp(a->model, b->model, a->model_size);
}

/* Heat of a photo is that of one whose part lies where the area was drawn, moved with it. */
static void check_moved(const outcome *still, const outcome *moved) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < PHOTOS; i++) {
        fleck_shift shift = shift_of(i);
        CHECK(moved->shift[i].rows == shift.rows && moved->shift[i].columns == shift.columns);
        CHECK(!still->shift[i].rows && !still->shift[i].columns);
        CHECK(still->score[i] == moved->score[i]);
        for (int y = 0; y < FLECK_HEAT; y++)
            for (int x = 0; x < FLECK_HEAT; x++) {
                int from_y = y - shift.rows * PIXELS, from_x = x - shift.columns * PIXELS;
                bool inside =
                    from_y >= 0 && from_y < FLECK_HEAT && from_x >= 0 && from_x < FLECK_HEAT;
                float want = inside ? still->heat[i][from_y * FLECK_HEAT + from_x] : 0;
                wrong += moved->heat[i][y * FLECK_HEAT + x] != want;
            }
    }
    CHECK(!wrong);
}

/* Of scores, heatmaps and the model, natively and in WebAssembly; 0 where WebAssembly has none. */
static const uint64_t fingerprints[] = {0x40eb69c3c63470ec, 0x37900a56dd0a2535, 0x19f3aba3960ee852,
                                        0x138f43b3b4f1c5a3, 0x1f8ac8ed1ca816db, 0,
                                        0x92a4a2eb44c4313d, 0x926fd26c994c5508, 0x19006427f8b6eed6};

static void check_fingerprint(const outcome *o, fleck_method method) {
    uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, o->score, sizeof o->score);
    hash = fleck_hash_bytes(hash, o->heat, sizeof o->heat);
    hash = fleck_hash_bytes(hash, o->model, o->model_size);
    if (method == FLECK_METHOD_PAPER) return;
    CHECK(hash == fingerprints[method]);
    if (hash != fingerprints[method])
        fprintf(stderr, "%s: 0x%016llx\n", fleck_method_name(method), (unsigned long long)hash);
}

static void check_file(const outcome *o, fleck_method method, const photo *photos) {
    fleck_detector *det = create(method, 1);
    outcome *loaded = calloc(1, sizeof *loaded);
    size_t size;
    add(det, photos, false);
    CHECK(!fleck_load(det, o->model, o->model_size));
    CHECK(fleck_area(det, NULL) == INSIDE && fleck_area_follows(det));
    score_all(det, photos, false, loaded);
    CHECK(same_scores(o, loaded));
    uint8_t *again = malloc(o->model_size);
    CHECK(!fleck_save(det, again, o->model_size, &size) && size == o->model_size);
    CHECK(!memcmp(again, o->model, size));
    /* with what it brought it learns the same */
    outcome *learnt = outcome_of(det, photos, false);
    CHECK(same(o, learnt));
    outcome_free(learnt);
    free(again);
    free(loaded);
    fleck_destroy(det);
}

static void test_method(fleck_method method) {
    fleck_detector *det = create(method, 2);
    size_t D = dim_of(det);
    photo *at_rest = make_photos(D, false, 50), *moving = make_photos(D, true, 50);
    add(det, at_rest, false);
    CHECK(!follow(det, NULL) && !fleck_area_follows(det));
    outcome *still = outcome_of(det, at_rest, false);
    CHECK(!fleck_clear(det));

    CHECK(!follow(det, moving) && fleck_area_follows(det));
    add(det, moving, false);
    outcome *moved = outcome_of(det, moving, false);
    check_moved(still, moved);
    check_fingerprint(moved, method);
    check_file(moved, method, moving);

    /* other noise around, the area after the photos, one thread, the other order: the same bits */
    fleck_detector *other = create(method, 1);
    photo *spoilt = make_photos(D, true, 51);
    add(other, spoilt, true);
    CHECK(!follow(other, &spoilt[0]));
    outcome *again = outcome_of(other, spoilt, true);
    CHECK(same(moved, again));

    outcome_free(still);
    outcome_free(moved);
    outcome_free(again);
    free(at_rest);
    free(moving);
    free(spoilt);
    fleck_destroy(other);
    fleck_destroy(det);
}

/* The place of a patch of the part on a photo, in shares of the photo. */
static fleck_point place_of(uint32_t index, int row, int column) {
    fleck_shift shift = shift_of(index);
    return (fleck_point){((float)(column + shift.columns) + 0.5f) / G,
                         ((float)(row + shift.rows) + 0.5f) / G};
}

/* Regions, marks and what explains a place are where the photo shows them. */
static void test_places(void) {
    fleck_detector *det = create(FLECK_METHOD_IRMB, 2);
    photo *photos = make_photos(dim_of(det), true, 50);
    static float heat[FLECK_HEAT * FLECK_HEAT];
    float score, marked;
    add(det, photos, false);
    CHECK(!follow(det, photos));
    outcome *o = outcome_of(det, photos, false);
    fleck_regions regions;
    fleck_point defect = place_of(ODD, 6, 7);
    CHECK(!fleck_find_regions(det, o->heat[ODD], SIDE, SIDE, &regions) && regions.count);
    CHECK(fabsf(regions.region[0].peak_x / SIDE - defect.x) < 1.5f / G &&
          fabsf(regions.region[0].peak_y / SIDE - defect.y) < 1.0f / G);

    /* of each other photo the same patch of the part */
    fleck_similar similar[PHOTOS];
    fleck_explanation why;
    uint32_t about = 1; /* its part lies further left than where the area was drawn */
    while (about == ODD || shift_of(about).columns > -2) about++;
    fleck_point at = place_of(about, 8, 5);
    CHECK(!fleck_explain_added(det, about, at.x, at.y, PHOTOS, similar, &why) && why.count);
    CHECK_NEAR(why.left + why.width / 2, at.x, 1e-5);
    CHECK_NEAR(why.top + why.height / 2, at.y, 1e-5);
    for (uint32_t i = 0; i < why.count; i++) {
        fleck_point same_place = place_of(similar[i].photo, 8, 5);
        CHECK_NEAR(similar[i].left + similar[i].width / 2, same_place.x, 1e-5);
        CHECK_NEAR(similar[i].top + similar[i].height / 2, same_place.y, 1e-5);
    }
    fleck_explanation again;
    CHECK(!fleck_explain(det, photos[about].patch, at.x, at.y, 0, NULL, &again));
    CHECK(again.left == why.left && again.top == why.top);
    /* outside of the area where the photo has it, though not where it was drawn */
    fleck_point right = place_of(about, 6, TO);
    CHECK(right.x < AT(TO));
    CHECK(fleck_explain_added(det, about, right.x, right.y, 0, NULL, &again) == FLECK_ERR_ARGUMENT);

    /* marks: a good spot takes the defect away, and is listed where it was made */
    CHECK(o->score[ODD] >= FLECK_DEFECT);
    CHECK(!fleck_mark_added(det, ODD, &defect, FLECK_MARK_GOOD));
    fleck_made_mark made;
    CHECK(fleck_mark_count(det) == 1 && !fleck_list_marks(det, &made) && made.is_spot);
    CHECK_NEAR(made.x, defect.x, 1e-6);
    CHECK_NEAR(made.y, defect.y, 1e-6);
    CHECK(!fleck_score_added(det, ODD, heat, &score) && score < o->score[ODD]);
    uint32_t hash[2];
    CHECK(!fleck_known_by(det, photos[ODD].patch, hash) && !memcmp(hash, made.hash, sizeof hash));

    /* a model keeps both, and learning with the area as it was drawn keeps the marks' places */
    size_t size;
    CHECK(!fleck_save(det, NULL, 0, &size));
    uint8_t *model = malloc(size);
    CHECK(!fleck_save(det, model, size, &size));
    fleck_detector *other = create(FLECK_METHOD_IRMB, 1);
    CHECK(!fleck_load(other, model, size) && fleck_mark_count(other) == 1);
    CHECK(!fleck_score(other, photos[ODD].patch, photos[ODD].cls, heat, &marked));
    CHECK(marked == score);
    fleck_made_mark listed;
    CHECK(!fleck_list_marks(other, &listed) && !memcmp(&listed, &made, sizeof made));
    CHECK(!fleck_set_area(det, NULL, NULL, 0, 0, NULL));
    train(det);
    CHECK(!fleck_list_marks(det, &listed) && listed.x == made.x && listed.y == made.y);

    fleck_destroy(other);
    free(model);
    outcome_free(o);
    free(photos);
    fleck_destroy(det);
}

/* ---- trying, changing, bad input ---- */

static void test_tried(void) {
    fleck_detector *det = create(FLECK_METHOD_KNN, 1);
    photo *photos = make_photos(dim_of(det), true, 50);
    static uint8_t map[FLECK_HEAT * FLECK_HEAT], mask[FLECK_HEAT * FLECK_HEAT];
    uint32_t patches;
    for (uint32_t i = 0; i < 4; i++) {
        fleck_shift shift, want = shift_of(i);
        uint32_t wrong = 0;
        CHECK(!fleck_try_area(det, square, four, 1, 0, photos[0].patch, photos[i].patch, &patches,
                              &shift, map));
        CHECK(patches == INSIDE && shift.rows == want.rows && shift.columns == want.columns);
        for (int y = 0; y < FLECK_HEAT; y++)
            for (int x = 0; x < FLECK_HEAT; x++) {
                int row = y / PIXELS - want.rows, column = x / PIXELS - want.columns;
                bool inside = row >= FROM && row < TO && column >= FROM && column < TO;
                wrong += map[y * FLECK_HEAT + x] != inside;
                if (!i) mask[y * FLECK_HEAT + x] = inside;
            }
        CHECK(!wrong);
        CHECK(!fleck_try_area_mask(det, mask, FLECK_HEAT, FLECK_HEAT, photos[0].patch,
                                   photos[i].patch, &patches, &shift, NULL));
        CHECK(patches == INSIDE && shift.rows == want.rows && shift.columns == want.columns);
    }
    CHECK(!fleck_area(det, NULL) && !fleck_area_follows(det));

    /* the same again keeps what was learnt, another part or none does not */
    float score;
    add(det, photos, false);
    CHECK(!fleck_set_area_mask(det, mask, FLECK_HEAT, FLECK_HEAT, photos[0].patch));
    train(det);
    CHECK(!follow(det, &photos[0]) && !fleck_score_added(det, 0, NULL, &score));
    CHECK(!follow(det, &photos[1]) && fleck_score_added(det, 0, NULL, &score) == FLECK_ERR_STATE);
    train(det);
    CHECK(!follow(det, NULL) && fleck_score_added(det, 0, NULL, &score) == FLECK_ERR_STATE);
    fleck_shift shift;
    CHECK(!fleck_area_shift_added(det, 1, &shift) && !shift.rows && !shift.columns);
    CHECK(!fleck_area_shift(det, photos[1].patch, &shift) && !shift.rows && !shift.columns);
    free(photos);
    fleck_destroy(det);
}

static void test_refused(void) {
    static const fleck_point all[] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    static const char no_room[] = "the area reaches from edge to edge of what is looked at: there "
                                  "is no room for it to follow a part";
    fleck_detector *det = NULL;
    fleck_shift shift = {7, 7};
    uint32_t patches = 7;
    CHECK(!fleck_create(&det));
    CHECK(fleck_area_shift(det, NULL, &shift) == FLECK_ERR_STATE);
    fleck_destroy(det);
    det = create(FLECK_METHOD_KNN, 1);
    size_t D = dim_of(det);
    photo *photos = make_photos(D, true, 50);
    CHECK(fleck_set_area(det, all, four, 1, 0, photos->patch) == FLECK_ERR_ARGUMENT);
    CHECK(!strcmp(fleck_error(det), no_room));
    CHECK(fleck_set_area(det, NULL, NULL, 0, 0, photos->patch) == FLECK_ERR_ARGUMENT);
    CHECK(!strcmp(fleck_error(det), no_room));
    CHECK(fleck_try_area(det, square, four, 0, 1, photos->patch, photos->patch, &patches, &shift,
                         NULL) == FLECK_ERR_ARGUMENT);
    CHECK(!fleck_area(det, NULL) && patches == 7 && shift.rows == 7);

    CHECK(!follow(det, photos));
    photos[1].patch[P * D - 1] = 0x7c00; /* infinite */
    CHECK(follow(det, &photos[1]) == FLECK_ERR_ARGUMENT);
    CHECK(!strcmp(fleck_error(det), "features hold a value that is not finite"));
    CHECK(fleck_area_shift(det, photos[1].patch, &shift) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_try_area(det, square, four, 1, 0, photos->patch, photos[1].patch, &patches, NULL,
                         NULL) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_area_shift_added(det, 0, &shift) == FLECK_ERR_ARGUMENT && shift.rows == 7);
    CHECK(fleck_area_follows(det));
    CHECK(fleck_set_tiles(det, 2, 1) == FLECK_ERR_STATE);
    CHECK(!strcmp(fleck_error(det),
                  "the area follows a part as other tiles see it: set the tiles first"));
    CHECK(!fleck_clear(det) && !fleck_area_follows(det) && !fleck_set_tiles(det, 2, 1));
    free(photos);
    fleck_destroy(det);
}

/* ---- a proposal ---- */

/* Background of one kind, a part of another, which may have a hole or reach over the edge. */
static void make_scene(fleck_half *out, size_t D, const int box[4], bool hole, bool strewn) {
    fleck_rng rng = fleck_rng_seed(12);
    float kind[2][D_MAX];
    for (size_t d = 0; d < D; d++) {
        kind[0][d] = fleck_rng_normal(&rng);
        kind[1][d] = fleck_rng_normal(&rng);
    }
    for (int y = 0; y < G; y++)
        for (int x = 0; x < G; x++) {
            bool part = y >= box[0] && y < box[1] && x >= box[2] && x < box[3];
            if (hole && y == 6 && x == 6) part = false;
            if (strewn && y == 2 && x == 11) part = true; /* a smaller piece */
            for (size_t d = 0; d < D; d++) {
                float value = kind[part][d] + 0.2f * fleck_rng_normal(&rng);
                fleck_half_narrow(&value, 1, &out[(size_t)(y * G + x) * D + d]);
            }
        }
}

/* The patches of a proposal are those of the part, but for its border, which is smoothed. */
static void check_proposal(fleck_detector *det, const fleck_half *scene, const int box[4]) {
    fleck_point points[FLECK_AREA_POINTS_MAX];
    static uint8_t map[FLECK_HEAT * FLECK_HEAT];
    uint32_t count = 0, patches, wrong = 0;
    CHECK(!fleck_propose_area(det, scene, points, &count) && count >= 4 && count <= 24);
    CHECK(!fleck_area(det, NULL)); /* nothing is set */
    CHECK(!fleck_try_area(det, points, &count, 1, 0, NULL, NULL, &patches, NULL, map));
    for (int y = 0; y < G; y++)
        for (int x = 0; x < G; x++) {
            bool in = map[(y * PIXELS + PIXELS / 2) * FLECK_HEAT + x * PIXELS + PIXELS / 2];
            bool within = y > box[0] && y + 1 < box[1] && x > box[2] && x + 1 < box[3];
            bool near = y >= box[0] - 1 && y <= box[1] && x >= box[2] - 1 && x <= box[3];
            wrong += (within && !in) || (in && !near);
        }
    CHECK(!wrong);
}

static void test_proposal(void) {
    static const int middle[] = {4, 10, 3, 9}, corner[] = {8, 14, 0, 7};
    fleck_detector *det = create(FLECK_METHOD_KNN, 1), *other = create(FLECK_METHOD_KNN, 2);
    size_t D = dim_of(det);
    fleck_half *scene = malloc(P * D * sizeof *scene);
    fleck_point points[FLECK_AREA_POINTS_MAX], again[FLECK_AREA_POINTS_MAX];
    uint32_t count = 7, repeated;
    make_scene(scene, D, middle, true, true);
    check_proposal(det, scene, middle);
    CHECK(!fleck_propose_area(det, scene, points, &count));
    CHECK(!fleck_propose_area(other, scene, again, &repeated) && count == repeated);
    CHECK(!memcmp(points, again, count * sizeof *points));
    uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, points, count * sizeof *points);
    CHECK(hash == PROPOSED); /* natively and in WebAssembly */
    if (hash != PROPOSED) fprintf(stderr, "0x%016llx\n", (unsigned long long)hash);
    make_scene(scene, D, corner, false, false);
    check_proposal(det, scene, corner);
    /* nothing stands out, or too little */
    static const int none[] = {0, 0, 0, 0}, little[] = {5, 7, 5, 7};
    static const char nothing[] = "nothing on the photo stands out from what it shows at its edge";
    count = 7;
    make_scene(scene, D, little, false, false);
    CHECK(fleck_propose_area(det, scene, points, &count) == FLECK_ERR_ARGUMENT && count == 7);
    CHECK(!strcmp(fleck_error(det), nothing));
    make_scene(scene, D, none, false, false);
    for (size_t p = 1; p < P; p++) memcpy(scene + p * D, scene, D * sizeof *scene);
    CHECK(fleck_propose_area(det, scene, points, &count) == FLECK_ERR_ARGUMENT);
    CHECK(!strcmp(fleck_error(det), nothing));
    memset(scene, 0, P * D * sizeof *scene);
    CHECK(fleck_propose_area(det, scene, points, &count) == FLECK_ERR_ARGUMENT);
    scene[3] = 0x7e00; /* no number */
    CHECK(fleck_propose_area(det, scene, points, &count) == FLECK_ERR_ARGUMENT);
    CHECK(!strcmp(fleck_error(det), "features hold a value that is not finite"));
    free(scene);
    fleck_destroy(det);
    CHECK(!fleck_create(&det));
    CHECK(fleck_propose_area(det, NULL, points, &count) == FLECK_ERR_STATE && count == 7);
    fleck_destroy(det);
    fleck_destroy(other);
}

int main(void) {
    test_search();
    test_list();
    for (int m = 0; fleck_method_name((fleck_method)m); m++)
        if (fleck_method_built((fleck_method)m)) test_method((fleck_method)m);
    test_places();
    test_tried();
    test_proposal();
    test_refused();
    return check_done();
}
