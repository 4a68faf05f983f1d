/* Networks that learn what normal patches are like, in place of memories: a patch that they get
 * wrong is unusual.
 *
 *   l2bt       Learning to Be a Transformer to Pinpoint Anomalies (Costanzino et al., 2025,
 *              arXiv 2407.04092): two nets learn to tell a patch's tokens of the last of the
 *              chosen blocks from those of the first, and the other way round. Its distance is
 *              2 sqrt((1 - c) (1 - d)), c and d the cosines of what they tell and the tokens: the
 *              product of both distances on the unit sphere.
 *   simplenet  SimpleNet (Liu et al., CVPR 2023, arXiv 2303.15140): a linear adapter and a
 *              discriminator learn to tell patches, as means of 3 x 3, from copies with noise.
 *              Its distance is minus the discriminator's value, which may be below 0.
 *
 * Photos with defects are learnt from as well. So the photos of the folder are dealt out to folds,
 * each fold has nets that learn from it alone, and a photo's distance is the mean over the nets
 * of the folds that do not hold it. */
#ifndef FLECK_NETS_H
#define FLECK_NETS_H

#include "features.h"
#include "mlp.h"

typedef enum { FLECK_NETS_NONE = 0, FLECK_NETS_L2BT, FLECK_NETS_SIMPLENET } fleck_nets_task;

enum { FLECK_FOLDS = 3 };

/* What simplenet's discriminator is to be above for patches, and below minus that for noise. */
#define FLECK_NETS_MARGIN 0.5f

typedef struct {
    fleck_nets_task task;
    size_t D, width; /* width: of a block's tokens, which come first and last in D */
    uint32_t hidden; /* width of hidden layers */
    uint32_t each;   /* nets of a fold: of l2bt two, forward and backward */
    size_t count;    /* floats of block */
    float *block;    /* all parameters, fold by fold */
    fleck_mlp net[FLECK_FOLDS][2];
} fleck_nets;

/* How many parameters fleck_nets_new gives them; SIZE_MAX where size_t cannot hold it. */
size_t fleck_nets_count(fleck_nets_task task, size_t D, uint32_t blocks, uint32_t hidden);

/* Nets of zeros, for features of so many blocks side by side; hidden 0: as wide as those that are
 * trained. False when memory is short, as in all that follows. */
bool fleck_nets_new(fleck_arena *arena, fleck_nets_task task, size_t D, uint32_t blocks,
                    uint32_t hidden, fleck_nets *out);

/* After their parameters have changed. */
void fleck_nets_repack(const fleck_nets *nets);

/* In which fold a photo of the folder is. Its number follows from what it shows. */
static inline uint32_t fleck_fold_of(uint32_t photo) { return photo % FLECK_FOLDS; }

/* The tokens that nets tell from each other, of n rows x [n, D]: those of the first block
 * a [n, width], and of the last b [n, width]. */
void fleck_nets_split(const fleck_nets *nets, const float *x, size_t n, float *a, float *b);

/* The distance of P embedded patches ([P, D]); photo is their index in the folder, FLECK_NO_PHOTO
 * for any other photo. */
bool fleck_nets_distance(const fleck_nets *nets, const fleck_compute *compute, const float *patches,
                         size_t P, uint32_t photo, float *distance);

#endif
