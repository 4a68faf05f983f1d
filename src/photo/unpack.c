#include "unpack.h"

#include <stdbool.h>
#include <string.h>

/* Each code stands for a string that was written before: the table has where, and how long. */
size_t fleck_unpack_lzw(const uint8_t *packed, size_t size, uint8_t *out, size_t capacity) {
    enum { CLEAR = 256, END = 257, FIRST = 258, CODES = 4096, WIDEST = 12 };
    size_t start[CODES], length[CODES];
    uint32_t next = FIRST, width = 9, held = 0, bits = 0;
    size_t at = 0, done = 0, last = 0; /* last: length of the string before; 0 after CLEAR */
    while (done < capacity) {
        for (; held < width && at < size; held += 8) bits = bits << 8 | packed[at++];
        if (held < width) break;
        held -= width;
        uint32_t code = bits >> held & ((1u << width) - 1);
        if (code == END) break;
        if (code == CLEAR) {
            next = FIRST;
            width = 9;
            last = 0;
            continue;
        }
        if (last && next < CODES) { /* the string before, and the first byte of this one */
            start[next] = done - last;
            length[next] = last + 1;
            next++;
            /* A step before it has to be, as all writers of TIFF do. */
            if (next == (1u << width) - 1 && width < WIDEST) width++;
        }
        size_t count = 1, room = capacity - done;
        if (code < CLEAR) {
            out[done] = (uint8_t)code;
        } else {
            if (code >= next) break;
            count = length[code] < room ? length[code] : room;
            /* One by one: the last may be the first that is written. */
            for (size_t i = 0; i < count; i++) out[done + i] = out[start[code] + i];
        }
        done += count;
        last = count;
    }
    return done;
}

size_t fleck_unpack_packbits(const uint8_t *packed, size_t size, uint8_t *out, size_t capacity) {
    enum { NOTHING = 128, RUN = 257 }; /* RUN - n times the byte that follows */
    size_t done = 0;
    for (size_t at = 0; at < size && done < capacity;) {
        uint32_t n = packed[at++];
        if (n == NOTHING) continue;
        bool run = n > NOTHING;
        size_t count = run ? RUN - n : n + 1, room = capacity - done;
        if (count > room) count = room;
        if (run ? at == size : count > size - at) break;
        if (run)
            memset(out + done, packed[at++], count);
        else
            memcpy(out + done, packed + at, count), at += count;
        done += count;
    }
    return done;
}
