#include "photo_list.h"

#include "decoders.h"
#include "files.h"
#include "file_kind.h"
#include "signals.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 100 }; /* folders this deep are a loop of mounts, not an archive of photos */

typedef struct {
    fleck_arena *arena;
    size_t root_length; /* of "dir/" in every path */
    cli_photos *photos;
    cli_listed *listed;
    cli_trouble *trouble;
    void *context;
    bool out_of_memory;
} listing;

bool cli_photos_add(fleck_arena *arena, cli_photos *photos, cli_photo photo) {
    if (photos->count == photos->capacity) {
        size_t capacity = photos->capacity ? photos->capacity * 2 : 64;
        cli_photo *items = FLECK_NEW(arena, cli_photo, capacity);
        if (!items) return false;
        if (photos->count) memcpy(items, photos->items, photos->count * sizeof *items);
        photos->items = items;
        photos->capacity = capacity;
    }
    photos->items[photos->count++] = photo;
    return true;
}

/* ---- what is the user's, and what is left out ---- */

bool cli_listed_keep(fleck_arena *arena, cli_listed *listed, const char *path) {
    struct stat info;
    if (stat(path, &info) || !S_ISREG(info.st_mode)) return true;
    if (listed->id_count == listed->id_capacity) {
        size_t capacity = listed->id_capacity ? listed->id_capacity * 2 : 64;
        cli_file_id *ids = FLECK_NEW(arena, cli_file_id, capacity);
        if (!ids) return false;
        if (listed->id_count) memcpy(ids, listed->ids, listed->id_count * sizeof *ids);
        listed->ids = ids;
        listed->id_capacity = capacity;
    }
    listed->ids[listed->id_count++] = (cli_file_id){info.st_dev, info.st_ino};
    return true;
}

bool cli_listed_has(const cli_listed *listed, const struct stat *info) {
    for (size_t i = 0; i < listed->id_count; i++)
        if (listed->ids[i].device == info->st_dev && listed->ids[i].inode == info->st_ino)
            return true;
    return false;
}

static bool same(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

/* Beyond the last kind that there is room for, the last one counts for all. */
static void leave_out(listing *l, const char *path, cli_left_out kind) {
    cli_listed *listed = l->listed;
    for (size_t i = 0; i < listed->left_count; i++) {
        cli_left_out *at = &listed->left[i];
        if (!same(at->kind, kind.kind) || !same(at->one, kind.one)) continue;
        at->count++;
        return;
    }
    if (listed->left_count == CLI_LEFT_OUT_MAX) {
        listed->left[CLI_LEFT_OUT_MAX - 1].count++;
        return;
    }
    kind.count = 1;
    kind.first = path + l->root_length;
    listed->left[listed->left_count++] = kind;
}

#define FILES(class_, name) ((cli_left_out){.class = (class_), .kind = (name)})
#define THINGS(class_, thing, things)                                                              \
    ((cli_left_out){.class = (class_), .one = (thing), .many = (things)})

size_t cli_listed_photos(const cli_listed *listed) {
    size_t count = 0;
    for (size_t i = 0; i < listed->left_count; i++)
        if (listed->left[i].class != CLI_LEFT_OTHER) count += listed->left[i].count;
    return count;
}

static int by_count(const void *a, const void *b) {
    const cli_left_out *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->kind ? x->kind : x->one, y->kind ? y->kind : y->one);
}

