#include "tiles.h"

/* A photo is long from here on, as times its short side: squeezed into a square, its patches would
 * cover twice as much along it as across. Backbones see 4/3 of that in training, and photos of 3:2
 * and 16:9, which most cameras take, lose little (tests/quality/README.md). */
#define LONG 2.0

/* Pixels of a photo, along a side, that one of the input's stands for at most: 40 for a patch of 8.
 * At twice as many what is small is lost; at half of it photos of 600 pixels become tiles, whose
 * parts are told apart less well without what lies around them (tests/quality/README.md). */
#define SQUEEZE 5.0

/* Tiles that a photo becomes at most: each takes as long as a whole photo would. */
#define MOST 8

/* Inputs that tiles are long, for two neighbours share a quarter (tiles.h). */
static double inputs(uint32_t tiles) { return 1 + 0.75 * (tiles - 1); }

/* Tiles along the long side of a photo so that patches are about square, and no more than the
 * photo's pixels are worth. */
static uint32_t along(uint32_t length, uint32_t width, uint32_t S) {
    double square = (double)length / width; /* inputs of square patches */
    double pixels = (double)length / S;     /* inputs that have a pixel for each of the photo's */
    if (square < LONG) return 1;
    double rounded = 1 + (square - 1) / 0.75 + 0.5, most = 1 + (pixels - 1) / 0.75;
    double n = rounded < most ? rounded : most;
    return n < 1 ? 1 : n > MOST ? MOST : (uint32_t)n;
}

static fleck_tiles suited(uint32_t width, uint32_t height, uint32_t S) {
    fleck_tiles tiles = {along(width, height, S), along(height, width, S)};
    for (;;) {
        double across = width / (S * inputs(tiles.columns)),
               down = height / (S * inputs(tiles.rows));
        fleck_tiles more = tiles;
        if (across >= down)
            more.columns++;
        else
            more.rows++;
        if ((across <= SQUEEZE && down <= SQUEEZE) || more.columns * more.rows > MOST) return tiles;
        tiles = more;
    }
}

/* The most tiles that more than half of the photos want at least. */
static uint32_t wanted_by_most(const uint32_t photos[MOST + 1], uint32_t known) {
    uint32_t tiles = MOST + 1, enough = 0;
    while (tiles > 1 && 2 * (uint64_t)enough <= known) enough += photos[--tiles];
    return tiles;
}

/* Never more than MOST together: a photo that wants at least both would be one of each half. */
fleck_tiles fleck_tiles_suited(const uint32_t *sizes, uint32_t count, uint32_t S) {
    uint32_t columns[MOST + 1] = {0}, rows[MOST + 1] = {0}, known = 0; /* photos by their tiles */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t width = sizes[(size_t)2 * i], height = sizes[(size_t)2 * i + 1];
        if (!width || !height) continue;
        fleck_tiles tiles = suited(width, height, S);
        columns[tiles.columns]++;
        rows[tiles.rows]++;
        known++;
    }
    return (fleck_tiles){wanted_by_most(columns, known), wanted_by_most(rows, known)};
}
