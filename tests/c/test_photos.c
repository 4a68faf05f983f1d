/* Photo files of every kind that programs and cameras write (scripts/golden/photos.py). */
#include "check.h"
#include "golden.h"
#include "pixels.h"
#include "image.h"

#include <stdbool.h>
#include <string.h>

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

/* What another decoder may read has a status of its own. */
static fleck_status refusal_of(const char *words) {
    bool kind = strstr(words, "cannot be read") || strstr(words, "this is a") ||
                strstr(words, "Apple's own form") || strstr(words, "compressed in a way") ||
                strstr(words, "bits a pixel");
    return kind ? FLECK_ERR_KIND : FLECK_ERR_FORMAT;
}

/* Each file gives its pixels. */
static void test_golden(const golden *g, fleck_arena *arena) {
    size_t files = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        if (strncmp(file->name, "file.", 5)) continue;
        const fleck_tensor *rgb = golden_tensor(g, "rgb.%s", file->name + 5);
        files++;
        fleck_image image;
        fleck_message err = {""};
        fleck_status status = decode(arena, file->data, file->count, &image, &err);
        if (status) fprintf(stderr, "%s: %s\n", file->name, err.text);
        CHECK(!status);
        if (status) continue;
        check_pixels(&image, rgb, strstr(file->name, "file.jpeg"), file->name);
    }
    CHECK(files > 70);
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
        {"rle8", 18, 8, "\0\0\1\0\0\0\1\0", "truncated BMP"},
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
        const fleck_tensor *file = golden_tensor(g, "file.bmp.%s", cases[i].name);
        uint8_t bytes[4096];
        memcpy(bytes, file->data, file->count);
        memcpy(bytes + cases[i].at, cases[i].bytes, cases[i].count);
        fleck_image image = {0};
        fleck_message err = {""};
        fleck_status want = refusal_of(cases[i].words);
        CHECK(decode(arena, bytes, file->count, &image, &err) == want && !image.rgb);
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
        for (size_t size = 2; size + spare < file->count; size++) {
            fleck_image image = {0};
            fleck_message err = {""};
            fleck_status status = decode(arena, file->data, size, &image, &err);
            CHECK(status == FLECK_ERR_FORMAT);
            if (!status) fprintf(stderr, "%s cut to %zu bytes\n", file->name, size);
        }
    }
}

