/* Any bytes as a file of the features' cache: read for the sizes and the key that it names
 * itself and for others, or refused. What was read is written as the same bytes. */
#include "arena.h"
#include "cache_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { AT_P = 8, AT_D = 16, AT_KEY = 24, AT_VALUES = 40, HEADER = 56 };

static size_t number_at(const uint8_t *bytes, size_t size, size_t at) {
    uint64_t value = 0;
    if (size >= at + sizeof value) memcpy(&value, bytes + at, sizeof value);
    return (size_t)value;
}

/* Room for exactly the features of these sizes, as a sanitizer wants it. */
static void read_as(cli_features_key key, size_t P, size_t D, const uint8_t *bytes, size_t size) {
    size_t file = cli_features_size(P, D), most = 1 << 20;
    if (file == SIZE_MAX || file > most) { /* no file is so large: refused before it is looked at */
        fleck_half none;
        if (cli_features_read(key, P, D, bytes, size, &none, &none)) abort();
        return;
    }
    size_t n = P * D;
    fleck_half *patch = malloc(n ? n * sizeof *patch : 1), *cls = malloc(D ? D * sizeof *cls : 1);
    uint8_t *again = malloc(file);
    if (!patch || !cls || !again) abort();
    if (cli_features_read(key, P, D, bytes, size, patch, cls)) {
        if (size != file) abort();
        cli_features_write(key, P, D, patch, cls, again);
        if (memcmp(again, bytes, size)) abort();
        key.hash[1] ^= 1;
        if (cli_features_read(key, P, D, bytes, size, patch, cls)) abort();
    }
    free(again);
    free(cls);
    free(patch);
}

/* A fuzzer cannot find the hash of what it changed: it is put right. */
static uint8_t *repaired(const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, bytes, size);
    if (size >= HEADER) {
        cli_features_key values = CLI_HASH_BEGIN;
        cli_hash_on(&values, copy + HEADER, size - HEADER);
        memcpy(copy + AT_VALUES, &values, sizeof values);
    }
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint8_t *whole = repaired(bytes, size);
    const uint8_t *files[] = {bytes, whole};
    for (int i = 0; i < 2; i++) {
        size_t P = number_at(files[i], size, AT_P), D = number_at(files[i], size, AT_D);
        cli_features_key key = {{0, 0}};
        if (size >= AT_KEY + sizeof key) memcpy(&key, files[i] + AT_KEY, sizeof key);
        read_as(key, P, D, files[i], size);
        read_as(key, D, P, files[i], size);
        read_as(key, 4, 3, files[i], size);
        read_as(key, SIZE_MAX, D, files[i], size);
        read_as(key, SIZE_MAX / 2 + 1, 2, files[i], size);
    }
    free(whole);
    return 0;
}
