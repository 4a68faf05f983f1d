/* The area of interest, and the order of the patches that follows from it. */
#include "detector.h"
#include "fleck.h"
#include "foreground.h"

#include <string.h>

bool fleck_detector_order(fleck_detector *det, fleck_shift shift, const fleck_half *patch,
                          fleck_half *out) {
    const fleck_features *f = &det->features;
    fleck_arena_mark mark = fleck_arena_here(&det->scratch);
    size_t places = fleck_grid_places(f->grid);
    uint32_t *list = FLECK_NEW(&det->scratch, uint32_t, places);
    if (!list) return false;
    fleck_grid_list(fleck_detector_grid_at(det, shift), list);
    for (size_t p = 0; p < places; p++)
        memcpy(out + p * f->D, patch + list[p] * f->D, f->D * sizeof *out);
    fleck_arena_reset(&det->scratch, mark);
    return true;
}

static fleck_status find_part(fleck_detector *det, fleck_grid grid, const fleck_half *part,
                              const fleck_half *patch, fleck_shift *out) {
    fleck_compute compute = fleck_detector_compute(det);
    *out = (fleck_shift){0, 0};
    return !part || fleck_part_find(&compute, grid, det->features.D, part, patch, out)
               ? FLECK_OK
               : fleck_detector_no_memory(det);
}

fleck_status fleck_detector_find_area(fleck_detector *det, const fleck_half *patch,
                                      fleck_shift *out) {
    return find_part(det, det->features.grid, det->part, patch, out);
}

fleck_status fleck_detector_in_order(fleck_detector *det, const fleck_half **patch,
                                     fleck_shift *shift) {
    const fleck_features *f = &det->features;
    *shift = (fleck_shift){0, 0};
    if (!f->grid.order) return FLECK_OK;
    fleck_status status = fleck_detector_find_area(det, *patch, shift);
    if (status) return status;
    fleck_grid grid = fleck_detector_grid_at(det, *shift);
    fleck_half *ordered = FLECK_NEW(&det->scratch, fleck_half, f->P, f->D);
    if (!ordered) return fleck_detector_no_memory(det);
    for (size_t p = 0; p < f->P; p++)
        memcpy(ordered + p * f->D, *patch + fleck_grid_place(grid, p) * f->D,
               f->D * sizeof *ordered);
    *patch = ordered;
    return FLECK_OK;
}

/* What it takes to put the patches of the photos added in another order. */
typedef struct {
    fleck_half *photo;   /* [places, D]: one's, by place */
    uint32_t *from, *to; /* [places] */
    fleck_shift *shift;  /* [photos]: of the area that is to be, on each */
} reordering;

static bool make_room(fleck_detector *det, reordering *r) {
    size_t places = fleck_grid_places(det->features.grid);
    *r = (reordering){FLECK_NEW(&det->scratch, fleck_half, places, det->features.D),
                      FLECK_NEW(&det->scratch, uint32_t, places),
                      FLECK_NEW(&det->scratch, uint32_t, places),
                      FLECK_NEW(&det->scratch, fleck_shift, det->features.count)};
    return r->photo && r->from && r->to && r->shift;
}

/* A photo's patches by place. */
static void restore(const fleck_detector *det, uint32_t index, const reordering *r) {
    const fleck_features *f = &det->features;
    fleck_grid_list(fleck_detector_grid_at(det, det->shift[index]), r->from);
    for (size_t p = 0; p < fleck_grid_places(f->grid); p++)
        memcpy(r->photo + r->from[p] * f->D, f->patch[index] + p * f->D, f->D * sizeof *r->photo);
}

/* Puts them in another order, and the photos' keys in its terms: what lies outside of an area must
 * not decide over the order of the photos either. */
static void reorder(fleck_detector *det, fleck_grid grid, const reordering *r) {
    fleck_features *f = &det->features;
    size_t D = f->D;
    for (uint32_t i = 0; i < f->count; i++) {
        fleck_half *patch = (fleck_half *)f->patch[i]; /* the detector's own */
        restore(det, i, r);
        fleck_grid_list(fleck_grid_moved(grid, r->shift[i]), r->to);
        for (size_t p = 0; p < fleck_grid_places(grid); p++)
            memcpy(patch + p * D, r->photo + r->to[p] * D, D * sizeof *patch);
        det->key[i] = fleck_features_key(patch, f->cls[i], fleck_grid_patches(grid), D);
        det->shift[i] = r->shift[i];
    }
}

const fleck_area_map *fleck_detector_area(const fleck_detector *det) {
    return det->has_area ? &det->area : NULL;
}

