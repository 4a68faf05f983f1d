#include "check.h"
#include "golden.h"
#include "pixels.h"
#include "resize.h"

#include <string.h>

static const float ZERO[3] = {0, 0, 0}, ONE[3] = {1, 1, 1};

/* The photo that scripts/golden/image.py calls pattern. */
static fleck_image pattern(fleck_arena *arena, uint32_t width, uint32_t height) {
    fleck_image out = {width, height, FLECK_NEW(arena, uint8_t, width, height, 3), NULL, {0, 0}};
    uint8_t *p = out.rgb;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (uint32_t c = 0; c < 3; c++)
                *p++ =
                    (uint8_t)(x * 37 + y * 101 + c * 59 + x * y * 7 + (x * x * 13 + y * y * 5) / 8);
    return out;
}

/* The same in 16 bits. */
static fleck_image wide_pattern(fleck_arena *arena, uint32_t width, uint32_t height) {
    fleck_image out = {.width = width, .height = height};
    uint16_t *p = out.wide = FLECK_NEW(arena, uint16_t, width, height, 3);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (uint32_t c = 0; c < 3; c++)
                *p++ = (uint16_t)(211 * (x * 37 + y * 101 + c * 59 + x * y * 7 +
                                         (x * x * 13 + y * y * 5) / 8));
    return out;
}

/* Resized pixels as bytes, [S, S, 3]. */
static uint8_t *resized(fleck_arena *arena, const fleck_image *image, fleck_preset preset,
                        fleck_square square) {
    fleck_message err;
    size_t plane = (size_t)square.S * square.S;
    float *planes = FLECK_NEW(arena, float, 3, plane);
    uint8_t *out = FLECK_NEW(arena, uint8_t, 3, plane);
    CHECK(!fleck_image_to_tensor(arena, image, preset, square, ZERO, ONE, planes, &err));
    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < 3; c++)
            out[3 * i + c] = (uint8_t)lrintf(planes[c * plane + i] * 255);
    return out;
}

/* What the beginning of its file says, wherever that ends: nothing, or the size. */
static void check_size(const fleck_image *image, const fleck_tensor *file) {
    uint32_t width, height, told = 0;
    for (size_t size = 0; size <= file->count; size++) {
        if (!fleck_image_size(file->data, size, &width, &height)) {
            CHECK(!width && !height);
            continue;
        }
        told++;
        bool turned = width == image->height && height == image->width;
        CHECK((width == image->width && height == image->height) || (turned && size < file->count));
    }
    CHECK(told && width == image->width && height == image->height);
}

static void test_decode(const golden *g, fleck_arena *arena) {
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        if (strncmp(file->name, "file.", 5)) continue;
        const fleck_tensor *rgb = golden_tensor(g, "rgb.%s", file->name + 5);
        fleck_image image;
        fleck_message err = {""};
        if (fleck_image_decode(arena, file->data, file->count, 0, &image, &err)) {
            fprintf(stderr, "%s: %s\n", file->name, err.text);
            CHECK(!"decoded");
            continue;
        }
        check_pixels(&image, rgb, strstr(file->name, "file.near"), file->name);
        check_size(&image, file);
    }
}

static void test_resize(const golden *g, fleck_arena *arena) {
    int cases = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *want = &g->weights.tensors[i];
        unsigned width, height, S, preset;
        if (sscanf(want->name, "resize.%ux%u.%u.%u", &width, &height, &S, &preset) != 4) continue;
        cases++;
        fleck_image image = pattern(arena, width, height);
        uint8_t *have = resized(arena, &image, preset ? FLECK_PRESET_FIT : FLECK_PRESET_FUNAD,
                                fleck_square_of(S));
        int most = difference(have, want->data, want->count, NULL);
        if (most) fprintf(stderr, "%s: differs by %d\n", want->name, most);
        CHECK(want->count == (size_t)S * S * 3 && most == 0);
    }
    CHECK(cases >= 10);
}

