/* An area of interest in a file: {"include": [POLYGON, ...], "exclude": [POLYGON, ...]}, where a
 * polygon is a list of [x, y], shares of the photo's width and height, and, of one that follows the
 * part, "follow": "PHOTO", which it was drawn over. tests/cli/area.schema.json describes it. */
#ifndef FLECK_CLI_AREA_JSON_H
#define FLECK_CLI_AREA_JSON_H

#include "arena.h"
#include "status.h"
#include "types.h"

#include <stdbool.h>

/* As fleck_set_area takes them. */
typedef struct {
    fleck_point *points;
    uint32_t *counts;
    uint32_t includes, excludes;
    const char *follow; /* name of the photo that the area was drawn over, or NULL */
} cli_polygons;

/* err gets the reason without the file's name. What polygons may be like fleck_set_area says. */
bool cli_area_parse(fleck_arena *arena, const uint8_t *bytes, size_t size, cli_polygons *out,
                    fleck_message *err);

#endif
