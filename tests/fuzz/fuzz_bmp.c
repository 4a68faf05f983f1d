/* Any bytes as a BMP: refused with a reason, or pixels that are all written. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 2) return 0;
    uint8_t *file = malloc(size);
    if (!file) return 0;
    memcpy(file, bytes, size);
    memcpy(file, "BM", 2);
    uint64_t sums[2] = {0};
    bool small = true; /* others once: clearing and summing up take most of the time */
    for (int i = 0; i < 2 && small; i++) {
        fleck_arena arena = {0};
        fleck_image image;
        fleck_message err = {""};
        if (!fleck_image_decode(&arena, file, size, 0, &image, &err)) {
            small = (size_t)image.width * image.height < 1 << 16;
            for (size_t k = 0; small && k < (size_t)image.width * image.height * 3; k++)
                sums[i] = sums[i] * 31 + image.rgb[k];
        } else if (!*err.text) {
            abort();
        }
        fleck_arena_free(&arena);
    }
    if (sums[0] != sums[1]) abort(); /* the same bits every time */
    free(file);
    return 0;
}
