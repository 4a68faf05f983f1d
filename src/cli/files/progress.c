#include "progress.h"

#include "print.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

double cli_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void cli_progress_open(cli_progress *progress, bool quiet, bool json) {
    const char *term = getenv("TERM");
    *progress = (cli_progress){.quiet = quiet,
                               .json = json,
                               .terminal = !json && isatty(STDERR_FILENO) && term &&
                                           strcmp(term, "dumb") != 0};
}

void cli_progress_begin(cli_progress *progress, size_t total) {
    progress->total = total;
    progress->tenths = 0;
    progress->began_s = cli_seconds();
    progress->told_s = 0;
}

/* "12 s left" once there is something to judge by, else "". */
static void time_left(const cli_progress *progress, size_t done, double now, char out[32]) {
    double spent = now - progress->began_s;
    out[0] = '\0';
    if (!done || done >= progress->total || spent < 1) return;
    double left = spent / (double)done * (double)(progress->total - done);
    if (left < 100)
        snprintf(out, 32, "%.0f s left", left);
    else if (left < 6000)
        snprintf(out, 32, "%.0f min left", left / 60);
    else
        snprintf(out, 32, "%.1f h left", left / 3600);
}

static void draw_bar(const cli_progress *progress, const char *stage, size_t done,
                     const char *left) {
    enum { TEXT_COLUMNS = 54, BAR_COLUMNS = 30 }; /* stage, counts and time beside the bar */
    static const char full[] = "##############################";
    static const char empty[] = "------------------------------";
    struct winsize window;
    bool known = !ioctl(STDERR_FILENO, TIOCGWINSZ, &window) && window.ws_col;
    int columns = known ? window.ws_col : 80;
    int width = columns - TEXT_COLUMNS;
    if (width > BAR_COLUMNS) width = BAR_COLUMNS;
    if (width < 0) width = 0;
    int filled = (int)((double)done / (double)progress->total * width);
    fprintf(stderr, "\r\033[K%-16s [%.*s%.*s] %zu/%zu  %s", stage, filled, full, width - filled,
            empty, done, progress->total, left);
    fflush(stderr);
}

void cli_progress_tell(cli_progress *progress, const char *stage, size_t done) {
    if (progress->quiet || !progress->total) return;
    double now = cli_seconds();
    bool soon = done < progress->total && now - progress->told_s < 0.1;
    if (progress->json) {
        if (soon) return;
        progress->told_s = now;
        fprintf(stderr, "{\"stage\":\"%s\",\"done\":%zu,\"total\":%zu,\"seconds\":%.3f}\n", stage,
                done, progress->total, now - progress->began_s);
        return;
    }
    char left[32];
    time_left(progress, done, now, left);
    if (progress->terminal) {
        if (soon) return;
        progress->told_s = now;
        progress->bar_shown = true;
        draw_bar(progress, stage, done, left);
        return;
    }
    size_t tenths = (size_t)((double)done / (double)progress->total * 10);
    if (tenths <= progress->tenths) return;
    progress->tenths = tenths;
    fprintf(stderr, "%s: %zu of %zu%s%s\n", stage, done, progress->total, *left ? ", " : "", left);
}

void cli_duration(double seconds, char out[32]) {
    double minutes = seconds / 60;
    if (seconds < 100)
        snprintf(out, 32, "%.0f s", seconds);
    else if (minutes < 100)
        snprintf(out, 32, "%.0f min", minutes);
    else
        snprintf(out, 32, "%.0f h %.0f min", floor(minutes / 60), floor(fmod(minutes, 60)));
}

void cli_progress_clear(cli_progress *progress) {
    if (!progress->bar_shown) return;
    progress->bar_shown = false;
    fputs("\r\033[K", stderr);
}

static void put_line(cli_progress *progress, const char *before, const char *format, va_list list) {
    cli_progress_clear(progress);
    if (progress->json) {
        fputs("{\"message\":", stderr);
        cli_put_json_list(stderr, format, list);
        fputc('}', stderr);
    } else {
        fputs(before, stderr);
        cli_put_list(stderr, format, list);
    }
    fputc('\n', stderr);
}

void cli_say(cli_progress *progress, const char *format, ...) {
    va_list list;
    va_start(list, format);
    put_line(progress, "fleck: ", format, list);
    va_end(list);
}

void cli_note(cli_progress *progress, const char *format, ...) {
    va_list list;
    va_start(list, format);
    put_line(progress, "", format, list);
    va_end(list);
}
