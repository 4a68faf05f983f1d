/* Walks every value of a parsed JSON text and checks what readers rely on: each is met once,
 * in the order of the text, within what holds it, and sizes are what the iterator finds. */
#ifndef FLECK_JSON_WALK_H
#define FLECK_JSON_WALK_H

#include "json.h"

#include <string.h>

/* Walks value `at`; *next is the number of the value that is due. */
static bool json_walk(fleck_arena *arena, const fleck_json *json, uint32_t at, uint32_t *next) {
    const fleck_json_value *v = &json->values[at];
    if (at != (*next)++ || v->start > v->end || v->next <= at || v->next > json->count)
        return false;
    if (v->kind == FLECK_JSON_STRING) {
        const char *copy = fleck_json_copy(arena, json, at);
        if (!copy || strlen(copy) > fleck_json_length(json, at)) return false;
        for (const char *c = copy; *c; c++)
            if ((unsigned char)*c < ' ' || *c == 127) return false;
    }
    uint32_t size = 0;
    for (uint32_t item = 0; fleck_json_next(json, at, &item); size++) {
        bool object = v->kind == FLECK_JSON_OBJECT;
        if (json->values[item].start < v->start || json->values[item].end > v->end) return false;
        if (object && (json->values[item - 1].kind != FLECK_JSON_STRING ||
                       !json_walk(arena, json, item - 1, next)))
            return false;
        if (!json_walk(arena, json, item, next)) return false;
    }
    return size == v->size && *next == v->next;
}

/* The whole text. */
static bool json_walks(fleck_arena *arena, const fleck_json *json) {
    uint32_t next = 0;
    return json->count && json_walk(arena, json, 0, &next) && next == json->count;
}

#endif
