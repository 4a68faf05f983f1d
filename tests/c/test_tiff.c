/* TIFF photos of every form that is read, and what is refused (scripts/golden/tiff.py). */
#include "check.h"
#include "golden.h"
#include "pixels.h"

#include <string.h>

/* A copy that ends where the file ends: reading on is an error. */
static fleck_status decode(fleck_arena *arena, const uint8_t *file, size_t size, uint32_t bits,
                           fleck_image *out, fleck_message *err) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) exit(1);
    if (size) memcpy(copy, file, size);
    fleck_status status = fleck_image_decode(arena, copy, size, bits, out, err);
    free(copy);
    return status;
}

/* All 16 bits of each value; the file stores the low byte first. */
static bool same_wide(const fleck_image *image, const fleck_tensor *wide) {
    const uint8_t *bytes = wide->data;
    if (!image->wide || image->height != wide->shape[0] || image->width != wide->shape[1])
        return false;
    for (size_t i = 0; i < wide->count / 2; i++)
        if (image->wide[i] != (bytes[2 * i] | bytes[2 * i + 1] << 8)) return false;
    return true;
}

static void test_golden(const golden *g, fleck_arena *arena) {
    size_t narrow = 0, wide = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        if (strncmp(file->name, "file.", 5)) continue;
        bool deep = !strncmp(file->name, "file.wide", 9);
        fleck_image image = {0};
        fleck_message err = {""};
        fleck_status status = decode(arena, file->data, file->count, 16, &image, &err);
        if (status) fprintf(stderr, "%s: %s\n", file->name, err.text);
        CHECK(!status);
        if (status) continue;
        if (!deep) {
            check_pixels(&image, golden_tensor(g, "rgb.%s", file->name + 5), false, file->name);
            CHECK(!image.wide);
            narrow++;
            continue;
        }
        bool same = same_wide(&image, golden_tensor(g, "wide.%s", file->name + 5));
        if (!same) fprintf(stderr, "%s: other values\n", file->name);
        CHECK(same);
        wide++;
    }
    CHECK(narrow > 60 && wide > 20);
}

/* A camera of 12 bits; the highest value is that of the grey picture, as it went in. */
static void test_measure(const golden *g) {
    const fleck_tensor *file = golden_tensor(g, "file.wide_of_12");
    fleck_samples samples;
    fleck_message err;
    CHECK(!fleck_image_measure(file->data, file->count, &samples, &err));
    CHECK(samples.bits == 12 && samples.highest > 2048 && samples.highest < 4096);
    file = golden_tensor(g, "file.pil_raw");
    CHECK(!fleck_image_measure(file->data, file->count, &samples, &err));
    CHECK(!samples.bits && !samples.highest);
    /* What a head does not tell is not taken for 8 bits. */
    CHECK(fleck_image_measure(file->data, 20, &samples, &err) == FLECK_ERR_FORMAT);
}

static void test_size(const golden *g) {
    uint32_t width, height;
    const fleck_tensor *file = golden_tensor(g, "file.turned6");
    CHECK(fleck_image_size(file->data, file->count, &width, &height) && width == 13 &&
          height == 21);
    CHECK(!fleck_image_size(file->data, 100, &width, &height) && !width);
}

static void test_pages(const golden *g) {
    const fleck_tensor *one = golden_tensor(g, "file.pil_raw");
    const fleck_tensor *two = golden_tensor(g, "file.second_page");
    CHECK(fleck_image_pages(one->data, one->count) == 1);
    CHECK(fleck_image_pages(two->data, two->count) == 2);
    for (size_t size = 0; size < two->count; size++) {
        uint32_t pages = fleck_image_pages(two->data, size);
        CHECK(pages == 1 || pages == 2);
    }
    /* A directory that is followed by itself is a page that is followed by one. */
    const uint8_t loop[] = "II*\0\x08\0\0\0\1\0\0\1\3\0\1\0\0\0\1\0\0\0\x08\0\0\0";
    CHECK(fleck_image_pages(loop, sizeof loop - 1) == 2);
}

