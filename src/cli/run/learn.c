/* A folder of photos -> what the detector learns from it. */
#include "area_file.h"
#include "decoders.h"
#include "name_list.h"
#include "sample_bits.h"
#include "shards.h"
#include "synthetic.h"
#include "tiling.h"

#include <stdlib.h>

static int stopped(cli_run *run, const char *while_doing) {
    cli_say(&run->progress, "interrupted while %s; nothing was learnt yet", while_doing);
    return CLI_INTERRUPTED;
}

/* A photo's key, the last one of a file that cannot be read. */
static uint64_t read_key(cli_run *run, const cli_photo *photo) {
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    if (photo->kept) return photo->kept->key;
    bool read = cli_read(&run->scratch, photo->path, CLI_PHOTO_BYTES_MAX, &bytes, &size, &err);
    return read ? fleck_photo_key(bytes, size) : UINT64_MAX;
}

/* The photos' keys, in scratch; NULL: the run ends with *result. A file that cannot be read
 * is told when its turn comes. */
static uint64_t *read_keys(cli_run *run, const cli_photos *photos, int *result) {
    uint64_t *key = FLECK_NEW(&run->scratch, uint64_t, photos->count);
    *result = key ? CLI_DONE : cli_run_no_memory(run);
    cli_progress_begin(&run->progress, photos->count);
    for (size_t i = 0; key && i < photos->count; i++) {
        if (cli_interrupted()) {
            *result = stopped(run, "reading the photos");
            return NULL;
        }
        fleck_arena_mark mark = fleck_arena_here(&run->scratch);
        key[i] = read_key(run, &photos->items[i]);
        fleck_arena_reset(&run->scratch, mark);
        cli_progress_tell(&run->progress, "choosing", i + 1);
    }
    return key;
}

/* Parts photos from those of a large folder that are not learnt from. */
static int leave_rest(cli_run *run, cli_photos *photos) {
    uint32_t count = (uint32_t)photos->count, most = fleck_learn_most(run->det), used = 0;
    if (run->args->synthetic) most -= most / 20 + 1; /* made-up ones are learnt from as well */
    if (count <= most) return CLI_DONE;
    if (!run->args->quiet)
        cli_say(&run->progress, "%u photos: learns from %u of them%s", count, most,
                run->args->command == CLI_INSPECT ? " and judges all" : "");
    double began = cli_seconds();
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    int result;
    uint64_t *key = read_keys(run, photos, &result);
    uint8_t *learns = FLECK_NEW(&run->scratch, uint8_t, count);
    if (key && !learns) result = cli_run_no_memory(run);
    if (result == CLI_DONE) fleck_learns_from(key, count, most, learns);
    for (uint32_t i = 0; result == CLI_DONE && i < count; i++) {
        if (learns[i])
            photos->items[used++] = photos->items[i];
        else if (!cli_photos_add(&run->arena, &run->rest, photos->items[i]))
            result = cli_run_no_memory(run);
    }
    photos->count = used;
    fleck_arena_reset(&run->scratch, mark);
    cli_run_clock(run, CLI_FEATURES, began);
    return result;
}

static int add_photos(cli_run *run, cli_photos *photos) {
    size_t total = photos->count, used = 0;
    cli_progress_begin(&run->progress, total);
    for (size_t i = 0; i < total; i++) {
        if (cli_interrupted()) return stopped(run, "looking at the photos");
        cli_photo photo = photos->items[i];
        if (cli_run_extract(run, &photo)) {
            fleck_status status = fleck_add(run->det, run->patch, run->cls);
            if (status == FLECK_OK) {
                photos->items[used++] = photo;
            } else if (status == FLECK_ERR_MEMORY) {
                cli_say(&run->progress, "%s: %s", photo.name, fleck_error(run->det));
                return CLI_FAILED;
            } else {
                cli_run_skip(run, photo.name, fleck_error(run->det));
            }
        }
        cli_progress_tell(&run->progress, "looking", i + 1);
    }
    photos->count = used;
    return CLI_DONE;
}

/* A made-up defect on photo, of texture's pixels. */
static int add_synthetic(cli_run *run, const cli_photo *photo, const cli_photo *texture,
                         fleck_rng *rng) {
    fleck_message err;
    fleck_image image, other;
    const cli_photo *at = photo;
    bool read = cli_run_decode(run, at->path, &image, &err) &&
                cli_run_decode(run, (at = texture)->path, &other, &err);
    if (!read) {
        cli_say(&run->progress, "%s: %s", at->name, err.text);
        return CLI_FAILED;
    }
    uint8_t *rgba = cli_synthetic(&run->scratch, &image, &other, rng);
    if (!rgba) return cli_run_no_memory(run);
    fleck_status status =
        fleck_extract_rgba(run->det, rgba, image.width, image.height, run->patch, run->cls);
    if (status == FLECK_OK) status = fleck_add(run->det, run->patch, run->cls);
    return status == FLECK_OK ? CLI_DONE : cli_run_refused(run, status, photo->name);
}

