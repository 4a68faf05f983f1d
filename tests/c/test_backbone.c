/* Backbone files as other programs write them (scripts/golden/backbone.py): each gives
 * the tokens that PyTorch computes in float64; what is cut short, damaged or not for us
 * is refused, naming the fault.
 *
 *   BACKBONE=FILE GOLDEN=FILE test_backbone   one file against tokens "S.B.patch" and
 *                                             "S.B.cls" */
#include "check.h"
#include "golden.h"
#include "compute_of.h"
#include "vit.h"
#include "vit_tokens.h"
#include "open.h"

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
    fleck_compute compute = compute_make(&scratch, NULL, 1);
    fleck_message err;
    fleck_vit_plan plan;
    CHECK(!fleck_vit_plan_make(&arena, vit, S, blocks, block_count, &plan, &err));
    char text[64] = "";
    for (uint32_t i = 0; i < plan.block_count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u", i ? "," : "",
                 plan.blocks[i]);
    size_t P = (size_t)plan.grid * plan.grid, D = plan.dim, cls_count, patch_count;
    float *want_cls = golden_get(g, &cls_count, "%s%u.%s.cls", prefix, plan.input, text);
    float *want_patch = golden_get(g, &patch_count, "%s%u.%s.patch", prefix, plan.input, text);
    float *patch = FLECK_NEW(&arena, float, P, D), *cls = FLECK_NEW(&arena, float, D);
    CHECK(!fleck_vit_forward(&plan, &compute, make_input(&arena, plan.input), patch, cls, &err));
    CHECK(cls_count == D && patch_count == P * D);
    double cls_error = relative_error(cls, want_cls, D),
           patch_error = relative_error(patch, want_patch, P * D);
    CHECK_NEAR(cls_error, 0, TOLERANCE);
    CHECK_NEAR(patch_error, 0, TOLERANCE);
    compute_free(&compute);
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

/* ---- hostile files ---- */

/* Cut short anywhere, a file is refused, and says so where its kind is known; the copy ends at the
 * cut, for sanitizers. */
static void test_truncations(void) {
    static const char *const files[] = {
        "hf_vit_bare.safetensors", "hf_dinov2.safetensors", "timm_registers.safetensors",
        "dinov2_chunks.pth",       "dinov2_hub.pth",        "dino_parameters.pth",
        "dino_views.pth",          "dino_training.pth"};
    for (size_t i = 0; i < LEN(files); i++) {
        fleck_arena arena = {0};
        size_t size = 0, silent = 0;
        uint8_t *bytes = read_fixture(&arena, files[i], &size);
        for (size_t cut = 0; cut < size; cut++) {
            /* in the larger ones not the middle, which is data like that of the others */
            if (cut == 8192 && size > 21000) cut = size - 8192;
            uint8_t *copy = malloc(cut ? cut : 1);
            if (!copy) exit(1);
            memcpy(copy, bytes, cut);
            fleck_arena scratch = {0};
            fleck_weights weights;
            fleck_message err = {""};
            silent += fleck_weights_open(&scratch, copy, cut, &weights, &err) != FLECK_ERR_FORMAT ||
                      !strstr(err.text, cut < 9 ? "" : "the file is cut short: ") || !err.text[0];
            fleck_arena_free(&scratch);
            free(copy);
        }
        CHECK(!silent);
        fleck_arena_free(&arena);
    }
}

/* Weights that are no numbers, in each type. */
static void test_not_finite(void) {
    static const struct {
        const char *file, *tensor, *named;
        size_t bytes;
        uint32_t bits;
    } cases[] = {
        {"hf_vit.safetensors", "vit.encoder.layer.1.attention.attention.key.weight",
         "blocks.1.attn.k.weight holds a value that is not finite", 4, 0x7FC00000},
        {"hf_vit.safetensors", "vit.embeddings.position_embeddings",
         "pos_embed holds a value that is not finite", 4, 0xFF800000},
        {"hf_vit_bare.safetensors", "encoder.layer.0.output.dense.bias",
         "blocks.0.mlp.fc2.bias holds a value that is not finite", 2, 0x7F80},
        {"hf_dinov2_registers.safetensors",
         "dinov2_with_registers.encoder.layer.0.layer_scale1.lambda1",
         "blocks.0.ls1.gamma holds a value that is not finite", 2, 0x7C00},
        {"timm_registers.safetensors", "reg_token",
         "register_tokens holds a value that is not finite", 4, 0x7F800001},
        {"dinov2_chunks.pth", "model.blocks.1.1.mlp.fc1.weight",
         "blocks.1.mlp.fc1.weight holds a value that is not finite", 2, 0xFE00},
        {"dino_training.pth", "teacher.backbone.cls_token",
         "cls_token holds a value that is not finite", 4, 0x7FFFFFFF},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_arena arena = {0};
        fleck_message err = {""};
        fleck_weights weights = {0};
        fleck_vit vit;
        size_t size = 0;
        uint8_t *bytes = read_fixture(&arena, cases[i].file, &size);
        CHECK(!fleck_weights_open(&arena, bytes, size, &weights, &err));
        const fleck_tensor *t = fleck_weights_find(&weights, cases[i].tensor);
        CHECK(t != NULL);
        if (!t) continue;
        memcpy(bytes + (t->data - bytes) + fleck_tensor_bytes(t) - cases[i].bytes, &cases[i].bits,
               cases[i].bytes);
        CHECK(load(&arena, bytes, size, &vit, &err) == FLECK_ERR_FORMAT);
        CHECK(!strcmp(err.text, cases[i].named));
        fleck_arena_free(&arena);
    }
}

