/* What a backbone's file says of itself, in its metadata and in the shapes of its tensors: what
 * is taken, and what is refused by which sentence. That it is read rightly test_vit.c checks. */
#include "check.h"
#include "golden.h"
#include "open.h"
#include "vit.h"

#include <string.h>

/* The small backbone of which each test changes something: dim 24, patch 4, 26 tokens. */
typedef struct {
    fleck_arena arena;
    fleck_weights weights;
} original;

static original original_open(void) {
    original o = {.arena = {0}};
    fleck_message err;
    size_t size;
    uint8_t *bytes = read_file(&o.arena, FLECK_GOLDEN_DIR "/vit_a.safetensors", &size);
    if (!bytes || fleck_weights_open(&o.arena, bytes, size, &o.weights, &err)) exit(1);
    return o;
}

static fleck_status load(const fleck_weights *weights, fleck_vit *vit, fleck_message *err) {
    size_t size;
    fleck_weights_write(weights, NULL, 0, &size);
    uint8_t *file = malloc(size);
    if (!file) exit(1);
    fleck_weights_write(weights, file, size, &size);
    fleck_arena arena = {0};
    err->text[0] = 0;
    fleck_status status =
        fleck_vit_load(&arena, fleck_kernels_find(NULL), FLECK_PRECISION_F32, file, size, vit, err);
    fleck_arena_free(&arena);
    free(file);
    return status;
}

/* refusal NULL: taken; otherwise refused with a message that has it. */
static bool as_wanted(const fleck_weights *weights, const char *refusal, fleck_vit *vit) {
    fleck_message err;
    fleck_status status = load(weights, vit, &err);
    bool good = refusal ? status == FLECK_ERR_FORMAT && strstr(err.text, refusal) : !status;
    if (!good)
        fprintf(stderr, "want \"%s\", got %d \"%s\"\n", refusal ? refusal : "", status, err.text);
    return good;
}

/* Numbers of the metadata in all their forms, and what is none. */
static void test_metadata(void) {
    static const struct {
        const char *key, *value;
        const char *refusal; /* NULL: taken, and the numbers are want */
        float want[3];
    } cases[] = {
        {"mean", "0.485,4.56e-1,.406", NULL, {0.485f, 0.456f, 0.406f}},
        {"mean", "-0.5, 1E+0, 12.", NULL, {-0.5f, 1, 12}},
        {"mean", "0.48145466,0.4578275,2750e-4", NULL, {0.48145466f, 0.4578275f, 0.275f}},
        {"mean", "0.1,0.2", "mean=\"0.1,0.2\" is not understood", {0}},
        {"mean", "0.1,0.2,", "not understood", {0}},
        {"mean", "0.1,0.2,.", "not understood", {0}},
        {"mean", "0.1,0.2,3x", "not understood", {0}},
        {"mean", "0.1,0.2,1e", "not understood", {0}},
        {"mean", "0.1,0.2,1e999", "not understood", {0}},
        {"mean", "0.1,0.2,nan", "not understood", {0}},
        {"mean", "0.1,0.2,0.3,0.4", "not understood", {0}},
        {"std", "1,0,1", "std=1,0,1 are not all above 0", {0}},
        {"heads", "2.5", "heads=2.5 do not divide", {0}},
        {"heads", "0", "heads=0 do not divide", {0}},
        {"heads", "-2", "heads=-2 do not divide", {0}},
        {"heads", "7", "heads=7 do not divide", {0}}, /* a whole number, but no divisor */
        {"heads", "1000000", "heads=1000000 do not divide", {0}},
        {"patch", "5", "metadata says patch 5, the tensors 4", {0}},
        {"input", "1e300", "input=1e300 is no multiple", {0}},
        {"input", "18", "input=18 is no multiple of 4", {0}},
        {"input", "0", "input=0 is no multiple of 4", {0}},
        {"blocks", "2,1", "blocks=2,1 are out of order", {0}},
        {"blocks", "2,2", "blocks=2,2 are out of order", {0}},
        {"blocks", "0", "blocks=0 are out of order or over 3", {0}},
        {"blocks", "4", "blocks=4 are out of order or over 3", {0}},
    };
    original o = original_open();
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_metadata metadata[2] = {{cases[i].key, cases[i].value}, {"heads", "2"}};
        fleck_weights changed = o.weights;
        changed.metadata = metadata;
        changed.metadata_count = strcmp(cases[i].key, "heads") ? 2 : 1;
        fleck_vit vit;
        CHECK(as_wanted(&changed, cases[i].refusal, &vit));
        if (!cases[i].refusal) CHECK(!memcmp(vit.mean, cases[i].want, sizeof vit.mean));
    }
    fleck_arena_free(&o.arena);
}

