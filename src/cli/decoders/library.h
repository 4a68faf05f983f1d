/* One library each, for decoders.c; a build may lack any of them. */
#ifndef FLECK_CLI_LIBRARY_H
#define FLECK_CLI_LIBRARY_H

#include "decoders.h"

/* Where a decoder puts a photo's pixels: rows of channels values, the top one first, nothing
 * between them; values of 16 bits with their low byte first. */
typedef struct {
    cli_decoder_header header;
    uint8_t *tiff;
    size_t tiff_size;
    uint8_t *pixels; /* in tiff: [height, width, channels, 1 or 2 bytes] */
    size_t row_bytes;
} cli_decoder_target;

/* Refuses a size that no photo may have. */
fleck_status cli_decoder_check_size(const char *kind, uint64_t width, uint64_t height,
                                    fleck_message *err);

/* Makes the TIFF of a photo of out->header, whose pixels are still to come. */
fleck_status cli_decoder_target_make(fleck_arena *arena, cli_decoder_target *out,
                                     fleck_message *err);

/* For cli_decoder_inspect and cli_decoder_tiff; kind is the file's. */
fleck_status cli_webp_inspect(const char *kind, const uint8_t *file, size_t size,
                              cli_decoder_header *out, fleck_message *err);
fleck_status cli_webp_decode(fleck_arena *arena, const char *kind, const uint8_t *file, size_t size,
                             cli_decoder_target *out, fleck_message *err);
fleck_status cli_heif_inspect(const char *kind, const uint8_t *file, size_t size,
                              cli_decoder_header *out, fleck_message *err);
fleck_status cli_heif_decode(fleck_arena *arena, const char *kind, const uint8_t *file, size_t size,
                             cli_decoder_target *out, fleck_message *err);

#endif