static void test_refused(const golden *g, fleck_arena *arena) {
    static const struct {
        const char *name, *words;
    } cases[] = {
        {"arithmetic", "a JPEG with arithmetic coding cannot be read"},
        {"bits12", "a JPEG with 12 bits a sample cannot be read"},
        {"lossless", "a JPEG with lossless compression cannot be read"},
        {"hierarchical", "a JPEG with several resolutions cannot be read"},
        {"two_channels", "a JPEG with two colour channels cannot be read"},
        {"rows_missing", "damaged BMP: rows are missing"},
        {"without_quantisation", "a table is missing"},
        {"without_frame", "the header of its picture data is malformed"},
        {"without_scan", "part of its picture is missing"},
        {"scans_in_disorder", "in an order that makes none"},
        {"end_too_early", "part of its picture is missing"},
        {"restart_missing", "part of its picture is missing"},
        {"restart_short", "part of its picture is missing"},
        {"restart_long", "part of its picture is missing"},
        {"second_picture", "a second picture begins within it"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        const fleck_tensor *file = golden_tensor(g, "refused.%s", cases[i].name);
        fleck_image image = {0};
        fleck_message err = {""};
        fleck_status want = refusal_of(cases[i].words);
        CHECK(decode(arena, file->data, file->count, &image, &err) == want);
        CHECK(!image.rgb);
        if (!strstr(err.text, cases[i].words))
            fprintf(stderr, "%s, not \"%s\": %s\n", cases[i].name, cases[i].words, err.text);
        CHECK(strstr(err.text, cases[i].words));
    }
}

/* A JPEG that ends early is refused unless all of its picture is there: then the pixels are the
 * same. Without the mark of the end, one lost bit of picture data is noticed. */
static void test_cut_jpeg(const golden *g, fleck_arena *arena) {
    static const char *const names[] = {"plain",      "restart",      "440",
                                        "scans_many", "restart_rows", "scans_alone"};
    for (size_t i = 0; i < LEN(names); i++) {
        const fleck_tensor *file = golden_tensor(g, "file.jpeg.%s", names[i]);
        fleck_image whole, image;
        fleck_message err;
        CHECK(!decode(arena, file->data, file->count, &whole, &err));
        size_t read = 0;
        for (size_t size = 2; size < file->count; size++) {
            fleck_arena_mark mark = fleck_arena_here(arena);
            fleck_status status = decode(arena, file->data, size, &image, &err);
            CHECK(status ? status == FLECK_ERR_FORMAT
                         : !memcmp(image.rgb, whole.rgb, (size_t)whole.width * whole.height * 3));
            if (status)
                CHECK(strstr(err.text, "truncated JPEG"));
            else
                read++;
            fleck_arena_reset(arena, mark);
        }
        CHECK(read >= 2 && read <= 3); /* cuts in the mark, or before it and before a last byte
                                          that only fills up */
    }
}

/* Scans that say nothing cost little to write and as much to read as others: 2,000 of them, of a
 * frame of 64 million pixels, are refused before the first is read. */
static void test_empty_scans(fleck_arena *arena) {
    enum { SCANS = 2000 };
    static const uint8_t scan[] = "\xFF\xDA\0\x08\1\1\0\1\x3F\0\xE0\x7F";
    static uint8_t file[200 + SCANS * (sizeof scan - 1)];
    size_t size = 0;
#define ADD(bytes) (memcpy(file + size, bytes, sizeof(bytes) - 1), size += sizeof(bytes) - 1)
    ADD("\xFF\xD8\xFF\xDB\0\x43\0");
    memset(file + size, 1, 64), size += 64;
    ADD("\xFF\xC2\0\x0B\x08\x20\0\x20\0\1\1\x11\0");
    ADD("\xFF\xDA\0\x08\1\1\0\0\0\0\0\0");
    for (size_t i = 0; i < SCANS; i++) ADD(scan);
    ADD("\xFF\xD9");
#undef ADD
    fleck_image image = {0};
    fleck_message err = {""};
    CHECK(decode(arena, file, size, &image, &err) == FLECK_ERR_FORMAT && !image.rgb);
    CHECK(strstr(err.text, "more passes than any photo needs"));
}

/* Files of others that failed once, in ../shared/cases/photos: what each gives now. The photo is
 * the same in most, so the mean of each channel tells whether it is the right one. */
static void test_cases(fleck_arena *arena) {
    static const uint8_t colour[3] = {144, 134, 115}, grey[3] = {135, 135, 135};
    static const uint8_t levels[3] = {129, 129, 129}, any[3] = {0, 0, 0};
    static const struct {
        const char *name;
        const uint8_t *mean;
        const char *words; /* where it is refused */
    } cases[] = {
        {"cmyk_without_adobe_marker.jpg", colour, NULL},
        {"grey16_holding_12_bits.png", any, NULL},
        {"grey8_gap_4096.bmp", grey, NULL},
        {"grey_rle8.bmp", levels, NULL},
        {"grey_rle8_noisy.bmp", grey, NULL},
        {"jpeg_2000_empty_scans.jpg", NULL, "more passes than any photo needs"},
        {"jpeg_stray_ff00_between_segments.jpg", colour, NULL},
        {"jpeg_without_end_marker.jpg", colour, NULL},
        {"mjpeg_frame_without_huffman_tables.jpg", colour, NULL},
        {"palette_index_out_of_range.bmp", any, NULL},
        {"png_cgbi_iphone.png", NULL, "Apple's own form"},
        {"rgb24_no_offset.bmp", colour, NULL},
        {"rgb24_os2_core_header.bmp", colour, NULL},
        {"rgb24_planes0.bmp", colour, NULL},
        {"rgb24_with_palette.bmp", colour, NULL},
        {"rgb32_v2_header.bmp", colour, NULL},
        {"rgb32_v3_header_photoshop.bmp", colour, NULL},
        {"same_photo.gif", NULL, "this is a GIF file"},
        {"same_photo.ico", NULL, "this is an ICO file"},
        {"same_photo.jp2", NULL, "this is a JPEG 2000 file"},
        {"same_photo.pcx", NULL, "this is a PCX file"},
        {"same_photo.pgm", NULL, "this is a PGM file"},
        {"same_photo.ppm", NULL, "this is a PPM file"},
        {"same_photo.tiff", colour, NULL},
        {"same_photo.webp", NULL, "this is a WebP file"},
        {"same_photo_16bit.tif", any, NULL},
        {"same_photo_grey.tif", grey, NULL},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/cases/photos/%s", FLECK_SHARED_DIR, cases[i].name);
        size_t size;
        uint8_t *file = read_file(arena, path, &size);
        if (!file) {
            SKIP_ABSENT(path);
            continue;
        }
        fleck_image image = {0};
        fleck_message err = {""};
        fleck_status status = decode(arena, file, size, &image, &err);
        if (cases[i].words) {
            CHECK(status == refusal_of(cases[i].words) && !image.rgb);
            if (!strstr(err.text, cases[i].words)) fprintf(stderr, "%s: %s\n", path, err.text);
            CHECK(strstr(err.text, cases[i].words));
            continue;
        }
        if (status) fprintf(stderr, "%s: %s\n", path, err.text);
        CHECK(!status);
        size_t pixels = (size_t)image.width * image.height;
        for (size_t c = 0; c < 3 && image.rgb && cases[i].mean != any; c++) {
            double sum = 0.0;
            for (size_t k = 0; k < pixels; k++) sum += image.rgb[3 * k + c];
            CHECK_NEAR(sum / (double)pixels, cases[i].mean[c], 1.0);
        }
    }
}

int main(void) {
    golden g = golden_open("photos.safetensors");
    fleck_arena arena = {0};
    test_golden(&g, &arena);
    test_bad_bmp(&g, &arena);
    test_cut_bmp(&g, &arena);
    test_refused(&g, &arena);
    test_cut_jpeg(&g, &arena);
    test_empty_scans(&arena);
    test_cases(&arena);
    fleck_arena_free(&arena);
    golden_close(&g);
    return check_done();
}
