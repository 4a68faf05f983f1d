/* Any bytes as a TIFF: refused with a reason, or pixels that are all written. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Of the pixels of a small photo; 0 of what is refused. */
static uint64_t sum_of(const uint8_t *file, size_t size, bool *small) {
    uint64_t sum = 0;
    fleck_arena arena = {0};
    fleck_image image;
    fleck_message err = {""};
    if (!fleck_image_decode(&arena, file, size, 0, &image, &err)) {
        size_t pixels = (size_t)image.width * image.height;
        *small = pixels < 1 << 16;
        for (size_t k = 0; *small && k < pixels * 3; k++)
            sum = sum * 31 + (image.wide ? image.wide[k] : image.rgb[k]);
    } else if (!*err.text) {
        abort();
    }
    fleck_arena_free(&arena);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 4) return 0;
    uint8_t *file = malloc(size);
    if (!file) return 0;
    memcpy(file, bytes, size);
    /* Either order of bytes, and no way to another kind. */
    memcpy(file, size % 2 ? "MM\0*" : "II*\0", 4);
    bool small = true; /* others once: clearing and summing up take most of the time */
    uint64_t sum = sum_of(file, size, &small);
    if (small && sum_of(file, size, &small) != sum) abort(); /* the same bits every time */
    uint32_t pages = fleck_image_pages(file, size);
    if (pages != 1 && pages != 2) abort();
    free(file);
    return 0;
}
