#include "status.h"

#include "text.h"

#include <stdarg.h>
#include <string.h>

/* Whether a byte goes on with a character of UTF-8. */
static int continues(char byte) { return ((unsigned char)byte & 0xC0) == 0x80; }

/* A message that is too long loses its middle: names stand first and may be long as paths are,
 * the reason stands last. */
fleck_status(fleck_fail)(fleck_message *err, fleck_status status, const char *format, ...) {
    enum { ROOM = sizeof err->text, LONGEST = 9000 /* two paths and a sentence */ };
    static const char gap[] = "...";
    char whole[LONGEST];
    va_list args;
    va_start(args, format);
    fleck_print_list(whole, sizeof whole, format, args);
    va_end(args);
    size_t length = strlen(whole), first = ROOM / 4;
    if (length < ROOM) {
        memcpy(err->text, whole, length + 1);
        return status;
    }
    size_t last = ROOM - sizeof gap - first;
    while (continues(whole[first])) first--;
    while (continues(whole[length - last])) last--;
    memcpy(err->text, whole, first);
    memcpy(err->text + first, gap, sizeof gap - 1);
    memcpy(err->text + first + sizeof gap - 1, whole + length - last, last + 1);
    return status;
}
