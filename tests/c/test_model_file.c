/* Model files: any damage is told, old versions load or are named, and what a forger puts
 * behind a seal that fits gives finite scores or is refused. The files are those that the
 * fuzz target starts from, small ones of every method. */
#include "check.h"
#include "golden.h"
#include "hash.h"
#include "marks.h"
#include "model.h"
#include "compute_of.h"
#include "open.h"

#include <string.h>

#define MODELS FLECK_SOURCE_DIR "/tests/fuzz/corpus/model/"

static const char *const methods[] = {
    "irmb", "ensemble", "knn", "musc", "mahalanobis", "softpatch", "paper", "l2bt", "simplenet",
};

typedef struct {
    fleck_arena arena;
    const fleck_compute *compute;
    uint8_t *bytes;
    size_t size;
} file;

static file file_open(const fleck_compute *compute, const char *path) {
    file f = {.compute = compute};
    f.bytes = read_file(&f.arena, path, &f.size);
    CHECK(f.bytes != NULL);
    if (!f.bytes) exit(1);
    return f;
}

static file model_open(const fleck_compute *compute, const char *name) {
    char path[512];
    snprintf(path, sizeof path, MODELS "%s", name);
    return file_open(compute, path);
}

static fleck_status load(const fleck_compute *compute, const uint8_t *bytes, size_t size,
                         fleck_message *err) {
    fleck_arena arena = {0};
    fleck_model model;
    err->text[0] = 0;
    fleck_status status = fleck_model_load(&arena, compute, bytes, size, &model, err);
    fleck_arena_free(&arena);
    return status;
}

/* Loading it fails, by a sentence that says so. */
#define CHECK_REFUSED(compute, bytes, size, sentence)                                              \
    do {                                                                                           \
        fleck_message check_err;                                                                   \
        CHECK(load(compute, bytes, size, &check_err) == FLECK_ERR_FORMAT);                         \
        CHECK(strstr(check_err.text, sentence));                                                   \
        if (!strstr(check_err.text, sentence))                                                     \
            fprintf(stderr, "wants: %s, says: %s\n", sentence, check_err.text);                    \
    } while (0)

/* One bit of every byte flipped: the file is damaged, and says nothing else. */
static void check_flips(const fleck_compute *compute, const char *name) {
    file f = model_open(compute, name);
    fleck_message err;
    CHECK(!load(compute, f.bytes, f.size, &err));
    for (size_t i = 0; i < f.size; i++) {
        f.bytes[i] ^= (uint8_t)(1 << i % 8);
        if (load(compute, f.bytes, f.size, &err) != FLECK_ERR_FORMAT ||
            strcmp(err.text, "the model file is damaged")) {
            fprintf(stderr, "%s, byte %zu: %s\n", name, i, err.text);
            CHECK(!"a flipped bit is told");
        }
        fleck_model peeked;
        CHECK(fleck_model_peek(compute->scratch, f.bytes, f.size, &peeked, &err) ==
              FLECK_ERR_FORMAT);
        f.bytes[i] ^= (uint8_t)(1 << i % 8);
    }
    size_t header = 8 + f.bytes[0] + ((size_t)f.bytes[1] << 8);
    for (size_t cut = 0; cut < f.size; cut++) {
        char sentence[100];
        snprintf(sentence, sizeof sentence, "the file is cut short: %zu of %s%zu bytes", cut,
                 cut < header ? "at least " : "", cut < header ? header : f.size);
        CHECK_REFUSED(compute, f.bytes, cut, cut >= 47 ? sentence : "this is no fleck model file");
    }
    fleck_arena_free(&f.arena);
}

/* ---- versions ---- */

/* Puts other words into the table, whose length is a file's first two bytes. */
static void replace(file *f, const char *from, const char *to) {
    size_t before = strlen(from), after = strlen(to), at = 0;
    while (at + before <= f->size && memcmp(f->bytes + at, from, before)) at++;
    CHECK(at + before <= f->size);
    if (at + before > f->size) return;
    uint8_t *bytes = FLECK_NEW(&f->arena, uint8_t, f->size + after);
    memcpy(bytes, f->bytes, at);
    memcpy(bytes + at, to, after);
    memcpy(bytes + at + after, f->bytes + at + before, f->size - at - before);
    size_t header = bytes[0] + 256u * bytes[1] + after - before;
    bytes[0] = (uint8_t)header;
    bytes[1] = (uint8_t)(header >> 8);
    f->bytes = bytes;
    f->size += after - before;
}

