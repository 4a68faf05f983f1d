/* What vouches for a patch: of every other photo of the folder the patch that is most like it, how
 * far away that is, and how usual such a distance is in this folder.
 *
 * Patches are compared as views do (embedding.h), without whitening: by the Euclidean distance of
 * their features, or of the means of these over a window. */
#ifndef FLECK_EVIDENCE_H
#define FLECK_EVIDENCE_H

#include "embedding.h"

/* How usual a distance is shows in samples, patches of some photos, the references: for these and
 * for the patch at hand the nearest patch is looked for in each of the other references, and
 * counted is the distance that a third of these are within, as maps count the nearest third of
 * memories: so a few photos that share a defect do not make it usual. All are compared alike, and
 * the time does not grow with the folder. References are the folder's first photos, which are any
 * of them in the order of fleck_features_sort; of a smaller folder all are. Samples are spread
 * evenly over them and over their places. */
#define FLECK_REFERENCES 32
#define FLECK_SAMPLES 256

typedef struct {
    fleck_embedding embedding;
    float *square;            /* [photos, P]: of the lengths of embedded patches */
    float *share;             /* [P]: 1 by the patches of the window */
    float far[FLECK_SAMPLES]; /* squares of these distances of the samples */
    float usual;              /* the median distance */
} fleck_evidence;

/* A patch of a photo, and its distance from the one that was looked for. */
typedef struct {
    uint32_t photo, patch;
    float distance;
} fleck_match;

/* How far a patch is from a third of the references, and the share of the samples, 0 to 1, that are
 * nearer to a third of them. */
typedef struct {
    float distance, nearer;
} fleck_rarity;

/* Makes a folder of two photos or more comparable by windows of so many patches, in the time of
 * embedding it once and of some 3 * 10^9 multiplications; takes memory of a number for each patch.
 * What follows borrows the features, too. False when memory is short, as in all of it. */
bool fleck_evidence_fit(fleck_arena *arena, const fleck_compute *compute,
                        const fleck_features *features, uint32_t window, fleck_evidence *out);

/* The nearest patches to patch p of a photo ([P, D]): of the count other photos that have the
 * nearest one each, the nearest first; of equal ones that of the lower photo and patch. photo is
 * the number that the photo has in the folder, FLECK_NO_PHOTO for any other: it does not count
 * itself, others that are equal do. Distances are exact to a millionth of the length of what is
 * compared; what is no more than rounding is 0. found, at most count, receives how many there are.
 * Each patch of the folder takes one product of D numbers. */
bool fleck_evidence_find(const fleck_evidence *evidence, const fleck_compute *compute,
                         const fleck_features *features, const fleck_half *patch, size_t p,
                         uint32_t photo, uint32_t count, fleck_match *match, uint32_t *found,
                         fleck_rarity *rarity);

/* How far a photo ([P, D]) and each of the folder's are apart, place by place: apart [photos], the
 * mean over the patches of the distance between the features of both. */
bool fleck_photos_apart(const fleck_compute *compute, const fleck_features *features,
                        const fleck_half *patch, float *apart);

#endif
