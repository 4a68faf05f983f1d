/* Names of photos and folders that come through a pipe, as find and git ls-files write them. */
#ifndef FLECK_CLI_NAME_LIST_H
#define FLECK_CLI_NAME_LIST_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>

#define CLI_STDIN "-" /* in place of a path */

typedef struct {
    char **items;
    size_t count;
} cli_names;

/* Whether names are read from standard input in place of this path. */
bool cli_is_stdin(const char *path);

/* Reads names from standard input to its end: one a line or, with null, each up to a NUL byte.
 * Empty ones are none. They live in arena. False where there is no name, the input cannot be read,
 * memory is short or the program is told to end; err says which. */
bool cli_names_read(fleck_arena *arena, bool null, cli_names *out, fleck_message *err);

#endif
