/* The public functions, in calling order: reading them shows the pipeline. */
#include "fleck.h"

#include "area.h"
#include "calibration.h"
#include "half.h"
#include "learner.h"
#include "preview.h"
#include "regions.h"
#include "second_product.h"
#include "resize.h"
#include "tiles.h"
#include "train.h"
#include "vit.h"

#include <string.h>

/* A training, which sees the photos in an order of its own (features.h). */
typedef struct {
    fleck_training training;
    uint32_t *place; /* [photos]: where in it each added photo is */
} run;

struct fleck_detector {
    fleck_arena self; /* holds the detector */
    fleck_options options;
    fleck_message message;
    const fleck_kernels *kernels;
    fleck_pool *pool;

    fleck_arena backbone; /* lasts until destroy */
    fleck_vit vit;
    fleck_vit_plan plan;
    bool has_backbone;

    float threshold;     /* scores from here on are defects */
    float smallest_area; /* regions of a smaller share of their photo do not count */
    fleck_arena regions; /* those found last */
    fleck_tiles tiles;
    fleck_area_map area; /* of interest, where has_area says so */
    bool has_area;
    fleck_arena order;    /* that of the grid's patches, which the area gives them */
    uint32_t sample_bits; /* as which photos of 16 bits are read; 0: as their own */
    fleck_samples extracted;
    fleck_arena photos; /* the folder's features, their patches in the grid's order */
    fleck_features features;
    uint64_t *key;     /* [photos], of their features */
    uint32_t capacity; /* of the tables */

    /* Training fills an arena of its own; when it ends, that becomes the
     * model's, and the old model's is freed. */
    fleck_arena training_arena, model_arena;
    run *training;            /* under way, or NULL */
    const fleck_model *model; /* in use, or NULL */
    const run *trained;       /* the one that made model; NULL if loaded */

    fleck_arena scratch; /* empty between calls */
};

static const char no_memory[] = "not enough memory";

/* Photos: so many may be learnt from whatever memory they take, and never more than that. */
enum { LEARN_MOST_MIN = 50, LEARN_MOST_MAX = 1 << 20 };

static fleck_status out_of_memory(fleck_detector *det) {
    return fleck_fail(&det->message, FLECK_ERR_MEMORY, no_memory);
}

static fleck_compute compute_of(fleck_detector *det) {
    return (fleck_compute){.kernels = det->kernels, .pool = det->pool, .scratch = &det->scratch};
}

/* Every public call starts here: the last message goes. */
static void start(fleck_detector *det) { det->message.text[0] = 0; }

/* ...and every one that took scratch memory ends here. */
static fleck_status finish(fleck_detector *det, fleck_status status) {
    fleck_arena_free(&det->scratch);
    return status;
}

const char *fleck_method_name(fleck_method method) {
    static const char *const names[] = {FLECK_METHOD_NAMES};
    return fleck_method_plan_of(method) ? names[method] : NULL;
}

fleck_options fleck_options_default(void) { return (fleck_options){.method = FLECK_METHOD_IRMB}; }

fleck_status fleck_create(fleck_detector **out) {
    fleck_arena self = {0};
    fleck_detector *det = FLECK_NEW_ZERO(&self, fleck_detector, 1);
    if (!det || fleck_pool_create(1, &det->pool)) {
        fleck_arena_free(&self);
        return FLECK_ERR_MEMORY;
    }
    det->self = self;
    det->options = fleck_options_default();
    det->threshold = FLECK_DEFECT;
    det->kernels = fleck_kernels_find(NULL);
    *out = det;
    return FLECK_OK;
}

void fleck_destroy(fleck_detector *det) {
    if (!det) return;
    fleck_pool_destroy(det->pool);
    fleck_arena_free(&det->scratch);
    fleck_arena_free(&det->regions);
    fleck_arena_free(&det->model_arena);
    fleck_arena_free(&det->training_arena);
    fleck_arena_free(&det->photos);
    fleck_arena_free(&det->order);
    fleck_arena_free(&det->backbone);
    fleck_arena self = det->self;
    fleck_arena_free(&self);
}

const char *fleck_error(const fleck_detector *det) { return det->message.text; }

fleck_status fleck_configure(fleck_detector *det, const fleck_options *options) {
    start(det);
    if (det->has_backbone)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "configure before the backbone is loaded");
    if (!fleck_method_plan_of(options->method) || (unsigned)options->preset > FLECK_PRESET_FUNAD ||
        (unsigned)options->precision > FLECK_PRECISION_I8 ||
        options->block_count > FLECK_BLOCKS_MAX)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "unknown method, preset, precision or blocks");
    if (!fleck_method_built(options->method))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, FLECK_METHOD_NOT_BUILT);
    if (options->iterations > FLECK_ITERATIONS_MAX)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "too many iterations");
    if (options->learn_most && options->learn_most < FLECK_PHOTOS_MIN)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "%u photos are too few to learn from: %d are the least",
                          options->learn_most, FLECK_PHOTOS_MIN);
    const fleck_kernels *kernels = fleck_kernels_find(options->kernels);
    if (!kernels)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "kernels \"%.40s\" are not available here", options->kernels);
    fleck_pool *pool;
    if (fleck_pool_create(options->threads, &pool)) return out_of_memory(det);
    fleck_pool_destroy(det->pool);
    det->pool = pool;
    det->kernels = kernels;
    det->options = *options;
    det->options.kernels = kernels->name;
    return FLECK_OK;
}

