#include "run.h"

#include "backbones.h"
#include "file_kind.h"
#include "sample_bits.h"
#include "synthetic.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

int cli_run_no_memory(cli_run *run) {
    cli_say(&run->progress, "out of memory");
    return CLI_FAILED;
}

int cli_run_open(cli_run *run, const cli_args *args) {
    memset(run, 0, sizeof *run);
    run->args = args;
    cli_progress_open(&run->progress, args->quiet);
    cli_stop_catch();
    return fleck_create(&run->det) == FLECK_OK ? CLI_DONE : cli_run_no_memory(run);
}

void cli_run_close(cli_run *run) {
    cli_progress_clear(&run->progress);
    for (size_t i = 0; i < run->output_count; i++) cli_aside_drop(&run->outputs[i]);
    fleck_destroy(run->det);
    fleck_arena_free(&run->scratch);
    fleck_arena_free(&run->arena);
}

void cli_run_clock(cli_run *run, cli_stage stage, double began_s) {
    struct rusage usage;
    run->seconds[stage] += cli_seconds() - began_s;
    if (getrusage(RUSAGE_SELF, &usage)) return;
#if defined(__APPLE__)
    run->peak_bytes[stage] = (uint64_t)usage.ru_maxrss;
#else
    run->peak_bytes[stage] = (uint64_t)usage.ru_maxrss * 1024;
#endif
}

/* As much of a name as a summary has room for. */
static void shorten(char out[100], const char *text) {
    fleck_message whole;
    fleck_fail(&whole, FLECK_OK, "%s", text);
    size_t length = strlen(whole.text);
    if (length < 100)
        memcpy(out, whole.text, length + 1);
    else
        snprintf(out, 100, "%.48s...%s", whole.text, whole.text + length - 48);
}

void cli_run_skip(cli_run *run, const char *name, const char *reason) {
    enum { NAMED = 3 };
    run->skipped++;
    cli_say(&run->progress, "skipped %s: %s", name, reason);
    size_t used = strlen(run->skipped_first), room = sizeof run->skipped_first - used;
    char short_name[100], short_reason[100];
    shorten(short_name, name);
    shorten(short_reason, reason);
    if (run->skipped <= NAMED && strlen(short_name) + strlen(short_reason) + 10 < room)
        snprintf(run->skipped_first + used, room, "%s%s: %s", used ? "; " : "", short_name,
                 short_reason);
    else if (room > 6 && used && run->skipped_first[used - 1] != '.')
        snprintf(run->skipped_first + used, room, "; ...");
}

int cli_run_status(const cli_run *run) {
    return run->skipped || cli_listed_photos(&run->listed) ? CLI_SKIPPED : CLI_DONE;
}

/* A bad value of an option that only the library can know is wrong usage. */
int cli_run_refused(cli_run *run, fleck_status status, const char *about) {
    cli_say(&run->progress, "%s%s%s", about, *about ? ": " : "", fleck_error(run->det));
    return status == FLECK_ERR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
}

