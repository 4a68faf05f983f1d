/* What is going on, on standard error: a bar on a terminal, a line every tenth
 * of the way elsewhere, or JSON Lines for programs. */
#ifndef FLECK_CLI_PROGRESS_H
#define FLECK_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    bool quiet, terminal;
    bool json; /* each line is an object */
    bool bar_shown;
    size_t total;
    size_t tenths; /* already told in lines */
    double began_s, told_s;
} cli_progress;

/* Seconds of a clock that never jumps. */
double cli_seconds(void);

void cli_progress_open(cli_progress *progress, bool quiet, bool json);

/* Begins to count to total. */
void cli_progress_begin(cli_progress *progress, size_t total);

/* done of total; stage is a word or two that may change on the way. */
void cli_progress_tell(cli_progress *progress, const char *stage, size_t done);

/* "40 s", "12 min" or "3 h 20 min". */
void cli_duration(double seconds, char out[32]);

/* Removes the bar, so that something else can be printed. */
void cli_progress_clear(cli_progress *progress);

/* Prints "fleck: " and a sentence on a line, as cli_print does, whatever the bar does; as JSON
 * {"message":"..."}. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void cli_say(cli_progress *progress, const char *format, ...);

/* The same without "fleck: ". */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void cli_note(cli_progress *progress, const char *format, ...);

#endif
