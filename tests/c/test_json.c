/* JSON to the letter of RFC 8259: what is, with the values that it holds, and what is not. */
#include "check.h"
#include "json_walk.h"

enum { VALUES_MAX = 64 };

static fleck_status parse(fleck_arena *arena, const char *text, size_t size, fleck_json *out,
                          fleck_message *err) {
    return fleck_json_parse(arena, "text", text, size, VALUES_MAX, out, err);
}

/* What was read, without spaces and with escapes undone. */
static void write_value(fleck_arena *arena, const fleck_json *json, uint32_t at, char *out) {
    const fleck_json_value *v = &json->values[at];
    bool object = v->kind == FLECK_JSON_OBJECT, array = v->kind == FLECK_JSON_ARRAY;
    out += strlen(out);
    if (v->kind == FLECK_JSON_STRING) sprintf(out, "\"%s\"", fleck_json_copy(arena, json, at));
    if (v->kind == FLECK_JSON_PRIMITIVE)
        sprintf(out, "%.*s", (int)fleck_json_length(json, at), json->text + v->start);
    if (!object && !array) return;
    strcat(out, object ? "{" : "[");
    for (uint32_t item = 0, i = 0; fleck_json_next(json, at, &item); i++) {
        if (i) strcat(out, ",");
        if (object) {
            write_value(arena, json, item - 1, out);
            strcat(out, ":");
        }
        write_value(arena, json, item, out);
    }
    strcat(out, object ? "}" : "]");
}

static void test_taken(void) {
    static const struct {
        const char *text, *read; /* read: NULL for the text itself */
    } cases[] = {
        {"{}", NULL},
        {"[]", NULL},
        {"\"\"", NULL},
        {"0", NULL},
        {"-0", NULL},
        {"true", NULL},
        {"false", NULL},
        {"null", NULL},
        {" \t\r\n[ ] \t\r\n", "[]"},
        {"[[]   ]", "[[]]"},
        {"[1,2,3]", NULL},
        {"[[],[[]],{}]", NULL},
        {"[null, 1, \"1\", {}]", "[null,1,\"1\",{}]"},
        {"{\"a\":[1,{\"b\":2}],\"c\":{\"d\":[]}}", NULL},
        {" { \"a\" : 1 , \"b\" : [ 2 , 3 ] } ", "{\"a\":1,\"b\":[2,3]}"},
        {"{\"\":0}", NULL},
        {"{\"a\":\"b\",\"a\":\"b\"}", NULL},
        {"[123,-1,1.5,-0.1,0.5,1e5,1E5,1e+5,1e-5,0e1,1.5E-07,20]", NULL},
        {"[-123123e100000,0.4e00669999999999]", NULL},
        {"[\"\\\"\\\\\\/\"]", "[\"\"\\/\"]"},
        {"[\"\\b\\f\\n\\r\\t\\u0000\\u001F\"]", "[\"???????\"]"},
        {"[\"\x7f\\u007f\"]", "[\"??\"]"},
        {"\"\\u0041\\u00e9\\u20AC\\uD834\\uDD1E\\uFFFF\"",
         "\"A\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\xef\xbf\xbf\""},
        {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""},
        {"\"\\\\u0041\"", "\"\\u0041\""},
        {"\"{[,:]}\"", NULL},
        {"\"\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbd\"", NULL},
        {"\"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\"", NULL},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_arena arena = {0};
        fleck_json json;
        fleck_message err = {""};
        char read[256] = "";
        const char *text = cases[i].text, *want = cases[i].read ? cases[i].read : text;
        bool taken = !parse(&arena, text, strlen(text), &json, &err);
        CHECK(taken && json_walks(&arena, &json));
        if (taken) write_value(&arena, &json, 0, read);
        CHECK(!strcmp(read, want));
        if (strcmp(read, want)) fprintf(stderr, "  %s gives %s %s\n", text, read, err.text);
        fleck_arena_free(&arena);
    }
}

/* Copies end where the text ends, so that sanitizers see every byte read beyond it. */
static void check_refused(const char *text, size_t size, const char *why) {
    fleck_arena arena = {0};
    fleck_json json;
    fleck_message err = {""};
    char *copy = malloc(size ? size : 1);
    if (!copy) exit(1);
    memcpy(copy, text, size);
    bool refused = parse(&arena, copy, size, &json, &err) == FLECK_ERR_FORMAT;
    CHECK(refused && strstr(err.text, why));
    if (!refused || !strstr(err.text, why))
        fprintf(stderr, "  %.*s: \"%s\"\n", (int)size, text, err.text);
    free(copy);
    fleck_arena_free(&arena);
}

