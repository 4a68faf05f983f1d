#include "columns.h"

#include <math.h>
#include <string.h>

enum { MOST = INT8_MAX };

/* The least number with 16 significant bits that is not below x, which is not negative. */
static float round_up(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0xff) & ~(uint32_t)0xff;
    memcpy(&x, &bits, sizeof bits);
    return x;
}

void fleck_columns_fit(const float *rows, size_t N, size_t D, float *step) {
    for (size_t d = 0; d < D; d++) step[d] = 0;
    for (size_t i = 0; i < N; i++, rows += D)
        for (size_t d = 0; d < D; d++) {
            float size = fabsf(rows[d]);
            step[d] = size > step[d] ? size : step[d];
        }
    for (size_t d = 0; d < D; d++) step[d] = fminf(round_up(step[d] / MOST), FLECK_COLUMN_STEP_MAX);
}

void fleck_columns_narrow(const float *rows, size_t N, size_t D, const float *step, int8_t *bytes) {
    for (size_t i = 0; i < N; i++, rows += D, bytes += D)
        for (size_t d = 0; d < D; d++) {
            float steps = step[d] > 0 ? rintf(rows[d] / step[d]) : 0;
            steps = steps > MOST ? MOST : steps;
            bytes[d] = (int8_t)(steps < -MOST ? -MOST : steps);
        }
}

void fleck_columns_widen(const int8_t *bytes, size_t N, size_t D, const float *step, float *rows) {
    for (size_t i = 0; i < N; i++, rows += D, bytes += D)
        for (size_t d = 0; d < D; d++) rows[d] = (float)bytes[d] * step[d];
}
