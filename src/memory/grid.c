#include "grid.h"

#include <string.h>

size_t fleck_grid_first(fleck_grid grid, size_t row) {
    size_t place = row * grid.columns, low = 0, high = fleck_grid_patches(grid);
    if (!grid.order) return place;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (grid.order[middle] < place)
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
