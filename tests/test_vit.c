/* Tokens against PyTorch in float64 (scripts/golden/vit.py): three small
 * backbones of random weights in F32, F16 and BF16, the embedded one, and, where
 * ../shared/weights exists, two published ones. */
#include "check.h"
#include "golden.h"
#include "tools_of.h"
#include "vit.h"

#include <string.h>

/* Relative error of a whole tensor. A float32 sum of n products errs by about
 * sqrt(n) 2^-24 of its size, some 1e-6 here; a dozen blocks add up to less than
 * 2e-5. */
#define TOLERANCE 2e-5

enum { KEPT_ROWS = 16 }; /* of the larger outputs */

static uint32_t mix(uint32_t h) {
    h *= 2654435761u;
    h ^= h >> 15;
    h *= 2246822519u;
    return h ^ h >> 13;
}

/* The input of scripts/golden/vit.py: multiples of 1/256 in [-1, 1). */
static float *make_input(fleck_arena *arena, uint32_t S) {
    float *tensor = FLECK_NEW(arena, float, (size_t)3 * S * S);
    for (uint32_t c = 0; c < 3; c++)
        for (uint32_t y = 0; y < S; y++)
            for (uint32_t x = 0; x < S; x++) {
                uint32_t cell = mix((c * 1024 + y / 16) * 1024 + x / 16 + 1) >> 24;
                uint32_t fine = mix((c * S + y) * S + x) >> 24;
                tensor[(c * S + y) * S + x] = (float)((int)(cell + fine) - 256) / 256.0f;
            }
    return tensor;
}

static double relative_error(const float *got, const float *want, size_t n) {
    double difference = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        difference += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
        size += (double)want[i] * want[i];
    }
    return sqrt(difference / size);
}

typedef struct {
    fleck_arena arena;
    fleck_vit vit;
} backbone;

static bool backbone_open(backbone *b, const char *path) {
    *b = (backbone){0};
    size_t size;
    fleck_message err = {""};
    uint8_t *bytes = read_file(&b->arena, path, &size);
    if (!bytes) return false;
    fleck_status status = fleck_vit_load(&b->arena, fleck_kernels_find(NULL), FLECK_PRECISION_F32, bytes, size, &b->vit, &err);
    if (status) fprintf(stderr, "%s: %s\n", path, err.text);
    CHECK(status == FLECK_OK);
    return status == FLECK_OK;
}

/* One output against golden tensors "name.S.blocks.{cls,patch}". */
static void check_features(golden *g, const backbone *b, const fleck_tools *tools, const char *name,
                           uint32_t S, const char *blocks_text, const uint32_t *blocks,
                           uint32_t block_count) {
    fleck_arena arena = {0};
    fleck_message err;
    fleck_vit_plan plan;
    CHECK(!fleck_vit_plan_make(&arena, &b->vit, S, blocks, block_count, &plan, &err));
    size_t P = (size_t)plan.grid * plan.grid, D = plan.dim, cls_count, patch_count;
    char key[96];
    snprintf(key, sizeof key, "%s.%u.%s.cls", name, S, blocks_text);
    float *want_cls = golden_get(g, key, &cls_count);
    snprintf(key, sizeof key, "%s.%u.%s.patch", name, S, blocks_text);
    float *want_patch = golden_get(g, key, &patch_count);
    float *patch = FLECK_NEW(&arena, float, (P * D)), *cls = FLECK_NEW(&arena, float, D);
    CHECK(!fleck_vit_forward(&plan, tools, make_input(&arena, S), patch, cls, &err));
    CHECK(cls_count == D);
    CHECK_NEAR(relative_error(cls, want_cls, D), 0, TOLERANCE);
    if (patch_count == KEPT_ROWS * D && P > KEPT_ROWS)
        for (size_t k = 0; k < KEPT_ROWS; k++) /* each lies at or behind its place */
            memmove(patch + k * D, patch + k * (P - 1) / (KEPT_ROWS - 1) * D, D * sizeof *patch);
    else
        CHECK(patch_count == P * D);
    CHECK_NEAR(relative_error(patch, want_patch, patch_count), 0, TOLERANCE);
    fleck_arena_free(&arena);
}

static void test_small(const fleck_tools *tools) {
    static const struct {
        const char *name;
        uint32_t sizes[3];
        const char *blocks_text[2];
        uint32_t blocks[2][2], block_count[2];
    } cases[] = {
        {"a", {20, 12, 32}, {"3", "1,3"}, {{3}, {1, 3}}, {1, 2}},
        {"b", {32, 24, 56}, {"2", "1,2"}, {{2}, {1, 2}}, {1, 2}},
        {"c", {15, 10, 45}, {"1", "2"}, {{1}, {2}}, {1, 1}},
    };
    golden g = golden_open("vit_small.safetensors");
    for (size_t c = 0; c < LEN(cases); c++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/vit_%s.safetensors", FLECK_GOLDEN_DIR, cases[c].name);
        backbone b;
        bool opened = backbone_open(&b, path);
        CHECK(opened);
        for (size_t s = 0; opened && s < 3; s++)
            for (size_t l = 0; l < 2; l++)
                check_features(&g, &b, tools, cases[c].name, cases[c].sizes[s],
                               cases[c].blocks_text[l], cases[c].blocks[l],
                               cases[c].block_count[l]);
        fleck_arena_free(&b.arena);
    }
    golden_close(&g);
}

