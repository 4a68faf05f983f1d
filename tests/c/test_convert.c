/* Backbones in another type: which tensors get which, how far their values move, and
 * queries, keys and values as one. */
#include "check.h"
#include "convert.h"
#include "half.h"
#include "rng.h"

#include <string.h>

enum { DIM = 12, TENSORS_MAX = 32 };

typedef struct {
    fleck_arena arena;
    fleck_rng rng;
    fleck_tensor tensors[TENSORS_MAX];
    fleck_weights weights;
} model;

/* Adds a tensor of uniform values within 1 and returns them. */
static float *add(model *m, const char *name, uint32_t ndim, size_t rows, size_t columns) {
    fleck_tensor *t = &m->tensors[m->weights.tensor_count++];
    *t = (fleck_tensor){.name = name, .dtype = FLECK_F32, .ndim = ndim, .shape = {rows, columns}};
    t->count = ndim > 1 ? rows * columns : rows;
    float *values = FLECK_NEW(&m->arena, float, t->count);
    for (size_t i = 0; i < t->count; i++) values[i] = 2 * fleck_rng_uniform(&m->rng) - 1;
    t->data = (const uint8_t *)values;
    return values;
}

static void make(model *m) {
    *m = (model){.rng = fleck_rng_seed(5)};
    m->weights = (fleck_weights){.tensors = m->tensors};
    add(m, "pos_embed", 2, 5, DIM);
    add(m, "blocks.0.attn.k.weight", 2, DIM, DIM);
    add(m, "blocks.0.attn.q.weight", 2, DIM, DIM);
    add(m, "blocks.0.attn.v.weight", 2, DIM, DIM);
    add(m, "blocks.0.attn.v.bias", 1, DIM, 0);
    add(m, "blocks.0.attn.q.bias", 1, DIM, 0);
    add(m, "blocks.0.attn.k.bias", 1, DIM, 0);
    add(m, "blocks.0.attn.proj.weight", 2, DIM, DIM);
    add(m, "blocks.0.mlp.fc1.weight", 2, 4 * DIM, DIM)[7] = 0;
    add(m, "blocks.0.ls1.gamma", 1, DIM, 0)[0] = 1e-5f;
    add(m, "patch_embed.proj.weight", 2, DIM, DIM);
}

static float *values_of(model *m, const fleck_weights *w, const char *name) {
    const fleck_tensor *t = fleck_weights_find(w, name);
    CHECK(t != NULL);
    if (!t) exit(1);
    float *out = FLECK_NEW(&m->arena, float, t->count);
    fleck_tensor_read(t, out);
    return out;
}

static fleck_dtype dtype_of(const fleck_weights *w, const char *name) {
    const fleck_tensor *t = fleck_weights_find(w, name);
    return t ? t->dtype : FLECK_OTHER;
}

static fleck_weights convert(model *m, const fleck_weights *in, fleck_dtype dtype) {
    fleck_weights out = {0};
    fleck_message err;
    CHECK(fleck_convert(&m->arena, in, dtype, &out, &err) == FLECK_OK);
    return out;
}

static void test_types(void) {
    static const struct {
        const char *name;
        fleck_dtype f16, i8;
    } want[] = {{"pos_embed", FLECK_F16, FLECK_F16},
                {"patch_embed.proj.weight", FLECK_F16, FLECK_F16},
                {"blocks.0.attn.qkv.weight", FLECK_F16, FLECK_I8},
                {"blocks.0.attn.qkv.weight_scale", FLECK_OTHER, FLECK_F32},
                {"blocks.0.attn.qkv.bias", FLECK_F32, FLECK_F32},
                {"blocks.0.attn.proj.weight", FLECK_F16, FLECK_I8},
                {"blocks.0.mlp.fc1.weight", FLECK_F16, FLECK_I8},
                {"blocks.0.mlp.fc1.weight_scale", FLECK_OTHER, FLECK_F32},
                {"blocks.0.ls1.gamma", FLECK_F32, FLECK_F32}};
    model m;
    make(&m);
    fleck_weights f32 = convert(&m, &m.weights, FLECK_F32);
    fleck_weights f16 = convert(&m, &m.weights, FLECK_F16);
    fleck_weights i8 = convert(&m, &m.weights, FLECK_I8);
    CHECK(f32.tensor_count == 7 && f16.tensor_count == 7 && i8.tensor_count == 10);
    for (size_t i = 0; i < f32.tensor_count; i++) CHECK(f32.tensors[i].dtype == FLECK_F32);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        CHECK(dtype_of(&f16, want[i].name) == want[i].f16);
        CHECK(dtype_of(&i8, want[i].name) == want[i].i8);
    }
    fleck_arena_free(&m.arena);
}

