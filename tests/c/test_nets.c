/* The methods whose nets learn from normal patches against an oracle in PyTorch that draws the
 * same numbers (scripts/golden/nets.py): the losses and parameters of learning, and distances.
 * A perceptron's derivatives against differences of its loss. */
#include "check.h"
#include "training_of.h"

#include <string.h>

enum { PHOTOS = 10, GRID = 5, P = GRID * GRID, D = 12, SEED = 9, FOLDS = FLECK_FOLDS };
enum { STRIDE = 37 }; /* of the parameters that the oracle tells */

#define LATER_WITHIN 1e-2
#define DISTANCE_WITHIN 5e-2

static const float *golden_of(golden *g, const char *what, fleck_method method, size_t *count) {
    static const char *const names[] = {FLECK_METHOD_NAMES};
    return golden_get(g, count, "%s_%s", what, names[method]);
}

static void check_oracle(golden *g, const fleck_compute *compute, const folder *f,
                         fleck_method method) {
    size_t losses, early_count, count;
    trained t;
    train(compute, f, method, SEED, EARLY, &t);
    const float *loss = golden_of(g, "loss", method, &losses);
    const float *early = golden_of(g, "early", method, &early_count);
    const float *distance = golden_of(g, "distance", method, NULL);
    const float *outside = golden_of(g, "outside", method, NULL);
    const float *parameters = parameters_of(&t, &count);
    CHECK(t.losses == EARLY && (count + STRIDE - 1) / STRIDE == early_count && early_count > 50);
    for (size_t i = 0; i < early_count; i++)
        CHECK_NEAR(parameters[i * STRIDE], early[i], EARLY_WITHIN);
    train_on(&t, compute, LOSSES_MAX);
    CHECK(t.losses == losses);
    for (size_t fold = 0; fold < FOLDS; fold++) {
        size_t at = fold * losses / FOLDS;
        CHECK_NEAR(worst(t.loss + at, loss + at, EARLY, false), 0, EARLY_WITHIN);
    }
    CHECK_NEAR(worst(t.loss, loss, losses, false), 0, LATER_WITHIN);
    CHECK_NEAR(worst(t.training.distance, distance, PHOTOS * P, false), 0, DISTANCE_WITHIN);
    /* as of a photo of the folder, whose own fold has no say, and as of any other */
    float got[P];
    const fleck_view *view = &t.training.model.view[0];
    CHECK(fleck_view_distance(view, compute, f->features.patch[0], FLECK_NO_PHOTO, got, NULL));
    CHECK_NEAR(worst(got, outside, P, false), 0, DISTANCE_WITHIN);
    CHECK(fleck_view_distance(view, compute, f->features.patch[0], 0, got, NULL));
    CHECK(!memcmp(got, t.training.distance, sizeof got));
    CHECK(worst(distance, outside, P, false) > 2 * DISTANCE_WITHIN);
    fleck_arena_free(&t.arena);
}

/* On any grid half-way is between patches of one row: of those at its end there is no other. */
static void check_grain(const fleck_compute *compute) {
    enum { FEW = 4, PATCHES = 15 };
    static const fleck_grid grids[] = {
        {.rows = 5, .columns = 3}, {.rows = 3, .columns = 5}, {.rows = 15, .columns = 1}};
    fleck_rng rng = fleck_rng_seed(3);
    for (size_t i = 0; i < LEN(grids); i++) {
        folder f;
        folder_make(&f, FEW, grids[i], D);
        fleck_view view = {.embedding = {.plan = {.window = 1}, .grid = grids[i], .D = D}};
        CHECK(fleck_nets_new(&f.arena, FLECK_NETS_L2BT, D, 2, 0, &view.nets));
        for (size_t j = 0; j < view.nets.count; j++)
            view.nets.block[j] = 0.1f * fleck_rng_normal(&rng);
        fleck_nets_repack(&view.nets);
        float distance[FEW * PATCHES], grain, x[PATCHES * D], half_way[PATCHES * D];
        for (uint32_t photo = 0; photo < FEW; photo++) {
            for (size_t j = 0; j < PATCHES * D; j++) x[j] = fleck_rng_normal(&rng);
            fleck_half_narrow(x, PATCHES * D, f.patch + photo * PATCHES * D);
            fleck_half_widen(f.patch + photo * PATCHES * D, PATCHES * D, x);
            for (size_t j = 0; j < PATCHES * D; j++) {
                bool last = j / D % grids[i].columns == grids[i].columns - 1;
                half_way[j] = last ? x[j] : 0.5f * (x[j] + x[j + D]);
            }
            CHECK(fleck_nets_distance(&view.nets, compute, half_way, PATCHES, photo,
                                      distance + photo * PATCHES));
        }
        CHECK(fleck_view_grain(&view, compute, &f.features, &grain));
        CHECK(grain > 0 && grain == fleck_median(distance, LEN(distance)));
        folder_free(&f);
    }
}

