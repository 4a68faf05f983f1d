/* What the inspector marked, and what follows from it. */
#include "detector.h"
#include "fleck.h"

#include "natural_log.h"

#include <math.h>
#include <string.h>

/* ---- the table ---- */

/* Room for one more, whose look is its own. */
static bool grow(fleck_detector *det) {
    fleck_marks *marks = &det->marks;
    marks->D = det->features.D;
    if (marks->count < det->marks_capacity) return true;
    uint32_t capacity = det->marks_capacity ? 2 * det->marks_capacity : 16;
    fleck_marked *marked = FLECK_NEW_ZERO(&det->marks_arena, fleck_marked, capacity);
    if (!marked) return false;
    if (det->marks_capacity) memcpy(marked, marks->marked, det->marks_capacity * sizeof *marked);
    for (uint32_t i = det->marks_capacity; i < capacity; i++) {
        marked[i].look = FLECK_NEW(&det->marks_arena, float, FLECK_MARK_POINTS, marks->D);
        if (!marked[i].look) return false;
    }
    marks->marked = marked;
    det->marks_capacity = capacity;
    return true;
}

static fleck_status make_room(fleck_detector *det) {
    uint32_t count = det->marks.count;
    if (count == FLECK_MARKS_MAX)
        return fleck_fail(&det->message, FLECK_ERR_STATE, "%u marks are the most that can be",
                          count);
    return grow(det) ? FLECK_OK : fleck_detector_no_memory(det);
}

/* Where there is room, a mark with a look of its own. */
static void add_copy(fleck_marks *marks, const fleck_marked *from) {
    fleck_marked *m = &marks->marked[marks->count++];
    float *look = m->look;
    *m = *from;
    m->look = memcpy(look, from->look, FLECK_MARK_POINTS * marks->D * sizeof *look);
}

/* Its look stays behind the last, as room for the next. */
static void remove_mark(fleck_marks *marks, uint32_t i) {
    fleck_marked gone = marks->marked[i];
    marks->count--;
    for (; i < marks->count; i++) marks->marked[i] = marks->marked[i + 1];
    marks->marked[marks->count] = gone;
}

/* Removes what the last mark replaces: all others of its photo, where it is of the whole photo;
 * else one of the same spot, and one that says the photo is good where the spot is not. */
static void remove_replaced(fleck_marks *marks) {
    for (uint32_t i = marks->count - 1; i-- > 0;) {
        const fleck_marked *m = &marks->marked[marks->count - 1], *other = &marks->marked[i];
        if (memcmp(other->hash, m->hash, sizeof m->hash)) continue;
        bool contradicts = other->place == FLECK_WHOLE_PHOTO && other->mark == FLECK_MARK_GOOD &&
                           m->mark == FLECK_MARK_DEFECT;
        if (m->place == FLECK_WHOLE_PHOTO || other->place == m->place || contradicts)
            remove_mark(marks, i);
    }
}

static void forget_lesson(fleck_detector *det) {
    fleck_arena_free(&det->lesson_arena);
    det->marks.lesson = (fleck_lesson){0};
    det->marks_learnt = false;
}

bool fleck_detector_copy_marks(fleck_arena *arena, const fleck_marks *from, fleck_marks *out) {
    *out = (fleck_marks){0};
    if (!from) return true;
    fleck_marks copy = {.D = from->D, .marked = FLECK_NEW(arena, fleck_marked, from->count)};
    if (!copy.marked) return false;
    for (uint32_t i = 0; i < from->count; i++) {
        float *look = copy.marked[i].look = FLECK_NEW(arena, float, FLECK_MARK_POINTS, copy.D);
        if (!look) return false;
        add_copy(&copy, &from->marked[i]);
    }
    *out = copy;
    return true;
}

void fleck_detector_use_marks(fleck_detector *det, fleck_arena *arena, const fleck_marks *marks) {
    forget_lesson(det);
    fleck_arena_free(&det->marks_arena);
    det->marks_arena = *arena;
    *arena = (fleck_arena){0};
    det->marks = *marks;
    det->marks_capacity = marks->count;
    det->marks_looked = true; /* with the model that they came with */
}

void fleck_detector_drop_marks(fleck_detector *det) {
    fleck_arena none = {0};
    fleck_detector_use_marks(det, &none, &(fleck_marks){0});
}

void fleck_detector_renew_marks(fleck_detector *det) {
    forget_lesson(det);
    det->marks_looked = false;
}

/* ---- marking ---- */

/* The place of a spot in the grid. */
static fleck_status find_place(fleck_detector *det, fleck_shift shift, const fleck_point *spot,
                               uint32_t *place) {
    size_t patch;
    *place = FLECK_WHOLE_PHOTO;
    if (!spot) return FLECK_OK;
    fleck_status status = fleck_detector_find_patch(det, shift, spot->x, spot->y, &patch);
    if (!status) *place = (uint32_t)fleck_grid_place(fleck_detector_grid_at(det, shift), patch);
    return status;
}

