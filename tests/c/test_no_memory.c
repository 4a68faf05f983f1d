/* Every allocation of every public call fails once: the call says so, nothing is lost or leaks,
 * and the same call then gives the same result.
 *
 * The linker leads allocations here (--wrap, CMakeLists.txt), those of arenas as well, of which
 * malloc sees few: no product code knows of this. Steps of training, which a failure ends, are
 * tried in copies of the process. */
#include "backbone_of.h"
#include "check.h"
#include "convert.h"
#include "fleck.h"
#include "golden.h"
#include "hash.h"
#include "metrics.h"
#include "vit_names.h"
#include "open.h"

#include <execinfo.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- allocations ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *p);
void *__real_fleck_arena_alloc(fleck_arena *arena, size_t count, size_t size);
void *__real_fleck_arena_zalloc(fleck_arena *arena, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *p);
void *__wrap_fleck_arena_alloc(fleck_arena *arena, size_t count, size_t size);
void *__wrap_fleck_arena_zalloc(fleck_arena *arena, size_t count, size_t size);

static long live;                /* allocations that were not freed */
static long made, failing, last; /* since arm(): how many there were; which ones fail */
static bool failed;              /* since arm(): whether one did */
static bool within_arena;        /* its malloc is no allocation of its own */

static void arm(long first_failing, long last_failing) {
    made = 0;
    failed = false;
    failing = first_failing;
    last = last_failing;
}

/* None fails from now on. */
static void disarm(void) { failing = 0; }

/* Sanitizers make allocations, and copies of a process, some ten times as slow: there each path of
 * calls to an allocation fails once in a check, elsewhere every allocation. */
#ifdef __SANITIZE_ADDRESS__
enum { EVERY = 0 };
#else
enum { EVERY = 1 };
#endif
enum { PATHS_MAX = 4096 };

static uint64_t calls[PATHS_MAX]; /* since paths_begin(): of each allocation */
static uint64_t tried[PATHS_MAX]; /* of those that failed in this check */
static size_t path_count, tried_count;
static bool noting;

static void note_path(void) {
    void *frames[48];
    noting = false; /* what backtrace itself allocates */
    int depth = backtrace(frames, LEN(frames));
    uint64_t hash = FLECK_HASH_EMPTY;
    for (int i = 0; i < depth; i++) hash = fleck_hash_add(hash, (uintptr_t)frames[i]);
    if (path_count < PATHS_MAX) calls[path_count] = hash;
    path_count++;
    noting = true;
}

static void paths_begin(void) {
    path_count = 0;
    noting = !EVERY;
}

static void paths_end(void) {
    noting = false;
    CHECK(path_count <= PATHS_MAX);
}

/* Whether the n-th allocation since paths_begin(), 1 the first, is to fail. Those after the last
 * are, so that a check sees where the end is. */
static bool is_to_fail(long n) {
    if (EVERY || (size_t)n > path_count || n > PATHS_MAX) return true;
    for (size_t i = 0; i < tried_count; i++)
        if (tried[i] == calls[n - 1]) return false;
    if (tried_count < PATHS_MAX) tried[tried_count++] = calls[n - 1];
    return true;
}

static bool fails(void) {
    if (within_arena) return false;
    if (noting) note_path();
    made++;
    bool now = failing && made >= failing && made <= last;
    failed |= now;
    return now;
}

void *__wrap_malloc(size_t size) {
    void *p = fails() ? NULL : __real_malloc(size);
    live += p != NULL;
    return p;
}

void *__wrap_calloc(size_t count, size_t size) {
    void *p = fails() ? NULL : __real_calloc(count, size);
    live += p != NULL;
    return p;
}

void *__wrap_realloc(void *old, size_t size) {
    void *p = fails() ? NULL : __real_realloc(old, size);
    live += !old && p;
    return p;
}

void __wrap_free(void *p) {
    live -= p != NULL;
    __real_free(p);
}

void *__wrap_fleck_arena_alloc(fleck_arena *arena, size_t count, size_t size) {
    if (fails()) return NULL;
    within_arena = true;
    void *p = __real_fleck_arena_alloc(arena, count, size);
    within_arena = false;
    return p;
}

