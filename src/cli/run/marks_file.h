/* The inspector's marks: a table of photos, or the model file of another folder. */
#ifndef FLECK_CLI_MARKS_FILE_H
#define FLECK_CLI_MARKS_FILE_H

#include "run.h"

/* Marks what the file of --marks says, once the detector has learnt: learnt are the photos that it
 * learnt from, by their indices, others those of the folder that it has not. A mark of a photo that
 * is not there, or of a spot that is not on it, is told, and the others count. */
int cli_marks_set(cli_run *run, const cli_photos *learnt, const cli_photos *others);

/* Lists the detector's marks, for what follows. */
int cli_marks_list(cli_run *run);

/* Puts the marks of a photo into found: of one that was learnt from, by its index, or, for
 * CLI_NOT_LEARNT, of the one whose features are in run->patch. */
int cli_marks_find(cli_run *run, uint32_t index, cli_finding *found);

/* What the marks of a photo say in a word, for cli_score. */
const char *cli_marks_word(const cli_finding *found);

/* Says how the marks compare with what the model says of each by the others, and which photos are
 * worth a mark next. */
void cli_marks_tell(cli_run *run, const cli_photos *learnt);

#endif
