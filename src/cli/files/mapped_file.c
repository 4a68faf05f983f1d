#include "mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool map(int fd, cli_mapped *out, fleck_message *err) {
    struct stat info;
    const char *why = NULL;
    if (fstat(fd, &info))
        why = strerror(errno);
    else if (!S_ISREG(info.st_mode))
        why = S_ISDIR(info.st_mode) ? "is a folder, not a file" : "is no regular file";
    else if (!info.st_size)
        why = "is empty";
    else if ((uintmax_t)info.st_size > SIZE_MAX / 2)
        why = "does not fit into memory";
    void *bytes =
        why ? MAP_FAILED : mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (!why && bytes == MAP_FAILED) why = strerror(errno);
    if (!why) {
        *out = (cli_mapped){bytes, (size_t)info.st_size};
        return true;
    }
    fleck_fail(err, FLECK_ERR_ARGUMENT, "%s", why);
    return false;
}

bool cli_map(const char *path, cli_mapped *out, fleck_message *err) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s", strerror(errno));
        return false;
    }
    bool ok = map(fd, out, err);
    close(fd);
    return ok;
}

void cli_unmap(cli_mapped *mapped) {
    if (mapped->bytes) munmap(mapped->bytes, mapped->size);
    mapped->bytes = NULL;
}
