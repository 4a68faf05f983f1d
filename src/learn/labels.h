/* Pseudo-labels of a folder's patches, from scores alone.
 *
 * Photos that stand out of the folder are suspects. A bound lies above nearly all
 * patches of the other photos; a suspect's patches above it are anomalies, all
 * patches below it normal. The few patches of other photos above it are the controls:
 * as unusual, but good if the suspects are what they seem. */
#ifndef FLECK_LABELS_H
#define FLECK_LABELS_H

#include "features.h"
#include "model.h"
#include "rng.h"

/* Patches are numbered photo * P + patch, and listed in ascending order. */
typedef struct {
    uint32_t photos, P;
    float *level;  /* [photos] */
    bool *suspect; /* [photos] */
    uint32_t *anomalous, *normal, *control;
    uint32_t anomalous_count, normal_count, control_count;
    uint32_t *first; /* [groups + 1]: where in anomalous the patches of each group begin */
    uint32_t groups; /* photos that have anomalies */
    float certain;   /* median score of the anomalies */
} fleck_labels;

/* False when memory is short, as in all that follows. */
bool fleck_labels_new(fleck_arena *arena, uint32_t photos, uint32_t P, fleck_labels *out);

/* Labels patches by score [photos, P]; photos whose highest hundredth of them stands out are
 * the suspects. */
bool fleck_labels_set(fleck_labels *labels, const fleck_model *model, const fleck_compute *compute,
                      const float *score);

/* The anomalies of group g, a photo's. */
typedef struct {
    const uint32_t *patches;
    uint32_t count;
} fleck_label_group;
fleck_label_group fleck_labels_group(const fleck_labels *labels, uint32_t g);

/* A random anomaly: a photo first, so that one with a large defect counts no more than
 * the others. */
uint32_t fleck_labels_anomaly(const fleck_labels *labels, fleck_rng *rng);

#endif