static void test_refused(void) {
    static const char *const cases[] = {
        /* nothing, and more than one value */
        "",
        " ",
        "{}{}",
        "{} 1",
        "[] []",
        "1 2",
        "{}}",
        "[]]",
        "{}#",
        "{}/**/",
        "[1]x",
        "truefalse",
        "null,",
        "\"a\"\"b\"",
        "\xef\xbb\xbf{}",
        "[\xe2\x81\xa0]",
        "<null>",
        "*",
        /* brackets */
        "{",
        "[",
        "}",
        "]",
        "[}",
        "{]",
        "[1",
        "{\"a\":1",
        "[[]",
        "[{]}",
        "{\"a\":[}",
        "]]",
        "[\"a\"",
        "{\"a\":{}",
        "[1}",
        "{\"a\":1]",
        /* commas */
        ",",
        "[,]",
        "[1,]",
        "[,1]",
        "[1,,2]",
        "[1 2]",
        "[1,2",
        "{,}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1,,\"b\":2}",
        "{\"a\":1 \"b\":2}",
        "[\"\",]",
        "[{},]",
        "{\"a\":1},",
        /* colons */
        ":",
        "[:]",
        "{:}",
        "{:1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{\"a\":1:2}",
        "{\"a\",1}",
        "[\"a\":1]",
        "\"a\":1",
        "{\"a\":\"b\":\"c\"}",
        "{\"a\":{}:\"b\"}",
        "{\"a\":{\"k\"}:\"v\"}",
        "{\"a\":{\"k\":1,\"l\"}:\"v\"}",
        "{\"a\":[1]:2}",
        "{\"a\":1 : 2}",
        "{\"\":[{ ,\", =\"}:t,]}",
        /* keys */
        "{1:2}",
        "{null:1}",
        "{[]:1}",
        "{{}:1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":b}",
        "{[]}",
        "{1}",
        "{\"a\":1,2}",
        "{\"a\":1,\"b\"}",
        "{\"a\\\":1}",
        /* numbers */
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-.5",
        "1.e5",
        "1e",
        "1e+",
        "1eE2",
        "1.5.5",
        "0x10",
        "1_000",
        "1,000",
        "--1",
        "-+1",
        "0e",
        "0.e1",
        "1e1.5",
        "Infinity",
        "-Infinity",
        "NaN",
        "-NaN",
        "Inf",
        "1a",
        "1 000",
        "-a",
        "1e\xf0\x9f\x98\x80",
        "\xef\xbc\x91",
        "- 1",
        "0 1",
        "1f",
        /* words */
        "tru",
        "True",
        "TRUE",
        "truee",
        "nul",
        "nulll",
        "None",
        "fals",
        "undefined",
        "t",
        "[true1]",
        "[nul]",
        "yes",
        /* strings */
        "\"",
        "\"a",
        "'a'",
        "a",
        "\"\\\"",
        "\"a\\",
        "\"\n\"",
        "\"\t\"",
        "\"\x1f\"",
        "\"\r\"",
        /* escapes */
        "\"\\x41\"",
        "\"\\a\"",
        "\"\\'\"",
        "\"\\0\"",
        "\"\\\n\"",
        "\"\\u\"",
        "\"\\u1\"",
        "\"\\u12\"",
        "\"\\u123\"",
        "\"\\u123g\"",
        "\"\\U1234\"",
        "\"\\u 123\"",
        "\"\\u-123\"",
        "\"\\u00A",
        "\\u0041",
        "\"\\uD800\"",
        "\"\\uDBFFa\"",
        "\"\\uDC00\"",
        "\"\\uD800\\n\"",
        "\"\\uD800\\u0041\"",
        "\"\\uD800\\uD800\"",
        "\"\\uD800\\u",
        "\"\\uDC00\\uD800\"",
        "\"\\uD834\\uDd\"",
        "\"\\\xf0\x9f\x98\x80\"",
        /* bytes that are no UTF-8 */
        "\"\x80\"",
        "\"\xbf\"",
        "\"\xc0\xaf\"",
        "\"\xc1\xbf\"",
        "\"\xc3\"",
        "\"\xc3(\"",
        "\"\xe0\x80\xaf\"",
        "\"\xe0\x9f\xbf\"",
        "\"\xe2\x82\"",
        "\"\xe2(\xa1\"",
        "\"\xed\xa0\x80\"",
        "\"\xed\xbf\xbf\"",
        "\"\xf0\x80\x80\x80\"",
        "\"\xf0\x8f\xbf\xbf\"",
        "\"\xf0\x9f\x98\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xf5\x80\x80\x80\"",
        "\"\xff\"",
        "\"\xfe\"",
        "\"\xe9\"",
        "[\xff]",
        "\"\xc3",
        "\"\xe2\x82",
        /* spaces that JSON does not know */
        "\f1",
        "\v1",
        "[\xc2\xa0]",
        "[1\f]",
        "[\b]",
    };
    for (size_t i = 0; i < LEN(cases); i++) check_refused(cases[i], strlen(cases[i]), "not JSON");
    check_refused("\0", 1, "not JSON");
    check_refused("{}\0", 3, "not JSON");
    check_refused("\"a\0b\"", 5, "not JSON");
    check_refused("[1\0]", 4, "not JSON");
    check_refused("[tru", 4, "text is not JSON, at byte 1 of 4");
}

