/* A list of backbones that can be downloaded by name: models/backbones.json or another file of
 * that form. */
#ifndef FLECK_CLI_REGISTRY_H
#define FLECK_CLI_REGISTRY_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>

typedef struct {
    const char *name; /* letters a to z, digits and '-': a file can be called so */
    const char *title, *licence, *address, *source;
    const char *sha256; /* 64 digits in lower case; NULL: not known */
    uint64_t bytes;
    bool bytes_exact; /* otherwise about so many */
    uint32_t dim, depth, patch, registers;

    /* recommended, where neither the user nor the file says otherwise */
    uint32_t input, blocks[FLECK_BLOCKS_MAX], block_count;
} cli_backbone;

typedef struct {
    cli_backbone *items;
    size_t count;
} cli_registry;

/* Reads a list, of which err calls the file about. The texts are copied. */
bool cli_registry_parse(fleck_arena *arena, const char *about, const uint8_t *bytes, size_t size,
                        cli_registry *out, fleck_message *err);

/* NULL when there is none of that name. */
const cli_backbone *cli_registry_find(const cli_registry *registry, const char *name);

/* The name that this one may be a slip for; NULL when none is near. */
const char *cli_registry_nearest(const cli_registry *registry, const char *name);

#endif
