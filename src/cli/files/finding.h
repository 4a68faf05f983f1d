/* What a run found on a photo, for all that is written of it. */
#ifndef FLECK_CLI_FINDING_H
#define FLECK_CLI_FINDING_H

#include "types.h"

#include <stdbool.h>

/* A box in pixels of a photo; of one whose size is not known without any. */
typedef struct {
    float left, top, width, height;
} cli_box;

/* What the photos learnt from say of a region, at its hottest point. */
enum { CLI_SIMILAR = 3 };
typedef struct {
    cli_box box;                   /* around what was compared */
    float distance, nearer, usual; /* of fleck_explanation */
    uint32_t count;
    struct {
        const char *name;
        cli_box box;
        float distance;
    } similar[CLI_SIMILAR]; /* [count], the nearest first */
} cli_evidence;

typedef struct {
    const char *name, *path;
    bool is_learnt;         /* is one of the photos learnt from */
    uint32_t width, height; /* as the photo is seen */
    float score;
    fleck_verdict verdict;
    fleck_regions regions; /* in its pixels */
    const uint32_t *group; /* [regions.count]: which one each is in, 0 the largest; NULL: unknown */
    const cli_evidence *evidence; /* [regions.count]; NULL: not asked for */
    const fleck_made_mark *marks; /* [mark_count] */
    uint32_t mark_count;
    bool follows;      /* the area of interest the part: */
    fleck_point shift; /* by how much it lies elsewhere on this photo, in its pixels */
} cli_finding;

/* Of interest: how many of a photo's patches count, 0 where all do, and the share of what is looked
 * at that lies inside. */
typedef struct {
    uint32_t inside, patches;
    float share;
    bool follows; /* the part */
} cli_area;

#endif
