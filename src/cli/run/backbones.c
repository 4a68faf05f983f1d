#include "backbones.h"

#include "download.h"
#include "print.h"
#include "open.h"
#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Where a backbone is kept. */
typedef struct {
    const char *folder;
    char *weights; /* the file, checked */
    char *part;    /* while it is downloaded */
    char *sha256;  /* what the first download had, as sha256sum writes it */
} places;

static bool has(const char *path) { return !access(path, F_OK); }

static uint64_t size_of(const char *path) {
    struct stat info;
    return stat(path, &info) ? 0 : (uint64_t)info.st_size;
}

static const uint8_t built_in[] = {
#include "backbones.inc"
};

/* The list that the environment variable FLECK_REGISTRY names as a file, otherwise the program's
 * own. */
static int open_registry(cli_run *run, cli_registry *out) {
    enum { TEXT_MAX = 1 << 20 };
    const char *path = getenv("FLECK_REGISTRY");
    bool own = !path || !*path;
    const uint8_t *bytes = built_in;
    uint8_t *text;
    size_t size = sizeof built_in;
    fleck_message err, why;
    bool ok = own || cli_read(&run->arena, path, TEXT_MAX, &text, &size, &why);
    if (!ok) fleck_fail(&err, FLECK_ERR_ARGUMENT, "FLECK_REGISTRY: %.120s: %.100s", path, why.text);
    if (ok && !own) bytes = text;
    ok = ok && cli_registry_parse(&run->arena, own ? "models/backbones.json" : path, bytes, size,
                                  out, &err);
    if (ok) return CLI_DONE;
    cli_say(&run->progress, "%s", err.text);
    return CLI_FAILED;
}

/* Where backbones are kept, by the XDG rules; says why when that is nowhere. */
static const char *kept_in(cli_run *run) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    const char *folder = NULL;
    if (cache && *cache == '/') {
        folder = cli_join(&run->arena, cache, "fleck/backbones", "");
    } else if (home && *home) {
        folder = cli_join(&run->arena, home, ".cache/fleck/backbones", "");
    } else {
        cli_say(&run->progress, "backbones are kept in $XDG_CACHE_HOME or ~/.cache: set HOME");
        return NULL;
    }
    if (!folder) cli_run_no_memory(run);
    return folder;
}

static bool places_of(cli_run *run, const char *name, places *out) {
    places p = {.folder = kept_in(run)};
    if (!p.folder) return false;
    p.weights = cli_join(&run->arena, p.folder, name, ".weights");
    p.part = cli_join(&run->arena, p.folder, name, ".part");
    p.sha256 = cli_join(&run->arena, p.folder, name, ".sha256");
    *out = p;
    if (p.weights && p.part && p.sha256) return true;
    cli_run_no_memory(run);
    return false;
}

/* ---- the hash of the first download ---- */

/* *out is empty when there was none. False when it cannot be read: then nothing is to be
 * trusted. */
static bool recall(cli_run *run, const places *p, char out[CLI_SHA256_DIGITS + 1]) {
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    out[0] = '\0';
    if (!has(p->sha256)) return true;
    if (cli_read(&run->scratch, p->sha256, 4096, &bytes, &size, &err)) {
        if (size > CLI_SHA256_DIGITS) {
            memcpy(out, bytes, CLI_SHA256_DIGITS);
            out[CLI_SHA256_DIGITS] = '\0';
            if (strspn(out, "0123456789abcdef") == CLI_SHA256_DIGITS) return true;
        }
        fleck_fail(&err, FLECK_ERR_FORMAT, "does not begin with a SHA-256");
    }
    cli_say(&run->progress, "%s: %s; delete it to trust the next download", p->sha256, err.text);
    return false;
}

static bool remember(cli_run *run, const places *p, const char *name, const char *found) {
    char line[CLI_SHA256_DIGITS + 64];
    int length = snprintf(line, sizeof line, "%s  %s.weights\n", found, name);
    fleck_message err;
    if (cli_write(&run->scratch, p->sha256, (const uint8_t *)line, (size_t)length, &err))
        return true;
    cli_say(&run->progress, "%s", err.text);
    return false;
}