typedef struct {
    uint64_t key;
    uint32_t photo;
} keyed;

static int by_key(const void *a, const void *b) {
    uint64_t x = ((const keyed *)a)->key, y = ((const keyed *)b)->key;
    return (x > y) - (x < y);
}

/* The paper's second recipe: a twentieth more photos, with made-up defects. Which photos get
 * one follows from what is in them, not from their order. */
static int add_synthetics(cli_run *run, const cli_photos *photos) {
    if (photos->count < FLECK_PHOTOS_MIN) return CLI_DONE; /* too few to train, too */
    double began = cli_seconds();
    uint32_t n = (uint32_t)photos->count, count = (n + 10) / 20;
    fleck_rng rng = fleck_rng_seed(run->args->options.seed);
    fleck_arena_mark start = fleck_arena_here(&run->scratch);
    int result;
    uint64_t *key = read_keys(run, photos, &result);
    if (!key) return result;
    keyed *order = FLECK_NEW(&run->scratch, keyed, n);
    if (!order) result = cli_run_no_memory(run);
    for (uint32_t i = 0; result == CLI_DONE && i < n; i++) order[i] = (keyed){key[i], i};
    if (result == CLI_DONE) qsort(order, n, sizeof *order, by_key);
    for (uint32_t i = 0; result == CLI_DONE && i < (count ? count : 1); i++) {
        if (cli_interrupted()) return stopped(run, "making up defects");
        uint32_t photo = fleck_rng_below(&rng, n);
        uint32_t texture = (photo + 1 + fleck_rng_below(&rng, n - 1)) % n;
        fleck_arena_mark mark = fleck_arena_here(&run->scratch);
        result = add_synthetic(run, &photos->items[order[photo].photo],
                               &photos->items[order[texture].photo], &rng);
        fleck_arena_reset(&run->scratch, mark);
    }
    fleck_arena_reset(&run->scratch, start);
    cli_run_clock(run, CLI_FEATURES, began);
    return result;
}

/* After the first iterations of the paper's recipe: how long all of them take. */
static void tell_duration(cli_run *run, fleck_progress step, double began_s) {
    enum { TIMED = 2 };
    uint32_t iterations = step.total - fleck_count(run->det);
    if (run->args->options.method != FLECK_METHOD_PAPER || run->args->quiet || step.done != TIMED ||
        iterations <= TIMED)
        return;
    char duration[32];
    cli_duration((cli_seconds() - began_s) / TIMED * iterations, duration);
    cli_say(&run->progress, "this recipe takes about %s on this computer (%u iterations)", duration,
            iterations);
}

int cli_run_model(cli_run *run, const char *about, uint8_t **bytes, size_t *size) {
    fleck_status status = fleck_save(run->det, NULL, 0, size);
    if (status != FLECK_OK) return cli_run_refused(run, status, about);
    *bytes = FLECK_NEW(&run->scratch, uint8_t, *size);
    if (!*bytes) return cli_run_no_memory(run);
    status = fleck_save(run->det, *bytes, *size, size);
    return status == FLECK_OK ? CLI_DONE : cli_run_refused(run, status, about);
}

int cli_run_train(cli_run *run, cli_photos *photos) {
    static const char *const stages[] = {[FLECK_STAGE_MEMORY] = "remembering",
                                         [FLECK_STAGE_LEARN] = "learning",
                                         [FLECK_STAGE_CALIBRATE] = "calibrating"};
    if (!photos->count) {
        cli_say(&run->progress, "%s: no photo to learn from; %s can be read",
                cli_is_stdin(run->args->dir) ? "standard input" : run->args->dir,
                cli_decoder_kinds());
        return CLI_FAILED;
    }
    int result = run->shards ? cli_shards_arrange(run) : cli_samples_measure(run, photos);
    if (result == CLI_DONE && !run->shards) result = cli_tiles_choose(run, photos);
    if (result == CLI_DONE) result = cli_area_set(run, photos);
    if (result == CLI_DONE) cli_area_tell(run);
    if (result == CLI_DONE) result = leave_rest(run, photos);
    if (result == CLI_DONE) result = add_photos(run, photos);
    if (result == CLI_DONE && run->args->synthetic) result = add_synthetics(run, photos);
    if (result != CLI_DONE) return result;

    double began = cli_seconds();
    fleck_status status = fleck_train_begin(run->det);
    fleck_progress step = {.done = 0, .total = 1};
    for (bool first = true; status == FLECK_OK && step.done < step.total; first = false) {
        if (cli_interrupted()) return stopped(run, "learning");
        status = fleck_train_step(run->det, &step);
        if (status != FLECK_OK) break;
        if (first) {
            cli_progress_begin(&run->progress, step.total);
            run->progress.began_s = began;
        }
        tell_duration(run, step, began);
        cli_progress_tell(&run->progress, stages[step.stage], step.done);
    }
    if (status != FLECK_OK) {
        cli_run_refused(run, status, "");
        return CLI_FAILED;
    }
    cli_run_clock(run, CLI_TRAINING, began);
    return CLI_DONE;
}
