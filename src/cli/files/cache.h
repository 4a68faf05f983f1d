/* Features of photos, kept in a folder from one run to the next. */
#ifndef FLECK_CLI_CACHE_H
#define FLECK_CLI_CACHE_H

#include "arena.h"
#include "cache_file.h"
#include "status.h"

#include <stdbool.h>

typedef struct {
    const char *dir;           /* NULL: nothing is kept */
    fleck_feature_shape shape; /* of what is kept, set by whoever knows it */
    cli_features_key source;   /* hash of what else determines features, but for the photo */
} cli_cache;

/* Begins to keep features in the folder dir (borrowed), which is there. backbone
 * is the bytes of its file. False when the folder cannot be written into; err
 * names it. */
bool cli_cache_open(cli_cache *cache, fleck_arena *scratch, const char *dir,
                    const fleck_options *options, const uint8_t *backbone, size_t backbone_size,
                    fleck_message *err);

/* Identifies the features of a photo by the bytes of its file and the detector's sample bits. */
cli_features_key cli_cache_key_of(const cli_cache *cache, uint32_t sample_bits,
                                  const uint8_t *photo, size_t size);

/* Reads features into patch ([P, D]) and cls ([D]). False, and nothing is
 * written there, when they are not kept or their file is damaged. */
bool cli_cache_read(const cli_cache *cache, fleck_arena *scratch, cli_features_key key,
                    fleck_half *patch, fleck_half *cls);

/* Keeps features, in place of a damaged file too. False when they cannot be
 * written; err names the file. */
bool cli_cache_write(const cli_cache *cache, fleck_arena *scratch, cli_features_key key,
                     const fleck_half *patch, const fleck_half *cls, fleck_message *err);

#endif
