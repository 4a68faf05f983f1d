/* FUN-AD's loss, and its derivative by logits: the mean cross-entropy of each label, and mutual
 * smoothness, which wants patches that are each other's nearest to be equally probable. */
#ifndef FLECK_LOSS_H
#define FLECK_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one patch adds to the mean cross-entropy of its label, which count patches have; p is the
 * logit's sigmoid. Adds the derivative to *dlogit. */
double fleck_cross_entropy(bool anomalous, float logit, float p, size_t count, float *dlogit);

/* The mutual smoothness of n patches of probability p; partner is fleck_ann_pairs'. Adds its
 * derivative to dlogit [n]; *pairs receives how many pairs there are. */
double fleck_mutual_smoothness(const float *p, const uint32_t *partner, size_t n, float *dlogit,
                               uint32_t *pairs);

#endif