/* The form of before PyTorch 1.6 is told how to become a present one. */
static void test_legacy(void) {
    fleck_arena arena = {0};
    fleck_message err;
    fleck_vit vit;
    size_t size = 0;
    uint8_t *bytes = read_fixture(&arena, "dino_legacy.pth", &size);
    CHECK(load(&arena, bytes, size, &vit, &err) == FLECK_ERR_FORMAT);
    CHECK(strstr(err.text, "before PyTorch 1.6") && strstr(err.text, "torch.save(torch.load("));
    fleck_arena_free(&arena);
}

/* What an official file, which says nothing of itself, is used with: its shapes tell. */
static void test_presets(void) {
    static const struct {
        uint32_t patch, grid, depth, input, blocks[2], block_count;
    } cases[] = {
        {16, 14, 12, 448, {4, 7}, 2}, {8, 28, 12, 224, {4, 7}, 2}, {14, 37, 12, 448, {4, 7}, 2},
        {16, 14, 2, 224, {2}, 1},     {8, 14, 12, 112, {12}, 1},
    };
    enum { DIM = 4 };
    static const float zeros[DIM * 3 * 16 * 16 + DIM * (37 * 37 + 1)];
    static const struct {
        const char *name;
        uint32_t ndim;
        size_t shape[2];
    } parts[] = {{"norm1.weight", 1, {DIM}},
                 {"norm1.bias", 1, {DIM}},
                 {"norm2.weight", 1, {DIM}},
                 {"norm2.bias", 1, {DIM}},
                 {"attn.qkv.weight", 2, {3 * DIM, DIM}},
                 {"attn.qkv.bias", 1, {3 * DIM}},
                 {"attn.proj.weight", 2, {DIM, DIM}},
                 {"attn.proj.bias", 1, {DIM}},
                 {"mlp.fc1.weight", 2, {DIM, DIM}},
                 {"mlp.fc1.bias", 1, {DIM}},
                 {"mlp.fc2.weight", 2, {DIM, DIM}},
                 {"mlp.fc2.bias", 1, {DIM}}};
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_arena arena = {0};
        fleck_message err = {""};
        fleck_vit vit = {0};
        fleck_tensor tensors[6 + 12 * LEN(parts)];
        char names[12 * LEN(parts)][48];
        fleck_weights w = {.tensors = tensors};
        size_t patch = cases[i].patch, tokens = (size_t)cases[i].grid * cases[i].grid + 1, size;
        const fleck_tensor model[] = {
            {.name = "cls_token", .ndim = 3, .shape = {1, 1, DIM}},
            {.name = "pos_embed", .ndim = 3, .shape = {1, tokens, DIM}},
            {.name = "patch_embed.proj.weight", .ndim = 4, .shape = {DIM, 3, patch, patch}},
            {.name = "patch_embed.proj.bias", .ndim = 1, .shape = {DIM}},
            {.name = "norm.weight", .ndim = 1, .shape = {DIM}},
            {.name = "norm.bias", .ndim = 1, .shape = {DIM}},
        };
        for (size_t m = 0; m < LEN(model); m++) tensors[w.tensor_count++] = model[m];
        for (uint32_t b = 0; b < cases[i].depth; b++)
            for (size_t p = 0; p < LEN(parts); p++) {
                char *name = names[b * LEN(parts) + p];
                snprintf(name, sizeof *names, "blocks.%u.%s", b, parts[p].name);
                tensors[w.tensor_count++] =
                    (fleck_tensor){.name = name,
                                   .ndim = parts[p].ndim,
                                   .shape = {parts[p].shape[0], parts[p].shape[1]}};
            }
        for (size_t t = 0; t < w.tensor_count; t++) {
            tensors[t].count = 1;
            for (uint32_t d = 0; d < tensors[t].ndim; d++) tensors[t].count *= tensors[t].shape[d];
            tensors[t].data = (const uint8_t *)zeros;
        }
        fleck_weights_write(&w, NULL, 0, &size);
        uint8_t *bytes = FLECK_NEW(&arena, uint8_t, size);
        fleck_weights_write(&w, bytes, size, &size);
        CHECK(!load(&arena, bytes, size, &vit, &err));
        CHECK(vit.native_input == cases[i].input && vit.block_count == cases[i].block_count);
        for (uint32_t b = 0; b < vit.block_count; b++) CHECK(vit.blocks[b] == cases[i].blocks[b]);
        fleck_arena_free(&arena);
    }
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

int main(void) {
    const char *file = getenv("BACKBONE"), *golden_file = getenv("GOLDEN");
    if (file && golden_file) return compare_file(file, golden_file);
    test_layouts();
    test_presets();
    test_truncations();
    test_not_finite();
    test_legacy();
    return check_done();
}
