#include "name_list.h"

#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { BYTES_MAX = 1 << 30, BLOCK = 1 << 16, ASK_MS = 100 };

bool cli_is_stdin(const char *path) { return !strcmp(path, CLI_STDIN); }

static bool fail(fleck_message *err, fleck_status status, const char *why) {
    fleck_fail(err, status, "standard input: %s", why);
    return false;
}

/* Up to so many bytes, 0 at the end. A pipe may stay silent: a signal must reach the program all
 * the same. */
static ssize_t read_some(char *out, size_t most) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!cli_interrupted()) {
        int ready = poll(&input, 1, ASK_MS);
        if (ready > 0) return read(STDIN_FILENO, out, most);
        if (ready < 0 && errno != EINTR) return -1;
    }
    return -1;
}

/* All of the input and a NUL behind it; NULL: err says why. */
static char *read_all(fleck_arena *arena, size_t *size, fleck_message *err) {
    size_t capacity = BLOCK, used = 0;
    char *bytes = FLECK_NEW(arena, char, capacity);
    while (bytes) {
        ssize_t some = read_some(bytes + used, capacity - used - 1);
        if (cli_interrupted()) return fail(err, FLECK_ERR_STATE, "interrupted"), NULL;
        if (some < 0) return fail(err, FLECK_ERR_ARGUMENT, strerror(errno)), NULL;
        used += (size_t)some;
        bytes[used] = '\0';
        *size = used;
        if (!some) return bytes;
        if (used < capacity - 1) continue;
        if (capacity >= BYTES_MAX) return fail(err, FLECK_ERR_ARGUMENT, "too many names"), NULL;
        char *more = FLECK_NEW(arena, char, 2, capacity);
        if (more) memcpy(more, bytes, used);
        bytes = more;
        capacity *= 2;
    }
    return fail(err, FLECK_ERR_MEMORY, "too many names for the memory there is"), NULL;
}

bool cli_names_read(fleck_arena *arena, bool null, cli_names *out, fleck_message *err) {
    size_t size = 0, most = 1;
    char *bytes = read_all(arena, &size, err), end = null ? '\0' : '\n';
    if (!bytes) return false;
    if (!null && memchr(bytes, '\0', size))
        return fail(err, FLECK_ERR_ARGUMENT, "these names end with NUL bytes: say --null");
    for (size_t i = 0; i < size; i++) most += bytes[i] == end;
    *out = (cli_names){.items = FLECK_NEW(arena, char *, most)};
    if (!out->items) return fail(err, FLECK_ERR_MEMORY, "too many names for the memory there is");
    for (char *name = bytes; name < bytes + size;) {
        char *after = memchr(name, end, (size_t)(bytes + size - name));
        if (!after) after = bytes + size;
        *after = '\0';
        if (*name) out->items[out->count++] = name;
        name = after + 1;
    }
    return out->count || fail(err, FLECK_ERR_ARGUMENT, "no photo is named");
}