static void check_versions(const fleck_compute *compute) {
    file f = file_open(compute, FLECK_GOLDEN_DIR "/model_version7.fleck");
    CHECK_REFUSED(compute, f.bytes, f.size,
                  "the model file is of version 7, this program reads version 14: learn from the "
                  "photos again");
    fleck_arena_free(&f.arena);

    f = model_open(compute, "knn");
    memset(f.bytes + f.size - 16, 0, 16);
    CHECK_REFUSED(compute, f.bytes, f.size, "the model file is damaged"); /* without a seal */
    fleck_arena_free(&f.arena);

    uint8_t seal_alone[16] = {0};
    fleck_model_seal(seal_alone, sizeof seal_alone);
    CHECK_REFUSED(compute, seal_alone, 16, "the model file is damaged");
    CHECK_REFUSED(compute, seal_alone, 15, "this is no fleck model file");

    f = model_open(compute, "knn");
    replace(&f, "\"version\":\"14\"", "\"version\":\"15\"");
    fleck_model_seal(f.bytes, f.size);
    CHECK_REFUSED(compute, f.bytes, f.size,
                  "the model file is of version 15, this program reads version 14: a newer one "
                  "reads it");
    replace(&f, "fleck-model", "other-model");
    fleck_model_seal(f.bytes, f.size);
    CHECK_REFUSED(compute, f.bytes, f.size, "this is no fleck model file");
    fleck_arena_free(&f.arena);
    CHECK_REFUSED(compute, (const uint8_t *)"file,score\n", 11, "this is no fleck model file");

    f = file_open(compute, FLECK_GOLDEN_DIR "/vit_c.safetensors");
    CHECK_REFUSED(compute, f.bytes, f.size, "this is no fleck model file");
    fleck_arena_free(&f.arena);
}

/* ---- forged values ---- */

/* Puts a value into a tensor. */
static void put(file *f, const char *tensor, size_t index, const void *value) {
    fleck_weights table;
    fleck_message err;
    CHECK(!fleck_weights_open(&f->arena, f->bytes, f->size, &table, &err));
    const fleck_tensor *t = fleck_weights_find(&table, tensor);
    CHECK(t && index < t->count);
    if (!t) return;
    size_t bytes = fleck_tensor_bytes(t) / t->count;
    memcpy(f->bytes + (t->data - f->bytes) + bytes * index, value, bytes);
    fleck_model_seal(f->bytes, f->size);
}

/* A value that is refused, or kept: then the scores of great features are finite. */
static void check_put(const fleck_compute *compute, const char *name, const char *tensor,
                      size_t index, const void *value, const char *refused) {
    file f = model_open(compute, name);
    put(&f, tensor, index, value);
    if (refused) {
        int before = check_failed;
        CHECK_REFUSED(compute, f.bytes, f.size, refused);
        if (check_failed > before) fprintf(stderr, "%s, %s[%zu]\n", name, tensor, index);
    } else {
        fleck_message err;
        CHECK(!load(compute, f.bytes, f.size, &err));
        if (err.text[0]) fprintf(stderr, "%s, %s[%zu]: %s\n", name, tensor, index, err.text);
    }
    fleck_arena_free(&f.arena);
}

static void check_floats(const fleck_compute *compute, const char *name, const char *tensor,
                         size_t index, const float *values, size_t count, const char *refused) {
    for (size_t i = 0; i < count; i++) check_put(compute, name, tensor, index, &values[i], refused);
}

