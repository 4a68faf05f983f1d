/* A photo and its heat -> a picture of both. */
#ifndef FLECK_CLI_HEATMAP_FILES_H
#define FLECK_CLI_HEATMAP_FILES_H

#include "picture_folder.h"
#include "image.h"

/* Draws a heatmap into its folder: blends it over the part of the photo that it covers, a PNG of at
 * most CLI_OVERLAY_SIDE pixels a side.
 *
 * name  of the photo
 * frame_share  share of width and height, centred, that heat covers
 * heat  [FLECK_HEAT, FLECK_HEAT] in [0,1] */
#define CLI_OVERLAY_SIDE 640
bool cli_heatmap_draw(cli_pictures *heatmaps, fleck_arena *scratch, const char *name,
                      const fleck_image *photo, float frame_share, const float *heat,
                      fleck_message *err);

#endif