void *__wrap_fleck_arena_zalloc(fleck_arena *arena, size_t count, size_t size) {
    if (fails()) return NULL;
    within_arena = true;
    void *p = __real_fleck_arena_zalloc(arena, count, size);
    within_arena = false;
    return p;
}

/* ---- a call whose allocations fail, one after the other ---- */

/* Adds its result to *hash. */
typedef fleck_status call(void *context, uint64_t *hash);

/* det is asked for its message, unless NULL. Fails one allocation, then all from it on. */
static void check_call(const char *name, call *run, void *context, const fleck_detector *det) {
    uint64_t want = FLECK_HASH_EMPTY;
    long before = live, count = 0;
    paths_begin();
    CHECK(!run(context, &want));
    paths_end();
    CHECK(live == before);
    for (int all = 0; all < 2; all++) {
        tried_count = 0;
        for (long n = 1;; n++) {
            if (!is_to_fail(n)) continue;
            uint64_t got = FLECK_HASH_EMPTY, again = FLECK_HASH_EMPTY;
            arm(n, all ? LONG_MAX : n);
            fleck_status status = run(context, &got);
            disarm();
            if (failed && !(status == FLECK_OK && got == want)) CHECK(status == FLECK_ERR_MEMORY);
            if (failed && status && det) CHECK(strstr(fleck_error(det), "memory"));
            if (!failed) CHECK(!status && got == want);
            CHECK(live == before);
            CHECK(!run(context, &again) && again == want);
            if (check_failed) {
                fprintf(stderr, "  %s, allocation %ld: %d \"%s\"\n", name, n, status,
                        det ? fleck_error(det) : "");
                exit(1);
            }
            if (!failed) break;
            count++;
        }
    }
    printf("%s: %ld\n", name, count / 2);
    CHECK(count > 0);
}

/* ---- files ---- */

typedef struct {
    fleck_arena arena;
    uint8_t *bytes;
    size_t size;
    fleck_dtype dtype;
} file;

static file file_open(const char *path) {
    char full[1024];
    file f = {0};
    snprintf(full, sizeof full, "%s/tests/%s", FLECK_SOURCE_DIR, path);
    f.bytes = read_file(&f.arena, full, &f.size);
    CHECK(f.bytes && f.size);
    return f;
}

static fleck_status open_weights(void *context, uint64_t *hash) {
    file *f = context;
    fleck_arena arena = {0};
    fleck_weights w;
    fleck_message err;
    fleck_status status = fleck_weights_open(&arena, f->bytes, f->size, &w, &err);
    for (size_t i = 0; !status && i < w.tensor_count; i++)
        *hash = fleck_hash_bytes(*hash, w.tensors[i].name, strlen(w.tensors[i].name));
    fleck_arena_free(&arena);
    return status;
}

static fleck_status convert(void *context, uint64_t *hash) {
    file *f = context;
    fleck_arena arena = {0};
    fleck_weights w;
    fleck_message err;
    fleck_status status = fleck_weights_open(&arena, f->bytes, f->size, &w, &err);
    if (!status) status = fleck_vit_names(&arena, &w, &w, &err);
    if (!status) status = fleck_convert(&arena, &w, f->dtype, &w, &err);
    for (size_t i = 0; !status && i < w.tensor_count; i++)
        *hash = fleck_hash_bytes(*hash, w.tensors[i].data, fleck_tensor_bytes(&w.tensors[i]));
    fleck_arena_free(&arena);
    return status;
}

static void test_weights(void) {
    static const char *const paths[] = {
        "fuzz/corpus/safetensors/registers", "fuzz/corpus/safetensors/hugging_face",
        "fuzz/corpus/checkpoint/backbone", "fuzz/corpus/zip/training", "fuzz/corpus/convert/i8"};
    for (size_t i = 0; i < LEN(paths); i++) {
        file f = file_open(paths[i]);
        check_call(paths[i], open_weights, &f, NULL);
        for (f.dtype = FLECK_F32; i != 3 && f.dtype <= FLECK_I8; f.dtype++)
            if (f.dtype != FLECK_BF16) check_call("convert", convert, &f, NULL);
        fleck_arena_free(&f.arena);
    }
}

/* ---- metrics ---- */

