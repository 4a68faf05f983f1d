/* Texts from files and from the command line: numbers, endings, copies. */
#ifndef FLECK_TEXT_H
#define FLECK_TEXT_H

#include "arena.h"

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

#endif