static fleck_status need_backbone(fleck_detector *det) {
    if (det->has_backbone) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_STATE, "load a backbone first");
}

static fleck_grid grid_of(const fleck_detector *det, fleck_tiles tiles) {
    return (fleck_grid){.rows = fleck_tiles_patches(tiles.rows, det->plan.grid),
                        .columns = fleck_tiles_patches(tiles.columns, det->plan.grid)};
}

/* Whether a photo's features may be as many as those of a grid. */
static bool is_within_bounds(const fleck_detector *det, fleck_grid grid) {
    uint64_t patches = (uint64_t)grid.rows * grid.columns;
    return patches <= FLECK_PATCHES_MAX && patches * det->plan.dim <= FLECK_VALUES_MAX;
}

/* A photo's patches ([places, D]), left to right and top to bottom, in the order of a grid: the
 * first count of them. */
static void order_patches(fleck_grid grid, size_t D, size_t count, const fleck_half *patch,
                          fleck_half *out) {
    for (size_t p = 0; p < count; p++)
        memcpy(out + p * D, patch + fleck_grid_place(grid, p) * D, D * sizeof *out);
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
        order_patches(to, D, places, room, patch);
        det->key[i] = fleck_features_key(patch, f->cls[i], fleck_grid_patches(to), D);
    }
}

static const fleck_area_map *area_of(const fleck_detector *det) {
    return det->has_area ? &det->area : NULL;
}

/* Makes the features those of so many tiles, of which the patches in an area count (NULL: all).
 * The photos added have these tiles. */
static fleck_status arrange(fleck_detector *det, fleck_tiles tiles, const fleck_area_map *area) {
    fleck_arena order = {0};
    fleck_grid grid = grid_of(det, tiles);
    fleck_status status = fleck_area_grid(&order, area, &grid, &det->message);
    fleck_half *room = NULL;
    if (!status && det->features.count) {
        room = FLECK_NEW(&det->scratch, fleck_half, fleck_grid_places(grid), det->features.D);
        if (!room) status = out_of_memory(det);
    }
    if (status) {
        fleck_arena_free(&order);
        return status;
    }
    if (room) reorder_photos(det, grid, room);
    fleck_arena_free(&det->order);
    det->order = order;
    det->tiles = tiles;
    det->features.grid = grid;
    det->features.P = fleck_grid_patches(grid);
    if (area) det->area = *area;
    det->has_area = area;
    return FLECK_OK;
}

/* The same of tiles that somebody chose. */
static fleck_status use_tiles(fleck_detector *det, fleck_tiles tiles) {
    if (!tiles.columns || tiles.columns > FLECK_TILES_MAX || !tiles.rows ||
        tiles.rows > FLECK_TILES_MAX)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "%u x %u tiles: 1 to %d can be along each side", tiles.columns,
                          tiles.rows, FLECK_TILES_MAX);
    fleck_grid grid = grid_of(det, tiles);
    if (!is_within_bounds(det, grid))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "%u x %u tiles have %u x %u patches of %u values, more than can be used",
                          tiles.columns, tiles.rows, grid.columns, grid.rows, det->plan.dim);
    return arrange(det, tiles, area_of(det));
}

fleck_status fleck_load_backbone(fleck_detector *det, const uint8_t *bytes, size_t size) {
    start(det);
    if (det->has_backbone)
        return fleck_fail(&det->message, FLECK_ERR_STATE, "a backbone is loaded already");
    const fleck_options *o = &det->options;
    fleck_status status = fleck_vit_load(&det->backbone, det->kernels, o->precision, bytes, size,
                                         &det->vit, &det->message);
    if (!status)
        status = fleck_vit_plan_make(&det->backbone, &det->vit, o->input, o->blocks, o->block_count,
                                     &det->plan, &det->message);
    if (!status && o->method == FLECK_METHOD_L2BT && det->plan.block_count < 2)
        status = fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                            "l2bt needs tokens of two blocks, block %u is the only one",
                            det->plan.blocks[0]);
    if (status) {
        fleck_arena_free(&det->backbone);
        return status;
    }
    det->has_backbone = true;
    det->features.D = det->plan.dim;
    return use_tiles(det, (fleck_tiles){1, 1}); /* whose size was checked with the plan */
}

fleck_status fleck_set_tiles(fleck_detector *det, uint32_t columns, uint32_t rows) {
    start(det);
    fleck_status status = need_backbone(det);
    if (status || (columns == det->tiles.columns && rows == det->tiles.rows)) return status;
    if (det->features.count || det->training || det->model)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "photos of other tiles are here: clear them first");
    return finish(det, use_tiles(det, (fleck_tiles){columns, rows}));
}

