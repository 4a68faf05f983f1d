#include "grid.h"

#include <string.h>

fleck_grid fleck_grid_moved(fleck_grid grid, fleck_shift shift) {
    grid.moved = shift.rows * (int32_t)grid.columns + shift.columns;
    return grid;
}

void fleck_grid_list(fleck_grid grid, uint32_t *places) {
    size_t inside = 0, patches = fleck_grid_patches(grid), outside = patches;
    for (size_t i = 0; i < fleck_grid_places(grid); i++) {
        bool counts = inside < patches && fleck_grid_place(grid, inside) == i;
        places[counts ? inside++ : outside++] = (uint32_t)i;
    }
}

size_t fleck_grid_first(fleck_grid grid, size_t row) {
    size_t place = row * grid.columns, low = 0, high = fleck_grid_patches(grid);
    if (!grid.order) return place;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (fleck_grid_place(grid, middle) < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool fleck_grid_goes_on(fleck_grid grid, size_t patch) {
    size_t place = fleck_grid_place(grid, patch);
    return place % grid.columns + 1 < grid.columns && patch + 1 < fleck_grid_patches(grid) &&
           fleck_grid_place(grid, patch + 1) == place + 1;
}

void fleck_grid_spread(fleck_grid grid, const float *values, float *places) {
    memset(places, 0, fleck_grid_places(grid) * sizeof *places);
    for (size_t p = 0; p < fleck_grid_patches(grid); p++)
        places[fleck_grid_place(grid, p)] = values ? values[p] : 1;
}
