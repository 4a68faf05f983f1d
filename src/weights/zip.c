/* PKWARE's APPNOTE.TXT describes the format: entries, each behind a header of its own,
 * a directory of them, and a record of where the directory is. */
#include "zip.h"

#include "tensors.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { END_BYTES = 22, ENTRY_BYTES = 46, HEADER_BYTES = 30, COMMENT_MAX = 65535 };
enum { ENCRYPTED = 1 | 1 << 6 | 1 << 13 };

static uint32_t u16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static uint32_t u32(const uint8_t *p) { return u16(p) | u16(p + 2) << 16; }

static bool is_record(const uint8_t *p, uint8_t kind) {
    return p[0] == 'P' && p[1] == 'K' && p[2] == kind && p[3] == kind + 1;
}

/* The record that ends the file, NULL when there is none. */
static const uint8_t *find_end(const uint8_t *bytes, size_t size) {
    for (size_t after = END_BYTES; after <= size && after <= END_BYTES + COMMENT_MAX; after++) {
        const uint8_t *end = bytes + size - after;
        if (is_record(end, 5) && u16(end + 20) == after - END_BYTES) return end;
    }
    return NULL;
}

static fleck_status bad_entry(fleck_arena *arena, const char *name, size_t length,
                              const char *fault, fleck_message *err) {
    const char *text = fleck_text_printable(arena, name, length);
    return fleck_fail(err, FLECK_ERR_FORMAT, "zip entry %.80s %s", text ? text : "", fault);
}

/* One entry of the directory at p, whose name is checked to be there. The data lie
 * before limit. */
static fleck_status read_entry(fleck_arena *arena, const uint8_t *bytes, size_t limit,
                               const uint8_t *p, fleck_zip_entry *out, fleck_message *err) {
    size_t length = u16(p + 28), size = u32(p + 24), at = u32(p + 42);
    const char *name = (const char *)p + ENTRY_BYTES, *fault = NULL;
    const uint8_t *header = bytes + (at < limit ? at : 0);
    size_t room = at < limit ? limit - at : 0, before = HEADER_BYTES;
    if (room >= HEADER_BYTES) before += length + u16(header + 28);
    if (u16(p + 8) & ENCRYPTED)
        fault = "is encrypted";
    else if (u16(p + 10))
        fault = "is compressed, but torch.save stores entries as they are";
    else if (size == UINT32_MAX || at == UINT32_MAX)
        fault = "is beyond 4 GiB (zip64)";
    else if (u32(p + 20) != size || room < before || size > room - before ||
             !is_record(header, 3) || u16(header + 26) != length ||
             memcmp(header + HEADER_BYTES, name, length))
        fault = "is not where the directory says";
    if (fault) return bad_entry(arena, name, length, fault, err);
    *out = (fleck_zip_entry){name, length, header, header + before, size};
    return FLECK_OK;
}

static int by_place(const void *a, const void *b) {
    const fleck_zip_entry *s = a, *t = b;
    return (s->header > t->header) - (s->header < t->header);
}

static int by_name(const void *a, const void *b) {
    const fleck_zip_entry *s = a, *t = b;
    size_t shorter = s->name_length < t->name_length ? s->name_length : t->name_length;
    int order = memcmp(s->name, t->name, shorter);
    return order ? order : (s->name_length > t->name_length) - (s->name_length < t->name_length);
}

fleck_status fleck_zip_open(fleck_arena *arena, const uint8_t *bytes, size_t size, fleck_zip *out,
                            fleck_message *err) {
    const uint8_t *end = find_end(bytes, size);
    if (!end)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "the file is cut short: after %zu bytes the directory that ends a zip "
                          "file is missing",
                          size);
    size_t count = u16(end + 10), length = u32(end + 12), at = u32(end + 16);
    size_t limit = (size_t)(end - bytes);
    if (count == UINT16_MAX || length == UINT32_MAX || at == UINT32_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT, "a zip file beyond 4 GiB (zip64) is not read");
    if (u16(end + 4) || u16(end + 6) || u16(end + 8) != count || at > limit ||
        length > limit - at || length / ENTRY_BYTES < count)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged zip file: its directory is not there");
    fleck_zip zip = {FLECK_NEW(arena, fleck_zip_entry, count), count};
    if (!zip.entries) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the zip directory");
    const uint8_t *p = bytes + at;
    size_t left = length;
    for (size_t i = 0; i < count; i++) {
        size_t need = ENTRY_BYTES;
        if (left >= need) need += u16(p + 28) + u16(p + 30) + u16(p + 32);
        if (left < need || !is_record(p, 1))
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged zip file: entry %zu of %zu", i + 1,
                              count);
        fleck_status status = read_entry(arena, bytes, at, p, &zip.entries[i], err);
        if (status) return status;
        p += need;
        left -= need;
    }
    fleck_zip_entry *entry = zip.entries;
    qsort(entry, count, sizeof *entry, by_place);
    for (size_t i = 1; i < count; i++)
        if (entry[i - 1].data + entry[i - 1].size > entry[i].header)
            return bad_entry(arena, entry[i].name, entry[i].name_length, "overlaps another", err);
    qsort(entry, count, sizeof *entry, by_name);
    for (size_t i = 1; i < count; i++)
        if (!by_name(&entry[i - 1], &entry[i]))
            return bad_entry(arena, entry[i].name, entry[i].name_length, "is there twice", err);
    *out = zip;
    return FLECK_OK;
}

const fleck_zip_entry *fleck_zip_find(const fleck_zip *zip, const char *name, size_t length) {
    fleck_zip_entry wanted = {.name = name, .name_length = length};
    return bsearch(&wanted, zip->entries, zip->count, sizeof wanted, by_name);
}
