/* Maps against PyTorch's interpolation and SciPy's Gaussian filter. */
#include "check.h"
#include "fleck.h"
#include "golden.h"
#include "heatmap.h"

static void check_map(golden *g, const fleck_kernels *kernels, size_t G, size_t every) {
    char key[48];
    snprintf(key, sizeof key, "scores_%zu", G);
    float *scores = golden_get(g, key, NULL);
    snprintf(key, sizeof key, every == 1 ? "map_%zu" : "map_%zu_every7", G);
    size_t count, side = (FLECK_HEAT + every - 1) / every;
    float *want = golden_get(g, key, &count);
    CHECK(count == side * side);
    fleck_arena scratch = {0};
    float *map = FLECK_NEW(&g->arena, float, FLECK_HEAT, FLECK_HEAT);
    CHECK(fleck_heatmap(kernels, &scratch, scores, G, map));
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
    golden g = golden_open("heatmap.safetensors");
    const fleck_kernels *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list);
    for (size_t v = 0; v < count; v++) {
        check_map(&g, list[v], 28, 1);
        check_map(&g, list[v], 14, 7);
        check_map(&g, list[v], 5, 7);
        check_map(&g, list[v], 37, 7);
    }
    golden_close(&g);
    return check_done();
}
