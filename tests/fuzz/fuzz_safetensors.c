/* Any bytes as a safetensors file, and what of it is a backbone: set up at the file's own input
 * and at a small one, where it runs. */
#include "safetensors.h"
#include "table.h"
#include "vit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { DIM_MAX = 256 /* of what runs, to be quick */ };

static fleck_status run(const fleck_vit_plan *plan, fleck_arena *arena, fleck_message *err) {
    fleck_compute compute = {.kernels = fleck_kernels_find(NULL), .scratch = arena};
    float *tensor = FLECK_NEW_ZERO(arena, float, 3, plan->input, plan->input);
    float *patch = FLECK_NEW(arena, float, plan->grid, plan->grid, plan->dim);
    float *cls = FLECK_NEW(arena, float, plan->dim);
    if (!tensor || !patch || !cls || fleck_pool_create(1, &compute.pool)) return FLECK_OK;
    fleck_status status = fleck_vit_forward(plan, &compute, tensor, patch, cls, err);
    fleck_pool_destroy(compute.pool);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_weights w;
    fleck_message err = {""};
    bool cut;
    check_table(fleck_safetensors_open(&arena, bytes, size, &w, &cut, &err), &w, &err);

    fleck_vit vit;
    fleck_vit_plan plan;
    fleck_precision precision = size % 2 ? FLECK_PRECISION_I16 : FLECK_PRECISION_F32;
    err.text[0] = 0;
    fleck_status status =
        fleck_vit_load(&arena, fleck_kernels_find(NULL), precision, bytes, size, &vit, &err);
    if (!status) {
        if (fleck_vit_plan_make(&arena, &vit, 0, NULL, 0, &plan, &err) && !*err.text) abort();
        status = fleck_vit_plan_make(&arena, &vit, 2 * vit.patch, NULL, 0, &plan, &err);
    }
    if (!status && vit.dim <= DIM_MAX && vit.hidden <= DIM_MAX) status = run(&plan, &arena, &err);
    if (status && !*err.text) abort();
    fleck_arena_free(&arena);
    return 0;
}