static float frame_share_of(const fleck_detector *det) {
    uint32_t S = det->plan.input;
    return (float)S / (float)fleck_image_resize_side(det->options.preset, S);
}

fleck_status fleck_shape(const fleck_detector *det, fleck_feature_shape *out) {
    if (!det->has_backbone) return FLECK_ERR_STATE;
    *out = (fleck_feature_shape){
        .input = det->plan.input,
        .rows = det->features.grid.rows,
        .columns = det->features.grid.columns,
        .tile_columns = det->tiles.columns,
        .tile_rows = det->tiles.rows,
        .patches = (uint32_t)fleck_grid_places(det->features.grid),
        .dim = det->plan.dim,
        .frame_share = frame_share_of(det),
    };
    return FLECK_OK;
}

/* What the photo's tiles share while its features are computed. */
typedef struct {
    float *tensor;      /* [3, S, S] */
    float *patch, *cls; /* a tile's tokens: [G, G, D] and [D] */
    float *cls_sum;     /* [D], of the tiles so far */
    fleck_half *halves; /* [places + 1, D], of the whole photo */
} tile_work;

/* A tile's tokens, of which the whole photo keeps its part. The backbone computes in float32; what
 * it makes becomes halves here. */
static fleck_status extract_tile(fleck_detector *det, const fleck_image *image, uint32_t column,
                                 uint32_t row, const tile_work *work) {
    const fleck_vit *vit = &det->vit;
    uint32_t G = det->plan.grid, left = fleck_tile_first(column, G), top = fleck_tile_first(row, G);
    fleck_grid grid = det->features.grid;
    fleck_square square = {.width = grid.columns * vit->patch,
                           .height = grid.rows * vit->patch,
                           .S = det->plan.input,
                           .left = left * vit->patch,
                           .top = top * vit->patch};
    fleck_compute compute = compute_of(det);
    fleck_status status = fleck_image_to_tensor(&det->scratch, image, det->options.preset, square,
                                                vit->mean, vit->std, work->tensor, &det->message);
    if (!status)
        status = fleck_vit_forward(&det->plan, &compute, work->tensor, work->patch, work->cls,
                                   &det->message);
    if (status) return status;
    size_t D = det->features.D;
    fleck_kept across = fleck_tile_kept(column, det->tiles.columns, G);
    fleck_kept down = fleck_tile_kept(row, det->tiles.rows, G);
    for (size_t y = down.begin; y < down.end; y++)
        fleck_half_narrow(work->patch + (y * G + across.begin) * D, (across.end - across.begin) * D,
                          work->halves + ((top + y) * grid.columns + left + across.begin) * D);
    bool first = !column && !row;
    for (size_t d = 0; d < D; d++)
        work->cls_sum[d] = first ? work->cls[d] : work->cls_sum[d] + work->cls[d];
    return FLECK_OK;
}

static fleck_status extract(fleck_detector *det, const fleck_image *image, fleck_half *patch,
                            fleck_half *cls) {
    uint32_t S = det->plan.input, G = det->plan.grid;
    size_t D = det->features.D, places = fleck_grid_places(det->features.grid);
    size_t patch_values = places * D;
    tile_work work = {.tensor = FLECK_NEW(&det->scratch, float, 3, S, S),
                      .patch = FLECK_NEW(&det->scratch, float, G, G, D),
                      .cls = FLECK_NEW(&det->scratch, float, D),
                      .cls_sum = FLECK_NEW(&det->scratch, float, D),
                      .halves = FLECK_NEW(&det->scratch, fleck_half, places + 1, D)};
    fleck_half *halves = work.halves;
    if (!work.tensor || !work.patch || !work.cls || !work.cls_sum || !halves)
        return out_of_memory(det);
    for (uint32_t row = 0; row < det->tiles.rows; row++)
        for (uint32_t column = 0; column < det->tiles.columns; column++) {
            fleck_status status = extract_tile(det, image, column, row, &work);
            if (status) return status;
        }
    float share = 1.0f / (float)(det->tiles.rows * det->tiles.columns);
    for (size_t d = 0; d < D; d++) work.cls_sum[d] *= share;
    fleck_half_narrow(work.cls_sum, D, halves + patch_values);
    if (!fleck_half_finite(halves, patch_values + D))
        return fleck_fail(&det->message, FLECK_ERR_FORMAT,
                          "the features of this photo hold a value that is not finite");
    memcpy(patch, halves, patch_values * sizeof *patch);
    memcpy(cls, halves + patch_values, D * sizeof *cls);
    return FLECK_OK;
}

/* Whether at least the fewest photos that are learnt from of any folder fit beside each other. */
static bool is_affordable(const fleck_detector *det, fleck_grid grid) {
    uint64_t values = ((uint64_t)grid.rows * grid.columns + 1) * det->plan.dim;
    return is_within_bounds(det, grid) &&
           values * sizeof(fleck_half) <= FLECK_FEATURE_BYTES / LEARN_MOST_MIN;
}

