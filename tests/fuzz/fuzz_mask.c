/* Any bytes as a mask image. */
#include "mask.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint8_t map[FLECK_HEAT * FLECK_HEAT] = {0};
    fleck_arena arena = {0};
    cli_mask mask;
    fleck_message err = {""};
    if (cli_mask_decode(&arena, bytes, size, &mask, &err)) {
        size_t marked = 0, pixels = FLECK_SIZE(mask.width, mask.height);
        if (!pixels) abort();
        for (size_t i = 0; i < pixels; i++) {
            if (mask.set[i] > 1) abort();
            marked += mask.set[i];
        }
        if (marked != mask.marked) abort();
        cli_mask_draw(&mask, FLECK_PRESET_FUNAD, map);
        cli_mask_draw(&mask, FLECK_PRESET_FIT, map);
    } else if (!*err.text) {
        abort();
    }
    fleck_arena_free(&arena);
    return 0;
}
