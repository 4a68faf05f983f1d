#include "check_paths.h"

#include "file_kind.h"
#include "name_list.h"

#include <errno.h>
#include <string.h>

static bool refuse(fleck_message *err, const char *path, const char *why) {
    fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", path, why);
    return false;
}

/* A path within a command to type, or the word that stands for it. */
static const char *brief(const char *path, const char *word) {
    return strlen(path) < 60 ? path : word;
}

static bool is_folder(const char *path, fleck_message *err) {
    cli_kind_words is;
    if (cli_is_stdin(path)) return true;
    switch (cli_kind_of(path, &is)) {
    case CLI_KIND_FOLDER:
        return true;
    case CLI_KIND_MISSING:
        return refuse(err, path, errno == ENOENT ? "there is no such folder" : strerror(errno));
    case CLI_KIND_MODEL:
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%s: is a model, not a folder; 'fleck score %s PATHS...' uses it", path,
                   brief(path, "MODEL"));
        return false;
    case CLI_KIND_WEIGHTS:
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%s: is %s, not a folder with photos; '--backbone FILE' uses it", path, is.text);
        return false;
    case CLI_KIND_PHOTO:
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: is %s; name the folder that it is in", path,
                   is.text);
        return false;
    default:
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: is %s, not a folder", path, is.text);
        return false;
    }
}

static bool is_model(const cli_args *args, fleck_message *err) {
    const char *path = args->model;
    cli_kind_words is;
    cli_kind kind = cli_kind_of(path, &is);
    if (kind == CLI_KIND_MODEL) return true;
    int reason = errno;
    for (int i = 0; kind != CLI_KIND_MISSING && i < args->path_count; i++) {
        if (cli_kind_of(args->paths[i], NULL) != CLI_KIND_MODEL) continue;
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%s: is %s; the model comes first, as in 'fleck score %s %s'", path, is.text,
                   brief(args->paths[i], "MODEL"), brief(path, "PATHS"));
        return false;
    }
    if (kind == CLI_KIND_MISSING)
        return refuse(err, path, reason == ENOENT ? "there is no such model" : strerror(reason));
    if (kind == CLI_KIND_WEIGHTS)
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%s: is %s, no model; 'fleck train DIR --save MODEL --backbone %s' makes "
                   "one with it",
                   path, is.text, brief(path, "FILE"));
    else
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%s: is %s, no model; 'fleck train DIR --save MODEL' makes one", path, is.text);
    return false;
}

static bool is_backbone(const char *path, fleck_message *err) {
    cli_kind_words is;
    cli_kind kind = cli_kind_of(path, &is);
    if (kind == CLI_KIND_WEIGHTS || kind == CLI_KIND_MISSING) return true; /* a name, perhaps */
    if (kind == CLI_KIND_FOLDER && !strchr(path, '/')) return true;
    if (kind == CLI_KIND_MODEL)
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%s: is a model, which holds no backbone: the one it was trained with is needed",
                   path);
    else
        fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: is %s, no backbone", path, is.text);
    return false;
}

/* A file of features is known by its content when it is opened; most slips are others. */
static bool are_features(const cli_args *args, fleck_message *err) {
    for (int i = 0; i < args->path_count; i++) {
        cli_kind_words is;
        cli_kind kind = cli_kind_of(args->paths[i], &is);
        if (kind == CLI_KIND_MISSING) return refuse(err, args->paths[i], strerror(errno));
        if (kind == CLI_KIND_OWN) continue;
        fleck_fail(err, FLECK_ERR_ARGUMENT,
                   "%s: is %s, no file of features; 'fleck extract PHOTOS... -o FILE' makes one",
                   args->paths[i], is.text);
        return false;
    }
    return true;
}

bool cli_kinds_fit(const cli_args *args, fleck_message *err) {
    if (args->dir && !is_folder(args->dir, err)) return false;
    if (args->photos && !is_folder(args->photos, err)) return false;
    if (args->model && !is_model(args, err)) return false;
    if (args->features && !are_features(args, err)) return false;
    if (args->in && !is_backbone(args->in, err)) return false;
    return !args->backbone || is_backbone(args->backbone, err);
}
