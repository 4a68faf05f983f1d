/* Texts from files and from the command line: numbers, endings, copies; and printing. */
#ifndef FLECK_TEXT_H
#define FLECK_TEXT_H

#include "arena.h"

#include <stdarg.h>
#include <stdint.h>

/* Whether the first length bytes of text end so. */
bool fleck_ends_with(const char *text, size_t length, const char *end);

/* Read a number and return what follows it, NULL where there is none. The first takes decimal
 * digits alone, up to most; the second a decimal number, correctly rounded up to 15 digits and
 * powers of ten up to 22. strtod would be a tenth of the WebAssembly, and listens to the locale. */
const char *fleck_read_whole(const char *text, uint64_t most, uint64_t *out);
const char *fleck_read_decimal(const char *text, double *out);

/* NUL-terminated copies; in the second control characters are '?'. NULL: no memory. */
char *fleck_text_copy(fleck_arena *arena, const void *text, size_t length);
char *fleck_text_printable(fleck_arena *arena, const void *text, size_t length);

/* snprintf, as far as it is used: %s with or without a precision, %u, %d, %zu, %lu, %llu and %02x.
 * Return how long the whole text is. The C library's would be a fiftieth of the WebAssembly. */
size_t fleck_print_list(char *out, size_t size, const char *format, va_list args);
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
size_t
fleck_print(char *out, size_t size, const char *format, ...);

#endif
