/* Photos: how their files are read, their features, and those that are added to learn from. */
#include "detector.h"
#include "fleck.h"

#include "half.h"
#include "preview.h"
#include "resize.h"
#include "tiles.h"

#include <string.h>

/* Photos: so many may be learnt from whatever memory they take, and never more than that. */
enum { LEARN_MOST_MIN = 50, LEARN_MOST_MAX = 1 << 20 };

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
    fleck_compute compute = fleck_detector_compute(det);
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
        return fleck_detector_no_memory(det);
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

void fleck_photo_size(const uint8_t *head, size_t size, uint32_t *width, uint32_t *height) {
    fleck_image_size(head, size, width, height);
}

/* Whether at least the fewest photos that are learnt from of any folder fit beside each other. */
static bool is_affordable(const fleck_detector *det, fleck_grid grid) {
    uint64_t values = ((uint64_t)grid.rows * grid.columns + 1) * det->plan.dim;
    return fleck_detector_holds(det, grid) &&
           values * sizeof(fleck_half) <= FLECK_FEATURE_BYTES / LEARN_MOST_MIN;
}

fleck_status fleck_suggest_tiles(fleck_detector *det, const uint32_t *sizes, uint32_t count,
                                 uint32_t *columns, uint32_t *rows) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (status) return status;
    fleck_tiles tiles = fleck_tiles_suited(sizes, count, det->plan.input);
    while (tiles.columns * tiles.rows > 1 && !is_affordable(det, fleck_detector_grid(det, tiles)))
        *(tiles.columns >= tiles.rows ? &tiles.columns : &tiles.rows) -= 1;
    *columns = tiles.columns;
    *rows = tiles.rows;
    return FLECK_OK;
}

fleck_status fleck_measure(fleck_detector *det, const uint8_t *file, size_t size,
                           fleck_samples *out) {
    fleck_detector_start(det);
    return fleck_detector_finish(det, fleck_image_measure(file, size, out, &det->message));
}

uint32_t fleck_photo_pages(const uint8_t *file, size_t size) {
    return fleck_image_pages(file, size);
}

fleck_status fleck_set_sample_bits(fleck_detector *det, uint32_t bits) {
    fleck_detector_start(det);
    if (!fleck_is_sample_bits(bits))
        return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                          "%u bits a sample: 8 to 16 can be, or 0", bits);
    det->sample_bits = bits;
    return FLECK_OK;
}

uint32_t fleck_sample_bits(const fleck_detector *det) { return det->sample_bits; }

fleck_status fleck_decode(fleck_detector *det, const uint8_t *file, size_t size, uint8_t *rgba,
                          size_t capacity) {
    fleck_detector_start(det);
    fleck_image image;
    fleck_samples own = {det->sample_bits, 0};
    fleck_status status = FLECK_OK;
    if (!own.bits) status = fleck_image_measure(file, size, &own, &det->message);
    if (!status)
        status = fleck_image_decode(&det->scratch, file, size, own.bits, &image, &det->message);
    if (status) return fleck_detector_finish(det, status);
    size_t pixels = (size_t)image.width * image.height;
    if (capacity / 4 < pixels)
        return fleck_detector_finish(det, fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                                                     "room for %zu bytes: %u x %u pixels take more",
                                                     capacity, image.width, image.height));
    for (size_t i = 0; i < pixels; i++) {
        memcpy(rgba + 4 * i, image.rgb + 3 * i, 3);
        rgba[4 * i + 3] = 255;
    }
    return fleck_detector_finish(det, FLECK_OK);
}

fleck_status fleck_extract(fleck_detector *det, const uint8_t *file, size_t size, fleck_half *patch,
                           fleck_half *cls) {
    fleck_detector_start(det);
    fleck_image image;
    fleck_status status = fleck_detector_need_backbone(det);
    if (!status)
        status =
            fleck_image_decode(&det->scratch, file, size, det->sample_bits, &image, &det->message);
    if (!status) status = extract(det, &image, patch, cls);
    if (!status) det->extracted = image.samples;
    return fleck_detector_finish(det, status);
}

void fleck_extracted(const fleck_detector *det, fleck_samples *out) { *out = det->extracted; }

