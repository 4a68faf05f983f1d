/* What the command line names, before any work: is it there, and what it should be? */
#ifndef FLECK_CLI_CHECK_PATHS_H
#define FLECK_CLI_CHECK_PATHS_H

#include "args.h"
#include "status.h"

/* Whether the folders, models and photos that the command line names are such, and in
 * the right order; err says which is not, what it is instead and how to write it. */
bool cli_kinds_fit(const cli_args *args, fleck_message *err);

#endif
