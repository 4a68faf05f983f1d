#include "tiles.h"

/* A photo is long from here on, as times its short side: squeezed into a square, its patches would
 * cover twice as much along it as across. Backbones see 4/3 of that in training, and photos of 3:2
 * and 16:9, which most cameras take, lose little (tests/quality/README.md). */
#define LONG 2.0

/* Tiles along the long side of a photo. n tiles are 1 + 3/4 (n - 1) inputs long. */
static uint32_t along(uint32_t length, uint32_t width, uint32_t S) {
    double square = (double)length / width; /* inputs of square patches */
    double pixels = (double)length / S;     /* inputs that have a pixel for each of the photo's */
    if (square < LONG) return 1;
    double rounded = 1 + (square - 1) * 4 / 3 + 0.5, most = 1 + (pixels - 1) * 4 / 3;
    double n = rounded < most ? rounded : most;
    return n < 1 ? 1 : n > FLECK_TILES_MAX ? FLECK_TILES_MAX : (uint32_t)n;
}

fleck_tiles fleck_tiles_suited(const uint32_t *sizes, uint32_t count, uint32_t S) {
    /* Photos by their tiles: those that are high, from the most tiles on, then those that are wide.
     * The median is in the middle of them. */
    enum { NONE = FLECK_TILES_MAX - 1, KINDS = 2 * NONE + 1 };
    uint32_t photos[KINDS] = {0}, known = 0, below = 0, median = NONE;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t width = sizes[(size_t)2 * i], height = sizes[(size_t)2 * i + 1];
        if (!width || !height) continue;
        known++;
        photos[height > width ? NONE - (along(height, width, S) - 1)
                              : NONE + (along(width, height, S) - 1)]++;
    }
    for (uint32_t kind = 0; kind < KINDS && known; kind++) {
        below += photos[kind];
        if (2 * (uint64_t)below < known) continue;
        median = kind;
        break;
    }
    return median < NONE ? (fleck_tiles){1, 1 + NONE - median}
                         : (fleck_tiles){1 + median - NONE, 1};
}