void fleck_photo_size(const uint8_t *head, size_t size, uint32_t *width, uint32_t *height) {
    fleck_image_size(head, size, width, height);
}

fleck_status fleck_suggest_tiles(fleck_detector *det, const uint32_t *sizes, uint32_t count,
                                 uint32_t *columns, uint32_t *rows) {
    start(det);
    fleck_status status = need_backbone(det);
    if (status) return status;
    fleck_tiles tiles = fleck_tiles_suited(sizes, count, det->plan.input);
    while (tiles.columns * tiles.rows > 1 && !is_affordable(det, grid_of(det, tiles)))
        *(tiles.columns >= tiles.rows ? &tiles.columns : &tiles.rows) -= 1;
    *columns = tiles.columns;
    *rows = tiles.rows;
    return FLECK_OK;
}

fleck_status fleck_measure(fleck_detector *det, const uint8_t *file, size_t size,
                           fleck_samples *out) {
    start(det);
    return finish(det, fleck_image_measure(file, size, out, &det->message));
}

uint32_t fleck_photo_pages(const uint8_t *file, size_t size) {
    return fleck_image_pages(file, size);
}

fleck_status fleck_set_sample_bits(fleck_detector *det, uint32_t bits) {
    start(det);
    if (!fleck_is_sample_bits(bits))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "%u bits a sample: 8 to 16 can be, or 0", bits);
    det->sample_bits = bits;
    return FLECK_OK;
}

uint32_t fleck_sample_bits(const fleck_detector *det) { return det->sample_bits; }

fleck_status fleck_decode(fleck_detector *det, const uint8_t *file, size_t size, uint8_t *rgba,
                          size_t capacity) {
    start(det);
    fleck_image image;
    fleck_samples own = {det->sample_bits, 0};
    fleck_status status = FLECK_OK;
    if (!own.bits) status = fleck_image_measure(file, size, &own, &det->message);
    if (!status)
        status = fleck_image_decode(&det->scratch, file, size, own.bits, &image, &det->message);
    if (status) return finish(det, status);
    size_t pixels = (size_t)image.width * image.height;
    if (capacity / 4 < pixels)
        return finish(det, fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                                      "room for %zu bytes: %u x %u pixels take more", capacity,
                                      image.width, image.height));
    for (size_t i = 0; i < pixels; i++) {
        memcpy(rgba + 4 * i, image.rgb + 3 * i, 3);
        rgba[4 * i + 3] = 255;
    }
    return finish(det, FLECK_OK);
}

fleck_status fleck_extract(fleck_detector *det, const uint8_t *file, size_t size, fleck_half *patch,
                           fleck_half *cls) {
    start(det);
    fleck_image image;
    fleck_status status = need_backbone(det);
    if (!status)
        status =
            fleck_image_decode(&det->scratch, file, size, det->sample_bits, &image, &det->message);
    if (!status) status = extract(det, &image, patch, cls);
    if (!status) det->extracted = image.samples;
    return finish(det, status);
}

void fleck_extracted(const fleck_detector *det, fleck_samples *out) { *out = det->extracted; }

fleck_status fleck_extract_rgba(fleck_detector *det, const uint8_t *rgba, uint32_t width,
                                uint32_t height, fleck_half *patch, fleck_half *cls) {
    start(det);
    fleck_image image;
    fleck_status status = need_backbone(det);
    if (!status)
        status = fleck_image_from_rgba(&det->scratch, rgba, width, height, &image, &det->message);
    if (!status) status = extract(det, &image, patch, cls);
    return finish(det, status);
}

/* Makes room for one more photo in the tables. */
static bool grow_tables(fleck_detector *det) {
    fleck_features *f = &det->features;
    if (f->count < det->capacity) return true;
    uint32_t capacity = det->capacity ? 2 * det->capacity : 64;
    const fleck_half **patch = FLECK_NEW(&det->photos, const fleck_half *, capacity);
    const fleck_half **cls = FLECK_NEW(&det->photos, const fleck_half *, capacity);
    uint64_t *key = FLECK_NEW(&det->photos, uint64_t, capacity);
    if (!patch || !cls || !key) return false;
    if (f->count) {
        memcpy(key, det->key, f->count * sizeof *key);
        memcpy(patch, f->patch, f->count * sizeof *patch);
        memcpy(cls, f->cls, f->count * sizeof *cls);
    }
    f->patch = patch;
    f->cls = cls;
    det->key = key;
    det->capacity = capacity;
    return true;
}

static fleck_status check_finite(fleck_detector *det, const fleck_half *patch,
                                 const fleck_half *cls) {
    size_t D = det->features.D, places = fleck_grid_places(det->features.grid);
    if (fleck_half_finite(patch, places * D) && fleck_half_finite(cls, D)) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                      "features hold a value that is not finite");
}

