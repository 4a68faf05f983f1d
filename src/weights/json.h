/* JSON as a list of values in document order. What is not RFC 8259 to the letter is refused:
 * readers walk what was checked, and by no rule of their own. */
#ifndef FLECK_JSON_H
#define FLECK_JSON_H

#include "arena.h"
#include "status.h"

typedef enum {
    FLECK_JSON_OBJECT,
    FLECK_JSON_ARRAY,
    FLECK_JSON_STRING,
    FLECK_JSON_PRIMITIVE, /* a number, true, false or null */
} fleck_json_kind;

typedef struct {
    fleck_json_kind kind;
    uint32_t start, end; /* in the text; of a string without quotes, escapes as they stand */
    uint32_t size;       /* values of an array, pairs of an object */
    uint32_t next;       /* the value after this one and all that is in it */
} fleck_json_value;

typedef struct {
    const char *text;         /* borrowed */
    fleck_json_value *values; /* the first one holds all others; an object holds keys and
                                 values in turn */
    uint32_t count;
} fleck_json;

/* Reads a text of at most `most` values; err calls it `about`. Keys may repeat: who reads
 * them says what that means. */
fleck_status fleck_json_parse(fleck_arena *arena, const char *about, const char *text, size_t size,
                              uint32_t most, fleck_json *out, fleck_message *err);

/* Steps through the values of `within`, an array or object: *at, 0 to begin with, becomes the
 * next one; false after the last. An object's value has its key before it, at *at - 1. */
bool fleck_json_next(const fleck_json *json, uint32_t within, uint32_t *at);

/* Length of value `at` in the text. */
size_t fleck_json_length(const fleck_json *json, uint32_t at);

/* Whether value `at` is this string, which needs no escapes. */
bool fleck_json_is(const fleck_json *json, uint32_t at, const char *string);

/* The value of the first such key of the object `at`; 0, which is never a key's value,
 * where there is none or `at` is no object. */
uint32_t fleck_json_find(const fleck_json *json, uint32_t at, const char *key);

/* A NUL-terminated copy of the string `at`, escapes undone; control characters, escaped ones
 * too, are '?'. NULL: no memory. */
char *fleck_json_copy(fleck_arena *arena, const fleck_json *json, uint32_t at);

#endif
