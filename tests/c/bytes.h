/* Files that are made byte by byte, for tests that need what no program writes. */
#ifndef FLECK_TESTS_BYTES_H
#define FLECK_TESTS_BYTES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *bytes; /* to be freed */
    size_t size, room;
} byte_file;

static inline void put(byte_file *f, const void *bytes, size_t n) {
    if (n > f->room - f->size) {
        f->room = 2 * (f->size + n) + 4096;
        f->bytes = realloc(f->bytes, f->room);
        if (!f->bytes) exit(1);
    }
    if (n) memcpy(f->bytes + f->size, bytes, n);
    f->size += n;
}

/* Little-endian, over what is there and at the end. */
static inline void set_le(uint8_t *at, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static inline void put_le(byte_file *f, uint64_t value, size_t bytes) {
    uint8_t number[8];
    set_le(number, value, bytes);
    put(f, number, bytes);
}

/* The same of four bytes, big-endian. */
static inline void set_be32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static inline void put_be32(byte_file *f, uint32_t value) {
    uint8_t number[4];
    set_be32(number, value);
    put(f, number, 4);
}

/* PNG's checksum, bit by bit. */
static inline uint32_t crc_of(const uint8_t *bytes, size_t size) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

#endif
