/* Made-up defects: where they are a texture shows, elsewhere the photo is untouched. */
#include "synthetic.h"

#include "check.h"

#include <string.h>

static fleck_image make_image(fleck_arena *arena, uint32_t width, uint32_t height, uint8_t from) {
    fleck_image image = {width, height, FLECK_NEW(arena, uint8_t, width, height, 3), NULL, {0, 0}};
    for (size_t i = 0; i < (size_t)width * height * 3; i++) image.rgb[i] = (uint8_t)(from + i % 7);
    return image;
}

/* Pixels that are not the photo's. */
static size_t changed(const fleck_image *photo, const uint8_t *rgba) {
    size_t count = 0;
    for (size_t i = 0; i < (size_t)photo->width * photo->height; i++) {
        CHECK(rgba[4 * i + 3] == 255);
        count += memcmp(photo->rgb + 3 * i, rgba + 4 * i, 3) != 0;
    }
    return count;
}

/* Far darker than the texture, so that every pixel of the defect differs. */
static void test_shape(void) {
    enum { WIDTH = 120, HEIGHT = 90, SEEDS = 40 };
    fleck_arena arena = {0};
    fleck_image photo = make_image(&arena, WIDTH, HEIGHT, 10);
    fleck_image texture = make_image(&arena, 33, 70, 180);
    size_t pixels = (size_t)WIDTH * HEIGHT, least = pixels, most = 0;
    uint8_t *last = NULL;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        fleck_rng one = fleck_rng_seed(seed), two = one;
        uint8_t *rgba = cli_synthetic(&arena, &photo, &texture, &one);
        uint8_t *again = cli_synthetic(&arena, &photo, &texture, &two);
        CHECK(rgba && again && !memcmp(rgba, again, pixels * 4));
        CHECK(!last || memcmp(rgba, last, pixels * 4));
        size_t count = changed(&photo, rgba);
        if (count < least) least = count;
        if (count > most) most = count;
        last = rgba;
    }
    CHECK(least > 0 && most <= 3 * pixels / 10);
    CHECK(most > 4 * least); /* of many scales */
    fleck_arena_free(&arena);
}

/* Photos in which no shape has room, and one side far longer than the other. */
static void test_sizes(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {1, 3000}, {3000, 1}, {2, 2}, {31, 64}};
    fleck_arena arena = {0};
    for (size_t i = 0; i < LEN(sizes); i++)
        for (uint64_t seed = 0; seed < 10; seed++) {
            fleck_rng rng = fleck_rng_seed(seed);
            fleck_image photo = make_image(&arena, sizes[i][0], sizes[i][1], 0);
            fleck_image texture = make_image(&arena, sizes[(i + 1) % 5][0], 3, 200);
            uint8_t *rgba = cli_synthetic(&arena, &photo, &texture, &rng);
            CHECK(rgba != NULL);
            if (rgba) changed(&photo, rgba);
        }
    fleck_arena_free(&arena);
}

int main(void) {
    test_shape();
    test_sizes();
    return check_done();
}