/* Reads a file of that backbone and compares its hash; one with a wrong hash is deleted. */
static int read_checked(cli_run *run, const cli_backbone *b, const places *p, const char *path,
                        cli_backbone_file *out) {
    char expected[CLI_SHA256_DIGITS + 1], found[CLI_SHA256_DIGITS + 1];
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    bool pinned = b->sha256 != NULL;
    if (pinned)
        memcpy(expected, b->sha256, sizeof expected);
    else if (!recall(run, p, expected))
        return CLI_FAILED;
    if (!cli_read(&run->scratch, path, SIZE_MAX, &bytes, &size, &err)) {
        cli_say(&run->progress, "%s: %s", path, err.text);
        return CLI_FAILED;
    }
    if (!cli_sha256(bytes, size, found)) return cli_run_no_memory(run);
    if (!*expected && !remember(run, p, b->name, found)) return CLI_FAILED;
    if (*expected && strcmp(expected, found) != 0) {
        remove(path);
        cli_say(&run->progress, "%s: SHA-256 %s expected%s, found %s: deleted and not used%s%s%s",
                path, expected, pinned ? "" : " as in the first download", found,
                pinned ? "" : "; to trust a new version, 'fleck backbones --delete ",
                pinned ? "" : b->name, pinned ? "" : "'");
        return CLI_FAILED;
    }
    *out = (cli_backbone_file){.path = p->weights, .known = b, .bytes = bytes, .size = size};
    return CLI_DONE;
}

/* ---- downloading ---- */

/* Downloads one at a time, whichever programs want them. The lock is the folder's; -1:
 * none, and *result says what to return. */
static int lock(cli_run *run, const char *folder, int *result) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool told = false;
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || cli_interrupted()) {
            int reason = errno;
            close(fd);
            errno = reason;
            fd = -1;
            break;
        }
        if (!told) cli_say(&run->progress, "waiting for another download");
        told = true;
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    }
    if (fd >= 0) return fd;
    *result = cli_interrupted() ? CLI_INTERRUPTED : CLI_FAILED;
    if (*result == CLI_FAILED) cli_say(&run->progress, "%s: %s", folder, strerror(errno));
    return -1;
}

static int download(cli_run *run, const cli_backbone *b, const places *p, cli_backbone_file *out) {
    struct stat info;
    bool own = !lstat(p->part, &info) && S_ISREG(info.st_mode) && info.st_nlink == 1;
    /* Only a known hash tells whether the end of an older try fits its beginning; and what a
     * link leads to is not ours to go on with. */
    if (!b->sha256 || !own) remove(p->part);
    if (!run->args->quiet)
        cli_say(&run->progress, "downloading %s, %s%.0f MB, %s, from %s", b->title,
                b->bytes_exact ? "" : "about ", (double)b->bytes * 1e-6, b->licence, b->address);
    cli_download d = {.address = b->address,
                      .path = p->part,
                      .bytes = b->bytes,
                      .limit = b->bytes_exact ? b->bytes : 2 * b->bytes};
    fleck_message err;
    bool done = cli_download_run(&d, &run->progress, cli_interrupted, &err);
    cli_progress_clear(&run->progress);
    if (!done) {
        cli_say(&run->progress, "%s: %s", b->address, err.text);
        return cli_interrupted() ? CLI_INTERRUPTED : CLI_FAILED;
    }
    int result = read_checked(run, b, p, p->part, out);
    if (result == CLI_DONE && rename(p->part, p->weights)) {
        cli_say(&run->progress, "%s: %s", p->weights, strerror(errno));
        return CLI_FAILED;
    }
    if (result == CLI_DONE && !run->args->quiet) cli_say(&run->progress, "kept in %s", p->weights);
    return result;
}

