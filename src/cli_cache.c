#include "cli_cache.h"

#include "cli_aside.h"
#include "cli_files.h"

#include <string.h>

/* A cache serves the machine that wrote it, so numbers are in its byte order:
 * on another the magic reads differently. */
enum { MAGIC = 0x54414546, VERSION = 2 }; /* raise when photos get other features */

typedef struct {
    uint32_t magic, version;
    uint64_t P, D;
    uint64_t key[2];
    uint64_t values[2]; /* hash of what follows: patch [P, D], cls [D] */
} header;

/* FNV-1a beside the same with another basis and multiplier. */
static const uint64_t hash_start[2] = {0xcbf29ce484222325u, 0x9e3779b97f4a7c15u};

static void hash_on(uint64_t hash[2], const void *bytes, size_t size) {
    for (const uint8_t *at = bytes, *end = at + size; at < end; at++) {
        hash[0] = (hash[0] ^ *at) * 0x100000001b3u;
        hash[1] = (hash[1] ^ *at) * 0x5851f42d4c957f2du;
    }
}

static char *path_of(const cli_cache *cache, fleck_arena *scratch, cli_cache_key key) {
    char name[33];
    snprintf(name, sizeof name, "%016llx%016llx", (unsigned long long)key.hash[0],
             (unsigned long long)key.hash[1]);
    return cli_join(scratch, cache->dir, name, ".feat");
}

/* Bytes of patch, and of a whole file. */
static bool sizes_of(const cli_cache *cache, size_t *patch, size_t *file) {
    size_t all;
    if (!fleck_size_mul(cache->P, cache->D, patch) || cache->P == SIZE_MAX ||
        !fleck_size_mul(cache->P + 1, cache->D, &all) ||
        !fleck_size_mul(all, sizeof(fleck_half), &all) || all > SIZE_MAX - sizeof(header))
        return false;
    *patch *= sizeof(fleck_half);
    *file = all + sizeof(header);
    return true;
}

static header header_of(const cli_cache *cache, cli_cache_key key, const uint8_t *values,
                        size_t size) {
    header h = {.magic = MAGIC, .version = VERSION, .P = cache->P, .D = cache->D};
    memcpy(h.key, key.hash, sizeof h.key);
    memcpy(h.values, hash_start, sizeof h.values);
    hash_on(h.values, values, size);
    return h;
}

bool cli_cache_open(cli_cache *cache, fleck_arena *scratch, const char *dir,
                    const fleck_options *options, fleck_feature_shape shape,
                    const uint8_t *backbone, size_t backbone_size, fleck_message *err) {
    char *file = cli_join(scratch, dir, "any", "");
    if (!file) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", dir);
        return false;
    }
    cli_aside try;
    if (!cli_make_folder(scratch, dir, err)) return false;
    cli_aside_sweep(scratch, dir);
    if (!cli_aside_open(scratch, file, 0, &try, err)) return false;
    cli_aside_drop(&try);

    *cache = (cli_cache){.dir = dir, .P = shape.patches, .D = shape.dim};
    uint64_t settings[7 + FLECK_BLOCKS_MAX] = {
        VERSION,       options->preset, options->precision,  shape.input,
        shape.patches, shape.dim,       options->block_count};
    for (uint32_t i = 0; i < options->block_count; i++) settings[7 + i] = options->blocks[i];
    const char *kernels = options->kernels ? options->kernels : "";
    memcpy(cache->source, hash_start, sizeof cache->source);
    hash_on(cache->source, FLECK_VERSION, sizeof FLECK_VERSION);
    hash_on(cache->source, settings, sizeof settings);
    hash_on(cache->source, kernels, strlen(kernels) + 1);
    hash_on(cache->source, &backbone_size, sizeof backbone_size);
    hash_on(cache->source, backbone, backbone_size);
    return true;
}

cli_cache_key cli_cache_key_of(const cli_cache *cache, uint32_t sample_bits, const uint8_t *photo,
                               size_t size) {
    cli_cache_key key;
    memcpy(key.hash, cache->source, sizeof key.hash);
    hash_on(key.hash, &sample_bits, sizeof sample_bits);
    hash_on(key.hash, photo, size);
    return key;
}

bool cli_cache_read(const cli_cache *cache, fleck_arena *scratch, cli_cache_key key,
                    fleck_half *patch, fleck_half *cls) {
    fleck_message why; /* a file that cannot be read is written anew, which may fail aloud */
    size_t patch_size, file_size, size;
    uint8_t *bytes;
    char *path = path_of(cache, scratch, key);
    if (!path || !sizes_of(cache, &patch_size, &file_size) ||
        !cli_read(scratch, path, file_size, &bytes, &size, &why) || size != file_size)
        return false;
    const uint8_t *values = bytes + sizeof(header);
    header want = header_of(cache, key, values, size - sizeof(header));
    if (memcmp(bytes, &want, sizeof want)) return false;
    memcpy(patch, values, patch_size);
    memcpy(cls, values + patch_size, size - sizeof(header) - patch_size);
    return true;
}

bool cli_cache_write(const cli_cache *cache, fleck_arena *scratch, cli_cache_key key,
                     const fleck_half *patch, const fleck_half *cls, fleck_message *err) {
    size_t patch_size, size;
    char *path = path_of(cache, scratch, key);
    uint8_t *bytes =
        path && sizes_of(cache, &patch_size, &size) ? FLECK_NEW(scratch, uint8_t, size) : NULL;
    if (!bytes) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", cache->dir);
        return false;
    }
    uint8_t *values = bytes + sizeof(header);
    memcpy(values, patch, patch_size);
    memcpy(values + patch_size, cls, size - sizeof(header) - patch_size);
    header h = header_of(cache, key, values, size - sizeof(header));
    memcpy(bytes, &h, sizeof h);
    return cli_write(scratch, path, bytes, size, err);
}
