/* Backbones whose shapes or whose own input ask for more than can be, and those just within the
 * bounds: the first are refused by a sentence, the others run at their own input. */
#include "backbone_of.h"
#include "check.h"
#include "fleck.h"
#include "vit.h"

#include <string.h>

/* What a photo's features are, from a backbone alone; want is NULL where it runs. */
static void check_shape(backbone_shape s, const char *want) {
    fleck_arena arena = {0};
    size_t size;
    uint8_t *bytes = backbone_of(&arena, s, &size);
    fleck_detector *det;
    CHECK(!fleck_create(&det));
    fleck_status status = fleck_load_backbone(det, bytes, size);
    bool as_wanted = want ? status && strstr(fleck_error(det), want) : !status;
    CHECK(as_wanted);
    if (!as_wanted)
        fprintf(stderr, "  dim %zu, patch %zu, input %s: %d \"%s\"\n", s.dim, s.patch, s.input,
                status, fleck_error(det));
    fleck_feature_shape shape;
    if (!status) {
        CHECK(!fleck_shape(det, &shape) && shape.patches == shape.rows * shape.columns);
        uint8_t *rgba = FLECK_NEW(&arena, uint8_t, 4, 9, 7);
        fleck_half *patch = FLECK_NEW(&arena, fleck_half, shape.patches, shape.dim);
        fleck_half *cls = FLECK_NEW(&arena, fleck_half, shape.dim);
        for (size_t i = 0; i < 4 * 9 * 7; i++) rgba[i] = (uint8_t)(37 * i);
        CHECK(!fleck_extract_rgba(det, rgba, 9, 7, patch, cls));
        CHECK(!fleck_add(det, patch, cls));
        uint32_t most = fleck_learn_most(det);
        CHECK(most && most <= 1 << 20 && (uint64_t)most * shape.patches <= INT32_MAX);
    }
    fleck_destroy(det);
    fleck_arena_free(&arena);
}

static void test_files(void) {
    static const struct {
        backbone_shape shape;
        const char *want;
    } cases[] = {
        /* 8.5 MB; (1 + 2048^2) * 1024 values of 4 bytes wrap in 32 bits */
        {{1024, 1, 1, 1, 4, 0, "2048", NULL},
         "input 2048 with patch 1 makes 4194304 patches, at most 65536 can be used"},
        {{4, 1, 1, 1, 4, 0, "2048", NULL}, "makes 4194304 patches"},
        {{4, 1, 1, 1, 4, 0, "257", NULL}, "makes 66049 patches"},
        {{4, 7, 1, 1, 4, 0, "1799", NULL}, "makes 66049 patches"},
        {{4, 1, 1, 1, 4, 0, "2049", NULL}, "input=2049 is no multiple of 1"},
        {{4, 1, 1, 1, 4, 0, "4294967296", NULL}, "is no multiple of 1"},
        {{4, 1, 1, 1, 4, 0, "-1", NULL}, "is no multiple of 1"},
        {{4, 1, 1, 1, 4, 0, "0", NULL}, "is no multiple of 1"},
        {{4, 1, 1, 1, 4, 0, "1e999", NULL}, "is not understood"},
        {{4, 2, 1, 1, 4, 0, "3", NULL}, "input=3 is no multiple of 2"},
        {{2, 1, 1, 1, 4, 0, "1", NULL}, "want a dim of a multiple of 4"},
        {{8196, 1, 1, 0, 4, 0, "1", NULL}, "want a dim of a multiple of 4"},
        {{4, 65, 1, 1, 4, 0, "65", NULL}, "a patch of up to 64"},
        {{4, 1, 1, 1, 4, 17, "1", NULL}, "register_tokens are not"},
        {{4, 1, 1, 1, 65540, 0, "1", NULL}, "65540 hidden values"},
        {{4, 1, 1, 0, 4, 0, "1", NULL}, "0 blocks, want 1 to 64"},
        {{4, 1, 1, 65, 4, 0, "1", NULL}, "65 blocks, want 1 to 64"},
        {{4, 1, 1, 1, 4, 0, "1", "2"}, "out of order or over 1"},
        {{4, 1, 1, 1, 4, 0, "1", NULL}, NULL},
        {{4, 1, 1, 1, 1, 16, "2", NULL}, NULL},
        {{4, 1, 5, 1, 4, 0, "32", NULL}, NULL},
        {{4, 1, 1, 1, 65536, 0, "3", NULL}, NULL},
        {{4, 1, 40, 1, 4, 3, "2", NULL}, NULL},
        {{8, 64, 1, 1, 4, 0, "2048", NULL}, NULL},
        {{4, 1, 1, 64, 4, 0, "2", "1,2,63,64"}, NULL},
        {{1024, 1, 3, 1, 4, 0, "3", NULL}, NULL},
    };
    for (size_t i = 0; i < LEN(cases); i++) check_shape(cases[i].shape, cases[i].want);
}