static fleck_status measure(void *context, uint64_t *hash) {
    static const float score[] = {0.3f, 0.2f, 0.9f, 0.1f};
    static const uint8_t label[] = {0, 1, 1, 0};
    fleck_arena arena = {0};
    double value[4];
    (void)context;
    bool enough = fleck_auroc(&arena, score, label, 4, &value[0]) &&
                  fleck_average_precision(&arena, score, label, 4, &value[1]) &&
                  fleck_f1_max(&arena, score, label, 4, &value[2]) &&
                  fleck_aupro(&arena, score, label, 1, 2, 2, 0.3, &value[3]);
    if (enough) *hash = fleck_hash_bytes(*hash, value, sizeof value);
    fleck_arena_free(&arena);
    return enough ? FLECK_OK : FLECK_ERR_MEMORY;
}

/* ---- a detector before training ---- */

enum { PHOTOS = 14, DEFECTIVE = 4, GRID = 6, P = GRID * GRID, D = 8 };

static fleck_options options_of(fleck_method method, fleck_precision precision) {
    fleck_options options = fleck_options_default();
    options.method = method;
    options.precision = precision;
    options.iterations = 2;
    if (method == FLECK_METHOD_L2BT) { /* needs two blocks */
        options.block_count = 2;
        options.blocks[0] = 1;
        options.blocks[1] = 2;
    }
    return options;
}

/* Whose tokens of so many blocks make D features. */
static file make_backbone(uint32_t blocks) {
    file f = {0};
    backbone_shape shape = {D / blocks, 2, 3, 2, 12, 1, "12", "2"};
    f.bytes = backbone_of(&f.arena, shape, &f.size);
    return f;
}

static fleck_detector *create(fleck_options options) {
    fleck_detector *det;
    file f = make_backbone(options.block_count ? options.block_count : 1);
    if (fleck_create(&det) || fleck_configure(det, &options) ||
        fleck_load_backbone(det, f.bytes, f.size))
        exit(1);
    fleck_arena_free(&f.arena);
    return det;
}

static fleck_status create_and_destroy(void *context, uint64_t *hash) {
    fleck_detector *det = NULL;
    (void)context;
    (void)hash;
    fleck_status status = fleck_create(&det);
    CHECK(!status == (det != NULL));
    fleck_destroy(det);
    return status;
}

static fleck_status configure(void *context, uint64_t *hash) {
    (void)hash;
    fleck_options options = options_of(FLECK_METHOD_KNN, FLECK_PRECISION_F32);
    return fleck_configure(context, &options);
}

typedef struct {
    file file;
    fleck_precision precision;
} load;

/* Into a detector that tries again where it failed. */
static fleck_status load_backbone(void *context, uint64_t *hash) {
    load *l = context;
    fleck_detector *det;
    fleck_feature_shape shape;
    fleck_options options = options_of(FLECK_METHOD_KNN, l->precision);
    if (fleck_create(&det)) return FLECK_ERR_MEMORY;
    fleck_status status = fleck_configure(det, &options);
    if (!status) status = fleck_load_backbone(det, l->file.bytes, l->file.size);
    if (status) {
        CHECK(strstr(fleck_error(det), "memory") && fleck_shape(det, &shape) == FLECK_ERR_STATE);
        disarm();
        CHECK(!fleck_configure(det, &options));
        CHECK(!fleck_load_backbone(det, l->file.bytes, l->file.size));
    }
    CHECK(!fleck_shape(det, &shape));
    *hash = fleck_hash_bytes(*hash, &shape, sizeof shape);
    fleck_destroy(det);
    return status;
}

typedef struct {
    fleck_detector *det;
    file file;
} extraction;

static fleck_status extract(void *context, uint64_t *hash) {
    extraction *e = context;
    fleck_half patch[P * D], cls[D];
    fleck_status status = fleck_extract(e->det, e->file.bytes, e->file.size, patch, cls);
    if (!status)
        *hash = fleck_hash_bytes(fleck_hash_bytes(*hash, patch, sizeof patch), cls, sizeof cls);
    return status;
}

static fleck_status extract_rgba(void *context, uint64_t *hash) {
    uint8_t rgba[4 * 5 * 7];
    fleck_half patch[P * D], cls[D];
    for (size_t i = 0; i < sizeof rgba; i++) rgba[i] = (uint8_t)(11 * i);
    fleck_status status = fleck_extract_rgba(context, rgba, 5, 7, patch, cls);
    if (!status)
        *hash = fleck_hash_bytes(fleck_hash_bytes(*hash, patch, sizeof patch), cls, sizeof cls);
    return status;
}

