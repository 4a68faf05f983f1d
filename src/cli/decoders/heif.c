/* HEIC and AVIF, which are one container (ISO/IEC 23008-12) around HEVC and AV1. libheif turns the
 * photo upright by the container's own words, so that EXIF, which repeats them, is not looked at.
 * Photos of 10 and 12 bits are spread over 16: what is white is known, unlike in a TIFF.
 *
 * The size that the container states is checked before anything is decoded; what the coded
 * pictures in it state is libheif's own to bound. */
#include "library.h"

#include "readers.h"

#include <limits.h>
#include <libheif/heif.h>

/* What is open of a file. */
typedef struct {
    struct heif_context *context;
    struct heif_image_handle *photo;
    struct heif_image *image;
} heif_file;

static void heif_close(heif_file *f) {
    if (f->image) heif_image_release(f->image);
    if (f->photo) heif_image_handle_release(f->photo);
    if (f->context) heif_context_free(f->context);
}

/* Codecs may be plugins of libheif, packages of their own. */
static fleck_status refuse(const char *kind, struct heif_error e, fleck_message *err) {
    if (e.subcode == heif_suberror_Unsupported_codec || e.code == heif_error_Plugin_loading_error)
        return fleck_fail(err, FLECK_ERR_KIND,
                          "this %s is coded in a way for which the libheif of this system has no "
                          "decoder (Debian: libheif-plugin-libde265, libheif-plugin-dav1d)",
                          kind);
    if (e.code == heif_error_Memory_allocation_error &&
        e.subcode != heif_suberror_Security_limit_exceeded)
        return fleck_fail(err, FLECK_ERR_MEMORY, "out of memory");
    bool damaged = e.code == heif_error_Invalid_input || e.code == heif_error_Decoder_plugin_error;
    int length = (int)strcspn(e.message, "\r\n");
    if (damaged)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged or truncated %s: %.*s", kind, length,
                          e.message);
    return fleck_fail(err, FLECK_ERR_KIND, "this %s cannot be read by libheif: %.*s", kind, length,
                      e.message);
}

static fleck_status heif_open(heif_file *f, const char *kind, const uint8_t *file, size_t size,
                              cli_decoder_header *out, fleck_message *err) {
    *f = (heif_file){.context = heif_context_alloc()};
    if (!f->context) return fleck_fail(err, FLECK_ERR_MEMORY, "out of memory");
#if LIBHEIF_HAVE_VERSION(1, 19, 0)
    heif_context_get_security_limits(f->context)->max_image_size_pixels = FLECK_PIXELS_MAX;
#endif
    struct heif_error e = heif_context_read_from_memory_without_copy(f->context, file, size, NULL);
    if (!e.code) e = heif_context_get_primary_image_handle(f->context, &f->photo);
    if (e.code) return refuse(kind, e, err);
    int width = heif_image_handle_get_width(f->photo);
    int height = heif_image_handle_get_height(f->photo);
    int bits = heif_image_handle_get_luma_bits_per_pixel(f->photo);
    int brands = size < INT_MAX ? (int)size : INT_MAX; /* bytes in which they are looked for */
    fleck_status status = cli_decoder_check_size(kind, width > 0 ? (uint64_t)width : 0,
                                                 height > 0 ? (uint64_t)height : 0, err);
    if (status) return status;
    *out = (cli_decoder_header){
        .width = (uint32_t)width,
        .height = (uint32_t)height,
        .orientation = 1,
        .channels = heif_image_handle_has_alpha_channel(f->photo) ? 4 : 3,
        .bits = bits > 8 ? (uint32_t)bits : 8,
        .premultiplied = heif_image_handle_is_premultiplied_alpha(f->photo),
        .several = heif_context_get_number_of_top_level_images(f->context) > 1 ||
                   heif_has_compatible_brand(file, brands, "msf1") == 1 ||
                   heif_has_compatible_brand(file, brands, "avis") == 1,
    };
    return FLECK_OK;
}

fleck_status cli_heif_inspect(const char *kind, const uint8_t *file, size_t size,
                              cli_decoder_header *out, fleck_message *err) {
    heif_file f;
    fleck_status status = heif_open(&f, kind, file, size, out, err);
    heif_close(&f);
    return status;
}

/* Values of so many bits, the low byte first, to all 16. */
static void spread(const uint8_t *from, uint8_t *to, size_t count, int bits) {
    uint32_t most = (1u << bits) - 1;
    for (size_t i = 0; i < count; i++, from += 2, to += 2) {
        uint32_t value = le16(from) < most ? le16(from) : most;
        value = (value * 65535 + most / 2) / most;
        to[0] = (uint8_t)value;
        to[1] = (uint8_t)(value >> 8);
    }
}

static fleck_status decode(heif_file *f, const char *kind, cli_decoder_target *to,
                           fleck_message *err) {
    const cli_decoder_header *h = &to->header;
    bool alpha = h->channels == 4, deep = h->bits > 8;
    enum heif_chroma narrow = alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
    enum heif_chroma wide =
        alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE;
    struct heif_error e =
        heif_decode_image(f->photo, &f->image, heif_colorspace_RGB, deep ? wide : narrow, NULL);
    if (e.code) return refuse(kind, e, err);
    int stride = 0, bits = heif_image_get_bits_per_pixel_range(f->image, heif_channel_interleaved);
    const uint8_t *row = heif_image_get_plane_readonly(f->image, heif_channel_interleaved, &stride);
    bool fits = row && stride > 0 && (size_t)stride >= to->row_bytes &&
                heif_image_get_width(f->image, heif_channel_interleaved) == (int)h->width &&
                heif_image_get_height(f->image, heif_channel_interleaved) == (int)h->height &&
                (deep ? bits > 8 && bits <= 16 : bits == 8);
    if (!fits)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "damaged %s: its pixels are not those that it states", kind);
    uint8_t *out = to->pixels;
    for (uint32_t y = 0; y < h->height; y++, row += stride, out += to->row_bytes)
        if (deep)
            spread(row, out, to->row_bytes / 2, bits);
        else
            memcpy(out, row, to->row_bytes);
    return FLECK_OK;
}

fleck_status cli_heif_decode(fleck_arena *arena, const char *kind, const uint8_t *file, size_t size,
                             cli_decoder_target *out, fleck_message *err) {
    heif_file f;
    fleck_status status = heif_open(&f, kind, file, size, &out->header, err);
    if (!status) status = cli_decoder_target_make(arena, out, err);
    if (!status) status = decode(&f, kind, out, err);
    heif_close(&f);
    return status;
}
