/* The area of interest, and the order of the patches that follows from it. */
#include "detector.h"
#include "fleck.h"

#include <string.h>

void fleck_detector_order(fleck_grid grid, size_t D, size_t count, const fleck_half *patch,
                          fleck_half *out) {
    for (size_t p = 0; p < count; p++)
        memcpy(out + p * D, patch + fleck_grid_place(grid, p) * D, D * sizeof *out);
}

fleck_status fleck_detector_in_order(fleck_detector *det, const fleck_half **patch) {
    const fleck_features *f = &det->features;
    if (!f->grid.order) return FLECK_OK;
    fleck_half *ordered = FLECK_NEW(&det->scratch, fleck_half, f->P, f->D);
    if (!ordered) return fleck_detector_no_memory(det);
    fleck_detector_order(f->grid, f->D, f->P, *patch, ordered);
    *patch = ordered;
    return FLECK_OK;
}

/* Puts the patches of the photos added in another order, and their keys in its terms: what lies
 * outside of an area must not decide over the order of the photos either. room: [places, D]. */
static void reorder_photos(fleck_detector *det, fleck_grid to, fleck_half *room) {
    fleck_features *f = &det->features;
    size_t places = fleck_grid_places(to), D = f->D;
    for (uint32_t i = 0; i < f->count; i++) {
        fleck_half *patch = (fleck_half *)f->patch[i]; /* the detector's own */
        for (size_t p = 0; p < places; p++)
            memcpy(room + fleck_grid_place(f->grid, p) * D, patch + p * D, D * sizeof *room);
        fleck_detector_order(to, D, places, room, patch);
        det->key[i] = fleck_features_key(patch, f->cls[i], fleck_grid_patches(to), D);
    }
}

const fleck_area_map *fleck_detector_area(const fleck_detector *det) {
    return det->has_area ? &det->area : NULL;
}

fleck_status fleck_detector_arrange(fleck_detector *det, fleck_tiles tiles,
                                    const fleck_area_map *area) {
    fleck_arena order = {0};
    fleck_grid grid = fleck_detector_grid(det, tiles);
    fleck_status status = fleck_area_grid(&order, area, &grid, &det->message);
    fleck_half *room = NULL;
    if (!status && det->features.count) {
        room = FLECK_NEW(&det->scratch, fleck_half, fleck_grid_places(grid), det->features.D);
        if (!room) status = fleck_detector_no_memory(det);
    }
    if (status) {
        fleck_arena_free(&order);
        return status;
    }
    if (room) reorder_photos(det, grid, room);
    fleck_detector_drop_grouping(det); /* it was of the patches of before */
    fleck_detector_drop_compared(det);
    fleck_arena_free(&det->order);
    det->order = order;
    det->tiles = tiles;
    det->features.grid = grid;
    det->features.P = fleck_grid_patches(grid);
    if (area) det->area = *area;
    det->has_area = area;
    return FLECK_OK;
}

/* Makes an area the one of interest. What was learnt with another goes: its patches are others. */
static fleck_status use_area(fleck_detector *det, const fleck_area_map *area) {
    if (fleck_area_is_same(area, fleck_detector_area(det))) return FLECK_OK;
    fleck_status status = fleck_detector_arrange(det, det->tiles, area);
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
                            uint32_t includes, uint32_t excludes) {
    fleck_area_map area;
    fleck_status status = draw_polygons(det, points, counts, includes, excludes, &area);
    if (!status) status = use_area(det, includes || excludes ? &area : NULL);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_set_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height) {
    fleck_area_map area;
    fleck_status status = draw_mask(det, mask, width, height, &area);
    if (!status) status = use_area(det, &area);
    return fleck_detector_finish(det, status);
}

static void write_map(const fleck_area_map *area, uint8_t *map) {
    for (size_t i = 0; map && i < (size_t)FLECK_HEAT * FLECK_HEAT; i++)
        map[i] = !area || fleck_area_has(area, i % FLECK_HEAT, i / FLECK_HEAT);
}

static fleck_status try_area(fleck_detector *det, const fleck_area_map *area, uint32_t *patches,
                             uint8_t *map) {
    fleck_grid grid = fleck_detector_grid(det, det->tiles);
    fleck_status status = fleck_area_grid(&det->scratch, area, &grid, &det->message);
    if (status) return status;
    *patches = (uint32_t)fleck_grid_patches(grid);
    write_map(area, map);
    return FLECK_OK;
}

fleck_status fleck_try_area(fleck_detector *det, const fleck_point *points, const uint32_t *counts,
                            uint32_t includes, uint32_t excludes, uint32_t *patches, uint8_t *map) {
    fleck_area_map area;
    fleck_status status = draw_polygons(det, points, counts, includes, excludes, &area);
    if (!status) status = try_area(det, &area, patches, map);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_try_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height, uint32_t *patches, uint8_t *map) {
    fleck_area_map area;
    fleck_status status = draw_mask(det, mask, width, height, &area);
    if (!status) status = try_area(det, &area, patches, map);
    return fleck_detector_finish(det, status);
}

uint32_t fleck_area(const fleck_detector *det, uint8_t *map) {
    write_map(fleck_detector_area(det), map);
    return det->has_area ? (uint32_t)det->features.P : 0;
}