fleck_status fleck_add(fleck_detector *det, const fleck_half *patch, const fleck_half *cls) {
    start(det);
    fleck_status status = need_backbone(det);
    if (!status) status = check_finite(det, patch, cls);
    if (status) return status;
    fleck_features *f = &det->features;
    if (f->count >= fleck_learn_most(det))
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "%u photos are the most that are learnt from: score the others",
                          f->count);
    size_t places = fleck_grid_places(f->grid);
    fleck_half *own = FLECK_NEW(&det->photos, fleck_half, places + 1, f->D);
    if (!own || !grow_tables(det)) return out_of_memory(det);
    order_patches(f->grid, f->D, places, patch, own);
    memcpy(own + places * f->D, cls, f->D * sizeof *own);
    f->patch[f->count] = own;
    f->cls[f->count] = own + places * f->D;
    det->key[f->count] = fleck_features_key(own, cls, f->P, f->D);
    f->count++;
    return FLECK_OK;
}

uint32_t fleck_count(const fleck_detector *det) { return det->features.count; }

uint32_t fleck_learn_most(const fleck_detector *det) {
    if (!det->has_backbone) return 0;
    uint64_t places = fleck_grid_places(det->features.grid);
    uint64_t photo_bytes = (places + 1) * det->features.D * sizeof(fleck_half);
    uint64_t most = FLECK_FEATURE_BYTES / photo_bytes;
    if (most < LEARN_MOST_MIN) most = LEARN_MOST_MIN;
    if (det->options.learn_most) most = det->options.learn_most;
    /* patches of the folder are counted in 32 bits (labels.h), steps of training too */
    uint64_t limit = INT32_MAX / places;
    if (limit > LEARN_MOST_MAX) limit = LEARN_MOST_MAX;
    return (uint32_t)(most < limit ? most : limit);
}

fleck_status fleck_preview(fleck_detector *det, float *unusual) {
    start(det);
    uint32_t count = det->features.count;
    if (count < FLECK_PHOTOS_MIN)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "%u photos are too few to be ranked: add at least %d", count,
                          FLECK_PHOTOS_MIN);
    fleck_compute compute = compute_of(det);
    fleck_features sorted;
    uint32_t *place = FLECK_NEW(&det->scratch, uint32_t, count);
    float *ranked = FLECK_NEW(&det->scratch, float, count);
    if (!place || !ranked ||
        !fleck_features_sort(&det->scratch, &det->features, det->key, place, &sorted) ||
        !fleck_preview_rank(&compute, &sorted, det->options.seed, ranked))
        return finish(det, out_of_memory(det));
    for (uint32_t i = 0; i < count; i++) unusual[i] = ranked[place[i]];
    return finish(det, FLECK_OK);
}

static void drop_training(fleck_detector *det) {
    det->training = NULL;
    fleck_arena_free(&det->training_arena);
}

/* Takes the arena over as the model's; the old model goes. */
static void use_model(fleck_detector *det, fleck_arena *arena, const fleck_model *model,
                      const run *trained) {
    fleck_arena_free(&det->model_arena);
    det->model_arena = *arena;
    *arena = (fleck_arena){0};
    det->model = model;
    det->trained = trained;
}

static void drop_model(fleck_detector *det) {
    fleck_arena_free(&det->model_arena);
    det->model = NULL;
    det->trained = NULL;
}

fleck_status fleck_clear(fleck_detector *det) {
    start(det);
    drop_training(det);
    drop_model(det);
    fleck_arena_free(&det->photos);
    det->features.count = det->capacity = 0;
    det->sample_bits = 0;
    det->threshold = FLECK_DEFECT;
    det->smallest_area = 0;
    return det->has_area ? arrange(det, det->tiles, NULL) : FLECK_OK;
}

static fleck_feature_source source_of(const fleck_detector *det) {
    fleck_feature_source source = {
        .backbone = det->vit.fingerprint,
        .preset = det->options.preset,
        .precision = det->options.precision,
        .input = det->plan.input,
        .grid = det->features.grid,
        .area = area_of(det),
        .tiles = det->tiles,
        .block_count = det->plan.block_count,
        .sample_bits = det->sample_bits,
    };
    memcpy(source.blocks, det->plan.blocks, sizeof source.blocks);
    return source;
}

fleck_status fleck_train_begin(fleck_detector *det) {
    start(det);
    fleck_status status = need_backbone(det);
    if (status) return status;
    if (det->features.count < FLECK_PHOTOS_MIN)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "%u photos are too few to learn from: add at least %d",
                          det->features.count, FLECK_PHOTOS_MIN);
    drop_training(det);
    fleck_feature_source source = source_of(det);
    fleck_arena *arena = &det->training_arena;
    fleck_features sorted;
    run *r = det->training = FLECK_NEW_ZERO(arena, run, 1);
    if (r) r->place = FLECK_NEW(arena, uint32_t, det->features.count);
    if (!r || !r->place || !fleck_features_sort(arena, &det->features, det->key, r->place, &sorted))
        status = out_of_memory(det);
    else
        status =
            fleck_training_begin(arena, &sorted, det->options.method, det->options.seed,
                                 det->options.iterations, &source, &r->training, &det->message);
    if (status) drop_training(det);
    return finish(det, status);
}