/* A mark of features, in the grid's order, with their scores by the model alone. */
static fleck_status look_at(fleck_detector *det, const fleck_half *patch, fleck_shift shift,
                            fleck_patch_scores scores, fleck_marked *m) {
    fleck_compute compute = fleck_detector_compute(det);
    fleck_features_hash(patch, det->features.P * det->features.D, m->hash);
    return fleck_marks_look(det->model, &compute, fleck_detector_grid_at(det, shift), patch, scores,
                            m)
               ? FLECK_OK
               : fleck_detector_no_memory(det);
}

/* Those of the folder's photos again, with a model that is another. A spot that the area of
 * interest leaves out now has no point: it is kept, and teaches nothing. */
static fleck_status look_again(fleck_detector *det) {
    if (det->marks_looked) return FLECK_OK;
    for (uint32_t i = 0; i < det->marks.count; i++) {
        fleck_marked *m = &det->marks.marked[i];
        if (m->photo == FLECK_NO_PHOTO) continue;
        fleck_arena_mark mark = fleck_arena_here(&det->scratch);
        fleck_patch_scores scores;
        fleck_status status = fleck_detector_added_scores(det, m->photo, &scores);
        if (!status)
            status = look_at(det, det->features.patch[m->photo], det->shift[m->photo], scores, m);
        if (status) return status;
        fleck_arena_reset(&det->scratch, mark);
    }
    det->marks_looked = true;
    return FLECK_OK;
}

static fleck_status can_mark(fleck_detector *det, fleck_mark mark) {
    fleck_status status = fleck_detector_need_model(det);
    if (status) return status;
    if ((unsigned)mark > FLECK_MARK_DEFECT)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "a mark is none, good or defect");
    if (!(det->model->look_width > 0))
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "the model is of a version before marks: learn from the photos again");
    return look_again(det);
}

static fleck_status set_mark(fleck_detector *det, uint32_t photo, const fleck_half *patch,
                             fleck_shift shift, fleck_patch_scores scores, const fleck_point *spot,
                             fleck_mark mark) {
    fleck_marked m = {.photo = photo, .mark = mark};
    fleck_status status = find_place(det, shift, spot, &m.place);
    if (status) return status;
    fleck_marks *marks = &det->marks;
    status = make_room(det);
    if (status) return status;
    m.look = marks->marked[marks->count].look;
    status = look_at(det, patch, shift, scores, &m);
    if (status) return status;
    marks->marked[marks->count++] = m;
    remove_replaced(marks);
    if (mark == FLECK_MARK_NONE) marks->count--;
    forget_lesson(det);
    return FLECK_OK;
}

fleck_status fleck_mark_photo(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                              const fleck_point *spot, fleck_mark mark) {
    fleck_detector_start(det);
    fleck_status status = can_mark(det, mark);
    if (!status) status = fleck_detector_check_finite(det, patch, cls);
    fleck_shift shift;
    if (!status) status = fleck_detector_in_order(det, &patch, &shift);
    fleck_patch_scores scores;
    if (!status) status = fleck_detector_patch_scores(det, patch, cls, &scores);
    if (!status) status = set_mark(det, FLECK_NO_PHOTO, patch, shift, scores, spot, mark);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_mark_added(fleck_detector *det, uint32_t index, const fleck_point *spot,
                              fleck_mark mark) {
    fleck_detector_start(det);
    fleck_status status = can_mark(det, mark);
    if (!status) status = fleck_detector_need_photo(det, index);
    fleck_patch_scores scores;
    if (!status) status = fleck_detector_added_scores(det, index, &scores);
    if (!status)
        status =
            set_mark(det, index, det->features.patch[index], det->shift[index], scores, spot, mark);
    return fleck_detector_finish(det, status);
}

static bool is_marked(const fleck_marks *marks, const fleck_marked *m) {
    for (uint32_t i = 0; i < marks->count; i++) {
        const fleck_marked *other = &marks->marked[i];
        if (!memcmp(other->hash, m->hash, sizeof m->hash) && other->place == m->place) return true;
    }
    return false;
}

/* All of them, or none. */
static fleck_status add_marks(fleck_detector *det, const fleck_marks *from) {
    fleck_marks *marks = &det->marks;
    fleck_status status = FLECK_OK;
    uint32_t before = marks->count;
    for (uint32_t i = 0; !status && from && i < from->count; i++) {
        if (is_marked(marks, &from->marked[i])) continue;
        status = make_room(det);
        if (!status) add_copy(marks, &from->marked[i]);
    }
    if (status)
        marks->count = before;
    else
        forget_lesson(det);
    return status;
}

fleck_status fleck_add_marks(fleck_detector *det, const uint8_t *bytes, size_t size) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    fleck_compute compute = fleck_detector_compute(det);
    fleck_arena arena = {0};
    fleck_model model = {0};
    status = fleck_model_load(&arena, &compute, bytes, size, &model, &det->message);
    if (!status) status = fleck_detector_check_source(det, &model);
    if (!status) status = add_marks(det, model.marks);
    fleck_arena_free(&arena);
    return fleck_detector_finish(det, status);
}

