/* The detector from its birth to its end: what it is made of, its training, its model's file. The
 * other public functions are in the files beside: photos, the area of interest, scores. */
#include "detector.h"
#include "fleck.h"

#include "learner.h"
#include "resize.h"
#include "tiles.h"

#include <string.h>

const char *fleck_version(void) { return FLECK_VERSION; }

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
    fleck_arena_free(&det->marks_arena);
    fleck_arena_free(&det->lesson_arena);
    fleck_arena_free(&det->groups);
    fleck_detector_drop_grouping(det);
    fleck_arena_free(&det->model_arena);
    fleck_arena_free(&det->training_arena);
    fleck_arena_free(&det->compared_arena);
    fleck_arena_free(&det->photos);
    fleck_arena_free(&det->order);
    fleck_arena_free(&det->backbone);
    fleck_arena self = det->self;
    fleck_arena_free(&self);
}

const char *fleck_error(const fleck_detector *det) { return det->message.text; }

fleck_status fleck_configure(fleck_detector *det, const fleck_options *options) {
    fleck_detector_start(det);
    if (det->has_backbone)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "configure before the backbone is loaded");
    if (!fleck_method_plan_of(options->method) || (unsigned)options->preset > FLECK_PRESET_FUNAD ||
        (unsigned)options->precision > FLECK_PRECISION_I16 ||
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
    if (fleck_pool_create(options->threads, &pool)) return fleck_detector_no_memory(det);
    fleck_pool_destroy(det->pool);
    det->pool = pool;
    det->kernels = kernels;
    det->options = *options;
    det->options.kernels = kernels->name;
    return FLECK_OK;
}

fleck_grid fleck_detector_grid(const fleck_detector *det, fleck_tiles tiles) {
    return (fleck_grid){.rows = fleck_tiles_patches(tiles.rows, det->plan.grid),
                        .columns = fleck_tiles_patches(tiles.columns, det->plan.grid)};
}

/* Whether a photo's features may be as many as those of a grid. */
bool fleck_detector_holds(const fleck_detector *det, fleck_grid grid) {
    uint64_t patches = (uint64_t)grid.rows * grid.columns;
    return patches <= FLECK_PATCHES_MAX && patches * det->plan.dim <= FLECK_VALUES_MAX;
}

/* The same of tiles that somebody chose. */
static fleck_status use_tiles(fleck_detector *det, fleck_tiles tiles) {
    if (!tiles.columns || tiles.columns > FLECK_TILES_MAX || !tiles.rows ||
        tiles.rows > FLECK_TILES_MAX)
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "%u x %u tiles: 1 to %d can be along each side", tiles.columns,
                          tiles.rows, FLECK_TILES_MAX);
    fleck_grid grid = fleck_detector_grid(det, tiles);
    if (!fleck_detector_holds(det, grid))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "%u x %u tiles have %u x %u patches of %u values, more than can be used",
                          tiles.columns, tiles.rows, grid.columns, grid.rows, det->plan.dim);
    return fleck_detector_arrange(det, tiles, fleck_detector_area(det), NULL);
}

fleck_status fleck_load_backbone(fleck_detector *det, const uint8_t *bytes, size_t size) {
    fleck_detector_start(det);
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
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status || (columns == det->tiles.columns && rows == det->tiles.rows)) return status;
    if (det->features.count || det->training || det->model)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "photos of other tiles are here: clear them first");
    if (det->part)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "the area follows a part as other tiles see it: set the tiles first");
    return fleck_detector_finish(det, use_tiles(det, (fleck_tiles){columns, rows}));
}

float fleck_detector_frame_share(const fleck_detector *det) {
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
        .frame_share = fleck_detector_frame_share(det),
    };
    return FLECK_OK;
}

void fleck_detector_drop_training(fleck_detector *det) {
    det->training = NULL;
    fleck_arena_free(&det->training_arena);
}

/* Takes the arena over as the model's; the old model goes. */
static void use_model(fleck_detector *det, fleck_arena *arena, const fleck_model *model,
                      const fleck_run *trained) {
    fleck_arena_free(&det->model_arena);
    det->model_arena = *arena;
    *arena = (fleck_arena){0};
    det->model = model;
    det->trained = trained;
}

void fleck_detector_drop_model(fleck_detector *det) {
    fleck_arena_free(&det->model_arena);
    det->model = NULL;
    det->trained = NULL;
}

fleck_status fleck_clear(fleck_detector *det) {
    fleck_detector_start(det);
    fleck_detector_drop_training(det);
    fleck_detector_drop_model(det);
    fleck_detector_drop_compared(det);
    fleck_arena_free(&det->photos);
    det->features.count = det->capacity = 0;
    fleck_detector_drop_marks(det);
    det->sample_bits = 0;
    det->threshold = FLECK_DEFECT;
    det->smallest_area = 0;
    return det->has_area ? fleck_detector_arrange(det, det->tiles, NULL, NULL) : FLECK_OK;
}

static fleck_feature_source source_of(const fleck_detector *det) {
    fleck_feature_source source = {
        .backbone = det->vit.fingerprint,
        .preset = det->options.preset,
        .precision = det->options.precision,
        .input = det->plan.input,
        .grid = det->features.grid,
        .area = fleck_detector_area(det),
        .part = det->part,
        .tiles = det->tiles,
        .block_count = det->plan.block_count,
        .sample_bits = det->sample_bits,
    };
    memcpy(source.blocks, det->plan.blocks, sizeof source.blocks);
    return source;
}