static void test_bounds(void) {
    enum { LONG = 100000 };
    static const char units[][5] = {"[", "{\"\":", "1,", "[],", "\"\","};
    static const char *const want[] = {"too deep", "too deep", "many", "many", "many"};
    for (size_t i = 0; i < LEN(units); i++) {
        size_t each = strlen(units[i]);
        char *text = malloc(1 + each * LONG);
        if (!text) exit(1);
        text[0] = '[';
        for (size_t k = 0; k < LONG; k++) memcpy(text + 1 + k * each, units[i], each);
        check_refused(text, 1 + each * LONG, want[i]);
        free(text);
    }
    /* As deep and as many as may be, and one more. */
    char deep[66], many[3 * VALUES_MAX];
    for (uint32_t depth = 32; depth <= 33; depth++) {
        fleck_arena arena = {0};
        fleck_json json;
        fleck_message err = {""};
        memset(deep, '[', depth);
        memset(deep + depth, ']', depth);
        CHECK(parse(&arena, deep, 2 * depth, &json, &err) ==
              (depth == 32 ? FLECK_OK : FLECK_ERR_FORMAT));
        if (depth == 32) CHECK(json.count == 32 && json_walks(&arena, &json));
        fleck_arena_free(&arena);
    }
    for (uint32_t count = VALUES_MAX - 1; count <= VALUES_MAX; count++) {
        fleck_arena arena = {0};
        fleck_json json;
        fleck_message err = {""};
        for (uint32_t i = 0; i < count; i++) memcpy(many + 2 * i, i ? ",1" : "[1", 2);
        many[2 * count] = ']';
        CHECK(parse(&arena, many, 2 * count + 1, &json, &err) ==
              (count < VALUES_MAX ? FLECK_OK : FLECK_ERR_FORMAT));
        if (count < VALUES_MAX) CHECK(json.values[0].size == count && json_walks(&arena, &json));
        fleck_arena_free(&arena);
    }
}

static void test_find(void) {
    static const char text[] = "{\"a\":{\"b\":1},\"b\":[2,\"x\"],\"a\":3,\"\\u0062\":4}";
    fleck_arena arena = {0};
    fleck_json json;
    fleck_message err = {""};
    CHECK(!parse(&arena, text, sizeof text - 1, &json, &err));
    CHECK(json.values[0].size == 4 && fleck_json_find(&json, 0, "a") == 2);
    uint32_t b = fleck_json_find(&json, 0, "b");
    CHECK(b && json.values[b].kind == FLECK_JSON_ARRAY && json.values[b].size == 2);
    CHECK(fleck_json_is(&json, b + 2, "x") && !fleck_json_is(&json, b + 2, "xy"));
    CHECK(!fleck_json_find(&json, 0, "c") && !fleck_json_find(&json, b, "x"));
    CHECK(!fleck_json_find(&json, fleck_json_find(&json, 2, "b"), "b"));
    fleck_arena_free(&arena);
}

int main(void) {
    test_taken();
    test_refused();
    test_bounds();
    test_find();
    return check_done();
}
