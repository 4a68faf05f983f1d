#include "heatmap_files.h"

#include "atomic_file.h"
#include "files.h"
#include "hash.h"
#include "file_kind.h"
#include "photo_list.h"
#include "image_kind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include "stb_image_write.h"

/* ---- names ---- */

static uint64_t hash(const char *text) {
    return fleck_hash_bytes(FLECK_HASH_EMPTY, text, strlen(text));
}

/* name + "-" + hash + ".png", where name, which ends in ".png", gives as many of its bytes before
 * that as fit. NULL when memory is short. */
static char *hashed_name(fleck_arena *arena, const char *name, uint64_t of, size_t longest) {
    enum { HASHED = 17, ENDING = 4 }; /* "-0123456789abcdef", ".png" */
    size_t length = strlen(name) - ENDING;
    size_t most = longest > HASHED + ENDING ? longest - HASHED - ENDING : 0;
    size_t keep = length < most ? length : most;
    while (keep && keep < length && ((unsigned char)name[keep] & 0xC0) == 0x80) keep--;
    char *out = FLECK_NEW(arena, char, keep + HASHED + ENDING + 1);
    if (!out) return NULL;
    memcpy(out, name, keep);
    snprintf(out + keep, HASHED + ENDING + 1, "-%016llx.png", (unsigned long long)of);
    return out;
}

/* "__" stands for '/' alone: an underscore next to another or to a '/' is
 * written %5F, and a % is written %25, so that the names stay different. A dot at
 * the beginning, which would hide the file, is written %2E. */
char *cli_heatmap_name(fleck_arena *arena, const char *name, size_t longest) {
    size_t length = strlen(name);
    char *out = FLECK_NEW(arena, char, fleck_size_sum(FLECK_SIZE(length, 3), 32));
    if (!out) return NULL;
    char *at = out;
    for (const char *c = name; *c; c++) {
        bool beside = (c > name && strchr("_/", c[-1])) || (c[1] && strchr("_/", c[1]));
        if (*c == '/')
            at += sprintf(at, "__");
        else if (*c == '%')
            at += sprintf(at, "%%25");
        else if (*c == '.' && c == name)
            at += sprintf(at, "%%2E");
        else if (*c == '_' && beside)
            at += sprintf(at, "%%5F");
        else
            *at++ = *c;
    }
    memcpy(at, ".png", sizeof ".png");
    return strlen(out) > longest ? hashed_name(arena, out, hash(name), longest) : out;
}

/* ---- the folders ---- */

bool cli_heatmaps_open(fleck_arena *arena, const char *out, bool drawn, cli_heatmaps *h,
                       fleck_message *err) {
    *h = (cli_heatmaps){.out = out, .lock = -1, .folder = cli_join(arena, out, "heatmaps", "")};
    if (!h->folder) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", out);
        return false;
    }
    if (!drawn) return true;
    if (!cli_make_folder(arena, h->folder, err)) return false;
    cli_atomic_sweep(arena, h->folder);
    const char *part = cli_atomic_name(arena, h->folder);
    if (!part || mkdir(part, 0777)) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", h->folder,
                   part ? strerror(errno) : "out of memory");
        return false;
    }
    h->part = part;
    h->lock = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (h->lock >= 0) flock(h->lock, LOCK_EX | LOCK_NB);
    long longest = pathconf(part, _PC_NAME_MAX);
    h->longest = longest > 64 ? (size_t)longest : 255;
    return true;
}

/* Of a fleck that did not mark them: a PNG as stb_image_write writes it, no larger than an
 * overlay, named after a photo. */
static bool is_old_heatmap(const char *name, const uint8_t *head, size_t size) {
    static const char *const endings[] = {".png.png", ".jpg.png", ".jpeg.png", ".bmp.png"};
    size_t length = strlen(name);
    bool named = false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t end = strlen(endings[i]);
        named = named || (length > end && !strcasecmp(name + length - end, endings[i]));
    }
    if (!named || size < 43 || memcmp(head + 37, "IDAT\x78\x5E", 6)) return false;
    uint32_t width = (uint32_t)head[18] << 8 | head[19],
             height = (uint32_t)head[22] << 8 | head[23];
    return !head[16] && !head[17] && !head[20] && !head[21] && width <= CLI_OVERLAY_SIDE &&
           height <= CLI_OVERLAY_SIDE && head[24] == 8 && head[25] == 2;
}