char *cli_listed_words(fleck_arena *arena, const cli_listed *listed, cli_left_class class,
                       size_t *count) {
    enum { ROOM = CLI_LEFT_OUT_MAX * 64 };
    cli_left_out sorted[CLI_LEFT_OUT_MAX];
    size_t used = 0;
    char *out = FLECK_NEW(arena, char, ROOM);
    if (!out) return NULL;
    out[0] = '\0';
    *count = 0;
    memcpy(sorted, listed->left, sizeof sorted);
    if (listed->left_count) qsort(sorted, listed->left_count, sizeof *sorted, by_count);
    for (size_t i = 0; i < listed->left_count && used < ROOM; i++) {
        const cli_left_out *left = &sorted[i];
        if (left->class != class) continue;
        *count += left->count;
        const char *comma = used ? ", " : "";
        int length = left->kind ? snprintf(out + used, ROOM - used, "%s%zu %s file%s", comma,
                                           left->count, left->kind, left->count == 1 ? "" : "s")
                                : snprintf(out + used, ROOM - used, "%s%zu %s", comma, left->count,
                                           left->count == 1 ? left->one : left->many);
        used += length > 0 ? (size_t)length : 0;
    }
    return out;
}

/* ---- the folders of earlier runs ---- */

/* Whether a fleck that marks its heatmaps wrote into dir/heatmaps. */
static bool has_marked(fleck_arena *scratch, const char *dir) {
    char *folder = cli_join(scratch, dir, "heatmaps", "");
    DIR *stream = folder ? opendir(folder) : NULL;
    bool found = false;
    for (struct dirent *entry; stream && !found && (entry = readdir(stream));) {
        uint8_t head[CLI_KIND_HEAD];
        const char *kind;
        size_t size;
        fleck_arena_mark mark = fleck_arena_here(scratch);
        char *path = cli_join(scratch, folder, entry->d_name, "");
        found = path && cli_read_head_now(path, head, sizeof head, &size) == CLI_HEAD_FILE &&
                cli_kind_of_head(head, size, &kind) == CLI_KIND_HEATMAP;
        fleck_arena_reset(scratch, mark);
    }
    if (stream) closedir(stream);
    return found;
}

bool cli_has_old_heatmaps(fleck_arena *scratch, const char *dir) {
    enum { TABLE_MAX = 64 << 20 };
    static const char header[] = CLI_TABLE_HEADER, inside[] = "heatmaps/";
    fleck_arena_mark mark = fleck_arena_here(scratch);
    fleck_message ignored;
    uint8_t *text;
    size_t size;
    char *path = cli_join(scratch, dir, "scores.csv", "");
    bool found = path && cli_read(scratch, path, TABLE_MAX, &text, &size, &ignored) &&
                 size >= sizeof header && !memcmp(text, header, sizeof header - 1);
    uint8_t after = found ? text[sizeof header - 1] : 0;
    found = after == '\r' || after == '\n' || after == ',';
    for (size_t i = 0; found && i + sizeof inside < size; i++) {
        size_t at = i + 1 + (text[i + 1] == '"');
        if (text[i] == '\n' && size - at >= sizeof inside - 1 &&
            !memcmp(text + at, inside, sizeof inside - 1))
            found = false;
    }
    found = found && !has_marked(scratch, dir);
    fleck_arena_reset(scratch, mark);
    return found;
}

/* ---- the files of a folder ---- */

static bool has_ending(const char *name, const char *const *endings) {
    const char *dot = strrchr(name, '.');
    for (; dot && *endings; endings++)
        if (!strcasecmp(dot, *endings)) return true;
    return false;
}

static bool named_like_photo(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".jpe",  ".jfif",
                                          ".bmp", ".dib", ".tif",  ".tiff", NULL};
    static const char *const webp[] = {".webp", NULL};
    static const char *const heif[] = {".heic", ".heif", ".avif", NULL};
    return has_ending(name, endings) || (cli_decoder_has("WebP") && has_ending(name, webp)) ||
           (cli_decoder_has("HEIC") && has_ending(name, heif));
}

/* Pictures whose first bytes tell nothing. */
static bool named_like_picture(const char *name) {
    static const char *const endings[] = {
        ".tga", ".gif", ".webp", ".heic", ".heif", ".avif", ".jxl", ".jp2",
        ".raw", ".dng", ".nef",  ".cr2",  ".cr3",  ".arw",  ".orf", ".rw2",
        ".raf", ".pef", ".srw",  ".pcd",  ".pict", ".xbm",  ".xpm", ".wbmp",
        ".psd", ".exr", ".dcm",  ".ppm",  ".pgm",  ".pbm",  ".pnm", NULL};
    return has_ending(name, endings);
}

