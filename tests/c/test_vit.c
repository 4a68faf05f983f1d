/* Tokens against PyTorch in float64 (scripts/golden/vit.py), in each precision:
 * three small backbones of random weights in F32, F16 and BF16, the embedded one,
 * and, where ../shared/weights exists, two published ones. */
#include "check.h"
#include "golden.h"
#include "compute_of.h"
#include "vit.h"
#include "vit_tokens.h"
#include "open.h"

#include <string.h>

enum {
    KEPT_ROWS = 16, /* of the larger outputs */
#ifdef __SANITIZE_ADDRESS__
    LARGEST = 224, /* the larger input takes minutes, and runs the same code */
#else
    LARGEST = 448,
#endif
};

/* Mean cosine of rows. */
static double mean_cosine(const float *got, const float *want, size_t rows, size_t width) {
    double sum = 0;
    for (size_t i = 0; i < rows; i++) {
        double product = 0, got_size = 0, want_size = 0;
        for (size_t j = i * width; j < (i + 1) * width; j++) {
            product += (double)got[j] * want[j];
            got_size += (double)got[j] * got[j];
            want_size += (double)want[j] * want[j];
        }
        sum += product / sqrt(got_size * want_size);
    }
    return sum / (double)rows;
}

/* Tokens as near to the golden ones as a precision promises: float32 as a whole,
 * integers by the mean cosine. 8 bits lose most in the last block of a wide range of
 * values; the middle blocks, which are used, reach .9993 and more. */
static void check_tokens(const float *got, const float *want, size_t rows, size_t width,
                         fleck_precision precision, bool last) {
    if (precision == FLECK_PRECISION_F32) {
        CHECK_NEAR(relative_error(got, want, rows * width), 0, TOLERANCE);
        return;
    }
    double cosine = mean_cosine(got, want, rows, width);
    CHECK_NEAR(cosine, 1, precision == FLECK_PRECISION_I16 ? 1e-4 : last ? 3e-3 : 1e-3);
}

typedef struct {
    fleck_arena arena;
    fleck_vit vit;
} backbone;

static bool backbone_open(backbone *b, const char *path, fleck_precision precision) {
    *b = (backbone){0};
    size_t size;
    fleck_message err = {""};
    uint8_t *bytes = read_file(&b->arena, path, &size);
    if (!bytes) return false;
    fleck_status status =
        fleck_vit_load(&b->arena, fleck_kernels_find(NULL), precision, bytes, size, &b->vit, &err);
    if (status) fprintf(stderr, "%s: %s\n", path, err.text);
    CHECK(status == FLECK_OK);
    return status == FLECK_OK;
}

/* One output against golden tensors "name.S.blocks.{cls,patch}". */
static void check_features(golden *g, const backbone *b, const fleck_compute *compute,
                           const char *name, uint32_t S, const char *blocks_text,
                           const uint32_t *blocks, uint32_t block_count) {
    fleck_arena arena = {0};
    fleck_message err;
    fleck_vit_plan plan;
    CHECK(!fleck_vit_plan_make(&arena, &b->vit, S, blocks, block_count, &plan, &err));
    size_t P = (size_t)plan.grid * plan.grid, D = plan.dim, cls_count, patch_count;
    float *want_cls = golden_get(g, &cls_count, "%s.%u.%s.cls", name, S, blocks_text);
    float *want_patch = golden_get(g, &patch_count, "%s.%u.%s.patch", name, S, blocks_text);
    float *patch = FLECK_NEW(&arena, float, P, D), *cls = FLECK_NEW(&arena, float, D);
    CHECK(!fleck_vit_forward(&plan, compute, make_input(&arena, S), patch, cls, &err));
    CHECK(cls_count == D);
    fleck_precision precision = b->vit.arithmetic.precision;
    bool last = plan.blocks[0] == b->vit.depth;
    check_tokens(cls, want_cls, 1, D, precision, last);
    if (patch_count == KEPT_ROWS * D && P > KEPT_ROWS)
        for (size_t k = 0; k < KEPT_ROWS; k++) /* each lies at or behind its place */
            memmove(patch + k * D, patch + k * (P - 1) / (KEPT_ROWS - 1) * D, D * sizeof *patch);
    else
        CHECK(patch_count == P * D);
    check_tokens(patch, want_patch, patch_count / D, D, precision, last);
    fleck_arena_free(&arena);
}

