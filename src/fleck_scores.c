/* What was learnt says of photos: scores, regions, verdicts, and the rules of these. */
#include "detector.h"
#include "fleck.h"

#include "calibration.h"
#include "regions.h"
#include "second_product.h"

#include <string.h>

/* patch: [P, D], in the grid's order. */
static fleck_status score(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                          float *heat, float *out) {
    fleck_compute compute = fleck_detector_compute(det);
    size_t P = det->features.P;
    fleck_patch_scores patches = {FLECK_NEW(&det->scratch, float, P),
                                  FLECK_NEW(&det->scratch, float, P)};
    uint32_t photo = fleck_model_recognise(det->model, patch);
    if (!patches.rank || !patches.map ||
        !fleck_model_patches(det->model, &compute, patch, cls, photo, patches))
        return fleck_detector_no_memory(det);
    return fleck_model_report(det->model, &compute, patches, heat, out)
               ? FLECK_OK
               : fleck_detector_no_memory(det);
}

fleck_status fleck_score(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                         float *heat, float *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status) status = fleck_detector_check_finite(det, patch, cls);
    if (status) return status;
    const fleck_features *f = &det->features;
    if (f->grid.order) {
        fleck_half *ordered = FLECK_NEW(&det->scratch, fleck_half, f->P, f->D);
        if (!ordered) return fleck_detector_finish(det, fleck_detector_no_memory(det));
        fleck_detector_order(f->grid, f->D, f->P, patch, ordered);
        patch = ordered;
    }
    return fleck_detector_finish(det, score(det, patch, cls, heat, out));
}

fleck_status fleck_score_added(fleck_detector *det, uint32_t index, float *heat, float *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status && index >= det->features.count)
        status = fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "photo %u of %u", index,
                            det->features.count);
    if (status) return status;
    if (det->trained && index < det->trained->training.features.count) {
        const fleck_training *t = &det->trained->training;
        size_t at = det->trained->place[index] * det->features.P;
        fleck_patch_scores patches = {t->scores.rank + at, t->scores.map + at};
        fleck_compute compute = fleck_detector_compute(det);
        if (!fleck_model_report(det->model, &compute, patches, heat, out))
            status = fleck_detector_no_memory(det);
    } else
        status = score(det, det->features.patch[index], det->features.cls[index], heat, out);
    return fleck_detector_finish(det, status);
}

static fleck_region_rule rule_of(const fleck_detector *det) {
    return (fleck_region_rule){det->threshold, det->smallest_area};
}

/* Whether a photo of the training has a region that counts, of whatever size the photo is. False
 * when memory is short. */
static bool has_region(fleck_detector *det, const fleck_training *t, uint32_t photo, bool *out) {
    fleck_arena_mark mark = fleck_arena_here(&det->scratch);
    size_t at = photo * det->features.P;
    fleck_patch_scores patches = {t->scores.rank + at, t->scores.map + at};
    fleck_compute compute = fleck_detector_compute(det);
    float *heat = FLECK_NEW(&det->scratch, float, FLECK_HEAT, FLECK_HEAT), score;
    fleck_regions regions;
    if (!heat || !fleck_model_report(det->model, &compute, patches, heat, &score) ||
        !fleck_regions_find(&det->scratch, &det->scratch, heat, rule_of(det),
                            (fleck_frame){1, 1, fleck_detector_frame_share(det)}, &regions))
        return false;
    *out = regions.count;
    fleck_arena_reset(&det->scratch, mark);
    return true;
}

/* Photos whose regions are all too small deserve a look, no more. */
static bool leave_small(fleck_detector *det, const fleck_training *t,
                        fleck_folder_verdict *folder) {
    for (uint32_t i = 0; det->smallest_area > 0 && i < folder->photos; i++) {
        bool called = false;
        if (fleck_training_score(t, i) < det->threshold) continue;
        if (!has_region(det, t, i, &called)) return false;
        folder->defects -= !called;
        folder->looks += !called;
    }
    folder->clean = !folder->defects;
    return true;
}

fleck_status fleck_judge_folder(fleck_detector *det, fleck_folder_verdict *out) {
    fleck_detector_start(det);
    if (!det->trained) return fleck_fail(&det->message, FLECK_ERR_STATE, "train on a folder first");
    const fleck_training *t = &det->trained->training;
    fleck_folder_verdict folder = fleck_training_judge(t, det->threshold);
    if (!leave_small(det, t, &folder))
        return fleck_detector_finish(det, fleck_detector_no_memory(det));
    if (!fleck_second_product(&det->scratch, &t->features, &folder.second_product))
        return fleck_detector_finish(det, fleck_detector_no_memory(det));
    if (folder.second_product) folder.clean = 0; /* neither product can vouch for the other */
    *out = folder;
    return fleck_detector_finish(det, FLECK_OK);
}

fleck_status fleck_set_threshold(fleck_detector *det, float threshold) {
    fleck_detector_start(det);
    if (!fleck_is_threshold(threshold))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "a threshold is above 0, and 1 at most");
    det->threshold = threshold;
    return FLECK_OK;
}

float fleck_threshold(const fleck_detector *det) { return det->threshold; }

fleck_verdict fleck_judge(const fleck_detector *det, float score) {
    return fleck_verdict_of(score, det->threshold);
}

fleck_status fleck_set_smallest_area(fleck_detector *det, float share) {
    fleck_detector_start(det);
    if (!fleck_is_smallest_area(share))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "the smallest area is a share of the photo's, from 0 to 1");
    det->smallest_area = share;
    return FLECK_OK;
}

float fleck_smallest_area(const fleck_detector *det) { return det->smallest_area; }

fleck_status fleck_find_regions(fleck_detector *det, const float *heat, uint32_t width,
                                uint32_t height, fleck_regions *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    status = fleck_detector_check_size(det, width, height);
    if (status) return status;
    for (size_t i = 0; i < (size_t)FLECK_HEAT * FLECK_HEAT; i++)
        if (!(heat[i] >= 0 && heat[i] <= 1))
            return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                              "a heatmap has values from 0 to 1 alone");
    fleck_arena found = {0}; /* where this fails, those found before stay */
    if (!fleck_regions_find(&found, &det->scratch, heat, rule_of(det),
                            (fleck_frame){width, height, fleck_detector_frame_share(det)}, out)) {
        fleck_arena_free(&found);
        return fleck_detector_finish(det, fleck_detector_no_memory(det));
    }
    fleck_arena_free(&det->regions);
    det->regions = found;
    return fleck_detector_finish(det, FLECK_OK);
}

fleck_verdict fleck_judge_regions(const fleck_detector *det, float score, uint32_t count) {
    fleck_verdict verdict = fleck_judge(det, score);
    return verdict == FLECK_VERDICT_DEFECT && !count ? FLECK_VERDICT_LOOK : verdict;
}

const char *fleck_verdict_name(fleck_verdict verdict) {
    static const char *const names[] = {FLECK_VERDICT_NAMES};
    return names[verdict];
}
