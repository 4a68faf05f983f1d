/* What a run found on a photo, for all that is written of it. */
#ifndef FLECK_CLI_FINDING_H
#define FLECK_CLI_FINDING_H

#include "types.h"

typedef struct {
    const char *name;
    uint32_t width, height; /* as the photo is seen */
    float score;
    fleck_verdict verdict;
    fleck_regions regions; /* in its pixels */
    const uint32_t *group; /* [regions.count]: which one each is in, 0 the largest; NULL: unknown */
} cli_finding;

/* Of interest: how many of a photo's patches count, 0 where all do, and the share of what is looked
 * at that lies inside. */
typedef struct {
    uint32_t inside, patches;
    float share;
} cli_area;

#endif
