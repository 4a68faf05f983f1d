#include "json.h"

#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn.h"

/* Whether tokens nest as JSON's do, one value in all: the parser lets stray colons make
 * children of what has ended or can have none, and sizes count children. */
static bool is_nested(const jsmntok_t *tokens, int count) {
    for (int i = 1; i < count; i++) {
        const jsmntok_t *t = &tokens[i];
        if (t->parent < 0) return false;
        const jsmntok_t *parent = &tokens[t->parent];
        bool is_key = parent->type == JSMN_OBJECT;
        if (parent->type == JSMN_PRIMITIVE || (is_key && t->type != JSMN_STRING) ||
            (t->type == JSMN_STRING && t->size != is_key) ||
            (parent->type != JSMN_STRING && t->start > parent->end))
            return false;
    }
    return true;
}

static fleck_json_kind kind_of(jsmntype_t type) {
    return type == JSMN_OBJECT   ? FLECK_JSON_OBJECT
           : type == JSMN_ARRAY  ? FLECK_JSON_ARRAY
           : type == JSMN_STRING ? FLECK_JSON_STRING
                                 : FLECK_JSON_PRIMITIVE;
}

/* From the last value to the first, so that what follows is known. */
static void fill(fleck_json *json, const jsmntok_t *tokens) {
    for (uint32_t i = json->count; i-- > 0;) {
        const jsmntok_t *t = &tokens[i];
        fleck_json_value v = {kind_of(t->type), (uint32_t)t->start, (uint32_t)t->end,
                              (uint32_t)t->size, i + 1};
        while (v.next < json->count && json->values[v.next].start < v.end)
            v.next = json->values[v.next].next;
        json->values[i] = v;
    }
}

fleck_status fleck_json_parse(fleck_arena *arena, const char *about, const char *text, size_t size,
                              uint32_t most, fleck_json *out, fleck_message *err) {
    jsmn_parser parser;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, text, size, NULL, 0);
    if (count < 1) return fleck_fail(err, FLECK_ERR_FORMAT, "%s is not JSON", about);
    if ((uint32_t)count > most)
        return fleck_fail(err, FLECK_ERR_FORMAT, "%s has too many entries", about);
    *out = (fleck_json){.text = text, .count = (uint32_t)count};
    out->values = FLECK_NEW(arena, fleck_json_value, out->count);
    fleck_arena_mark mark = fleck_arena_here(arena);
    jsmntok_t *tokens = FLECK_NEW(arena, jsmntok_t, out->count);
    if (!out->values || !tokens)
        return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %s", about);
    jsmn_init(&parser);
    bool is_json =
        jsmn_parse(&parser, text, size, tokens, out->count) == count && is_nested(tokens, count);
    if (is_json) fill(out, tokens);
    fleck_arena_reset(arena, mark);
    return is_json ? FLECK_OK : fleck_fail(err, FLECK_ERR_FORMAT, "%s is not JSON", about);
}

size_t fleck_json_length(const fleck_json *json, uint32_t at) {
    return json->values[at].end - json->values[at].start;
}

bool fleck_json_is(const fleck_json *json, uint32_t at, const char *string) {
    const fleck_json_value *v = &json->values[at];
    size_t length = strlen(string);
    return v->kind == FLECK_JSON_STRING && fleck_json_length(json, at) == length &&
           !memcmp(json->text + v->start, string, length);
}

uint32_t fleck_json_find(const fleck_json *json, uint32_t at, const char *key) {
    const fleck_json_value *v = json->values;
    if (v[at].kind != FLECK_JSON_OBJECT) return 0;
    for (uint32_t name = at + 1; name < v[at].next; name = v[name + 1].next)
        if (fleck_json_is(json, name, key)) return name + 1;
    return 0;
}
