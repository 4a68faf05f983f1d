#include "registry.h"

#include "nearest.h"
#include "json.h"
#include "text.h"

#include <string.h>

enum { VALUES_MAX = 1 << 16, SHA256_DIGITS = 64 };

/* The list while it is read; every value's text is NUL-terminated in place. */
typedef struct {
    fleck_json json;
    const char *missing; /* the key at which an entry went wrong */
} document;

static const char *text_of(const document *d, uint32_t at) {
    return d->json.text + d->json.values[at].start;
}

static bool is_kind(const document *d, uint32_t at, fleck_json_kind kind) {
    return at && d->json.values[at].kind == kind;
}

static bool fail_at(document *d, const char *key) {
    d->missing = key;
    return false;
}

/* Text without escapes: nothing in the list needs one. */
static bool read_text(document *d, uint32_t entry, const char *key, const char **out) {
    uint32_t at = fleck_json_find(&d->json, entry, key);
    if (!is_kind(d, at, FLECK_JSON_STRING) || !*text_of(d, at) || strchr(text_of(d, at), '\\'))
        return fail_at(d, key);
    *out = text_of(d, at);
    return true;
}

static bool read_number(const document *d, uint32_t at, double low, double high, double *out) {
    if (!is_kind(d, at, FLECK_JSON_PRIMITIVE)) return false;
    const char *end = fleck_read_decimal(text_of(d, at), out);
    return end && !*end && *out >= low && *out <= high;
}

static bool read_whole(document *d, uint32_t entry, const char *key, double low, double high,
                       uint32_t *out) {
    double value;
    uint32_t at = fleck_json_find(&d->json, entry, key);
    if (!read_number(d, at, low, high, &value) || value != (uint32_t)value) return fail_at(d, key);
    *out = (uint32_t)value;
    return true;
}

/* Names become names of files, so nothing may lead out of their folder. */
static bool is_name(const char *name) {
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) && *name != '-' &&
           strlen(name) < 32;
}

static bool read_sha256(document *d, uint32_t entry, const char **out) {
    static const char key[] = "sha256";
    uint32_t at = fleck_json_find(&d->json, entry, key);
    if (is_kind(d, at, FLECK_JSON_PRIMITIVE) && !strcmp(text_of(d, at), "null")) return true;
    if (!read_text(d, entry, key, out) || strlen(*out) != SHA256_DIGITS ||
        strspn(*out, "0123456789abcdef") != SHA256_DIGITS)
        return fail_at(d, key);
    return true;
}

/* Ascending, and none beyond the last. */
static bool read_blocks(document *d, uint32_t entry, cli_backbone *b) {
    static const char key[] = "blocks";
    uint32_t at = fleck_json_find(&d->json, entry, key);
    if (!is_kind(d, at, FLECK_JSON_ARRAY)) return fail_at(d, key);
    b->block_count = d->json.values[at].size;
    if (!b->block_count || b->block_count > FLECK_BLOCKS_MAX) return fail_at(d, key);
    double least = 1, value;
    uint32_t *block = b->blocks;
    for (uint32_t item = 0; fleck_json_next(&d->json, at, &item);) {
        if (!read_number(d, item, least, b->depth, &value) || value != (uint32_t)value)
            return fail_at(d, key);
        *block++ = (uint32_t)value;
        least = value + 1;
    }
    return true;
}

static bool read_size(document *d, uint32_t entry, cli_backbone *b) {
    double bytes;
    b->bytes_exact = fleck_json_find(&d->json, entry, "bytes") != 0;
    const char *key = b->bytes_exact ? "bytes" : "about_bytes";
    uint32_t at = fleck_json_find(&d->json, entry, key);
    if (!read_number(d, at, 1, 1e12, &bytes)) return fail_at(d, key);
    b->bytes = (uint64_t)bytes;
    return true;
}

static bool read_entry(document *d, uint32_t entry, cli_backbone *b) {
    if (!read_text(d, entry, "name", &b->name)) return false;
    if (!is_name(b->name)) return fail_at(d, "name");
    if (!read_text(d, entry, "title", &b->title) || !read_text(d, entry, "licence", &b->licence) ||
        !read_text(d, entry, "source", &b->source) ||
        !read_text(d, entry, "address", &b->address) || !read_sha256(d, entry, &b->sha256) ||
        !read_size(d, entry, b) || !read_whole(d, entry, "dim", 1, 8192, &b->dim) ||
        !read_whole(d, entry, "depth", 1, 64, &b->depth) ||
        !read_whole(d, entry, "patch", 1, 64, &b->patch) ||
        !read_whole(d, entry, "registers", 0, 64, &b->registers) ||
        !read_whole(d, entry, "input", 1, 8192, &b->input) || !read_blocks(d, entry, b))
        return false;
    if (strncmp(b->address, "https://", 8) != 0 && strncmp(b->address, "http://", 7) != 0)
        return fail_at(d, "address");
    if (b->input % b->patch) return fail_at(d, "input");
    return true;
}

bool cli_registry_parse(fleck_arena *arena, const char *about, const uint8_t *bytes, size_t size,
                        cli_registry *out, fleck_message *err) {
    document d = {.missing = NULL};
    char *text = fleck_text_copy(arena, bytes, size);
    if (!text) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", about);
        return false;
    }
    if (fleck_json_parse(arena, about, text, size, VALUES_MAX, &d.json, err)) return false;
    uint32_t list = fleck_json_find(&d.json, 0, "backbones");
    if (!is_kind(&d, list, FLECK_JSON_ARRAY)) {
        fleck_fail(err, FLECK_ERR_FORMAT, "%s: no list \"backbones\" in it", about);
        return false;
    }
    for (uint32_t i = 0; i < d.json.count; i++) text[d.json.values[i].end] = '\0';
    out->count = 0;
    out->items = FLECK_NEW_ZERO(arena, cli_backbone, d.json.values[list].size);
    if (!out->items) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", about);
        return false;
    }
    for (uint32_t at = 0; fleck_json_next(&d.json, list, &at);) {
        cli_backbone *b = &out->items[out->count];
        if (!read_entry(&d, at, b) || cli_registry_find(out, b->name)) {
            fleck_fail(err, FLECK_ERR_FORMAT, "%s: backbone %u%s%s: bad, missing or repeated %s",
                       about, (unsigned)out->count + 1, b->name ? ", " : "", b->name ? b->name : "",
                       d.missing ? d.missing : "name");
            return false;
        }
        out->count++;
    }
    return true;
}

const cli_backbone *cli_registry_find(const cli_registry *registry, const char *name) {
    for (size_t i = 0; i < registry->count; i++)
        if (!strcmp(registry->items[i].name, name)) return &registry->items[i];
    return NULL;
}

const char *cli_registry_nearest(const cli_registry *registry, const char *name) {
    const char *nearest = NULL;
    for (size_t i = 0; i < registry->count; i++) {
        const char *names[] = {registry->items[i].name, nearest};
        nearest = cli_nearest(name, names, nearest ? 2 : 1);
    }
    return nearest;
}
