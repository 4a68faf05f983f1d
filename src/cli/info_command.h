/* What a model file holds. */
#ifndef FLECK_CLI_INFO_COMMAND_H
#define FLECK_CLI_INFO_COMMAND_H

#include "run.h"

/* The command: says it in words, or as JSON. Needs no backbone. */
int cli_info(cli_run *run);

#endif
