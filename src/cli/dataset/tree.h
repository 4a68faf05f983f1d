/* The folders and pictures of a labelled data set, and what the folders' names say. */
#ifndef FLECK_CLI_TREE_H
#define FLECK_CLI_TREE_H

#include "arena.h"
#include "photo_list.h"
#include "words.h"

typedef struct {
    const char *name, *path; /* path relative to the root: "" of the root itself */
    uint32_t parent;         /* a smaller index; the root's is its own, 0 */
    unsigned words;          /* of the name alone: CLI_WORD_... */
    const char *rest;        /* the name without words for splits and masks, in small letters */

    /* of the folder where it stands */
    unsigned split; /* one of CLI_WORD_SPLIT, or 0 */
    unsigned label; /* CLI_WORD_GOOD, _BAD, _EITHER; CLI_WORD_UNSURE: masks may tell; or 0 */
    bool masks, view;
    const char *class; /* the name that told the label */
    const char *key;   /* what masks and photos are paired by, below splits and the like */
    const char *loose; /* the same without words for good and bad */
    bool has_good;     /* one of its folders is called good, or the like */
} cli_folder;

typedef struct {
    const char *path, *name; /* to open it; relative to the root */
    const char *stem;        /* the file's own name without its ending, in small letters */
    const char *ending;      /* ".png", in small letters */
    uint32_t folder;
} cli_picture;

typedef struct {
    cli_folder *folders;
    cli_picture *pictures; /* in byte order of their names */
    size_t folder_count, picture_count;
} cli_tree;

/* The folders that listed pictures are in. False when memory is short. */
bool cli_tree_build(fleck_arena *arena, const cli_photos *pictures, cli_tree *out);

#endif