fleck_status fleck_train_step(fleck_detector *det, fleck_progress *out) {
    start(det);
    if (!det->training) return fleck_fail(&det->message, FLECK_ERR_STATE, "no training has begun");
    fleck_compute compute = compute_of(det);
    fleck_progress progress;
    fleck_status status = fleck_training_step(&det->training->training, &det->training_arena,
                                              &compute, &progress, &det->message);
    if (status) {
        drop_training(det);
        return finish(det, status);
    }
    if (progress.done == progress.total) {
        const run *trained = det->training;
        det->training = NULL;
        use_model(det, &det->training_arena, &trained->training.model, trained);
    }
    *out = progress;
    return finish(det, FLECK_OK);
}

static fleck_status check_size(fleck_detector *det, uint32_t width, uint32_t height) {
    if (width && height && width <= FLECK_PIXELS_MAX / height) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "%u x %u pixels are no photo's", width,
                      height);
}

static bool is_same_area(const fleck_area_map *a, const fleck_area_map *b) {
    return a && b ? !memcmp(a, b, sizeof *a) : a == b;
}

/* Makes an area the one of interest. What was learnt with another goes: its patches are others. */
static fleck_status use_area(fleck_detector *det, const fleck_area_map *area) {
    if (is_same_area(area, area_of(det))) return FLECK_OK;
    fleck_status status = arrange(det, det->tiles, area);
    if (status) return status;
    drop_training(det);
    drop_model(det);
    return FLECK_OK;
}

/* Draws polygons as an area. */
static fleck_status draw_polygons(fleck_detector *det, const fleck_point *points,
                                  const uint32_t *counts, uint32_t includes, uint32_t excludes,
                                  fleck_area_map *out) {
    start(det);
    fleck_status status = need_backbone(det);
    if (status) return status;
    return fleck_area_of_polygons(points, counts, includes, excludes, frame_share_of(det), out,
                                  &det->message);
}

/* The same of a mask. */
static fleck_status draw_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                              uint32_t height, fleck_area_map *out) {
    start(det);
    fleck_status status = need_backbone(det);
    if (!status) status = check_size(det, width, height);
    if (!status) fleck_area_of_mask(mask, width, height, frame_share_of(det), out);
    return status;
}

fleck_status fleck_set_area(fleck_detector *det, const fleck_point *points, const uint32_t *counts,
                            uint32_t includes, uint32_t excludes) {
    fleck_area_map area;
    fleck_status status = draw_polygons(det, points, counts, includes, excludes, &area);
    if (!status) status = use_area(det, includes || excludes ? &area : NULL);
    return finish(det, status);
}

fleck_status fleck_set_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height) {
    fleck_area_map area;
    fleck_status status = draw_mask(det, mask, width, height, &area);
    if (!status) status = use_area(det, &area);
    return finish(det, status);
}

static void write_map(const fleck_area_map *area, uint8_t *map) {
    for (size_t i = 0; map && i < (size_t)FLECK_HEAT * FLECK_HEAT; i++)
        map[i] = !area || fleck_area_has(area, i % FLECK_HEAT, i / FLECK_HEAT);
}

static fleck_status try_area(fleck_detector *det, const fleck_area_map *area, uint32_t *patches,
                             uint8_t *map) {
    fleck_grid grid = grid_of(det, det->tiles);
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
    return finish(det, status);
}

fleck_status fleck_try_area_mask(fleck_detector *det, const uint8_t *mask, uint32_t width,
                                 uint32_t height, uint32_t *patches, uint8_t *map) {
    fleck_area_map area;
    fleck_status status = draw_mask(det, mask, width, height, &area);
    if (!status) status = try_area(det, &area, patches, map);
    return finish(det, status);
}

uint32_t fleck_area(const fleck_detector *det, uint8_t *map) {
    write_map(area_of(det), map);
    return det->has_area ? (uint32_t)det->features.P : 0;
}

static fleck_status need_model(fleck_detector *det) {
    if (det->model) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_STATE, "train on a folder or load a model first");
}

/* patch: [P, D], in the grid's order. */
static fleck_status score(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                          float *heat, float *out) {
    fleck_compute compute = compute_of(det);
    size_t P = det->features.P;
    fleck_patch_scores patches = {FLECK_NEW(&det->scratch, float, P),
                                  FLECK_NEW(&det->scratch, float, P)};
    uint32_t photo = fleck_model_recognise(det->model, patch);
    if (!patches.rank || !patches.map ||
        !fleck_model_patches(det->model, &compute, patch, cls, photo, patches))
        return out_of_memory(det);
    return fleck_model_report(det->model, &compute, patches, heat, out) ? FLECK_OK
                                                                        : out_of_memory(det);
}

