/* What is known of a labelled data set while it is read: shared by labelled.c, which
 * decides, pairs.c and understood.c. */
#ifndef FLECK_CLI_LABELLING_H
#define FLECK_CLI_LABELLING_H

#include "annotations.h"
#include "labelled.h"
#include "tree.h"

#define CLI_NONE UINT32_MAX /* no picture, photo or mask */

enum { CLI_MAP = FLECK_HEAT * FLECK_HEAT, CLI_NAMES_BYTES = 600 };

/* The first doubts and names are shown, the others counted. */
enum { CLI_SHOWN = 5 };

typedef enum { LEFT_OUT = 0, LEARNT, TESTED } photo_use;

typedef struct {
    const cli_picture *picture;
    const cli_folder *folder;
    photo_use use;
    unsigned label, split;
    const char *class;               /* what tells the label; NULL: nothing does */
    uint32_t first_mask, mask_count; /* a list through next */
    bool unreadable, marked, unsure;
    uint8_t *map;
} photo_entry;

typedef struct {
    const cli_picture *picture;
    const cli_folder *folder;
    uint32_t partner; /* the picture beside it that it is a mask of; CLI_NONE: to be looked for */
    uint32_t photo;   /* whose it is; CLI_NONE: nobody's */
    uint32_t next;
    bool is_part; /* one of several of a photo */
} mask_entry;

/* Where a picture stands, to look for those beside it. */
typedef struct {
    uint32_t folder;
    const char *stem;
    uint32_t picture;
} standing;

/* A name that a photo goes by. */
typedef struct {
    const char *stem;
    uint32_t photo;
} alias;

typedef struct {
    cli_run *run;
    cli_labelled *out;
    cli_tree tree;
    photo_entry *photos;
    mask_entry *masks;
    size_t photo_count, mask_count;
    alias *aliases;
    size_t alias_count;
    standing *beside;      /* [pictures] by folder and stem */
    bool *used;            /* [folders] whether a picture is in it or below */
    cli_annotations notes; /* of the photos */
    bool split, by_masks;
    unsigned test; /* the split to test on: CLI_WORD_TEST, or validation where there is none */
    size_t tested, views, secret, validation, train_masks, doubts;
} labelling;

typedef struct {
    char text[CLI_NAMES_BYTES];
    size_t count;
} cli_name_list;

/* Keeps the first names and counts the others. */
void cli_names_add(cli_name_list *list, const char *name);
/* "a, b, c and 4 more" */
const char *cli_names_end(cli_name_list *list);

const char *cli_plural(size_t count);

/* Says what cannot be told: nothing will be measured. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void cli_doubt(labelling *l, const char *format, ...);

/* Parts the pictures into photos and masks. False when memory is short. */
bool cli_pairs_part(labelling *l);

/* Finds the photo of each mask. */
bool cli_pairs_find(labelling *l);

/* The folder that all photos of a use are in, of those that split: "train"; NULL when there
 * are several. */
const char *cli_split_folder(const labelling *l, photo_use use);

/* Puts what was understood into l->out->words. */
bool cli_put_words(labelling *l);

#endif