static void check_forged(const fleck_compute *compute) {
    static const float no_number[] = {NAN, INFINITY, -INFINITY};
    static const float spreads[] = {0, -1, 1e-45f, 9e-9f, 2e18f, NAN, INFINITY};
    static const float fine_spreads[] = {1e-8f, 1, 1e18f};
    static const float centers[] = {2e18f, -2e18f, NAN, -INFINITY};
    static const float fine_centers[] = {-1e18f, 0, 1e18f};
    static const float weights[] = {0, -1, NAN, INFINITY, 10.000001f};
    static const float fine_weights[] = {1e-45f, 1, 10};
    static const float factors[] = {NAN, INFINITY, 1.00001e5f}, fine_factors[] = {1e5f, -1e5f, 0};
    static const float means[] = {NAN, -INFINITY, 65504.01f}, fine_means[] = {65504, -65504};
    static const float inverses[] = {-1e-3f, 1.1e5f, NAN, INFINITY}, fine_inverses[] = {0, 1e5f};
    static const float zeros[] = {9e17f, NAN, -2e18f}, fine_zeros[] = {-1e18f, 0};
    static const float trusts[] = {-0.1f, 1.1f, NAN}, fine_trusts[] = {0, 1};
    static const float weights_of_net[] = {NAN, INFINITY, 2e30f}, fine_of_net[] = {1e3f, -1e3f};
    static const float steps[] = {512.1f, -513, NAN, INFINITY}, fine_steps[] = {512, 0};
    static const int8_t rows[] = {127, -127, -128};
#define FLOATS(name, tensor, index, bad, fine, what)                                               \
    do {                                                                                           \
        check_floats(compute, name, tensor, index, bad, LEN(bad), what);                           \
        check_floats(compute, name, tensor, index, fine, LEN(fine), NULL);                         \
    } while (0)
    for (size_t m = 0; m < LEN(methods); m++)
        for (size_t i = 0; i < 3; i++) {
            bool levels = i == 1;
            if (levels && !strcmp(methods[m], "paper")) continue; /* its zero is below 0 */
            FLOATS(methods[m], "scales", 2 * i + 1, spreads, fine_spreads, "its scales");
            if (levels)
                FLOATS(methods[m], "scales", 2 * i, zeros, fine_zeros, "its scales");
            else
                FLOATS(methods[m], "scales", 2 * i, centers, fine_centers, "its scales");
        }
    FLOATS("irmb", "scales", 12, centers, fine_centers, "its scales"); /* of view 1, nearest */
    FLOATS("irmb", "scales", 13, spreads, fine_spreads, "its scales");
    FLOATS("softpatch", "0.weights", 5, weights, fine_weights, "its memories' weights");
    FLOATS("softpatch", "0.weights", 0, weights, fine_weights, "its memories' weights");
    FLOATS("mahalanobis", "0.factor", 21, factors, fine_factors, "its means");
    FLOATS("mahalanobis", "0.mean", 179, means, fine_means, "its means");
    for (size_t m = 0; m < LEN(methods); m++) {
        if (strcmp(methods[m], "irmb") && strcmp(methods[m], "paper")) continue;
        FLOATS(methods[m], "standard", 19, means, fine_means, "its local-net");
        FLOATS(methods[m], "standard", 40, inverses, fine_inverses, "its local-net");
        FLOATS(methods[m], "standard", 79, inverses, fine_inverses, "its local-net");
        /* features that never vary are multiplied by 0: their weights may be great */
        for (size_t at = 0; at < 97; at++) {
            size_t bad = at < 80 ? 2 : LEN(weights_of_net);
            check_floats(compute, methods[m], "net", at, weights_of_net, bad, "its local-net");
            check_floats(compute, methods[m], "net", at, fine_of_net, LEN(fine_of_net), NULL);
        }
    }
    for (size_t m = 0; m < 2; m++) {
        static const char *const with_nets[] = {"l2bt", "simplenet"};
        static const float out_of_range[] = {NAN, INFINITY, 2e15f};
        const char *name = with_nets[m], *refused = "its nets";
        uint32_t none = 0, other = 3, most = 16385;
        check_put(compute, name, "0.nets.hidden", 0, &none, refused);
        check_put(compute, name, "0.nets.hidden", 0, &other, refused);
        check_put(compute, name, "0.nets.hidden", 0, &most, refused);
        for (size_t at = 0; at < 120; at++)
            FLOATS(name, "0.nets", at, out_of_range, fine_of_net, "its nets hold values out");
    }
    FLOATS("irmb", "trust", 0, trusts, fine_trusts, "its discriminant");
    check_floats(compute, "irmb", "discriminant", 19, no_number, 3, "its discriminant");
    FLOATS("irmb", "1.steps", 5, steps, fine_steps, "the steps of its memories");
    for (size_t i = 0; i < LEN(rows); i++) check_put(compute, "irmb", "1.rows", 5, &rows[i], NULL);
#undef FLOATS
}