/* Copies part for a grid into its arena. */
static fleck_status keep_part(fleck_detector *det, fleck_arena *arena, fleck_grid grid,
                              const fleck_half **part) {
    if (!*part) return FLECK_OK;
    size_t n = fleck_part_tokens(grid), D = det->features.D;
    fleck_half *own = FLECK_NEW(arena, fleck_half, n, D);
    if (!own) return fleck_detector_no_memory(det);
    *part = memcpy(own, *part, n * D * sizeof *own);
    return FLECK_OK;
}

fleck_status fleck_detector_arrange(fleck_detector *det, fleck_tiles tiles,
                                    const fleck_area_map *area, const fleck_half *part) {
    fleck_arena order = {0};
    fleck_grid grid = fleck_detector_grid(det, tiles);
    reordering r;
    uint32_t count = det->features.count;
    fleck_status status = fleck_area_grid(&order, area, &grid, &det->message);
    if (!status) status = keep_part(det, &order, grid, &part);
    if (!status && count && !make_room(det, &r)) status = fleck_detector_no_memory(det);
    for (uint32_t i = 0; !status && i < count; i++) {
        restore(det, i, &r);
        status = find_part(det, grid, part, r.photo, &r.shift[i]);
    }
    if (status) {
        fleck_arena_free(&order);
        return status;
    }
    if (count) reorder(det, grid, &r);
    fleck_detector_drop_grouping(det); /* it was of the patches of before */
    fleck_detector_drop_compared(det);
    fleck_arena_free(&det->order);
    det->order = order;
    det->tiles = tiles;
    det->features.grid = grid;
    det->features.P = fleck_grid_patches(grid);
    det->part = part;
    if (area) det->area = *area;
    det->has_area = area;
    return FLECK_OK;
}

/* The part that an area follows, from the photo that it was drawn over, in scratch memory; NULL
 * stays NULL. grid: receives that of the area. */
static fleck_status take_part(fleck_detector *det, const fleck_area_map *area, fleck_grid *grid,
                              const fleck_half **part) {
    size_t D = det->features.D;
    *grid = fleck_detector_grid(det, det->tiles);
    fleck_status status = fleck_area_grid(&det->scratch, area, grid, &det->message);
    if (status || !*part) return status;
    if (!fleck_part_moves(*grid))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "the area reaches from edge to edge of what is looked at: there is no "
                          "room for it to follow a part");
    status = fleck_detector_check_finite(det, *part, NULL);
    if (status) return status;
    fleck_half *tokens = FLECK_NEW(&det->scratch, fleck_half, fleck_part_tokens(*grid), D);
    if (!tokens) return fleck_detector_no_memory(det);
    fleck_part_take(*grid, D, *part, tokens);
    *part = tokens;
    return FLECK_OK;
}

bool fleck_detector_has_area(const fleck_detector *det, const fleck_area_map *area,
                             const fleck_half *part) {
    size_t values = fleck_part_tokens(det->features.grid) * det->features.D;
    return fleck_area_is_same(area, fleck_detector_area(det)) && !part == !det->part &&
           (!part || !memcmp(part, det->part, values * sizeof *part));
}

/* Makes an area the one of interest. What was learnt with another goes: its patches are others.
 * part: of the photo that it was drawn over, or NULL. */
static fleck_status use_area(fleck_detector *det, const fleck_area_map *area,
                             const fleck_half *part) {
    fleck_grid grid;
    fleck_status status = take_part(det, area, &grid, &part);
    if (status || fleck_detector_has_area(det, area, part)) return status;
    status = fleck_detector_arrange(det, det->tiles, area, part);
    if (status) return status;
    fleck_detector_drop_training(det);
    fleck_detector_drop_model(det);
    return FLECK_OK;
}

/* Draws polygons as an area. */
static fleck_status draw_polygons(fleck_detector *det, const fleck_point *points,
                                  const uint32_t *counts, uint32_t includes, uint32_t excludes,
                                  fleck_area_map *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    return fleck_area_of_polygons(points, counts, includes, excludes,
                                  fleck_detector_frame_share(det), out, &det->message);
}

fleck_status fleck_detector_check_size(fleck_detector *det, uint32_t width, uint32_t height) {
    if (width && height && width <= FLECK_PIXELS_MAX / height) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "%u x %u pixels are no photo's", width,
                      height);
}

/* The same of a mask. */
static fleck_status draw_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                              uint32_t height, fleck_area_map *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (!status) status = fleck_detector_check_size(det, width, height);
    if (!status) fleck_area_of_mask(mask, width, height, fleck_detector_frame_share(det), out);
    return status;
}

