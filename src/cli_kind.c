#include "cli_kind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { HEAD = 4096 };

typedef struct {
    const char *magic;
    size_t length, at;
    cli_kind kind;
    const char *name;
} signature;

#define MAGIC(text) text, sizeof text - 1

static const signature signatures[] = {
    {MAGIC("\xff\xd8\xff"), 0, CLI_KIND_PHOTO, "a JPEG photo"},
    {MAGIC("\x89PNG\r\n\x1a\n"), 0, CLI_KIND_PHOTO, "a PNG photo"},
    {MAGIC("GIF8"), 0, CLI_KIND_PICTURE, "a GIF picture"},
    {MAGIC("WEBP"), 8, CLI_KIND_PICTURE, "a WebP picture"},
    {MAGIC("II*\0"), 0, CLI_KIND_PICTURE, "a TIFF picture"},
    {MAGIC("MM\0*"), 0, CLI_KIND_PICTURE, "a TIFF picture"},
    {MAGIC("II+\0"), 0, CLI_KIND_PICTURE, "a BigTIFF picture"},
    {MAGIC("MM\0+"), 0, CLI_KIND_PICTURE, "a BigTIFF picture"},
    {MAGIC("ftypheic"), 4, CLI_KIND_PICTURE, "a HEIC picture"},
    {MAGIC("ftypheix"), 4, CLI_KIND_PICTURE, "a HEIC picture"},
    {MAGIC("ftypmif1"), 4, CLI_KIND_PICTURE, "a HEIF picture"},
    {MAGIC("ftypavif"), 4, CLI_KIND_PICTURE, "an AVIF picture"},
    {MAGIC("ftypcrx "), 4, CLI_KIND_PICTURE, "a raw photo"},
    {MAGIC("ftyp"), 4, CLI_KIND_OTHER, "a video"},
    {MAGIC("jP  \r\n\x87\n"), 4, CLI_KIND_PICTURE, "a JPEG 2000 picture"},
    {MAGIC("\xff\x4f\xff\x51"), 0, CLI_KIND_PICTURE, "a JPEG 2000 picture"},
    {MAGIC("JXL \r\n\x87\n"), 4, CLI_KIND_PICTURE, "a JPEG XL picture"},
    {MAGIC("\xff\x0a"), 0, CLI_KIND_PICTURE, "a JPEG XL picture"},
    {MAGIC("8BPS"), 0, CLI_KIND_PICTURE, "a Photoshop picture"},
    {MAGIC("\x76\x2f\x31\x01"), 0, CLI_KIND_PICTURE, "an OpenEXR picture"},
    {MAGIC("#?RADIANCE"), 0, CLI_KIND_PICTURE, "a Radiance picture"},
    {MAGIC("qoif"), 0, CLI_KIND_PICTURE, "a QOI picture"},
    {MAGIC("DDS "), 0, CLI_KIND_PICTURE, "a DDS picture"},
    {MAGIC("\0\0\1\0"), 0, CLI_KIND_PICTURE, "an icon"},
    {MAGIC("\x0a\x05\x01"), 0, CLI_KIND_PICTURE, "a PCX picture"},
    {MAGIC("%PDF"), 0, CLI_KIND_OTHER, "a PDF document"},
    {MAGIC("\x1f\x8b"), 0, CLI_KIND_OTHER, "a gzip archive"},
    {MAGIC("7z\xbc\xaf"), 0, CLI_KIND_OTHER, "a 7-Zip archive"},
    {MAGIC("\x93NUMPY"), 0, CLI_KIND_OTHER, "a NumPy array"},
    {MAGIC("\x80\x02"), 0, CLI_KIND_WEIGHTS, "a PyTorch checkpoint"},
};

static bool contains(const unsigned char *bytes, size_t size, const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= size; i++)
        if (!memcmp(bytes + i, text, length)) return true;
    return false;
}

/* A bitmap's second header begins with its own size, which tells it from a text. */
static bool is_bmp(const unsigned char *b, size_t size) {
    if (size < 18 || memcmp(b, "BM", 2) != 0) return false;
    return b[14] >= 12 && b[14] <= 124 && !b[15] && !b[16] && !b[17];
}

static bool is_pnm(const unsigned char *b, size_t size) {
    return size > 3 && b[0] == 'P' && b[1] >= '1' && b[1] <= '7' && b[2] && strchr(" \t\r\n", b[2]);
}

static bool is_text(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (bytes[i] < ' ' && (!bytes[i] || !strchr("\t\n\r\f", bytes[i]))) return false;
    return true;
}

