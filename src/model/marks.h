/* Marks: what an inspector says is good or a defect, and what follows from it for patches that look
 * alike.
 *
 * A mark is of a photo or of a spot on it, and has points: the hottest patches there. A patch's
 * look is its feature less the mean of its photo's, of unit length; its strength is that of its
 * score (model.h). A mark wants the strength of its points changed: a good one below 1 by a margin,
 * a defect's above 1 by as much, no further than that, and not at all where it is there already.
 * How far in logarithms is learnt by kernel ridge regression, which is the mean of a Gaussian
 * process (Rasmussen and Williams 2006, equation 2.25), in which the points of a mark together
 * weigh as much as one,
 *
 *     change(x) = sum over the points i of weight_i k(x, x_i)
 *     weight    = (K + N)^-1 wanted,   K_ij = k(x_i, x_j)
 *     N         diagonal: NOISE times the points of i's mark
 *     k(a, b)   = exp(-(1 - a . b) / h^2)
 *
 * with h^2 by the folder: what is usual between its photos' hottest patches. So what looks like a
 * point changes as that does, and what looks like none keeps its strength.
 *
 * What was marked itself is as it was marked, whatever looks like it: a photo by bounds of its
 * strength, a spot by those of its patches. */
#ifndef FLECK_MARKS_H
#define FLECK_MARKS_H

#include "model.h"

/* In place of a spot's: the mark is the photo's. */
#define FLECK_WHOLE_PHOTO UINT32_MAX

enum {
    FLECK_MARK_POINTS = 4,        /* of a mark, at most */
    FLECK_MARK_TEACHES_MAX = 256, /* marks; the system to solve has four rows for each */
    FLECK_MARKS_MAX = 1 << 16
};

/* Bounds of h^2: looks are of unit length. */
#define FLECK_LOOK_WIDTH_LEAST 1e-4f
#define FLECK_LOOK_WIDTH_MOST 1.0f

typedef struct {
    uint32_t photo;   /* its number in the folder, or FLECK_NO_PHOTO: for whoever keeps the marks */
    uint32_t hash[2]; /* of its features, by which it is known */
    uint32_t place;   /* of the spot in the grid, or FLECK_WHOLE_PHOTO */
    fleck_mark mark;
    float strength; /* of the photo, or the spot, without any mark */
    uint32_t points;
    uint32_t at[FLECK_MARK_POINTS]; /* their places */
    float *look;                    /* [FLECK_MARK_POINTS, D] */
} fleck_marked;

/* What was learnt from marks. */
typedef struct {
    float *weight; /* [points] */
    const float **point;
    uint32_t points;
    float floor;     /* patches of less strength stay as they are */
    float width;     /* h^2 */
    float *expected; /* [marked]: the strength that each would have without its mark, by the others
                        alone; of one that does not teach the strength that it had */
} fleck_lesson;

struct fleck_marks {
    size_t D;
    fleck_marked *marked; /* [count] */
    uint32_t count;
    fleck_lesson lesson; /* of all of them, after fleck_marks_learn */
};

/* The width of k for a folder: h^2 of the looks of its photos' hottest patches. map: [photos, P],
 * patch scores. False when scratch memory is short, as in all that follows. */
bool fleck_marks_width(const fleck_compute *compute, const fleck_features *features,
                       const float *map, float *out);

/* Looks at what is marked: out->place and mark are set, out->look has room. patch: [P, D]; grid:
 * the model's, moved as its area is on the photo, as marks know a photo's own places; scores: of
 * the model, without marks. */
bool fleck_marks_look(const fleck_model *model, const fleck_compute *compute, fleck_grid grid,
                      const fleck_half *patch, fleck_patch_scores scores, fleck_marked *out);

/* Learns from the marks, which it puts into an order that does not depend on when each was made.
 * The lesson lives in arena and borrows their looks. */
bool fleck_marks_learn(fleck_marks *marks, fleck_arena *arena, const fleck_compute *compute,
                       float width);

/* Changes the scores of a photo's patches, in place: by what looks alike, and by spots marked on
 * it. grid as above; hash: of its features. */
bool fleck_marks_apply(const fleck_marks *marks, const fleck_model *model,
                       const fleck_compute *compute, fleck_grid grid, const fleck_half *patch,
                       const uint32_t hash[2], fleck_patch_scores scores);

/* What a photo's marks say of all of it: a defect if one does. */
fleck_mark fleck_marks_of(const fleck_marks *marks, const uint32_t hash[2]);

/* Between which the strength of a photo with this mark is: its verdict at this threshold is the
 * mark's. */
fleck_strength_bounds fleck_marked_bounds(fleck_mark mark, float threshold);

/* How marks compare with what fleck would have said without them (fleck_lesson's expected). */
void fleck_marks_review(const fleck_marks *marks, const fleck_kernels *kernels, float threshold,
                        fleck_review *out);

#endif
