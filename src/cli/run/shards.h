/* Several shards as one folder of photos. */
#ifndef FLECK_CLI_SHARDS_H
#define FLECK_CLI_SHARDS_H

#include "run.h"

/* Opens the files that the command line names, refuses those whose features were not made alike,
 * and appends their photos by name. One that is in several of them, of the same name and file,
 * counts once. They stay open until cli_shards_close. */
int cli_shards_list(cli_run *run, cli_photos *photos);

/* Makes the detector's options those of the shards, as far as features depend on them. */
void cli_shards_options(const cli_run *run, fleck_options *options);

/* Refuses a backbone that is not the shards'. */
int cli_shards_check_backbone(cli_run *run);

/* Makes the detector's tiles and sample bits the shards', before any photo is added. */
int cli_shards_arrange(cli_run *run);

/* Refuses a model of other tiles, or that reads photos of 16 bits otherwise. */
int cli_shards_check_model(cli_run *run);

/* Copies a photo's features into the run's patch and cls; err tells what is wrong with them. */
bool cli_shards_read(cli_run *run, const cli_photo *photo, fleck_message *err);

void cli_shards_close(cli_run *run);

#endif