/* Rows of q, then k, then v, whatever their order in the file. */
static void test_values(void) {
    model m;
    make(&m);
    fleck_weights f32 = convert(&m, &m.weights, FLECK_F32);
    fleck_weights f16 = convert(&m, &m.weights, FLECK_F16);
    fleck_weights i8 = convert(&m, &m.weights, FLECK_I8);
    const fleck_tensor *qkv = fleck_weights_find(&f32, "blocks.0.attn.qkv.weight");
    CHECK(qkv && qkv->ndim == 2 && qkv->shape[0] == 3 * DIM && qkv->shape[1] == DIM);
    static const char *const parts[] = {"q", "k", "v"};
    for (size_t p = 0; p < 3; p++) {
        char name[40];
        snprintf(name, sizeof name, "blocks.0.attn.%s.weight", parts[p]);
        const float *old = values_of(&m, &m.weights, name);
        const float *exact = values_of(&m, &f32, "blocks.0.attn.qkv.weight") + p * DIM * DIM;
        const float *half = values_of(&m, &f16, "blocks.0.attn.qkv.weight") + p * DIM * DIM;
        const float *coarse = values_of(&m, &i8, "blocks.0.attn.qkv.weight") + p * DIM * DIM;
        const float *scale = values_of(&m, &i8, "blocks.0.attn.qkv.weight_scale") + p * DIM;
        CHECK(!memcmp(old, exact, DIM * DIM * sizeof *old));
        for (size_t i = 0; i < DIM * DIM; i++) {
            CHECK_NEAR(half[i], old[i], 0.25e-3f); /* half a unit of 11 bits, of up to 1 */
            /* half a step of a row whose largest value is at most 1 */
            CHECK_NEAR(coarse[i] * scale[i / DIM], old[i], 0.5f / 127 + 1e-6f);
        }
        for (size_t row = 0; row < DIM; row++) {
            float most = 0;
            for (size_t i = 0; i < DIM; i++) most = fmaxf(most, fabsf(coarse[row * DIM + i]));
            CHECK(most == 127);
        }
        snprintf(name, sizeof name, "blocks.0.attn.%s.bias", parts[p]);
        CHECK(!memcmp(values_of(&m, &m.weights, name),
                      values_of(&m, &i8, "blocks.0.attn.qkv.bias") + p * DIM, DIM * sizeof *old));
    }
    CHECK(values_of(&m, &f16, "blocks.0.ls1.gamma")[0] == 1e-5f);
    fleck_arena_free(&m.arena);
}

/* What is small already stays as it is; I8 gives its values back. */
static void test_again(void) {
    static const fleck_dtype dtypes[] = {FLECK_F32, FLECK_F16, FLECK_I8};
    model m;
    make(&m);
    for (size_t d = 0; d < 3; d++) {
        fleck_weights once = convert(&m, &m.weights, dtypes[d]);
        fleck_weights twice = convert(&m, &once, dtypes[d]);
        CHECK(once.tensor_count == twice.tensor_count);
        for (size_t i = 0; i < once.tensor_count && i < twice.tensor_count; i++) {
            const fleck_tensor *a = &once.tensors[i], *b = &twice.tensors[i];
            CHECK(!strcmp(a->name, b->name) && a->dtype == b->dtype && a->count == b->count);
            CHECK(!memcmp(a->data, b->data, fleck_tensor_bytes(a)));
        }
        fleck_weights wide = convert(&m, &once, FLECK_F32);
        const float *values = values_of(&m, &wide, "blocks.0.mlp.fc1.weight");
        const float *stored = values_of(&m, &once, "blocks.0.mlp.fc1.weight");
        const float *scale =
            dtypes[d] == FLECK_I8 ? values_of(&m, &once, "blocks.0.mlp.fc1.weight_scale") : NULL;
        CHECK(dtype_of(&wide, "blocks.0.mlp.fc1.weight_scale") == FLECK_OTHER);
        for (size_t i = 0; i < 4 * DIM * DIM; i++)
            CHECK(values[i] == stored[i] * (scale ? scale[i / DIM] : 1));
    }
    fleck_arena_free(&m.arena);
}