static void test_before_training(void) {
    static const char *const photos[] = {
        "420.jpeg",  "progressive.jpeg", "cmyk.jpeg",         "exif7.jpeg", "rgba.png",
        "rgb16.png", "interlaced.png",   "palette_alpha.png", "grey.bmp",   "bits565.bmp"};
    check_call("fleck_create", create_and_destroy, NULL, NULL);
    fleck_detector *det;
    CHECK(!fleck_create(&det));
    uint64_t hash = 0;
    long before = live;
    for (long n = 1;; n++) { /* a new pool takes the old one's place */
        arm(n, n);
        fleck_status status = configure(det, &hash);
        disarm();
        CHECK(status == (failed ? FLECK_ERR_MEMORY : FLECK_OK) && live == before);
        if (!failed) break;
    }
    fleck_destroy(det);

    load l = {.file = make_backbone(1)};
    for (l.precision = FLECK_PRECISION_I8; l.precision <= FLECK_PRECISION_I16; l.precision++)
        check_call("fleck_load_backbone", load_backbone, &l, NULL);
    fleck_arena_free(&l.file.arena);

    for (int precision = FLECK_PRECISION_I8; precision <= FLECK_PRECISION_I16; precision++) {
        det = create(options_of(FLECK_METHOD_KNN, (fleck_precision)precision));
        check_call("fleck_extract_rgba", extract_rgba, det, det);
        for (size_t i = 0; precision == FLECK_PRECISION_I8 && i < LEN(photos); i++) {
            char path[64];
            snprintf(path, sizeof path, "fuzz/corpus/image/%s", photos[i]);
            extraction e = {det, file_open(path)};
            check_call(photos[i], extract, &e, det);
            fleck_arena_free(&e.file.arena);
        }
        fleck_destroy(det);
    }
}

/* ---- a folder ---- */

/* 0: a folder without defects, whose labels have no trust, from which irmb learns nothing */
static uint32_t defective = DEFECTIVE;

/* Features of a photo: noise, and some patches of the last photos that are odd in one way. */
static void make_features(uint32_t photo, fleck_half patch[P * D], fleck_half cls[D]) {
    fleck_rng rng = fleck_rng_seed(1000 + photo);
    for (size_t i = 0; i < P * D; i++) {
        bool odd = photo + defective >= PHOTOS && photo < PHOTOS && i / D % 7 == 2;
        float value = fleck_rng_normal(&rng) + (odd && i % D < 3 ? 8.0f : 0);
        fleck_half_narrow(&value, 1, &patch[i]);
    }
    for (size_t i = 0; i < D; i++) {
        float value = fleck_rng_normal(&rng);
        fleck_half_narrow(&value, 1, &cls[i]);
    }
}

static fleck_status add_photo(fleck_detector *det, uint32_t photo) {
    fleck_half patch[P * D], cls[D];
    make_features(photo, patch, cls);
    return fleck_add(det, patch, cls);
}

/* Of photos of the folder, and of one that is not in it. */
static fleck_status score_some(fleck_detector *det, float *heat, uint64_t *hash) {
    fleck_half patch[P * D], cls[D];
    float score[3];
    make_features(PHOTOS + 5, patch, cls);
    fleck_status status = fleck_score(det, patch, cls, heat, &score[0]);
    if (!status) status = fleck_score_added(det, 0, NULL, &score[1]);
    if (!status) status = fleck_score_added(det, PHOTOS - 1, NULL, &score[2]);
    if (!status) *hash = fleck_hash_bytes(*hash, score, sizeof score);
    if (!status && heat)
        *hash = fleck_hash_bytes(*hash, heat, FLECK_HEAT * FLECK_HEAT * sizeof *heat);
    return status;
}

/* A folder whose table has to grow: what was added stays. */
static void test_add(void) {
    fleck_detector *det = create(options_of(FLECK_METHOD_KNN, FLECK_PRECISION_I8));
    for (uint32_t photo = 0; photo < 130; photo++)
        for (long n = 1;; n++) {
            arm(n, n);
            fleck_status status = add_photo(det, photo);
            disarm();
            CHECK(status == (failed ? FLECK_ERR_MEMORY : FLECK_OK));
            CHECK(fleck_count(det) == photo + !failed);
            if (!failed) break;
        }
    fleck_destroy(det);
}

