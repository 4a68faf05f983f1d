/* WebP (RFC 9649). What it says is read by libwebpdemux, which wants the file to be whole; of an
 * animation the first frame is the photo, on its canvas. */
#include "library.h"

#include "readers.h"

#include <webp/decode.h>
#include <webp/demux.h>

/* The part that says how the photo is turned; some writers leave the mark of JPEG before it. */
static uint32_t orientation_of(WebPDemuxer *demux) {
    WebPChunkIterator chunk;
    uint32_t orientation = 1;
    if (!WebPDemuxGetChunk(demux, "EXIF", 1, &chunk)) return orientation;
    const uint8_t *exif = chunk.chunk.bytes;
    size_t size = chunk.chunk.size, mark = STARTS(exif, size, "Exif\0\0") ? 6 : 0;
    orientation = fleck_exif_orientation(exif + mark, size - mark);
    WebPDemuxReleaseChunkIterator(&chunk);
    return orientation;
}

/* A file that lacks its end may lack the part that says how it is turned. */
fleck_status cli_webp_inspect(const char *kind, const uint8_t *file, size_t size,
                              cli_decoder_header *out, fleck_message *err) {
    enum { BEFORE = 8 }; /* "RIFF" and the size of what follows */
    if (!STARTS(file, size, "RIFF"))
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged %s: it does not begin as one", kind);
    if (size < BEFORE || le32(file + 4) > size - BEFORE)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated %s", kind);
    const WebPData data = {file, size};
    WebPDemuxer *demux = WebPDemux(&data);
    if (!demux)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged %s: its parts do not fit together", kind);
    uint32_t flags = WebPDemuxGetI(demux, WEBP_FF_FORMAT_FLAGS);
    *out = (cli_decoder_header){
        .width = WebPDemuxGetI(demux, WEBP_FF_CANVAS_WIDTH),
        .height = WebPDemuxGetI(demux, WEBP_FF_CANVAS_HEIGHT),
        .orientation = orientation_of(demux),
        .channels = flags & (ALPHA_FLAG | ANIMATION_FLAG) ? 4 : 3,
        .bits = 8,
        .several = WebPDemuxGetI(demux, WEBP_FF_FRAME_COUNT) > 1,
    };
    WebPDemuxDelete(demux);
    return cli_decoder_check_size(kind, out->width, out->height, err);
}

static bool is_animated(const uint8_t *file, size_t size) {
    WebPBitstreamFeatures features;
    return WebPGetFeatures(file, size, &features) == VP8_STATUS_OK && features.has_animation;
}

static VP8StatusCode decode_still(const uint8_t *file, size_t size, const cli_decoder_target *to) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return VP8_STATUS_INVALID_PARAM;
    config.output.colorspace = to->header.channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = (WebPRGBABuffer){.rgba = to->pixels,
                                            .stride = (int)to->row_bytes,
                                            .size = to->row_bytes * to->header.height};
    return WebPDecode(file, size, &config);
}

static VP8StatusCode decode_first(const uint8_t *file, size_t size, const cli_decoder_target *to) {
    const WebPData data = {file, size};
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options)) return VP8_STATUS_INVALID_PARAM;
    options.color_mode = MODE_RGBA;
    WebPAnimDecoder *animation = WebPAnimDecoderNew(&data, &options);
    if (!animation) return VP8_STATUS_OUT_OF_MEMORY; /* its parts were found to be well-formed */
    uint8_t *canvas;
    int time_ms;
    bool ok = WebPAnimDecoderGetNext(animation, &canvas, &time_ms);
    if (ok) memcpy(to->pixels, canvas, to->row_bytes * to->header.height);
    WebPAnimDecoderDelete(animation);
    return ok ? VP8_STATUS_OK : VP8_STATUS_BITSTREAM_ERROR;
}

fleck_status cli_webp_decode(fleck_arena *arena, const char *kind, const uint8_t *file, size_t size,
                             cli_decoder_target *out, fleck_message *err) {
    fleck_status status = cli_webp_inspect(kind, file, size, &out->header, err);
    if (!status) status = cli_decoder_target_make(arena, out, err);
    if (status) return status;
    VP8StatusCode code =
        is_animated(file, size) ? decode_first(file, size, out) : decode_still(file, size, out);
    if (code == VP8_STATUS_OK) return FLECK_OK;
    if (code == VP8_STATUS_OUT_OF_MEMORY)
        return fleck_photo_out_of_memory(err, out->header.width, out->header.height);
    if (code == VP8_STATUS_SUSPENDED || code == VP8_STATUS_NOT_ENOUGH_DATA)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated %s", kind);
    return fleck_fail(err, FLECK_ERR_FORMAT, "damaged %s: its pixels cannot be unpacked", kind);
}