fleck_status fleck_score(fleck_detector *det, const fleck_half *patch, const fleck_half *cls,
                         float *heat, float *out) {
    start(det);
    fleck_status status = need_model(det);
    if (!status) status = check_finite(det, patch, cls);
    if (status) return status;
    const fleck_features *f = &det->features;
    if (f->grid.order) {
        fleck_half *ordered = FLECK_NEW(&det->scratch, fleck_half, f->P, f->D);
        if (!ordered) return finish(det, out_of_memory(det));
        order_patches(f->grid, f->D, f->P, patch, ordered);
        patch = ordered;
    }
    return finish(det, score(det, patch, cls, heat, out));
}

fleck_status fleck_score_added(fleck_detector *det, uint32_t index, float *heat, float *out) {
    start(det);
    fleck_status status = need_model(det);
    if (!status && index >= det->features.count)
        status = fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "photo %u of %u", index,
                            det->features.count);
    if (status) return status;
    if (det->trained && index < det->trained->training.features.count) {
        const fleck_training *t = &det->trained->training;
        size_t at = det->trained->place[index] * det->features.P;
        fleck_patch_scores patches = {t->scores.rank + at, t->scores.map + at};
        fleck_compute compute = compute_of(det);
        if (!fleck_model_report(det->model, &compute, patches, heat, out))
            status = out_of_memory(det);
    } else
        status = score(det, det->features.patch[index], det->features.cls[index], heat, out);
    return finish(det, status);
}

static fleck_region_rule rule_of(const fleck_detector *det) {
    return (fleck_region_rule){det->threshold, det->smallest_area};
}

/* Whether a photo of the training has a region that counts, of whatever size the photo is. False
 * when memory is short. */
static bool has_region(fleck_detector *det, const fleck_training *t, uint32_t photo, bool *out) {
    fleck_arena_mark mark = fleck_arena_here(&det->scratch);
    size_t at = photo * det->features.P;
    fleck_patch_scores patches = {t->scores.rank + at, t->scores.map + at};
    fleck_compute compute = compute_of(det);
    float *heat = FLECK_NEW(&det->scratch, float, FLECK_HEAT, FLECK_HEAT), score;
    fleck_regions regions;
    if (!heat || !fleck_model_report(det->model, &compute, patches, heat, &score) ||
        !fleck_regions_find(&det->scratch, &det->scratch, heat, rule_of(det),
                            (fleck_frame){1, 1, frame_share_of(det)}, &regions))
        return false;
    *out = regions.count;
    fleck_arena_reset(&det->scratch, mark);
    return true;
}

/* Photos whose regions are all too small deserve a look, no more. */
static bool leave_small(fleck_detector *det, const fleck_training *t,
                        fleck_folder_verdict *folder) {
    for (uint32_t i = 0; det->smallest_area > 0 && i < folder->photos; i++) {
        bool called = false;
        if (fleck_training_score(t, i) < det->threshold) continue;
        if (!has_region(det, t, i, &called)) return false;
        folder->defects -= !called;
        folder->looks += !called;
    }
    folder->clean = !folder->defects;
    return true;
}

fleck_status fleck_judge_folder(fleck_detector *det, fleck_folder_verdict *out) {
    start(det);
    if (!det->trained) return fleck_fail(&det->message, FLECK_ERR_STATE, "train on a folder first");
    const fleck_training *t = &det->trained->training;
    fleck_folder_verdict folder = fleck_training_judge(t, det->threshold);
    if (!leave_small(det, t, &folder)) return finish(det, out_of_memory(det));
    if (!fleck_second_product(&det->scratch, &t->features, &folder.second_product))
        return finish(det, out_of_memory(det));
    if (folder.second_product) folder.clean = 0; /* neither product can vouch for the other */
    *out = folder;
    return finish(det, FLECK_OK);
}

fleck_status fleck_set_threshold(fleck_detector *det, float threshold) {
    start(det);
    if (!fleck_is_threshold(threshold))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "a threshold is above 0, and 1 at most");
    det->threshold = threshold;
    return FLECK_OK;
}

float fleck_threshold(const fleck_detector *det) { return det->threshold; }

fleck_verdict fleck_judge(const fleck_detector *det, float score) {
    return fleck_verdict_of(score, det->threshold);
}

fleck_status fleck_set_smallest_area(fleck_detector *det, float share) {
    start(det);
    if (!fleck_is_smallest_area(share))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "the smallest area is a share of the photo's, from 0 to 1");
    det->smallest_area = share;
    return FLECK_OK;
}

float fleck_smallest_area(const fleck_detector *det) { return det->smallest_area; }

