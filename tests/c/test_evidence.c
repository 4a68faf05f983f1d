/* What vouches for a patch, against plain loops in double; and what a detector says of places. */
#include "check.h"
#include "compute_of.h"
#include "evidence.h"
#include "fleck.h"
#include "folder_of.h"
#include "learner.h"
#include "rng.h"

#include <float.h>

/* ---- patches, against plain loops ---- */

/* Photo 3 is equal to photo 1, and one patch of photo 2 is like no other. */
enum { TWIN = 1, SAME = 3, ODD = 2, ODD_PATCH = 5 };

typedef struct {
    folder f;
    double *embedded; /* [photos, P, D] */
} made;

static bool is_in_window(fleck_grid grid, size_t p, size_t q, int reach) {
    int a = (int)fleck_grid_place(grid, p), b = (int)fleck_grid_place(grid, q);
    int columns = (int)grid.columns;
    return abs(a / columns - b / columns) <= reach && abs(a % columns - b % columns) <= reach;
}

static void embed_plainly(const fleck_features *f, uint32_t window, double *out) {
    for (uint32_t i = 0; i < f->count; i++)
        for (size_t p = 0; p < f->P; p++)
            for (size_t d = 0, n = 0; d < f->D; d++, out++) {
                *out = 0, n = 0;
                for (size_t q = 0; q < f->P; q++) {
                    float x;
                    if (!is_in_window(f->grid, p, q, (int)window / 2)) continue;
                    fleck_half_widen(f->patch[i] + q * f->D + d, 1, &x);
                    *out += (double)x;
                    n++;
                }
                *out /= (double)n;
            }
}

/* order: that of an area of interest; NULL: all count. */
static made make(uint32_t photos, fleck_grid grid, size_t D, uint32_t window, const uint32_t *order,
                 uint32_t inside) {
    made m;
    fleck_rng rng = fleck_rng_seed(photos + D);
    folder_make(&m.f, photos, grid, D);
    fleck_features *f = &m.f.features;
    size_t places = f->P;
    for (uint32_t i = 0; i < photos; i++)
        for (size_t k = 0; k < places * D; k++) {
            float x = fleck_rng_normal(&rng) + (i == ODD && k / D == ODD_PATCH ? 40 : 0);
            fleck_half_narrow(&x, 1, m.f.patch + i * places * D + k);
        }
    memcpy(m.f.patch + SAME * places * D, m.f.patch + TWIN * places * D,
           places * D * sizeof *m.f.patch);
    f->grid.order = order;
    f->grid.inside = inside;
    f->P = fleck_grid_patches(f->grid);
    m.embedded = calloc(photos * f->P * D, sizeof *m.embedded);
    embed_plainly(f, window, m.embedded);
    return m;
}

static void made_free(made *m) {
    folder_free(&m->f);
    free(m->embedded);
}

