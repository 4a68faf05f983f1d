/* Backbones by name or file: those by name are downloaded once, kept and checked. */
#ifndef FLECK_CLI_BACKBONES_H
#define FLECK_CLI_BACKBONES_H

#include "registry.h"
#include "run.h"

typedef struct {
    const char *path;          /* of the file, to name it */
    const cli_backbone *known; /* what the list says of it; NULL of any other file */
    const uint8_t *bytes;      /* in the run's scratch */
    size_t size;
} cli_backbone_file;

/* Reads the backbone that which stands for: a name of the list, otherwise a file; NULL is
 * the one that comes with fleck. One by name that is not kept yet is downloaded.
 *
 * The SHA-256 of a file by name is the list's or, where that has none, the one that the
 * first download had: a file with another is deleted and never used. */
int cli_backbone_read(cli_run *run, const char *which, cli_backbone_file *out);

/* Puts the list's input and blocks into options where neither the user nor the file chose. */
int cli_backbone_choose(cli_run *run, const cli_backbone_file *file, fleck_options *options);

/* The command: lists the backbones and what is kept of them, or deletes one. */
int cli_backbones(cli_run *run);

#endif
