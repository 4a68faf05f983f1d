#include "extract_command.h"

#include "load.h"
#include "sample_bits.h"
#include "shard_file.h"
#include "tiling.h"

#include <string.h>

static void describe(const cli_run *run, cli_shard_source *out) {
    const fleck_options *o = &run->options;
    *out = (cli_shard_source){.fleck = FLECK_VERSION,
                              .backbone = run->backbone_fingerprint,
                              .preset = o->preset,
                              .precision = o->precision,
                              .tiles = {run->shape.tile_columns, run->shape.tile_rows},
                              .input = run->shape.input,
                              .block_count = o->block_count,
                              .sample_bits = fleck_sample_bits(run->det)};
    memcpy(out->blocks, o->blocks, sizeof out->blocks);
}

/* How photos of 16 bits are read: as the command line says, or as suits these photos. */
static int choose_bits(cli_run *run, const cli_photos *photos) {
    if (!run->args->sample_bits) return cli_samples_measure(run, photos);
    fleck_status status = fleck_set_sample_bits(run->det, run->args->sample_bits);
    return status == FLECK_OK ? CLI_DONE : cli_run_refused(run, status, "--sample-bits");
}

/* What a shard says of a photo beside its features. */
static bool note(cli_run *run, const cli_photo *photo, cli_shard_photo *out, fleck_message *err) {
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    uint8_t *bytes;
    size_t size;
    *out = (cli_shard_photo){.name = photo->name};
    fleck_extracted(run->det, &out->samples);
    bool ok = cli_read(&run->scratch, photo->path, CLI_PHOTO_BYTES_MAX, &bytes, &size, err);
    if (ok) out->key = fleck_photo_key(bytes, size);
    fleck_arena_reset(&run->scratch, mark);
    if (ok) cli_run_photo_size(run, photo, &out->width, &out->height);
    return ok;
}

static int add_all(cli_run *run, const cli_photos *photos, cli_shard_writer *writer) {
    cli_progress_begin(&run->progress, photos->count);
    for (size_t i = 0; i < photos->count; i++) {
        const cli_photo *photo = &photos->items[i];
        cli_shard_photo noted;
        fleck_message err;
        if (cli_interrupted()) {
            cli_say(&run->progress, "interrupted while looking at the photos; nothing is kept");
            return CLI_INTERRUPTED;
        }
        if (cli_run_extract(run, photo)) {
            if (!note(run, photo, &noted, &err))
                cli_run_skip(run, photo->name, err.text);
            else if (!cli_shard_add(writer, &noted, run->patch, run->cls))
                return cli_run_no_memory(run);
        }
        cli_progress_tell(&run->progress, "looking", i + 1);
    }
    return CLI_DONE;
}

int cli_extract(cli_run *run, const cli_photos *photos) {
    cli_atomic_file *file;
    cli_shard_source source;
    cli_shard_writer writer;
    fleck_message err;
    int result = cli_run_output(run, run->args->out, 0, &file);
    if (result == CLI_DONE) result = cli_run_load(run, &run->args->options);
    if (result == CLI_DONE) result = cli_run_tell_left_out(run);
    if (result == CLI_DONE) result = choose_bits(run, photos);
    if (result == CLI_DONE) result = cli_tiles_choose(run, photos);
    if (result != CLI_DONE) return result;
    describe(run, &source);
    cli_shard_begin(&writer, &run->arena, file->file, &source, run->shape.patches, run->shape.dim);
    result = add_all(run, photos, &writer);
    if (result != CLI_DONE) return result;
    cli_samples_tell(run);
    if (!writer.shard.count) {
        cli_say(&run->progress, "no photo could be used");
        return CLI_FAILED;
    }
    if (!cli_shard_end(&writer)) return cli_run_no_memory(run);
    if (!cli_atomic_place(file, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    if (!run->args->quiet)
        cli_note(&run->progress, "features of %zu photo%s in %s", writer.shard.count,
                 writer.shard.count == 1 ? "" : "s", file->path);
    return cli_run_status(run);
}