static void test_odd(void) {
    model m;
    fleck_message err;
    fleck_weights out = {0};
    make(&m);
    float *fc1 =
        (float *)(void *)(uintptr_t)fleck_weights_find(&m.weights, "blocks.0.mlp.fc1.weight")->data;
    memset(fc1, 0, DIM * sizeof *fc1); /* a row of zeros has a scale as well */
    fleck_weights i8 = convert(&m, &m.weights, FLECK_I8);
    CHECK(values_of(&m, &i8, "blocks.0.mlp.fc1.weight")[3] == 0);
    CHECK(values_of(&m, &i8, "blocks.0.mlp.fc1.weight_scale")[0] == 0);

    fc1[3] = 1e6f; /* beyond a half */
    fleck_weights f16 = convert(&m, &m.weights, FLECK_F16);
    CHECK(dtype_of(&f16, "blocks.0.mlp.fc1.weight") == FLECK_F32);
    CHECK(dtype_of(&f16, "blocks.0.attn.proj.weight") == FLECK_F16);

    m.tensors[1].name = "blocks.1.attn.k.weight"; /* keys without queries */
    CHECK(fleck_convert(&m.arena, &m.weights, FLECK_F16, &out, &err) == FLECK_ERR_FORMAT);
    CHECK(strstr(err.text, "blocks.1.attn.k.weight has no blocks.1.attn.q.weight") && !out.tensors);
    m.tensors[1].name = "blocks.0.norm1.weight"; /* queries without keys */
    CHECK(fleck_convert(&m.arena, &m.weights, FLECK_F16, &out, &err) == FLECK_ERR_FORMAT);
    CHECK(strstr(err.text, "q.weight does not go with blocks.0.attn.k.weight") && !out.tensors);
    CHECK(fleck_is_plain("dino vits16/8") && !fleck_is_plain("a\"b") && !fleck_is_plain("a\\b"));
    CHECK(!fleck_is_plain("a\nb") && !fleck_is_plain("\xc3\xa9"));
    fleck_arena_free(&m.arena);
}

/* Queries, keys and values that are not of one shape, with as many values or with others. */
static void test_unlike(void) {
    static const struct {
        uint32_t ndim;
        size_t rows, columns;
    } keys[] = {{2, DIM / 2, DIM}, {2, DIM, DIM / 2}, {2, DIM / 2, 2 * DIM}, {1, DIM * DIM, 0}};
    for (size_t i = 0; i < LEN(keys); i++) {
        model m;
        fleck_message err;
        fleck_weights out = {0};
        make(&m);
        fleck_tensor *k = &m.tensors[1];
        k->ndim = keys[i].ndim;
        k->shape[0] = keys[i].rows, k->shape[1] = keys[i].columns;
        k->count = k->ndim > 1 ? keys[i].rows * keys[i].columns : keys[i].rows;
        CHECK(fleck_convert(&m.arena, &m.weights, FLECK_F16, &out, &err) == FLECK_ERR_FORMAT);
        CHECK(strstr(err.text, "blocks.0.attn.q.weight does not go with blocks.0.attn.k.weight"));
        fleck_arena_free(&m.arena);
    }
}

/* A tensor that no backbone can have, beside one that may be its scale: refused in every type,
 * whether or not the loader would look at it, and nothing is read beyond it. */