typedef struct {
    fleck_detector *det;
    uint8_t *model;
    size_t size;
} trained;

static fleck_status score_all(void *context, uint64_t *hash) {
    static float heat[FLECK_HEAT * FLECK_HEAT];
    trained *t = context;
    return score_some(t->det, heat, hash);
}

static fleck_status judge(void *context, uint64_t *hash) {
    trained *t = context;
    fleck_folder_verdict folder = {0};
    fleck_status status = fleck_judge_folder(t->det, &folder);
    *hash = fleck_hash_bytes(*hash, &folder, sizeof folder);
    return status;
}

static fleck_status preview(void *context, uint64_t *hash) {
    trained *t = context;
    float unusual[PHOTOS];
    fleck_status status = fleck_preview(t->det, unusual);
    if (!status) *hash = fleck_hash_bytes(*hash, unusual, sizeof unusual);
    return status;
}

/* What was found before stays where this fails. */
static fleck_status find_regions(void *context, uint64_t *hash) {
    static float heat[FLECK_HEAT * FLECK_HEAT];
    trained *t = context;
    fleck_regions regions;
    heat[5] = heat[500] = 0.75f;
    fleck_status status = fleck_find_regions(t->det, heat, 9, 9, &regions);
    if (!status)
        *hash = fleck_hash_bytes(*hash, regions.point, regions.point_count * sizeof *regions.point);
    return status;
}

/* Of one photo; at the end none is left. */
static fleck_status find_groups(void *context, uint64_t *hash) {
    static float heat[FLECK_HEAT * FLECK_HEAT];
    trained *t = context;
    fleck_groups groups = {0};
    heat[5] = heat[500] = heat[5000] = 0.75f;
    fleck_status status = fleck_groups_begin(t->det);
    if (!status) status = fleck_groups_add_added(t->det, 1, heat, 9, 9);
    if (!status) status = fleck_groups_find(t->det, &groups);
    if (!status)
        *hash = fleck_hash_bytes(*hash, groups.group, groups.regions * sizeof *groups.group);
    if (status) CHECK(strstr(fleck_error(t->det), "memory"));
    if (!status) CHECK(groups.regions == 3);
    disarm();
    CHECK(!fleck_groups_begin(t->det));
    return status;
}

/* Two marks, and what follows; at the end none is left. */
static fleck_status mark(void *context, uint64_t *hash) {
    static const fleck_point spot = {0.4f, 0.6f};
    trained *t = context;
    fleck_review review;
    uint32_t photo[4], count = 4;
    fleck_status status = fleck_mark_added(t->det, 1, NULL, FLECK_MARK_DEFECT);
    if (!status) status = fleck_mark_added(t->det, 2, &spot, FLECK_MARK_GOOD);
    if (!status) status = fleck_review_marks(t->det, &review);
    if (!status) status = fleck_propose_marks(t->det, photo, &count);
    if (!status) *hash = fleck_hash_bytes(*hash, photo, count * sizeof *photo);
    if (status) CHECK(strstr(fleck_error(t->det), "memory"));
    disarm();
    fleck_clear_marks(t->det);
    return status;
}

static fleck_status explain(void *context, uint64_t *hash) {
    trained *t = context;
    fleck_similar similar[2];
    fleck_explanation out;
    fleck_status status = fleck_explain_added(t->det, 1, 0.5f, 0.5f, 2, similar, &out);
    if (status) return status;
    *hash = fleck_hash_bytes(*hash, similar, sizeof similar);
    *hash = fleck_hash_bytes(*hash, &out, sizeof out);
    return status;
}

static fleck_status nearest_normal(void *context, uint64_t *hash) {
    trained *t = context;
    uint32_t index = UINT32_MAX;
    fleck_status status = fleck_nearest_normal_added(t->det, 1, &index);
    if (!status) *hash = fleck_hash_add(*hash, index);
    return status;
}

static fleck_status save(void *context, uint64_t *hash) {
    trained *t = context;
    size_t size;
    fleck_status status = fleck_save(t->det, t->model, t->size, &size);
    if (!status) *hash = fleck_hash_bytes(*hash, t->model, t->size);
    return status;
}

