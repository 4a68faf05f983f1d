#include "picture_folder.h"

#include "atomic_file.h"
#include "files.h"
#include "hash.h"
#include "file_kind.h"
#include "heatmap_files.h"
#include "photo_list.h"
#include "image_kind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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
char *cli_picture_name(fleck_arena *arena, const char *name, size_t longest) {
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

bool cli_pictures_open(fleck_arena *arena, const char *out, const char *word, bool drawn,
                       cli_pictures *p, fleck_message *err) {
    *p = (cli_pictures){.out = out, .word = word, .lock = -1};
    p->folder = cli_join(arena, out, word, "s");
    if (!p->folder) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", out);
        return false;
    }
    if (!drawn) return true;
    if (!cli_make_folder(arena, p->folder, err)) return false;
    cli_atomic_sweep(arena, p->folder);
    const char *part = cli_atomic_name(arena, p->folder);
    if (!part || mkdir(part, 0777)) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", p->folder,
                   part ? strerror(errno) : "out of memory");
        return false;
    }
    p->part = part;
    p->lock = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->lock >= 0) flock(p->lock, LOCK_EX | LOCK_NB);
    long longest = pathconf(part, _PC_NAME_MAX);
    p->longest = longest > 64 ? (size_t)longest : 255;
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

void cli_pictures_clear(const cli_pictures *p, fleck_arena *scratch) {
    DIR *stream = opendir(p->folder);
    if (!stream) return;
    bool old = !strcmp(p->word, "heatmap") && cli_has_old_heatmaps(scratch, p->out);
    for (struct dirent *entry; (entry = readdir(stream));) {
        uint8_t head[CLI_KIND_HEAD];
        const char *name;
        size_t size;
        struct stat info;
        fleck_arena_mark mark = fleck_arena_here(scratch);
        char *path = cli_join(scratch, p->folder, entry->d_name, "");
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
    if (!p->part) rmdir(p->folder); /* where it is empty now */
}

/* Whether path is there, and no picture of ours: one may have come from another run meanwhile. */
static bool is_taken(const char *path) {
    struct stat info;
    return !lstat(path, &info) && cli_kind_of(path, NULL) != CLI_KIND_HEATMAP;
}

/* One picture; false, with the reason in errno. */
static bool place(const cli_pictures *p, fleck_arena *scratch, cli_progress *progress,
                  const char *name) {
    char *from = cli_join(scratch, p->part, name, "");
    char *to = cli_join(scratch, p->folder, name, "");
    errno = ENOMEM;
    if (!from || !to) return false;
    if (!is_taken(to)) return !rename(from, to);
    char *other = hashed_name(scratch, name, hash(name), p->longest);
    char *beside = other ? cli_join(scratch, p->folder, other, "") : NULL;
    errno = ENOMEM;
    if (!beside) return false;
    errno = EEXIST;
    if (is_taken(beside) || rename(from, beside)) return false;
    cli_say(progress, "%s is a file of yours and stays: the %s is %s", to, p->word, other);
    return true;
}

void cli_pictures_place(cli_pictures *p, fleck_arena *scratch, cli_progress *progress) {
    enum { TOLD = 3 };
    size_t wrong = 0;
    DIR *stream = p->part ? opendir(p->part) : NULL;
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        fleck_arena_mark mark = fleck_arena_here(scratch);
        if (place(p, scratch, progress, entry->d_name))
            p->count++;
        else if (wrong++ < TOLD)
            cli_say(progress, "%s/%s: %s", p->folder, entry->d_name, strerror(errno));
        fleck_arena_reset(scratch, mark);
    }
    if (stream) closedir(stream);
    p->failed += wrong;
}

void cli_pictures_close(cli_pictures *p, fleck_arena *scratch) {
    if (!p->part) return;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    DIR *stream = opendir(p->part);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        char *path = cli_join(scratch, p->part, entry->d_name, "");
        if (path && strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) unlink(path);
    }
    if (stream) closedir(stream);
    rmdir(p->part);
    rmdir(p->folder); /* where nothing is in it */
    if (p->lock >= 0) close(p->lock);
    p->part = NULL;
    fleck_arena_reset(scratch, mark);
}

/* ---- writing ---- */

/* Takes the PNG, and marks it as drawn by fleck. */
static void write_marked(void *context, void *bytes, int size) {
    const uint8_t *png = bytes;
    FILE *file = context;
    fwrite(png, 1, FLECK_HEATMAP_MARK_AT, file);
    fwrite(FLECK_HEATMAP_MARK, 1, FLECK_HEATMAP_MARK_BYTES, file);
    fwrite(png + FLECK_HEATMAP_MARK_AT, 1, (size_t)size - FLECK_HEATMAP_MARK_AT, file);
}

/* A name in the folder aside. Where names differ only in what that file system does not tell
 * apart, a hash does. */
static char *path_of(const cli_pictures *p, fleck_arena *scratch, const char *photo) {
    struct stat info;
    char *name = cli_picture_name(scratch, photo, p->longest);
    char *path = name ? cli_join(scratch, p->part, name, "") : NULL;
    if (!path || lstat(path, &info)) return path;
    char *other = hashed_name(scratch, name, hash(photo), p->longest);
    return other ? cli_join(scratch, p->part, other, "") : NULL;
}

bool cli_pictures_write(cli_pictures *p, fleck_arena *scratch, const char *name, uint32_t width,
                        uint32_t height, uint32_t channels, const uint8_t *pixels,
                        fleck_message *err) {
    char *path = path_of(p, scratch, name);
    if (!path) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", name);
        return false;
    }
    errno = 0;
    FILE *file = fopen(path, "wb");
    bool ok = file && stbi_write_png_to_func(write_marked, file, (int)width, (int)height,
                                             (int)channels, pixels, (int)(width * channels));
    if (file) {
        ok = !ferror(file) && ok;
        ok = !fclose(file) && ok;
        if (!ok) unlink(path);
    }
    if (!ok)
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", name,
                   errno ? strerror(errno) : "the picture cannot be written");
    return ok;
}
