/* The segments of a JPEG file. */
#include "photo.h"

/* stb_image stores the symbols of a Huffman table without looking whether they
 * fit into the 256 places it has. */
static bool check_huffman(const uint8_t *table, size_t size) {
    while (size) {
        if (size < 17) return false;
        size_t symbols = 0;
        for (size_t i = 1; i <= 16; i++) symbols += table[i];
        if (symbols > 256 || size < 17 + symbols) return false;
        table += 17 + symbols;
        size -= 17 + symbols;
    }
    return true;
}

/* Position of the next marker, from its 0xFF on, past picture data and fill
 * bytes; size when there is none. */
static size_t jpeg_marker(const uint8_t *file, size_t size, size_t at) {
    while (at < size) {
        const uint8_t *found = memchr(file + at, 0xFF, size - at);
        if (!found) break;
        at = (size_t)(found - file);
        if (size - at < 2) break;
        uint8_t code = file[at + 1];
        bool restart = code >= 0xD0 && code <= 0xD7;
        if (code != 0 && code != 0xFF && !restart) return at;
        at += code == 0xFF ? 1 : 2;
    }
    return size;
}

/* Walks over all segments to the end of the picture. stb_image stops at the
 * same markers or fails, so every table it reads was checked here. */
fleck_status fleck_jpeg_inspect(const uint8_t *file, size_t size, photo_header *out,
                                fleck_message *err) {
    bool exif = false;
    for (size_t at = 2;;) {
        at = jpeg_marker(file, size, at);
        if (size - at < 2) return fleck_fail(err, FLECK_ERR_FORMAT, "truncated JPEG");
        uint8_t code = file[at + 1];
        at += 2;
        if (code == 0xD9) break;
        if (size - at < 2 || be16(file + at) > size - at)
            return fleck_fail(err, FLECK_ERR_FORMAT, "truncated JPEG");
        size_t length = be16(file + at);
        if (length < 2)
            return fleck_fail(err, FLECK_ERR_FORMAT, "damaged JPEG: a segment of no length");
        const uint8_t *body = file + at + 2;
        size_t body_size = length - 2;
        if (code == 0xC4) {
            if (!check_huffman(body, body_size))
                return fleck_fail(err, FLECK_ERR_FORMAT, "damaged JPEG: bad Huffman table");
        } else if (code >= 0xC0 && code <= 0xCF && code != 0xC8 && code != 0xCC) {
            if (code > 0xC2)
                return fleck_fail(err, FLECK_ERR_FORMAT,
                                  "this kind of JPEG (lossless, hierarchical or arithmetic) "
                                  "cannot be read");
            if (body_size < 6)
                return fleck_fail(err, FLECK_ERR_FORMAT, "damaged JPEG: frame header too short");
            out->height = be16(body + 1);
            out->width = be16(body + 3);
        } else if (code == 0xE1 && !exif && STARTS(body, body_size, "Exif\0\0")) {
            exif = true;
            out->orientation = fleck_exif_orientation(body + 6, body_size - 6);
        }
        at += length;
    }
    return FLECK_OK;
}
