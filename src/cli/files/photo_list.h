/* Folders -> the photos in them, and what is left out. */
#ifndef FLECK_CLI_PHOTO_LIST_H
#define FLECK_CLI_PHOTO_LIST_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

typedef struct {
    const char *path;                   /* to open it */
    const char *name;                   /* to show it: relative to its folder */
    const struct cli_shard_photo *kept; /* its features and what is known of it, from a file of
                                           features (shard_file.h); NULL: it is read itself */
} cli_photo;

typedef struct {
    cli_photo *items;
    size_t count, capacity;
} cli_photos;

typedef enum {
    CLI_LEFT_PICTURE = 0, /* a photo, maybe: the user has to know */
    CLI_LEFT_LINK,        /* to a folder, which may hold photos: the same */
    CLI_LEFT_OTHER
} cli_left_class;

/* Files of one kind that were left out. */
typedef struct {
    cli_left_class class;
    const char *kind;       /* "TIFF": of files; else NULL, and */
    const char *one, *many; /* "heatmap of fleck", "heatmaps of fleck" */
    const char *first;      /* the name of one of them */
    size_t count;
} cli_left_out;

enum { CLI_LEFT_OUT_MAX = 128 };

typedef struct {
    dev_t device;
    ino_t inode;
} cli_file_id;

/* All that the folders of a run hold. */
typedef struct {
    bool labelled; /* masks and pictures of other kinds are listed as photos are */
    cli_left_out left[CLI_LEFT_OUT_MAX];
    size_t left_count;
    cli_file_id *ids; /* of the user's files, photos or not: never written over */
    size_t id_count, id_capacity;
} cli_listed;

/* Is called for each file or folder within that cannot be read; reason says why. */
typedef void cli_trouble(void *context, const char *name, const char *reason);

/* Appends all photos of a folder and the folders in it, in byte order of their names. Photos are
 * known by their first bytes, or else by their name: then reading them tells the trouble. What
 * else is there is counted by kind. Left out without a word are hidden entries and what systems
 * put beside photos, see quiet() and 'fleck inspect --help'. False when dir itself cannot be
 * listed, memory is short or the program is told to end. */
bool cli_photos_list(fleck_arena *arena, const char *dir, cli_photos *photos, cli_listed *listed,
                     cli_trouble *trouble, void *context, fleck_message *err);

/* Appends one photo; false when memory is short. */
bool cli_photos_add(fleck_arena *arena, cli_photos *photos, cli_photo photo);

/* Notes a file as the user's own, when there is one; false when memory is short. */
bool cli_listed_keep(fleck_arena *arena, cli_listed *listed, const char *path);

bool cli_listed_has(const cli_listed *listed, const struct stat *info);

/* How many of the files left out may be photos. */
size_t cli_listed_photos(const cli_listed *listed);

/* "14 TIFF files, 2 WebP files": those of one class; "" for none. NULL when memory is short. */
char *cli_listed_words(fleck_arena *arena, const cli_listed *listed, cli_left_class class,
                       size_t *count);

/* Whether the pictures in dir/heatmaps were drawn by a fleck that did not mark them: beside is
 * the table of that run, and no photo of it was in a folder of this name. */
bool cli_has_old_heatmaps(fleck_arena *scratch, const char *dir);

#endif
