/* WebP, HEIC and AVIF photos of the command line (scripts/golden/decoders.py). Of what this build
 * lacks it has to say so. */
#include "check.h"
#include "decoders.h"
#include "golden.h"
#include "image_kind.h"
#include "pixels.h"

#include <string.h>

#ifdef __SANITIZE_ADDRESS__
/* What libheif does not give back to dav1d of a damaged AVIF is not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libdav1d"; }
#endif

/* A copy that ends where the file ends: reading on is an error. */
static fleck_status decode(fleck_arena *arena, const uint8_t *file, size_t size, fleck_image *out,
                           fleck_message *err) {
    uint8_t *copy = malloc(size ? size : 1), *tiff = NULL;
    size_t tiff_size = 0;
    if (!copy) exit(1);
    if (size) memcpy(copy, file, size);
    fleck_status status = cli_decoder_tiff(arena, copy, size, &tiff, &tiff_size, err);
    free(copy);
    return status ? status : fleck_image_decode(arena, tiff, tiff_size, 16, out, err);
}

static const char *kind_of(const fleck_tensor *file) {
    return fleck_file_kind_of(file->data, file->count).name;
}

/* What a file says before it is decoded is what it is. */
static void check_header(const fleck_tensor *file, const fleck_image *image, const char *name) {
    cli_decoder_header header;
    fleck_message err = {""};
    CHECK(!cli_decoder_inspect(file->data, file->count, &header, &err));
    bool turned = header.orientation >= 5, wide = header.bits > 8;
    CHECK((turned ? header.height : header.width) == image->width);
    CHECK((turned ? header.width : header.height) == image->height);
    CHECK(wide == (image->wide != NULL) && (!wide || cli_decoder_may_be_deep(kind_of(file))));
    CHECK(header.several ==
          (strstr(name, "several") || strstr(name, "sequence") || strstr(name, "animated")));
}

/* Lossy files leave a little to the version of the library. */
static void check_near(const fleck_image *image, const fleck_tensor *rgb, const char *name) {
    CHECK(image->height == rgb->shape[0] && image->width == rgb->shape[1]);
    if ((size_t)image->height * image->width * 3 != rgb->count) return;
    int most = difference(image->rgb, rgb->data, rgb->count, NULL);
    if (most > 3) fprintf(stderr, "%s: differs by %d\n", name, most);
    CHECK(most <= 3);
}

static void check_wide(const fleck_image *image, const fleck_tensor *wide, const char *name) {
    const uint8_t *bytes = wide->data;
    CHECK(image->wide && image->height == wide->shape[0] && image->width == wide->shape[1]);
    bool same = image->wide && (size_t)image->height * image->width * 6 == wide->count * 2;
    for (size_t i = 0; same && i < wide->count; i++)
        same = image->wide[i] == (bytes[2 * i] | bytes[2 * i + 1] << 8);
    if (!same) fprintf(stderr, "%s: other values\n", name);
    CHECK(same);
}

static void test_golden(const golden *g, fleck_arena *arena) {
    size_t files = 0;
    for (size_t i = 0; i < g->weights.tensor_count; i++) {
        const fleck_tensor *file = &g->weights.tensors[i];
        bool deep = !strncmp(file->name, "deep.", 5);
        if ((!deep && strncmp(file->name, "file.", 5)) || !cli_decoder_has(kind_of(file))) continue;
        fleck_image image = {0};
        fleck_message err = {""};
        fleck_arena_mark mark = fleck_arena_here(arena);
        fleck_status status = decode(arena, file->data, file->count, &image, &err);
        if (status) fprintf(stderr, "%s: %s\n", file->name, err.text);
        CHECK(!status);
        files++;
        if (status) continue;
        const char *name = file->name + 5;
        check_header(file, &image, name);
        if (deep)
            check_wide(&image, golden_tensor(g, "wide.%s", name), name);
        else if (strstr(name, "lossy") || strstr(name, "odd") || strstr(name, "premultiplied"))
            check_near(&image, golden_tensor(g, "rgb.%s", name), name);
        else
            check_pixels(&image, golden_tensor(g, "rgb.%s", name), false, name);
        fleck_arena_reset(arena, mark);
    }
    size_t want = 0;
    want += cli_decoder_has("WebP") ? 13 : 0;
    want += cli_decoder_has("HEIC") ? 20 : 0;
    CHECK(files == want);
}

