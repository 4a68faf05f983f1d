/* The message of a failure, passed down to whatever can fail. */
#ifndef FLECK_STATUS_H
#define FLECK_STATUS_H

#include "types.h"

typedef struct {
    char text[240];
} fleck_message;

/* Writes a printf-style message and returns the status it was given, so that
 * callers can `return fleck_fail(err, FLECK_ERR_FORMAT, "...")`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
fleck_status
fleck_fail(fleck_message *err, fleck_status status, const char *format, ...);

/* Analysers look at one file at a time: they are told that the status comes back. */
#ifdef __clang_analyzer__
#define fleck_fail(err, status, ...) (fleck_fail(err, status, __VA_ARGS__), (status))
#endif

#endif
