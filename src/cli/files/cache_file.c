#include "cache_file.h"

#include "arena.h"

#include <string.h>

enum { VERSION = 1 }; /* raise when the file changes */

typedef struct {
    uint32_t magic, version;
    uint64_t P, D;
    cli_features_key key;
    cli_features_key values; /* hash of what follows: patch [P, D], cls [D] */
} header;

void cli_hash_on(cli_features_key *hash, const void *bytes, size_t size) {
    for (const uint8_t *at = bytes, *end = at + size; at < end; at++) {
        hash->hash[0] = fleck_hash_add(hash->hash[0], *at);
        hash->hash[1] = fleck_hash_add_2(hash->hash[1], *at);
    }
}

size_t cli_features_size(size_t P, size_t D) {
    size_t values = FLECK_SIZE(fleck_size_sum(P, 1), D);
    return fleck_size_sum(FLECK_SIZE(values, sizeof(fleck_half)), sizeof(header));
}

static header header_of(cli_features_key key, size_t P, size_t D, const uint8_t *values,
                        size_t size) {
    header h = {.magic = CLI_FEATURES_MAGIC,
                .version = VERSION,
                .P = P,
                .D = D,
                .key = key,
                .values = CLI_HASH_BEGIN};
    cli_hash_on(&h.values, values, size);
    return h;
}

void cli_features_write(cli_features_key key, size_t P, size_t D, const fleck_half *patch,
                        const fleck_half *cls, uint8_t *out) {
    size_t patch_size = P * D * sizeof *patch, cls_size = D * sizeof *cls;
    uint8_t *values = out + sizeof(header);
    if (patch_size) memcpy(values, patch, patch_size);
    if (cls_size) memcpy(values + patch_size, cls, cls_size);
    header h = header_of(key, P, D, values, patch_size + cls_size);
    memcpy(out, &h, sizeof h);
}

bool cli_features_read(cli_features_key key, size_t P, size_t D, const uint8_t *bytes, size_t size,
                       fleck_half *patch, fleck_half *cls) {
    size_t want = cli_features_size(P, D);
    if (want == SIZE_MAX || size != want) return false;
    const uint8_t *values = bytes + sizeof(header);
    header expected = header_of(key, P, D, values, size - sizeof(header));
    if (memcmp(bytes, &expected, sizeof expected)) return false;
    size_t patch_size = P * D * sizeof *patch, cls_size = D * sizeof *cls;
    if (patch_size) memcpy(patch, values, patch_size);
    if (cls_size) memcpy(cls, values + patch_size, cls_size);
    return true;
}
