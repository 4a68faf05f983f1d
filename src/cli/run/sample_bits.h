/* The range of photos of 16 bits: that of the whole folder. */
#ifndef FLECK_CLI_SAMPLE_BITS_H
#define FLECK_CLI_SAMPLE_BITS_H

#include "run.h"

/* Measures the photos of a folder before any is read, and says as what they are read where some
 * have 16 bits. What cannot be read is told when its turn comes. */
int cli_samples_measure(cli_run *run, const cli_photos *photos);

/* Notes the photo whose features were taken, of whose bytes none may have been decoded. */
void cli_samples_note(cli_run *run, const cli_photo *photo, bool decoded, const uint8_t *bytes,
                      size_t size);

/* Says how many of the photos noted have several pages or pictures, and were above the range. */
void cli_samples_tell(cli_run *run);

#endif
