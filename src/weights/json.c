/* A recursive descent over the grammar of RFC 8259, which appends each value as it begins and
 * fills in what it holds as it ends. */
#include "json.h"

#include <string.h>

enum { DEPTH_MAX = 32 /* of arrays and objects in each other */ };

typedef struct {
    const char *text, *fault; /* fault: what stopped the parser */
    uint32_t size, at;
    fleck_json_value *values;
    uint32_t count, room;
} parser;

static bool refuse(parser *p, const char *fault) {
    p->fault = fault;
    return false;
}

static bool refuse_text(parser *p) { return refuse(p, "is not JSON"); }

/* The next byte; 0, which no JSON has outside of strings and none in them, at the end. */
static unsigned char peek(const parser *p) {
    return p->at < p->size ? (unsigned char)p->text[p->at] : 0;
}

/* Steps over the byte if it is the next one. */
static bool take(parser *p, char wanted) {
    bool there = p->at < p->size && p->text[p->at] == wanted;
    p->at += there;
    return there;
}

static void skip_space(parser *p) {
    while (take(p, ' ') || take(p, '\n') || take(p, '\r') || take(p, '\t')) continue;
}

/* ---- strings ---- */

/* Four hexadecimal digits; false for others. */
static bool read_hex(const char *digits, uint32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        uint32_t digit = (uint32_t)(c >= '0' && c <= '9'   ? c - '0'
                                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                           : 16);
        if (digit > 15) return false;
        *out = *out << 4 | digit;
    }
    return true;
}

/* The character of an escape behind its backslash, of which `left` bytes are there; how many
 * of them it takes, 0 for no escape. Half a surrogate pair is none. */
static uint32_t read_escape(const char *at, size_t left, uint32_t *out) {
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *name = left && *at ? strchr(names, *at) : NULL;
    uint32_t low;
    if (name) {
        *out = (unsigned char)meant[name - names];
        return 1;
    }
    if (left < 5 || *at != 'u' || !read_hex(at + 1, out)) return 0;
    if (*out < 0xD800 || *out > 0xDFFF) return 5;
    if (*out > 0xDBFF || left < 11 || at[5] != '\\' || at[6] != 'u' || !read_hex(at + 7, &low) ||
        low < 0xDC00 || low > 0xDFFF)
        return 0;
    *out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
    return 11;
}

/* Bytes of the UTF-8 character at `at`, of which `left` are there; 0 for what is none: cut
 * short, longer than need be, half a surrogate pair or beyond U+10FFFF. */
static uint32_t utf8_length(const char *at, size_t left) {
    unsigned char first = (unsigned char)*at;
    uint32_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first > 0xF4 || length > left) return 0;
    for (uint32_t i = 1; i < length; i++)
        if (((unsigned char)at[i] & 0xC0) != 0x80) return 0;
    unsigned char second = length > 2 ? (unsigned char)at[1] : 0;
    bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                 (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return wrong ? 0 : length;
}

/* A string behind its first quote, to behind its last. */
static bool read_string(parser *p) {
    uint32_t character;
    while (!take(p, '"')) {
        const char *at = p->text + p->at;
        size_t left = p->size - p->at;
        if (peek(p) < ' ') return refuse_text(p);
        uint32_t length = utf8_length(at, left);
        if (*at == '\\') {
            length = read_escape(at + 1, left - 1, &character);
            length += length > 0;
        }
        if (!length) return refuse_text(p);
        p->at += length;
    }
    return true;
}

/* ---- numbers and words ---- */

static bool read_digits(parser *p) {
    uint32_t before = p->at;
    while (peek(p) >= '0' && peek(p) <= '9') p->at++;
    return p->at > before;
}

static bool read_number(parser *p) {
    take(p, '-');
    if (!take(p, '0') && !read_digits(p)) return refuse_text(p);
    if (take(p, '.') && !read_digits(p)) return refuse_text(p);
    if (take(p, 'e') || take(p, 'E')) {
        if (!take(p, '-')) take(p, '+');
        if (!read_digits(p)) return refuse_text(p);
    }
    return true;
}

static bool read_word(parser *p) {
    static const char *const words[] = {"true", "false", "null"};
    for (int i = 0; i < 3; i++) {
        uint32_t length = (uint32_t)strlen(words[i]);
        if (p->size - p->at >= length && !memcmp(p->text + p->at, words[i], length)) {
            p->at += length;
            return true;
        }
    }
    return refuse_text(p);
}

/* ---- values ---- */