/* Means and deviations in one entry, of which a mean in its own takes the place. */
static void test_mean_std(void) {
    static const float own_mean[] = {0.125f, 0.25f, 0.5f}, own_std[] = {0.5f, 0.25f, 0.75f};
    static const float usual_std[] = {0.229f, 0.224f, 0.225f};
    static const struct {
        const char *value;
        bool taken;
    } cases[] = {
        {"0.125,0.25,0.5/0.5,0.25,0.75", true},
        {"0.125,0.25,0.5/0.5,0.25,0.75/", false},
        {"0.125,0.25,0.5", false},
        {"0.125,0.25/0.5,0.25,0.75", false},
        {"0.125,0.25,0.5/0.5,0.25", false},
        {"0.125,0.25,0.5,1/0.5,0.25,0.75", false},
        {"0.125,0.25,0.5/0.5,0.25,0.75,1", false},
        {"0.125,0.25,0.5/0,0.25,0.75", false},
        {"0.125,0.25,0.5/0.5,0,0.75", false},
        {"0.125,0.25,0.5/0.5,0.25,0", false},
        {"0.125,0.25,0.5/0.5,-0.25,0.75", false},
        {"0.125,0.25,x/0.5,0.25,0.75", false},
        {"0.125,0.25,0.5/0.5,0.25,x", false},
        {"/0.5,0.25,0.75", false},
        {"0.125,0.25,0.5/", false},
        {"", false},
    };
    original o = original_open();
    fleck_metadata metadata[] = {
        {"heads", "2"}, {"preprocess_mean_std", NULL}, {"mean", "0.125,0.25,0.5"}};
    fleck_weights changed = o.weights;
    fleck_vit vit;
    changed.metadata = metadata;
    changed.metadata_count = 2;
    for (size_t i = 0; i < LEN(cases); i++) {
        metadata[1].value = cases[i].value;
        CHECK(as_wanted(&changed, cases[i].taken ? NULL : "metadata preprocess_mean_std=\"", &vit));
        if (!cases[i].taken) continue;
        CHECK(!memcmp(vit.mean, own_mean, sizeof own_mean));
        CHECK(!memcmp(vit.std, own_std, sizeof own_std));
    }
    changed.metadata_count = 3;
    metadata[1].value = "7,7,7/7,7,7";
    CHECK(as_wanted(&changed, NULL, &vit));
    CHECK(!memcmp(vit.mean, own_mean, sizeof own_mean));
    CHECK(!memcmp(vit.std, usual_std, sizeof usual_std));
    fleck_arena_free(&o.arena);
}