static void test_refused(const golden *g, fleck_arena *arena) {
    static const struct {
        const char *name, *words;
    } cases[] = {
        {"jpeg", "a TIFF compressed as JPEG cannot be read"},
        {"fax", "a TIFF compressed as CCITT cannot be read"},
        {"way_999", "compressed in a way (number 999) that cannot be read"},
        {"cmyk", "a TIFF of CMYK cannot be read"},
        {"float", "a TIFF of floating-point values cannot be read"},
        {"signed", "a TIFF of signed values cannot be read"},
        {"bits32", "a TIFF of 32 bits a value cannot be read"},
        {"bits_differ", "a TIFF whose channels differ in their bits cannot be read"},
        {"channels5", "a TIFF of 5 channels cannot be read"},
        {"reversed", "a TIFF of reversed bits cannot be read"},
        {"predictor3", "a TIFF with predictor 3 cannot be read"},
        {"raw", "this is a camera raw file"},
        {"no_palette", "damaged TIFF: its palette is missing"},
        {"no_pixels", "damaged TIFF: it has no pixels"},
        {"no_strips", "damaged TIFF: some of its tiles or strips are missing"},
        {"few_strips", "damaged TIFF: some of its tiles or strips are missing"},
        {"no_sizes", "damaged TIFF: it does not say how long its tiles or strips are"},
        {"strips_empty", "damaged TIFF: its tiles or strips are empty"},
        {"tiles_huge", "damaged TIFF: its tiles are much larger than its picture"},
        {"tile_large", "damaged TIFF: its tiles are much larger than its picture"},
        {"strip_short", "damaged TIFF: its pixels cannot be unpacked, or are too few"},
        {"strip_beyond", "truncated TIFF"},
        {"strip_too_long", "truncated TIFF"},
        {"count_huge", "truncated TIFF"},
        {"too_large", "at most 64 million are accepted"},
        {"beyond_all", "at most 64 million are accepted"},
        {"bomb_lzw", "damaged TIFF: its pixels cannot be unpacked, or are too few"},
        {"bomb_deflate", "damaged TIFF: its pixels cannot be unpacked, or are too few"},
        {"damaged_lzw", "damaged TIFF: its pixels cannot be unpacked, or are too few"},
        {"damaged_deflate", "damaged TIFF: its pixels cannot be unpacked, or are too few"},
        {"damaged_packbits", "damaged TIFF: its pixels cannot be unpacked, or are too few"},
    };
    size_t refused = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++)
        refused += !strncmp(g->weights.tensors[i].name, "refused.", 8);
    CHECK(refused == LEN(cases));
    for (size_t i = 0; i < LEN(cases); i++) {
        const fleck_tensor *file = golden_tensor(g, "refused.%s", cases[i].name);
        fleck_image image = {0};
        fleck_message err = {""};
        /* What another decoder may read has a status of its own. */
        bool kind = strstr(cases[i].words, "cannot be read") || strstr(cases[i].words, "this is");
        fleck_status status = decode(arena, file->data, file->count, 0, &image, &err);
        CHECK(status == (kind ? FLECK_ERR_KIND : FLECK_ERR_FORMAT) && !image.rgb);
        if (!strstr(err.text, cases[i].words))
            fprintf(stderr, "%s, not \"%s\": %s\n", cases[i].name, cases[i].words, err.text);
        CHECK(strstr(err.text, cases[i].words));
    }
}

/* Where a file ends early nothing is read. PIL's directory stands before the pixels, ours behind
 * them; a last byte that only fills up may be missing. */
static void test_cut(const golden *g, fleck_arena *arena) {
    static const char *const names[] = {"pil_raw", "pil_tiff_lzw", "le_deflate_2", "apart_tiles",
                                        "wide_be_lzw_2"};
    for (size_t i = 0; i < LEN(names); i++) {
        const fleck_tensor *file = golden_tensor(g, "file.%s", names[i]);
        for (size_t size = 4; size + 2 < file->count; size++) {
            fleck_image image = {0};
            fleck_message err = {""};
            fleck_status status = decode(arena, file->data, size, 0, &image, &err);
            if (!status) fprintf(stderr, "%s cut to %zu bytes\n", names[i], size);
            CHECK(status == FLECK_ERR_FORMAT);
        }
    }
}

/* Any byte that is another gives a photo or a reason. */
static void test_flipped(const golden *g, fleck_arena *arena) {
    static const char *const names[] = {"le_lzw_2",      "be_deflate_2_tiles", "palette4",
                                        "premultiplied", "packbits_tiles",     "wide_apart"};
    for (size_t i = 0; i < LEN(names); i++) {
        const fleck_tensor *file = golden_tensor(g, "file.%s", names[i]);
        uint8_t *bytes = malloc(file->count);
        if (!bytes) exit(1);
        for (size_t at = 4; at < file->count; at++)
            for (uint32_t change = 1; change < 256; change *= 2) {
                memcpy(bytes, file->data, file->count);
                bytes[at] ^= (uint8_t)change;
                fleck_arena_mark mark = fleck_arena_here(arena);
                fleck_image image = {0};
                fleck_message err = {""};
                fleck_status status = decode(arena, bytes, file->count, 0, &image, &err);
                CHECK(status ? *err.text && !image.rgb : image.width && image.rgb);
                fleck_arena_reset(arena, mark);
            }
        free(bytes);
    }
}

int main(void) {
    golden g = golden_open("tiff.safetensors");
    fleck_arena arena = {0};
    test_golden(&g, &arena);
    test_measure(&g);
    test_size(&g);
    test_pages(&g);
    test_refused(&g, &arena);
    test_cut(&g, &arena);
    test_flipped(&g, &arena);
    fleck_arena_free(&arena);
    golden_close(&g);
    return check_done();
}