/* Parts of larger results. */
static void test_squares(const golden *g, fleck_arena *arena) {
    int cases = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *want = &g->weights.tensors[i];
        unsigned width, height, preset;
        fleck_square s;
        if (sscanf(want->name, "square.%ux%u.%u.%u.%u.%u.%u.%u", &width, &height, &s.width,
                   &s.height, &s.left, &s.top, &s.S, &preset) != 8)
            continue;
        cases++;
        fleck_image image = pattern(arena, width, height);
        uint8_t *have = resized(arena, &image, preset ? FLECK_PRESET_FIT : FLECK_PRESET_FUNAD, s);
        CHECK(want->count == (size_t)s.S * s.S * 3 &&
              difference(have, want->data, want->count, NULL) == 0);
    }
    CHECK(cases == 6);
}

/* Photos of 16 bits keep them. */
static void test_resize_wide(const golden *g, fleck_arena *arena) {
    int cases = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *want = &g->weights.tensors[i];
        unsigned width, height, S, preset;
        if (sscanf(want->name, "wide.%ux%u.%u.%u", &width, &height, &S, &preset) != 4) continue;
        cases++;
        fleck_image image = wide_pattern(arena, width, height);
        fleck_message err;
        size_t plane = (size_t)S * S;
        float *planes = FLECK_NEW(arena, float, 3, plane);
        CHECK(!fleck_image_to_tensor(arena, &image, preset ? FLECK_PRESET_FIT : FLECK_PRESET_FUNAD,
                                     fleck_square_of(S), ZERO, ONE, planes, &err));
        CHECK(want->count == 3 * plane);
        long most = 0;
        for (size_t k = 0; k < 3 * plane; k++) {
            uint16_t value;
            memcpy(&value, want->data + 2 * (3 * (k % plane) + k / plane), sizeof value);
            long d = labs(lrintf(planes[k] * 65535) - value);
            if (d > most) most = d;
        }
        if (most > 2) fprintf(stderr, "%s: differs by %ld\n", want->name, most);
        CHECK(most <= 2);
    }
    CHECK(cases >= 10);
}

static void test_normalise(golden *g, fleck_arena *arena) {
    static const float mean[3] = {0.485f, 0.456f, 0.406f}, std[3] = {0.229f, 0.224f, 0.225f};
    size_t n;
    float *want = golden_get(g, &n, "normalised.33x47.8.0"), have[3 * 8 * 8];
    fleck_image image = pattern(arena, 33, 47);
    fleck_message err;
    CHECK(!fleck_image_to_tensor(arena, &image, FLECK_PRESET_FUNAD, fleck_square_of(8), mean, std,
                                 have, &err));
    CHECK(n == LEN(have) && !memcmp(have, want, sizeof have)); /* the same float operations */
}

static void test_sides(void) {
    CHECK(fleck_image_resize_side(FLECK_PRESET_FUNAD, 224) == 256);
    CHECK(fleck_image_resize_side(FLECK_PRESET_FUNAD, 448) == 512);
    CHECK(fleck_image_resize_side(FLECK_PRESET_FUNAD, 32) == 37);
    CHECK(fleck_image_resize_side(FLECK_PRESET_FIT, 224) == 224);
}

static void test_rgba(fleck_arena *arena) {
    static const uint8_t rgba[] = {1, 2, 3, 0, 4, 5, 6, 255}, rgb[] = {128, 128, 128, 4, 5, 6};
    fleck_image image;
    fleck_message err;
    CHECK(!fleck_image_from_rgba(arena, rgba, 2, 1, &image, &err));
    CHECK(image.width == 2 && image.height == 1 && !memcmp(image.rgb, rgb, sizeof rgb));
    CHECK(fleck_image_from_rgba(arena, rgba, 0, 1, &image, &err) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_image_from_rgba(arena, NULL, 2, 1, &image, &err) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_image_from_rgba(arena, rgba, 1u << 16, 1u << 16, &image, &err) ==
          FLECK_ERR_ARGUMENT);
}

