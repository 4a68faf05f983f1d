/* Which library decodes what, and the TIFF in which the core gets the pixels: baseline, in one
 * strip, so that it costs a copy and no more. */
#include "library.h"

#include "image_kind.h"
#include "readers.h"

/* ---- what this build has ------------------------------------------------ */

typedef struct {
    const char *kind;
    fleck_status (*inspect)(const char *kind, const uint8_t *file, size_t size,
                            cli_decoder_header *out, fleck_message *err);
    fleck_status (*decode)(fleck_arena *arena, const char *kind, const uint8_t *file, size_t size,
                           cli_decoder_target *out, fleck_message *err);
    bool may_be_deep;
    const char *advice; /* where the others are NULL */
} decoder;

#define HEIF_ADVICE                                                                                \
    "this fleck was built without libheif (Debian: libheif-dev): build it with that, or convert "  \
    "to JPEG first (heif-convert NAME NAME.jpg)"

static const decoder decoders[] = {
#ifdef FLECK_WEBP
    {"WebP", cli_webp_inspect, cli_webp_decode, false, NULL},
#else
    {.kind = "WebP",
     .advice = "this fleck was built without libwebp (Debian: libwebp-dev): build it with that, or "
               "convert to PNG first (dwebp NAME -o NAME.png)"},
#endif
#ifdef FLECK_HEIF
    {"HEIC", cli_heif_inspect, cli_heif_decode, true, NULL},
    {"AVIF", cli_heif_inspect, cli_heif_decode, true, NULL},
#else
    {.kind = "HEIC", .advice = HEIF_ADVICE},
    {.kind = "AVIF", .advice = HEIF_ADVICE},
#endif
};

static const decoder *find(const char *kind) {
    for (size_t i = 0; kind && i < sizeof decoders / sizeof *decoders; i++)
        if (!strcmp(decoders[i].kind, kind)) return &decoders[i];
    return NULL;
}

const char *cli_decoder_kinds(void) {
    static const char *const kinds[2][2] = {
        {"PNG, JPEG, BMP and TIFF", "PNG, JPEG, BMP, TIFF, HEIC and AVIF"},
        {"PNG, JPEG, BMP, TIFF and WebP", "PNG, JPEG, BMP, TIFF, WebP, HEIC and AVIF"}};
    return kinds[cli_decoder_has("WebP")][cli_decoder_has("HEIC")];
}

bool cli_decoder_has(const char *kind) {
    const decoder *d = find(kind);
    return d && d->decode;
}

bool cli_decoder_may_be_deep(const char *kind) {
    const decoder *d = find(kind);
    return d && d->may_be_deep;
}

const char *cli_decoder_advice(const char *kind) {
    const decoder *d = find(kind);
    return d ? d->advice : NULL;
}

/* ---- the TIFF ----------------------------------------------------------- */

enum { HEADER = 8, ENTRY = 12, ENTRIES_MAX = 12, BITS_AT = 160, PIXELS_AT = 168 };
enum { SHORT = 3, LONG = 4 };

static uint8_t *put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value) {
    return put16(put16(at, value & 0xFFFF), value >> 16);
}

fleck_status cli_decoder_check_size(const char *kind, uint64_t width, uint64_t height,
                                    fleck_message *err) {
    if (!width || !height)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged %s: it has no pixels", kind);
    if (width <= PHOTO_SIDE_MAX && height <= PHOTO_SIDE_MAX && width * height <= FLECK_PIXELS_MAX)
        return FLECK_OK;
    return fleck_fail(
        err, FLECK_ERR_FORMAT, "photo has %llu x %llu pixels, at most %u million are accepted",
        (unsigned long long)width, (unsigned long long)height, FLECK_PIXELS_MAX >> 20);
}

fleck_status cli_decoder_target_make(fleck_arena *arena, cli_decoder_target *out,
                                     fleck_message *err) {
    const cli_decoder_header *h = &out->header;
    uint32_t bits = h->bits > 8 ? 16 : 8;
    uint32_t alpha = h->channels == 4;
    out->row_bytes = FLECK_SIZE(h->width, h->channels, bits / 8);
    size_t bytes = FLECK_SIZE(out->row_bytes, h->height);
    out->tiff_size = fleck_size_sum(bytes, PIXELS_AT);
    out->tiff = FLECK_NEW(arena, uint8_t, out->tiff_size);
    if (!out->tiff) return fleck_photo_out_of_memory(err, h->width, h->height);
    out->pixels = out->tiff + PIXELS_AT;

    const struct {
        uint32_t tag, type, count, value;
    } entries[] = {
        {256, LONG, 1, h->width},
        {257, LONG, 1, h->height},
        {258, SHORT, h->channels, BITS_AT},
        {259, SHORT, 1, 1}, /* not compressed */
        {262, SHORT, 1, 2}, /* RGB */
        {273, LONG, 1, PIXELS_AT},
        {274, SHORT, 1, h->orientation},
        {277, SHORT, 1, h->channels},
        {278, LONG, 1, h->height}, /* one strip */
        {279, LONG, 1, (uint32_t)bytes},
        {338, SHORT, alpha, h->premultiplied ? 1 : 2},
    };
    memset(out->tiff, 0, PIXELS_AT);
    memcpy(out->tiff, "II*", 3);
    put32(out->tiff + 4, HEADER);
    uint8_t *at = out->tiff + HEADER + 2;
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        if (!entries[i].count) continue;
        at = put32(put16(put16(at, entries[i].tag), entries[i].type), entries[i].count);
        at = put32(at, entries[i].value);
        count++;
    }
    put16(out->tiff + HEADER, count);
    /* Of several pictures one is there: that they were several is all that the next page says. */
    put32(at, h->several ? HEADER : 0);
    for (uint32_t c = 0; c < h->channels; c++) put16(out->tiff + BITS_AT + (size_t)2 * c, bits);
    return FLECK_OK;
}

/* ---- photos ------------------------------------------------------------- */

fleck_status cli_decoder_inspect(const uint8_t *file, size_t size, cli_decoder_header *out,
                                 fleck_message *err) {
    const char *kind = fleck_file_kind_of(file, size).name;
    const decoder *d = find(kind);
    *out = (cli_decoder_header){.orientation = 1};
    if (d && d->inspect) return d->inspect(kind, file, size, out, err);
    return fleck_fail(err, FLECK_ERR_KIND, "not a photo of a kind that is decoded here");
}

fleck_status cli_decoder_tiff(fleck_arena *arena, const uint8_t *file, size_t size, uint8_t **tiff,
                              size_t *tiff_size, fleck_message *err) {
    const char *kind = fleck_file_kind_of(file, size).name;
    const decoder *d = find(kind);
    cli_decoder_target target = {.header = {.orientation = 1}};
    if (!d || !d->decode)
        return fleck_fail(err, FLECK_ERR_KIND, "not a photo of a kind that is decoded here");
    fleck_status status = d->decode(arena, kind, file, size, &target, err);
    if (status) return status;
    *tiff = target.tiff;
    *tiff_size = target.tiff_size;
    return FLECK_OK;
}
