#include "cli_registry.h"

#include "cli_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn.h"

enum { TEXT_MAX = 1 << 20, TOKENS_MAX = 1 << 16, SHA256_DIGITS = 64 };

static const uint8_t built_in[] = {
#include "backbones.inc"
};

/* The JSON while it is read; every token of text is NUL-terminated in place. */
typedef struct {
    char *text;
    jsmntok_t *tokens;
    int count;
    const char *missing; /* the key at which an entry went wrong */
} document;

static const char *text_of(const document *d, int at) { return d->text + d->tokens[at].start; }

/* The token after the whole value at `at`. */
static int skip_value(const document *d, int at) {
    int end = d->tokens[at].end;
    do at++;
    while (at < d->count && d->tokens[at].start < end);
    return at;
}

/* How many values the array or object at `at` has; jsmn's own count is wrong where colons
 * are. */
static int count_values(const document *d, int at) {
    int end = skip_value(d, at), count = 0;
    for (int value = at + 1; value < end; value = skip_value(d, value)) count++;
    return count;
}

/* The value of a key in the object at `at`; 0, which is never a value, where there is none. */
static int find(const document *d, int at, const char *key) {
    if (d->tokens[at].type != JSMN_OBJECT) return 0;
    int end = skip_value(d, at);
    for (int name = at + 1; name + 1 < end; name = skip_value(d, name + 1))
        if (d->tokens[name].type == JSMN_STRING && !strcmp(text_of(d, name), key)) return name + 1;
    return 0;
}

static bool fail_at(document *d, const char *key) {
    d->missing = key;
    return false;
}

/* Text without escapes: nothing in the list needs one. */
static bool read_text(document *d, int entry, const char *key, const char **out) {
    int at = find(d, entry, key);
    if (!at || d->tokens[at].type != JSMN_STRING || !*text_of(d, at) ||
        strchr(text_of(d, at), '\\'))
        return fail_at(d, key);
    *out = text_of(d, at);
    return true;
}

static bool read_number(const document *d, int at, double low, double high, double *out) {
    char *end;
    if (d->tokens[at].type != JSMN_PRIMITIVE) return false;
    *out = strtod(text_of(d, at), &end);
    return !*end && *out >= low && *out <= high;
}

static bool read_whole(document *d, int entry, const char *key, double low, double high,
                       uint32_t *out) {
    double value;
    int at = find(d, entry, key);
    if (!at || !read_number(d, at, low, high, &value) || value != (uint32_t)value)
        return fail_at(d, key);
    *out = (uint32_t)value;
    return true;
}

/* Names become names of files, so nothing may lead out of their folder. */
static bool is_name(const char *name) {
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) && *name != '-' &&
           strlen(name) < 32;
}

static bool read_sha256(document *d, int entry, const char **out) {
    static const char key[] = "sha256";
    int at = find(d, entry, key);
    if (at && d->tokens[at].type == JSMN_PRIMITIVE && !strcmp(text_of(d, at), "null")) return true;
    if (!read_text(d, entry, key, out) || strlen(*out) != SHA256_DIGITS ||
        strspn(*out, "0123456789abcdef") != SHA256_DIGITS)
        return fail_at(d, key);
    return true;
}

/* Ascending, and none beyond the last. */
static bool read_blocks(document *d, int entry, cli_backbone *b) {
    static const char key[] = "blocks";
    int at = find(d, entry, key);
    if (!at || d->tokens[at].type != JSMN_ARRAY) return fail_at(d, key);
    b->block_count = (uint32_t)count_values(d, at);
    if (!b->block_count || b->block_count > FLECK_BLOCKS_MAX) return fail_at(d, key);
    double least = 1, value;
    for (uint32_t i = 0; i < b->block_count; i++, least = value + 1) {
        if (!read_number(d, at + 1 + (int)i, least, b->depth, &value) || value != (uint32_t)value)
            return fail_at(d, key);
        b->blocks[i] = (uint32_t)value;
    }
    return true;
}

static bool read_size(document *d, int entry, cli_backbone *b) {
    double bytes;
    b->bytes_exact = find(d, entry, "bytes") != 0;
    const char *key = b->bytes_exact ? "bytes" : "about_bytes";
    int at = find(d, entry, key);
    if (!at || !read_number(d, at, 1, 1e12, &bytes)) return fail_at(d, key);
    b->bytes = (uint64_t)bytes;
    return true;
}

static bool read_entry(document *d, int entry, cli_backbone *b) {
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

static bool tokenise(fleck_arena *arena, char *text, size_t size, document *d) {
    jsmn_parser parser;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, text, size, NULL, 0);
    if (count < 1 || count > TOKENS_MAX) return false;
    *d = (document){.text = text, .tokens = FLECK_NEW(arena, jsmntok_t, (size_t)count)};
    if (!d->tokens) return false;
    jsmn_init(&parser);
    d->count = jsmn_parse(&parser, text, size, d->tokens, (unsigned)count);
    if (d->count != count) return false;
    for (int i = 0; i < count; i++) text[d->tokens[i].end] = '\0';
    return true;
}

static bool parse(fleck_arena *arena, const char *about, const uint8_t *bytes, size_t size,
                  cli_registry *out, fleck_message *err) {
    document d;
    char *text = FLECK_NEW(arena, char, size + 1);
    if (text) {
        memcpy(text, bytes, size);
        text[size] = '\0';
    }
    int list = text && tokenise(arena, text, size, &d) ? find(&d, 0, "backbones") : 0;
    if (!list || d.tokens[list].type != JSMN_ARRAY) {
        fleck_fail(err, FLECK_ERR_FORMAT, "%s: not JSON with a list \"backbones\"", about);
        return false;
    }
    out->count = 0;
    int count = count_values(&d, list);
    out->items = fleck_arena_zalloc(arena, (size_t)count, sizeof *out->items);
    if (!out->items) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", about);
        return false;
    }
    for (int i = 0, at = list + 1; i < count; i++, at = skip_value(&d, at)) {
        cli_backbone *b = &out->items[i];
        if (!read_entry(&d, at, b) || cli_registry_find(out, b->name)) {
            fleck_fail(err, FLECK_ERR_FORMAT, "%s: backbone %d%s%s: bad, missing or repeated %s",
                       about, i + 1, b->name ? ", " : "", b->name ? b->name : "",
                       d.missing ? d.missing : "name");
            return false;
        }
        out->count++;
    }
    return true;
}

bool cli_registry_open(fleck_arena *arena, cli_registry *out, fleck_message *err) {
    const char *path = getenv("FLECK_REGISTRY");
    if (!path || !*path)
        return parse(arena, "models/backbones.json", built_in, sizeof built_in, out, err);
    uint8_t *bytes;
    size_t size;
    fleck_message why;
    if (cli_read(arena, path, TEXT_MAX, &bytes, &size, &why))
        return parse(arena, path, bytes, size, out, err);
    fleck_fail(err, FLECK_ERR_ARGUMENT, "FLECK_REGISTRY: %.120s: %.100s", path, why.text);
    return false;
}

const cli_backbone *cli_registry_find(const cli_registry *registry, const char *name) {
    for (size_t i = 0; i < registry->count; i++)
        if (!strcmp(registry->items[i].name, name)) return &registry->items[i];
    return NULL;
}