static fleck_status peek(void *context, uint64_t *hash) {
    trained *t = context;
    fleck_options options = {0};
    fleck_status status = fleck_peek_options(t->det, t->model, t->size, &options);
    if (!status) *hash = fleck_hash_bytes(*hash, &options.method, sizeof options.method);
    return status;
}

static fleck_status load_model(void *context, uint64_t *hash) {
    trained *t = context;
    fleck_status status = fleck_load(t->det, t->model, t->size);
    uint64_t scores = FLECK_HASH_EMPTY;
    if (status) return status;
    disarm();
    CHECK(!score_some(t->det, NULL, &scores));
    *hash = scores;
    return status;
}

/* ---- training ---- */

enum { STEPS_MAX = 1024, MADE_MAX = 256 };

typedef struct {
    fleck_stage stage;
    long made;
    bool fails[MADE_MAX]; /* which of them are to */
} signature;

/* Steps that allocate as often as one before, in the same stage, do the same. */
static bool is_new(const signature *signatures, uint32_t step) {
    for (uint32_t i = 0; i < step; i++)
        if (signatures[i].stage == signatures[step].stage &&
            signatures[i].made == signatures[step].made)
            return false;
    return true;
}

/* Trains to the end; *steps receives how many steps there are and each one's allocations. */
static void train(fleck_detector *det, signature *signatures, uint32_t *steps) {
    fleck_progress progress = {.total = 1};
    CHECK(!fleck_train_begin(det));
    tried_count = 0;
    for (*steps = 0; progress.done < progress.total && *steps < STEPS_MAX; ++*steps) {
        signature *s = &signatures[*steps];
        arm(0, 0);
        paths_begin();
        if (fleck_train_step(det, &progress)) exit(1);
        paths_end();
        *s = (signature){.stage = progress.stage, .made = made};
        CHECK(made <= MADE_MAX);
        for (long n = 1; is_new(signatures, *steps) && n <= made && n <= MADE_MAX; n++)
            s->fails[n - 1] = is_to_fail(n);
    }
    CHECK(progress.done == progress.total);
}

static fleck_status begin(void *context, uint64_t *hash) {
    (void)hash;
    long before = live;
    fleck_status status = fleck_train_begin(context);
    fleck_progress progress;
    /* a training that did not begin takes no steps */
    if (status) CHECK(live <= before && fleck_train_step(context, &progress) == FLECK_ERR_STATE);
    return status;
}

/* In a copy of the process the step at hand fails at allocation n. The model of before stays in
 * use. */
static void try_step(fleck_detector *det, uint32_t step, long n, uint64_t scores,
                     long live_without) {
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) exit(1);
    if (child) {
        int status;
        bool good = waitpid(child, &status, 0) == child && !status;
        CHECK(good);
        if (!good) fprintf(stderr, "  step %u, allocation %ld: %x\n", step, n, status);
        return;
    }
    fleck_progress progress;
    uint64_t hash = FLECK_HASH_EMPTY;
    check_failed = 0;
    arm(n, n);
    fleck_status status = fleck_train_step(det, &progress);
    disarm();
    CHECK(failed);
    CHECK(status == FLECK_ERR_MEMORY && strstr(fleck_error(det), "memory"));
    CHECK(fleck_train_step(det, &progress) == FLECK_ERR_STATE);
    CHECK(!score_some(det, NULL, &hash) && hash == scores);
    fleck_destroy(det);
    CHECK(live == live_without);
    fflush(NULL);
    _exit(check_failed != 0);
}

