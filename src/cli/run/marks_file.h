/* The inspector's marks: a table of photos, or the model file of another folder. */
#ifndef FLECK_CLI_MARKS_FILE_H
#define FLECK_CLI_MARKS_FILE_H

#include "run.h"

/* Marks what the file of --marks says, once the detector has learnt: learnt are the photos that it
 * learnt from, by their indices, others those of the folder that it has not. A mark of a photo that
 * is not there, or of a spot that is not on it, is told, and the others count. */
int cli_marks_set(cli_run *run, const cli_photos *learnt, const cli_photos *others);

/* Says how the marks compare with what the model says of each by the others, and which photos are
 * worth a mark next. */
void cli_marks_tell(cli_run *run, const cli_photos *learnt);

#endif
