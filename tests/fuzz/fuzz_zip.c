/* Any bytes as a zip file. */
#include "zip.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_zip zip;
    fleck_message err = {""};
    if (fleck_zip_open(&arena, bytes, size, &zip, &err)) {
        if (!*err.text) abort();
    } else {
        size_t total = 0;
        for (size_t i = 0; i < zip.count; i++) {
            const fleck_zip_entry *e = &zip.entries[i];
            if (e->data < bytes || e->size > size - (size_t)(e->data - bytes)) abort();
            if (fleck_zip_find(&zip, e->name, e->name_length) != e) abort();
            total += e->size;
        }
        if (total > size) abort(); /* no byte is in two entries */
    }
    fleck_arena_free(&arena);
    return 0;
}
