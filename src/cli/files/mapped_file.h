/* A file's bytes as memory, read when they are looked at: of files larger than the memory. */
#ifndef FLECK_CLI_MAPPED_FILE_H
#define FLECK_CLI_MAPPED_FILE_H

#include "status.h"

#include <stdbool.h>

typedef struct {
    uint8_t *bytes; /* NULL: not open */
    size_t size;
} cli_mapped;

/* Only files are mapped, which nobody may shorten meanwhile. err gets the reason without the name.
 */
bool cli_map(const char *path, cli_mapped *out, fleck_message *err);
void cli_unmap(cli_mapped *mapped);

#endif
