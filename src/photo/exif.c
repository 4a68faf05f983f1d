/* EXIF's orientation. */
#include "readers.h"

uint32_t fleck_exif_orientation(const uint8_t *tiff, size_t size) {
    enum { TAG_ORIENTATION = 0x112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };
    if (size < 8 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) return 1;
    uint32_t (*u16)(const uint8_t *) = tiff[0] == 'I' ? le16 : be16;
    uint32_t (*u32)(const uint8_t *) = tiff[0] == 'I' ? le32 : be32;
    size_t at = u32(tiff + 4);
    if (u16(tiff + 2) != 42 || at > size - 2) return 1;
    uint32_t entries = u16(tiff + at);
    at += 2;
    for (uint32_t i = 0; i < entries && size - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES) {
        if (u16(tiff + at) != TAG_ORIENTATION) continue;
        uint32_t value = u16(tiff + at + 8);
        bool good = u16(tiff + at + 2) == TYPE_SHORT && u32(tiff + at + 4) == 1;
        return good && value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}
