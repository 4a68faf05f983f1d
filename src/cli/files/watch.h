/* A folder that photos come into, looked at again and again. */
#ifndef FLECK_CLI_WATCH_H
#define FLECK_CLI_WATCH_H

#include "photo_list.h"

#include <time.h>

/* A photo as it was when the folder was looked at last. */
typedef struct {
    cli_photo photo;
    off_t size;
    struct timespec changed;
    bool is_taken;
} cli_watched;

typedef struct {
    const char *dir;
    fleck_arena arena;  /* of what follows */
    cli_watched *items; /* [count], by name */
    size_t count;
} cli_watch;

/* Looks at the folder for the first time: what is there is not new. Borrows dir. err says why it
 * cannot be listed; trouble is called as by cli_photos_list. */
bool cli_watch_begin(cli_watch *watch, const char *dir, cli_trouble *trouble, void *context,
                     fleck_message *err);

/* Looks again, and appends to photos those that are new or were written anew and whose files are as
 * they were at the look before: nobody writes them any more. Their names live until the next look.
 * Where the folder cannot be listed, what is known of it stays. */
bool cli_watch_look(cli_watch *watch, fleck_arena *arena, cli_photos *photos, fleck_message *err);

void cli_watch_end(cli_watch *watch);

#endif
