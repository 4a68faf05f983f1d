/* Photos -> a file of their features. */
#ifndef FLECK_CLI_EXTRACT_COMMAND_H
#define FLECK_CLI_EXTRACT_COMMAND_H

#include "run.h"

/* The command: the photos listed become a shard (shard_file.h). */
int cli_extract(cli_run *run, const cli_photos *photos);

#endif