fleck_status fleck_find_regions(fleck_detector *det, const float *heat, uint32_t width,
                                uint32_t height, fleck_regions *out) {
    start(det);
    fleck_status status = need_backbone(det);
    if (status) return status;
    status = check_size(det, width, height);
    if (status) return status;
    for (size_t i = 0; i < (size_t)FLECK_HEAT * FLECK_HEAT; i++)
        if (!(heat[i] >= 0 && heat[i] <= 1))
            return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                              "a heatmap has values from 0 to 1 alone");
    fleck_arena found = {0}; /* where this fails, those found before stay */
    if (!fleck_regions_find(&found, &det->scratch, heat, rule_of(det),
                            (fleck_frame){width, height, frame_share_of(det)}, out)) {
        fleck_arena_free(&found);
        return finish(det, out_of_memory(det));
    }
    fleck_arena_free(&det->regions);
    det->regions = found;
    return finish(det, FLECK_OK);
}

fleck_verdict fleck_judge_regions(const fleck_detector *det, float score, uint32_t count) {
    fleck_verdict verdict = fleck_judge(det, score);
    return verdict == FLECK_VERDICT_DEFECT && !count ? FLECK_VERDICT_LOOK : verdict;
}

const char *fleck_verdict_name(fleck_verdict verdict) {
    static const char *const names[] = {FLECK_VERDICT_NAMES};
    return names[verdict];
}

fleck_status fleck_save(fleck_detector *det, uint8_t *out, size_t capacity, size_t *size) {
    start(det);
    fleck_status status = need_model(det);
    if (status) return status;
    fleck_model model = *det->model;
    model.threshold = det->threshold;
    model.smallest_area = det->smallest_area;
    if (!fleck_model_save(&model, &det->scratch, out, capacity, size))
        status = out_of_memory(det);
    else if (out && capacity < *size)
        status = fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                            "the model takes %zu bytes, there is room for %zu", *size, capacity);
    return finish(det, status);
}

/* Says by name what the model was made with that this detector has not. */
static fleck_status check_source(fleck_detector *det, const fleck_model *model) {
    fleck_feature_source ours = source_of(det);
    const fleck_feature_source *theirs = &model->source;
    if (!det->features.count) { /* then it brings its tiles */
        ours.tiles = theirs->tiles;
        ours.grid = grid_of(det, ours.tiles);
    }
    const char *differs = NULL;
    if (!fleck_method_built(model->method))
        return fleck_fail(&det->message, FLECK_ERR_FORMAT, FLECK_METHOD_NOT_BUILT);
    if (theirs->backbone != ours.backbone)
        differs = "another backbone";
    else if (theirs->preset != ours.preset)
        differs = "another preset";
    else if (theirs->precision != ours.precision)
        differs = "another precision";
    else if (theirs->tiles.columns != ours.tiles.columns || theirs->tiles.rows != ours.tiles.rows)
        differs = "other tiles";
    else if (theirs->input != ours.input || theirs->grid.rows != ours.grid.rows ||
             theirs->grid.columns != ours.grid.columns)
        differs = "another input size";
    else if (theirs->block_count != ours.block_count ||
             memcmp(theirs->blocks, ours.blocks, sizeof ours.blocks) || model->D != det->features.D)
        differs = "other blocks";
    if (!differs) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_FORMAT, "the model was made with %s", differs);
}

fleck_status fleck_load(fleck_detector *det, const uint8_t *bytes, size_t size) {
    start(det);
    fleck_status status = need_backbone(det);
    if (status) return status;
    fleck_compute compute = compute_of(det);
    fleck_arena arena = {0};
    fleck_model *model = FLECK_NEW_ZERO(&arena, fleck_model, 1);
    status = model ? fleck_model_load(&arena, &compute, bytes, size, model, &det->message)
                   : out_of_memory(det);
    if (!status) status = check_source(det, model);
    const fleck_area_map *area = model ? model->source.area : NULL;
    if (!status &&
        !(is_same_area(area, area_of(det)) && det->tiles.columns == model->source.tiles.columns &&
          det->tiles.rows == model->source.tiles.rows)) {
        status = arrange(det, model->source.tiles, area);
        if (!status) drop_training(det); /* one under way was of the patches of before */
    }
    if (status) {
        fleck_arena_free(&arena);
        return finish(det, status);
    }
    use_model(det, &arena, model, NULL);
    det->sample_bits = model->source.sample_bits;
    det->threshold = model->threshold;
    det->smallest_area = model->smallest_area;
    return finish(det, FLECK_OK);
}

fleck_status fleck_peek_options(fleck_detector *det, const uint8_t *bytes, size_t size,
                                fleck_options *options) {
    start(det);
    fleck_model model;
    fleck_status status = fleck_model_peek(&det->scratch, bytes, size, &model, &det->message);
    if (!status && !fleck_method_built(model.method))
        status = fleck_fail(&det->message, FLECK_ERR_FORMAT, FLECK_METHOD_NOT_BUILT);
    if (!status) {
        options->method = model.method;
        options->preset = model.source.preset;
        options->precision = model.source.precision;
        options->input = model.source.input;
        memcpy(options->blocks, model.source.blocks, sizeof options->blocks);
        options->block_count = model.source.block_count;
        options->seed = model.seed;
    }
    return finish(det, status);
}