static void test_real(const fleck_tools *tools, const char *file, const char *path,
                      const char *name, const char *const blocks_text[2], uint32_t blocks[2][2],
                      const uint32_t block_count[2]) {
    backbone b;
    if (!backbone_open(&b, path)) {
        SKIP("%s is not here", path);
        return;
    }
    golden g = golden_open(file);
    for (uint32_t S = 224; S <= 448; S += 224)
        for (size_t l = 0; l < 2; l++)
            check_features(&g, &b, tools, name, S, blocks_text[l], blocks[l], block_count[l]);
    golden_close(&g);
    fleck_arena_free(&b.arena);
}

/* Threads and variants: the same bits from 1 and 3 threads. */
static void test_threads(void) {
    fleck_arena arena = {0}, scratch[2] = {{0}, {0}};
    backbone b;
    if (!backbone_open(&b, FLECK_GOLDEN_DIR "/vit_a.safetensors")) return;
    float *out[2];
    size_t count = 0;
    for (int i = 0; i < 2; i++) {
        fleck_tools tools = tools_make(&scratch[i], NULL, i ? 3 : 1);
        fleck_vit_plan plan;
        fleck_message err;
        CHECK(!fleck_vit_plan_make(&arena, &b.vit, 60, NULL, 0, &plan, &err));
        count = (size_t)plan.grid * plan.grid * plan.dim;
        out[i] = FLECK_NEW(&arena, float, count + plan.dim);
        CHECK(!fleck_vit_forward(&plan, &tools, make_input(&arena, 60), out[i], out[i] + count,
                                 &err));
        count += plan.dim;
        tools_free(&tools);
    }
    CHECK(!memcmp(out[0], out[1], count * sizeof(float)));
    fleck_arena_free(&b.arena);
    fleck_arena_free(&arena);
}

static void test_refusals(void) {
    backbone b;
    if (!backbone_open(&b, FLECK_GOLDEN_DIR "/vit_a.safetensors")) return;
    fleck_arena arena = {0};
    fleck_message err;
    fleck_vit_plan plan;
    static const uint32_t bad[][2] = {{0, 1}, {4, 0}, {2, 2}, {3, 1}};
    for (size_t i = 0; i < LEN(bad); i++)
        CHECK(fleck_vit_plan_make(&arena, &b.vit, 20, bad[i], 2, &plan, &err) ==
              FLECK_ERR_ARGUMENT);
    CHECK(fleck_vit_plan_make(&arena, &b.vit, 21, NULL, 0, &plan, &err) == FLECK_ERR_ARGUMENT);
    CHECK(strstr(err.text, "multiple of the patch") != NULL);

    /* every truncation of a backbone file is refused, and says why */
    size_t size;
    uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/vit_c.safetensors", &size);
    for (size_t cut = 0; cut < size; cut += cut < 4096 ? 1 : 97) {
        uint8_t *short_bytes = malloc(cut ? cut : 1); /* ends at the cut: sanitizers see */
        memcpy(short_bytes, bytes, cut);
        fleck_arena model = {0};
        fleck_vit vit;
        err.text[0] = 0;
        CHECK(fleck_vit_load(&model, fleck_kernels_find(NULL), FLECK_PRECISION_F32, short_bytes, cut, &vit, &err) == FLECK_ERR_FORMAT &&
              err.text[0]);
        fleck_arena_free(&model);
        free(short_bytes);
    }
    fleck_arena_free(&arena);
    fleck_arena_free(&b.arena);
}

int main(void) {
    fleck_arena scratch = {0};
    fleck_tools tools = tools_make(&scratch, NULL, 2);
    test_small(&tools);
    static const char *const teacher_text[2] = {"4,7", "12"}, *const tiny_text[2] = {"6", "3,6"};
    uint32_t teacher[2][2] = {{4, 7}, {12}}, tiny[2][2] = {{6}, {3, 6}};
    static const uint32_t teacher_count[2] = {2, 1}, tiny_count[2] = {1, 2};
    test_real(&tools, "vit_fleck_tiny.safetensors",
              FLECK_SOURCE_DIR "/models/fleck-tiny.safetensors", "fleck-tiny", tiny_text, tiny,
              tiny_count);
    test_real(&tools, "vit_teachers.safetensors",
              FLECK_SHARED_DIR "/weights/deit_tiny_p16.safetensors", "deit_tiny_p16", teacher_text,
              teacher, teacher_count);
    test_real(&tools, "vit_teachers.safetensors",
              FLECK_SHARED_DIR "/weights/vit_tiny_p16_augreg.safetensors", "vit_tiny_p16_augreg",
              teacher_text, teacher, teacher_count);
    tools_free(&tools);
    fleck_tools scalar = tools_make(&scratch, "scalar", 1);
    test_small(&scalar);
    tools_free(&scalar);
    test_threads();
    test_refusals();
    return check_done();
}
