/* Maps against PyTorch's interpolation and SciPy's filters. */
#include "check.h"
#include "fleck.h"
#include "features.h"
#include "golden.h"
#include "heatmap.h"

static void check_smooth(golden *g, fleck_grid grid) {
    size_t count;
    const float *scores = golden_get(g, &count, "scores_%ux%u", grid.rows, grid.columns);
    const float *want = golden_get(g, NULL, "smooth_%ux%u", grid.rows, grid.columns);
    float *smooth = FLECK_NEW(&g->arena, float, count);
    CHECK(count == (size_t)grid.rows * grid.columns);
    CHECK(fleck_smooth(&g->arena, scores, grid, smooth));
    for (size_t i = 0; i < count; i++) CHECK_NEAR(smooth[i], want[i], 1e-6);
}

static void check_map(golden *g, const fleck_kernels *kernels, fleck_grid grid, size_t every) {
    const float *scores = golden_get(g, NULL, "scores_%ux%u", grid.rows, grid.columns);
    size_t count, side = (FLECK_HEAT + every - 1) / every;
    const float *want =
        golden_get(g, &count, "map_%ux%u%s", grid.rows, grid.columns, every == 1 ? "" : "_every7");
    CHECK(count == side * side);
    fleck_arena scratch = {0};
    float *map = FLECK_NEW(&g->arena, float, FLECK_HEAT, FLECK_HEAT);
    CHECK(fleck_heatmap(kernels, &scratch, scores, grid, map));
    double worst = 0, size = 0;
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++) {
            double w = want[y * side + x];
            worst = fmax(worst, fabs(map[y * every * FLECK_HEAT + x * every] - w));
            size = fmax(size, fabs(w));
        }
    /* two passes of 33 float32 products each */
    CHECK_NEAR(worst / size, 0, 5e-6);
    fleck_arena_free(&scratch);
}

int main(void) {
    static const fleck_grid grids[] = {
        {.rows = 28, .columns = 28}, {.rows = 14, .columns = 14}, {.rows = 5, .columns = 5},
        {.rows = 37, .columns = 37}, {.rows = 5, .columns = 3},   {.rows = 3, .columns = 5},
        {.rows = 1, .columns = 40},  {.rows = 300, .columns = 5}, {.rows = 3, .columns = 449}};
    golden g = golden_open("heatmap.safetensors");
    const fleck_kernels *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list);
    for (size_t v = 0; v < count; v++) {
        for (size_t i = 0; i < LEN(grids); i++) check_map(&g, list[v], grids[i], i ? 7 : 1);
    }
    for (size_t i = 0; i < LEN(grids); i++) check_smooth(&g, grids[i]);
    golden_close(&g);
    return check_done();
}