int cli_run_load(cli_run *run, const fleck_options *wanted) {
    double began = cli_seconds();
    fleck_options chosen = *wanted, *options = &chosen;
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
    status = fleck_configure(run->det, options);
    if (status == FLECK_OK) status = fleck_load_backbone(run->det, bytes, size);
    if (status == FLECK_OK) status = fleck_shape(run->det, &run->shape);
    if (status != FLECK_OK) return cli_run_refused(run, status, file.path);
    if (run->args->cache && !cli_cache_open(&run->cache, &run->scratch, run->args->cache, options,
                                            run->shape, bytes, size, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    fleck_arena_reset(&run->scratch, mark);

    run->patch = FLECK_NEW(&run->arena, fleck_half, run->shape.patches, run->shape.dim);
    run->cls = FLECK_NEW(&run->arena, fleck_half, run->shape.dim);
    run->heat = FLECK_NEW(&run->arena, float, FLECK_HEAT, FLECK_HEAT);
    if (!run->patch || !run->cls || !run->heat) return cli_run_no_memory(run);
    cli_run_clock(run, CLI_LOAD, began);
    return CLI_DONE;
}

static void skip_folder(void *context, const char *name, const char *reason) {
    cli_run_skip(context, name, reason);
}

int cli_run_list(cli_run *run, const char *dir, cli_photos *photos) {
    fleck_message err;
    if (cli_photos_list(&run->arena, dir, photos, &run->listed, skip_folder, run, &err))
        return CLI_DONE;
    cli_say(&run->progress, "%s", err.text);
    return cli_interrupted() ? CLI_INTERRUPTED : CLI_FAILED;
}

int cli_run_tell_left_out(cli_run *run) {
    static const char *const reasons[] = {[CLI_LEFT_PICTURE] =
                                              "left out: PNG, JPEG and BMP can be read",
                                          [CLI_LEFT_LINK] = "not followed: name the folder itself"};
    size_t count;
    for (cli_left_class class = CLI_LEFT_PICTURE; class < CLI_LEFT_OTHER; class ++) {
        const char *words = cli_listed_words(&run->scratch, &run->listed, class, &count);
        if (!words) return cli_run_no_memory(run);
        if (count)
            cli_say(&run->progress, "%s %s %s", words, count == 1 ? "was" : "were", reasons[class]);
    }
    const char *others = cli_listed_words(&run->scratch, &run->listed, CLI_LEFT_OTHER, &count);
    if (!others) return cli_run_no_memory(run);
    if (count && !run->args->quiet) cli_say(&run->progress, "left out, as no photos: %s", others);
    return CLI_DONE;
}

/* ---- files to write ---- */

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

int cli_run_output(cli_run *run, const char *path, size_t reserve, cli_aside **out) {
    fleck_message err;
    cli_aside *a = &run->outputs[run->output_count];
    if (!cli_run_may_replace(run, path)) return CLI_FAILED;
    if (!cli_aside_open(&run->arena, path, reserve, a, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    run->output_count++;
    char *folder = cli_join(&run->scratch, a->target, "", "");
    if (folder && a->part) {
        folder[cli_last_part(a->target) - a->target] = '\0';
        cli_aside_sweep(&run->scratch, folder);
    }
    for (cli_aside *other = run->outputs; other < a; other++) {
        if (!a->part || !other->part || strcmp(a->target, other->target)) continue;
        refuse_output(run, path, "is to receive two things");
        return CLI_FAILED;
    }
    *out = a;
    return CLI_DONE;
}

/* ---- photos ---- */

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
    if (!cli_read(&run->scratch, photo->path, CLI_PHOTO_BYTES_MAX, &bytes, &size, &err)) {
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

bool cli_run_decode(cli_run *run, const char *path, fleck_image *out, fleck_message *err) {
    uint8_t *bytes;
    size_t size;
    return cli_read(&run->scratch, path, CLI_PHOTO_BYTES_MAX, &bytes, &size, err) &&
           fleck_image_decode(&run->scratch, bytes, size, fleck_sample_bits(run->det), out, err) ==
               FLECK_OK;
}

static int stopped(cli_run *run, const char *while_doing) {
    cli_say(&run->progress, "interrupted while %s; nothing was learnt yet", while_doing);
    return CLI_INTERRUPTED;
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
        fleck_message err;
        uint8_t *bytes;
        size_t size;
        bool read = cli_read(&run->scratch, photos->items[i].path, CLI_PHOTO_BYTES_MAX, &bytes,
                             &size, &err);
        key[i] = read ? fleck_photo_key(bytes, size) : UINT64_MAX;
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
    keyed *order = FLECK_NEW(&run->scratch, keyed, n);
    if (key && !order) result = cli_run_no_memory(run);
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

int cli_run_train(cli_run *run, cli_photos *photos) {
    static const char *const stages[] = {[FLECK_STAGE_MEMORY] = "remembering",
                                         [FLECK_STAGE_LEARN] = "learning",
                                         [FLECK_STAGE_CALIBRATE] = "calibrating"};
    if (!photos->count) {
        cli_say(&run->progress, "%s: no photo to learn from (PNG, JPEG or BMP)", run->args->dir);
        return CLI_FAILED;
    }
    int result = cli_samples_measure(run, photos);
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