/* Tensors that are not there, or of another shape; those of other counts are zeros. */
static void test_shapes(void) {
    static const char conv[] = "patch_embed.proj.weight", pos[] = "pos_embed";
    static const char registers[] = "register_tokens";
    static const char neither[] = "not a DINO-style ViT: patch_embed.proj.weight [dim, 3, patch, ";
    static const struct {
        const char *name;
        uint32_t ndim; /* 0: not there */
        size_t shape[4];
        const char *refusal; /* NULL: taken */
    } cases[] = {
        {conv, 0, {0}, neither},
        {conv, 3, {24, 3, 16}, neither},
        {pos, 0, {0}, neither},
        {pos, 2, {26, 24}, neither},
        {pos, 4, {1, 26, 24, 1}, neither},
        {conv, 4, {2, 3, 4, 48}, "patch_embed.proj.weight [2, 3, 4, 48]: want a dim of a multiple"},
        {conv, 4, {24, 4, 4, 3}, "patch_embed.proj.weight [24, 4, 4, 3]: want a dim"},
        {conv, 4, {4, 3, 96, 1}, "patch_embed.proj.weight [4, 3, 96, 1]: want a dim"},
        {conv, 4, {24, 3, 16, 1}, "metadata says patch 4, the tensors 16"},
        /* the largest ones get farther, to the next fault */
        {conv, 4, {8192, 3, 1, 1}, "metadata heads=3 do not divide 8192 dims"},
        {conv, 4, {8196, 3, 1, 1}, "patch_embed.proj.weight [8196, 3, 1, 1]: want a dim"},
        {conv, 4, {4, 3, 64, 64}, "metadata heads=3 do not divide 4 dims"},
        {conv, 4, {4, 3, 65, 65}, "patch_embed.proj.weight [4, 3, 65, 65]: want a dim"},
        {pos, 3, {1, 24, 26}, "pos_embed has 24 tokens: neither a square nor one more"},
        {pos, 3, {26, 1, 24}, "pos_embed: want [1, 1, 24], file has [26, 1, 24]"},
        {"cls_token", 3, {1, 24, 1}, "cls_token: want [1, 1, 24], file has [1, 24, 1]"},
        {"cls_token", 1, {24}, "cls_token: want [1, 1, 24], file has [24]"},
        {"norm.bias", 0, {0}, "backbone lacks tensor norm.bias"},
        {"norm.weight", 2, {1, 24}, "norm.weight: want [24], file has [1, 24]"},
        {"blocks.0.norm1.weight", 0, {0}, "0 blocks, want 1 to 64"},
        {"blocks.2.norm1.bias", 0, {0}, "backbone lacks tensor blocks.2.norm1.bias"},
        {"blocks.1.attn.qkv.weight", 2, {36, 48}, "attn.qkv.weight: want [72, 24], file has [36, "},
        {"blocks.1.attn.proj.bias", 0, {0}, "backbone lacks tensor blocks.1.attn.proj.bias"},
        {"blocks.1.mlp.fc1.weight", 0, {0}, "backbone lacks tensor blocks.1.mlp.fc1.weight"},
        {"blocks.1.mlp.fc1.weight", 2, {48, 48}, "fc1.weight: want [48, 24], file has [48, 48]"},
        {"blocks.1.mlp.fc2.weight", 2, {96, 24}, "fc2.weight: want [24, 96], file has [96, 24]"},
        {registers, 3, {1, 16, 24}, NULL},
        {registers, 3, {1, 17, 24}, "register_tokens are not [1, up to 16, dim]"},
        {registers, 2, {16, 24}, "register_tokens are not [1, up to 16, dim]"},
        {registers, 3, {1, 4, 12}, "register_tokens: want [1, 4, 24], file has [1, 4, 12]"},
    };
    static const float zeros[4 * 3 * 65 * 65];
    original o = original_open();
    size_t count = o.weights.tensor_count;
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_weights changed = o.weights;
        changed.tensors = FLECK_NEW(&o.arena, fleck_tensor, count + 1);
        if (!changed.tensors) exit(1);
        memcpy(changed.tensors, o.weights.tensors, count * sizeof *changed.tensors);
        size_t at = 0;
        while (at < count && strcmp(changed.tensors[at].name, cases[i].name)) at++;
        fleck_tensor *t = &changed.tensors[at];
        if (at == count) { /* one more */
            *t = (fleck_tensor){.name = cases[i].name};
            changed.tensor_count++;
        }
        size_t values = 1;
        for (uint32_t d = 0; d < cases[i].ndim; d++) values *= cases[i].shape[d];
        if (t->count != values) t->data = (const uint8_t *)zeros;
        t->count = values;
        t->ndim = cases[i].ndim;
        memcpy(t->shape, cases[i].shape, sizeof t->shape);
        if (!t->ndim) *t = changed.tensors[--changed.tensor_count];
        fleck_vit vit;
        CHECK(as_wanted(&changed, cases[i].refusal, &vit));
        if (!cases[i].refusal) CHECK(vit.registers == cases[i].shape[1]);
    }
    fleck_arena_free(&o.arena);
}

int main(void) {
    test_metadata();
    test_mean_std();
    test_shapes();
    return check_done();
}
