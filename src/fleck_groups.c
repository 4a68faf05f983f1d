/* Regions of many photos by groups that look alike. */
#include "detector.h"
#include "fleck.h"

void fleck_detector_drop_grouping(fleck_detector *det) {
    fleck_arena_free(&det->grouping_arena);
    det->grouping = NULL;
}

fleck_status fleck_groups_begin(fleck_detector *det) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    fleck_arena arena = {0}; /* where this fails, what was added before stays */
    fleck_grouping *grouping = FLECK_NEW(&arena, fleck_grouping, 1);
    if (!grouping || !fleck_grouping_begin(&arena, det->features.D, grouping)) {
        fleck_arena_free(&arena);
        return fleck_detector_no_memory(det);
    }
    fleck_detector_drop_grouping(det);
    det->grouping_arena = arena;
    det->grouping = grouping;
    return FLECK_OK;
}

static fleck_status need_grouping(fleck_detector *det) {
    if (det->grouping) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_STATE, "fleck_groups_begin comes first");
}

/* patch: [P, D], in the grid's order. */
static fleck_status add(fleck_detector *det, const fleck_half *patch, fleck_shift shift,
                        const float *heat, uint32_t width, uint32_t height) {
    fleck_arena *scratch = &det->scratch;
    fleck_regions regions;
    uint32_t *region_of = FLECK_NEW(scratch, uint32_t, FLECK_HEAT, FLECK_HEAT);
    if (!region_of) return fleck_detector_no_memory(det);
    fleck_status status =
        fleck_detector_regions(det, scratch, heat, width, height, &regions, region_of);
    if (status || !regions.count) return status;
    if (regions.count > FLECK_GROUPING_MAX - det->grouping->regions)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "more than %d regions to group",
                          FLECK_GROUPING_MAX);
    fleck_grouping_source source = {.grid = fleck_detector_grid_at(det, shift),
                                    .patch = patch,
                                    .heat = heat,
                                    .ordinary = det->threshold * (FLECK_LOOK / FLECK_DEFECT),
                                    .width = width,
                                    .height = height,
                                    .regions = regions.count,
                                    .region_of = region_of};
    fleck_compute compute = fleck_detector_compute(det);
    return fleck_grouping_add(det->grouping, &det->grouping_arena, &compute, &source)
               ? FLECK_OK
               : fleck_detector_no_memory(det);
}

fleck_status fleck_groups_add(fleck_detector *det, const fleck_half *patch, const float *heat,
                              uint32_t width, uint32_t height) {
    fleck_detector_start(det);
    fleck_status status = need_grouping(det);
    if (!status) status = fleck_detector_check_finite(det, patch, NULL);
    if (status) return status;
    fleck_shift shift;
    status = fleck_detector_in_order(det, &patch, &shift);
    if (!status) status = add(det, patch, shift, heat, width, height);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_groups_add_added(fleck_detector *det, uint32_t index, const float *heat,
                                    uint32_t width, uint32_t height) {
    fleck_detector_start(det);
    fleck_status status = need_grouping(det);
    if (!status) status = fleck_detector_need_photo(det, index);
    if (!status)
        status = add(det, det->features.patch[index], det->shift[index], heat, width, height);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_groups_find(fleck_detector *det, fleck_groups *out) {
    fleck_detector_start(det);
    fleck_status status = need_grouping(det);
    if (status) return status;
    fleck_arena found = {0}; /* where this fails, those found before stay */
    fleck_compute compute = fleck_detector_compute(det);
    if (!fleck_grouping_find(det->grouping, &found, &compute, out)) {
        fleck_arena_free(&found);
        return fleck_detector_finish(det, fleck_detector_no_memory(det));
    }
    fleck_arena_free(&det->groups);
    det->groups = found;
    return fleck_detector_finish(det, FLECK_OK);
}
