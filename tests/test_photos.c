/* Photo files of every kind that programs and cameras write (scripts/golden/photos.py). */
#include "check.h"
#include "golden.h"
#include "image.h"

#include <string.h>

/* The largest difference of two byte arrays. */
static int difference(const uint8_t *a, const uint8_t *b, size_t n) {
    int most = 0;
    for (size_t i = 0; i < n; i++)
        if (abs(a[i] - b[i]) > most) most = abs(a[i] - b[i]);
    return most;
}

static fleck_status decode(fleck_arena *arena, const uint8_t *file, size_t size, fleck_image *out,
                           fleck_message *err) {
    /* A copy that ends where the file ends: reading on is an error. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) exit(1);
    if (size) memcpy(copy, file, size);
    fleck_status status = fleck_image_decode(arena, copy, size, 0, out, err);
    free(copy);
    return status;
}

/* Each file gives its pixels. */
static void test_golden(const golden *g, fleck_arena *arena) {
    size_t files = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        if (strncmp(file->name, "file.", 5)) continue;
        char key[120];
        snprintf(key, sizeof key, "rgb.%s", file->name + 5);
        const fleck_tensor *rgb = fleck_weights_find(&g->weights, key);
        CHECK(rgb);
        if (!rgb) continue;
        files++;
        fleck_image image;
        fleck_message err = {""};
        fleck_status status = decode(arena, file->data, file->count, &image, &err);
        if (status) fprintf(stderr, "%s: %s\n", file->name, err.text);
        CHECK(!status);
        if (status) continue;
        CHECK(image.height == rgb->shape[0] && image.width == rgb->shape[1]);
        if ((size_t)image.height * image.width * 3 != rgb->count) continue;
        int most = difference(image.rgb, rgb->data, rgb->count);
        if (most) fprintf(stderr, "%s: differs by %d\n", file->name, most);
        CHECK(most == 0);
    }
    CHECK(files > 40);
}

/* The file of a golden BMP, with bytes changed, is refused by these words. */
static void test_bad_bmp(const golden *g, fleck_arena *arena) {
    static const struct {
        const char *name;
        size_t at, count;
        const char *bytes, *words;
    } cases[] = {
        {"bits24", 14, 4, "\x7D\0\0\0", "a header that no BMP has"},
        {"bits24", 14, 4, "\x0F\0\0\0", "a header that no BMP has"},
        {"bits24", 14, 4, "\xFF\xFF\xFF\xFF", "a header that no BMP has"},
        {"bits24", 18, 4, "\0\0\0\0", "it has no pixels"},
        {"bits24", 18, 4, "\xFF\xFF\xFF\xFF", "a size that no photo has"},
        {"bits24", 22, 4, "\0\0\0\x80", "a size that no photo has"},
        {"bits24", 18, 8, "\0\0\1\0\0\0\1\0", "truncated BMP"},
        {"rle8", 18, 8, "\0\0\1\0\0\0\1\0", "at most 64 million"},
        {"bits24", 28, 2, "\x40\0", "a BMP of 64 bits a pixel"},
        {"bits24", 28, 2, "\0\0", "a BMP of 0 bits a pixel"},
        {"bits24", 30, 4, "\4\0\0\0", "compressed in a way (number 4)"},
        {"bits24", 30, 4, "\1\0\0\0", "for another number of bits"},
        {"bits8", 30, 4, "\2\0\0\0", "for another number of bits"},
        {"bits8", 30, 4, "\3\0\0\0", "for another number of bits"},
        {"bits24", 10, 4, "\xFF\xFF\xFF\xFF", "truncated BMP"},
        {"rle8", 10, 4, "\xFF\xFF\xFF\xFF", "truncated BMP"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        char key[60];
        snprintf(key, sizeof key, "file.bmp.%s", cases[i].name);
        const fleck_tensor *file = fleck_weights_find(&g->weights, key);
        CHECK(file);
        if (!file) continue;
        uint8_t bytes[4096];
        memcpy(bytes, file->data, file->count);
        memcpy(bytes + cases[i].at, cases[i].bytes, cases[i].count);
        fleck_image image = {0};
        fleck_message err = {""};
        CHECK(decode(arena, bytes, file->count, &image, &err) == FLECK_ERR_FORMAT && !image.rgb);
        if (!strstr(err.text, cases[i].words))
            fprintf(stderr, "%zu, not \"%s\": %s\n", i, cases[i].words, err.text);
        CHECK(strstr(err.text, cases[i].words));
    }
}

/* A BMP that ends early is refused; only padding and the mark of the end may be missing. A cut in
 * the gap, palette or headers counts as well. */
static void test_cut_bmp(const golden *g, fleck_arena *arena) {
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        if (strncmp(file->name, "file.bmp", 8)) continue;
        size_t spare = strstr(file->name, "rle") ? 4 : 3;
        if (strstr(file->name, "step")) spare = 0; /* the end comes before the last row */
        for (size_t size = 2; size + spare < file->count; size++) {
            fleck_image image = {0};
            fleck_message err = {""};
            fleck_status status = decode(arena, file->data, size, &image, &err);
            CHECK(status == FLECK_ERR_FORMAT);
            if (!status) fprintf(stderr, "%s cut to %zu bytes\n", file->name, size);
        }
    }
}

int main(void) {
    golden g = golden_open("photos.safetensors");
    fleck_arena arena = {0};
    test_golden(&g, &arena);
    test_bad_bmp(&g, &arena);
    test_cut_bmp(&g, &arena);
    fleck_arena_free(&arena);
    golden_close(&g);
    return check_done();
}
