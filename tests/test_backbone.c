/* Backbone files as other programs write them (scripts/golden/backbone.py): each gives
 * the tokens that PyTorch computes in float64; what is cut short, damaged or not for us
 * is refused, naming the fault.
 *
 *   test_backbone FILE GOLDEN   one file against tokens "S.B.patch" and "S.B.cls" */
#include "check.h"
#include "golden.h"
#include "tools_of.h"
#include "vit.h"
#include "vit_tokens.h"

#include <string.h>

static uint8_t *read_fixture(fleck_arena *arena, const char *name, size_t *size) {
    char path[1024];
    snprintf(path, sizeof path, "%s/backbone_%s", FLECK_GOLDEN_DIR, name);
    uint8_t *bytes = read_file(arena, path, size);
    CHECK(bytes != NULL);
    return bytes;
}

static fleck_status load(fleck_arena *arena, const uint8_t *bytes, size_t size, fleck_vit *vit,
                         fleck_message *err) {
    err->text[0] = 0;
    return fleck_vit_load(arena, fleck_kernels_find(NULL), FLECK_PRECISION_F32, bytes, size, vit,
                          err);
}

/* One output of a model against golden tensors "prefixS.B.{cls,patch}". */
static double compare(golden *g, const char *prefix, const fleck_vit *vit, uint32_t S,
                      const uint32_t *blocks, uint32_t block_count) {
    fleck_arena arena = {0}, scratch = {0};
    fleck_tools tools = tools_make(&scratch, NULL, 1);
    fleck_message err;
    fleck_vit_plan plan;
    CHECK(!fleck_vit_plan_make(&arena, vit, S, blocks, block_count, &plan, &err));
    char text[64] = "", key[128];
    for (uint32_t i = 0; i < plan.block_count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u", i ? "," : "",
                 plan.blocks[i]);
    size_t P = (size_t)plan.grid * plan.grid, D = plan.dim, cls_count, patch_count;
    snprintf(key, sizeof key, "%s%u.%s.cls", prefix, plan.input, text);
    float *want_cls = golden_get(g, key, &cls_count);
    snprintf(key, sizeof key, "%s%u.%s.patch", prefix, plan.input, text);
    float *want_patch = golden_get(g, key, &patch_count);
    float *patch = FLECK_NEW(&arena, float, (P * D)), *cls = FLECK_NEW(&arena, float, D);
    CHECK(!fleck_vit_forward(&plan, &tools, make_input(&arena, plan.input), patch, cls, &err));
    CHECK(cls_count == D && patch_count == P * D);
    double cls_error = relative_error(cls, want_cls, D),
           patch_error = relative_error(patch, want_patch, P * D);
    CHECK_NEAR(cls_error, 0, TOLERANCE);
    CHECK_NEAR(patch_error, 0, TOLERANCE);
    tools_free(&tools);
    fleck_arena_free(&scratch);
    fleck_arena_free(&arena);
    return cls_error > patch_error ? cls_error : patch_error;
}

static void test_layouts(void) {
    static const struct {
        const char *file;
        uint32_t depth, heads, registers;
    } cases[] = {
        {"hf_vit.safetensors", 2, 1, 0},         {"hf_vit_bare.safetensors", 2, 1, 0},
        {"hf_dinov2.safetensors", 2, 1, 0},      {"hf_dinov2_registers.safetensors", 1, 2, 4},
        {"timm_registers.safetensors", 2, 1, 4}, {"dinov2_hub.pth", 2, 1, 0},
        {"dinov2_chunks.pth", 2, 1, 4},          {"dino_training.pth", 2, 1, 0},
        {"dino_parameters.pth", 2, 1, 0},        {"dino_views.pth", 1, 1, 0},
    };
    golden g = golden_open("backbone_tokens.safetensors");
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_arena arena = {0};
        fleck_message err;
        fleck_vit vit;
        size_t size = 0;
        uint8_t *bytes = read_fixture(&arena, cases[i].file, &size);
        fleck_status status = load(&arena, bytes, size, &vit, &err);
        if (status) fprintf(stderr, "%s: %s\n", cases[i].file, err.text);
        CHECK(!status);
        if (!status) {
            CHECK(vit.depth == cases[i].depth && vit.heads == cases[i].heads);
            CHECK(vit.registers == cases[i].registers && vit.native_input == 12);
            char prefix[64];
            snprintf(prefix, sizeof prefix, "%.*s.", (int)strcspn(cases[i].file, "."),
                     cases[i].file);
            for (uint32_t S = 8; S <= 20; S += S == 8 ? 4 : 8) { /* 8, 12, 20 */
                compare(&g, prefix, &vit, S, (uint32_t[]){1}, 1);
                compare(&g, prefix, &vit, S, &vit.depth, 1);
            }
        }
        fleck_arena_free(&arena);
    }
    golden_close(&g);
}

static int compare_file(const char *file, const char *golden_file) {
    golden g = {0};
    fleck_arena arena = {0};
    fleck_message err = {"cannot be read"};
    fleck_vit vit;
    size_t size, golden_size;
    uint8_t *bytes = read_file(&arena, file, &size);
    uint8_t *golden_bytes = read_file(&g.arena, golden_file, &golden_size);
    if (!bytes || !golden_bytes ||
        fleck_weights_open(&g.arena, golden_bytes, golden_size, &g.weights, &err) ||
        load(&arena, bytes, size, &vit, &err)) {
        fprintf(stderr, "%s: %s\n", file, err.text);
        return 1;
    }
    double own = compare(&g, "", &vit, 0, NULL, 0), last = compare(&g, "", &vit, 0, &vit.depth, 1);
    printf("%u dims, %u heads, %u registers, patch %u, input %u: relative error %.1e, "
           "last block %.1e\n",
           vit.dim, vit.heads, vit.registers, vit.patch, vit.native_input, own, last);
    fleck_arena_free(&arena);
    golden_close(&g);
    return check_done();
}

int main(int argc, char **argv) {
    if (argc == 3) return compare_file(argv[1], argv[2]);
    test_layouts();
    return check_done();
}
