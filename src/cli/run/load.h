/* The detector of a run, ready for photos. */
#ifndef FLECK_CLI_LOAD_H
#define FLECK_CLI_LOAD_H

#include "run.h"

/* Configures the detector, with the command line's options or with a model's,
 * gives it the backbone, and opens the cache that the command line names. */
int cli_run_load(cli_run *run, const fleck_options *options);

/* Detector and backbone as the command line's model wants them, then the model itself. */
int cli_run_load_model(cli_run *run);

/* Makes room for features of the detector's shape. cli_run_load does it, and whoever changes the
 * tiles. */
int cli_run_shape(cli_run *run);

/* The command line's threshold and smallest area, where it has them, in place of the detector's.
 * cli_run_load does it, and whoever loads a model. */
int cli_run_rules(cli_run *run);

#endif
