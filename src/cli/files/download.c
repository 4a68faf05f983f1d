#include "download.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ASK_MS = 100, BREAKS_MAX = 8 };

static const char stage[] = "downloading MB"; /* the unit of its progress */

/* To the nearest one, as sizes are printed elsewhere. */
static size_t megabytes(uint64_t bytes) { return (size_t)((bytes + 500000) / 1000000); }

/* Exit codes of curl. */
enum {
    CURL_DONE = 0,
    CURL_PARTIAL = 18,
    CURL_HTTP_ERROR = 22,
    CURL_TIMED_OUT = 28,
    CURL_NO_RANGES = 33,
    CURL_BAD_RESUME = 36,
    CURL_NOTHING = 52,
    CURL_SEND = 55,
    CURL_RECEIVE = 56,
    CURL_STREAM = 92
};

typedef struct {
    int code;          /* curl's exit status; -1: it was stopped or could not be run */
    char message[160]; /* the last line that it said */
    size_t length;
} attempt;

static uint64_t size_of(const char *path) {
    struct stat info;
    return stat(path, &info) ? 0 : (uint64_t)info.st_size;
}

/* Keeps what curl says from its last line on. */
static void hear(attempt *a, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n' && i + 1 < size) a->length = 0;
        if (text[i] != '\n' && a->length + 1 < sizeof a->message) a->message[a->length++] = text[i];
    }
    a->message[a->length] = '\0';
}

static int start(const cli_download *d, int error_pipe, pid_t *child) {
    /* An encrypted address never leads to one that is not. */
    bool safe = !strncmp(d->address, "https:", 6);
    const char *const arguments[] = {"curl",
                                     "--silent",
                                     "--show-error",
                                     "--fail",
                                     "--location",
                                     "--proto",
                                     safe ? "=https" : "=http,https",
                                     "--proto-redir",
                                     safe ? "=https" : "=http,https",
                                     "--connect-timeout",
                                     "30",
                                     "--speed-limit",
                                     "1",
                                     "--speed-time",
                                     "60",
                                     "--continue-at",
                                     "-",
                                     "--output",
                                     d->path,
                                     "--url",
                                     d->address,
                                     NULL};
    posix_spawn_file_actions_t actions;
    int result = posix_spawn_file_actions_init(&actions);
    if (result) return result;
    result = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!result)
        result =
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!result) result = posix_spawn_file_actions_adddup2(&actions, error_pipe, STDERR_FILENO);
    /* posix_spawn takes arguments that it does not change as if it did */
    if (!result)
        result = posix_spawnp(child, "curl", &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

/* Waits for the child's end, telling the progress; kills it when it must not go on. */
static void follow(const cli_download *d, cli_progress *progress, bool (*stop)(void), int from,
                   pid_t child, attempt *a) {
    struct pollfd ready = {.fd = from, .events = POLLIN};
    bool killed = false;
    for (;;) {
        int count = poll(&ready, 1, ASK_MS);
        if (count > 0) {
            char text[512];
            ssize_t got = read(from, text, sizeof text);
            if (got <= 0) break;
            hear(a, text, (size_t)got);
        }
        uint64_t size = size_of(d->path);
        uint64_t shown = size < d->bytes ? size : d->bytes;
        cli_progress_tell(progress, stage, megabytes(shown));
        if (!killed && (stop() || size > d->limit)) killed = !kill(child, SIGTERM);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    a->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool try_once(const cli_download *d, cli_progress *progress, bool (*stop)(void), attempt *a,
                     fleck_message *err) {
    int ends[2];
    pid_t child;
    *a = (attempt){.code = -1};
    int result = pipe(ends) ? errno : 0;
    if (!result) {
        for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        result = start(d, ends[1], &child);
        close(ends[1]);
        if (!result) follow(d, progress, stop, ends[0], child, a);
        close(ends[0]);
    }
    if (!result) return true;
    fleck_fail(err, FLECK_ERR_STATE, "the program curl cannot be run: %s", strerror(result));
    return false;
}

static bool is_break(int code) {
    return code == CURL_PARTIAL || code == CURL_TIMED_OUT || code == CURL_NOTHING ||
           code == CURL_SEND || code == CURL_RECEIVE || code == CURL_STREAM;
}

/* Whether the server would not go on from where the file ends: 416 is HTTP's word for it. */
static bool cannot_continue(const attempt *a) {
    return a->code == CURL_NO_RANGES || a->code == CURL_BAD_RESUME ||
           (a->code == CURL_HTTP_ERROR && strstr(a->message, "416"));
}

bool cli_download_run(const cli_download *d, cli_progress *progress, bool (*stop)(void),
                      fleck_message *err) {
    attempt a;
    cli_progress_begin(progress, megabytes(d->bytes));
    for (int breaks = 0; breaks < BREAKS_MAX; breaks++) {
        uint64_t before = size_of(d->path);
        if (!try_once(d, progress, stop, &a, err)) return false;
        uint64_t after = size_of(d->path);
        if (stop()) {
            fleck_fail(err, FLECK_ERR_STATE, "interrupted");
            return false;
        }
        if (after > d->limit) {
            remove(d->path);
            fleck_fail(err, FLECK_ERR_FORMAT, "is larger than the list of backbones says");
            return false;
        }
        if (a.code == CURL_DONE) {
            cli_progress_tell(progress, stage, progress->total);
            return true;
        }
        if (cannot_continue(&a) && before)
            remove(d->path); /* from the beginning, then */
        else if (!is_break(a.code) || after <= before)
            break;
    }
    const char *said = !strncmp(a.message, "curl: ", 6) ? a.message + 6 : a.message;
    fleck_fail(err, FLECK_ERR_STATE, "%s", *said ? said : "curl ended without a word");
    return false;
}