fleck_status fleck_train_begin(fleck_detector *det) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    if (det->features.count < FLECK_PHOTOS_MIN)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "%u photos are too few to learn from: add at least %d",
                          det->features.count, FLECK_PHOTOS_MIN);
    fleck_detector_drop_training(det);
    fleck_feature_source source = source_of(det);
    fleck_arena *arena = &det->training_arena;
    fleck_features sorted;
    fleck_run *r = det->training = FLECK_NEW_ZERO(arena, fleck_run, 1);
    if (r) r->place = FLECK_NEW(arena, uint32_t, det->features.count);
    if (!r || !r->place || !fleck_features_sort(arena, &det->features, det->key, r->place, &sorted))
        status = fleck_detector_no_memory(det);
    else
        status =
            fleck_training_begin(arena, &sorted, det->options.method, det->options.seed,
                                 det->options.iterations, &source, &r->training, &det->message);
    if (status) fleck_detector_drop_training(det);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_train_step(fleck_detector *det, fleck_progress *out) {
    fleck_detector_start(det);
    if (!det->training) return fleck_fail(&det->message, FLECK_ERR_STATE, "no training has begun");
    fleck_compute compute = fleck_detector_compute(det);
    fleck_progress progress;
    fleck_status status = fleck_training_step(&det->training->training, &det->training_arena,
                                              &compute, &progress, &det->message);
    if (status) {
        fleck_detector_drop_training(det);
        return fleck_detector_finish(det, status);
    }
    if (progress.done == progress.total) {
        const fleck_run *trained = det->training;
        det->training = NULL;
        use_model(det, &det->training_arena, &trained->training.model, trained);
        fleck_detector_renew_marks(det);
    }
    *out = progress;
    return fleck_detector_finish(det, FLECK_OK);
}

fleck_status fleck_detector_need_backbone(fleck_detector *det) {
    if (det->has_backbone) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_STATE, "load a backbone first");
}

fleck_status fleck_detector_need_model(fleck_detector *det) {
    if (det->model) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_STATE, "train on a folder or load a model first");
}

fleck_status fleck_save(fleck_detector *det, uint8_t *out, size_t capacity, size_t *size) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_model(det);
    if (!status) status = fleck_detector_learn_marks(det); /* in their order, as they hold now */
    if (status) return fleck_detector_finish(det, status);
    fleck_model model = *det->model;
    model.threshold = det->threshold;
    model.smallest_area = det->smallest_area;
    model.marks = det->marks.count ? &det->marks : NULL;
    if (!fleck_model_save(&model, &det->scratch, out, capacity, size))
        status = fleck_detector_no_memory(det);
    else if (out && capacity < *size)
        status = fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                            "the model takes %zu bytes, there is room for %zu", *size, capacity);
    return fleck_detector_finish(det, status);
}

fleck_status fleck_detector_check_source(fleck_detector *det, const fleck_model *model) {
    fleck_feature_source ours = source_of(det);
    const fleck_feature_source *theirs = &model->source;
    if (!det->features.count) { /* then it brings its tiles */
        ours.tiles = theirs->tiles;
        ours.grid = fleck_detector_grid(det, ours.tiles);
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

/* Loads a model that fits into arena, and its marks into marks_arena. Nothing of the detector
 * changes. */
static fleck_status load_model(fleck_detector *det, const uint8_t *bytes, size_t size,
                               fleck_arena *arena, fleck_model **out, fleck_arena *marks_arena,
                               fleck_marks *marks) {
    fleck_compute compute = fleck_detector_compute(det);
    fleck_model *model = *out = FLECK_NEW_ZERO(arena, fleck_model, 1);
    if (!model) return fleck_detector_no_memory(det);
    fleck_status status = fleck_model_load(arena, &compute, bytes, size, model, &det->message);
    if (!status) status = fleck_detector_check_source(det, model);
    if (!status && !fleck_detector_copy_marks(marks_arena, model->marks, marks))
        status = fleck_detector_no_memory(det);
    return status;
}

/* Makes the features those that a model was made with. */
static fleck_status arrange_as(fleck_detector *det, const fleck_feature_source *source) {
    if (det->tiles.columns == source->tiles.columns && det->tiles.rows == source->tiles.rows &&
        fleck_detector_has_area(det, source->area, source->part))
        return FLECK_OK;
    fleck_status status = fleck_detector_arrange(det, source->tiles, source->area, source->part);
    if (!status) fleck_detector_drop_training(det); /* one under way was of the patches of before */
    return status;
}

fleck_status fleck_load(fleck_detector *det, const uint8_t *bytes, size_t size) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    fleck_arena arena = {0}, marks_arena = {0};
    fleck_model *model;
    fleck_marks marks;
    status = load_model(det, bytes, size, &arena, &model, &marks_arena, &marks);
    /* the last that can fail: the model in use is of the patches of before */
    if (!status) status = arrange_as(det, &model->source);
    if (status) {
        fleck_arena_free(&arena);
        fleck_arena_free(&marks_arena);
        return fleck_detector_finish(det, status);
    }
    fleck_detector_use_marks(det, &marks_arena, &marks);
    use_model(det, &arena, model, NULL);
    det->sample_bits = model->source.sample_bits;
    det->threshold = model->threshold;
    det->smallest_area = model->smallest_area;
    return fleck_detector_finish(det, FLECK_OK);
}

fleck_status fleck_peek_options(fleck_detector *det, const uint8_t *bytes, size_t size,
                                fleck_options *options) {
    fleck_detector_start(det);
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
    return fleck_detector_finish(det, status);
}
