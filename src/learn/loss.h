/* FUN-AD's loss, and its derivative by logits: the mean cross-entropy of each label, and mutual
 * smoothness, which asks that patches nearest to each other be as probable. */
#ifndef FLECK_LOSS_H
#define FLECK_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The cross-entropy of one of count patches of its label, whose sum over count is the mean; p is
 * the logit's sigmoid. Adds to *dlogit. */
double fleck_cross_entropy(bool anomalous, float logit, float p, size_t count, float *dlogit);

/* The mutual smoothness of n patches of probability p; partner is fleck_ann_pairs'. Adds to dlogit
 * [n]; *pairs receives how many there are. */
double fleck_mutual_smoothness(const float *p, const uint32_t *partner, size_t n, float *dlogit,
                               uint32_t *pairs);

#endif
