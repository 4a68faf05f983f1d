/* Any bytes as a table of labels. */
#include "csv_table.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    cli_table t;
    if (!cli_table_parse(&arena, bytes, size, &t)) abort();
    size_t total = 0;
    for (size_t i = 0; i < FLECK_SIZE(t.rows, t.columns); i++) {
        if (!t.cells[i]) abort();
        total += strlen(t.cells[i]);
    }
    if (total > size) abort(); /* no byte is in two cells */
    fleck_arena_free(&arena);
    return 0;
}
