/* What is learnt from a folder: memories, a local-net, and their scales. Turns a
 * photo's features into patch scores, these into the photo's score and heatmap, and
 * itself into a file and back.
 *
 * From a photo's features to its score, with the terms that all files use:
 *
 *     distance     of a patch to the memories of a view (view.h), by what is usual at its place
 *                  in the frame (places.h)
 *     unusual      mean over the views of the distance's robust z over the folder
 *     patch score  unusual, and by trust the z of what was learnt: the local-net's logit and
 *                  the discriminant. Each patch has two, since what ranks photos best does not
 *                  find places best (fleck_patch_scores):
 *       rank       all views, the mean over their memories; logit and discriminant
 *       map        the views from map_from on, their nearest memories; logit alone; then
 *                  smoothed over the neighbours
 *     level        square root of a patch score: good photos' scores have a long upper tail,
 *                  their levels are about normal. A logit of the paper's recipe is one already
 *     photo's rank level of the mean of its top_percent highest rank scores, or of the highest
 *     peak         level of its highest map score
 *     photo's level  rank + peak_share (peak - rank)
 *     strength     of a level: 1 is where the folder's good photos end (level_scale)
 *     score        of the photo's strength, by the curve of calibration.h: 0.5 at 1
 *     heatmap      the map scores upsampled and blurred (heatmap.h), levels of them, and of these
 *                  the strengths, such that the hottest spot has the photo's: by the same curve
 *                  its heat is the photo's score, bit for bit. A photo that is called shows where,
 *                  another stays dark
 *                  Outside of an area of interest it is 0, and so is all else: the features that
 *                  come here are those of patches that count (grid.h), P of them
 *     region       of a heatmap: where it reaches the threshold (regions.h). A photo has one if
 *                  and only if its score does, but that regions below the smallest area do not
 *                  count
 *     mark         of an inspector: changes the scores of patches that look alike (marks.h)
 *
 * What a method takes part with (peak_share, top_percent, ...) is its row of method.c. */
#ifndef FLECK_MODEL_H
#define FLECK_MODEL_H

#include "area.h"
#include "calibration.h"
#include "localnet.h"
#include "method.h"
#include "status.h"
#include "tensors.h"

#include <math.h>

/* How features were made: scores mean nothing with others. */
typedef struct {
    uint64_t backbone; /* fingerprint of its file */
    fleck_preset preset;
    fleck_precision precision;
    uint32_t input;
    fleck_tiles tiles;          /* that a photo consists of */
    fleck_grid grid;            /* of the whole photo, its patches in the order of the area */
    const fleck_area_map *area; /* of interest; NULL: all of the photo */
    const fleck_half *part;     /* that the area follows (part.h), or NULL */
    uint32_t blocks[FLECK_BLOCKS_MAX], block_count;
    uint32_t sample_bits; /* as which photos of 16 bits were read; 0: as their own */
} fleck_feature_source;

/* 0, and 8 to 16. */
static inline bool fleck_is_sample_bits(uint32_t bits) {
    return !bits || (bits >= 8 && bits <= 16);
}

typedef struct fleck_marks fleck_marks; /* marks.h */

typedef struct {
    fleck_method method;
    uint64_t seed;
    fleck_feature_source source;
    size_t P, D;

    fleck_view view[FLECK_VIEWS_MAX];
    uint32_t views;

    uint32_t photos;      /* of the folder */
    uint32_t *photo_hash; /* [photos, 2]: of their features */

    /* What follows serves methods with a local-net only. */
    float *standard; /* [2, 2, D]: mean, then inverse deviation, of patch and of cls features */
    fleck_localnet net;
    fleck_robust net_scale; /* of a patch's logit, over the folder */

    /* And of these what follows serves those whose pseudo-labels can be trusted (trial.h). */
    float trust;                     /* 0, where nothing could be learnt, to 1 */
    float *discriminant;             /* [D]: direction in which the likes of anomalies lie */
    fleck_robust discriminant_scale; /* of a patch's value, over the folder */

    fleck_level_scale level_scale; /* of photos' levels */
    float threshold;               /* scores from here on are defects */
    float smallest_area;           /* share of a photo: regions below it do not count */
    float look_width;              /* of marks' likeness (marks.h); 0 in files of before them */
    const fleck_marks *marks;      /* NULL: none was made */
} fleck_model;

/* Identifies features ([P, D]) by their bits. */
void fleck_features_hash(const fleck_half *patch, size_t count, uint32_t hash[2]);

/* Index of the folder's photo with these features, or FLECK_NO_PHOTO. */
uint32_t fleck_model_recognise(const fleck_model *model, const fleck_half *patch);

