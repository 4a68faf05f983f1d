/* What a file is, by its first bytes: names lie. */
#ifndef FLECK_CLI_FILE_KIND_H
#define FLECK_CLI_FILE_KIND_H

#include "image_kind.h"
#include "status.h"

#include <stdbool.h>

typedef enum {
    CLI_KIND_MISSING = 0, /* nothing of that name, or it cannot be opened: errno says */
    CLI_KIND_FOLDER,
    CLI_KIND_SPECIAL, /* a pipe, a device: reading it might never end */
    CLI_KIND_EMPTY,
    CLI_KIND_PHOTO,   /* of a kind that fleck decodes */
    CLI_KIND_PICTURE, /* of another */
    CLI_KIND_HEATMAP, /* that fleck drew */
    CLI_KIND_OWN,     /* a table or features that fleck wrote */
    CLI_KIND_MODEL,   /* that fleck trained */
    CLI_KIND_WEIGHTS, /* safetensors or a PyTorch checkpoint: a backbone, perhaps */
    CLI_KIND_TEXT,
    CLI_KIND_OTHER
} cli_kind;

enum { CLI_KIND_HEAD = FLECK_KIND_BYTES }; /* bytes of a file's beginning that tell its kind */

/* Of a file that begins so; *name receives a word for it, "TIFF", or NULL. */
cli_kind cli_kind_of_head(const unsigned char *bytes, size_t size, const char **name);

typedef struct {
    char text[64]; /* "a TIFF picture" */
} cli_kind_words;

/* words may be NULL. */
cli_kind cli_kind_of(const char *path, cli_kind_words *words);

#endif