void cli_heatmaps_clear(const cli_heatmaps *h, fleck_arena *scratch) {
    DIR *stream = opendir(h->folder);
    if (!stream) return;
    bool old = cli_has_old_heatmaps(scratch, h->out);
    for (struct dirent *entry; (entry = readdir(stream));) {
        uint8_t head[CLI_KIND_HEAD];
        const char *name;
        size_t size;
        struct stat info;
        fleck_arena_mark mark = fleck_arena_here(scratch);
        char *path = cli_join(scratch, h->folder, entry->d_name, "");
        if (path && !lstat(path, &info) && S_ISREG(info.st_mode) &&
            cli_read_head_now(path, head, sizeof head, &size) == CLI_HEAD_FILE) {
            cli_kind kind = cli_kind_of_head(head, size, &name);
            if (kind == CLI_KIND_HEATMAP ||
                (old && kind == CLI_KIND_PHOTO && is_old_heatmap(entry->d_name, head, size)))
                unlink(path);
        }
        fleck_arena_reset(scratch, mark);
    }
    closedir(stream);
    if (!h->part) rmdir(h->folder); /* where it is empty now */
}

/* Whether path is there, and no heatmap of ours: one may have come from another run meanwhile. */
static bool is_taken(const char *path) {
    struct stat info;
    return !lstat(path, &info) && cli_kind_of(path, NULL) != CLI_KIND_HEATMAP;
}

/* One heatmap; false, with the reason in errno. */
static bool place(const cli_heatmaps *h, fleck_arena *scratch, cli_progress *progress,
                  const char *name) {
    char *from = cli_join(scratch, h->part, name, "");
    char *to = cli_join(scratch, h->folder, name, "");
    errno = ENOMEM;
    if (!from || !to) return false;
    if (!is_taken(to)) return !rename(from, to);
    char *other = hashed_name(scratch, name, hash(name), h->longest);
    char *beside = other ? cli_join(scratch, h->folder, other, "") : NULL;
    errno = ENOMEM;
    if (!beside) return false;
    errno = EEXIST;
    if (is_taken(beside) || rename(from, beside)) return false;
    cli_say(progress, "%s is a file of yours and stays: the heatmap is %s", to, other);
    return true;
}

void cli_heatmaps_place(cli_heatmaps *h, fleck_arena *scratch, cli_progress *progress) {
    enum { TOLD = 3 };
    size_t wrong = 0;
    DIR *stream = h->part ? opendir(h->part) : NULL;
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        fleck_arena_mark mark = fleck_arena_here(scratch);
        if (place(h, scratch, progress, entry->d_name))
            h->count++;
        else if (wrong++ < TOLD)
            cli_say(progress, "%s/%s: %s", h->folder, entry->d_name, strerror(errno));
        fleck_arena_reset(scratch, mark);
    }
    if (stream) closedir(stream);
    h->failed += wrong;
}

void cli_heatmaps_close(cli_heatmaps *h, fleck_arena *scratch) {
    if (!h->part) return;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    DIR *stream = opendir(h->part);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        char *path = cli_join(scratch, h->part, entry->d_name, "");
        if (path && strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) unlink(path);
    }
    if (stream) closedir(stream);
    rmdir(h->part);
    rmdir(h->folder); /* where nothing is in it */
    if (h->lock >= 0) close(h->lock);
    h->part = NULL;
    fleck_arena_reset(scratch, mark);
}

/* ---- drawing ---- */

/* Inferno: perceptually even, and readable without telling red from green. */
static void inferno(float value, float rgb[3]) {
    static const uint8_t stops[][3] = {{0, 0, 4},      {33, 12, 74},   {86, 16, 110},
                                       {137, 34, 106}, {187, 55, 84},  {227, 89, 50},
                                       {249, 140, 10}, {249, 201, 50}, {252, 255, 164}};
    const int last = (int)(sizeof stops / sizeof stops[0]) - 1;
    float at = value * (float)last;
    int low = (int)at < last ? (int)at : last - 1;
    float t = at - (float)low;
    for (int c = 0; c < 3; c++)
        rgb[c] = (float)stops[low][c] * (1 - t) + (float)stops[low + 1][c] * t;
}

/* heat at the place (x, y), both in [0,1] across the map. */
static float heat_at(const float *heat, float x, float y) {
    float fx = fminf(fmaxf(x * FLECK_HEAT - 0.5f, 0), FLECK_HEAT - 1);
    float fy = fminf(fmaxf(y * FLECK_HEAT - 0.5f, 0), FLECK_HEAT - 1);
    size_t x0 = (size_t)fx, y0 = (size_t)fy;
    size_t x1 = x0 + (x0 + 1 < FLECK_HEAT), y1 = y0 + (y0 + 1 < FLECK_HEAT);
    float tx = fx - (float)x0, ty = fy - (float)y0;
    float top = heat[y0 * FLECK_HEAT + x0] * (1 - tx) + heat[y0 * FLECK_HEAT + x1] * tx;
    float low = heat[y1 * FLECK_HEAT + x0] * (1 - tx) + heat[y1 * FLECK_HEAT + x1] * tx;
    return fminf(fmaxf(top * (1 - ty) + low * ty, 0), 1);
}

