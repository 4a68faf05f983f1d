/* Any bytes as a list of backbones. */
#include "registry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const cli_registry *registry, const cli_backbone *b) {
    if (cli_registry_find(registry, b->name) != b) abort();
    if (!cli_registry_nearest(registry, b->name)) abort();
    /* the name becomes a file's, and the address a program's argument */
    if (!*b->name || *b->name == '-' || strchr(b->name, '/') || strchr(b->name, '.')) abort();
    if (strncmp(b->address, "http", 4) != 0) abort();
    if (b->sha256 && strlen(b->sha256) != 64) abort();
    if (!*b->title || !*b->licence || !*b->source || !b->bytes) abort();
    if (!b->patch || !b->input || b->input % b->patch) abort();
    if (!b->block_count || b->block_count > FLECK_BLOCKS_MAX) abort();
    for (uint32_t i = 0, last = 0; i < b->block_count; last = b->blocks[i++])
        if (b->blocks[i] <= last || b->blocks[i] > b->depth) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    cli_registry registry;
    fleck_message err = {""};
    if (cli_registry_parse(&arena, "list", bytes, size, &registry, &err))
        for (size_t i = 0; i < registry.count; i++) check(&registry, &registry.items[i]);
    else if (!*err.text)
        abort();
    fleck_arena_free(&arena);
    return 0;
}
