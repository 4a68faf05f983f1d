/* A folder of good and defective photos -> which are learnt from, which are tested, which
 * of these are defective, and where. What is not beyond doubt is named, and nothing is read. */
#ifndef FLECK_CLI_LABELLED_H
#define FLECK_CLI_LABELLED_H

#include "run.h"

/* A photo of the test set. */
typedef struct {
    cli_photo photo;
    bool defective;
    const char *class;       /* the folder that says so; NULL: its masks do, or that it has none */
    const char *const *from; /* [from_count] names of its masks, relative to the folder */
    size_t from_count;
    bool has_mask; /* it counts for the pixel metrics: a good one does, as well as with an
                      empty mask, when others have masks */
    uint8_t *mask; /* [FLECK_HEAT, FLECK_HEAT], 0 or 1; NULL: nothing is marked */

    float score;
    bool scored; /* else it was skipped */
} cli_sample;

typedef struct {
    cli_photos train;
    cli_sample *test; /* in byte order of their paths */
    size_t count;
    bool same; /* there is no split: the photos learnt from are those tested */
    size_t good, defective, masks;
    size_t unmasked;   /* defective ones without a mask, or with an empty one: named */
    size_t left_out;   /* photos that belong to no set: named */
    const char *words; /* all of it as a sentence */
} cli_labelled;

/* Reads run->args->dir. Gives an exit status as all of run's functions do. */
int cli_labelled_read(cli_run *run, cli_labelled *out);

/* Writes what was understood as the members of a JSON object. photos: every photo as well. */
void cli_labelled_json(const cli_labelled *set, bool photos);

#endif
