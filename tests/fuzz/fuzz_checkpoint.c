/* Any bytes as a PyTorch checkpoint: a zip file as it is, anything else as the pickle
 * of one with two storages. */
#include "../c/zip_of.h"
#include "pickle.h"
#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static byte_file wrap(const uint8_t *pickle, size_t size) {
    static const uint8_t zeros[1024];
    zip_entry entries[] = {{.name = "a/data.pkl", .data = pickle, .size = size},
                           {.name = "a/data/0", .data = zeros, .size = sizeof zeros},
                           {.name = "a/data/1", .data = zeros, .size = 16}};
    byte_file f = {0};
    put_zip(&f, entries, sizeof entries / sizeof *entries);
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_weights w;
    fleck_message err = {""};
    bool whole = fleck_is_checkpoint(bytes, size) && bytes[0] == 'P';
    byte_file f = whole ? (byte_file){0} : wrap(bytes, size);
    fleck_status status =
        fleck_checkpoint_open(&arena, whole ? bytes : f.bytes, whole ? size : f.size, &w, &err);
    check_table(status, &w, &err);
    free(f.bytes);
    fleck_arena_free(&arena);
    return 0;
}