fleck_status fleck_set_area(fleck_detector *det, const fleck_point *points, const uint32_t *counts,
                            uint32_t includes, uint32_t excludes, const fleck_half *part) {
    fleck_area_map area;
    fleck_status status = draw_polygons(det, points, counts, includes, excludes, &area);
    if (!status) status = use_area(det, includes || excludes ? &area : NULL, part);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_set_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height, const fleck_half *part) {
    fleck_area_map area;
    fleck_status status = draw_mask(det, mask, width, height, &area);
    if (!status) status = use_area(det, &area, part);
    return fleck_detector_finish(det, status);
}

static void write_map(const fleck_area_map *area, uint8_t *map) {
    for (size_t i = 0; map && i < (size_t)FLECK_HEAT * FLECK_HEAT; i++)
        map[i] = !area || fleck_area_has(area, i % FLECK_HEAT, i / FLECK_HEAT);
}

static fleck_status try_area(fleck_detector *det, fleck_area_map *area, const fleck_half *part,
                             const fleck_half *photo, uint32_t *patches, fleck_shift *shift,
                             uint8_t *map) {
    fleck_grid grid;
    fleck_shift found;
    fleck_area_map moved;
    fleck_status status = take_part(det, area, &grid, &part);
    if (!status && part) status = fleck_detector_check_finite(det, photo, NULL);
    if (!status) status = find_part(det, grid, part, photo, &found);
    if (status) return status;
    fleck_area_move(area, grid, found, &moved);
    *patches = (uint32_t)fleck_grid_patches(grid);
    if (shift) *shift = found;
    write_map(&moved, map);
    return FLECK_OK;
}

fleck_status fleck_try_area(fleck_detector *det, const fleck_point *points, const uint32_t *counts,
                            uint32_t includes, uint32_t excludes, const fleck_half *part,
                            const fleck_half *photo, uint32_t *patches, fleck_shift *shift,
                            uint8_t *map) {
    fleck_area_map area;
    fleck_status status = draw_polygons(det, points, counts, includes, excludes, &area);
    if (!status) status = try_area(det, &area, part, photo, patches, shift, map);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_try_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height, const fleck_half *part, const fleck_half *photo,
                                 uint32_t *patches, fleck_shift *shift, uint8_t *map) {
    fleck_area_map area;
    fleck_status status = draw_mask(det, mask, width, height, &area);
    if (!status) status = try_area(det, &area, part, photo, patches, shift, map);
    return fleck_detector_finish(det, status);
}

uint32_t fleck_area(const fleck_detector *det, uint8_t *map) {
    write_map(fleck_detector_area(det), map);
    return det->has_area ? (uint32_t)det->features.P : 0;
}

int fleck_area_follows(const fleck_detector *det) { return det->part != NULL; }

fleck_status fleck_area_shift(fleck_detector *det, const fleck_half *patch, fleck_shift *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (!status) status = fleck_detector_check_finite(det, patch, NULL);
    if (!status) status = fleck_detector_find_area(det, patch, out);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_area_shift_added(fleck_detector *det, uint32_t index, fleck_shift *out) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_photo(det, index);
    if (!status) *out = det->shift[index];
    return status;
}

static fleck_status propose(fleck_detector *det, const fleck_half *patch, fleck_point *points,
                            uint32_t *count) {
    fleck_compute compute = fleck_detector_compute(det);
    fleck_grid grid = fleck_detector_grid(det, det->tiles);
    float frame_share = fleck_detector_frame_share(det);
    fleck_area_map area;
    uint32_t corners;
    fleck_point *found = FLECK_NEW(&det->scratch, fleck_point, FLECK_AREA_POINTS_MAX);
    if (!found || !fleck_foreground_find(&compute, grid, det->features.D, patch, frame_share, found,
                                         &corners))
        return fleck_detector_no_memory(det);
    if (!corners ||
        fleck_area_of_polygons(found, &corners, 1, 0, frame_share, &area, &det->message) ||
        fleck_area_grid(&det->scratch, &area, &grid, &det->message))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "nothing on the photo stands out from what it shows at its edge");
    memcpy(points, found, corners * sizeof *points);
    *count = corners;
    return FLECK_OK;
}

fleck_status fleck_propose_area(fleck_detector *det, const fleck_half *patch, fleck_point *points,
                                uint32_t *count) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (!status) status = fleck_detector_check_finite(det, patch, NULL);
    if (!status) status = propose(det, patch, points, count);
    return fleck_detector_finish(det, status);
}
