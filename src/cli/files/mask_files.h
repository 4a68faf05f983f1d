/* Regions -> masks. */
#ifndef FLECK_CLI_MASK_FILES_H
#define FLECK_CLI_MASK_FILES_H

#include "finding.h"
#include "picture_folder.h"

/* Draws a photo's mask into its folder: a grey PNG of the photo's size, 255 in the regions, 0
 * elsewhere. */
bool cli_mask_file(cli_pictures *masks, fleck_arena *scratch, const cli_finding *found,
                   fleck_message *err);

#endif