static int read_named(cli_run *run, const cli_backbone *b, cli_backbone_file *out) {
    places p;
    fleck_message err;
    if (!places_of(run, b->name, &p)) return CLI_FAILED;
    if (has(p.weights)) return read_checked(run, b, &p, p.weights, out);
    char *inside = cli_join(&run->arena, p.folder, "", "");
    if (!inside) return cli_run_no_memory(run);
    if (!cli_make_folder(&run->scratch, inside, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    int result;
    int held = lock(run, p.folder, &result);
    if (held < 0) return result;
    if (has(p.weights)) /* another program was first */
        result = read_checked(run, b, &p, p.weights, out);
    else
        result = download(run, b, &p, out);
    close(held);
    return result;
}

int cli_backbone_read(cli_run *run, const char *which, cli_backbone_file *out) {
    fleck_message err;
    *out = (cli_backbone_file){.path = which};
    if (which) {
        cli_registry registry;
        if (open_registry(run, &registry) != CLI_DONE) return CLI_FAILED;
        const cli_backbone *known = cli_registry_find(&registry, which);
        if (known) return read_named(run, known, out);
        if (!has(which) && !strchr(which, '/')) {
            const char *near = cli_registry_nearest(&registry, which);
            cli_say(&run->progress,
                    "%s: neither a file nor a backbone that 'fleck backbones' lists%s%s%s", which,
                    near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
            return CLI_FAILED;
        }
    } else if (!(out->path = cli_default_backbone(&run->arena))) {
        cli_say(&run->progress,
                "the backbone that comes with fleck, models/fleck-tiny.safetensors, is not here: "
                "name one with --backbone NAME or FILE");
        return CLI_FAILED;
    }
    uint8_t *bytes;
    if (!cli_read(&run->scratch, out->path, SIZE_MAX, &bytes, &out->size, &err)) {
        cli_say(&run->progress, "%s: %s", out->path, err.text);
        return CLI_FAILED;
    }
    out->bytes = bytes;
    return CLI_DONE;
}

int cli_backbone_choose(cli_run *run, const cli_backbone_file *file, fleck_options *options) {
    const cli_backbone *b = file->known;
    fleck_weights weights;
    fleck_message err;
    if (!b) return CLI_DONE;
    if (fleck_weights_open(&run->scratch, file->bytes, file->size, &weights, &err) != FLECK_OK) {
        cli_say(&run->progress, "%s: %s", file->path, err.text);
        return CLI_FAILED;
    }
    if (!options->input && !fleck_weights_meta(&weights, "input")) options->input = b->input;
    if (!options->block_count && !fleck_weights_meta(&weights, "blocks")) {
        options->block_count = b->block_count;
        memcpy(options->blocks, b->blocks, sizeof options->blocks);
    }
    return CLI_DONE;
}

/* ---- the command ---- */

static int list(cli_run *run, const cli_registry *registry) {
    uint64_t total = 0;
    places p;
    printf("%-20s %-32s %8s %5s %5s %5s  %-10s  %s\n", "name", "model", "size", "dim", "patch",
           "input", "licence", "kept");
    for (size_t i = 0; i < registry->count; i++) {
        const cli_backbone *b = &registry->items[i];
        if (!places_of(run, b->name, &p)) return CLI_FAILED;
        uint64_t kept = size_of(p.weights), begun = size_of(p.part);
        total += kept + begun;
        char size[32], state[48] = "no";
        snprintf(size, sizeof size, "%.0f MB", (double)b->bytes * 1e-6);
        if (kept)
            snprintf(state, sizeof state, "%.1f MB", (double)kept * 1e-6);
        else if (begun)
            snprintf(state, sizeof state, "unfinished, %.1f MB", (double)begun * 1e-6);
        printf("%-20s %-32s %8s %5u %5u %5u  %-10s  %s\n", b->name, b->title, size, b->dim,
               b->patch, b->input, b->licence, state);
    }
    const char *folder = kept_in(run);
    if (!folder) return CLI_FAILED;
    putchar('\n');
    cli_print(stdout, "Kept in %s: %.1f MB. '--backbone NAME' downloads one that is not there.",
              folder, (double)total * 1e-6);
    return CLI_DONE;
}

static int delete(cli_run *run, const cli_backbone *b) {
    places p;
    if (!places_of(run, b->name, &p)) return CLI_FAILED;
    const char *const files[] = {p.weights, p.part, p.sha256};
    bool any = false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (!has(files[i])) continue;
        any = true;
        if (!remove(files[i])) continue;
        cli_say(&run->progress, "%s: %s", files[i], strerror(errno));
        return CLI_FAILED;
    }
    if (!any) {
        cli_say(&run->progress, "%s is not kept in %s", b->name, p.folder);
        return CLI_FAILED;
    }
    if (!run->args->quiet) cli_say(&run->progress, "deleted %s", p.weights);
    return CLI_DONE;
}

int cli_backbones(cli_run *run) {
    cli_registry registry;
    const char *name = run->args->delete_name;
    if (open_registry(run, &registry) != CLI_DONE) return CLI_FAILED;
    if (!name) return list(run, &registry);
    const cli_backbone *b = cli_registry_find(&registry, name);
    if (b) return delete (run, b);
    const char *near = cli_registry_nearest(&registry, name);
    cli_say(&run->progress, "no backbone is called %s%s%s%s: 'fleck backbones' lists them", name,
            near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return CLI_USAGE;
}
