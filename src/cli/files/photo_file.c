#include "photo_file.h"

#include "decoders.h"
#include "files.h"
#include "image_kind.h"

#include <string.h>

/* The kind of a file that is decoded to a TIFF; NULL: of any other. */
static const char *decoded_kind(const uint8_t *file, size_t size) {
    const char *kind = fleck_file_kind_of(file, size).name;
    return cli_decoder_has(kind) ? kind : NULL;
}

bool cli_photo_read(fleck_arena *arena, const char *path, uint8_t **bytes, size_t *size,
                    fleck_message *err) {
    uint8_t *file;
    size_t file_size;
    if (!cli_read(arena, path, CLI_PHOTO_BYTES_MAX, &file, &file_size, err)) return false;
    *bytes = file;
    *size = file_size;
    if (decoded_kind(file, file_size))
        return cli_decoder_tiff(arena, file, file_size, bytes, size, err) == FLECK_OK;
    fleck_file_kind kind = fleck_file_kind_of(file, file_size);
    if (kind.class != FLECK_FILE_PICTURE) return true;
    const char *advice = cli_decoder_advice(kind.name), *n = strchr("AEIO", *kind.name) ? "n" : "";
    if (advice)
        fleck_fail(err, FLECK_ERR_KIND, "this is a%s %s photo, and %s", n, kind.name, advice);
    else
        fleck_fail(err, FLECK_ERR_KIND, "this is a%s %s file; %s photos can be read", n, kind.name,
                   cli_decoder_kinds());
    return false;
}

void cli_photo_size(const uint8_t *file, size_t size, uint32_t *width, uint32_t *height) {
    cli_decoder_header header;
    fleck_message ignored;
    if (!decoded_kind(file, size)) {
        fleck_photo_size(file, size, width, height);
        return;
    }
    *width = *height = 0;
    if (cli_decoder_inspect(file, size, &header, &ignored)) return;
    bool turned = header.orientation >= 5; /* a quarter, to either side */
    *width = turned ? header.height : header.width;
    *height = turned ? header.width : header.height;
}

fleck_status cli_photo_measure(fleck_detector *det, const uint8_t *file, size_t size,
                               fleck_samples *out) {
    enum {
        WIDE = 16,
        WHITE = 65535
    }; /* over which the decoder spreads what has more than 8 bits */
    cli_decoder_header header = {.bits = 8};
    fleck_message ignored;
    const char *kind = decoded_kind(file, size);
    if (!kind) return fleck_measure(det, file, size, out);
    fleck_status status = cli_decoder_may_be_deep(kind)
                              ? cli_decoder_inspect(file, size, &header, &ignored)
                              : FLECK_OK;
    if (!status) *out = header.bits > 8 ? (fleck_samples){WIDE, WHITE} : (fleck_samples){0, 0};
    return status;
}
