/* A zip file as torch.save writes it. */
#ifndef FLECK_TESTS_ZIP_H
#define FLECK_TESTS_ZIP_H

#include "bytes.h"

typedef struct {
    const char *name;
    const void *data;
    size_t size;
    size_t header, directory; /* where they are in the file */
} zip_entry;

static inline void put_zip(byte_file *f, zip_entry *entries, size_t count) {
    for (size_t i = 0; i < count; i++) {
        zip_entry *e = &entries[i];
        e->header = f->size;
        put(f, "PK\3\4", 4);
        put(f, (uint8_t[14]){0}, 14);
        put_le(f, e->size, 4);
        put_le(f, e->size, 4);
        put_le(f, strlen(e->name), 2);
        put_le(f, 0, 2);
        put(f, e->name, strlen(e->name));
        put(f, e->data, e->size);
    }
    size_t begin = f->size;
    for (size_t i = 0; i < count; i++) {
        zip_entry *e = &entries[i];
        e->directory = f->size;
        put(f, "PK\1\2", 4);
        put(f, (uint8_t[16]){0}, 16);
        put_le(f, e->size, 4);
        put_le(f, e->size, 4);
        put_le(f, strlen(e->name), 2);
        put(f, (uint8_t[12]){0}, 12);
        put_le(f, e->header, 4);
        put(f, e->name, strlen(e->name));
    }
    size_t length = f->size - begin;
    put(f, "PK\5\6\0\0\0\0", 8);
    put_le(f, count, 2);
    put_le(f, count, 2);
    put_le(f, length, 4);
    put_le(f, begin, 4);
    put_le(f, 0, 2);
}

#endif
