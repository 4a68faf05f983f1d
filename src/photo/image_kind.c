#include "image_kind.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
    const char *name;
    uint8_t class, at, length;
    const char *magic;
} signature;

#define SIGNATURE(class, name, at, magic) {name, class, at, sizeof(magic) - 1, magic}
#define PHOTO(name, magic) SIGNATURE(FLECK_FILE_PHOTO, name, 0, magic)
#define PICTURE(name, at, magic) SIGNATURE(FLECK_FILE_PICTURE, name, at, magic)
#define OTHER(name, at, magic) SIGNATURE(FLECK_FILE_OTHER, name, at, magic)

/* The first that fits counts: brands of ISO files stand before "ftyp" alone. */
static const signature signatures[] = {
    PHOTO("PNG", "\x89PNG\r\n\x1a\n"),
    PHOTO("JPEG", "\xFF\xD8"),
    PICTURE("WebP", 8, "WEBP"),
    PICTURE("GIF", 0, "GIF8"),
    PICTURE("camera raw", 0, "II*\0\x10\0\0\0CR"),
    PHOTO("TIFF", "II*\0"),
    PHOTO("TIFF", "MM\0*"),
    PICTURE("BigTIFF", 0, "II+\0"),
    PICTURE("BigTIFF", 0, "MM\0+"),
    PICTURE("AVIF", 4, "ftypavi"),
    PICTURE("HEIC", 4, "ftyphe"),
    PICTURE("HEIC", 4, "ftypmif1"),
    PICTURE("HEIC", 4, "ftypmsf1"),
    PICTURE("camera raw", 4, "ftypcrx "),
    OTHER("video", 4, "ftyp"),
    OTHER("video", 8, "AVI LIST"),
    OTHER("video", 0, "\x1A\x45\xDF\xA3"),
    OTHER("video", 4, "moov"),
    OTHER("video", 4, "mdat"),
    OTHER("video", 4, "wide"),
    OTHER("video", 0, "\0\0\1\xBA"),
    OTHER("video", 0, "\0\0\1\xB3"),
    OTHER("video", 0, "OggS"),
    OTHER("video", 0, "FLV\1"),
    OTHER("video", 0, "\x30\x26\xB2\x75\x8E\x66"),
    PICTURE("JPEG XL", 0, "\xFF\x0A"),
    PICTURE("JPEG XL", 0, "\0\0\0\x0CJXL "),
    PICTURE("JPEG 2000", 0, "\0\0\0\x0CjP  "),
    PICTURE("JPEG 2000", 0, "\xFF\x4F\xFF\x51"),
    PICTURE("JPEG XR", 0, "II\xBC"),
    PICTURE("Photoshop", 0, "8BPS"),
    PICTURE("GIMP", 0, "gimp xcf"),
    PICTURE("camera raw", 0, "FUJIFILMCCD-RAW"),
    PICTURE("camera raw", 0, "IIU\0"),
    PICTURE("camera raw", 0, "IIRO"),
    PICTURE("camera raw", 0, "IIRS"),
    PICTURE("camera raw", 0, "MMOR"),
    PICTURE("camera raw", 0, "FOVb"),
    PICTURE("OpenEXR", 0, "\x76\x2F\x31\x01"),
    PICTURE("Radiance HDR", 0, "#?R"),
    PICTURE("QOI", 0, "qoif"),
    PICTURE("MNG", 0, "\x8AMNG"),
    PICTURE("DICOM", 128, "DICM"),
    PICTURE("FITS", 0, "SIMPLE  ="),
    PICTURE("DDS", 0, "DDS "),
    PICTURE("Sun raster", 0, "\x59\xA6\x6A\x95"),
    PICTURE("PFM", 0, "PF\n"),
    PICTURE("PFM", 0, "Pf\n"),
    PICTURE("ICNS", 0, "icns"),
    PICTURE("EMF", 40, " EMF"),
    PICTURE("WMF", 0, "\xD7\xCD\xC6\x9A"),
    PICTURE("ILBM", 8, "ILBM"),
    PICTURE("DjVu", 0, "AT&TFORM"),
    PICTURE("BPG", 0, "BPG\xFB"),
    PICTURE("JNG", 0, "\x8BJNG"),
    PICTURE("XPM", 0, "/* XPM */"),
    OTHER("PDF", 0, "%PDF"),
    OTHER("PostScript", 0, "%!PS"),
    OTHER("RTF", 0, "{\\rtf"),
    OTHER("RAR", 0, "Rar!"),
    OTHER("Office", 0, "\xD0\xCF\x11\xE0"),
    OTHER("ZIP", 0, "PK\3\4"),
};