/* Numbers of rows, in memories and of photos: memories have 1 row or more, all of them the
 * rows there are, and photos no more than their memory. */
static void check_counts(const fleck_compute *compute) {
    uint32_t none = 0, many = 8001, values[] = {46, 45, 44};
    check_put(compute, "knn", "0.counts", 0, &none, "its memories");
    check_put(compute, "knn", "0.counts", 0, &many, "its memories");
    check_put(compute, "ensemble", "0.counts", 11, &none, "its memories");
    check_put(compute, "ensemble", "0.counts", 11, &values[0], "its memories"); /* one too many */
    check_put(compute, "ensemble", "0.counts", 11, &values[1], NULL);
    check_put(compute, "ensemble", "0.counts", 11, &values[2], "its memories"); /* one is left */
    /* all rows are the last photo's own: nothing is left to compare it with */
    check_put(compute, "knn", "0.own", 18, &none, "its memories");
    check_put(compute, "knn", "0.own", 19, &many, "its memories");
}

/* ---- grids ---- */

/* A file that says that patches are so many rows and columns, of a model that takes any. */
static file with_grid(const fleck_compute *compute, fleck_grid grid) {
    file f = model_open(compute, "knn");
    fleck_model m;
    fleck_message err;
    CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
    m.source.grid = grid;
    CHECK(fleck_model_save(&m, compute->scratch, NULL, 0, &f.size));
    f.bytes = FLECK_NEW(&f.arena, uint8_t, f.size);
    CHECK(fleck_model_save(&m, compute->scratch, f.bytes, f.size, &f.size));
    return f;
}

/* Loads it as a grid, or refuses it, once a part of its metadata is replaced. */
static void check_grid(const fleck_compute *compute, fleck_grid written, const char *from,
                       const char *to, fleck_grid want) {
    file f = with_grid(compute, written);
    fleck_model m;
    fleck_message err;
    replace(&f, from, to);
    fleck_model_seal(f.bytes, f.size);
    if (want.rows) {
        CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
        CHECK(m.source.grid.rows == want.rows && m.source.grid.columns == want.columns);
        CHECK(m.P == (size_t)want.rows * want.columns);
    } else {
        CHECK_REFUSED(compute, f.bytes, f.size, "the model file is damaged: its metadata");
        CHECK(fleck_model_peek(compute->scratch, f.bytes, f.size, &m, &err) == FLECK_ERR_FORMAT);
    }
    fleck_arena_free(&f.arena);
}

