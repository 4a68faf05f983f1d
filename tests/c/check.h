/* Assertions for the C tests: a failed one prints where and what, and the test
 * goes on; check_done() gives main its exit status. */
#ifndef FLECK_CHECK_H
#define FLECK_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static int check_count, check_failed;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        check_count++;                                                                             \
        if (!(condition)) {                                                                        \
            check_failed++;                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
        }                                                                                          \
    } while (0)

#define CHECK_NEAR(a, b, tolerance)                                                                \
    do {                                                                                           \
        double check_a = (double)(a), check_b = (double)(b);                                       \
        check_count++;                                                                             \
        if (!(fabs(check_a - check_b) <= (double)(tolerance))) {                                   \
            check_failed++;                                                                        \
            fprintf(stderr, "%s:%d: %s = %.9g, %s = %.9g, tolerance %g\n", __FILE__, __LINE__, #a, \
                    check_a, #b, check_b, (double)(tolerance));                                    \
        }                                                                                          \
    } while (0)

/* A check that needs a file of ../shared, which is not everywhere, says so where the file is
 * absent, in words that tests/tally.mjs knows. path begins with FLECK_SHARED_DIR. */
#define SKIP_ABSENT(path) printf("skipped: %s is absent\n", strstr(path, "../shared"))

static int check_done(void) {
    printf("%d checks, %d failed\n", check_count, check_failed);
    return check_failed || !check_count;
}

#endif
