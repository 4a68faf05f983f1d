/* Transparent pixels, and photos of 16 bits. */
#include "check.h"
#include "golden.h"
#include "image.h"

#include <string.h>

static bool decode(fleck_arena *arena, const fleck_tensor *file, uint32_t bits, fleck_image *out) {
    fleck_message err = {""};
    fleck_status status = fleck_image_decode(arena, file->data, file->count, bits, out, &err);
    if (status) fprintf(stderr, "%s: %s\n", file->name, err.text);
    CHECK(!status);
    return !status;
}

static void test_deep(const golden *g, fleck_arena *arena) {
    int cases = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        unsigned bits;
        char name[80];
        if (sscanf(file->name, "deep.%u.%79s", &bits, name) != 2) continue;
        cases++;
        const fleck_tensor *want = golden_tensor(g, "wide.%s", name);
        float samples[2];
        fleck_tensor_read(golden_tensor(g, "samples.%s", name), samples);
        fleck_image image;
        if (!decode(arena, file, bits, &image)) continue;
        size_t values = (size_t)image.width * image.height * 3;
        CHECK(image.height == want->shape[0] && image.width == want->shape[1] && image.wide);
        if (!image.wide || values != want->count) continue;
        bool same = !memcmp(image.wide, want->data, values * sizeof *image.wide), near = true;
        for (size_t k = 0; k < values; k++)
            near = near && abs(image.rgb[k] * 257 - image.wide[k]) <= 128;
        fleck_samples have = {99, 99};
        fleck_message err;
        CHECK(!fleck_image_measure(file->data, file->count, &have, &err));
        bool measured = have.bits == (uint32_t)samples[0] && have.highest == (uint32_t)samples[1];
        if (!same || !near || !measured)
            fprintf(stderr, "%s: measured as %u bits up to %u\n", file->name, have.bits,
                    have.highest);
        CHECK(same && near && measured);
    }
    CHECK(cases >= 20);
}

/* A file and its pixels give the same. */
static void test_shallow(const golden *g, fleck_arena *arena) {
    int cases = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        if (strncmp(file->name, "shallow.", 8)) continue;
        cases++;
        const fleck_tensor *want = golden_tensor(g, "rgb.%s", file->name + 8);
        const fleck_tensor *rgba = golden_tensor(g, "rgba.%s", file->name + 8);
        fleck_image image, same;
        fleck_message err;
        fleck_samples samples = {99, 99};
        if (!decode(arena, file, 12, &image)) continue; /* whose bits are of no account */
        CHECK(!fleck_image_from_rgba(arena, rgba->data, (uint32_t)rgba->shape[1],
                                     (uint32_t)rgba->shape[0], &same, &err));
        CHECK(!image.wide && !same.wide && image.height == want->shape[0] &&
              image.width == want->shape[1]);
        bool good = !memcmp(image.rgb, want->data, want->count) &&
                    !memcmp(same.rgb, want->data, want->count);
        if (!good) fprintf(stderr, "%s differs\n", file->name);
        CHECK(good);
        CHECK(!fleck_image_measure(file->data, file->count, &samples, &err));
        CHECK(!samples.bits && !samples.highest);
    }
    CHECK(cases >= 6);
}

/* What a canvas makes of a cut-out: colours are multiplied by alpha and divided again. */
static void test_canvas(fleck_arena *arena) {
    enum { N = 256 * 52 };
    uint8_t *own = FLECK_NEW(arena, uint8_t, N, 4), *canvas = FLECK_NEW(arena, uint8_t, N, 4);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t alpha = i % 256, value = i / 256 * 5;
        uint32_t multiplied = (value * alpha + 127) / 255;
        uint32_t divided = alpha ? (multiplied * 255 + alpha / 2) / alpha : 0;
        for (int c = 0; c < 3; c++) {
            own[4 * i + (uint32_t)c] = (uint8_t)value;
            canvas[4 * i + (uint32_t)c] = (uint8_t)(divided > 255 ? 255 : divided);
        }
        own[4 * i + 3] = canvas[4 * i + 3] = (uint8_t)alpha;
    }
    fleck_image a, b;
    fleck_message err;
    CHECK(!fleck_image_from_rgba(arena, own, N, 1, &a, &err));
    CHECK(!fleck_image_from_rgba(arena, canvas, N, 1, &b, &err));
    int most = 0;
    for (size_t i = 0; i < N * 3; i++) {
        int d = abs(a.rgb[i] - b.rgb[i]);
        if (d > most) most = d;
    }
    CHECK(most <= 1);
}

/* The head of a file tells that it has no 16 bits; one that has them must be whole. */
static void test_head(const golden *g) {
    const fleck_tensor *shallow = golden_tensor(g, "shallow.rgba"),
                       *deep = golden_tensor(g, "deep.0.grey");
    fleck_samples samples = {99, 99};
    fleck_message err = {""};
    for (size_t size = 0; size <= FLECK_HEAD; size++) {
        samples = (fleck_samples){99, 99};
        CHECK(!fleck_image_measure(shallow->data, size, &samples, &err) && !samples.bits);
    }
    CHECK(!fleck_image_measure((const uint8_t *)"no photo", 8, &samples, &err) && !samples.bits);
    samples = (fleck_samples){99, 99};
    CHECK(fleck_image_measure(deep->data, FLECK_HEAD, &samples, &err) == FLECK_ERR_FORMAT);
    CHECK(strstr(err.text, "PNG") && samples.bits == 99);
}

int main(void) {
    golden g = golden_open("pixels.safetensors");
    fleck_arena arena = {0};
    test_deep(&g, &arena);
    test_shallow(&g, &arena);
    test_canvas(&arena);
    test_head(&g);
    fleck_arena_free(&arena);
    golden_close(&g);
    return check_done();
}
