/* PNG files written here, byte for byte, that no encoder writes. */
#include "bytes.h"
#include "check.h"
#include "image.h"

#include <string.h>

static void chunk(byte_file *p, const char *type, const void *body, size_t size) {
    put_be32(p, (uint32_t)size);
    size_t from = p->size;
    put(p, type, 4);
    put(p, body, size);
    put_be32(p, crc_of(p->bytes + from, p->size - from));
}
#define CHUNK(p, type, text) chunk(p, type, text, sizeof(text) - 1)

static byte_file *begin(uint8_t width, uint8_t height, uint8_t depth, uint8_t colour) {
    static byte_file p;
    p.size = 0;
    put(&p, "\x89PNG\r\n\x1a\n", 8);
    uint8_t header[13] = {0, 0, 0, width, 0, 0, 0, height, depth, colour};
    chunk(&p, "IHDR", header, sizeof header);
    return &p;
}

/* Rows with their filters' numbers, as a zlib stream of one stored block. */
static void pixels(byte_file *p, const void *rows, uint8_t size) {
    uint8_t zlib[300] = {0x78, 1, 1, size, 0, (uint8_t)~size, 0xFF};
    memcpy(zlib + 7, rows, size);
    chunk(p, "IDAT", zlib, 7 + (size_t)size);
}

static void gives(fleck_arena *arena, byte_file *p, const void *rgb, size_t size) {
    CHUNK(p, "IEND", "");
    uint8_t *copy = FLECK_NEW(arena, uint8_t, p->size);
    memcpy(copy, p->bytes, p->size);
    fleck_image image = {0};
    fleck_message err = {""};
    CHECK(!fleck_image_decode(arena, copy, p->size, 0, &image, &err));
    if (*err.text) fprintf(stderr, "%s\n", err.text);
    CHECK(image.rgb && (size_t)image.width * image.height * 3 == size &&
          !memcmp(image.rgb, rgb, size));
}
#define GIVES(arena, p, rgb) gives(arena, p, rgb, sizeof(rgb) - 1)

static void refused_as(fleck_arena *arena, byte_file *p, fleck_status status, const char *words) {
    fleck_image image = {0};
    fleck_message err = {""};
    CHECK(fleck_image_decode(arena, p->bytes, p->size, 0, &image, &err) == status);
    if (!strstr(err.text, words)) fprintf(stderr, "not \"%s\": %s\n", words, err.text);
    CHECK(strstr(err.text, words));
}

static void refused(fleck_arena *arena, byte_file *p, const char *words) {
    refused_as(arena, p, FLECK_ERR_FORMAT, words);
}

/* Colours that the palette lacks are black; stb_image shows what lay on its stack. */
static void test_palette(fleck_arena *arena) {
    byte_file *p = begin(4, 1, 8, 3);
    CHUNK(p, "PLTE", "\1\2\3\4\5\6");
    pixels(p, "\0\0\1\2\xFF", 5);
    GIVES(arena, p, "\1\2\3\4\5\6\0\0\0\0\0\0");

    p = begin(4, 1, 2, 3);
    CHUNK(p, "PLTE", "\1\2\3");
    pixels(p, "\0\x1B", 2); /* 0 1 2 3 */
    GIVES(arena, p, "\1\2\3\0\0\0\0\0\0\0\0\0");

    p = begin(1, 1, 8, 3);
    pixels(p, "\0\0", 2);
    CHUNK(p, "IEND", "");
    refused(arena, p, "it has no palette");
    p = begin(1, 1, 8, 3);
    CHUNK(p, "PLTE", "\1\2\3\4");
    refused(arena, p, "its palette is malformed");
    p = begin(1, 1, 8, 3);
    CHUNK(p, "PLTE", "");
    refused(arena, p, "its palette is malformed");
}

static void test_depths(fleck_arena *arena) {
    byte_file *p = begin(4, 1, 1, 0);
    pixels(p, "\0\x50", 2);
    GIVES(arena, p, "\0\0\0\xFF\xFF\xFF\0\0\0\xFF\xFF\xFF");
    p = begin(4, 1, 2, 0);
    pixels(p, "\0\x1B", 2);
    GIVES(arena, p, "\0\0\0\x55\x55\x55\xAA\xAA\xAA\xFF\xFF\xFF");
    p = begin(2, 1, 4, 0);
    pixels(p, "\0\x2E", 2);
    GIVES(arena, p, "\x22\x22\x22\xEE\xEE\xEE");
    static const uint8_t bad[][2] = {{4, 2}, {16, 3}, {3, 0}, {8, 1}, {8, 5}, {8, 7}, {0, 0}};
    for (size_t i = 0; i < LEN(bad); i++)
        refused(arena, begin(1, 1, bad[i][0], bad[i][1]), "a kind of pixels that does not exist");
}

