/* What other photos of the folder say about a place of a photo, and which of them is to be shown
 * beside it. */
#include "detector.h"
#include "fleck.h"

#include <math.h>

void fleck_detector_drop_compared(fleck_detector *det) {
    fleck_arena_free(&det->compared_arena);
    det->compared = NULL;
}

/* The window by whose means the method at hand draws its maps; 1, the patches themselves, where it
 * compares none. */
static uint32_t window_of(const fleck_detector *det) {
    fleck_method method = det->model ? det->model->method : det->options.method;
    const fleck_method_plan *plan = fleck_method_plan_of(method);
    return plan->views ? plan->view[plan->map_from].embedding.window : 1;
}

/* Makes what photos are compared by, where it is not there, or of other photos or another window.
 */
static fleck_status prepare(fleck_detector *det) {
    uint32_t photos = det->features.count, window = window_of(det);
    fleck_compared *c = det->compared;
    if (c && c->features.count == photos && c->evidence.embedding.plan.window == window)
        return FLECK_OK;
    fleck_detector_drop_compared(det);
    fleck_arena *arena = &det->compared_arena;
    fleck_compute compute = fleck_detector_compute(det);
    c = FLECK_NEW(arena, fleck_compared, 1);
    uint32_t *numbers = FLECK_NEW(arena, uint32_t, 2, photos);
    if (!c || !numbers ||
        !fleck_features_sort(arena, &det->features, det->key, numbers, &c->features) ||
        !fleck_evidence_fit(arena, &compute, &c->features, window, &c->evidence)) {
        fleck_detector_drop_compared(det);
        return fleck_detector_no_memory(det);
    }
    c->place = numbers;
    c->index = numbers + photos;
    for (uint32_t i = 0; i < photos; i++) c->index[c->place[i]] = i;
    det->compared = c;
    return FLECK_OK;
}

/* The photo that a call is about. */
typedef struct {
    const fleck_half *patch; /* [P, D], in the grid's order */
    fleck_shift shift;       /* of the area on it */
    uint32_t photo;          /* its place in the comparison; FLECK_NO_PHOTO where it has none */
} subject;

/* Takes the features given or, where these are NULL, the photo added of this index, and makes it
 * comparable. */
static fleck_status take(fleck_detector *det, const fleck_half *patch, uint32_t index,
                         subject *out) {
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    if (det->features.count < 2)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "photos are compared with those added, of which there are %u, and a "
                          "model has none: add at least 2",
                          det->features.count);
    status = patch ? fleck_detector_check_finite(det, patch, NULL)
                   : fleck_detector_need_photo(det, index);
    if (!status) status = prepare(det);
    if (status) return status;
    *out = (subject){.patch = patch, .photo = FLECK_NO_PHOTO};
    if (patch) return fleck_detector_in_order(det, &out->patch, &out->shift);
    *out = (subject){det->features.patch[index], det->shift[index], det->compared->place[index]};
    return FLECK_OK;
}

/* ---- places ---- */

/* Where a share of the photo lies along what is seen of it, 0 to 1, and the other way round. */
static float on_grid(const fleck_detector *det, float share) {
    float frame = fleck_detector_frame_share(det);
    return (share - (1 - frame) / 2) / frame;
}

static float on_photo(const fleck_detector *det, float share) {
    float frame = fleck_detector_frame_share(det);
    return (1 - frame) / 2 + share * frame;
}

static bool is_share(float x) { return x >= 0 && x <= 1; }

/* The pixel of a heatmap that a share of its length is in. */
static size_t pixel_at(float share) {
    return share < 1 ? (size_t)(share * FLECK_HEAT) : FLECK_HEAT - 1;
}

/* The patch that counts whose centre is nearest, of equal ones the first. */
static size_t nearest_patch(fleck_grid grid, float column, float row) {
    size_t nearest = 0;
    float least = INFINITY;
    for (size_t p = 0; p < fleck_grid_patches(grid); p++) {
        size_t place = fleck_grid_place(grid, p), y = place / grid.columns;
        float dx = (float)(place % grid.columns) + 0.5f - column * (float)grid.columns;
        float dy = (float)y + 0.5f - row * (float)grid.rows;
        if (!(dx * dx + dy * dy < least)) continue;
        least = dx * dx + dy * dy;
        nearest = p;
    }
    return nearest;
}

fleck_point fleck_detector_middle(const fleck_detector *det, uint32_t place) {
    fleck_grid grid = det->features.grid;
    size_t column = place % grid.columns, row = place / grid.columns;
    return (fleck_point){on_photo(det, ((float)column + 0.5f) / (float)grid.columns),
                         on_photo(det, ((float)row + 0.5f) / (float)grid.rows)};
}

/* Whether a patch that counts holds the point: at the area's border it may lie outside. */
static bool is_in_patch(fleck_grid grid, size_t patch, float column, float row) {
    size_t place = fleck_grid_place(grid, patch), left = place % grid.columns;
    size_t above = place / grid.columns;
    return is_share(column * (float)grid.columns - (float)left) &&
           is_share(row * (float)grid.rows - (float)above);
}

fleck_status fleck_detector_find_patch(fleck_detector *det, fleck_shift shift, float x, float y,
                                       size_t *patch) {
    const char *outside = NULL;
    float column = on_grid(det, x), row = on_grid(det, y);
    fleck_grid grid = fleck_detector_grid_at(det, shift);
    fleck_area_map area;
    if (det->has_area) fleck_area_move(&det->area, grid, shift, &area);
    size_t nearest = nearest_patch(grid, column, row);
    if (!is_share(x) || !is_share(y))
        outside = "the photo, whose width and height are 0 to 1";
    else if (!is_share(column) || !is_share(row))
        outside = "what is looked at of the photo";
    else if (det->has_area && !fleck_area_has(&area, pixel_at(column), pixel_at(row)) &&
             !is_in_patch(grid, nearest, column, row))
        outside = "the area of interest";
    if (outside)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "the place lies outside of %s",
                          outside);
    *patch = nearest;
    return FLECK_OK;
}

