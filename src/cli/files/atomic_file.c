#include "atomic_file.h"

#include "files.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_BEGIN ".fleck-"
#define PART_END ".part"

static bool fail(fleck_message *err, const char *path, const char *why) {
    fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", path, why);
    return false;
}

static bool fail_memory(fleck_message *err, const char *path) {
    fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", path);
    return false;
}

bool cli_is_stdout(const char *path) { return !strcmp(path, "-"); }

/* A name that no file in folder has. */
char *cli_atomic_name(fleck_arena *arena, const char *folder) {
    char name[64];
    for (unsigned i = 0; i < 1000; i++) {
        struct stat info;
        snprintf(name, sizeof name, PART_BEGIN "%ld-%u" PART_END, (long)getpid(), i);
        char *path = cli_join(arena, folder, name, "");
        if (!path || lstat(path, &info)) return path;
    }
    return NULL;
}

/* ---- what a kill left behind ---- */

static bool is_part(const char *name) {
    return !strncmp(name, PART_BEGIN, sizeof PART_BEGIN - 1) &&
           fleck_ends_with(name, strlen(name), PART_END);
}

/* A folder that is written aside holds files only. */
static void remove_folder(fleck_arena *scratch, const char *path) {
    DIR *stream = opendir(path);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        bool self = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
        char *inner = self ? NULL : cli_join(scratch, path, entry->d_name, "");
        if (inner) unlink(inner);
    }
    if (stream) closedir(stream);
    rmdir(path);
}

void cli_atomic_sweep(fleck_arena *scratch, const char *folder) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    DIR *stream = opendir(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        struct stat info;
        char *path = is_part(entry->d_name) ? cli_join(scratch, folder, entry->d_name, "") : NULL;
        if (!path || lstat(path, &info) || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
            continue;
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) continue;
        if (!flock(fd, LOCK_EX | LOCK_NB)) {
            if (S_ISDIR(info.st_mode))
                remove_folder(scratch, path);
            else
                unlink(path);
        }
        close(fd);
    }
    if (stream) closedir(stream);
    fleck_arena_reset(scratch, mark);
}

/* ---- one file ---- */

/* Where a file of that name really is: its folder's path without links, and its own, where it
 * is there. NULL: memory is short, or errno says what is wrong. */
static char *target_of(fleck_arena *arena, const char *path) {
    char *real = realpath(path, NULL);
    const char *name = "";
    if (!real) { /* no such file yet */
        name = cli_last_part(path);
        char *folder = fleck_text_copy(arena, path, (size_t)(name - path));
        if (!folder || !*name) return NULL;
        real = realpath(*folder ? folder : ".", NULL);
        if (!real) return NULL;
    }
    char *copy =
        *name ? cli_join(arena, real, name, "") : fleck_text_copy(arena, real, strlen(real));
    free(real);
    return copy;
}

/* The file that is there may not be one to replace. */
static bool check_old(cli_atomic_file *a, fleck_message *err) {
    struct stat info;
    if (stat(a->target, &info)) return true;
    if (S_ISDIR(info.st_mode)) return fail(err, a->path, "is a folder");
    if (!S_ISREG(info.st_mode)) {
        a->part = NULL;
        return true;
    }
    a->mode = info.st_mode & 07777;
    if (!(info.st_mode & 0222)) return fail(err, a->path, "is read-only");
    int fd = open(a->target, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return fail(err, a->path, strerror(errno));
    close(fd);
    return true;
}

/* Zeros, which the real bytes replace. */
static bool reserve_bytes(FILE *file, size_t count) {
    static const char zeros[4096];
    while (count) {
        size_t take = count < sizeof zeros ? count : sizeof zeros;
        if (fwrite(zeros, 1, take, file) != take) return false;
        count -= take;
    }
    if (fflush(file)) return false;
    rewind(file);
    return true;
}

bool cli_atomic_open(fleck_arena *arena, const char *path, size_t reserve, cli_atomic_file *out,
                     fleck_message *err) {
    cli_atomic_file a = {.path = path, .part = ""};
    errno = 0;
    a.target = target_of(arena, path);
    if (!a.target) return errno ? fail(err, path, strerror(errno)) : fail_memory(err, path);
    if (!check_old(&a, err)) return false;
    if (!a.part) {
        /* A pipe that nobody reads would wait for ever. */
        int fd = open(a.target, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
            return fail(err, path, errno == ENXIO ? "nobody reads this pipe" : strerror(errno));
        int flags = fcntl(fd, F_GETFL);
        a.file = flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) ? NULL : fdopen(fd, "wb");
        if (!a.file) {
            fail(err, path, strerror(errno));
            close(fd);
            return false;
        }
        *out = a;
        return true;
    }
    size_t length = (size_t)(cli_last_part(a.target) - a.target);
    char *folder = fleck_text_copy(arena, a.target, length);
    if (!folder) return fail_memory(err, path);
    a.part = cli_atomic_name(arena, folder);
    if (!a.part) return fail_memory(err, path);
    int fd = open(a.part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    a.file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!a.file) return fail(err, path, strerror(errno));
    flock(fd, LOCK_EX | LOCK_NB);
    if (!reserve_bytes(a.file, reserve)) {
        fail(err, path, strerror(errno));
        cli_atomic_drop(&a);
        return false;
    }
    *out = a;
    return true;
}

bool cli_atomic_seal(cli_atomic_file *a, fleck_message *err) {
    if (a->sealed) return true;
    if (!ferror(a->file)) errno = 0; /* otherwise it still tells why */
    bool ok = !ferror(a->file) && !fflush(a->file);
    if (ok && a->part) {
        off_t size = ftello(a->file);
        ok = size >= 0 && !ftruncate(fileno(a->file), size) &&
             (!a->mode || !fchmod(fileno(a->file), a->mode)) &&
             (a->loose || !fsync(fileno(a->file)) || errno == EINVAL);
    }
    if (!ok) return fail(err, a->path, errno ? strerror(errno) : "cannot be written");
    a->sealed = true;
    return true;
}

bool cli_atomic_place_as(cli_atomic_file *a, const char *target, fleck_message *err) {
    bool ok = cli_atomic_seal(a, err);
    if (!a->part) {
        if (fclose(a->file) && ok) ok = fail(err, a->path, strerror(errno));
        a->file = NULL;
        return ok;
    }
    if (ok && rename(a->part, target)) ok = fail(err, target, strerror(errno));
    if (!ok) unlink(a->part);
    if (fclose(a->file) && ok) ok = fail(err, target, strerror(errno));
    a->file = NULL;
    return ok;
}

bool cli_atomic_place(cli_atomic_file *a, fleck_message *err) {
    return cli_atomic_place_as(a, a->target, err);
}

void cli_atomic_drop(cli_atomic_file *a) {
    if (!a->file) return;
    if (a->part) unlink(a->part);
    fclose(a->file);
    a->file = NULL;
}

bool cli_write(fleck_arena *scratch, const char *path, const uint8_t *bytes, size_t size,
               fleck_message *err) {
    cli_atomic_file file;
    struct stat info;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    if (!lstat(path, &info) && S_ISLNK(info.st_mode)) unlink(path);
    bool ok = cli_atomic_open(scratch, path, 0, &file, err);
    if (ok) {
        file.loose = true;
        fwrite(bytes, 1, size, file.file);
        ok = cli_atomic_place(&file, err);
    }
    fleck_arena_reset(scratch, mark);
    return ok;
}