static void check_grids(const fleck_compute *compute) {
    static const fleck_grid wide = {.rows = 2, .columns = 7},
                            longest = {.rows = 1, .columns = 65536},
                            most = {.rows = 256, .columns = 256},
                            refused = {.rows = 0, .columns = 0};
    /* a square one is as in files from before, which know no other */
    file old = model_open(compute, "knn"),
         same = with_grid(compute, (fleck_grid){.rows = 3, .columns = 3});
    CHECK(same.size == old.size && !memcmp(same.bytes, old.bytes, old.size));
    fleck_arena_free(&old.arena);
    fleck_arena_free(&same.arena);
    check_grid(compute, most, "\"grid\":\"256\"", "\"grid\":\"256\"", most);
    check_grid(compute, most, "\"grid\":\"256\"", "\"grid\":\"257\"", refused);
    check_grid(compute, most, "\"grid\":\"256\"", "\"grid\":\"000\"", refused);
    check_grid(compute, most, "\"grid\":\"256\"", "\"grit\":\"256\"", refused);
    check_grid(compute, wide, "\"rows\":\"2\"", "\"rows\":\"2\"", wide);
    check_grid(compute, wide, "\"rows\":\"2\"", "\"rows\":\"7\"",
               (fleck_grid){.rows = 7, .columns = 7});
    check_grid(compute, wide, "\"rows\":\"2\"", "\"rows\":\"0\"", refused);
    check_grid(compute, wide, "\"rows\":\"2\"", "\"rows\":\"-\"", refused);
    check_grid(compute, wide, "\"rows\":\"2\"", "\"rowa\":\"2\"", refused);
    check_grid(compute, wide, "\"columns\":\"7\"", "\"columns\":\"0\"", refused);
    check_grid(compute, wide, "\"columns\":\"7\"", "\"column_\":\"7\"", refused);
    check_grid(compute, longest, "\"65536\"", "\"65536\"", longest);
    check_grid(compute, longest, "\"65536\"", "\"65537\"", refused);
    check_grid(compute, longest, "\"rows\":\"1\"", "\"rows\":\"2\"", refused);
    /* 2^32 patches: none in 32 bits */
    check_grid(compute, (fleck_grid){.rows = 65535, .columns = 65536}, "\"65535\"", "\"65536\"",
               refused);
}

/* ---- precision ---- */

/* Files from before the default was i8 keep theirs; an i8 from before, of 7 bits, is no more. */
static void check_precisions(const fleck_compute *compute) {
    static const char *const numbers[] = {"0", "1", "3", "2", "4", "9", "-"};
    static const fleck_precision want[] = {FLECK_PRECISION_I16, FLECK_PRECISION_F32,
                                           FLECK_PRECISION_I8};
    for (size_t i = 0; i < LEN(numbers); i++) {
        file f = model_open(compute, "knn");
        fleck_model m;
        fleck_message err;
        char to[32];
        snprintf(to, sizeof to, "\"precision\":\"%s\"", numbers[i]);
        replace(&f, "\"precision\":\"0\"", to);
        fleck_model_seal(f.bytes, f.size);
        if (i < LEN(want)) {
            CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
            CHECK(m.source.precision == want[i]);
        } else {
            CHECK_REFUSED(compute, f.bytes, f.size, "the model file is damaged: its metadata");
        }
        fleck_arena_free(&f.arena);
    }
}

/* ---- threshold and smallest area ---- */

/* A model of knn with a threshold and a smallest area. */
static file with_rules(const fleck_compute *compute, float threshold, float smallest_area) {
    file f = model_open(compute, "knn");
    fleck_model m;
    fleck_message err;
    CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
    CHECK(m.threshold == FLECK_DEFECT && m.smallest_area == 0); /* of a file that has none */
    m.threshold = threshold;
    m.smallest_area = smallest_area;
    CHECK(fleck_model_save(&m, compute->scratch, NULL, 0, &f.size));
    f.bytes = FLECK_NEW(&f.arena, uint8_t, f.size);
    CHECK(fleck_model_save(&m, compute->scratch, f.bytes, f.size, &f.size));
    return f;
}

