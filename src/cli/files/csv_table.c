#include "csv_table.h"

#include "text.h"

#include <string.h>

enum { COLUMNS_MAX = 64 };

/* The mark between the fields of the first line; ' ' stands for any number of blanks. */
static char separator_of(const char *text) {
    size_t line = strcspn(text, "\r\n"), best = 0;
    char found = ' ';
    for (const char *mark = ",;\t"; *mark; mark++) {
        size_t n = 0;
        for (size_t i = 0; i < line; i++) n += text[i] == *mark;
        if (n > best) {
            best = n;
            found = *mark;
        }
    }
    return found;
}

/* Ends the field at *at and returns its beginning; *at moves behind it. *last: of its row. */
static char *take_field(char **at, char separator, bool *last) {
    char *from = *at, *to = *at, *read = *at;
    bool quoted = *read == '"';
    if (quoted) read++;
    while (*read && (quoted || (*read != separator && *read != '\n' && *read != '\r'))) {
        if (quoted && *read == '"' && read[1] != '"') {
            quoted = false;
            read++;
            continue;
        }
        if (quoted && *read == '"') read++;
        *to++ = *read++;
    }
    *last = *read != separator;
    while (separator == ' ' && *read == ' ') {
        read++;
        *last = !*read || *read == '\n' || *read == '\r';
    }
    if (*last) {
        while (*read == '\r' || *read == '\n') read++;
        *at = read;
    } else {
        *at = separator == ' ' ? read : read + 1;
    }
    *to = '\0'; /* never behind the next field: something was dropped before it */
    return from;
}

bool cli_table_parse(fleck_arena *arena, const uint8_t *bytes, size_t size, cli_table *t) {
    char *text = fleck_text_copy(arena, bytes, size);
    if (!text) return false;
    *t = (cli_table){.rows = 0};
    char separator = separator_of(text);
    size_t lines = 1;
    for (const char *c = text; *c; c++) lines += *c == '\n';
    t->columns = 1;
    for (size_t i = 0, line = strcspn(text, "\r\n"); i < line; i++) {
        bool run = separator == ' ' && i && text[i - 1] == ' '; /* blanks count once */
        t->columns += text[i] == separator && !run && t->columns < COLUMNS_MAX;
    }
    t->cells = FLECK_NEW(arena, char *, lines, t->columns);
    if (!t->cells) return false;
    char *at = text;
    while (*at == '\r' || *at == '\n') at++;
    while (*at && t->rows < lines) {
        char **row = t->cells + t->rows++ * t->columns;
        bool last = false;
        for (size_t c = 0; c < t->columns; c++) row[c] = "";
        while (separator == ' ' && *at == ' ') at++;
        for (size_t c = 0; !last; c++) {
            char *field = take_field(&at, separator, &last);
            if (c < t->columns) row[c] = field;
        }
    }
    return true;
}
