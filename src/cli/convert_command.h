/* A backbone in any form that fleck reads -> a compact safetensors file. */
#ifndef FLECK_CLI_CONVERT_COMMAND_H
#define FLECK_CLI_CONVERT_COMMAND_H

#include "run.h"

/* The command: converts and reports what it costs. */
int cli_convert(cli_run *run);

#endif
