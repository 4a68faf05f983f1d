/* Tables beside the photos of a data set that say which are defective, or which are learnt
 * from: labels.csv of ELPV, split_csv/1cls.csv of VisA, and their like. */
#ifndef FLECK_CLI_ANNOTATIONS_H
#define FLECK_CLI_ANNOTATIONS_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>

/* What a table says of a photo. */
typedef struct {
    unsigned label;    /* CLI_WORD_GOOD, CLI_WORD_BAD, CLI_WORD_UNSURE: in between; 0: nothing */
    unsigned split;    /* CLI_WORD_TRAIN, ...; 0: nothing */
    const char *class; /* the text that labels it */
} cli_annotation;

typedef struct {
    const char *labels, *splits; /* names of the files that were used; NULL: none */
    cli_annotation *photos;      /* [count] */
} cli_annotations;

/* Looks in dir, dir/split_csv and dir/../split_csv for what is said of the photos of these
 * names, relative to dir. A table that names some of them and labels them in a way that can
 * mean two things is a failure, as is one too large to read: err says so. */
bool cli_annotations_find(fleck_arena *arena, const char *dir, const char *const *names,
                          size_t count, bool want_labels, bool want_splits, cli_annotations *out,
                          fleck_message *err);

#endif