static void test_method(fleck_method method) {
    static signature signatures[STEPS_MAX];
    long live_without = live, failures = 0;
    uint32_t steps;
    uint64_t scores = FLECK_HASH_EMPTY;
    clock_t began = clock();
    fleck_progress progress = {0};
    trained t = {.det = create(options_of(method, FLECK_PRECISION_I8))};
    for (uint32_t i = 0; i < PHOTOS; i++) CHECK(!add_photo(t.det, i));
    train(t.det, signatures, &steps);
    CHECK(!score_some(t.det, NULL, &scores));

    /* a training that failed is begun anew, and comes to the same end */
    CHECK(!fleck_train_begin(t.det));
    arm(1, 1);
    CHECK(fleck_train_step(t.det, &progress) == FLECK_ERR_MEMORY);
    disarm();
    CHECK(!fleck_train_begin(t.det));
    for (uint32_t step = 0; step < steps; step++) {
        for (long n = 1; n <= signatures[step].made && n <= MADE_MAX; n++)
            if (signatures[step].fails[n - 1]) {
                try_step(t.det, step, n, scores, live_without);
                failures++;
            }
        CHECK(!fleck_train_step(t.det, &progress));
    }
    printf("%s: %u steps, %ld, %.1f s\n", fleck_method_name(method), steps, failures,
           (double)(clock() - began) / CLOCKS_PER_SEC);
    uint64_t again = FLECK_HASH_EMPTY;
    CHECK(progress.done == progress.total && failures > 0);
    CHECK(!score_some(t.det, NULL, &again) && again == scores);

    CHECK(!fleck_save(t.det, NULL, 0, &t.size));
    if (!(t.model = malloc(t.size))) exit(1);
    check_call("score", score_all, &t, t.det);
    CHECK(!find_regions(&t, &again));
    check_call("regions", find_regions, &t, t.det);
    CHECK(!find_groups(&t, &again));
    check_call("groups", find_groups, &t, NULL); /* says itself what failed */
    CHECK(!mark(&t, &again));
    check_call("marks", mark, &t, NULL);

    /* what photos are compared by is made once, and kept */
    for (long n = 1;; n++) {
        uint64_t hash = FLECK_HASH_EMPTY;
        arm(n, n);
        fleck_status status = explain(&t, &hash);
        disarm();
        CHECK(status == (failed ? FLECK_ERR_MEMORY : FLECK_OK));
        if (!failed) break;
    }
    check_call("explain", explain, &t, t.det);
    check_call("nearest normal", nearest_normal, &t, t.det);
    check_call("judge", judge, &t, t.det);
    check_call("preview", preview, &t, t.det);
    CHECK(!fleck_set_smallest_area(t.det, 1e-6f)); /* looks at maps */
    check_call("judge areas", judge, &t, t.det);
    CHECK(!fleck_set_smallest_area(t.det, 0));
    check_call("save", save, &t, t.det);
    check_call("peek", peek, &t, t.det);
    /* begins a training, which stays, and loads a model in place of the trained one */
    for (long n = 1;; n++) {
        uint64_t hash = 0;
        arm(n, n);
        fleck_status status = begin(t.det, &hash);
        disarm();
        CHECK(status == (failed ? FLECK_ERR_MEMORY : FLECK_OK));
        if (!failed) break;
    }
    uint64_t hash = 0;
    CHECK(!load_model(&t, &hash));
    check_call("load", load_model, &t, t.det);
    free(t.model);
    fleck_destroy(t.det);
    CHECK(live == live_without);
}

/* ---- another model in place of one ---- */

enum { MARKS = 20 }; /* more than there is room for at once */

static trained save_model(fleck_detector *det) {
    trained t = {.det = det};
    CHECK(!fleck_save(det, NULL, 0, &t.size));
    if (!(t.model = malloc(t.size))) exit(1);
    CHECK(!fleck_save(det, t.model, t.size, &t.size));
    return t;
}

/* A model of an area that follows the first photo's part, with so many marks. */
static trained make_model(fleck_detector *det, const fleck_point corners[4], uint32_t marks) {
    static const uint32_t four[] = {4};
    fleck_half patch[P * D], cls[D];
    fleck_progress progress = {.total = 1};
    make_features(0, patch, cls);
    fleck_clear_marks(det);
    CHECK(!fleck_set_area(det, corners, four, 1, 0, patch) && !fleck_train_begin(det));
    while (progress.done < progress.total)
        if (fleck_train_step(det, &progress)) exit(1);
    for (uint32_t i = 0; i < marks; i++)
        CHECK(!fleck_mark_added(det, 2 * i, NULL, FLECK_MARK_DEFECT));
    return save_model(det);
}

