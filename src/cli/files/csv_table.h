/* Text -> the cells of a table: fields between commas, semicolons, tabs or blanks, whichever
 * its first line has most of, quoted as in RFC 4180. */
#ifndef FLECK_CLI_CSV_TABLE_H
#define FLECK_CLI_CSV_TABLE_H

#include "arena.h"

#include <stdint.h>

typedef struct {
    char **cells; /* [rows, columns], "" where a row is short */
    size_t rows, columns;
} cli_table;

/* Every text is a table. It ends at its first NUL. False when memory is short. */
bool cli_table_parse(fleck_arena *arena, const uint8_t *bytes, size_t size, cli_table *t);

#endif
