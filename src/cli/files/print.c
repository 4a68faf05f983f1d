#include "print.h"

#include "arena.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* The character at text, and its length in bytes; 0 when these bytes are no UTF-8. */
static size_t character(const char *text, uint32_t *out) {
    const unsigned char *c = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = c[0] < 0x80 ? 1 : c[0] < 0xC2 ? 0 : c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : 4;
    if (!length || c[0] > 0xF4) return 0;
    uint32_t value = length == 1 ? c[0] : c[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xC0) != 0x80) return 0; /* the end of the text, too */
        value = value << 6 | (c[i] & 0x3F);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return 0;
    *out = value;
    return length;
}

/* Whether a terminal would do something else than draw it: controls, line separators, and the
 * marks of Unicode that turn the direction of what follows. */
static bool commands(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

static void put_shown(FILE *out, const char *text, bool quoted) {
    while (*text) {
        uint32_t c = 0;
        size_t length = character(text, &c);
        if (!length)
            fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        else if (quoted && c == '"')
            fputs("\"\"", out);
        else if (!commands(c))
            fwrite(text, 1, length, out);
        else if (c == '\n' || c == '\r' || c == '\t')
            fprintf(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else
            fprintf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
        text += length ? length : 1;
    }
}

void cli_put_shown(FILE *out, const char *text) { put_shown(out, text, false); }

void cli_put_json(FILE *out, const char *text) {
    fputc('"', out);
    while (*text) {
        uint32_t c = 0xFFFD;
        size_t length = character(text, &c);
        if (!length || c == '<' || commands(c)) /* none of which is beyond 16 bits */
            fprintf(out, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (char)c);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
    fputc('"', out);
}

static void put_list(FILE *out, void put(FILE *, const char *), const char *format, va_list list) {
    char some[512];
    fleck_arena arena = {0};
    va_list again;
    va_copy(again, list);
    int length = vsnprintf(some, sizeof some, format, list);
    char *all = length >= (int)sizeof some ? FLECK_NEW(&arena, char, (size_t)length + 1) : NULL;
    if (all) vsnprintf(all, (size_t)length + 1, format, again);
    va_end(again);
    put(out, all ? all : some);
    fleck_arena_free(&arena);
}

void cli_put_list(FILE *out, const char *format, va_list list) {
    put_list(out, cli_put_shown, format, list);
}

void cli_put_json_list(FILE *out, const char *format, va_list list) {
    put_list(out, cli_put_json, format, list);
}

void cli_print(FILE *out, const char *format, ...) {
    va_list list;
    va_start(list, format);
    cli_put_list(out, format, list);
    va_end(list);
    fputc('\n', out);
}

const char *cli_and_others(size_t count, char out[CLI_OTHERS_MAX]) {
    *out = '\0';
    if (count > 1)
        snprintf(out, CLI_OTHERS_MAX, " and %zu other%s", count - 1, count == 2 ? "" : "s");
    return out;
}

bool cli_printed(void) {
    if (!ferror(stdout)) errno = 0;
    if (!fflush(stdout) && !ferror(stdout)) return true;
    int reason = errno;
    struct pollfd end = {.fd = STDOUT_FILENO, .events = POLLOUT};
    bool gone = reason == EPIPE || (poll(&end, 1, 0) == 1 && end.revents & POLLERR);
    if (!gone)
        cli_print(stderr, "fleck: standard output: %s",
                  reason ? strerror(reason) : "cannot be written");
    clearerr(stdout);
    return false;
}

void cli_csv_field(FILE *out, const char *text, bool shown) {
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted) fputc('"', out);
    if (*text && strchr("=+-@\t\r", *text)) fputc('\'', out);
    if (shown) {
        put_shown(out, text, quoted);
    } else {
        for (; *text; text++) {
            if (*text == '"') fputc('"', out);
            fputc(*text, out);
        }
    }
    if (quoted) fputc('"', out);
}
