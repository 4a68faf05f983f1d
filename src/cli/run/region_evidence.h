/* What the photos learnt from say of the regions of a photo, for the results. */
#ifndef FLECK_CLI_REGION_EVIDENCE_H
#define FLECK_CLI_REGION_EVIDENCE_H

#include "run.h"

/* Of a photo that was not learnt from, whose features are in run->patch. */
#define CLI_NOT_LEARNT UINT32_MAX

/* Adds the evidence to what was found on a photo, in scratch memory: learnt are the photos that
 * were learnt from, by their indices, of which it has index or CLI_NOT_LEARNT. */
int cli_evidence_find(cli_run *run, const cli_photos *learnt, uint32_t index, cli_finding *found);

#endif