typedef struct {
    float left, top, width, height;
} box;

/* Around the patches that a patch is the mean of. */
static box box_of(const fleck_detector *det, fleck_shift shift, size_t patch) {
    fleck_grid grid = fleck_detector_grid_at(det, shift);
    size_t place = fleck_grid_place(grid, patch);
    size_t reach = det->compared->evidence.embedding.plan.window / 2;
    fleck_window v = fleck_window_around(place / grid.columns, grid.rows, reach);
    fleck_window h = fleck_window_around(place % grid.columns, grid.columns, reach);
    float left = on_photo(det, (float)h.begin / (float)grid.columns);
    float top = on_photo(det, (float)v.begin / (float)grid.rows);
    return (box){left, top, on_photo(det, (float)h.end / (float)grid.columns) - left,
                 on_photo(det, (float)v.end / (float)grid.rows) - top};
}

/* ---- evidence ---- */

/* patch and index as for take. */
static fleck_status explain(fleck_detector *det, const fleck_half *patch, uint32_t index, float x,
                            float y, uint32_t count, fleck_similar *similar,
                            fleck_explanation *out) {
    size_t p = 0;
    subject at;
    fleck_status status = take(det, patch, index, &at);
    if (!status) status = fleck_detector_find_patch(det, at.shift, x, y, &p);
    if (status) return status;
    const fleck_compared *c = det->compared;
    fleck_compute compute = fleck_detector_compute(det);
    uint32_t found;
    fleck_rarity rarity;
    if (count > c->features.count) count = c->features.count;
    fleck_match *match = FLECK_NEW(&det->scratch, fleck_match, count);
    if (!match || !fleck_evidence_find(&c->evidence, &compute, &c->features, at.patch, p, at.photo,
                                       count, match, &found, &rarity))
        return fleck_detector_no_memory(det);
    for (uint32_t i = 0; i < found; i++) {
        uint32_t photo = c->index[match[i].photo];
        box b = box_of(det, det->shift[photo], match[i].patch);
        similar[i] = (fleck_similar){photo, b.left, b.top, b.width, b.height, match[i].distance};
    }
    box b = box_of(det, at.shift, p);
    *out = (fleck_explanation){b.left,          b.top,         b.width,           b.height,
                               rarity.distance, rarity.nearer, c->evidence.usual, found};
    return FLECK_OK;
}

fleck_status fleck_explain(fleck_detector *det, const fleck_half *patch, float x, float y,
                           uint32_t count, fleck_similar *similar, fleck_explanation *out) {
    fleck_detector_start(det);
    return fleck_detector_finish(det, explain(det, patch, 0, x, y, count, similar, out));
}

fleck_status fleck_explain_added(fleck_detector *det, uint32_t index, float x, float y,
                                 uint32_t count, fleck_similar *similar, fleck_explanation *out) {
    fleck_detector_start(det);
    return fleck_detector_finish(det, explain(det, NULL, index, x, y, count, similar, out));
}

/* ---- the nearest normal photo ---- */

/* The nearest photo left, by what they show alone; FLECK_NO_PHOTO: none is. */
static uint32_t nearest_left(const float *apart, uint32_t photos) {
    uint32_t nearest = FLECK_NO_PHOTO;
    float least = INFINITY;
    for (uint32_t i = 0; i < photos; i++)
        if (apart[i] < least) least = apart[i], nearest = i;
    return nearest;
}

/* Scores photos, the nearest first, until one is normal: mostly the first. apart [photos], in the
 * order of the comparison; INFINITY: not that one. */
static fleck_status find_normal(fleck_detector *det, float *apart, uint32_t *out) {
    uint32_t photos = det->features.count, nearest;
    while ((nearest = nearest_left(apart, photos)) != FLECK_NO_PHOTO) {
        float score;
        uint32_t index = det->compared->index[nearest];
        fleck_status status = fleck_score_added(det, index, NULL, &score);
        if (status) return status;
        if (score < det->threshold) {
            *out = index;
            return FLECK_OK;
        }
        apart[nearest] = INFINITY;
    }
    return fleck_fail(&det->message, FLECK_ERR_STATE,
                      "no other photo has a score below the threshold");
}

/* patch and index as for take. */
static fleck_status nearest_normal(fleck_detector *det, const fleck_half *patch, uint32_t index,
                                   uint32_t *out) {
    subject at;
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status) status = take(det, patch, index, &at);
    if (status) return fleck_detector_finish(det, status);
    fleck_arena arena = {0}; /* scoring ends with empty scratch memory */
    fleck_compute compute = fleck_detector_compute(det);
    const fleck_features *f = &det->compared->features;
    float *apart = FLECK_NEW(&arena, float, f->count);
    if (!apart || !fleck_photos_apart(&compute, f, at.patch, apart))
        status = fleck_detector_no_memory(det);
    if (!status && at.photo != FLECK_NO_PHOTO) apart[at.photo] = INFINITY;
    if (!status) status = find_normal(det, apart, out);
    fleck_arena_free(&arena);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_nearest_normal(fleck_detector *det, const fleck_half *patch, uint32_t *index) {
    return nearest_normal(det, patch, 0, index);
}

fleck_status fleck_nearest_normal_added(fleck_detector *det, uint32_t photo, uint32_t *index) {
    return nearest_normal(det, NULL, photo, index);
}