static void check_rules(const fleck_compute *compute) {
    static const float good[] = {1e-30f, 0.25f, 0.6f, 1};
    static const float bad[] = {0, -0.5f, 1.5f, INFINITY, NAN};
    fleck_model m;
    fleck_message err;
    for (size_t i = 0; i < LEN(good); i++) {
        file f = with_rules(compute, good[i], good[i]);
        CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
        CHECK(m.threshold == good[i] && m.smallest_area == good[i]);
        fleck_arena_free(&f.arena);
    }
    for (size_t i = 0; i < LEN(bad); i++) {
        file f = with_rules(compute, bad[i], 0);
        CHECK_REFUSED(compute, f.bytes, f.size, "the model file is damaged: its threshold");
        fleck_arena_free(&f.arena);
    }
    /* what is usual takes no bytes: files are as before */
    file usual = with_rules(compute, FLECK_DEFECT, 0), old = model_open(compute, "knn");
    CHECK(usual.size == old.size && !memcmp(usual.bytes, old.bytes, old.size));
    fleck_arena_free(&usual.arena);
    fleck_arena_free(&old.arena);
    static const float forged[] = {-0.5f, 1.5f, INFINITY, NAN};
    for (size_t i = 0; i < LEN(forged); i++) {
        file f = with_rules(compute, FLECK_DEFECT, 0.25f);
        put(&f, "smallest_area", 0, &forged[i]);
        CHECK_REFUSED(compute, f.bytes, f.size, "the model file is damaged: its smallest area");
        fleck_arena_free(&f.arena);
    }
    file f = with_rules(compute, 0.6f, 0);
    replace(&f, "\"threshold\":{\"dtype\":\"F32\"", "\"threshold\":{\"dtype\":\"U32\"");
    fleck_model_seal(f.bytes, f.size);
    CHECK_REFUSED(compute, f.bytes, f.size, "the model file is damaged: its threshold");
    fleck_arena_free(&f.arena);
}

/* ---- marks ---- */

enum { MARKS = 3 };

/* A model of knn with a good photo, a defect, and a spot of two points. */
static file with_marks(const fleck_compute *compute) {
    file f = model_open(compute, "knn");
    fleck_model m;
    fleck_message err;
    CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
    CHECK(!m.marks && m.look_width == 0); /* of a file of before them */
    fleck_marked marked[MARKS] = {
        {.hash = {7, 8}, .place = FLECK_WHOLE_PHOTO, .mark = FLECK_MARK_GOOD, .strength = 1.2f},
        {.hash = {7, 9}, .place = FLECK_WHOLE_PHOTO, .mark = FLECK_MARK_DEFECT, .strength = 0.9f},
        {.hash = {9, 1}, .place = 4, .mark = FLECK_MARK_DEFECT, .strength = 0.5f}};
    for (uint32_t i = 0; i < MARKS; i++) {
        marked[i].points = i < 2 ? FLECK_MARK_POINTS : 2;
        marked[i].look = FLECK_NEW_ZERO(&f.arena, float, FLECK_MARK_POINTS, m.D);
        for (uint32_t p = 0; p < marked[i].points; p++) {
            marked[i].at[p] = i + p;
            if (p) marked[i].look[p * m.D + (i + p) % m.D] = p % 2 ? -1 : 1;
        }
    }
    fleck_marks marks = {.D = m.D, .marked = marked, .count = MARKS};
    m.marks = &marks;
    m.look_width = 0.25f;
    CHECK(fleck_model_save(&m, compute->scratch, NULL, 0, &f.size));
    f.bytes = FLECK_NEW(&f.arena, uint8_t, f.size);
    CHECK(fleck_model_save(&m, compute->scratch, f.bytes, f.size, &f.size));
    return f;
}

/* Puts a value into such a model, which is refused for its marks, or its looks. */
static void check_mark(const fleck_compute *compute, const char *tensor, size_t index,
                       const void *value, const char *what) {
    char refused[100];
    snprintf(refused, sizeof refused, "the model file is damaged: its %s", what);
    file f = with_marks(compute);
    put(&f, tensor, index, value);
    CHECK_REFUSED(compute, f.bytes, f.size, refused);
    fleck_arena_free(&f.arena);
}

