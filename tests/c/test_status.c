/* Messages: short ones as they are, of long ones the beginning and the whole reason. */
#include "check.h"
#include "status.h"

#include <string.h>

static void test_short(void) {
    fleck_message err;
    CHECK(fleck_fail(&err, FLECK_ERR_FORMAT, "%s: %d", "a", 7) == FLECK_ERR_FORMAT);
    CHECK(!strcmp(err.text, "a: 7"));
    char just[sizeof err.text];
    memset(just, 'x', sizeof just);
    just[sizeof just - 1] = '\0';
    fleck_fail(&err, FLECK_ERR_FORMAT, "%s", just);
    CHECK(!strcmp(err.text, just));
}

static void test_long(void) {
    static const char reason[] = ": No such file or directory";
    char path[4097];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    memcpy(path, "/photos/", 8);
    for (size_t length = 200; length < sizeof path; length++) {
        fleck_message err;
        fleck_fail(&err, FLECK_ERR_ARGUMENT, "%.*s%s", (int)length, path, reason);
        size_t got = strlen(err.text), whole = length + sizeof reason - 1;
        CHECK(got == (whole < sizeof err.text ? whole : sizeof err.text - 1));
        CHECK(!strncmp(err.text, "/photos/", 8));
        CHECK(!strcmp(err.text + got - (sizeof reason - 1), reason));
        CHECK(!strstr(err.text, "...") == (whole < sizeof err.text));
    }
}

/* A message may quote itself, and no character of UTF-8 is cut in two. */
static void test_characters(void) {
    for (int shift = 0; shift < 3; shift++) {
        char name[1024];
        size_t size = 0;
        while (size < (size_t)shift) name[size++] = 'a';
        while (size + 3 < sizeof name) memcpy(name + size, "\xE2\x82\xAC", 3), size += 3;
        name[size] = '\0';
        fleck_message err;
        fleck_fail(&err, FLECK_ERR_ARGUMENT, "%s", name);
        fleck_fail(&err, FLECK_ERR_ARGUMENT, "a file: %s", err.text);
        CHECK(!strncmp(err.text, "a file: ", 8));
        const char *at = err.text + 8 + shift;
        for (; *at; at += *at == '.' ? 1 : 3) CHECK(*at == '.' || !strncmp(at, "\xE2\x82\xAC", 3));
    }
}

int main(void) {
    test_short();
    test_long();
    test_characters();
    return check_done();
}
