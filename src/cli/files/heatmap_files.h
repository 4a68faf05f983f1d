/* The folder of heatmaps: drawn aside, and moved there once the table is. */
#ifndef FLECK_CLI_HEATMAP_FILES_H
#define FLECK_CLI_HEATMAP_FILES_H

#include "progress.h"
#include "image.h"

#include <stdbool.h>

typedef struct {
    const char *out;    /* the folder of the run */
    const char *folder; /* "out/heatmaps" */
    const char *part;   /* the folder aside; NULL: none are drawn */
    int lock;           /* open as long as it is ours */
    size_t longest;     /* bytes that a name there may have */
    size_t count, failed;
} cli_heatmaps;

/* Begins the heatmaps of a run into out, drawn or not. err names what cannot be made. */
bool cli_heatmaps_open(fleck_arena *arena, const char *out, bool drawn, cli_heatmaps *h,
                       fleck_message *err);

/* The name of a photo's heatmap: '/' becomes "__", ".png" is added. Different photos never share
 * one. Of a name beyond longest bytes the middle becomes a hash. NULL when memory is short. */
char *cli_heatmap_name(fleck_arena *arena, const char *name, size_t longest);

/* Draws one aside: blends it over the part of the photo that it covers, a PNG of at most
 * CLI_OVERLAY_SIDE pixels a side.
 *
 * name  of the photo
 * frame_share  share of width and height, centred, that heat covers
 * heat  [FLECK_HEAT, FLECK_HEAT] in [0,1] */
#define CLI_OVERLAY_SIDE 640
bool cli_heatmaps_draw(cli_heatmaps *h, fleck_arena *scratch, const char *name,
                       const fleck_image *photo, float frame_share, const float *heat,
                       fleck_message *err);

/* Removes the heatmaps that an earlier run drew in out, and nothing else. */
void cli_heatmaps_clear(const cli_heatmaps *h, fleck_arena *scratch);

/* Moves those drawn aside to their folder. Files of the user's keep their names: says so. */
void cli_heatmaps_place(cli_heatmaps *h, fleck_arena *scratch, cli_progress *progress);

/* Removes what is still aside. */
void cli_heatmaps_close(cli_heatmaps *h, fleck_arena *scratch);

#endif
