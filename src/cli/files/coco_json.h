/* Regions -> a data set in the form of COCO's (cocodataset.org, "object detection"), as tools for
 * labelling read it. */
#ifndef FLECK_CLI_COCO_JSON_H
#define FLECK_CLI_COCO_JSON_H

#include "arena.h"
#include "finding.h"

#include <stdbool.h>
#include <stdio.h>

/* Of each photo, for the list that comes last. */
typedef struct {
    const char *name;
    uint32_t width, height;
} cli_coco_image;

typedef struct {
    FILE *out;
    cli_coco_image *images; /* [count]; ids are counted from 1 */
    uint32_t count, annotations;
} cli_coco_json;

/* Begins the file, with room in arena for so many photos, and a category for each group of regions,
 * 1 the largest; with 0 groups one for all. False when memory is short. */
bool cli_coco_begin(cli_coco_json *coco, fleck_arena *arena, FILE *out, size_t photos,
                    uint32_t groups);

/* An annotation for each region: a polygon, or where polygons cannot say it, which have no holes
 * and no single pixels, a mask as run lengths. False when scratch memory is short. */
bool cli_coco_add(cli_coco_json *coco, fleck_arena *scratch, const cli_finding *found);

void cli_coco_end(cli_coco_json *coco);

#endif
