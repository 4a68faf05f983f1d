/* How far pseudo-labels can be trusted. Defects have something in common that good photos'
 * oddities have not: from the anomalies of all suspects but one, the direction is taken that
 * best tells them from normal patches (Fisher's linear discriminant), and along it the
 * anomalies of the one left out are compared with the controls, equally unusual patches of
 * photos that are no suspects. */
#ifndef FLECK_TRIAL_H
#define FLECK_TRIAL_H

#include "labels.h"

/* How well suspects' anomalies are told from controls, as the mean area under the ROC curve:
 * about 0.5 or less in a clean folder. out becomes the discriminant that learns from all
 * suspects. Where fewer than two photos have anomalies, or none has controls, auroc is 0.5
 * and the discriminant zero. False when memory is short. */
bool fleck_trial(const fleck_features *features, const fleck_labels *labels, fleck_arena *arena,
                 const fleck_tools *tools, double *auroc, fleck_discriminant *out);

#endif
