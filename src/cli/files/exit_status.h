/* Exit status of the program, the same for every command. */
#ifndef FLECK_CLI_EXIT_STATUS_H
#define FLECK_CLI_EXIT_STATUS_H

enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,       /* nothing, or not all, of what was asked for was written */
    CLI_USAGE = 2,        /* the command line makes no sense */
    CLI_SKIPPED = 3,      /* done, but some photos were left out */
    CLI_FOUND = 4,        /* done, and a photo has the verdict that --fail-on names, or a worse; of
                             verify: something differs */
    CLI_INTERRUPTED = 130 /* as shells report Ctrl-C */
};

#endif
