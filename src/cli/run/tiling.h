/* The tiles of a folder's photos. */
#ifndef FLECK_CLI_TILING_H
#define FLECK_CLI_TILING_H

#include "run.h"

/* Sets the tiles that the command line names or, before any photo is read, those that suit the
 * folder's photos; says what they cost. */
int cli_tiles_choose(cli_run *run, const cli_photos *photos);

#endif
