/* Any bytes as a file of features: read, and then whatever photos it names, or refused. */
#include "safetensors.h"
#include "shard_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { VALUES_MOST = 1 << 20 };

/* Room for exactly the features of a photo, as a sanitizer wants it. */
static void read_photos(const cli_shard *s) {
    size_t count = s->P * s->D;
    if (count > VALUES_MOST) return;
    fleck_half *patch = malloc(count * sizeof *patch), *cls = malloc(s->D * sizeof *cls);
    if (!patch || !cls) abort();
    for (size_t i = 0; i < s->count; i++) {
        if (!*s->photos[i].name) abort();
        cli_shard_values(s, &s->photos[i], patch, cls);
    }
    free(cls);
    free(patch);
}

static void read_file(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_message err;
    cli_shard shard;
    if (cli_shard_read(&arena, bytes, size, &shard, &err) == FLECK_OK) read_photos(&shard);
    fleck_arena_free(&arena);
}

/* A fuzzer cannot find the hash of what it changed: it is put right. */
static uint8_t *repaired(const uint8_t *bytes, size_t size) {
    enum { SEAL = 16 };
    fleck_arena arena = {0};
    fleck_message err;
    fleck_weights table;
    bool cut;
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, bytes, size);
    if (size > SEAL && fleck_is_safetensors(copy, size) &&
        fleck_safetensors_open(&arena, copy, size, &table, &cut, &err) == FLECK_OK) {
        const fleck_tensor *t = fleck_weights_find(&table, "features");
        if (t && t->dtype == FLECK_F16 && t->data + fleck_tensor_bytes(t) <= copy + size - SEAL) {
            const uint8_t *end = t->data + fleck_tensor_bytes(t);
            memcpy(copy + size - SEAL, "fleckfea", 8);
            uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, copy, (size_t)(t->data - copy));
            hash = fleck_hash_bytes(hash, end, (size_t)(copy + size - 8 - end));
            memcpy(copy + size - 8, &hash, sizeof hash);
        }
    }
    fleck_arena_free(&arena);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint8_t *whole = repaired(bytes, size);
    read_file(bytes, size);
    read_file(whole, size);
    free(whole);
    return 0;
}
