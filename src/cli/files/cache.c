#include "cache.h"

#include "atomic_file.h"
#include "files.h"
#include "fleck.h"

#include <string.h>

enum { VERSION = 5 }; /* raise when photos get other features */

static char *path_of(const cli_cache *cache, fleck_arena *scratch, cli_features_key key) {
    char name[33];
    snprintf(name, sizeof name, "%016llx%016llx", (unsigned long long)key.hash[0],
             (unsigned long long)key.hash[1]);
    return cli_join(scratch, cache->dir, name, ".feat");
}

bool cli_cache_open(cli_cache *cache, fleck_arena *scratch, const char *dir,
                    const fleck_options *options, const uint8_t *backbone, size_t backbone_size,
                    fleck_message *err) {
    char *file = cli_join(scratch, dir, "any", "");
    if (!file) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", dir);
        return false;
    }
    cli_atomic_file try;
    cli_atomic_sweep(scratch, dir);
    if (!cli_atomic_open(scratch, file, 0, &try, err)) return false;
    cli_atomic_drop(&try);

    *cache = (cli_cache){.dir = dir};
    uint64_t settings[4 + FLECK_BLOCKS_MAX] = {VERSION, options->preset, options->precision,
                                               options->block_count};
    for (uint32_t i = 0; i < options->block_count; i++) settings[4 + i] = options->blocks[i];
    const char *kernels = options->kernels ? options->kernels : "";
    cache->source = (cli_features_key)CLI_HASH_BEGIN;
    cli_hash_on(&cache->source, FLECK_VERSION, sizeof FLECK_VERSION);
    cli_hash_on(&cache->source, settings, sizeof settings);
    cli_hash_on(&cache->source, kernels, strlen(kernels) + 1);
    cli_hash_on(&cache->source, &backbone_size, sizeof backbone_size);
    cli_hash_on(&cache->source, backbone, backbone_size);
    return true;
}

cli_features_key cli_cache_key_of(const cli_cache *cache, uint32_t sample_bits,
                                  const uint8_t *photo, size_t size) {
    const fleck_feature_shape *s = &cache->shape;
    uint32_t settings[] = {s->input,        s->rows,      s->columns, s->dim,
                           s->tile_columns, s->tile_rows, sample_bits};
    cli_features_key key = cache->source;
    cli_hash_on(&key, settings, sizeof settings);
    cli_hash_on(&key, photo, size);
    return key;
}

bool cli_cache_read(const cli_cache *cache, fleck_arena *scratch, cli_features_key key,
                    fleck_half *patch, fleck_half *cls) {
    fleck_message why; /* a file that cannot be read is written anew, which may fail aloud */
    uint8_t *bytes;
    size_t size;
    char *path = path_of(cache, scratch, key);
    return path &&
           cli_read(scratch, path, cli_features_size(cache->shape.patches, cache->shape.dim),
                    &bytes, &size, &why) &&
           cli_features_read(key, cache->shape.patches, cache->shape.dim, bytes, size, patch, cls);
}

bool cli_cache_write(const cli_cache *cache, fleck_arena *scratch, cli_features_key key,
                     const fleck_half *patch, const fleck_half *cls, fleck_message *err) {
    size_t size = cli_features_size(cache->shape.patches, cache->shape.dim);
    char *path = path_of(cache, scratch, key);
    uint8_t *bytes = path ? FLECK_NEW(scratch, uint8_t, size) : NULL;
    if (!bytes) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", cache->dir);
        return false;
    }
    cli_features_write(key, cache->shape.patches, cache->shape.dim, patch, cls, bytes);
    return cli_write(scratch, path, bytes, size, err);
}