/* What hides, and what systems and their file managers put beside photos. */
static bool quiet(const char *name) {
    static const char *const names[] = {
        "__MACOSX", "Thumbs.db",  "ehthumbs.db",  "desktop.ini",
        "@eaDir",   "lost+found", "$RECYCLE.BIN", "System Volume Information"};
    if (name[0] == '.') return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(name, names[i])) return true;
    return false;
}

/* A file is kept as a photo, or counted. in_heatmaps: drawn by a fleck that did not mark them. */
static bool sort_file(listing *l, const char *path, bool in_heatmaps) {
    uint8_t head[CLI_KIND_HEAD];
    const char *kind = NULL, *name = cli_last_part(path);
    size_t size = 0;
    cli_head found = cli_read_head_now(path, head, sizeof head, &size);
    if (found == CLI_HEAD_NONE && errno == ENOENT && !named_like_photo(name)) {
        struct stat info;
        if (!lstat(path, &info))
            leave_out(l, path, THINGS(CLI_LEFT_OTHER, "broken link", "broken links"));
        return false; /* or gone since readdir saw it */
    }
    if (found == CLI_HEAD_NONE) return true; /* reading it will name the trouble */
    if (found == CLI_HEAD_FOLDER) {
        leave_out(l, path, THINGS(CLI_LEFT_LINK, "link to a folder", "links to folders"));
        return false;
    }
    if (found == CLI_HEAD_SPECIAL) {
        if (named_like_photo(name)) return true;
        leave_out(l, path, THINGS(CLI_LEFT_OTHER, "pipe or device", "pipes and devices"));
        return false;
    }
    cli_kind what = cli_kind_of_head(head, size, &kind);
    if (what == CLI_KIND_HEATMAP || (in_heatmaps && what == CLI_KIND_PHOTO)) {
        leave_out(l, path, THINGS(CLI_LEFT_OTHER, "heatmap of fleck", "heatmaps of fleck"));
        return false;
    }
    if (what == CLI_KIND_OWN || what == CLI_KIND_MODEL) {
        leave_out(l, path, THINGS(CLI_LEFT_OTHER, "other file of fleck", "other files of fleck"));
        return false;
    }
    if (!cli_listed_keep(l->arena, l->listed, path)) l->out_of_memory = true;
    if (what == CLI_KIND_PHOTO || (named_like_photo(name) && what != CLI_KIND_PICTURE)) return true;
    if (what == CLI_KIND_PICTURE && l->listed->labelled) return true;
    if (what == CLI_KIND_PICTURE)
        leave_out(l, path, FILES(CLI_LEFT_PICTURE, kind));
    else if (named_like_picture(name))
        leave_out(
            l, path,
            THINGS(CLI_LEFT_PICTURE, "picture of an unknown kind", "pictures of unknown kinds"));
    else if (what == CLI_KIND_WEIGHTS)
        leave_out(l, path, THINGS(CLI_LEFT_OTHER, "file of weights", "files of weights"));
    else
        leave_out(l, path,
                  what == CLI_KIND_EMPTY ? FILES(CLI_LEFT_OTHER, "empty")
                                         : FILES(CLI_LEFT_OTHER, kind ? kind : "other"));
    return false;
}

static void tell(const listing *l, const char *name) {
    int reason = errno;
    if (!cli_interrupted()) l->trouble(l->context, name, strerror(reason));
}

static bool list_folder(listing *l, const char *dir, int depth, bool in_heatmaps);