static bool read_value(parser *p, uint32_t depth);

/* What stands between the brackets of value `index`, up to behind the last one. */
static bool read_members(parser *p, uint32_t index, uint32_t depth) {
    bool object = p->values[index].kind == FLECK_JSON_OBJECT;
    char end = object ? '}' : ']';
    if (!depth) return refuse(p, "is nested too deep");
    skip_space(p);
    if (take(p, end)) return true;
    do {
        skip_space(p);
        if (object) {
            if (peek(p) != '"') return refuse_text(p);
            if (!read_value(p, 0)) return false;
            skip_space(p);
            if (!take(p, ':')) return refuse_text(p);
            skip_space(p);
        }
        if (!read_value(p, depth - 1)) return false;
        p->values[index].size++;
        skip_space(p);
    } while (take(p, ','));
    return take(p, end) || refuse_text(p);
}

/* One value, whose containers may be as deep as that. */
static bool read_value(parser *p, uint32_t depth) {
    if (p->count == p->room) return refuse(p, "has too many entries");
    uint32_t index = p->count++;
    fleck_json_value *v = &p->values[index];
    *v = (fleck_json_value){.start = p->at};
    bool whole, quoted = false;
    if (take(p, '{')) {
        v->kind = FLECK_JSON_OBJECT;
        whole = read_members(p, index, depth);
    } else if (take(p, '[')) {
        v->kind = FLECK_JSON_ARRAY;
        whole = read_members(p, index, depth);
    } else if (take(p, '"')) {
        v->kind = FLECK_JSON_STRING;
        v->start++;
        quoted = true;
        whole = read_string(p);
    } else {
        v->kind = FLECK_JSON_PRIMITIVE;
        bool number = peek(p) == '-' || (peek(p) >= '0' && peek(p) <= '9');
        whole = number ? read_number(p) : read_word(p);
    }
    v->end = p->at - quoted;
    v->next = p->count;
    return whole;
}

fleck_status fleck_json_parse(fleck_arena *arena, const char *about, const char *text, size_t size,
                              uint32_t most, fleck_json *out, fleck_message *err) {
    if (size > INT32_MAX) return fleck_fail(err, FLECK_ERR_FORMAT, "%s is too large", about);
    parser p = {.text = text, .size = (uint32_t)size};
    /* A value takes two bytes, with what parts it from the next; those that a text cut short
     * leaves open take one. */
    uint32_t possible = p.size / 2 + DEPTH_MAX + 1;
    p.room = possible < most ? possible : most;
    p.values = FLECK_NEW(arena, fleck_json_value, p.room);
    if (!p.values) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %s", about);
    skip_space(&p);
    if (read_value(&p, DEPTH_MAX)) {
        skip_space(&p);
        if (p.at != p.size) refuse_text(&p);
    }
    if (p.fault)
        return fleck_fail(err, FLECK_ERR_FORMAT, "%s %s, at byte %u of %u", about, p.fault, p.at,
                          p.size);
    *out = (fleck_json){text, p.values, p.count};
    return FLECK_OK;
}

bool fleck_json_next(const fleck_json *json, uint32_t within, uint32_t *at) {
    const fleck_json_value *in = &json->values[within];
    uint32_t next = *at ? json->values[*at].next : within + 1;
    if (next >= in->next) return false;
    *at = next + (in->kind == FLECK_JSON_OBJECT);
    return true;
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
    if (json->values[at].kind != FLECK_JSON_OBJECT) return 0;
    for (uint32_t value = 0; fleck_json_next(json, at, &value);)
        if (fleck_json_is(json, value - 1, key)) return value;
    return 0;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(first[more] | c >> 6 * more);
    for (size_t i = 1; i <= more; i++) out[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3F));
    return more + 1;
}

char *fleck_json_copy(fleck_arena *arena, const fleck_json *json, uint32_t at) {
    const char *from = json->text + json->values[at].start;
    size_t left = fleck_json_length(json, at), n = 0;
    char *out = FLECK_NEW(arena, char, left + 1); /* no escape is shorter than its character */
    if (!out) return NULL;
    while (left) {
        uint32_t c = (unsigned char)*from, length = 1;
        bool escape = *from == '\\';
        if (escape) length += read_escape(from + 1, left - 1, &c);
        if (c < ' ' || c == 127) c = '?';
        if (escape)
            n += put_utf8(out + n, c);
        else
            out[n++] = (char)c;
        from += length;
        left -= length;
    }
    out[n] = 0;
    return out;
}