static double apart(const made *m, uint32_t i, size_t p, uint32_t k, size_t q) {
    size_t P = m->f.features.P, D = m->f.features.D;
    const double *a = m->embedded + (i * P + p) * D, *b = m->embedded + (k * P + q) * D;
    double sum = 0;
    for (size_t d = 0; d < D; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
    return sqrt(sum);
}

static double nearest_in(const made *m, uint32_t i, size_t p, uint32_t k, uint32_t *patch) {
    double least = DBL_MAX;
    for (uint32_t q = 0; q < m->f.features.P; q++) {
        double far = apart(m, i, p, k, q);
        if (far < least) least = far, *patch = q;
    }
    return least;
}

/* The nearest patches of photos but i, which p is of. */
static void check_found(const made *m, const fleck_match *match, uint32_t found, uint32_t i,
                        size_t p) {
    double before = 0;
    for (uint32_t k = 0; k < found; k++) {
        uint32_t patch = 0, ignored, nearer = 0;
        double far = nearest_in(m, i, p, match[k].photo, &patch);
        CHECK_NEAR(match[k].distance, far, 1e-3);
        CHECK(match[k].patch == patch && match[k].photo != i && far >= before - 1e-4);
        for (uint32_t other = 0; other < m->f.features.count; other++)
            nearer += other != i && nearest_in(m, i, p, other, &ignored) < far - 1e-4;
        CHECK(nearer <= k);
        before = far;
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Each sample is as far from a third of the other references as some patch of a reference. */
static void check_usual(const made *m, const fleck_evidence *e) {
    const fleck_features *f = &m->f.features;
    uint32_t references = f->count < FLECK_REFERENCES ? f->count : FLECK_REFERENCES;
    uint32_t patch, wrong = 0, nearer = 0, farther = 0;
    size_t n = 0;
    double *want = calloc(f->count * f->P, sizeof *want);
    for (uint32_t i = 0; i < references; i++) {
        for (size_t p = 0; p < f->P; p++, n++) {
            double far[FLECK_REFERENCES];
            uint32_t others = 0;
            for (uint32_t k = 0; k < references; k++)
                if (k != i) far[others++] = nearest_in(m, i, p, k, &patch);
            qsort(far, others, sizeof *far, ascending);
            want[n] = far[others / 3];
        }
    }
    for (size_t s = 0; s < FLECK_SAMPLES; s++) {
        double least = DBL_MAX;
        for (size_t k = 0; k < n; k++)
            least = fmin(least, fabs(want[k] - (double)sqrtf(e->far[s])));
        wrong += least > 1e-3;
        nearer += sqrtf(e->far[s]) < e->usual;
        farther += sqrtf(e->far[s]) > e->usual;
    }
    CHECK(!wrong && nearer <= FLECK_SAMPLES / 2 && farther <= FLECK_SAMPLES / 2);
    free(want);
}

typedef struct {
    fleck_match match[FLECK_REFERENCES + 8];
    uint32_t found;
    fleck_rarity rarity;
} answer;

static answer ask(const made *m, const fleck_evidence *e, const fleck_compute *compute, uint32_t i,
                  size_t p, uint32_t photo, uint32_t count) {
    const fleck_features *f = &m->f.features;
    answer a = {.found = UINT32_MAX};
    CHECK(fleck_evidence_find(e, compute, f, f->patch[i], p, photo, count, a.match, &a.found,
                              &a.rarity));
    return a;
}

static void check_folder(const made *m, uint32_t window) {
    const fleck_features *f = &m->f.features;
    fleck_arena arena = {0}, scratch[3] = {{0}};
    fleck_compute compute[] = {compute_make(&scratch[0], NULL, 1),
                               compute_make(&scratch[1], NULL, 3),
                               compute_make(&scratch[2], "scalar", 1)};
    fleck_evidence e[3];
    for (size_t v = 0; v < 3; v++) {
        CHECK(fleck_evidence_fit(&arena, &compute[v], f, window, &e[v]));
        check_usual(m, &e[v]);
    }
    for (uint32_t i = 0; i < 4; i++)
        for (size_t p = i; p < f->P; p += 3) {
            uint32_t count = i % 2 ? 4 : f->count;
            answer a = ask(m, &e[0], &compute[0], i, p, i, count);
            answer threads = ask(m, &e[1], &compute[1], i, p, i, count);
            CHECK(!memcmp(&a, &threads, sizeof a));
            CHECK(a.found == (count < f->count ? count : f->count - 1));
            check_found(m, a.match, a.found, i, p);
            if (i == TWIN || i == SAME) {
                CHECK(a.match[0].photo == TWIN + SAME - i && a.match[0].distance == 0);
            }
            a = ask(m, &e[2], &compute[2], i, p, i, 4);
            check_found(m, a.match, a.found, i, p);
            /* as a photo that was not added it is its own nearest */
            a = ask(m, &e[0], &compute[0], i, p, FLECK_NO_PHOTO, 1);
            CHECK(a.found == 1 && a.match[0].photo == (i == SAME ? TWIN : i));
            CHECK(a.match[0].distance == 0 && apart(m, i, p, i, a.match[0].patch) == 0);
            a = ask(m, &e[0], &compute[0], i, p, i, 0);
            CHECK(!a.found);
        }
    /* what lies about the odd patch is among the samples, too, but nothing is odder */
    CHECK(ask(m, &e[0], &compute[0], ODD, ODD_PATCH, ODD, 1).rarity.nearer > 0.7f);
    float *far = FLECK_NEW(&arena, float, f->count);
    CHECK(fleck_photos_apart(&compute[0], f, f->patch[TWIN], far));
    for (uint32_t i = 0; i < f->count; i++) {
        double want = 0;
        for (size_t p = 0; p < f->P; p++) want += apart(m, i, p, TWIN, p) / (double)f->P;
        if (window == 1) CHECK_NEAR(far[i], want, 1e-4);
        CHECK((far[i] > 0) == (i != TWIN && i != SAME));
    }
    for (size_t v = 0; v < 3; v++) {
        CHECK(!scratch[v].chunk);
        compute_free(&compute[v]);
    }
    fleck_arena_free(&arena);
}

static void test_patches(void) {
    static const size_t dims[] = {5, 8, 33};
    for (size_t d = 0; d < LEN(dims); d++)
        for (uint32_t window = 1; window <= 3; window += 2) {
            made m = make(5 + (uint32_t)d, grid_of(4, 9), dims[d], window, NULL, 0);
            check_folder(&m, window);
            made_free(&m);
        }
    made many = make(FLECK_REFERENCES + 3, grid_of(3, 4), 6, 3, NULL, 0);
    check_folder(&many, 3);
    made_free(&many);
    /* of an area two of three patches of all rows but one take part */
    enum { PLACES = 48 };
    uint32_t order[PLACES], inside = 0, outside = PLACES;
    for (uint32_t i = 0; i < PLACES; i++)
        if (i % 3 && i / 8 != 4)
            order[inside++] = i;
        else
            order[--outside] = i;
    made area = make(6, grid_of(6, 8), 9, 3, order, inside);
    check_folder(&area, 3);
    made_free(&area);
}

/* ---- places of photos, by a detector ---- */

/* Photos of two ways to lie, photo i in that of i % 2, of which DEFECT has a defect. */
enum { PHOTOS = 16, G = 12, TILED = 21 /* 2 tiles */, P_MAX = TILED * G, D_MAX = 48, DEFECT = 6 };

typedef struct {
    fleck_half patch[P_MAX * D_MAX], cls[D_MAX];
} photo;

static photo *make_photos(size_t P, size_t D) {
    photo *photos = calloc(PHOTOS, sizeof *photos);
    for (uint32_t i = 0; i < PHOTOS; i++) {
        fleck_rng lie = fleck_rng_seed(i % 2), own = fleck_rng_seed(100 + i);
        for (size_t k = 0; k < P * D; k++) {
            float x = 3 * fleck_rng_normal(&lie) + fleck_rng_normal(&own);
            if (i == DEFECT && k / D >= 17 && k / D < 20) x += k % 3 ? 8 : -8;
            fleck_half_narrow(&x, 1, &photos[i].patch[k]);
        }
        memcpy(photos[i].cls, photos[i].patch, D * sizeof(fleck_half));
    }
    return photos;
}

static fleck_detector *create(fleck_method method, fleck_preset preset) {
    fleck_options o = fleck_options_default();
    fleck_detector *det = NULL;
    fleck_arena arena = {0};
    size_t size = 0;
    o.method = method;
    o.preset = preset;
    o.input = 48;
    o.threads = 2;
    o.iterations = 3;
    if (method == FLECK_METHOD_L2BT) { /* needs two */
        o.block_count = 2;
        o.blocks[0] = 2;
        o.blocks[1] = 3;
    }
    uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    CHECK(bytes && !fleck_create(&det) && !fleck_configure(det, &o));
    fleck_similar similar;
    fleck_explanation out;
    CHECK(fleck_explain_added(det, 0, 0, 0, 1, &similar, &out) == FLECK_ERR_STATE);
    CHECK(!fleck_load_backbone(det, bytes, size));
    fleck_arena_free(&arena);
    return det;
}

static fleck_feature_shape shape_of(const fleck_detector *det) {
    fleck_feature_shape shape;
    CHECK(!fleck_shape(det, &shape) && shape.patches <= P_MAX && shape.dim <= D_MAX);
    return shape;
}

static void add(fleck_detector *det, const photo *photos, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++) CHECK(!fleck_add(det, photos[i].patch, photos[i].cls));
}

static void train(fleck_detector *det) {
    fleck_progress progress = {.total = 1};
    CHECK(!fleck_train_begin(det));
    while (progress.done < progress.total)
        if (fleck_train_step(det, &progress)) break;
    CHECK(progress.done == progress.total);
}

static void check_refused(fleck_detector *det, fleck_status status, fleck_status want,
                          const char *why) {
    bool is_said = strstr(fleck_error(det), why);
    CHECK(status == want && is_said);
    if (!is_said) fprintf(stderr, "  %s\n", fleck_error(det));
}

/* Near a place, in patches of the grid from its corner, within what rounds. */
static void check_box(fleck_feature_shape s, float left, float top, float width, float height,
                      const float want[4]) {
    float margin = (1 - s.frame_share) / 2;
    float columns = s.frame_share / (float)s.columns, rows = s.frame_share / (float)s.rows;
    CHECK_NEAR(left, margin + want[0] * columns, 1e-6);
    CHECK_NEAR(top, margin + want[1] * rows, 1e-6);
    CHECK_NEAR(width, want[2] * columns, 1e-6);
    CHECK_NEAR(height, want[3] * rows, 1e-6);
}

static void test_boxes(void) {
    static const fleck_method methods[] = {FLECK_METHOD_KNN, FLECK_METHOD_IRMB};
    for (int m = 0; m < 2; m++)
        for (int preset = 0; preset < 2; preset++) {
            fleck_detector *det = create(methods[m], (fleck_preset)preset);
            CHECK(!fleck_set_tiles(det, 2, 1));
            fleck_feature_shape s = shape_of(det);
            CHECK(s.columns == TILED && s.rows == G);
            photo *photos = make_photos(s.patches, s.dim);
            add(det, photos, 0, PHOTOS);
            float margin = (1 - s.frame_share) / 2;
            fleck_point point = {margin + s.frame_share * 4.5f / TILED,
                                 margin + s.frame_share * 7.9f / G};
            fleck_similar similar[3];
            fleck_explanation e = {0};
            CHECK(!fleck_explain_added(det, 3, point.x, point.y, 3, similar, &e) && e.count == 3);
            const float at[2][4] = {{4, 7, 1, 1}, {3, 6, 3, 3}};
            check_box(s, e.left, e.top, e.width, e.height, at[m]);
            /* those that lie alike are alike at the same place */
            for (int i = 0; i < 3; i++) {
                const fleck_similar *x = &similar[i];
                CHECK(x->photo % 2 == 1 && x->photo != 3 && x->distance > 0);
                CHECK(!i || x->distance >= similar[i - 1].distance);
                check_box(s, x->left, x->top, x->width, x->height, at[m]);
            }
            CHECK(!fleck_explain_added(det, 3, margin + 1e-3f, margin + 1e-3f, 1, similar, &e));
            const float corner[2][4] = {{0, 0, 1, 1}, {0, 0, 2, 2}};
            check_box(s, e.left, e.top, e.width, e.height, corner[m]);
            if (preset)
                check_refused(det, fleck_explain_added(det, 3, 0.5f, 0.01f, 1, similar, &e),
                              FLECK_ERR_ARGUMENT, "outside of what is looked at");
            else
                CHECK(!fleck_explain_added(det, 3, 1, 1, 1, similar, &e));
            free(photos);
            fleck_destroy(det);
        }
}

static void test_refusals(void) {
    fleck_detector *det = create(FLECK_METHOD_ENSEMBLE, FLECK_PRESET_FIT);
    fleck_feature_shape s = shape_of(det);
    photo *photos = make_photos(s.patches, s.dim);
    const fleck_point middle = {0.5f, 0.5f};
    fleck_similar similar[PHOTOS];
    fleck_explanation e;
    uint32_t index;
    add(det, photos, 0, 1);
    check_refused(det, fleck_explain_added(det, 0, middle.x, middle.y, 1, similar, &e),
                  FLECK_ERR_STATE, "of which there are 1");
    add(det, photos, 1, 6);
    check_refused(det, fleck_nearest_normal_added(det, 0, &index), FLECK_ERR_STATE, "train");
    check_refused(det, fleck_explain_added(det, 6, middle.x, middle.y, 1, similar, &e),
                  FLECK_ERR_ARGUMENT, "photo 6 of 6");
    static const fleck_point outside[] = {{-0.1f, 0.5f}, {0.5f, 1.1f}, {NAN, 0.5f}, {0.5f, NAN}};
    for (size_t i = 0; i < LEN(outside); i++)
        check_refused(det, fleck_explain_added(det, 0, outside[i].x, outside[i].y, 1, similar, &e),
                      FLECK_ERR_ARGUMENT, "outside of the photo");
    photo odd = photos[2];
    odd.patch[3] = 0x7c00;
    check_refused(det, fleck_explain(det, odd.patch, middle.x, middle.y, 1, similar, &e),
                  FLECK_ERR_ARGUMENT, "not finite");
    /* photos added later are compared, too; one that is equal vouches, a photo for itself not */
    CHECK(!fleck_explain(det, photos[7].patch, middle.x, middle.y, PHOTOS, similar, &e) &&
          e.count == 6);
    CHECK(similar[0].distance > 0);
    add(det, photos, 7, 8);
    CHECK(!fleck_explain(det, photos[7].patch, middle.x, middle.y, PHOTOS, similar, &e) &&
          e.count == 7);
    CHECK(similar[0].photo == 6 && similar[0].distance == 0);
    CHECK(!fleck_explain_added(det, 6, middle.x, middle.y, PHOTOS, similar, &e) && e.count == 6);
    CHECK(similar[0].distance > 0);
    add(det, photos, 7, 8);
    CHECK(!fleck_explain_added(det, 6, middle.x, middle.y, 2, similar, &e) && e.count == 2);
    CHECK(similar[0].photo == 7 && similar[0].distance == 0);
    CHECK(!fleck_explain_added(det, 6, middle.x, middle.y, 0, NULL, &e) && e.count == 0);
    /* a model has no photos */
    train(det);
    size_t size;
    CHECK(!fleck_save(det, NULL, 0, &size));
    uint8_t *model = malloc(size);
    CHECK(!fleck_save(det, model, size, &size) && !fleck_clear(det) &&
          !fleck_load(det, model, size));
    check_refused(det, fleck_explain(det, photos[0].patch, middle.x, middle.y, 1, similar, &e),
                  FLECK_ERR_STATE, "a model has none");
    check_refused(det, fleck_nearest_normal(det, photos[0].patch, &index), FLECK_ERR_STATE,
                  "a model has none");
    add(det, photos, 0, 5);
    CHECK(!fleck_explain(det, photos[9].patch, middle.x, middle.y, 1, similar, &e));
    CHECK(!fleck_nearest_normal(det, photos[9].patch, &index) && index % 2 == 1);
    free(model);
    free(photos);
    fleck_destroy(det);
}

/* Whatever the method learns, a defect has no example, and the photo beside its own is one that
 * lies alike and is no defect. */
static void test_methods(void) {
    for (int m = 0; fleck_method_name((fleck_method)m); m++) {
        if (!fleck_method_built((fleck_method)m)) continue;
        fleck_detector *det = create((fleck_method)m, FLECK_PRESET_FIT);
        fleck_feature_shape s = shape_of(det);
        photo *photos = make_photos(s.patches, s.dim);
        add(det, photos, 0, PHOTOS - 1);
        train(det);
        const fleck_point at_defect = {6.5f / G, 1.5f / G}, elsewhere = {3.5f / G, 9.5f / G};
        fleck_similar similar[2];
        fleck_explanation defect, good;
        uint32_t index = DEFECT;
        float score;
        CHECK(!fleck_explain_added(det, DEFECT, at_defect.x, at_defect.y, 2, similar, &defect));
        CHECK(defect.nearer > 0.95f && similar[0].photo != DEFECT && defect.count == 2);
        CHECK(similar[0].distance > 1.2f * defect.usual && defect.usual > 0);
        CHECK(defect.distance >= similar[0].distance);
        CHECK(!fleck_explain_added(det, DEFECT, elsewhere.x, elsewhere.y, 2, similar, &good));
        CHECK(good.nearer < defect.nearer && good.usual == defect.usual &&
              similar[0].photo % 2 == DEFECT % 2);
        CHECK(!fleck_nearest_normal_added(det, DEFECT, &index));
        CHECK(index != DEFECT && index % 2 == DEFECT % 2);
        CHECK(!fleck_score_added(det, index, NULL, &score) && score < FLECK_DEFECT);
        CHECK(!fleck_nearest_normal(det, photos[PHOTOS - 1].patch, &index) && index % 2 == 1);
        /* at a threshold that no photo is below there is none */
        CHECK(!fleck_set_threshold(det, 1e-30f));
        fleck_status status = fleck_nearest_normal_added(det, DEFECT, &index);
        if (status) check_refused(det, status, FLECK_ERR_STATE, "below the threshold");
        free(photos);
        fleck_destroy(det);
    }
}

/* What lies outside of an area has no say, and is not shown. */
static void test_area(void) {
    static const fleck_point left[] = {{0, 0}, {0.49f, 0}, {0.49f, 1}, {0, 1}};
    static const uint32_t corners[] = {4};
    fleck_detector *det = create(FLECK_METHOD_IRMB, FLECK_PRESET_FIT);
    fleck_feature_shape s = shape_of(det);
    photo *photos = make_photos(s.patches, s.dim);
    fleck_similar similar[2][4];
    fleck_explanation e[2];
    add(det, photos, 0, PHOTOS);
    CHECK(!fleck_explain_added(det, 1, 0.75f, 0.5f, 4, similar[0], &e[0]));
    CHECK(!fleck_set_area(det, left, corners, 1, 0, NULL));
    check_refused(det, fleck_explain_added(det, 1, 0.75f, 0.5f, 4, similar[0], &e[0]),
                  FLECK_ERR_ARGUMENT, "outside of the area of interest");
    for (int spoilt = 0; spoilt < 2; spoilt++) {
        CHECK(!fleck_clear(det) && !fleck_set_area(det, left, corners, 1, 0, NULL));
        for (uint32_t i = 0; spoilt && i < PHOTOS; i++)
            for (size_t k = 0; k < s.patches * s.dim; k++)
                if (k / s.dim % G >= G / 2) photos[i].patch[k] ^= 0x8007;
        add(det, photos, 0, PHOTOS);
        CHECK(!fleck_explain(det, photos[1].patch, 0.48f, 0.5f, 4, similar[spoilt], &e[spoilt]));
    }
    CHECK(!memcmp(similar[0], similar[1], sizeof similar[0]) && !memcmp(&e[0], &e[1], sizeof e[0]));
    CHECK(similar[0][0].photo == 1 && similar[0][0].distance == 0);
    CHECK_NEAR(e[0].left + e[0].width, 7.0 / G, 1e-6); /* the patch at 5, with what is around it */
    free(photos);
    fleck_destroy(det);
}

int main(void) {
    test_patches();
    test_boxes();
    test_refusals();
    test_methods();
    test_area();
    return check_done();
}
