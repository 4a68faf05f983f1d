/* Any bytes as a PyTorch checkpoint: a zip file as it is, anything else as the pickle
 * of one with two storages. */
#include "pickle.h"
#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct {
    uint8_t *bytes;
    size_t size;
} file;

static void put(file *f, const void *bytes, size_t n) {
    memcpy(f->bytes + f->size, bytes, n);
    f->size += n;
}

static void put_number(file *f, size_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) put(f, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

static file wrap(const uint8_t *pickle, size_t pickle_size) {
    static const uint8_t zeros[1024];
    const struct {
        const char *name;
        const void *data;
        size_t size;
    } entries[] = {{"a/data.pkl", pickle, pickle_size},
                   {"a/data/0", zeros, sizeof zeros},
                   {"a/data/1", zeros, 16}};
    enum { ENTRIES = sizeof entries / sizeof *entries };
    size_t header[ENTRIES];
    file f = {malloc(pickle_size + 4096), 0};
    if (!f.bytes) abort();
    for (size_t i = 0; i < ENTRIES; i++) {
        size_t length = strlen(entries[i].name);
        header[i] = f.size;
        put(&f, "PK\3\4", 4);
        put(&f, zeros, 22);
        put_number(&f, length, 4);
        put(&f, entries[i].name, length);
        if (entries[i].size) put(&f, entries[i].data, entries[i].size);
    }
    size_t directory = f.size;
    for (size_t i = 0; i < ENTRIES; i++) {
        size_t length = strlen(entries[i].name);
        put(&f, "PK\1\2", 4);
        put(&f, zeros, 16);
        put_number(&f, entries[i].size, 4);
        put_number(&f, entries[i].size, 4);
        put_number(&f, length, 2);
        put(&f, zeros, 12);
        put_number(&f, header[i], 4);
        put(&f, entries[i].name, length);
    }
    size_t length = f.size - directory;
    put(&f, "PK\5\6\0\0\0\0", 8);
    put_number(&f, ENTRIES, 2);
    put_number(&f, ENTRIES, 2);
    put_number(&f, length, 4);
    put_number(&f, directory, 4);
    put_number(&f, 0, 2);
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_weights w;
    fleck_message err = {""};
    bool whole = fleck_is_checkpoint(bytes, size) && bytes[0] == 'P';
    file f = whole ? (file){NULL, 0} : wrap(bytes, size);
    fleck_status status =
        fleck_checkpoint_open(&arena, whole ? bytes : f.bytes, whole ? size : f.size, &w, &err);
    check_table(status, &w, &err);
    free(f.bytes);
    fleck_arena_free(&arena);
    return 0;
}