/* ---- a perceptron ---- */

enum { N = 5, LAYERS = 3, COUNT = 4 * 4 + 5 * 3 + 2 * 4 };

/* Half the squared length of what it makes of x. */
static double loss_of(const fleck_mlp *mlp, const fleck_compute *compute, const float *x,
                      const fleck_mlp_values *values) {
    double sum = 0;
    fleck_mlp_repack(mlp);
    fleck_mlp_forward(mlp, compute, x, values);
    for (size_t i = 0; i < N * mlp->width[LAYERS]; i++)
        sum += 0.5 * (double)values->y[LAYERS - 1][i] * (double)values->y[LAYERS - 1][i];
    return sum;
}

/* The derivative by *value is a central difference. */
static void check_derivative(const fleck_mlp *mlp, const fleck_compute *compute, const float *x,
                             const fleck_mlp_values *values, float *value, float derivative) {
    const float step = 1.0f / 256;
    float kept = *value;
    *value = kept + step;
    double above = loss_of(mlp, compute, x, values);
    *value = kept - step;
    double below = loss_of(mlp, compute, x, values);
    *value = kept;
    CHECK_NEAR(derivative, (above - below) / (2 * (double)step), 1e-2);
}

static void check_derivatives(const fleck_compute *compute) {
    static const size_t width[] = {3, 4, 3, 2};
    float block[COUNT + 8], slope[COUNT + 8] = {0}, x[N * 3], dx[N * 3];
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(4);
    fleck_mlp mlp = fleck_mlp_of(LAYERS, width, block);
    fleck_mlp gradient = fleck_mlp_of(LAYERS, width, slope);
    fleck_mlp_values values;
    CHECK(mlp.count == 4 * 4 + 3 * 5 + 2 * 4 && mlp.count == COUNT);
    CHECK(fleck_mlp_count(2, (size_t[]){SIZE_MAX / 2, 4, 1}) == SIZE_MAX);
    fleck_mlp_init(&mlp, &rng);
    for (size_t i = 0; i < mlp.count; i++) block[i] += 0.1f * fleck_rng_normal(&rng);
    for (size_t i = 0; i < LEN(x); i++) x[i] = fleck_rng_normal(&rng);
    CHECK(fleck_mlp_pack(&arena, &mlp) && fleck_mlp_values_new(&arena, &mlp, N, &values));
    fleck_mlp_forward(&mlp, compute, x, &values);
    CHECK(fleck_mlp_backward(&mlp, compute, x, &values, values.y[LAYERS - 1], &gradient, dx));
    for (size_t i = 0; i < mlp.count; i++)
        check_derivative(&mlp, compute, x, &values, &block[i], slope[i]);
    for (size_t i = 0; i < LEN(x); i++) check_derivative(&mlp, compute, x, &values, &x[i], dx[i]);
    fleck_arena_free(&arena);
}

/* As many steps of learning as were asked for, for each fold. */
static void check_iterations(const fleck_compute *compute, const folder *f) {
    for (uint32_t iterations = 1; iterations < 12; iterations += 5) {
        trained t;
        train_for(iterations, compute, f, FLECK_METHOD_SIMPLENET, SEED, LOSSES_MAX, &t);
        CHECK(t.losses == FLECK_FOLDS * iterations);
        fleck_arena_free(&t.arena);
    }
}

int main(void) {
    golden g = golden_open("nets.safetensors");
    folder f;
    fleck_arena scratch = {0};
    fleck_compute compute = compute_make(&scratch, NULL, 2);
    folder_read(&g, &f, PHOTOS, square(GRID), D);
    for (int method = FLECK_METHOD_L2BT; method <= FLECK_METHOD_SIMPLENET; method++) {
        check_oracle(&g, &compute, &f, (fleck_method)method);
        check_seeds(&compute, &f, (fleck_method)method, SEED,
                    golden_of(&g, "loss", (fleck_method)method, NULL));
    }
    check_iterations(&compute, &f);
    check_grain(&compute);
    check_derivatives(&compute);
    folder_free(&f);
    compute_free(&compute);
    golden_close(&g);
    return check_done();
}
