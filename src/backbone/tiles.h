/* A photo as overlapping square tiles, whose tokens become one grid: so a long photo is not
 * squeezed, and a patch covers less of a large one.
 *
 * Each tile is an input of G x G patches. Two neighbours share G/4 of them, of which each keeps the
 * half that lies farther from its border: tokens there have seen one side of their surroundings
 * only. */
#ifndef FLECK_TILES_H
#define FLECK_TILES_H

#include "types.h"

/* Number of the whole photo's patches at which a tile begins, of those along the same side. */
static inline uint32_t fleck_tile_first(uint32_t tile, uint32_t G) { return tile * (G - G / 4); }

/* Patches of the whole photo along a side. */
static inline uint32_t fleck_tiles_patches(uint32_t tiles, uint32_t G) {
    return fleck_tile_first(tiles - 1, G) + G;
}

/* Of a tile's G patches along a side those that it keeps: from begin on, up to end. */
typedef struct {
    uint32_t begin, end;
} fleck_kept;

static inline fleck_kept fleck_tile_kept(uint32_t tile, uint32_t tiles, uint32_t G) {
    uint32_t shared = G / 4, before = (shared + 1) / 2; /* of the shared the one before it keeps */
    return (fleck_kept){tile ? before : 0, tile + 1 < tiles ? G - (shared - before) : G};
}

/* Tiles for photos of these sizes, as fleck_suggest_tiles says; S is the side of a tile's input. */
fleck_tiles fleck_tiles_suited(const uint32_t *sizes, uint32_t count, uint32_t S);

#endif
