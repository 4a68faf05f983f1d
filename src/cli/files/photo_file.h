/* A photo's file, of any kind that this build reads, as fleck.h takes photos. */
#ifndef FLECK_CLI_PHOTO_FILE_H
#define FLECK_CLI_PHOTO_FILE_H

#include "arena.h"
#include "status.h"
#include "fleck.h"

#include <stdbool.h>

/* cli_read of a photo: what the core has no reader for comes as a TIFF (decoders.h). err gets the
 * reason without the name, for pictures of other kinds too. */
bool cli_photo_read(fleck_arena *arena, const char *path, uint8_t **bytes, size_t *size,
                    fleck_message *err);

/* fleck_photo_size and fleck_measure of a file as it is stored, or of its beginning. WebP, HEIC and
 * AVIF want the whole file; of a beginning the size is 0, 0, and the measure fails where all of the
 * file may tell of 16 bits. */
void cli_photo_size(const uint8_t *file, size_t size, uint32_t *width, uint32_t *height);
fleck_status cli_photo_measure(fleck_detector *det, const uint8_t *file, size_t size,
                               fleck_samples *out);

#endif
