/* What a detector holds, for the files that make up the door alone (fleck*.c). */
#ifndef FLECK_DETECTOR_H
#define FLECK_DETECTOR_H

#include "area.h"
#include "compute.h"
#include "evidence.h"
#include "features.h"
#include "fleck.h"
#include "groups.h"
#include "marks.h"
#include "part.h"
#include "train.h"
#include "vit.h"

/* A training, which sees the photos in an order of its own (features.h). */
typedef struct {
    fleck_training training;
    uint32_t *place; /* [photos]: where in it each added photo is */
} fleck_run;

/* The folder as places of photos are compared with it, its photos in such an order too. */
typedef struct {
    fleck_features features;
    uint32_t *place, *index; /* [photos]: where each added photo is, and which is where */
    fleck_evidence evidence;
} fleck_compared;

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
    fleck_arena grouping_arena, groups;
    fleck_grouping *grouping; /* under way, or NULL; in grouping_arena */
    fleck_tiles tiles;
    fleck_area_map area; /* of interest, where has_area says so */
    bool has_area;
    const fleck_half *part; /* that the area follows, in order; NULL: it stays where it is */
    fleck_arena order;      /* that of the grid's patches, which the area gives them */
    uint32_t sample_bits;   /* as which photos of 16 bits are read; 0: as their own */
    fleck_samples extracted;
    fleck_arena photos; /* the folder's features, their patches in the grid's order */
    fleck_features features;
    uint64_t *key;      /* [photos], of their features */
    fleck_shift *shift; /* [photos]: of the area on each */
    uint32_t capacity;  /* of the tables */

    /* Training fills an arena of its own; when it ends, that becomes the
     * model's, and the old model's is freed. */
    fleck_arena training_arena, model_arena;
    fleck_run *training;      /* under way, or NULL */
    const fleck_model *model; /* in use, or NULL */
    const fleck_run *trained; /* the one that made model; NULL if loaded */

    fleck_marks marks; /* the inspector's */
    uint32_t marks_capacity;
    bool marks_looked; /* at with the model in use */
    bool marks_learnt; /* from all of them */
    fleck_arena marks_arena, lesson_arena;
    fleck_arena compared_arena;
    fleck_compared *compared; /* of the photos as they were when they were asked; NULL: not yet */

    fleck_arena scratch; /* empty between calls */
};

/* Every public call starts here: the last message goes. */
static inline void fleck_detector_start(fleck_detector *det) { det->message.text[0] = 0; }

/* ...and every one that took scratch memory ends here. */
static inline fleck_status fleck_detector_finish(fleck_detector *det, fleck_status status) {
    fleck_arena_free(&det->scratch);
    return status;
}

static inline fleck_status fleck_detector_no_memory(fleck_detector *det) {
    return fleck_fail(&det->message, FLECK_ERR_MEMORY, "not enough memory");
}

static inline fleck_compute fleck_detector_compute(fleck_detector *det) {
    return (fleck_compute){.kernels = det->kernels, .pool = det->pool, .scratch = &det->scratch};
}

/* What must be there, or is wrong: FLECK_OK, or the failure that says so. Features are finite, cls
 * may be NULL; sizes are some photo's; an index that of a photo added. */
fleck_status fleck_detector_need_backbone(fleck_detector *det);
fleck_status fleck_detector_need_model(fleck_detector *det);
fleck_status fleck_detector_need_photo(fleck_detector *det, uint32_t index);
fleck_status fleck_detector_check_finite(fleck_detector *det, const fleck_half *patch,
                                         const fleck_half *cls);
fleck_status fleck_detector_check_size(fleck_detector *det, uint32_t width, uint32_t height);

/* The side of what is seen of a photo, as a share of its shorter side (fleck_feature_shape). */
float fleck_detector_frame_share(const fleck_detector *det);

