#include "text.h"

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