/* The kinds whose magic is too short to be trusted alone; NULL: none of them. */
static const char *weak_kind(const uint8_t *f, size_t size) {
    static const char *const pnm[] = {"PBM", "PGM", "PPM", "PBM", "PGM", "PPM", "PAM"};
    bool number = size > 3 && (f[2] == '\n' || f[2] == ' ' || f[2] == '\r' || f[2] == '\t') &&
                  ((f[3] >= '0' && f[3] <= '9') || f[3] == '#' || f[3] == 'W');
    if (number && f[0] == 'P' && f[1] >= '1' && f[1] <= '7') return pnm[f[1] - '1'];
    /* A count of pictures follows: TGA files begin with the same four bytes. */
    if (size > 5 && !f[0] && !f[1] && (f[2] == 1 || f[2] == 2) && !f[3] && f[4] && !f[5])
        return f[2] == 1 ? "ICO" : "CUR";
    if (size > 3 && f[0] == 10 && f[1] <= 5 && f[2] == 1 && f[3] <= 8) return "PCX";
    if (size > 11 && f[0] == 1 && f[1] == 0xDA && f[2] <= 1 && (f[3] == 1 || f[3] == 2))
        return "SGI";
    return NULL;
}

/* Camera raw is TIFF for the most part. DNG says so; others begin with a small picture that
 * says that it is one. */
static bool is_raw(const uint8_t *f, size_t size) {
    enum { NEW_SUBFILE_TYPE = 254, DNG_VERSION = 50706, ENTRY = 12 };
    bool big = *f == 'M';
#define U16(at) ((uint32_t)f[(at) + big] | (uint32_t)f[(at) + !big] << 8)
#define U32(at) (big ? U16(at) << 16 | U16((at) + 2) : U16(at) | U16((at) + 2) << 16)
    if (size < 8 || U32(4) > size - 2) return false;
    size_t at = U32(4), entries = U16(at);
    for (at += 2; entries && size - at >= ENTRY; entries--, at += ENTRY)
        if (U16(at) == DNG_VERSION || (U16(at) == NEW_SUBFILE_TYPE && U32(at + 8) == 1))
            return true;
#undef U16
#undef U32
    return false;
}

/* Whether a text begins so, in capitals or not; word is in small letters. */
static bool begins(const uint8_t *f, size_t size, const char *word) {
    for (; *word; word++, f++, size--)
        if (!size || (*f >= 'A' && *f <= 'Z' ? *f + 32 : *f) != *word) return false;
    return true;
}

/* HTML, SVG and XML may begin with a byte order mark, spaces and declarations. */
static const char *markup_kind(const uint8_t *f, size_t size) {
    if (size > 3 && !memcmp(f, "\xEF\xBB\xBF", 3)) f += 3, size -= 3;
    while (size && (*f == ' ' || *f == '\t' || *f == '\r' || *f == '\n')) f++, size--;
    if (!size || *f != '<') return NULL;
    if (begins(f, size, "<!doctype html") || begins(f, size, "<html")) return "HTML";
    for (size_t i = 0; i < size && i < FLECK_KIND_BYTES; i++)
        if (begins(f + i, size - i, "<svg")) return "SVG";
    return begins(f, size, "<?xml") ? "XML" : NULL;
}

/* "BM" begins words as well: a header of a known size follows. */
static bool is_bmp(const uint8_t *f, size_t size) {
    return size >= 18 && f[0] == 'B' && f[1] == 'M' && f[14] >= 12 && f[14] <= 124 && !f[15] &&
           !f[16] && !f[17];
}

/* Whether the mark is among the chunks before the pixels: programs that rewrite a PNG may
 * have moved it. */
static bool is_marked(const uint8_t *png, size_t size) {
    size_t at = FLECK_HEATMAP_MARK_AT;
    while (at <= size && size - at >= FLECK_HEATMAP_MARK_BYTES) {
        if (!memcmp(png + at, FLECK_HEATMAP_MARK, FLECK_HEATMAP_MARK_BYTES)) return true;
        size_t length = (size_t)png[at] << 24 | png[at + 1] << 16 | png[at + 2] << 8 | png[at + 3];
        if (!memcmp(png + at + 4, "IDAT", 4) || length > size - at - 12) return false;
        at += length + 12;
    }
    return false;
}

fleck_file_kind fleck_file_kind_of(const uint8_t *file, size_t size) {
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        const signature *s = &signatures[i];
        if (size < (size_t)s->at + s->length || memcmp(file + s->at, s->magic, s->length)) continue;
        bool heatmap = !i && is_marked(file, size); /* PNG is the first */
        if (!strcmp(s->name, "TIFF") && is_raw(file, size))
            return (fleck_file_kind){FLECK_FILE_PICTURE, "camera raw"};
        return (fleck_file_kind){heatmap ? FLECK_FILE_HEATMAP : (fleck_file_class)s->class,
                                 s->name};
    }
    if (is_bmp(file, size)) return (fleck_file_kind){FLECK_FILE_PHOTO, "BMP"};
    const char *name = markup_kind(file, size);
    if (name && strcmp(name, "SVG") != 0) return (fleck_file_kind){FLECK_FILE_OTHER, name};
    if (!name) name = weak_kind(file, size);
    return (fleck_file_kind){name ? FLECK_FILE_PICTURE : FLECK_FILE_OTHER, name};
}
