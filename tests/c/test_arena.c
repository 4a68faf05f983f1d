/* Sizes that wrap, and memory that an arena gives. */
#include "arena.h"
#include "check.h"

#include <stdint.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

static void test_sizes(void) {
    const size_t root = (size_t)1 << sizeof(size_t) * 4; /* root * root wraps to 0 */
    CHECK(FLECK_SIZE(3) == 3);
    CHECK(FLECK_SIZE(3, 5, 7) == 105);
    CHECK(FLECK_SIZE(root - 1, root + 1) == SIZE_MAX); /* the largest that fits, as it is */
    CHECK(FLECK_SIZE(root, root) == SIZE_MAX);
    CHECK(FLECK_SIZE(root, root, 1) == SIZE_MAX);
    CHECK(FLECK_SIZE(root + 1, root + 1) == SIZE_MAX); /* would wrap to a small number */
    CHECK(FLECK_SIZE(root, root, 0) == 0);
    CHECK(FLECK_SIZE(UINT32_MAX, UINT32_MAX, UINT32_MAX) ==
          SIZE_MAX); /* not multiplied in 32 bits */
    CHECK(fleck_size_sum(2, 3) == 5);
    CHECK(fleck_size_sum(SIZE_MAX, 1) == SIZE_MAX);
    CHECK(fleck_size_sum(SIZE_MAX - 1, 1) == SIZE_MAX);
    CHECK(fleck_aligned(0) == 0 && fleck_aligned(1) == FLECK_ALIGN);
    CHECK(fleck_aligned(SIZE_MAX) == SIZE_MAX && fleck_aligned(SIZE_MAX - 1) == SIZE_MAX);
    size_t product = 7;
    CHECK(!fleck_size_mul(root, root, &product) && product == 7);
    CHECK(fleck_size_mul(root, 2, &product) && product == 2 * root);
}

static void test_arena(void) {
    const size_t root = (size_t)1 << sizeof(size_t) * 4;
    fleck_arena arena = {0};
    CHECK(!FLECK_NEW(&arena, uint8_t, SIZE_MAX));
    CHECK(!FLECK_NEW(&arena, uint8_t, SIZE_MAX - FLECK_ALIGN));
    CHECK(!FLECK_NEW(&arena, float, root, root));
    CHECK(!FLECK_NEW(&arena, float, root, root / 4)); /* the values fit, their bytes wrap to 0 */
    CHECK(!FLECK_NEW_ZERO(&arena, float, root + 1, root + 1));
    CHECK(FLECK_NEW(&arena, float, 0));
    uint16_t *cleared = FLECK_NEW_ZERO(&arena, uint16_t, 3, 5);
    CHECK(cleared && (uintptr_t)cleared % FLECK_ALIGN == 0);
    for (int i = 0; cleared && i < 15; i++) CHECK(cleared[i] == 0);
    fleck_arena_mark mark = fleck_arena_here(&arena);
    uint8_t *large = FLECK_NEW(&arena, uint8_t, 1000, 1000);
    CHECK(large);
    if (large) memset(large, 1, 1000000); /* sanitizers see a byte too few */
    fleck_arena_reset(&arena, mark);
    fleck_arena_free(&arena);
}

/* Under AddressSanitizer all that nobody asked for is out of bounds, as behind a malloc. */
static void test_bounds(void) {
#ifdef __SANITIZE_ADDRESS__
    fleck_arena arena = {0};
    for (size_t size = 1; size <= 200000; size = 3 * size + 1) {
        fleck_arena_mark mark = fleck_arena_here(&arena);
        uint8_t *a = FLECK_NEW(&arena, uint8_t, size), *b = FLECK_NEW_ZERO(&arena, uint8_t, size);
        CHECK(!__asan_region_is_poisoned(a, size) && !__asan_region_is_poisoned(b, size));
        CHECK(__asan_address_is_poisoned(a + size) && __asan_address_is_poisoned(b + size));
        if (size < 1 << 12) CHECK(__asan_address_is_poisoned(b - 1)); /* in the same chunk */
        fleck_arena_reset(&arena, mark);
        CHECK(__asan_address_is_poisoned(a));
    }
    fleck_arena_free(&arena);
#endif
}

int main(void) {
    test_sizes();
    test_arena();
    test_bounds();
    return check_done();
}