/* What a detector is by the model at hand. */
static uint64_t state_of(fleck_detector *det) {
    static float heat[FLECK_HEAT * FLECK_HEAT];
    static uint8_t map[FLECK_HEAT * FLECK_HEAT];
    uint64_t hash = FLECK_HASH_EMPTY;
    CHECK(!score_some(det, heat, &hash));
    hash = fleck_hash_add(hash, fleck_area(det, map));
    hash = fleck_hash_bytes(hash, map, sizeof map);
    trained saved = save_model(det);
    hash = fleck_hash_bytes(hash, saved.model, saved.size);
    free(saved.model);
    return hash;
}

/* Of another area, with other marks: where it does not load, all is as it was, a training under
 * way too. */
static void test_load_other(void) {
#define AT(patch) ((float)(patch) / GRID)
    static const fleck_point areas[2][4] = {
        {{AT(0), AT(1)}, {AT(5), AT(1)}, {AT(5), AT(5)}, {AT(0), AT(5)}},
        {{AT(1), AT(0)}, {AT(5), AT(0)}, {AT(5), AT(4)}, {AT(1), AT(4)}}};
#undef AT
    long live_without = live, count = 0;
    fleck_detector *det = create(options_of(FLECK_METHOD_KNN, FLECK_PRECISION_I8));
    for (uint32_t i = 0; i < PHOTOS; i++) CHECK(!add_photo(det, i));
    trained first = make_model(det, areas[0], 2), second = make_model(det, areas[1], 5);
    uint64_t after = state_of(det);
    for (int all = 0; all < 2; all++)
        for (long n = 1;; n++, count++) {
            CHECK(!fleck_load(det, first.model, first.size) && !fleck_train_begin(det));
            uint64_t before = state_of(det);
            arm(n, all ? LONG_MAX : n);
            fleck_status status = fleck_load(det, second.model, second.size);
            disarm();
            CHECK(status == (failed ? FLECK_ERR_MEMORY : FLECK_OK));
            CHECK(state_of(det) == (failed ? before : after) && before != after);
            fleck_progress progress;
            CHECK(fleck_train_step(det, &progress) == (failed ? FLECK_OK : FLECK_ERR_STATE));
            if (check_failed) {
                fprintf(stderr, "  load another, allocation %ld\n", n);
                exit(1);
            }
            if (!failed) break;
        }
    printf("load another: %ld\n", count / 2);
    CHECK(count > 0);
    free(first.model);
    free(second.model);
    fleck_destroy(det);
    CHECK(live == live_without);
}

/* Those of a file in addition to one that was learnt from: all, or none. */
static void test_add_marks(void) {
    static const fleck_point whole[4] = {{0, 0}, {0.8f, 0}, {0.8f, 0.8f}, {0, 0.8f}};
    long live_without = live, count = 0;
    fleck_detector *det = create(options_of(FLECK_METHOD_KNN, FLECK_PRECISION_I8));
    for (uint32_t i = 0; i < 2 * MARKS; i++) CHECK(!add_photo(det, i));
    trained many = make_model(det, whole, MARKS);
    for (long n = 1;; n++, count++) {
        fleck_review before, after;
        fleck_clear_marks(det);
        CHECK(!fleck_mark_added(det, 1, NULL, FLECK_MARK_GOOD) &&
              !fleck_review_marks(det, &before));
        arm(n, n);
        fleck_status status = fleck_add_marks(det, many.model, many.size);
        disarm();
        CHECK(status == (failed ? FLECK_ERR_MEMORY : FLECK_OK));
        CHECK(fleck_mark_count(det) == (failed ? 1 : 1 + MARKS));
        CHECK(!fleck_review_marks(det, &after));
        CHECK(!memcmp(&before, &after, sizeof after) == failed);
        if (!failed) break;
    }
    printf("add marks: %ld\n", count);
    CHECK(count > 0);
    free(many.model);
    fleck_destroy(det);
    CHECK(live == live_without);
}

int main(void) {
    test_weights();
    check_call("metrics", measure, NULL, NULL);
    test_before_training();
    test_add();
    test_load_other();
    test_add_marks();
    for (int method = FLECK_METHOD_IRMB; method <= FLECK_METHOD_SIMPLENET; method++) {
        /* its 300 steps of learning take a minute there; the paper's do the same */
        defective = EVERY || method != FLECK_METHOD_IRMB ? DEFECTIVE : 0;
        test_method((fleck_method)method);
    }
    return check_done();
}