static void test_unreadable(void) {
    static const char fc1[] = "blocks.0.mlp.fc1.weight", scale[] = "blocks.0.mlp.fc1.weight_scale";
    static const struct {
        const char *name;
        fleck_dtype dtype;
        uint32_t ndim;
        size_t shape[2];
        const char *scale;
        fleck_dtype scale_dtype;
        uint32_t scale_ndim;
        size_t scales;
        const char *want;
    } cases[] = {
        {fc1, FLECK_I8, 2, {8, 4}, scale, FLECK_F32, 1, 8, NULL},
        {fc1, FLECK_I8, 2, {8, 4}, scale, FLECK_F16, 1, 8, NULL},
        {fc1, FLECK_I8, 2, {8, 4}, NULL, 0, 0, 0, "wants blocks.0.mlp.fc1.weight_scale"},
        {fc1, FLECK_I8, 2, {8, 4}, scale, FLECK_F32, 1, 7, "a float for each of its 8 rows"},
        {fc1, FLECK_I8, 2, {8, 4}, scale, FLECK_F32, 1, 9, "a float for each of its 8 rows"},
        {fc1, FLECK_I8, 2, {8, 4}, scale, FLECK_F32, 2, 8, "a float for each of its 8 rows"},
        {fc1, FLECK_I8, 2, {8, 4}, scale, FLECK_I8, 1, 8, "a float for each of its 8 rows"},
        {fc1, FLECK_I8, 2, {8, 4}, scale, FLECK_OTHER, 1, 8, "a float for each of its 8 rows"},
        {fc1, FLECK_I8, 1, {8, 1}, scale, FLECK_F32, 1, 8, "which only matrices can be"},
        {fc1, FLECK_I8, 0, {1, 1}, scale, FLECK_F32, 1, 8, "which only matrices can be"},
        {fc1, FLECK_I8, 2, {0, 4}, scale, FLECK_F32, 1, 0, "fc1.weight is empty"},
        {fc1, FLECK_F32, 2, {1 << 30, 0}, NULL, 0, 0, 0, "fc1.weight is empty"},
        {fc1, FLECK_OTHER, 2, {8, 4}, NULL, 0, 0, 0, "is not F32, F16, BF16 or I8"},
        {fc1, FLECK_U32, 2, {8, 4}, NULL, 0, 0, 0, "is not F32, F16, BF16 or I8"},
        {"blocks.9.norm1.bias", FLECK_OTHER, 1, {8, 1}, NULL, 0, 0, 0, "is not F32, F16, BF16"},
        {"cls_token", FLECK_F16, 0, {1, 1}, NULL, 0, 0, 0, NULL},
        {"blocks.0.attn.q.bias",
         FLECK_F32,
         0,
         {1, 1},
         "blocks.0.attn.k.bias",
         FLECK_F32,
         0,
         1,
         "does not go with"},
        {"blocks.0.attn.v.bias", FLECK_F32, 1, {4, 1}, NULL, 0, 0, 0, "has no"},
    };
    static const fleck_dtype dtypes[] = {FLECK_F32, FLECK_F16, FLECK_I8};
    for (size_t i = 0; i < LEN(cases); i++)
        for (size_t d = 0; d < LEN(dtypes); d++) {
            fleck_arena arena = {0};
            fleck_tensor t[2] = {
                {.name = cases[i].name, .dtype = cases[i].dtype, .ndim = cases[i].ndim},
                {.name = cases[i].scale,
                 .dtype = cases[i].scale_dtype,
                 .ndim = cases[i].scale_ndim}};
            t[0].shape[0] = cases[i].shape[0], t[0].shape[1] = cases[i].shape[1];
            t[0].count = t[0].shape[0] * t[0].shape[1];
            t[1].shape[0] = cases[i].scales, t[1].shape[1] = 1;
            t[1].count = cases[i].scales;
            /* bytes of their own, so that sanitizers see what is read beyond them */
            for (int k = 0; k < 2; k++) {
                size_t bytes = t[k].dtype == FLECK_OTHER ? t[k].count : fleck_tensor_bytes(&t[k]);
                uint8_t *data = malloc(bytes + !bytes);
                if (!data) exit(1);
                memset(data, 0, bytes);
                t[k].data = data;
            }
            fleck_weights in = {.tensors = t, .tensor_count = cases[i].scale ? 2 : 1}, out = {0};
            fleck_message err = {""};
            fleck_status status = fleck_convert(&arena, &in, dtypes[d], &out, &err);
            const char *want = cases[i].want;
            bool good = want ? status == FLECK_ERR_FORMAT && strstr(err.text, want) : !status;
            CHECK(good);
            if (!good) fprintf(stderr, "  case %zu: %d \"%s\"\n", i, status, err.text);
            for (int k = 0; k < 2; k++) free((void *)(uintptr_t)t[k].data);
            fleck_arena_free(&arena);
        }
}

/* What is not finite is named, in a weight, a vector and a scale. */
static void test_not_finite(void) {
    static const fleck_dtype dtypes[] = {FLECK_F32, FLECK_F16, FLECK_I8};
    static const char *const names[] = {"blocks.0.attn.v.weight", "blocks.0.attn.k.bias",
                                        "blocks.0.mlp.fc1.weight_scale"};
    static const float values[] = {NAN, INFINITY, -INFINITY};
    for (size_t n = 0; n < LEN(names); n++)
        for (size_t d = 0; d < LEN(dtypes); d++)
            for (size_t v = 0; v < LEN(values); v++) {
                model m;
                fleck_message err = {""};
                fleck_weights out = {0};
                make(&m);
                fleck_weights in = n == 2 ? convert(&m, &m.weights, FLECK_I8) : m.weights;
                const fleck_tensor *t = fleck_weights_find(&in, names[n]);
                ((float *)(void *)(uintptr_t)t->data)[5] = values[v];
                CHECK(fleck_convert(&m.arena, &in, dtypes[d], &out, &err) == FLECK_ERR_FORMAT);
                CHECK(strstr(err.text, names[n]) && strstr(err.text, "not finite"));
                fleck_arena_free(&m.arena);
            }
}

int main(void) {
    test_types();
    test_unreadable();
    test_not_finite();
    test_unlike();
    test_values();
    test_again();
    test_odd();
    return check_done();
}
