/* Files to write. */
#include "run.h"

#include "file_kind.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool refuse_output(cli_run *run, const char *path, const char *why) {
    cli_say(&run->progress, "%s: %s: name another file to write", path, why);
    return false;
}

bool cli_run_may_replace(cli_run *run, const char *path) {
    const cli_args *args = run->args;
    struct stat info;
    if (stat(path, &info) || !S_ISREG(info.st_mode)) return true;
    if (cli_listed_has(&run->listed, &info))
        return refuse_output(run, path, "is in the folder of photos, and no file of fleck's");
    if (cli_same_file(path, args->model))
        return refuse_output(run, path, "is the model to score with");
    for (int i = 0; args->features && i < args->path_count; i++)
        if (cli_same_file(path, args->paths[i]))
            return refuse_output(run, path, "has features that are read");
    if (cli_same_file(path, args->marks)) return refuse_output(run, path, "has the marks");
    if (cli_same_file(path, args->area)) return refuse_output(run, path, "is the area of interest");
    if (cli_same_file(path, args->in)) return refuse_output(run, path, "is the file to convert");
    if (cli_same_file(path, args->backbone) ||
        cli_same_file(path, cli_default_backbone(&run->scratch)))
        return refuse_output(run, path, "is the backbone");
    if (cli_same_file(path, getenv("FLECK_REGISTRY")))
        return refuse_output(run, path, "is the list of backbones");
    cli_kind kind = cli_kind_of(path, NULL);
    if (kind == CLI_KIND_PHOTO || kind == CLI_KIND_PICTURE || kind == CLI_KIND_HEATMAP)
        return refuse_output(run, path, "is a picture");
    if (kind == CLI_KIND_WEIGHTS && args->command != CLI_CONVERT)
        return refuse_output(run, path, "is a backbone");
    return true;
}

int cli_run_output(cli_run *run, const char *path, size_t reserve, cli_atomic_file **out) {
    fleck_message err;
    cli_atomic_file *a = &run->outputs[run->output_count];
    if (!cli_run_may_replace(run, path)) return CLI_FAILED;
    if (!cli_atomic_open(&run->arena, path, reserve, a, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    run->output_count++;
    char *folder = cli_join(&run->scratch, a->target, "", "");
    if (folder && a->part) {
        folder[cli_last_part(a->target) - a->target] = '\0';
        cli_atomic_sweep(&run->scratch, folder);
    }
    for (cli_atomic_file *other = run->outputs; other < a; other++) {
        if (!a->part || !other->part || strcmp(a->target, other->target)) continue;
        refuse_output(run, path, "is to receive two things");
        return CLI_FAILED;
    }
    *out = a;
    return CLI_DONE;
}
