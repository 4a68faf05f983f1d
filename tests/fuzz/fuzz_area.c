/* Any bytes as an area of interest, and what polygons they hold as pixels and patches. */
#include "area.h"
#include "area_json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void draw(fleck_arena *arena, const cli_polygons *p) {
    fleck_message err = {""};
    fleck_area_map map;
    fleck_grid grid = {.rows = 37, .columns = 28};
    size_t total = 0;
    for (uint32_t i = 0; i < p->includes + p->excludes; i++) total += p->counts[i];
    if (fleck_area_of_polygons(p->points, p->counts, p->includes, p->excludes, 0.875f, &map,
                               &err)) {
        if (!*err.text) abort();
        return;
    }
    if (total > FLECK_AREA_POINTS_MAX) abort();
    if (!fleck_area_grid(arena, &map, &grid, &err)) {
        if (fleck_grid_patches(grid) < FLECK_AREA_PATCHES_MIN) abort();
    } else if (!*err.text) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    cli_polygons polygons;
    fleck_message err = {""};
    if (cli_area_parse(&arena, bytes, size, &polygons, &err))
        draw(&arena, &polygons);
    else if (!*err.text)
        abort();
    fleck_arena_free(&arena);
    return 0;
}