fleck_status fleck_extract_rgba(fleck_detector *det, const uint8_t *rgba, uint32_t width,
                                uint32_t height, fleck_half *patch, fleck_half *cls) {
    fleck_detector_start(det);
    fleck_image image;
    fleck_status status = fleck_detector_need_backbone(det);
    if (!status)
        status = fleck_image_from_rgba(&det->scratch, rgba, width, height, &image, &det->message);
    if (!status) status = extract(det, &image, patch, cls);
    return fleck_detector_finish(det, status);
}

/* Makes room for one more photo in the tables. */
static bool grow_tables(fleck_detector *det) {
    fleck_features *f = &det->features;
    if (f->count < det->capacity) return true;
    uint32_t capacity = det->capacity ? 2 * det->capacity : 64;
    const fleck_half **patch = FLECK_NEW(&det->photos, const fleck_half *, capacity);
    const fleck_half **cls = FLECK_NEW(&det->photos, const fleck_half *, capacity);
    uint64_t *key = FLECK_NEW(&det->photos, uint64_t, capacity);
    fleck_shift *shift = FLECK_NEW(&det->photos, fleck_shift, capacity);
    if (!patch || !cls || !key || !shift) return false;
    if (f->count) {
        memcpy(shift, det->shift, f->count * sizeof *shift);
        memcpy(key, det->key, f->count * sizeof *key);
        memcpy(patch, f->patch, f->count * sizeof *patch);
        memcpy(cls, f->cls, f->count * sizeof *cls);
    }
    f->patch = patch;
    f->cls = cls;
    det->key = key;
    det->shift = shift;
    det->capacity = capacity;
    return true;
}

fleck_status fleck_detector_check_finite(fleck_detector *det, const fleck_half *patch,
                                         const fleck_half *cls) {
    size_t D = det->features.D, places = fleck_grid_places(det->features.grid);
    if (fleck_half_finite(patch, places * D) && (!cls || fleck_half_finite(cls, D)))
        return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_ARGUMENT,
                      "features hold a value that is not finite");
}

fleck_status fleck_detector_need_photo(fleck_detector *det, uint32_t index) {
    if (index < det->features.count) return FLECK_OK;
    return fleck_fail(&det->message, FLECK_ERR_ARGUMENT, "photo %u of %u", index,
                      det->features.count);
}

fleck_status fleck_add(fleck_detector *det, const fleck_half *patch, const fleck_half *cls) {
    fleck_detector_start(det);
    fleck_status status = fleck_detector_need_backbone(det);
    if (!status) status = fleck_detector_check_finite(det, patch, cls);
    if (status) return status;
    fleck_features *f = &det->features;
    if (f->count >= fleck_learn_most(det))
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "%u photos are the most that are learnt from: score the others",
                          f->count);
    size_t places = fleck_grid_places(f->grid);
    fleck_shift shift;
    status = fleck_detector_find_area(det, patch, &shift);
    if (status) return fleck_detector_finish(det, status);
    fleck_half *own = FLECK_NEW(&det->photos, fleck_half, places + 1, f->D);
    if (!own || !grow_tables(det) || !fleck_detector_order(det, shift, patch, own))
        return fleck_detector_finish(det, fleck_detector_no_memory(det));
    memcpy(own + places * f->D, cls, f->D * sizeof *own);
    f->patch[f->count] = own;
    f->cls[f->count] = own + places * f->D;
    det->key[f->count] = fleck_features_key(own, cls, f->P, f->D);
    det->shift[f->count] = shift;
    f->count++;
    return fleck_detector_finish(det, FLECK_OK);
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
    fleck_detector_start(det);
    uint32_t count = det->features.count;
    if (count < FLECK_PHOTOS_MIN)
        return fleck_fail(&det->message, FLECK_ERR_STATE,
                          "%u photos are too few to be ranked: add at least %d", count,
                          FLECK_PHOTOS_MIN);
    fleck_compute compute = fleck_detector_compute(det);
    fleck_features sorted;
    uint32_t *place = FLECK_NEW(&det->scratch, uint32_t, count);
    float *ranked = FLECK_NEW(&det->scratch, float, count);
    if (!place || !ranked ||
        !fleck_features_sort(&det->scratch, &det->features, det->key, place, &sorted) ||
        !fleck_preview_rank(&compute, &sorted, det->options.seed, ranked))
        return fleck_detector_finish(det, fleck_detector_no_memory(det));
    for (uint32_t i = 0; i < count; i++) unusual[i] = ranked[place[i]];
    return fleck_detector_finish(det, FLECK_OK);
}
