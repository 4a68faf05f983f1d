/* A zip file's bytes -> its entries, as PyTorch writes it: nothing is compressed. */
#ifndef FLECK_ZIP_H
#define FLECK_ZIP_H

#include "arena.h"
#include "status.h"

typedef struct {
    const char *name; /* within the file's bytes, no NUL at its end */
    size_t name_length;
    const uint8_t *header; /* where the entry begins */
    const uint8_t *data;
    size_t size;
} fleck_zip_entry;

typedef struct {
    fleck_zip_entry *entries; /* by name */
    size_t count;
} fleck_zip;

/* Reads the directory at the end. The table lives in arena and points into bytes.
 * Entries that are compressed, encrypted, over 4 GiB, out of the file, there twice
 * or in each other's place are FLECK_ERR_FORMAT and named. */
fleck_status fleck_zip_open(fleck_arena *arena, const uint8_t *bytes, size_t size, fleck_zip *out,
                            fleck_message *err);

/* NULL when there is none of that name. */
const fleck_zip_entry *fleck_zip_find(const fleck_zip *zip, const char *name, size_t length);

#endif
