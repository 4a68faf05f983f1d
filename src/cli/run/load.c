#include "load.h"

#include "backbones.h"
#include "shards.h"

int cli_run_load(cli_run *run, const fleck_options *wanted) {
    double began = cli_seconds();
    fleck_options chosen = *wanted, *options = &chosen;
    if (run->shards) cli_shards_options(run, options);
    /* Before a download what the command line got wrong, with what the list chooses after it. */
    fleck_status status = fleck_configure(run->det, options);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");

    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    fleck_message err;
    cli_backbone_file file;
    int result = cli_backbone_read(run, run->args->backbone, &file);
    if (result == CLI_DONE) result = cli_backbone_choose(run, &file, options);
    if (result != CLI_DONE) return result;
    const uint8_t *bytes = file.bytes;
    size_t size = file.size;
    bool identifies = run->args->report || run->args->command == CLI_VERIFY;
    if (identifies && !cli_sha256(bytes, size, run->backbone_sha256)) return cli_run_no_memory(run);
    if (run->shards || run->args->command == CLI_EXTRACT)
        run->backbone_fingerprint = fleck_hash_bytes(FLECK_HASH_EMPTY, bytes, size);
    if (run->shards) result = cli_shards_check_backbone(run);
    if (result != CLI_DONE) return result;
    status = fleck_configure(run->det, options);
    if (status == FLECK_OK) status = fleck_load_backbone(run->det, bytes, size);
    if (status != FLECK_OK) return cli_run_refused(run, status, file.path);
    run->options = *options;
    if (run->args->cache &&
        !cli_cache_open(&run->cache, &run->scratch, run->args->cache, options, bytes, size, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    fleck_arena_reset(&run->scratch, mark);

    run->heat = FLECK_NEW(&run->arena, float, FLECK_HEAT, FLECK_HEAT);
    if (!run->heat) return cli_run_no_memory(run);
    result = cli_run_shape(run);
    if (result == CLI_DONE) result = cli_run_rules(run);
    cli_run_clock(run, CLI_LOAD, began);
    return result;
}

int cli_run_load_model(cli_run *run) {
    const char *path = run->args->model;
    fleck_arena arena = {0};
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    int result = CLI_FAILED;
    if (!cli_read(&arena, path, SIZE_MAX, &bytes, &size, &err)) {
        cli_say(&run->progress, "%s: %s", path, err.text);
    } else {
        fleck_options options = run->args->options;
        fleck_status status = fleck_peek_options(run->det, bytes, size, &options);
        result = CLI_DONE;
        if (status == FLECK_OK) result = cli_run_load(run, &options);
        if (status == FLECK_OK && result == CLI_DONE) status = fleck_load(run->det, bytes, size);
        if (status == FLECK_OK && result == CLI_DONE) result = cli_run_shape(run); /* its tiles */
        if (status == FLECK_OK && result == CLI_DONE) result = cli_run_rules(run);
        if (status != FLECK_OK) {
            cli_run_refused(run, status, path);
            result = CLI_FAILED;
        } else if (run->args->report && !cli_sha256(bytes, size, run->model_sha256)) {
            result = cli_run_no_memory(run);
        }
    }
    fleck_arena_free(&arena);
    return result;
}

int cli_run_rules(cli_run *run) {
    const cli_args *args = run->args;
    fleck_status status = FLECK_OK;
    if (args->threshold > 0) status = fleck_set_threshold(run->det, args->threshold);
    if (status != FLECK_OK) return cli_run_refused(run, status, "--threshold");
    if (args->has_smallest_area) status = fleck_set_smallest_area(run->det, args->smallest_area);
    return status == FLECK_OK ? CLI_DONE : cli_run_refused(run, status, "--smallest-area");
}

int cli_run_shape(cli_run *run) {
    fleck_status status = fleck_shape(run->det, &run->shape);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");
    run->cache.shape = run->shape;
    run->patch = FLECK_NEW(&run->arena, fleck_half, run->shape.patches, run->shape.dim);
    run->cls = FLECK_NEW(&run->arena, fleck_half, run->shape.dim);
    return run->patch && run->cls ? CLI_DONE : cli_run_no_memory(run);
}
