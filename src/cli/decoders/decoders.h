/* Photos of kinds that the core has no reader for, by libraries of the system: WebP by libwebp,
 * HEIC and AVIF by libheif, where this build was made with them (FLECK_WEBP, FLECK_HEIF).
 *
 * Such a photo becomes a TIFF in memory, which the core reads like any other: so that upright,
 * transparent and 16-bit pixels, sizes, features and heatmaps have one way for all kinds. */
#ifndef FLECK_CLI_DECODERS_H
#define FLECK_CLI_DECODERS_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>

/* What a photo says about itself before it is decoded. */
typedef struct {
    uint32_t width, height; /* as stored, which for HEIC and AVIF is as seen */
    uint32_t orientation;   /* EXIF's 1..8 */
    uint32_t channels;      /* 3: RGB, 4: RGB and alpha */
    uint32_t bits;          /* of a sample: 8; what has more is spread over 16 */
    bool premultiplied;     /* colours by their alpha */
    bool several;           /* pictures, of which the first or main one is the photo */
} cli_decoder_header;

/* "PNG, JPEG, BMP, TIFF, WebP, HEIC and AVIF": all that this build reads. */
const char *cli_decoder_kinds(void);

/* Whether this build decodes files of a kind, as fleck_file_kind_of names it. */
bool cli_decoder_has(const char *kind);

/* Whether photos of this kind may have more than 8 bits a sample. */
bool cli_decoder_may_be_deep(const char *kind);

/* Why files of a kind that another build of fleck reads are not read, and what to do: "this fleck
 * was built without ..."; NULL for any other kind. */
const char *cli_decoder_advice(const char *kind);

/* Both want the whole file, of a kind that this build has. FLECK_ERR_FORMAT says what is damaged,
 * missing or larger than FLECK_PIXELS_MAX, which is refused before pixels are allocated;
 * FLECK_ERR_KIND what the library cannot decode.
 *
 * tiff lies in arena: 8 bytes a pixel at most. What the libraries take beside it is freed. */
fleck_status cli_decoder_inspect(const uint8_t *file, size_t size, cli_decoder_header *out,
                                 fleck_message *err);
fleck_status cli_decoder_tiff(fleck_arena *arena, const uint8_t *file, size_t size, uint8_t **tiff,
                              size_t *tiff_size, fleck_message *err);

#endif