/* All patches of photos of so many tiles, and whether features may have so many. */
fleck_grid fleck_detector_grid(const fleck_detector *det, fleck_tiles tiles);
bool fleck_detector_holds(const fleck_detector *det, fleck_grid grid);

/* The area of interest; NULL: all of the photo. */
const fleck_area_map *fleck_detector_area(const fleck_detector *det);

/* Whether it is this one, following this part of its grid. */
bool fleck_detector_has_area(const fleck_detector *det, const fleck_area_map *area,
                             const fleck_half *part);

/* Makes the features those of so many tiles, of which the patches in an area count (NULL: all),
 * which follows a part, or none (NULL). The photos added have these tiles. */
fleck_status fleck_detector_arrange(fleck_detector *det, fleck_tiles tiles,
                                    const fleck_area_map *area, const fleck_half *part);

/* Where the area lies on a photo ([places, D], by place). */
fleck_status fleck_detector_find_area(fleck_detector *det, const fleck_half *patch,
                                      fleck_shift *out);

/* The grid as the area makes it of a photo on which it lies there. */
static inline fleck_grid fleck_detector_grid_at(const fleck_detector *det, fleck_shift shift) {
    return fleck_grid_moved(det->features.grid, shift);
}

/* All of a photo's patches ([places, D]) in the order of the grid. False when scratch memory is
 * short. */
bool fleck_detector_order(fleck_detector *det, fleck_shift shift, const fleck_half *patch,
                          fleck_half *out);

/* The scores of the patches of features ([P, D], in the grid's order; and [D]), or of a photo that
 * was added, by the model alone, without marks; in scratch memory. */
fleck_status fleck_detector_patch_scores(fleck_detector *det, const fleck_half *patch,
                                         const fleck_half *cls, fleck_patch_scores *out);
fleck_status fleck_detector_added_scores(fleck_detector *det, uint32_t index,
                                         fleck_patch_scores *out);

/* The model is another: marks are to be looked at again. */
void fleck_detector_renew_marks(fleck_detector *det);

/* Learns from the marks, where it has not. */
fleck_status fleck_detector_learn_marks(fleck_detector *det);

/* Copies the marks of a model (NULL: none), without a lesson. False when memory is short. */
bool fleck_detector_copy_marks(fleck_arena *arena, const fleck_marks *from, fleck_marks *out);

/* Takes marks over, with the arena that holds them; those of before go. */
void fleck_detector_use_marks(fleck_detector *det, fleck_arena *arena, const fleck_marks *marks);
void fleck_detector_drop_marks(fleck_detector *det);

/* The patch that counts at a place of a photo on which the area lies there, in shares of its width
 * and height as it is seen. */
fleck_status fleck_detector_find_patch(fleck_detector *det, fleck_shift shift, float x, float y,
                                       size_t *patch);

/* The middle of the patch at a place of the grid, in such shares. */
fleck_point fleck_detector_middle(const fleck_detector *det, uint32_t place);

/* A photo's patches, of which *patch becomes [P, D] in the grid's order, in scratch memory; shift:
 * of the area on it. */
fleck_status fleck_detector_in_order(fleck_detector *det, const fleck_half **patch,
                                     fleck_shift *shift);

/* fleck_find_regions, into arena, which the caller frees; region_of: as for fleck_regions_find. */
fleck_status fleck_detector_regions(fleck_detector *det, fleck_arena *arena, const float *heat,
                                    uint32_t width, uint32_t height, fleck_regions *out,
                                    uint32_t *region_of);

/* Forgets the regions that are to be grouped. */
void fleck_detector_drop_grouping(fleck_detector *det);

/* Forgets how photos were compared: they change. */
void fleck_detector_drop_compared(fleck_detector *det);

/* Says by name what a model was made with that this detector has not. */
fleck_status fleck_detector_check_source(fleck_detector *det, const fleck_model *model);

/* Ends a training under way; forgets what was learnt. */
void fleck_detector_drop_training(fleck_detector *det);
void fleck_detector_drop_model(fleck_detector *det);

#endif
