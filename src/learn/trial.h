/* How far pseudo-labels can be trusted. Defects have something in common that good photos'
 * oddities have not: from the anomalies of all suspects but one, the direction is taken that
 * best tells them from normal patches (Fisher's linear discriminant), and along it the
 * anomalies of the one left out are compared with the controls, equally unusual patches of
 * photos that are no suspects, and with normal patches of its own photo: a defect is a place
 * in a photo, not a kind of photo. */
#ifndef FLECK_TRIAL_H
#define FLECK_TRIAL_H

#include "labels.h"

/* Mean areas under the ROC curve: how well suspects' anomalies are told from controls, about
 * 0.5 or less in a clean folder, and from normal patches of their photos. Both are 0.5 and the
 * discriminant zero where fewer than two photos have anomalies, or none has controls. */
typedef struct {
    double among_photos, within_photos;
    float *discriminant; /* [D], in the arena: the direction that all suspects tell */
} fleck_trial;

/* False when memory is short. */
bool fleck_trial_run(const fleck_features *features, const fleck_labels *labels, fleck_arena *arena,
                     const fleck_compute *compute, fleck_trial *out);

#endif
