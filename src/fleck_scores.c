/* What was learnt says of photos: scores, regions, verdicts, and the rules of these. */
#include "detector.h"
#include "fleck.h"

#include "calibration.h"
#include "regions.h"
#include "second_product.h"

#include <string.h>

fleck_status fleck_detector_patch_scores(fleck_detector *det, const fleck_half *patch,
                                         const fleck_half *cls, fleck_patch_scores *out) {
    fleck_compute compute = fleck_detector_compute(det);
    size_t P = det->features.P;
    *out = (fleck_patch_scores){FLECK_NEW(&det->scratch, float, P),
                                FLECK_NEW(&det->scratch, float, P)};
    uint32_t photo = fleck_model_recognise(det->model, patch);
    if (!out->rank || !out->map ||
        !fleck_model_patches(det->model, &compute, patch, cls, photo, *out))
        return fleck_detector_no_memory(det);
    return FLECK_OK;
}

fleck_status fleck_detector_added_scores(fleck_detector *det, uint32_t index,
                                         fleck_patch_scores *out) {
    const fleck_features *f = &det->features;
    if (!det->trained || index >= det->trained->training.features.count)
        return fleck_detector_patch_scores(det, f->patch[index], f->cls[index], out);
    const fleck_training *t = &det->trained->training;
    size_t P = f->P, at = det->trained->place[index] * P;
    *out = (fleck_patch_scores){FLECK_NEW(&det->scratch, float, P),
                                FLECK_NEW(&det->scratch, float, P)};
    if (!out->rank || !out->map) return fleck_detector_no_memory(det);
    memcpy(out->rank, t->scores.rank + at, P * sizeof *out->rank);
    memcpy(out->map, t->scores.map + at, P * sizeof *out->map);
    return FLECK_OK;
}

/* Scores of a photo's patches by the model alone -> what a user gets. */
static fleck_status report(fleck_detector *det, const fleck_half *patch, fleck_shift shift,
                           fleck_patch_scores scores, float *heat, float *out) {
    fleck_compute compute = fleck_detector_compute(det);
    fleck_strength_bounds bounds = fleck_any_strength;
    fleck_status status = fleck_detector_learn_marks(det);
    if (status) return status;
    if (det->marks.count) {
        uint32_t hash[2];
        fleck_features_hash(patch, det->features.P * det->features.D, hash);
        bounds = fleck_marked_bounds(fleck_marks_of(&det->marks, hash), det->threshold);
        if (!fleck_marks_apply(&det->marks, det->model, &compute,
                               fleck_detector_grid_at(det, shift), patch, hash, scores))
            return fleck_detector_no_memory(det);
    }
    return fleck_model_report(det->model, &compute, scores, bounds, shift, heat, out)
               ? FLECK_OK
               : fleck_detector_no_memory(det);
}

static fleck_status report_added(fleck_detector *det, uint32_t index, float *heat, float *out) {
    fleck_patch_scores scores;
    fleck_status status = fleck_detector_added_scores(det, index, &scores);
    return status ? status
                  : report(det, det->features.patch[index], det->shift[index], scores, heat, out);
}

fleck_status fleck_score(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                         float *heat, float *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status) status = fleck_detector_check_finite(det, patch, cls);
    fleck_shift shift;
    if (!status) status = fleck_detector_in_order(det, &patch, &shift);
    fleck_patch_scores scores;
    if (!status) status = fleck_detector_patch_scores(det, patch, cls, &scores);
    if (!status) status = report(det, patch, shift, scores, heat, out);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_score_added(fleck_detector *det, uint32_t index, float *heat, float *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status) status = fleck_detector_need_photo(det, index);
    if (!status) status = report_added(det, index, heat, out);
    return fleck_detector_finish(det, status);
}

static fleck_region_rule rule_of(const fleck_detector *det) {
    return (fleck_region_rule){det->threshold, det->smallest_area};
}

/* Scores of all photos that were trained on, and, where regions count, whether each has one of
 * whatever size the photo is. */
