/* The headers of a BMP file. */
#include "photo.h"

fleck_status fleck_bmp_inspect(const uint8_t *file, size_t size, photo_header *out,
                               fleck_message *err) {
    enum { FILE_HEADER = 14, INFO_HEADER = 40, BITFIELDS = 3, BITFIELDS_BYTES = 12 };
    if (size < FILE_HEADER + INFO_HEADER) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    uint64_t start = le32(file + 10), header = le32(file + 14);
    if (header < INFO_HEADER)
        return fleck_fail(err, FLECK_ERR_FORMAT, "this old kind of BMP (OS/2) cannot be read");
    uint32_t height = le32(file + 22), bits = le16(file + 28);
    bool top_down = height > INT32_MAX;
    out->width = le32(file + 18);
    out->height = top_down ? 0u - height : height;
    bool masks_follow = header == INFO_HEADER && le32(file + 30) == BITFIELDS;
    uint64_t headers = FILE_HEADER + header + (masks_follow ? BITFIELDS_BYTES : 0);
    if (start < headers || out->width > PHOTO_SIDE_MAX || out->height > PHOTO_SIDE_MAX)
        return fleck_fail(err, FLECK_ERR_FORMAT, "damaged BMP: bad header");
    /* Rows are padded to 4 bytes; the last one's padding may be missing. */
    uint64_t row = (out->width * bits + 31) / 32 * 4;
    uint64_t need = out->height ? row * (out->height - 1) + (out->width * bits + 7) / 8 : 0;
    if (start > size || need > size - start)
        return fleck_fail(err, FLECK_ERR_FORMAT, "truncated BMP");
    return FLECK_OK;
}