/* Each ends in a sentence; those of what libheif finds are its own. */
static void test_refused(const golden *g, fleck_arena *arena) {
    static const struct {
        const char *name, *words;
    } cases[] = {
        {"webp.no_riff", "damaged WebP: it does not begin as one"},
        {"webp.large", "photo has 16384 x 16384 pixels, at most 64 million are accepted"},
        {"webp.other_size", "damaged WebP: its parts do not fit together"},
        {"webp.no_pixels", "damaged WebP: its parts do not fit together"},
        {"heic.large", "HEIC|pixels, at most 64 million are accepted"},
        {"heic.beyond", "HEIC|pixels, at most 64 million are accepted"},
        {"heic.no_size", "HEIC"},
        {"heic.other_codec", "HEIC"},
        {"heic.no_photo", "HEIC"},
        {"heic.head", "HEIC"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        const fleck_tensor *file = golden_tensor(g, "refused.%s", cases[i].name);
        if (!cli_decoder_has(kind_of(file))) continue;
        fleck_image image = {0};
        fleck_message err = {""};
        cli_decoder_header header;
        CHECK(decode(arena, file->data, file->count, &image, &err) && !image.rgb);
        const char *other = strchr(cases[i].words, '|');
        size_t length = other ? (size_t)(other - cases[i].words) : strlen(cases[i].words);
        char first[100];
        snprintf(first, sizeof first, "%.*s", (int)length, cases[i].words);
        bool said = strstr(err.text, first) || (other && strstr(err.text, other + 1));
        if (!said) fprintf(stderr, "%s, not \"%s\": %s\n", cases[i].name, cases[i].words, err.text);
        CHECK(said);
        fleck_message again = {""};
        bool inspected = !cli_decoder_inspect(file->data, file->count, &header, &again);
        CHECK(inspected || *again.text);
    }
}

/* Where a file ends early nothing is read. */
static void test_cut(const golden *g, fleck_arena *arena) {
    static const char *const names[] = {"webp.lossless", "webp.lossy", "webp.turned6",
                                        "webp.animated", "heic.lossy", "avif.lossy"};
    for (size_t i = 0; i < LEN(names); i++) {
        const fleck_tensor *file = golden_tensor(g, "file.%s", names[i]);
        for (size_t size = 12; cli_decoder_has(kind_of(file)) && size < file->count; size++) {
            fleck_image image = {0};
            fleck_message err = {""};
            fleck_status status = decode(arena, file->data, size, &image, &err);
            if (!status) fprintf(stderr, "%s cut to %zu bytes\n", names[i], size);
            CHECK(status && *err.text && !image.rgb);
        }
    }
}

/* Any byte that is another gives a photo or a reason. */
static void test_flipped(const golden *g, fleck_arena *arena) {
    static const char *const names[] = {"webp.turned6", "webp.animated_part", "heic.lossy",
                                        "avif.lossy"};
    for (size_t i = 0; i < LEN(names); i++) {
        const fleck_tensor *file = golden_tensor(g, "file.%s", names[i]);
        uint8_t *bytes = malloc(file->count);
        if (!bytes) exit(1);
        for (size_t at = 0; cli_decoder_has(kind_of(file)) && at < file->count; at++) {
            memcpy(bytes, file->data, file->count);
            bytes[at] ^= (uint8_t)(1u << at % 8);
            fleck_arena_mark mark = fleck_arena_here(arena);
            fleck_image image = {0};
            fleck_message err = {""};
            fleck_status status = decode(arena, bytes, file->count, &image, &err);
            CHECK(status ? *err.text && !image.rgb : image.width && image.rgb);
            fleck_arena_reset(arena, mark);
        }
        free(bytes);
    }
}

/* A kind that is not built in is named with what to do; all others have no such words. */
static void test_missing(fleck_arena *arena) {
    static const char *const kinds[] = {"WebP", "HEIC", "AVIF"};
    for (size_t i = 0; i < LEN(kinds); i++) {
        const char *advice = cli_decoder_advice(kinds[i]);
        bool has = cli_decoder_has(kinds[i]);
        CHECK(has == !advice && has == (strstr(cli_decoder_kinds(), kinds[i]) != NULL));
        CHECK(!advice || strstr(advice, "this fleck was built without lib"));
    }
    CHECK(!cli_decoder_has("GIF") && !cli_decoder_advice("GIF") && !cli_decoder_has(NULL));
    CHECK(strstr(cli_decoder_kinds(), "PNG, JPEG, BMP"));
    fleck_image image;
    fleck_message err = {""};
    CHECK(decode(arena, (const uint8_t *)"GIF89a", 6, &image, &err) == FLECK_ERR_KIND);
}

int main(void) {
    golden g = golden_open("decoders.safetensors");
    fleck_arena arena = {0};
    test_golden(&g, &arena);
    test_refused(&g, &arena);
    test_cut(&g, &arena);
    test_flipped(&g, &arena);
    test_missing(&arena);
    fleck_arena_free(&arena);
    golden_close(&g);
    return check_done();
}
