/* Scores and heatmaps -> CSV and PNG files. */
#ifndef FLECK_CLI_OUTPUT_H
#define FLECK_CLI_OUTPUT_H

#include "image.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    const char *name;
    float score;
} cli_score;

/* Sorts by score, the highest first; equal ones by name. */
void cli_scores_sort(cli_score *scores, size_t count);

/* Writes a field of a CSV, quoted as in RFC 4180 where it has to be. */
void cli_csv_field(FILE *out, const char *text);

/* "file,score,verdict" and a line for each. */
void cli_csv_write(FILE *out, const cli_score *scores, size_t count);

/* The name of a photo's heatmap: '/' becomes "__", ".png" is added. Different
 * photos never share one. NULL when memory is short. */
char *cli_heatmap_name(fleck_arena *arena, const char *name);

/* Blends the heatmap over the part of the photo that it covers and writes a
 * PNG of at most CLI_OVERLAY_SIDE pixels a side.
 *
 * view  share of width and height, centred, that heat covers
 * heat  [FLECK_HEAT, FLECK_HEAT] in [0,1] */
#define CLI_OVERLAY_SIDE 640
bool cli_overlay_write(fleck_arena *scratch, const fleck_image *photo, float view,
                       const float *heat, const char *path, fleck_message *err);

#endif
