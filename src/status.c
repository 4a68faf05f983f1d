#include "status.h"

#include <stdarg.h>
#include <stdio.h>

fleck_status fleck_fail(fleck_message *err, fleck_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return status;
}
