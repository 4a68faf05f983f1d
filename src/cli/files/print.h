/* Text that came from outside, as terminals and spreadsheets may see it. */
#ifndef FLECK_CLI_PRINT_H
#define FLECK_CLI_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* Writes text so that no terminal takes part of it for a command: control characters, those
 * that change the direction of writing, and bytes that are no UTF-8 as \n, \x1b, \u202e. */
void cli_put_shown(FILE *out, const char *text);

/* Writes text as a string of JSON, in its quotes. Bytes that are no UTF-8 become U+FFFD; what
 * commands terminals is escaped, and <, which would end a script of a page that the JSON is in. */
void cli_put_json(FILE *out, const char *text);

/* Prints a line, shown as above: a line end within it is none. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void cli_print(FILE *out, const char *format, ...);

/* The same, without the end of the line; and as a string of JSON. */
void cli_put_list(FILE *out, const char *format, va_list list);
void cli_put_json_list(FILE *out, const char *format, va_list list);

/* " and 3 others", of so many with the one that is named; "" for that one alone. */
enum { CLI_OTHERS_MAX = 48 };
const char *cli_and_others(size_t count, char out[CLI_OTHERS_MAX]);

/* Whether all that was printed on standard output has arrived; says why not. Who closes a pipe
 * has seen enough, and is told nothing. */
bool cli_printed(void);

/* Writes a field of a CSV, quoted as in RFC 4180 where it has to be. Spreadsheets take a field
 * that begins with = + - @, a tab or a carriage return for a formula: a ' goes before it.
 * shown: for the eyes, as above. */
void cli_csv_field(FILE *out, const char *text, bool shown);

#endif