static void check_marks(const fleck_compute *compute) {
    file f = with_marks(compute);
    fleck_model m;
    fleck_message err;
    size_t size;
    CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
    CHECK(m.marks && m.marks->count == MARKS && m.look_width == 0.25f);
    const fleck_marked *spot = &m.marks->marked[2];
    CHECK(spot->place == 4 && spot->points == 2 && spot->at[1] == 3 && spot->strength == 0.5f);
    CHECK(spot->mark == FLECK_MARK_DEFECT && spot->hash[0] == 9 && spot->hash[1] == 1);
    uint8_t *again = FLECK_NEW(&f.arena, uint8_t, f.size);
    CHECK(fleck_model_save(&m, compute->scratch, again, f.size, &size));
    CHECK(size == f.size && !memcmp(again, f.bytes, size));
    fleck_arena_free(&f.arena);
    static const float widths[] = {-1, 1e-5f, 1.5f, INFINITY, NAN}, strengths[] = {-1, 2e18f, NAN},
                       looks[] = {0.5f, 1.1f, INFINITY, NAN};
    static const uint32_t marks[] = {0, 3, UINT32_MAX}, places[] = {9, UINT32_MAX - 1};
    float none = 0;
    check_mark(compute, "look.width", 0, &none, "marks");
    for (size_t i = 0; i < LEN(widths); i++)
        check_mark(compute, "look.width", 0, &widths[i], "looks");
    for (size_t i = 0; i < LEN(strengths); i++)
        check_mark(compute, "marks.strength", 1, &strengths[i], "marks");
    for (size_t i = 0; i < LEN(looks); i++)
        check_mark(compute, "marks.look", 0, &looks[i], "marks");
    for (size_t i = 0; i < LEN(marks); i++)
        check_mark(compute, "marks.what", 3, &marks[i], "marks");
    for (size_t i = 0; i < LEN(places); i++) {
        check_mark(compute, "marks.what", 10, &places[i], "marks");
        check_mark(compute, "marks.at", 0, &places[i], "marks");
    }
}

/* ---- scores ---- */

/* A photo of the greatest features, of either sign. */
static void check_scores(const fleck_compute *compute, const char *name) {
    file f = model_open(compute, name);
    fleck_model m;
    fleck_message err;
    enum { HEAT = FLECK_HEAT * FLECK_HEAT, MOST = 10 * 20 };
    static float heat[HEAT];
    float rank[16], map[16], score = -1;
    fleck_half patch[MOST];
    static const float tiny = 1e-8f, great = -1e18f;
    for (size_t i = 0; i < 3; i++) {
        put(&f, "scales", 2 * i, &great);
        put(&f, "scales", 2 * i + 1, &tiny);
    }
    CHECK(!fleck_model_load(&f.arena, compute, f.bytes, f.size, &m, &err));
    CHECK((m.P + 1) * m.D <= MOST && m.P <= LEN(rank));
    for (size_t i = 0; i < MOST; i++) patch[i] = i % 3 ? 0x7bff : 0xfbff;
    CHECK(fleck_model_patches(&m, compute, patch, patch + m.P * m.D, FLECK_NO_PHOTO,
                              (fleck_patch_scores){rank, map}));
    CHECK(fleck_model_report(&m, compute, (fleck_patch_scores){rank, map}, fleck_any_strength,
                             (fleck_shift){0, 0}, heat, &score));
    CHECK(score >= 0 && score <= 1);
    for (size_t i = 0; i < HEAT; i++)
        if (!(heat[i] >= 0 && heat[i] <= 1)) {
            CHECK(!"a heatmap in range");
            break;
        }
    fleck_arena_free(&f.arena);
}

/* ---- areas ---- */

/* Whatever the bits of an area: the patches that they leave are those that the tensors are of, or
 * the file is refused. */
