/* A decoded photo beside the pixels that it should have. */
#ifndef FLECK_TESTS_PIXELS_H
#define FLECK_TESTS_PIXELS_H

#include "check.h"
#include "image.h"
#include "tensors.h"

#include <stdbool.h>

/* The largest difference of two byte arrays, and the mean one unless mean is NULL. */
static int difference(const uint8_t *a, const uint8_t *b, size_t n, double *mean) {
    int most = 0;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        int d = abs(a[i] - b[i]);
        if (d > most) most = d;
        sum += d;
    }
    if (mean) *mean = sum / (double)n;
    return most;
}

/* near: a JPEG, which leaves rounding and chroma upsampling to the decoder; stb_image's
 * chroma is off by more in the last column of a 4:2:2 photo. Others are the same. */
static void check_pixels(const fleck_image *image, const fleck_tensor *rgb, bool near,
                         const char *name) {
    CHECK(image->height == rgb->shape[0] && image->width == rgb->shape[1]);
    if ((size_t)image->height * image->width * 3 != rgb->count) return;
    double mean;
    int most = difference(image->rgb, rgb->data, rgb->count, &mean);
    bool good = near ? most <= 10 && mean <= 0.5 : most == 0;
    if (!good) fprintf(stderr, "%s: differs by %d, on average %g\n", name, most, mean);
    CHECK(good);
}

#endif