/* Nothing in the first part of the pixels: memcpy to NULL in stb_image. */
static void test_empty_parts(fleck_arena *arena) {
    byte_file *p = begin(2, 1, 8, 0);
    CHUNK(p, "IDAT", "");
    CHUNK(p, "IDAT", "\x78\1\1\3");
    CHUNK(p, "IDAT", "");
    CHUNK(p, "IDAT", "\0\xFC\xFF\0\1\2");
    CHUNK(p, "IDAT", "");
    GIVES(arena, p, "\1\1\1\2\2\2");
    p = begin(2, 1, 8, 0);
    CHUNK(p, "IDAT", "");
    CHUNK(p, "IEND", "");
    refused(arena, p, "its pixels cannot be unpacked, or are too few");
    p = begin(2, 1, 8, 0);
    CHUNK(p, "IEND", "");
    refused(arena, p, "it has no pixels");
}

/* More is packed than the header's size needs: what is too much is not unpacked. The stream is
 * of 92,000 runs of 258 zeros, 13 bits each, which would fill 24 MB. */
static void test_bomb(fleck_arena *arena) {
    static uint8_t zlib[150000] = {0x78, 1};
    size_t bit = 16;
#define BIT(value) (zlib[bit / 8] |= (uint8_t)((value) << bit % 8), bit++)
    /* One block of fixed codes: a literal 0 (00110000), then length 258 (11000101), distance 1
     * (00000) again and again. */
    static const char start[] = "11000110000", run[] = "1100010100000";
    for (const char *c = start; *c; c++) BIT(*c - '0');
    while (bit + sizeof run < 8 * sizeof zlib)
        for (const char *c = run; *c; c++) BIT(*c - '0');
#undef BIT
    byte_file *p = begin(2, 1, 8, 0);
    chunk(p, "IDAT", zlib, sizeof zlib);
    GIVES(arena, p, "\0\0\0\0\0\0");
}

/* All pixels and no IEND, or a part of it. */
static void test_no_end(fleck_arena *arena) {
    byte_file *p = begin(2, 1, 8, 0);
    pixels(p, "\0\1\2", 3);
    CHUNK(p, "IEND", "");
    size_t whole = p->size;
    for (size_t size = whole - 12; size <= whole; size++) {
        fleck_image image = {0};
        fleck_message err = {""};
        CHECK(!fleck_image_decode(arena, p->bytes, size, 0, &image, &err));
        CHECK(image.rgb && !memcmp(image.rgb, "\1\1\1\2\2\2", 6));
    }
    p->size = whole - 13;
    refused(arena, p, "truncated PNG");
    p = begin(2, 2, 8, 0); /* the second row is in a part that is not there */
    pixels(p, "\0\1\2", 3);
    refused(arena, p, "truncated PNG");
}

static void test_refused(fleck_arena *arena) {
    byte_file *p = begin(2, 2, 8, 0);
    pixels(p, "\0\1\2\0\1", 5);
    CHUNK(p, "IEND", "");
    refused(arena, p, "its pixels cannot be unpacked, or are too few");
    p = begin(2, 1, 8, 0);
    pixels(p, "\5\1\2", 3);
    CHUNK(p, "IEND", "");
    refused(arena, p, "coded in a way that does not exist");
    p = begin(2, 1, 8, 0);
    CHUNK(p, "ABCD", "");
    refused(arena, p, "it has a part that no PNG has");
    byte_file apple = {0};
    put(&apple, "\x89PNG\r\n\x1a\n", 8);
    CHUNK(&apple, "CgBI", "\x50\0\x20\2");
    refused_as(arena, &apple, FLECK_ERR_KIND, "Apple's own form");
    free(apple.bytes);
}

int main(void) {
    fleck_arena arena = {0};
    test_palette(&arena);
    test_depths(&arena);
    test_empty_parts(&arena);
    test_bomb(&arena);
    test_no_end(&arena);
    test_refused(&arena);
    fleck_arena_free(&arena);
    return check_done();
}