static void check_area(const fleck_compute *compute) {
    static const struct {
        uint32_t word;
        size_t from, to; /* of all words */
        const char *refused;
    } cases[] = {
        {0, 0, 1, NULL},                /* no patch changes sides */
        {0, 0, 224 * 7, "its area"},    /* too few are left */
        {0, 0, 40 * 7, "its means"},    /* others */
        {~0u, 0, 224 * 7, "its means"}, /* all */
        {1u << 31, 0, 224 * 7, "its area"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        file f = model_open(compute, "area");
        fleck_message err;
        for (size_t k = cases[i].from; k < cases[i].to; k++) put(&f, "area", k, &cases[i].word);
        if (cases[i].refused)
            CHECK_REFUSED(compute, f.bytes, f.size, cases[i].refused);
        else
            CHECK(!load(compute, f.bytes, f.size, &err));
        fleck_arena_free(&f.arena);
    }
}

static const char no_part[] = "the model file is damaged: the part that its area follows";

/* Of a model whose area follows a part: 25 tokens of 20 values, on a grid of 9 x 9. */
static void check_part_values(const fleck_compute *compute) {
    static const fleck_half no_number[] = {0x7c00, 0xfc00, 0x7e00, 0xfdff};
    static const fleck_half fine[] = {0x7bff, 0xfbff, 0x0001, 0x8000};
    for (size_t at = 0; at < 500; at += 499)
        for (size_t i = 0; i < LEN(fine); i++) {
            check_put(compute, "follow", "area.part", at, &no_number[i], no_part);
            check_put(compute, "follow", "area.part", at, &fine[i], NULL);
        }
}

/* Its table says something else of it. */
static void check_part_table(const fleck_compute *compute) {
    static const char whole[] = "\"area.part\":{\"dtype\":\"F16\",\"shape\":[25,20]";
    static const struct {
        const char *from, *to, *refused;
    } cases[] = {
        {"\"grid\":\"9\"", "\"grid\":\"8\"", no_part},  /* the area has 16 patches there, */
        {"\"grid\":\"9\"", "\"grid\":\"10\"", no_part}, /* and 36 */
        {"[25,20]", "[20,25]", no_part},
        {"[25,20]", "[500]", no_part},
        {"[25,20]", "[25,20,1]", no_part},
        {whole, "\"area.part\":{\"dtype\":\"BF16\",\"shape\":[25,20]", no_part},
        {whole, "\"area.part\":{\"dtype\":\"F32\",\"shape\":[25,10]", no_part},
        {"[9452,10452]", "[9452,9452]", "the model file is damaged"},
        {"[25,20]", "[26,20]", "the model file is damaged"},
        /* in 32 bits 25 tokens, none, and 500 values */
        {"[25,20]", "[4294967321,20]", "the model file is damaged"},
        {"[25,20]", "[4294967296,20]", "the model file is damaged"},
        {"[25,20]", "[1073741949,4]", "the model file is damaged"},
        {"\"area\":", "\"aria\":",
         "the model file is damaged: it has a part to follow, and no area"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        file f = model_open(compute, "follow");
        replace(&f, cases[i].from, cases[i].to);
        fleck_model_seal(f.bytes, f.size);
        CHECK_REFUSED(compute, f.bytes, f.size, cases[i].refused);
        fleck_arena_free(&f.arena);
    }
}

/* An area of as many patches from edge to edge, where it cannot move. */
static void check_part_stays(const fleck_compute *compute) {
    enum { G = 9 };
    file f = model_open(compute, "follow");
    for (size_t y = 0; y < FLECK_HEAT; y++)
        for (size_t word = 0; word < FLECK_AREA_WORDS; word++) {
            uint32_t bits = 0;
            for (size_t x = 32 * word; x < 32 * word + 32; x++) {
                size_t row = y * G / FLECK_HEAT, column = x * G / FLECK_HEAT;
                if (!row || row == G - 1 || !column) bits |= UINT32_C(1) << x % 32;
            }
            put(&f, "area", y * FLECK_AREA_WORDS + word, &bits);
        }
    CHECK_REFUSED(compute, f.bytes, f.size, no_part);
    fleck_arena_free(&f.arena);
}

int main(void) {
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 1);
    for (size_t i = 0; i < LEN(methods); i++) {
        check_flips(&compute, methods[i]);
        check_scores(&compute, methods[i]);
    }
    check_versions(&compute);
    check_forged(&compute);
    check_counts(&compute);
    check_rules(&compute);
    check_marks(&compute);
    check_grids(&compute);
    check_precisions(&compute);
    check_area(&compute);
    check_part_values(&compute);
    check_part_table(&compute);
    check_part_stays(&compute);

    const char *crafted = FLECK_SHARED_DIR "/cases/models/nan_ensemble_vit_a.fleck";
    FILE *there = fopen(crafted, "rb");
    if (there) {
        fclose(there);
        file f = file_open(&compute, crafted);
        CHECK_REFUSED(&compute, f.bytes, f.size, "the model file is of version 7");
        fleck_arena_free(&f.arena);
    } else
        SKIP_ABSENT(crafted);
    compute_free(&compute);
    return check_done();
}