/* (x - mean) * inverse deviation of n rows ([n, D]) of patch, or of cls features. */
void fleck_model_standardise(const fleck_model *model, bool cls, const fleck_half *x, size_t n,
                             float *out);

/* How far a photo's patches ([P, D]) lie along the discriminant from the mean of them all, out
 * [P]. False when scratch memory is short. */
bool fleck_model_discriminate(const fleck_model *model, const fleck_compute *compute,
                              const fleck_half *patch, float *out);

/* What the local-net makes of a photo's patches: logit [P] and, unless NULL,
 * adapted [P, A]. False when scratch memory is short. */
bool fleck_model_local(const fleck_model *model, const fleck_compute *compute,
                       const fleck_half *patch, const fleck_half *cls, float *logit,
                       float *adapted);

/* (value - center) / spread of a logit or a discriminant's value, bounded: a sure net must
 * not drown the distances. */
float fleck_learnt_z(fleck_robust scale, float value);

/* Two scores of each patch: what ranks photos, and what draws their maps. */
typedef struct {
    float *rank, *map; /* [P] */
} fleck_patch_scores;

/* How unusual a photo's patches ([P, D]) are: the mean over the views of their
 * distances' robust z; photo as for fleck_memory_distance. False when scratch memory is
 * short. */
bool fleck_model_unusual(const fleck_model *model, const fleck_compute *compute,
                         const fleck_half *patch, uint32_t photo, fleck_patch_scores out);

/* Adds one view's part of that, from n distances. */
void fleck_model_add_view(const fleck_model *model, uint32_t view, const float *distance,
                          const float *nearest, size_t n, fleck_patch_scores out);

/* What was learnt says of a photo's patches, [P] each. */
typedef struct {
    float *logit;        /* the local-net's; NULL without one */
    float *discriminant; /* its values; NULL without trust */
} fleck_learnt;

/* What is unusual about a photo's patches -> their scores, in place. False when scratch
 * memory is short. */
bool fleck_model_finish(const fleck_model *model, const fleck_compute *compute, fleck_learnt learnt,
                        fleck_patch_scores scores);

/* Scores of a photo's patches; photo as for fleck_memory_distance. False when scratch
 * memory is short. */
bool fleck_model_patches(const fleck_model *model, const fleck_compute *compute,
                         const fleck_half *patch, const fleck_half *cls, uint32_t photo,
                         fleck_patch_scores out);

/* The level of a patch score. */
float fleck_model_level(const fleck_model *model, float score);

/* The patch score whose level has this strength. */
float fleck_model_score_of_strength(const fleck_model *model, float strength);

/* A photo's rank: the level of the mean of the highest of its P rank scores, so many percent of
 * them and at least one. False when scratch memory is short. */
bool fleck_model_rank(const fleck_model *model, const fleck_compute *compute, const float *rank,
                      uint32_t percent, float *level);

/* A photo's level, of the level of its rank and its peak. */
float fleck_model_level_of(const fleck_model *model, float rank, float peak);

/* The same from its patch scores. False when scratch memory is short. */
bool fleck_model_photo(const fleck_model *model, const fleck_compute *compute,
                       fleck_patch_scores scores, float *level);

/* Between which a photo's strength is, whatever its patches' are. */
typedef struct {
    float least, most;
} fleck_strength_bounds;
static const fleck_strength_bounds fleck_any_strength = {0, INFINITY};

/* Patch scores -> what a user gets: the photo's score and, unless NULL, its heatmap
 * ([FLECK_HEAT, FLECK_HEAT]), whose highest value is the score, with the area where it lies on
 * the photo. False when scratch memory is short. */
bool fleck_model_report(const fleck_model *model, const fleck_compute *compute,
                        fleck_patch_scores scores, fleck_strength_bounds bounds, fleck_shift shift,
                        float *heat, float *score);

/* The file, as fleck_weights_write. False when scratch memory is short. */
bool fleck_model_save(const fleck_model *model, fleck_arena *scratch, uint8_t *out, size_t capacity,
                      size_t *size);

/* Completes the end of a file of that size, which says whether its other bytes are as they
 * were written. */
void fleck_model_seal(uint8_t *bytes, size_t size);

/* Reads a file into arena, every size and value checked: what is loaded gives finite
 * scores. The bytes are borrowed for the call. */
fleck_status fleck_model_load(fleck_arena *arena, const fleck_compute *compute,
                              const uint8_t *bytes, size_t size, fleck_model *out,
                              fleck_message *err);

/* Only method, seed and source of a file; scratch memory is given back. */
fleck_status fleck_model_peek(fleck_arena *scratch, const uint8_t *bytes, size_t size,
                              fleck_model *out, fleck_message *err);

#endif