typedef struct {
    float *score;
    bool *has_region;
    float *heat;
} folder_scores;

static fleck_status score_photo(fleck_detector *det, uint32_t index, const folder_scores *out) {
    fleck_arena_mark mark = fleck_arena_here(&det->scratch);
    const fleck_training *t = &det->trained->training;
    float *score = &out->score[index];
    bool measured = det->smallest_area > 0;
    fleck_status status = FLECK_OK;
    *score = fleck_training_score(t, det->trained->place[index]);
    if (det->marks.count) status = report_added(det, index, NULL, score);
    out->has_region[index] = true;
    if (!status && measured && *score >= det->threshold) {
        status = report_added(det, index, out->heat, score);
        fleck_regions regions;
        if (!status && !fleck_regions_find(&det->scratch, &det->scratch, out->heat, rule_of(det),
                                           (fleck_frame){1, 1, fleck_detector_frame_share(det)},
                                           &regions, NULL))
            status = fleck_detector_no_memory(det);
        if (!status) out->has_region[index] = regions.count;
    }
    fleck_arena_reset(&det->scratch, mark);
    return status;
}

static fleck_status judge_folder(fleck_detector *det, fleck_folder_verdict *out) {
    const fleck_features *f = &det->trained->training.features;
    fleck_arena *scratch = &det->scratch;
    folder_scores scores = {FLECK_NEW(scratch, float, f->count), FLECK_NEW(scratch, bool, f->count),
                            FLECK_NEW(scratch, float, FLECK_HEAT, FLECK_HEAT)};
    if (!scores.score || !scores.has_region || !scores.heat) return fleck_detector_no_memory(det);
    for (uint32_t i = 0; i < f->count; i++) {
        fleck_status status = score_photo(det, i, &scores);
        if (status) return status;
    }
    fleck_folder_verdict folder = fleck_folder_judge(scores.score, f->count, det->threshold);
    for (uint32_t i = 0; i < f->count; i++) { /* regions that are all too small deserve a look */
        if (scores.score[i] < det->threshold || scores.has_region[i]) continue;
        folder.defects--;
        folder.looks++;
    }
    if (!fleck_second_product(scratch, f, &folder.second_product))
        return fleck_detector_no_memory(det);
    /* of two products neither can vouch for the other */
    folder.clean = !folder.defects && !folder.second_product;
    *out = folder;
    return FLECK_OK;
}

fleck_status fleck_judge_folder(fleck_detector *det, fleck_folder_verdict *out) {
    fleck_detector_start(det);
    if (!det->trained) return fleck_fail(&det->message, FLECK_ERR_STATE, "train on a folder first");
    return fleck_detector_finish(det, judge_folder(det, out));
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

fleck_status fleck_detector_regions(fleck_detector *det, fleck_arena *arena, const float *heat,
                                    uint32_t width, uint32_t height, fleck_regions *out,
                                    uint32_t *region_of) {
    fleck_status status = fleck_detector_need_backbone(det);
    if (!status) status = fleck_detector_check_size(det, width, height);
    if (status) return status;
    for (size_t i = 0; i < (size_t)FLECK_HEAT * FLECK_HEAT; i++)
        if (!(heat[i] >= 0 && heat[i] <= 1))
            return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                              "a heatmap has values from 0 to 1 alone");
    fleck_frame frame = {width, height, fleck_detector_frame_share(det)};
    return fleck_regions_find(arena, &det->scratch, heat, rule_of(det), frame, out, region_of)
               ? FLECK_OK
               : fleck_detector_no_memory(det);
}

fleck_status fleck_find_regions(fleck_detector *det, const float *heat, uint32_t width,
                                uint32_t height, fleck_regions *out) {
    fleck_detector_start(det);
    fleck_arena found = {0}; /* where this fails, those found before stay */
    fleck_status status = fleck_detector_regions(det, &found, heat, width, height, out, NULL);
    if (status) {
        fleck_arena_free(&found);
        return fleck_detector_finish(det, status);
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
