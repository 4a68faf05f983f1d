/* Photos to read. */
#include "photo_file.h"
#include "sample_bits.h"
#include "shards.h"

/* Features that cannot be kept end the keeping, not the run. */
static void keep(cli_run *run, cli_features_key key) {
    fleck_message err;
    if (cli_cache_write(&run->cache, &run->scratch, key, run->patch, run->cls, &err)) return;
    cli_say(&run->progress, "no more features are kept: %s", err.text);
    run->cache.dir = NULL;
    run->cache_failed = true;
}

/* The features of a photo's bytes; false when the detector refuses them. */
static bool extract(cli_run *run, const cli_photo *photo, const uint8_t *bytes, size_t size) {
    cli_features_key key = {{0, 0}};
    if (run->cache.dir)
        key = cli_cache_key_of(&run->cache, fleck_sample_bits(run->det), bytes, size);
    bool kept =
        run->cache.dir && cli_cache_read(&run->cache, &run->scratch, key, run->patch, run->cls);
    if (!kept && fleck_extract(run->det, bytes, size, run->patch, run->cls) != FLECK_OK)
        return false;
    cli_samples_note(run, photo, !kept, bytes, size);
    if (run->cache.dir && !kept) keep(run, key);
    return true;
}

bool cli_run_extract(cli_run *run, const cli_photo *photo) {
    double began = cli_seconds();
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    bool ok = false;
    if (photo->kept) {
        ok = cli_shards_read(run, photo, &err);
        if (!ok) cli_run_skip(run, photo->name, err.text);
    } else if (!cli_photo_read(&run->scratch, photo->path, &bytes, &size, &err)) {
        if (!cli_interrupted()) cli_run_skip(run, photo->name, err.text);
    } else {
        ok = extract(run, photo, bytes, size);
        if (!ok) cli_run_skip(run, photo->name, fleck_error(run->det));
    }
    fleck_arena_reset(&run->scratch, mark);
    cli_run_clock(run, CLI_FEATURES, began);
    return ok;
}

bool cli_run_score(cli_run *run, const cli_photo *photo, float *heat, float *score) {
    if (!cli_run_extract(run, photo)) return false;
    double began = cli_seconds();
    fleck_status status = fleck_score(run->det, run->patch, run->cls, heat, score);
    cli_run_clock(run, CLI_SCORING, began);
    if (status != FLECK_OK) cli_run_skip(run, photo->name, fleck_error(run->det));
    return status == FLECK_OK;
}

/* Of a photo that says it at its end, as TIFFs do, the whole file is read. */
void cli_run_photo_size(cli_run *run, const cli_photo *photo, uint32_t *width, uint32_t *height) {
    if (photo->kept) {
        *width = photo->kept->width;
        *height = photo->kept->height;
        return;
    }
    const char *path = photo->path;
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    uint8_t *head = FLECK_NEW(&run->scratch, uint8_t, FLECK_SIZE_HEAD);
    fleck_message err;
    size_t size = 0;
    *width = *height = 0;
    if (head && cli_read_head(path, head, FLECK_SIZE_HEAD, &size) == CLI_HEAD_FILE)
        cli_photo_size(head, size, width, height);
    if (!*width && size == FLECK_SIZE_HEAD &&
        cli_read(&run->scratch, path, CLI_PHOTO_BYTES_MAX, &head, &size, &err))
        cli_photo_size(head, size, width, height);
    fleck_arena_reset(&run->scratch, mark);
}

bool cli_run_decode(cli_run *run, const char *path, fleck_image *out, fleck_message *err) {
    uint8_t *bytes;
    size_t size;
    return cli_photo_read(&run->scratch, path, &bytes, &size, err) &&
           fleck_image_decode(&run->scratch, bytes, size, fleck_sample_bits(run->det), out, err) ==
               FLECK_OK;
}

bool cli_run_hash(cli_run *run, const char *path, char out[CLI_SHA256_DIGITS + 1],
                  fleck_message *err) {
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    uint8_t *bytes;
    size_t size;
    bool ok = cli_read(&run->scratch, path, CLI_PHOTO_BYTES_MAX, &bytes, &size, err);
    if (ok && !cli_sha256(bytes, size, out)) {
        fleck_fail(err, FLECK_ERR_MEMORY, "out of memory");
        ok = false;
    }
    fleck_arena_reset(&run->scratch, mark);
    return ok;
}
