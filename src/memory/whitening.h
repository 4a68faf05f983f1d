/* Covariances of features, and the linear map under which one becomes the identity:
 * Euclidean distances are Mahalanobis distances there, and a difference of means is the
 * direction of Fisher's linear discriminant. */
#ifndef FLECK_WHITENING_H
#define FLECK_WHITENING_H

#include "compute.h"

#include <stdbool.h>

/* sum [D, D] += rows^T rows, of n rows [n, D]. False when memory is short, as in all that
 * follows. */
bool fleck_covariance_add(const fleck_compute *compute, const float *rows, size_t n, size_t D,
                          double *sum);

/* The inverse of the covariance's Cholesky factor, [D, D], lower triangular: x -> factor x
 * whitens. The covariance [D, D] is shrunk towards a multiple of the identity, and is
 * overwritten. */
bool fleck_whitening_factor(const fleck_compute *compute, double *covariance, size_t D,
                            float *factor);

#endif