static void test_small(const fleck_compute *compute, fleck_precision precision) {
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
        bool opened = backbone_open(&b, path, precision);
        CHECK(opened);
        for (size_t s = 0; opened && s < 3; s++)
            for (size_t l = 0; l < 2; l++)
                check_features(&g, &b, compute, cases[c].name, cases[c].sizes[s],
                               cases[c].blocks_text[l], cases[c].blocks[l],
                               cases[c].block_count[l]);
        fleck_arena_free(&b.arena);
    }
    golden_close(&g);
}

static void test_real(const fleck_compute *compute, const char *file, const char *path,
                      const char *name, const char *const blocks_text[2], uint32_t blocks[2][2],
                      const uint32_t block_count[2], fleck_precision precision) {
    backbone b;
    if (!backbone_open(&b, path, precision)) {
        CHECK(strstr(path, FLECK_SHARED_DIR));
        SKIP_ABSENT(path);
        return;
    }
    golden g = golden_open(file);
    uint32_t largest = precision == FLECK_PRECISION_F32 ? LARGEST : 224;
    for (uint32_t S = 224; S <= largest; S += 224)
        for (size_t l = 0; l < 2; l++)
            check_features(&g, &b, compute, name, S, blocks_text[l], blocks[l], block_count[l]);
    golden_close(&g);
    fleck_arena_free(&b.arena);
}

/* Tokens of a small backbone, in arena. */
static float *small_tokens(fleck_arena *arena, const backbone *b, uint32_t threads, size_t *count) {
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, threads);
    fleck_vit_plan plan;
    fleck_message err;
    CHECK(!fleck_vit_plan_make(arena, &b->vit, 60, NULL, 0, &plan, &err));
    size_t P = (size_t)plan.grid * plan.grid;
    *count = (P + 1) * plan.dim;
    float *out = FLECK_NEW(arena, float, *count);
    CHECK(
        !fleck_vit_forward(&plan, &compute, make_input(arena, 60), out, out + P * plan.dim, &err));
    compute_free(&compute);
    return out;
}

/* The same bits from one thread and from several. */
static void test_threads(fleck_precision precision) {
    fleck_arena arena = {0};
    backbone b;
    if (!backbone_open(&b, FLECK_GOLDEN_DIR "/vit_a.safetensors", precision)) return;
    size_t count;
    float *want = small_tokens(&arena, &b, 1, &count);
    for (uint32_t threads = 2; threads <= 5; threads++) {
        float *out = small_tokens(&arena, &b, threads, &count);
        CHECK(!memcmp(out, want, count * sizeof(float)));
    }
    fleck_arena_free(&b.arena);
    fleck_arena_free(&arena);
}

/* The matrices of a block as I8 with scales, the rest as it is: a file a quarter the size
 * gives nearly the same tokens, and says so when its scales are missing. */
