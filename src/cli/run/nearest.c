#include "nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LENGTH_MAX = 40 }; /* longer names are no slips */

/* Letters to change, add, take away or swap with the next one. */
static size_t steps_between(const char *a, const char *b) {
    size_t rows = strlen(a), columns = strlen(b);
    size_t d[3][LENGTH_MAX + 1]; /* the last three rows of the table, in turn */
    if (rows > LENGTH_MAX || columns > LENGTH_MAX) return SIZE_MAX;
    for (size_t j = 0; j <= columns; j++) d[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t *row = d[i % 3];
        const size_t *above = d[(i - 1) % 3], *second = d[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t least = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < least) least = above[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && second[j - 2] + 1 < least) least = second[j - 2] + 1;
            row[j] = least;
        }
    }
    return d[rows % 3][columns];
}

const char *cli_nearest(const char *wrong, const char *const *names, size_t count) {
    size_t length = strlen(wrong), best = 2 + length / 4;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        bool begins = length > 2 && !strncmp(wrong, names[i], length);
        size_t steps = begins ? 1 : steps_between(wrong, names[i]);
        if (steps >= best || steps >= length) continue;
        best = steps;
        nearest = names[i];
    }
    return nearest;
}
