/* Half floats (IEEE 754 binary16), in which features are kept: two bytes a value,
 * 11 significant bits, 2^-24 to 65504. Both directions are exact to the last bit
 * of IEEE's rules, the same natively and in WebAssembly. */
#ifndef FLECK_HALF_H
#define FLECK_HALF_H

#include "types.h"

#include <stdbool.h>

#define FLECK_HALF_MAX 65504.0f /* the greatest finite one */

/* n values to the nearest half, ties to even. What is beyond 65504 by more than
 * half a unit of the last place becomes infinite; NaN stays NaN. */
void fleck_half_narrow(const float *x, size_t n, fleck_half *out);

/* n halves as float32, exactly. */
void fleck_half_widen(const fleck_half *x, size_t n, float *out);

/* Whether all n are finite. */
bool fleck_half_finite(const fleck_half *x, size_t n);

#endif
