/* The features of one photo <-> the bytes of a file of the cache. */
#ifndef FLECK_CLI_CACHE_FILE_H
#define FLECK_CLI_CACHE_FILE_H

#include "hash.h"
#include "types.h"

#include <stdbool.h>

/* A cache serves the machine that wrote it, so numbers are in its byte order:
 * on another the magic reads differently. */
enum { CLI_FEATURES_MAGIC = 0x54414546 }; /* "FEAT" */

/* Identifies what the features were computed from, and how. */
typedef struct {
    uint64_t hash[2];
} cli_features_key;

/* Two hashes that are not for secrets; CLI_HASH_BEGIN is that of nothing. */
#define CLI_HASH_BEGIN                                                                             \
    {                                                                                              \
        {                                                                                          \
            FLECK_HASH_EMPTY, FLECK_HASH_EMPTY_2                                                   \
        }                                                                                          \
    }
void cli_hash_on(cli_features_key *hash, const void *bytes, size_t size);

/* Bytes of the file of P*D and D values; SIZE_MAX where size_t cannot hold it. */
size_t cli_features_size(size_t P, size_t D);

/* Writes as many: header, patch ([P, D]) and cls ([D]). */
void cli_features_write(cli_features_key key, size_t P, size_t D, const fleck_half *patch,
                        const fleck_half *cls, uint8_t *out);

/* Reads them back. False, and nothing is written there, where the bytes are not such a file of
 * this key and these sizes, or are damaged. */
bool cli_features_read(cli_features_key key, size_t P, size_t D, const uint8_t *bytes, size_t size,
                       fleck_half *patch, fleck_half *cls);

#endif