typedef struct {
    uint32_t x, y, width, height; /* of the photo, shown */
    uint32_t out_width, out_height;
} frame;

static uint32_t share(uint32_t length, double of) {
    uint32_t part = (uint32_t)(length * of + 0.5);
    return part < 1 ? 1 : part > length ? length : part;
}

static frame frame_of(const fleck_image *photo, float frame_share) {
    frame f = {.width = share(photo->width, (double)frame_share),
               .height = share(photo->height, (double)frame_share)};
    f.x = (photo->width - f.width) / 2;
    f.y = (photo->height - f.height) / 2;
    uint32_t longest = f.width > f.height ? f.width : f.height;
    double scale = longest > CLI_OVERLAY_SIDE ? (double)CLI_OVERLAY_SIDE / longest : 1;
    f.out_width = share(f.width, scale);
    f.out_height = share(f.height, scale);
    return f;
}

/* Mean of the photo's pixels that fall into one pixel of the overlay. */
static void photo_at(const fleck_image *photo, const frame *f, uint32_t x, uint32_t y,
                     float rgb[3]) {
    size_t x0 = (size_t)x * f->width / f->out_width;
    size_t x1 = ((size_t)x + 1) * f->width / f->out_width;
    size_t y0 = (size_t)y * f->height / f->out_height;
    size_t y1 = ((size_t)y + 1) * f->height / f->out_height;
    uint64_t sum[3] = {0, 0, 0};
    for (size_t row = y0; row < y1; row++) {
        const uint8_t *pixel = photo->rgb + ((row + f->y) * photo->width + x0 + f->x) * 3;
        for (size_t column = x0; column < x1; column++, pixel += 3)
            for (int c = 0; c < 3; c++) sum[c] += pixel[c];
    }
    float count = (float)((x1 - x0) * (y1 - y0));
    for (int c = 0; c < 3; c++) rgb[c] = (float)sum[c] / count;
}

/* Takes the PNG, and marks it as a heatmap. */
static void write_marked(void *context, void *bytes, int size) {
    const uint8_t *png = bytes;
    FILE *file = context;
    fwrite(png, 1, FLECK_HEATMAP_MARK_AT, file);
    fwrite(FLECK_HEATMAP_MARK, 1, FLECK_HEATMAP_MARK_BYTES, file);
    fwrite(png + FLECK_HEATMAP_MARK_AT, 1, (size_t)size - FLECK_HEATMAP_MARK_AT, file);
}

/* A name in the folder aside. Where names differ only in what that file system does not tell
 * apart, a hash does. */
static char *path_of(const cli_heatmaps *h, fleck_arena *scratch, const char *photo) {
    struct stat info;
    char *name = cli_heatmap_name(scratch, photo, h->longest);
    char *path = name ? cli_join(scratch, h->part, name, "") : NULL;
    if (!path || lstat(path, &info)) return path;
    char *other = hashed_name(scratch, name, hash(photo), h->longest);
    return other ? cli_join(scratch, h->part, other, "") : NULL;
}

bool cli_heatmaps_draw(cli_heatmaps *h, fleck_arena *scratch, const char *name,
                       const fleck_image *photo, float frame_share, const float *heat,
                       fleck_message *err) {
    const float opacity = 0.85f; /* of the hottest place: the photo still shows */
    frame f = frame_of(photo, frame_share);
    char *path = path_of(h, scratch, name);
    uint8_t *out = path ? FLECK_NEW(scratch, uint8_t, f.out_width, f.out_height, 3) : NULL;
    if (!out) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", name);
        return false;
    }
    uint8_t *at = out;
    for (uint32_t y = 0; y < f.out_height; y++) {
        for (uint32_t x = 0; x < f.out_width; x++) {
            float value = heat_at(heat, ((float)x + 0.5f) / (float)f.out_width,
                                  ((float)y + 0.5f) / (float)f.out_height);
            float below[3], above[3], alpha = opacity * value;
            photo_at(photo, &f, x, y, below);
            inferno(value, above);
            for (int c = 0; c < 3; c++)
                *at++ = (uint8_t)(below[c] * (1 - alpha) + above[c] * alpha + 0.5f);
        }
    }
    errno = 0;
    FILE *file = fopen(path, "wb");
    bool ok = file && stbi_write_png_to_func(write_marked, file, (int)f.out_width,
                                             (int)f.out_height, 3, out, (int)f.out_width * 3);
    if (file) {
        ok = !ferror(file) && ok;
        ok = !fclose(file) && ok;
        if (!ok) unlink(path);
    }
    if (!ok)
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", name,
                   errno ? strerror(errno) : "the heatmap cannot be written");
    return ok;
}
