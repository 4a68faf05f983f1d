/* Folders and files: listing photos, reading, writing. */
#ifndef FLECK_CLI_FILES_H
#define FLECK_CLI_FILES_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>
#include <stdio.h>

#define CLI_PHOTO_BYTES_MAX ((size_t)512 << 20) /* larger photo files are refused */

typedef struct {
    const char *path; /* to open it */
    const char *name; /* to show it: relative to its folder */
} cli_photo;

typedef struct {
    cli_photo *items;
    size_t count, capacity;
} cli_photos;

/* Is called for a folder within that cannot be listed, and why. */
typedef void cli_trouble(void *context, const char *name, const char *reason);

/* Appends all photos of a folder and the folders in it, in byte order of their
 * names. Hidden entries, folders named ground_truth, links to folders and the
 * folder except (NULL: none) are left out. False when dir itself cannot be
 * listed or memory is short. */
bool cli_photos_list(fleck_arena *arena, const char *dir, const char *except, cli_photos *photos,
                     cli_trouble *trouble, void *context, fleck_message *err);

/* Appends one photo; false when memory is short. */
bool cli_photos_add(fleck_arena *arena, cli_photos *photos, cli_photo photo);

bool cli_is_folder(const char *path);

/* "dir/name", or "dir/name" + ending; NULL when memory is short. */
char *cli_join(fleck_arena *arena, const char *dir, const char *name, const char *ending);

/* Reads a whole file into arena. err gets the reason without the name. */
bool cli_read(fleck_arena *arena, const char *path, size_t limit, uint8_t **bytes, size_t *size,
              fleck_message *err);

/* Writes a whole file under a name of this process first, so that an older one
 * survives a full disk. err names the file. */
bool cli_write(fleck_arena *scratch, const char *path, const uint8_t *bytes, size_t size,
               fleck_message *err);

/* Makes a folder and those above it; fine when it exists. err names it. */
bool cli_make_folder(fleck_arena *scratch, const char *path, fleck_message *err);

/* Whether a new file of that name could be written; err says why not. */
bool cli_can_write(fleck_arena *scratch, const char *path, fleck_message *err);

/* The backbone that comes with fleck, searched beside the executable and in
 * the source tree; NULL when it is nowhere. */
const char *cli_default_backbone(fleck_arena *arena);

#endif
