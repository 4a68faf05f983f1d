#include "text.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

bool fleck_ends_with(const char *text, size_t length, const char *end) {
    size_t n = strlen(end);
    return length >= n && !memcmp(text + length - n, end, n);
}

const char *fleck_read_whole(const char *text, uint64_t most, uint64_t *out) {
    if (*text < '0' || *text > '9') return NULL;
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > most / 10 || digit > most - 10 * value) return NULL;
        value = 10 * value + digit;
    }
    *out = value;
    return text;
}

const char *fleck_read_decimal(const char *text, double *out) {
    double value = 0, power = 1;
    int digits = 0, places = 0, exponent = 0;
    while (*text == ' ') text++;
    bool minus = *text == '-';
    if (minus || *text == '+') text++;
    for (bool point = false; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
        point |= *text == '.';
        if (*text == '.') continue;
        value = 10 * value + (*text - '0');
        places += point;
        digits++;
    }
    if (!digits) return NULL;
    if (*text == 'e' || *text == 'E') {
        bool down = text[1] == '-';
        text += down || text[1] == '+' ? 2 : 1;
        if (*text < '0' || *text > '9') return NULL;
        for (; *text >= '0' && *text <= '9'; text++)
            if (exponent < 1000) exponent = 10 * exponent + (*text - '0');
        if (down) exponent = -exponent;
    }
    exponent -= places;
    for (int i = exponent < 0 ? -exponent : exponent; i; i--) power *= 10;
    value = exponent < 0 ? value / power : value * power;
    *out = minus ? -value : value;
    return text;
}

char *fleck_text_copy(fleck_arena *arena, const void *text, size_t length) {
    char *out = FLECK_NEW(arena, char, fleck_size_sum(length, 1));
    if (!out) return NULL;
    memcpy(out, text, length);
    out[length] = 0;
    return out;
}

char *fleck_text_printable(fleck_arena *arena, const void *text, size_t length) {
    char *out = fleck_text_copy(arena, text, length);
    for (char *c = out; c && c < out + length; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    return out;
}

size_t fleck_print_list(char *out, size_t size, const char *format, va_list args) {
    size_t length = 0;
    while (*format) {
        char digits[20], *digit = digits + sizeof digits;
        const char *text = format;
        size_t n = 1;
        if (*format++ == '%') {
            size_t most = SIZE_MAX;
            if (format[0] == '.' && format[1] == '*') {
                most = (size_t)va_arg(args, int);
                format += 2;
            } else if (*format == '.')
                for (most = 0, format++; *format >= '0' && *format <= '9'; format++)
                    most = 10 * most + (size_t)(*format - '0');
            bool two = format[0] == '0' && format[1] == '2';
            if (two) format += 2;
            bool is_size = *format == 'z';
            if (is_size) format++;
            int longs = 0;
            for (; *format == 'l'; format++) longs++;
            char kind = *format++;
            if (kind == 's') {
                text = va_arg(args, const char *);
                for (n = 0; n < most && text[n];) n++;
            } else {
                assert(kind == 'u' || kind == 'd' || (kind == 'x' && two));
                uint64_t value = is_size      ? va_arg(args, size_t)
                                 : longs == 2 ? va_arg(args, unsigned long long)
                                 : longs      ? va_arg(args, unsigned long)
                                              : va_arg(args, unsigned);
                bool minus = kind == 'd' && value > INT_MAX;
                if (minus) value = (uint32_t)-(uint32_t)value;
                unsigned base = kind == 'x' ? 16 : 10;
                do *--digit = "0123456789abcdef"[value % base];
                while (value /= base);
                if (two && digit == digits + sizeof digits - 1) *--digit = '0';
                if (minus) *--digit = '-';
                text = digit;
                n = (size_t)(digits + sizeof digits - digit);
            }
        }
        for (size_t i = 0; i < n; i++, length++)
            if (length + 1 < size) out[length] = text[i];
    }
    if (size) out[length < size ? length : size - 1] = 0;
    return length;
}

size_t fleck_print(char *out, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    size_t length = fleck_print_list(out, size, format, args);
    va_end(args);
    return length;
}