static void test_quantised_file(void) {
    fleck_arena arena = {0};
    fleck_message err = {""};
    size_t size = 0, written = 0, count;
    uint8_t *bytes = read_file(&arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    fleck_weights plain = {0}, w;
    CHECK(bytes && !fleck_weights_open(&arena, bytes, size, &plain, &err));
    w = plain;
    w.tensors = FLECK_NEW(&arena, fleck_tensor, 2, plain.tensor_count);
    w.tensor_count = 0;
    for (size_t i = 0; i < plain.tensor_count; i++) {
        fleck_tensor t = plain.tensors[i];
        if (t.ndim == 2 && strstr(t.name, "blocks.")) {
            size_t out = t.shape[0], in = t.shape[1];
            float *values = FLECK_NEW(&arena, float, t.count),
                  *scale = FLECK_NEW(&arena, float, out);
            int16_t *q = FLECK_NEW(&arena, int16_t, fleck_depth(in));
            int8_t *small = FLECK_NEW(&arena, int8_t, t.count);
            char *name = FLECK_NEW(&arena, char, 96);
            fleck_tensor_read(&t, values);
            for (size_t row = 0; row < out; row++) {
                scale[row] = fleck_kernels_find(NULL)->quantise_i16(values + row * in, in, 127, q);
                for (size_t k = 0; k < in; k++) small[row * in + k] = (int8_t)q[k];
            }
            t.dtype = FLECK_I8;
            t.data = (const uint8_t *)small;
            snprintf(name, 96, "%s_scale", t.name);
            w.tensors[w.tensor_count++] = (fleck_tensor){
                .name = name, .ndim = 1, .shape = {out}, .count = out, .data = (uint8_t *)scale};
        }
        w.tensors[w.tensor_count++] = t;
    }
    fleck_weights_write(&w, NULL, 0, &written);
    uint8_t *file = FLECK_NEW(&arena, uint8_t, written);
    fleck_weights_write(&w, file, written, &written);

    backbone b = {.arena = {0}}, want;
    CHECK(backbone_open(&want, FLECK_GOLDEN_DIR "/vit_a.safetensors", FLECK_PRECISION_F32));
    fleck_status status = fleck_vit_load(&b.arena, fleck_kernels_find(NULL), FLECK_PRECISION_F32,
                                         file, written, &b.vit, &err);
    CHECK(status == FLECK_OK);
    if (!status) {
        float *tokens = small_tokens(&arena, &b, 1, &count);
        float *wanted = small_tokens(&arena, &want, 1, &count);
        double cosine = mean_cosine(tokens, wanted, count / b.vit.dim, b.vit.dim);
        CHECK_NEAR(cosine, 1, 1e-3);
        CHECK(cosine < 1 - 1e-9);
    }
    fleck_arena_free(&b.arena);
    fleck_arena_free(&want.arena);

    size_t kept = 0;
    for (size_t i = 0; i < w.tensor_count; i++)
        if (!strstr(w.tensors[i].name, "weight_scale")) w.tensors[kept++] = w.tensors[i];
    w.tensor_count = kept;
    fleck_weights_write(&w, file, written, &written);
    fleck_arena refused = {0};
    CHECK(fleck_vit_load(&refused, fleck_kernels_find(NULL), FLECK_PRECISION_I16, file, written,
                         &b.vit, &err) == FLECK_ERR_FORMAT);
    CHECK(strstr(err.text, "weight_scale") != NULL);
    fleck_arena_free(&refused);
    fleck_arena_free(&arena);
}

static void test_refusals(void) {
    backbone b;
    if (!backbone_open(&b, FLECK_GOLDEN_DIR "/vit_a.safetensors", FLECK_PRECISION_I16)) return;
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
        CHECK(fleck_vit_load(&model, fleck_kernels_find(NULL), FLECK_PRECISION_I16, short_bytes,
                             cut, &vit, &err) == FLECK_ERR_FORMAT &&
              err.text[0]);
        fleck_arena_free(&model);
        free(short_bytes);
    }
    fleck_arena_free(&arena);
    fleck_arena_free(&b.arena);
}

int main(void) {
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    static const fleck_precision precisions[] = {FLECK_PRECISION_F32, FLECK_PRECISION_I16,
                                                 FLECK_PRECISION_I8};
    static const char *const teacher_text[2] = {"4,7", "12"}, *const tiny_text[2] = {"5", "4,5"};
    uint32_t teacher[2][2] = {{4, 7}, {12}}, tiny[2][2] = {{5}, {4, 5}};
    static const uint32_t teacher_count[2] = {2, 1}, tiny_count[2] = {1, 2};
    for (size_t i = 0; i < LEN(precisions); i++) {
        test_small(&compute, precisions[i]);
        test_real(&compute, "vit_fleck_tiny.safetensors",
                  FLECK_SOURCE_DIR "/models/fleck-tiny.safetensors", "fleck-tiny", tiny_text, tiny,
                  tiny_count, precisions[i]);
        test_real(&compute, "vit_teachers.safetensors",
                  FLECK_SHARED_DIR "/weights/deit_tiny_p16.safetensors", "deit_tiny_p16",
                  teacher_text, teacher, teacher_count, precisions[i]);
        test_real(&compute, "vit_teachers.safetensors",
                  FLECK_SHARED_DIR "/weights/vit_tiny_p16_augreg.safetensors",
                  "vit_tiny_p16_augreg", teacher_text, teacher, teacher_count, precisions[i]);
        test_threads(precisions[i]);
    }
    compute_free(&compute);
    fleck_compute scalar = compute_make(&scratch, "scalar", 1);
    for (size_t i = 0; i < LEN(precisions); i++) test_small(&scalar, precisions[i]);
    compute_free(&scalar);
    test_quantised_file();
    test_refusals();
    return check_done();
}
