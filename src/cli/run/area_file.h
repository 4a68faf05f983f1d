/* The area of interest, from the file that --area names: polygons as JSON, or a mask. */
#ifndef FLECK_CLI_AREA_FILE_H
#define FLECK_CLI_AREA_FILE_H

#include "run.h"

/* Sets it for these photos, once their tiles are chosen: how many patches it leaves follows from
 * those, too. A mask has the shape of most of the photos; the photo whose part it follows is one of
 * them. */
int cli_area_set(cli_run *run, const cli_photos *photos);

/* Says how much of the photos counts. */
void cli_area_tell(cli_run *run);

#endif