static cli_kind kind_of_head(const unsigned char *b, size_t size, const char **name) {
    *name = "no file of a kind that fleck knows";
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const signature *s = &signatures[i];
        if (s->at + s->length > size || memcmp(b + s->at, s->magic, s->length) != 0) continue;
        *name = s->name;
        return s->kind;
    }
    if (is_bmp(b, size)) {
        *name = "a BMP photo";
        return CLI_KIND_PHOTO;
    }
    if (is_pnm(b, size)) {
        *name = "a PNM picture";
        return CLI_KIND_PICTURE;
    }
    if (size > 8 && b[8] == '{' && !b[4] && !b[5] && !b[6] && !b[7]) {
        bool is_model = contains(b, size, "fleck-model");
        *name = is_model ? "a model of fleck's" : "a backbone (safetensors)";
        return is_model ? CLI_KIND_MODEL : CLI_KIND_WEIGHTS;
    }
    if (size > 4 && !memcmp(b, "PK\3\4", 4)) {
        bool is_checkpoint = contains(b, size, "data.pkl");
        *name = is_checkpoint ? "a PyTorch checkpoint" : "a ZIP archive";
        return is_checkpoint ? CLI_KIND_WEIGHTS : CLI_KIND_OTHER;
    }
    if (!is_text(b, size)) return CLI_KIND_OTHER;
    *name = contains(b, size, "<svg") ? "an SVG drawing" : "a text file";
    return CLI_KIND_TEXT;
}

cli_kind cli_kind_of(const char *path, const char **name) {
    unsigned char head[HEAD];
    const char *ignored;
    struct stat info;
    if (!name) name = &ignored;
    *name = "";
    if (stat(path, &info)) return CLI_KIND_MISSING;
    *name = "a folder";
    if (S_ISDIR(info.st_mode)) return CLI_KIND_FOLDER;
    *name = "no regular file";
    if (!S_ISREG(info.st_mode)) return CLI_KIND_SPECIAL;
    FILE *file = fopen(path, "rb");
    if (!file) return CLI_KIND_MISSING;
    size_t size = fread(head, 1, sizeof head, file);
    int reason = ferror(file) ? errno : 0;
    fclose(file);
    errno = reason;
    if (reason) return CLI_KIND_MISSING;
    *name = "an empty file";
    return size ? kind_of_head(head, size, name) : CLI_KIND_EMPTY;
}

/* ---- what the command line names ---- */

static bool refuse(fleck_message *err, const char *path, const char *why) {
    fleck_fail(err, FLECK_ERR_ARGUMENT, "%.120s: %.100s", path, why);
    return false;
}

static bool is_folder(const char *path, fleck_message *err) {
    const char *name;
    switch (cli_kind_of(path, &name)) {
    case CLI_KIND_FOLDER:
        return true;
    case CLI_KIND_MISSING:
        return refuse(err, path, errno == ENOENT ? "there is no such folder" : strerror(errno));
    case CLI_KIND_MODEL:
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%.80s: is a model, not a folder; 'fleck score %.80s PATHS...' uses it", path,
                   path);
        return false;
    case CLI_KIND_WEIGHTS:
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%.80s: is %s, not a folder with photos; '--backbone FILE' uses it", path, name);
        return false;
    case CLI_KIND_PHOTO:
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%.120s: is %s; name the folder that it is in", path,
                   name);
        return false;
    default:
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%.120s: is %s, not a folder", path, name);
        return false;
    }
}

static bool is_model(const cli_args *args, fleck_message *err) {
    const char *path = args->model, *name;
    cli_kind kind = cli_kind_of(path, &name);
    if (kind == CLI_KIND_MODEL) return true;
    int reason = errno;
    for (int i = 0; kind != CLI_KIND_MISSING && i < args->path_count; i++) {
        if (cli_kind_of(args->paths[i], NULL) != CLI_KIND_MODEL) continue;
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%.70s: is %s; the model comes first, as in 'fleck score %.60s %.60s'", path,
                   name, args->paths[i], path);
        return false;
    }
    if (kind == CLI_KIND_MISSING)
        return refuse(err, path, reason == ENOENT ? "there is no such model" : strerror(reason));
    if (kind == CLI_KIND_WEIGHTS)
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%.80s: is %s, no model; 'fleck train DIR --save MODEL --backbone %.80s' makes "
                   "one with it",
                   path, name, path);
    else
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%.120s: is %s, no model; 'fleck train DIR --save MODEL' makes one", path, name);
    return false;
}

static bool is_backbone(const char *path, fleck_message *err) {
    const char *name;
    cli_kind kind = cli_kind_of(path, &name);
    if (kind == CLI_KIND_WEIGHTS || kind == CLI_KIND_MISSING) return true; /* a name, perhaps */
    if (kind == CLI_KIND_FOLDER && !strchr(path, '/')) return true;
    if (kind == CLI_KIND_MODEL)
        name = "a model, which holds no backbone: the one it was trained with is needed";
    fleck_fail(err, FLECK_ERR_ARGUMENT, "%.100s: is %s%s", path, name,
               kind == CLI_KIND_MODEL ? "" : ", no backbone");
    return false;
}

bool cli_kinds_fit(const cli_args *args, fleck_message *err) {
    if (args->dir && !is_folder(args->dir, err)) return false;
    if (args->photos && !is_folder(args->photos, err)) return false;
    if (args->model && !is_model(args, err)) return false;
    if (args->in && !is_backbone(args->in, err)) return false;
    return !args->backbone || is_backbone(args->backbone, err);
}
