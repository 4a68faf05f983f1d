/* The area of interest of a job's photos, which are aligned: as pixels of their heatmaps, of which
 * those of a grid's patches follow that count. */
#ifndef FLECK_AREA_H
#define FLECK_AREA_H

#include "arena.h"
#include "grid.h"
#include "status.h"
#include "types.h"

#include <stdbool.h>

enum { FLECK_AREA_WORDS = FLECK_HEAT / 32 };

/* Bit x % 32 of word x / 32 of row y: 1 where pixel x, y of a heatmap lies inside. */
typedef struct {
    uint32_t row[FLECK_HEAT][FLECK_AREA_WORDS];
} fleck_area_map;

static inline bool fleck_area_has(const fleck_area_map *area, size_t x, size_t y) {
    return area->row[y][x / 32] >> x % 32 & 1;
}

/* Draws what lies in any of the first polygons, which include (none of them: in the photo), and in
 * none of those after them, which exclude. points hold the polygons' corners one after the other,
 * as shares of the photo's width and height, counts how many each has. A pixel lies inside if its
 * centre does; frame_share as for fleck_feature_shape. FLECK_ERR_ARGUMENT for polygons of fewer
 * than 3 points, outside of the photo, or crossing themselves, and for more points than
 * FLECK_AREA_POINTS_MAX. */
fleck_status fleck_area_of_polygons(const fleck_point *points, const uint32_t *counts,
                                    uint32_t includes, uint32_t excludes, float frame_share,
                                    fleck_area_map *out, fleck_message *err);

/* The same of a mask of the photo ([height, width], neither 0): inside is what is not 0. */
void fleck_area_of_mask(const uint8_t *mask, uint32_t width, uint32_t height, float frame_share,
                        fleck_area_map *out);

/* Where the area lies on a photo, as far as that shows it; NULL, all of the photo, lies nowhere
 * else. */
void fleck_area_move(const fleck_area_map *area, fleck_grid grid, fleck_shift shift,
                     fleck_area_map *out);

/* NULL stands for all of the photo. */
bool fleck_area_is_same(const fleck_area_map *a, const fleck_area_map *b);

/* Orders the patches of a grid, by an area or, where it is NULL, by none: a patch counts when at
 * least half of it lies inside. The order is in arena. FLECK_ERR_ARGUMENT where fewer than
 * FLECK_AREA_PATCHES_MIN count. */
fleck_status fleck_area_grid(fleck_arena *arena, const fleck_area_map *area, fleck_grid *grid,
                             fleck_message *err);

#endif
