/* All of test_*.c in one program, which runs the one that FLECK_TEST names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAIN_OF(name) int main_of_##name(void);
#include "mains.h"
#undef MAIN_OF

#define MAIN_OF(name) {#name, main_of_##name},
static const struct {
    const char *name;
    int (*run)(void);
} tests[] = {
#include "mains.h"
};

/* Without arguments: Debian's Emscripten does not find a main with some that clang 19 compiled. */
int main(void) {
    const char *name = getenv("FLECK_TEST");
    for (size_t i = 0; name && i < sizeof tests / sizeof *tests; i++)
        if (!strcmp(name, tests[i].name)) return tests[i].run();
    fprintf(stderr, "no such test: %s\n", name ? name : "");
    return 2;
}