/* The file is refused, with these words in the message. */
static void refused(fleck_arena *arena, const uint8_t *file, size_t size, const char *words) {
    /* A copy that ends where the file ends: reading on is an error. */
    uint8_t *copy = malloc(size ? size : 1);
    if (size) memcpy(copy, file, size);
    fleck_image image = {0};
    fleck_message err = {""};
    bool kind = strstr(words, "this is a") || strstr(words, "not a PNG") ||
                strstr(words, "lossless"); /* another decoder may read it */
    CHECK(fleck_image_decode(arena, copy, size, 0, &image, &err) ==
          (kind ? FLECK_ERR_KIND : FLECK_ERR_FORMAT));
    CHECK(!image.rgb);
    if (!strstr(err.text, words)) fprintf(stderr, "not \"%s\": %s\n", words, err.text);
    CHECK(strstr(err.text, words));
    free(copy);
}
#define REFUSED(arena, bytes, words)                                                               \
    refused(arena, (const uint8_t *)(bytes), sizeof(bytes) - 1, words)

static void test_other_kinds(fleck_arena *arena) {
    refused(arena, NULL, 0, "empty file");
    REFUSED(arena, "RIFF\1\0\0\0WEBPVP8 ", "this is a WebP file");
    REFUSED(arena,
            "\0\0\0\x18"
            "ftypheic\0\0\0\0",
            "this is a HEIC file");
    REFUSED(arena,
            "\0\0\0\x18"
            "ftypavif\0\0\0\0",
            "this is an AVIF file");
    REFUSED(arena, "GIF89a\1\0\1\0", "this is a GIF file");
    REFUSED(arena, "II*\0\10\0\0\0", "truncated TIFF");
    REFUSED(arena, "%PDF-1.7\n", "this is a PDF file");
    REFUSED(arena, "file,score\n", "not a PNG, JPEG, BMP or TIFF photo");
    REFUSED(arena, "\xFF", "not a PNG, JPEG, BMP or TIFF photo");
    REFUSED(arena, "\xFF\xD8", "truncated JPEG");
    REFUSED(arena, "\xFF\xD8\xFF\xC3\0\x0B\x08\0\1\0\1\1\1\x11\0\xFF\xD9", "lossless");
    REFUSED(arena, "\xFF\xD8\xFF\xD9", "no pixels");
    REFUSED(arena, "BM", "truncated BMP");
}

static void test_truncated(const golden *g, fleck_arena *arena) {
    static const struct {
        const char *name, *words;
    } files[] = {
        {"exact.png.rgb", "truncated PNG"}, {"exact.png.exif6_big", "truncated PNG"},
        {"exact.bmp.rgb", "BMP"},           {"exact.bmp.grey", "BMP"},
        {"near.jpeg.exif6", "JPEG"},        {"near.jpeg.progressive", "JPEG"},
    };
    for (size_t i = 0; i < LEN(files); i++) {
        const fleck_tensor *file = golden_tensor(g, "file.%s", files[i].name);
        /* What may be missing: IEND of a PNG, padding of a BMP. */
        size_t spare = strstr(files[i].words, "PNG") ? 12 : 3;
        for (size_t size = 8; size + spare < file->count; size++)
            refused(arena, file->data, size, files[i].words);
    }
}

/* Headers that promise too much are refused before anything is allocated. */
static void test_too_large(const golden *g, fleck_arena *arena) {
    uint8_t bytes[1 << 14];
    const fleck_tensor *bmp = golden_tensor(g, "file.exact.bmp.rgb");
    memcpy(bytes, bmp->data, bmp->count);
    memcpy(bytes + 18, "\x10\x27\0\0\x28\x23\0\0", 8); /* 10000 x 9000 */
    refused(arena, bytes, bmp->count, "truncated BMP");
    memcpy(bytes + 18, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8);
    refused(arena, bytes, bmp->count, "a size that no photo has");
    const fleck_tensor *jpeg = golden_tensor(g, "file.near.jpeg.444");
    memcpy(bytes, jpeg->data, jpeg->count);
    for (size_t i = 2; i + 9 < jpeg->count; i++)
        if (bytes[i] == 0xFF && bytes[i + 1] == 0xC0) {
            memcpy(bytes + i + 5, "\x23\x28\x27\x10", 4);
            break;
        }
    refused(arena, bytes, jpeg->count, "photo has 10000 x 9000 pixels, at most 64 million");
    const fleck_tensor *png = golden_tensor(g, "file.exact.png.rgb");
    memcpy(bytes, png->data, png->count);
    bytes[16] = 1;
    refused(arena, bytes, png->count, "the checksum of a part (IHDR)");
    CHECK(!fleck_arena_here(arena).chunk);
}

