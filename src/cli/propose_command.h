/* A photo -> an area of interest to look at. */
#ifndef FLECK_CLI_PROPOSE_COMMAND_H
#define FLECK_CLI_PROPOSE_COMMAND_H

#include "run.h"

/* The command: prints a polygon around what stands out on the photo, as --area reads it. */
int cli_propose_area(cli_run *run);

#endif
