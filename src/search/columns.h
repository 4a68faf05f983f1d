/* Rows as bytes: every column has a step of its own, and each value is a whole number of steps, up
 * to 127 either way. Steps have 16 significant bits: their products with bytes are exact, and the
 * steps of rows that were rounded so are found again from the rows. */
#ifndef FLECK_COLUMNS_H
#define FLECK_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

/* The greatest step: rows stay within what a half holds. */
#define FLECK_COLUMN_STEP_MAX 512.0f

/* The steps [D] that take in all of rows [N, D], which are finite; 0 where a column is all zeros.
 */
void fleck_columns_fit(const float *rows, size_t N, size_t D, float *step);

/* bytes [N, D]: rows in steps, rounded to nearest, ties to even. */
void fleck_columns_narrow(const float *rows, size_t N, size_t D, const float *step, int8_t *bytes);

/* rows [N, D] = bytes times steps. */
void fleck_columns_widen(const int8_t *bytes, size_t N, size_t D, const float *step, float *rows);

#endif
