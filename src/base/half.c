/* A half has 5 bits of exponent with bias 15 and 10 bits of fraction, a float32
 * has 8 with bias 127 and 23. Both loops compute every case and select, without
 * a branch, so that compilers make vector code of them. */
#include "half.h"

#include <string.h>

#define FLOAT_INFINITY 0x7f800000u
#define HALF_INFINITY 0x7c00u
#define HALF_NAN 0x7e00u

#define REBIAS ((127u - 15) << 23)            /* from the half's exponent to float32's */
#define REBIAS_FACTOR (REBIAS + (127u << 23)) /* 2^112, which adds as much */
#define HALF_LEAST_NORMAL (113u << 23)        /* 2^-14 as float32 */
#define HALF_OVERFLOW ((127u + 16) << 23)     /* 2^16 as float32 */
#define HALF_UNIT (126u << 23)                /* 1/2: its last place is 2^-24, a half's least */

static inline float float_of(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t bits_of(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline fleck_half narrow(float x) {
    uint32_t bits = bits_of(x), sign = bits & 0x80000000u, size = bits ^ sign;
    /* The addition rounds a subnormal half's fraction to its place. */
    uint32_t subnormal = bits_of(float_of(size) + float_of(HALF_UNIT)) - HALF_UNIT;
    /* Half a place less one, and one more where the last kept bit is odd; a carry
     * goes into the exponent, which may so become infinity's. */
    uint32_t normal = (size - REBIAS + 0xfff + (size >> 13 & 1)) >> 13;
    uint32_t half = size < HALF_LEAST_NORMAL ? subnormal : normal;
    half = size >= HALF_OVERFLOW ? HALF_INFINITY : half;
    half = size > FLOAT_INFINITY ? HALF_NAN : half;
    return (fleck_half)(half | sign >> 16);
}

/* The product moves the exponent, and makes a subnormal half's fraction a whole number of its last
 * places, exactly; infinity and NaN get the exponent that says so. */
static inline float widen(fleck_half x) {
    uint32_t sign = (uint32_t)(x & 0x8000) << 16, size = (uint32_t)(x & 0x7fff) << 13;
    uint32_t special = size < HALF_INFINITY << 13 ? 0 : FLOAT_INFINITY;
    return float_of(bits_of(float_of(size) * float_of(REBIAS_FACTOR)) | special | sign);
}

void fleck_half_narrow(const float *x, size_t n, fleck_half *out) {
    for (size_t i = 0; i < n; i++) out[i] = narrow(x[i]);
}

void fleck_half_widen(const fleck_half *x, size_t n, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = widen(x[i]);
}

bool fleck_half_finite(const fleck_half *x, size_t n) {
    uint32_t special = 0;
    for (size_t i = 0; i < n; i++) special |= (x[i] & HALF_INFINITY) == HALF_INFINITY;
    return !special;
}
