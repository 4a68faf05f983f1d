#include "natural_log.h"

#include <stdint.h>
#include <string.h>

/* With x = 2^e m and m about 1 it is e ln 2 + 2 artanh((m - 1) / (m + 1)), a series in s^2. */
float fleck_natural_log(float x) {
    int32_t bits, e;
    memcpy(&bits, &x, sizeof bits);
    e = (bits - 0x3F3504F3) >> 23; /* so that m is in sqrt(1/2) .. sqrt(2) */
    bits -= e * (1 << 23);
    memcpy(&x, &bits, sizeof x);
    float s = (x - 1) / (x + 1), q = s * s;
    float series = 1 + q * (0.33333333f + q * (0.2f + q * (0.14285714f + q * 0.11111111f)));
    return (float)e * 0.69314718f + 2 * s * series;
}
