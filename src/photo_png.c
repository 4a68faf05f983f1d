/* The chunks of a PNG file. */
#include "photo.h"

/* CRC-32 of PNG, four bits at a time. */
static uint32_t crc32_png(const uint8_t *bytes, size_t size) {
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* Walks over all chunks to IEND. stb_image checks no checksums: a flipped bit
 * in the middle of a photo would look like a defect. */
fleck_status fleck_png_inspect(const uint8_t *file, size_t size, photo_header *out,
                               fleck_message *err) {
    for (size_t at = 8;;) {
        if (size - at < 12 || be32(file + at) > size - at - 12)
            return fleck_fail(err, FLECK_ERR_FORMAT, "truncated PNG");
        size_t length = be32(file + at);
        const uint8_t *type = file + at + 4, *body = type + 4;
        bool first = at == 8, header = !memcmp(type, "IHDR", 4), end = !memcmp(type, "IEND", 4);
        bool critical = !(type[0] & 0x20);
        if (first != header || (header && length != 13))
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged PNG: bad header");
        if (critical && !header && !end && memcmp(type, "IDAT", 4) && memcmp(type, "PLTE", 4))
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged PNG: unknown critical chunk");
        bool intact = crc32_png(type, length + 4) == be32(body + length);
        if (critical && !intact)
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged PNG: checksum of %.4s is wrong",
                              (const char *)type);
        if (header) {
            out->width = be32(body);
            out->height = be32(body + 4);
        } else if (!memcmp(type, "eXIf", 4) && intact) {
            out->orientation = fleck_exif_orientation(body, length);
        }
        if (end) return FLECK_OK;
        at += 12 + length;
    }
}