uint32_t fleck_mark_count(const fleck_detector *det) { return det->marks.count; }

fleck_status fleck_list_marks(fleck_detector *det, fleck_made_mark *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status) status = fleck_detector_learn_marks(det); /* which brings them into their order */
    for (uint32_t i = 0; !status && i < det->marks.count; i++) {
        const fleck_marked *m = &det->marks.marked[i];
        bool is_spot = m->place != FLECK_WHOLE_PHOTO;
        fleck_point at = {0, 0};
        if (is_spot) at = fleck_detector_middle(det, m->place);
        out[i] = (fleck_made_mark){{m->hash[0], m->hash[1]}, m->mark, is_spot, at.x, at.y};
    }
    return fleck_detector_finish(det, status);
}

fleck_status fleck_known_by(fleck_detector *det, const fleck_half *patch, uint32_t hash[2]) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    fleck_shift shift;
    if (!status) status = fleck_detector_in_order(det, &patch, &shift);
    if (!status) fleck_features_hash(patch, det->features.P * det->features.D, hash);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_known_by_added(fleck_detector *det, uint32_t index, uint32_t hash[2]) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_photo(det, index);
    if (!status)
        fleck_features_hash(det->features.patch[index], det->features.P * det->features.D, hash);
    return status;
}

void fleck_clear_marks(fleck_detector *det) {
    fleck_detector_start(det);
    fleck_detector_drop_marks(det);
}

fleck_status fleck_detector_learn_marks(fleck_detector *det) {
    if (det->marks_learnt || !det->marks.count) return FLECK_OK;
    fleck_status status = look_again(det);
    if (status) return status;
    fleck_compute compute = fleck_detector_compute(det);
    if (!fleck_marks_learn(&det->marks, &det->lesson_arena, &compute, det->model->look_width)) {
        forget_lesson(det);
        return fleck_detector_no_memory(det);
    }
    det->marks_learnt = true;
    return FLECK_OK;
}

/* ---- what follows ---- */

fleck_status fleck_review_marks(fleck_detector *det, fleck_review *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status) status = fleck_detector_learn_marks(det);
    if (!status) fleck_marks_review(&det->marks, det->kernels, det->threshold, out);
    return fleck_detector_finish(det, status);
}

/* How far a score is from the threshold: in logits. */
static float distance_of(float score, float threshold) {
    float a = fminf(fmaxf(score, 1e-6f), 0.999999f), b = fminf(fmaxf(threshold, 1e-6f), 0.999999f);
    return fabsf(fleck_natural_log(a / (1 - a)) - fleck_natural_log(b / (1 - b)));
}

fleck_status fleck_propose_marks(fleck_detector *det, uint32_t *photo, uint32_t *count) {
    uint32_t n = det->trained ? det->trained->training.features.count : 0, found = 0;
    if (!n) {
        fleck_detector_start(det);
        return fleck_fail(&det->message, FLECK_ERR_STATE, "train on a folder first");
    }
    fleck_arena arena = {0}; /* beyond the calls that score */
    float *distance = FLECK_NEW(&arena, float, n);
    fleck_status status = distance ? FLECK_OK : fleck_detector_no_memory(det);
    for (uint32_t i = 0; !status && i < n; i++) {
        float score;
        status = fleck_score_added(det, i, NULL, &score);
        if (!status) distance[i] = distance_of(score, det->threshold);
    }
    const uint32_t *place = det->trained->place;
    for (uint32_t i = 0; !status && i < n; i++) {
        const uint32_t *hash = det->model->photo_hash + 2 * (size_t)place[i];
        if (fleck_marks_of(&det->marks, hash) != FLECK_MARK_NONE) continue;
        uint32_t at = found < *count ? found++ : *count;
        for (; at; at--) { /* nearer first; of equal ones by what they show */
            uint32_t before = photo[at - 1];
            if (distance[before] < distance[i] ||
                (distance[before] == distance[i] && place[before] < place[i]))
                break;
            if (at < *count) photo[at] = before;
        }
        if (at < *count) photo[at] = i;
    }
    if (!status) *count = found;
    fleck_arena_free(&arena);
    return status;
}

const char *fleck_mark_name(fleck_mark mark) {
    static const char *const names[] = {FLECK_MARK_NAMES};
    return names[mark];
}
