#include "cli_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    fleck_arena *arena;
    size_t root_length; /* of "dir/" in every path */
    bool has_except;
    struct stat except;
    cli_photos *photos;
    cli_trouble *trouble;
    void *context;
    bool out_of_memory;
} listing;

static bool is_photo(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".bmp"};
    const char *dot = strrchr(name, '.');
    if (!dot) return false;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (!strcasecmp(dot, endings[i])) return true;
    return false;
}

char *cli_join(fleck_arena *arena, const char *dir, const char *name, const char *ending) {
    size_t length = strlen(dir), size = length + strlen(name) + strlen(ending) + 2;
    char *path = FLECK_NEW(arena, char, size);
    if (path)
        snprintf(path, size, "%s%s%s%s", dir, length && dir[length - 1] == '/' ? "" : "/", name,
                 ending);
    return path;
}

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

enum { DEPTH_MAX = 100 }; /* folders this deep are a loop of mounts, not an archive of photos */

static bool list_folder(listing *l, const char *dir, int depth) {
    DIR *stream = opendir(dir);
    if (!stream) return false;
    struct dirent *entry;
    while (!l->out_of_memory && (entry = readdir(stream))) {
        if (entry->d_name[0] == '.') continue;
        fleck_arena_mark mark = fleck_arena_here(l->arena);
        char *path = cli_join(l->arena, dir, entry->d_name, "");
        struct stat info;
        bool kept = false;
        if (!path) {
            l->out_of_memory = true;
        } else if (lstat(path, &info)) {
            kept = false; /* gone since readdir saw it */
        } else if (S_ISDIR(info.st_mode)) {
            bool is_except =
                l->has_except && info.st_dev == l->except.st_dev && info.st_ino == l->except.st_ino;
            if (strcmp(entry->d_name, "ground_truth") && !is_except) {
                kept = true;
                if (depth == DEPTH_MAX) errno = ELOOP;
                if (depth == DEPTH_MAX || !list_folder(l, path, depth + 1))
                    l->trouble(l->context, path + l->root_length, strerror(errno));
            }
        } else if (is_photo(entry->d_name)) {
            /* A link that leads nowhere is kept: reading it names the trouble. */
            kept = !(S_ISLNK(info.st_mode) && cli_is_folder(path));
            cli_photo photo = {path, path + l->root_length};
            if (kept && !cli_photos_add(l->arena, l->photos, photo)) l->out_of_memory = true;
        }
        if (!kept) fleck_arena_reset(l->arena, mark);
    }
    closedir(stream);
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const cli_photo *)a)->name, ((const cli_photo *)b)->name);
}

bool cli_photos_list(fleck_arena *arena, const char *dir, const char *except, cli_photos *photos,
                     cli_trouble *trouble, void *context, fleck_message *err) {
    size_t length = strlen(dir), first = photos->count;
    listing l = {.arena = arena,
                 .root_length = length + (length && dir[length - 1] == '/' ? 0 : 1),
                 .photos = photos,
                 .trouble = trouble,
                 .context = context};
    l.has_except = except && !stat(except, &l.except);
    if (!list_folder(&l, dir, 0)) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", dir, strerror(errno));
        return false;
    }
    if (l.out_of_memory) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: too many photos for the memory there is", dir);
        return false;
    }
    if (photos->count > first)
        qsort(photos->items + first, photos->count - first, sizeof *photos->items, by_name);
    return true;
}

bool cli_is_folder(const char *path) {
    struct stat info;
    return !stat(path, &info) && S_ISDIR(info.st_mode);
}

static bool read_stream(fleck_arena *arena, FILE *file, size_t limit, uint8_t **bytes, size_t *size,
                        fleck_message *err) {
    struct stat info;
    if (fstat(fileno(file), &info)) {
        fleck_fail(err, FLECK_ERR_FORMAT, "%s", strerror(errno));
    } else if (!S_ISREG(info.st_mode)) {
        fleck_fail(err, FLECK_ERR_FORMAT, "is not a file");
    } else if ((uintmax_t)info.st_size > limit) {
        fleck_fail(err, FLECK_ERR_FORMAT, "is larger than %zu MB", limit >> 20);
    } else {
        size_t length = (size_t)info.st_size;
        uint8_t *buffer = FLECK_NEW(arena, uint8_t, length);
        if (!buffer) {
            fleck_fail(err, FLECK_ERR_MEMORY, "does not fit into memory");
            return false;
        }
        size_t got = fread(buffer, 1, length, file);
        if (got == length) {
            *bytes = buffer;
            *size = length;
            return true;
        }
        fleck_fail(err, FLECK_ERR_FORMAT, "%s",
                   ferror(file) ? strerror(errno) : "became shorter while it was read");
    }
    return false;
}

bool cli_read(fleck_arena *arena, const char *path, size_t limit, uint8_t **bytes, size_t *size,
              fleck_message *err) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s", strerror(errno));
        return false;
    }
    bool ok = read_stream(arena, file, limit, bytes, size, err);
    fclose(file);
    return ok;
}

bool cli_write(fleck_arena *scratch, const char *path, const uint8_t *bytes, size_t size,
               fleck_message *err) {
    size_t length = strlen(path) + 40;
    char *part = FLECK_NEW(scratch, char, length);
    if (!part) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", path);
        return false;
    }
    snprintf(part, length, "%s.%ld.part", path, (long)getpid());
    FILE *file = fopen(part, "wb");
    bool ok = file && fwrite(bytes, 1, size, file) == size;
    int reason = errno;
    if (file && fclose(file) && ok) {
        ok = false;
        reason = errno;
    }
    if (ok && rename(part, path)) {
        ok = false;
        reason = errno;
    }
    if (!ok) {
        if (file) remove(part);
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", path, strerror(reason));
    }
    return ok;
}

bool cli_make_folder(fleck_arena *scratch, const char *path, fleck_message *err) {
    char *copy = cli_join(scratch, path, "", "");
    if (!copy) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", path);
        return false;
    }
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) && errno != EEXIST) {
            fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", copy, strerror(errno));
            return false;
        }
        *slash = '/';
    }
    if (!cli_is_folder(path)) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: exists and is not a folder", path);
        return false;
    }
    return true;
}

bool cli_can_write(fleck_arena *scratch, const char *path, fleck_message *err) {
    size_t length = strlen(path) + 1;
    char *folder = FLECK_NEW(scratch, char, length + 1);
    if (!folder) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", path);
        return false;
    }
    memcpy(folder, path, length);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[1] = '\0';
    else
        memcpy(folder, ".", 2);
    if (cli_is_folder(path)) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: is a folder", path);
        return false;
    }
    if (access(folder, W_OK)) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

const char *cli_default_backbone(fleck_arena *arena) {
    static const char name[] = "fleck-tiny.safetensors";
    static const char *const near[] = {"models/", "../models/", "../../models/", "../share/fleck/"};
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length > 0) {
        self[length] = '\0';
        *(strrchr(self, '/') + 1) = '\0'; /* the kernel's answer is an absolute path */
        for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
            char *folder = cli_join(arena, self, near[i], "");
            char *path = folder ? cli_join(arena, folder, name, "") : NULL;
            if (path && !access(path, R_OK)) return path;
        }
    }
    char *path = cli_join(arena, FLECK_MODEL_DIR, name, "");
    return path && !access(path, R_OK) ? path : NULL;
}
