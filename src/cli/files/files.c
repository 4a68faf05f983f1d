#include "files.h"

#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool cli_is_folder(const char *path) {
    uint8_t nothing;
    size_t size;
    return cli_read_head(path, &nothing, 0, &size) == CLI_HEAD_FOLDER;
}

bool cli_same_file(const char *a, const char *b) {
    struct stat of_a, of_b;
    return a && b && !stat(a, &of_a) && !stat(b, &of_b) && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

char *cli_join(fleck_arena *arena, const char *dir, const char *name, const char *ending) {
    size_t length = strlen(dir), size = length + strlen(name) + strlen(ending) + 2;
    char *path = FLECK_NEW(arena, char, size);
    if (path)
        snprintf(path, size, "%s%s%s%s", dir, length && dir[length - 1] == '/' ? "" : "/", name,
                 ending);
    return path;
}

const char *cli_last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- reading ---- */

/* Looked at before it is opened: to open a pipe or a device may already do something. */
static cli_head open_file(const char *path, int *fd, struct stat *info) {
    if (stat(path, info)) return CLI_HEAD_NONE;
    if (S_ISDIR(info->st_mode)) return CLI_HEAD_FOLDER;
    if (!S_ISREG(info->st_mode)) return CLI_HEAD_SPECIAL;
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0) return CLI_HEAD_NONE;
    if (!fstat(*fd, info) && S_ISREG(info->st_mode)) return CLI_HEAD_FILE;
    close(*fd);
    return CLI_HEAD_SPECIAL;
}

/* As many of size bytes as there are. False on an error, which errno tells. */
static bool read_bytes(int fd, uint8_t *out, size_t size, size_t *got) {
    *got = 0;
    while (*got < size) {
        ssize_t count = read(fd, out + *got, size - *got);
        if (count < 0 && errno == EINTR && !cli_interrupted()) continue;
        if (count < 0) return false;
        if (!count) break;
        *got += (size_t)count;
    }
    return true;
}

cli_head cli_read_head_now(const char *path, uint8_t *out, size_t limit, size_t *size) {
    struct stat info;
    int fd;
    cli_head found = open_file(path, &fd, &info);
    if (found != CLI_HEAD_FILE) return found;
    if (!read_bytes(fd, out, limit, size)) found = CLI_HEAD_NONE;
    int reason = errno;
    close(fd);
    errno = reason;
    return found;
}

/* A file that a thread of its own reads, piece by piece. It stays when that thread is left. */
typedef struct {
    fleck_arena own; /* in which all of this is */
    char *path;
    size_t limit; /* of piece */
    int fd, reason;
    cli_head found;
    struct stat info;
    size_t got;
    uint8_t piece[];
} reading;

static void open_piece(void *context) {
    reading *r = context;
    r->found = open_file(r->path, &r->fd, &r->info);
    r->reason = errno;
}

static void read_piece(void *context) {
    reading *r = context;
    r->reason = read_bytes(r->fd, r->piece, r->limit, &r->got) ? 0 : errno;
}

static void open_and_read_piece(void *context) {
    reading *r = context;
    open_piece(r);
    if (r->found == CLI_HEAD_FILE) read_piece(r);
}

static reading *reading_begin(const char *path, size_t limit) {
    fleck_arena own = {0};
    size_t length = strlen(path) + 1;
    reading *r = fleck_arena_alloc(&own, fleck_size_sum(sizeof *r, limit), 1);
    char *copy = r ? FLECK_NEW(&own, char, length) : NULL;
    if (!copy) {
        fleck_arena_free(&own);
        return NULL;
    }
    *r = (reading){.own = own, .path = memcpy(copy, path, length), .limit = limit, .fd = -1};
    return r;
}

static void reading_end(reading *r) {
    if (r->fd >= 0 && r->found == CLI_HEAD_FILE) close(r->fd);
    fleck_arena own = r->own;
    fleck_arena_free(&own);
}

static bool interrupted(fleck_message *err) {
    fleck_fail(err, FLECK_ERR_STATE, "interrupted");
    return false;
}

/* The pieces after the first, which is there. */
static bool collect(fleck_arena *arena, reading *r, bool *left, size_t limit, uint8_t **bytes,
                    size_t *size, fleck_message *err) {
    if (r->reason && cli_interrupted()) return interrupted(err);
    if (r->found == CLI_HEAD_FILE && (uintmax_t)r->info.st_size > limit) {
        fleck_fail(err, FLECK_ERR_FORMAT, "is larger than %zu MB", limit >> 20);
        return false;
    }
    if (r->found == CLI_HEAD_FOLDER || r->found == CLI_HEAD_SPECIAL) {
        fleck_fail(err, FLECK_ERR_FORMAT, "is %s, not a file",
                   r->found == CLI_HEAD_FOLDER ? "a folder"
                   : S_ISFIFO(r->info.st_mode) ? "a pipe"
                   : S_ISSOCK(r->info.st_mode) ? "a socket"
                                               : "a device");
        return false;
    }
    if (r->found == CLI_HEAD_NONE || r->reason) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s", strerror(r->reason));
        return false;
    }
    size_t length = (size_t)r->info.st_size;
    uint8_t *buffer = FLECK_NEW(arena, uint8_t, length);
    if (!buffer) {
        fleck_fail(err, FLECK_ERR_MEMORY, "does not fit into memory");
        return false;
    }
    for (size_t done = 0;;) {
        size_t take = r->got < length - done ? r->got : length - done;
        if (take) memcpy(buffer + done, r->piece, take);
        done += take;
        if (done == length) break;
        if (!take) {
            fleck_fail(err, FLECK_ERR_FORMAT, "became shorter while it was read");
            return false;
        }
        if (!cli_patiently(read_piece, r)) {
            *left = true;
            return interrupted(err);
        }
        if (r->reason) {
            fleck_fail(err, FLECK_ERR_FORMAT, "%s", strerror(r->reason));
            return false;
        }
    }
    *bytes = buffer;
    *size = length;
    return true;
}

bool cli_read(fleck_arena *arena, const char *path, size_t limit, uint8_t **bytes, size_t *size,
              fleck_message *err) {
    enum { PIECE = 1 << 20 };
    if (cli_interrupted()) return interrupted(err);
    reading *r = reading_begin(path, PIECE);
    if (!r) {
        fleck_fail(err, FLECK_ERR_MEMORY, "out of memory");
        return false;
    }
    bool left = !cli_patiently(open_and_read_piece, r);
    bool ok = left ? interrupted(err) : collect(arena, r, &left, limit, bytes, size, err);
    if (!left) reading_end(r);
    return ok;
}

cli_head cli_read_head(const char *path, uint8_t *out, size_t limit, size_t *size) {
    reading *r = cli_interrupted() ? NULL : reading_begin(path, limit);
    errno = EINTR;
    if (!r || !cli_patiently(open_and_read_piece, r)) return CLI_HEAD_NONE;
    cli_head found = r->reason && r->found == CLI_HEAD_FILE ? CLI_HEAD_NONE : r->found;
    int reason = r->reason;
    if (found == CLI_HEAD_FILE && r->got) memcpy(out, r->piece, r->got);
    *size = r->got;
    reading_end(r);
    errno = reason;
    return found;
}

/* ---- folders ---- */

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
    struct stat info;
    if (stat(path, &info) || !S_ISDIR(info.st_mode)) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: exists and is not a folder", path);
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
