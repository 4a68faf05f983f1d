/* Any bytes as a safetensors file, and what of it is a backbone. */
#include "safetensors.h"
#include "table.h"
#include "vit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_weights w;
    fleck_message err = {""};
    check_table(fleck_safetensors_open(&arena, bytes, size, &w, &err), &w, &err);

    fleck_vit vit;
    fleck_vit_plan plan;
    fleck_precision precision = size % 2 ? FLECK_PRECISION_I16 : FLECK_PRECISION_F32;
    err.text[0] = 0;
    fleck_status status =
        fleck_vit_load(&arena, fleck_kernels_find(NULL), precision, bytes, size, &vit, &err);
    if (!status) status = fleck_vit_plan_make(&arena, &vit, 2 * vit.patch, NULL, 0, &plan, &err);
    if (status && !*err.text) abort();
    fleck_arena_free(&arena);
    return 0;
}
