#include "area_json.h"

#include "json.h"
#include "text.h"

#include <string.h>

/* More than the most points take, each of 3 values; a file that has more is told so by number. */
enum { VALUES_MAX = 1 << 16 };

/* The file while it is read; every value's text is NUL-terminated in place. */
typedef struct {
    fleck_json json;
    cli_polygons *out;
    uint32_t points, polygons;
    fleck_message *err;
} document;

static bool refuse(document *d, const char *what, const char *key, uint32_t polygon) {
    fleck_fail(d->err, FLECK_ERR_FORMAT, "polygon %u to %s %s", polygon, key, what);
    return false;
}

static bool read_number(const document *d, uint32_t at, float *out) {
    double value;
    if (d->json.values[at].kind != FLECK_JSON_PRIMITIVE) return false;
    const char *end = fleck_read_decimal(d->json.text + d->json.values[at].start, &value);
    *out = end && !*end ? (float)value : 0;
    return end && !*end;
}

static bool read_point(const document *d, uint32_t at, fleck_point *out) {
    uint32_t number = 0;
    return d->json.values[at].kind == FLECK_JSON_ARRAY && d->json.values[at].size == 2 &&
           fleck_json_next(&d->json, at, &number) && read_number(d, number, &out->x) &&
           fleck_json_next(&d->json, at, &number) && read_number(d, number, &out->y);
}

static bool read_polygons(document *d, uint32_t list, const char *key, uint32_t *count) {
    if (d->json.values[list].kind != FLECK_JSON_ARRAY) {
        fleck_fail(d->err, FLECK_ERR_FORMAT, "\"%s\" is no list of polygons", key);
        return false;
    }
    for (uint32_t polygon = 0; fleck_json_next(&d->json, list, &polygon);) {
        uint32_t first = d->points, number = ++*count;
        if (d->json.values[polygon].kind != FLECK_JSON_ARRAY)
            return refuse(d, "is no list of points", key, number);
        for (uint32_t point = 0; fleck_json_next(&d->json, polygon, &point);)
            if (!read_point(d, point, &d->out->points[d->points++]))
                return refuse(d, "has a point that is not [x, y], two numbers", key, number);
        d->out->counts[d->polygons++] = d->points - first;
    }
    return true;
}

enum { INCLUDE = 0, EXCLUDE, FOLLOW, KEYS };
static const char *const keys[KEYS] = {"include", "exclude", "follow"};

/* Whether the object has these keys alone, each once. */
static bool check_keys(document *d, const uint32_t found[KEYS]) {
    for (uint32_t at = 0; fleck_json_next(&d->json, 0, &at);) {
        bool known = false;
        for (int i = 0; i < KEYS; i++) known |= at == found[i];
        if (known) continue;
        fleck_fail(d->err, FLECK_ERR_FORMAT,
                   "\"%.40s\" should not be there: \"include\", \"exclude\" and \"follow\" can, "
                   "each once",
                   d->json.text + d->json.values[at - 1].start);
        return false;
    }
    return true;
}

/* The photo that the area was drawn over. */
static bool read_follow(fleck_arena *arena, document *d, uint32_t at) {
    if (d->json.values[at].kind != FLECK_JSON_STRING) {
        fleck_fail(d->err, FLECK_ERR_FORMAT, "\"follow\" is no name of a photo");
        return false;
    }
    d->out->follow = fleck_json_copy(arena, &d->json, at);
    if (!d->out->follow) fleck_fail(d->err, FLECK_ERR_MEMORY, "out of memory");
    return d->out->follow;
}

bool cli_area_parse(fleck_arena *arena, const uint8_t *bytes, size_t size, cli_polygons *out,
                    fleck_message *err) {
    document d = {.out = out, .err = err};
    *out = (cli_polygons){0};
    char *text = fleck_text_copy(arena, bytes, size);
    if (text && fleck_json_parse(arena, "the area", text, size, VALUES_MAX, &d.json, err))
        return false;
    if (text) {
        out->points = FLECK_NEW(arena, fleck_point, d.json.count);
        out->counts = FLECK_NEW(arena, uint32_t, d.json.count);
    }
    if (!text || !out->points || !out->counts) {
        fleck_fail(err, FLECK_ERR_MEMORY, "out of memory");
        return false;
    }
    uint32_t found[KEYS];
    for (int i = 0; i < KEYS; i++) found[i] = fleck_json_find(&d.json, 0, keys[i]);
    for (uint32_t i = 0; i < d.json.count; i++) text[d.json.values[i].end] = '\0';
    if (d.json.values[0].kind == FLECK_JSON_OBJECT && !check_keys(&d, found)) return false;
    if (found[INCLUDE] && !read_polygons(&d, found[INCLUDE], keys[INCLUDE], &out->includes))
        return false;
    if (found[EXCLUDE] && !read_polygons(&d, found[EXCLUDE], keys[EXCLUDE], &out->excludes))
        return false;
    if (found[FOLLOW] && !read_follow(arena, &d, found[FOLLOW])) return false;
    if (d.polygons) return true;
    fleck_fail(err, FLECK_ERR_FORMAT,
               "no polygons: {\"include\": [[[x, y], ...], ...], \"exclude\": ...} has them");
    return false;
}
