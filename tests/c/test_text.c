/* Numbers, endings and copies of texts, and printing. */
#include "check.h"
#include "text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void test_whole(void) {
    uint64_t value = 7;
    static const char *const none[] = {"", "-1", "+1", " 1", "x", ".5"};
    for (size_t i = 0; i < LEN(none); i++) CHECK(!fleck_read_whole(none[i], 9, &value));
    CHECK(!fleck_read_whole("10", 9, &value) && !fleck_read_whole("99999999999", 9, &value));
    CHECK(!fleck_read_whole("18446744073709551616", UINT64_MAX, &value)); /* 2^64 */
    CHECK(!fleck_read_whole("18446744073709551615", UINT64_MAX - 1, &value));
    CHECK(value == 7);
    const char *text = "18446744073709551615,4";
    CHECK(fleck_read_whole(text, UINT64_MAX, &value) == text + 20 && value == UINT64_MAX);
    CHECK(!*fleck_read_whole("0009", 9, &value) && value == 9);
    CHECK(!*fleck_read_whole("0", 0, &value) && value == 0);
}

static void test_decimal(void) {
    static const struct {
        const char *text;
        double value;
    } known[] = {{"0", 0},
                 {"-0.485", -0.485},
                 {"+12", 12},
                 {" 4", 4},
                 {".5", 0.5},
                 {"5.", 5},
                 {"1e-05", 1e-5},
                 {"2.5E+3", 2500},
                 {"1e400", HUGE_VAL},
                 {"1e-400", 0},
                 {"0.30000000000000004", 0.3}};
    static const char *const none[] = {"",  "-",   ".",   "e5",  "1e", "1e+",
                                       "x", "--1", "+-1", "nan", "inf"};
    double value = 7;
    for (size_t i = 0; i < LEN(known); i++) {
        const char *end = fleck_read_decimal(known[i].text, &value);
        CHECK(end && !*end);
        CHECK(value == known[i].value || fabs(value - known[i].value) < 1e-15);
    }
    value = 7;
    for (size_t i = 0; i < LEN(none); i++) CHECK(!fleck_read_decimal(none[i], &value));
    CHECK(value == 7);
    const char *list = "1.5.2,3";
    CHECK(fleck_read_decimal(list, &value) == list + 3 && value == 1.5);
}

static void test_endings(void) {
    CHECK(fleck_ends_with("a.weight", 8, ".weight"));
    CHECK(fleck_ends_with(".weight", 7, ".weight") && fleck_ends_with("", 0, ""));
    CHECK(!fleck_ends_with("weight", 6, ".weight") && !fleck_ends_with("", 0, "x"));
    CHECK(!fleck_ends_with("a.weight", 7, ".weight")); /* of the first 7 bytes alone */
}

static void test_copies(void) {
    fleck_arena arena = {0};
    const char text[] = "a\n\x7f\t\xc3\xa9z";
    char *copy = fleck_text_copy(&arena, text, 6), *shown = fleck_text_printable(&arena, text, 6);
    CHECK(copy && !memcmp(copy, text, 6) && !copy[6]);
    CHECK(shown && !strcmp(shown, "a???\xc3\xa9"));
    CHECK(!fleck_text_copy(&arena, text, SIZE_MAX) &&
          !fleck_text_printable(&arena, text, SIZE_MAX));
    fleck_arena_free(&arena);
}

/* Writes as snprintf does, of which it returns what is longer than its room, too. */
static void test_print(void) {
    static const struct {
        const char *format;
        unsigned value;
    } numbers[] = {{"%u of", 0},    {"%u", UINT_MAX}, {"<%d>", 0},
                   {"%d", INT_MAX}, {"%d", INT_MIN},  {"%d", (unsigned)-9},
                   {"0x%02x,", 0},  {"%02x", 0x6f},   {"%02x", 7}};
    char ours[64], theirs[64];
    for (size_t i = 0; i < LEN(numbers); i++)
        for (size_t size = 1; size < sizeof ours; size++) {
            memset(ours, '~', sizeof ours);
            int length = snprintf(theirs, size, numbers[i].format, numbers[i].value);
            CHECK(fleck_print(ours, size, numbers[i].format, numbers[i].value) == (size_t)length);
            CHECK(!strcmp(ours, theirs) && ours[size] == '~');
        }
    CHECK(fleck_print(ours, sizeof ours, "%zu %lu %llu", SIZE_MAX, ULONG_MAX, ULLONG_MAX) > 30);
    snprintf(theirs, sizeof theirs, "%zu %lu %llu", SIZE_MAX, ULONG_MAX, ULLONG_MAX);
    CHECK(!strcmp(ours, theirs));
    static const char no_end[] = {'a', 'b', 'c'};
    CHECK(fleck_print(ours, sizeof ours, "%s:%.2s%.*s%.12s.", "", no_end, 3, no_end, "xyz") == 10);
    CHECK(!strcmp(ours, ":ababcxyz."));
    CHECK(fleck_print(ours, 4, "%s", "longer") == 6 && !strcmp(ours, "lon"));
    CHECK(fleck_print(ours, 0, "%s", "none") == 4 && !strcmp(ours, "lon"));
}

int main(void) {
    test_whole();
    test_decimal();
    test_endings();
    test_copies();
    test_print();
    return check_done();
}
