/* fleck verify: whether a report's photos are there, and give what it states when all is done
 * again. */
#ifndef FLECK_CLI_VERIFY_COMMAND_H
#define FLECK_CLI_VERIFY_COMMAND_H

#include "run.h"

/* The command: names what differs on standard output. CLI_DONE where nothing does, CLI_FOUND where
 * something does. */
int cli_verify(cli_run *run);

#endif
