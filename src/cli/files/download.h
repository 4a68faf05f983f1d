/* An address -> a file, by the program curl. */
#ifndef FLECK_CLI_DOWNLOAD_H
#define FLECK_CLI_DOWNLOAD_H

#include "progress.h"
#include "status.h"

typedef struct {
    const char *address; /* http:// or https:// */
    const char *path;    /* what it holds already is the beginning, and is kept on failure */
    uint64_t bytes;      /* about so many, for the progress */
    uint64_t limit;      /* more are refused */
} cli_download;

/* Downloads, on and on where the connection breaks and the server can continue. Tells the
 * progress; stop is asked many times a second whether to give up. err says what went
 * wrong without naming the address. */
bool cli_download_run(const cli_download *download, cli_progress *progress, bool (*stop)(void),
                      fleck_message *err);

#endif
