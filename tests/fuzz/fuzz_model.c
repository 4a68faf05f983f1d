/* Any bytes as a model file: peeked at and loaded, or refused. What was loaded saves to
 * a file that loads again. */
#include "model.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0}, scratch = {0};
    fleck_message err = {""};
    fleck_tools tools = {.kernels = fleck_kernels_find(NULL), .scratch = &scratch};
    if (fleck_pool_create(1, &tools.pool)) abort();
    fleck_model peeked, model, again;
    bool peeks = !fleck_model_peek(&scratch, bytes, size, &peeked, &err);
    if (!peeks && !*err.text) abort();
    err.text[0] = 0;
    if (fleck_model_load(&arena, &tools, bytes, size, &model, &err)) {
        if (!*err.text) abort();
    } else {
        size_t saved;
        if (!peeks || peeked.D != model.D) abort();
        if (fleck_model_save(&model, &scratch, NULL, 0, &saved)) {
            uint8_t *copy = fleck_arena_alloc(&arena, saved, 1);
            if (copy && fleck_model_save(&model, &scratch, copy, saved, &saved) &&
                fleck_model_load(&arena, &tools, copy, saved, &again, &err) == FLECK_ERR_FORMAT)
                abort();
        }
    }
    fleck_pool_destroy(tools.pool);
    fleck_arena_free(&arena);
    fleck_arena_free(&scratch);
    return 0;
}
