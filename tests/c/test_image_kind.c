/* Kinds of files, by their first bytes alone. */
#include "check.h"
#include "image.h"
#include "image_kind.h"

#include <stdlib.h>
#include <string.h>

/* A copy that ends where the bytes end, for the sanitizers. */
static fleck_file_kind kind_of(const char *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) exit(1);
    memcpy(copy, bytes, size);
    fleck_file_kind kind = fleck_file_kind_of(copy, size);
    free(copy);
    return kind;
}

static void test_kinds(void) {
#define KIND(bytes, want, called)                                                                  \
    do {                                                                                           \
        fleck_file_kind kind = kind_of(bytes, sizeof(bytes) - 1);                                  \
        CHECK(kind.class == (want));                                                               \
        CHECK(kind.name && !strcmp(kind.name, called));                                            \
    } while (0)
    KIND("\x89PNG\r\n\x1a\n", FLECK_FILE_PHOTO, "PNG");
    KIND("\xFF\xD8\xFF\xE0", FLECK_FILE_PHOTO, "JPEG");
    KIND("BM\0\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0", FLECK_FILE_PHOTO, "BMP");
    KIND("RIFF\1\0\0\0WEBPVP8 ", FLECK_FILE_PICTURE, "WebP");
    KIND("II*\0\x10\0\0\0CR\2\0", FLECK_FILE_PICTURE, "camera raw");
    KIND("II*\0\10\0\0\0", FLECK_FILE_PHOTO, "TIFF");
    KIND("MM\0*\0\0\0\10", FLECK_FILE_PHOTO, "TIFF");
    KIND("II+\0\10\0\0\0", FLECK_FILE_PICTURE, "BigTIFF");
    KIND("\0\0\0\x18"
         "ftypavif",
         FLECK_FILE_PICTURE, "AVIF");
    KIND("\0\0\0\x18"
         "ftypheix",
         FLECK_FILE_PICTURE, "HEIC");
    KIND("\0\0\0\x18"
         "ftypmp42",
         FLECK_FILE_OTHER, "video");
    KIND("P5\n3 2\n255\n", FLECK_FILE_PICTURE, "PGM");
    KIND("P6 # made by\n", FLECK_FILE_PICTURE, "PPM");
    KIND("\x0A\5\1\x08\0\0", FLECK_FILE_PICTURE, "PCX");
    KIND("\0\0\1\0\1\0", FLECK_FILE_PICTURE, "ICO");
    KIND("\0\0\2\0\1\0", FLECK_FILE_PICTURE, "CUR");
    CHECK(!kind_of("\0\0\2\0\0\0\0\0\0\0", 10).name); /* as a TGA begins */
    KIND("%PDF-1.7\n", FLECK_FILE_OTHER, "PDF");
    KIND("\0\0\0\x08wide", FLECK_FILE_OTHER, "video");
    KIND("8BPS\0\1", FLECK_FILE_PICTURE, "Photoshop");
    KIND("\xFF\x0A", FLECK_FILE_PICTURE, "JPEG XL");
    KIND("MM\0*\0\0\0\x08\0\1\0\xFE\0\4\0\0\0\1\0\0\0\1", FLECK_FILE_PICTURE, "camera raw");
    KIND("II*\0\x08\0\0\0\2\0\0\1\4\0\1\0\0\0\7\0\0\0\x12\xC6\1\0\4\0\0\0\1\4\0\0",
         FLECK_FILE_PICTURE, "camera raw");
    KIND("II*\0\x08\0\0\0\1\0\xFE\0\4\0\1\0\0\0\0\0\0\0", FLECK_FILE_PHOTO, "TIFF");
    KIND("II*\0\xFF\xFF\xFF\xFF", FLECK_FILE_PHOTO, "TIFF");
    KIND("<!DOCTYPE html><title>", FLECK_FILE_OTHER, "HTML");
    KIND("\xEF\xBB\xBF \n<HTML>", FLECK_FILE_OTHER, "HTML");
    KIND("<svg xmlns", FLECK_FILE_PICTURE, "SVG");
    KIND("<?xml version=\"1.0\"?><!-- drawn --><svg>", FLECK_FILE_PICTURE, "SVG");
    KIND("<?xml version=\"1.0\"?><photos/>", FLECK_FILE_OTHER, "XML");
#undef KIND
    static const char *const texts[] = {"",         "B",  "BM", "BMW, blue and grey\n",
                                        "P5 notes", "P",  "\n", "file,score,verdict\n",
                                        "\x89PN",   "II", "<",  "<sv",
                                        "< html"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fleck_file_kind kind = kind_of(texts[i], strlen(texts[i]));
        CHECK(kind.class == FLECK_FILE_OTHER);
        CHECK(!kind.name);
    }
}

/* A PNG of one pixel; the mark, or another chunk and then the mark, after its header. */
static void test_mark(void) {
    static const char head[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xDE";
    static const char gamma[] = "\0\0\0\4gAMA\0\0\xB1\x8F\x0B\xFC\x61\5";
    static const char rest[] = "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xCF\xC0\0\0\3\1\1\0\x18\xDD\x8D\xB0"
                               "\0\0\0\0IEND\xAE\x42\x60\x82";
    CHECK(sizeof head - 1 == FLECK_HEATMAP_MARK_AT);
    for (int with_gamma = 0; with_gamma < 2; with_gamma++) {
        char png[256];
        size_t size = 0, mark;
        memcpy(png, head, sizeof head - 1), size = sizeof head - 1;
        if (with_gamma) memcpy(png + size, gamma, sizeof gamma - 1), size += sizeof gamma - 1;
        mark = size;
        memcpy(png + size, FLECK_HEATMAP_MARK, FLECK_HEATMAP_MARK_BYTES);
        size += FLECK_HEATMAP_MARK_BYTES;
        memcpy(png + size, rest, sizeof rest - 1), size += sizeof rest - 1;
        CHECK(kind_of(png, size).class == FLECK_FILE_HEATMAP);
        for (size_t cut = 8; cut < mark + FLECK_HEATMAP_MARK_BYTES; cut++)
            CHECK(kind_of(png, cut).class == FLECK_FILE_PHOTO);

        /* The chunk is a good one, and no photo is taken for a photo again. */
        fleck_arena arena = {0};
        fleck_image image;
        fleck_message err = {""};
        CHECK(fleck_image_decode(&arena, (const uint8_t *)png, size, 0, &image, &err) ==
              FLECK_ERR_FORMAT);
        CHECK(strstr(err.text, "a heatmap that fleck drew"));
        png[mark + 20] ^= 1; /* another text, whose checksum is wrong: no matter in such a chunk */
        CHECK(kind_of(png, size).class == FLECK_FILE_PHOTO);
        CHECK(fleck_image_decode(&arena, (const uint8_t *)png, size, 0, &image, &err) == FLECK_OK);
        fleck_arena_free(&arena);
    }
}

int main(void) {
    test_kinds();
    test_mark();
    return check_done();
}