/* Without weights, which plans do not look at: shapes that no test could run. */
static void test_plans(void) {
    static const struct {
        uint32_t dim, patch, input, blocks;
        const char *want;
    } cases[] = {
        {4, 1, 256, 1, NULL},
        {4, 8, 2048, 4, NULL},
        {4, 1, 257, 1, "makes 66049 patches, at most 65536 can be used"},
        {8192, 1, 2048, 4, "makes 4194304 patches"},
        {4096, 8, 2048, 1, NULL}, /* 2^28 values */
        {4100, 8, 2048, 1, "65536 patches of 4100 values make 268697600"},
        {8192, 8, 2048, 4, "65536 patches of 32768 values make 2147483648, at most 268435456"},
        {8192, 64, 2048, 4, NULL},
        {8192, 1, 91, 4, "8281 patches of 32768 values make"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_arena arena = {0};
        fleck_message err = {""};
        uint32_t dim = cases[i].dim, grid = cases[i].input / cases[i].patch;
        static const uint32_t blocks[] = {1, 2, 3, 4};
        static const float position[4];
        fleck_vit vit = {.dim = dim, .depth = 4, .patch = cases[i].patch, .position = position};
        fleck_vit_plan plan;
        vit.native_grid = grid; /* positions as they are */
        fleck_status status =
            fleck_vit_plan_make(&arena, &vit, cases[i].input, blocks, cases[i].blocks, &plan, &err);
        if (cases[i].want) {
            CHECK(status == FLECK_ERR_ARGUMENT && strstr(err.text, cases[i].want));
        } else {
            CHECK(!status && plan.grid == grid && plan.tokens == 1 + grid * grid);
            CHECK(plan.dim == dim * cases[i].blocks);
        }
        fleck_arena_free(&arena);
    }
}

/* More photos than can be counted are as many as can be. */
static void test_learn_most(void) {
    static const struct {
        const char *input;
        uint32_t asked, most;
    } cases[] = {{"1", UINT32_MAX, 1 << 20},
                 {"1", 0, 1 << 20},
                 {"64", UINT32_MAX, INT32_MAX / 4096},
                 {"64", 7, 7},
                 {"64", 0, FLECK_FEATURE_BYTES / ((4096 + 1) * 4 * 2)}};
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_arena arena = {0};
        size_t size;
        fleck_detector *det;
        uint8_t *bytes =
            backbone_of(&arena, (backbone_shape){4, 1, 1, 1, 4, 0, cases[i].input, NULL}, &size);
        fleck_options options = fleck_options_default();
        options.learn_most = cases[i].asked;
        CHECK(!fleck_create(&det) && !fleck_configure(det, &options));
        CHECK(!fleck_load_backbone(det, bytes, size));
        CHECK(fleck_learn_most(det) == cases[i].most);
        fleck_destroy(det);
        fleck_arena_free(&arena);
    }
}

int main(void) {
    test_files();
    test_plans();
    test_learn_most();
    return check_done();
}