/* A folder within; false: it is left out. */
static bool list_inner(listing *l, const char *dir, const char *name, const char *path, int depth) {
    if (!l->listed->labelled && !strcmp(name, "ground_truth")) {
        leave_out(l, path,
                  THINGS(CLI_LEFT_OTHER, "folder of masks (ground_truth)",
                         "folders of masks (ground_truth)"));
        return false;
    }
    bool old = !strcmp(name, "heatmaps") && cli_has_old_heatmaps(l->arena, dir);
    if (depth == DEPTH_MAX) errno = ELOOP;
    if (depth == DEPTH_MAX || !list_folder(l, path, depth + 1, old)) tell(l, path + l->root_length);
    return true;
}

static bool list_folder(listing *l, const char *dir, int depth, bool in_heatmaps) {
    DIR *stream = opendir(dir);
    if (!stream) return false;
    struct dirent *entry = NULL;
    while (!l->out_of_memory && !cli_interrupted() && (errno = 0, entry = readdir(stream))) {
        if (quiet(entry->d_name)) continue;
        fleck_arena_mark mark = fleck_arena_here(l->arena);
        size_t ids = l->listed->id_capacity, kinds = l->listed->left_count;
        char *path = cli_join(l->arena, dir, entry->d_name, "");
        struct stat info;
        bool kept = false;
        if (!path) {
            l->out_of_memory = true;
        } else if (lstat(path, &info)) {
            kept = false; /* gone since readdir saw it */
        } else if (S_ISDIR(info.st_mode)) {
            kept = list_inner(l, dir, entry->d_name, path, depth);
        } else if (sort_file(l, path, in_heatmaps)) {
            kept = true;
            cli_photo photo = {.path = path, .name = path + l->root_length};
            if (!cli_photos_add(l->arena, l->photos, photo)) l->out_of_memory = true;
        }
        bool noted = ids != l->listed->id_capacity || kinds != l->listed->left_count;
        if (!kept && !noted) fleck_arena_reset(l->arena, mark);
    }
    if (!entry && errno) tell(l, depth ? dir + l->root_length : dir);
    closedir(stream);
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const cli_photo *)a)->name, ((const cli_photo *)b)->name);
}

/* What the user names may be the heatmaps of an old run themselves. */
static bool is_old_heatmaps(fleck_arena *scratch, const char *dir) {
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') length--;
    size_t from = length;
    while (from && dir[from - 1] != '/') from--;
    if (length - from != 8 || strncmp(dir + from, "heatmaps", 8)) return false;
    char *parent = cli_join(scratch, dir, "..", "");
    return parent && cli_has_old_heatmaps(scratch, parent);
}

/* Lists on a thread of its own: a network that does not answer stops that thread alone. */
typedef struct {
    listing *l;
    const char *dir;
    bool ok;
    int reason;
} task;

static void list_root(void *context) {
    task *t = context;
    t->ok = list_folder(t->l, t->dir, 0, is_old_heatmaps(t->l->arena, t->dir));
    t->reason = errno;
}

bool cli_photos_list(fleck_arena *arena, const char *dir, cli_photos *photos, cli_listed *listed,
                     cli_trouble *trouble, void *context, fleck_message *err) {
    size_t length = strlen(dir), first = photos->count;
    listing *l = FLECK_NEW(arena, listing, 1);
    task *t = FLECK_NEW(arena, task, 1);
    if (!l || !t) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", dir);
        return false;
    }
    *l = (listing){.arena = arena,
                   .root_length = length + (length && dir[length - 1] == '/' ? 0 : 1),
                   .photos = photos,
                   .listed = listed,
                   .trouble = trouble,
                   .context = context};
    *t = (task){.l = l, .dir = dir};
    if (!cli_patiently(list_root, t)) cli_leave(); /* which still writes into all of this */
    if (cli_interrupted()) {
        fleck_fail(err, FLECK_ERR_STATE, "%s: interrupted", dir);
        return false;
    }
    if (!t->ok) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", dir, strerror(t->reason));
        return false;
    }
    if (l->out_of_memory) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: too many photos for the memory there is", dir);
        return false;
    }
    if (photos->count > first)
        qsort(photos->items + first, photos->count - first, sizeof *photos->items, by_name);
    return true;
}