/* A flipped bit in a PNG's pixels is noticed. */
static void test_damaged_png(const golden *g, fleck_arena *arena) {
    const fleck_tensor *png = golden_tensor(g, "file.exact.png.rgb");
    uint8_t bytes[1 << 12];
    for (size_t i = 8; i + 12 < png->count; i++) { /* IEND is no part of the pixels */
        memcpy(bytes, png->data, png->count);
        bytes[i] ^= 1;
        refused(arena, bytes, png->count, "PNG");
    }
}

/* stb_image would write 400 symbols into a table of 256. */
static void test_huffman_overflow(fleck_arena *arena) {
    uint8_t bytes[440] = {0xFF, 0xD8, 0xFF, 0xC4, 0x01, 0xA3, 0x10};
    bytes[21] = 200;
    bytes[22] = 200;
    bytes[423] = 0xFF;
    bytes[424] = 0xD9;
    refused(arena, bytes, sizeof bytes, "code tables are malformed");
}

static void test_arguments(fleck_arena *arena) {
    fleck_image image = pattern(arena, 4, 4), none = {0, 4, image.rgb, NULL, {0, 0}};
    float out = 42.0f;
    fleck_message err;
    CHECK(fleck_image_to_tensor(arena, &none, FLECK_PRESET_FIT, fleck_square_of(8), ZERO, ONE, &out,
                                &err) == FLECK_ERR_ARGUMENT);
    CHECK(fleck_image_to_tensor(arena, &image, FLECK_PRESET_FIT, fleck_square_of(0), ZERO, ONE,
                                &out, &err) == FLECK_ERR_ARGUMENT);
    CHECK(out == 42.0f);
}

/* Real photos against PIL, averaged down to 16 x 16. */
static void test_real(const golden *g, fleck_arena *arena) {
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *want = &g->weights.tensors[i];
        if (strncmp(want->name, "real.", 5)) continue;
        char path[1024];
        snprintf(path, sizeof path, "%s/data/%s", FLECK_SHARED_DIR, want->name + 5);
        size_t size;
        uint8_t *file = read_file(arena, path, &size);
        if (!file) {
            SKIP_ABSENT(path);
            continue;
        }
        fleck_image image;
        fleck_message err = {""};
        fleck_status status = fleck_image_decode(arena, file, size, 0, &image, &err);
        if (status) fprintf(stderr, "%s: %s\n", path, err.text);
        CHECK(!status);
        if (status) continue;
        uint8_t *have = resized(arena, &image, FLECK_PRESET_FIT, fleck_square_of(16));
        CHECK(difference(have, want->data, want->count, NULL) <= 2);
    }
}

int main(void) {
    golden g = golden_open("image.safetensors");
    fleck_arena arena = {0};
    test_other_kinds(&arena);
    test_truncated(&g, &arena);
    test_too_large(&g, &arena);
    test_damaged_png(&g, &arena);
    test_huffman_overflow(&arena);
    test_decode(&g, &arena);
    test_resize(&g, &arena);
    test_squares(&g, &arena);
    test_resize_wide(&g, &arena);
    test_normalise(&g, &arena);
    test_sides();
    test_rgba(&arena);
    test_arguments(&arena);
    test_real(&g, &arena);
    fleck_arena_free(&arena);
    golden_close(&g);
    return check_done();
}
