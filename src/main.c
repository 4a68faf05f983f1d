/* The command line tool: arguments and files only. */
#include "cli_backbones.h"
#include "cli_convert.h"
#include "cli_eval.h"
#include "cli_kind.h"
#include "cli_run.h"

#include <errno.h>
#include <string.h>

static const char default_out[] = "out";

/* What a run found, and where it goes. */
typedef struct {
    cli_run *run;
    const char *csv;      /* file; NULL: standard output */
    const char *heatmaps; /* folder; NULL: none wanted, or one could not be written */
    cli_score *scores;    /* [count] */
    size_t count;
    bool failed; /* something could not be written */
} results;

/* Makes the folders before the work begins: a full disk or a missing
 * permission should not wait for its end. */
static int results_open(results *r, cli_run *run, const char *out) {
    *r = (results){.run = run};
    if (!out) return CLI_DONE;
    fleck_message err;
    r->csv = cli_join(&run->arena, out, "scores.csv", "");
    if (run->args->heatmaps) r->heatmaps = cli_join(&run->arena, out, "heatmaps", "");
    if (!r->csv || (run->args->heatmaps && !r->heatmaps)) return cli_run_no_memory(run);
    if (cli_make_folder(&run->arena, r->heatmaps ? r->heatmaps : out, &err) &&
        cli_can_write(&run->arena, r->csv, &err))
        return CLI_DONE;
    cli_say(&run->progress, "%s", err.text);
    return CLI_FAILED;
}

static bool write_heatmap(const results *r, const cli_photo *photo, fleck_message *err) {
    cli_run *run = r->run;
    fleck_arena *scratch = &run->scratch;
    uint8_t *bytes;
    size_t size;
    fleck_image image;
    char *name = cli_heatmap_name(scratch, photo->name);
    char *path = name ? cli_join(scratch, r->heatmaps, name, "") : NULL;
    if (!path) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", photo->name);
        return false;
    }
    if (!cli_read(scratch, photo->path, CLI_PHOTO_BYTES_MAX, &bytes, &size, err) ||
        fleck_image_decode(scratch, bytes, size, &image, err) != FLECK_OK) {
        char reason[sizeof err->text];
        memcpy(reason, err->text, sizeof reason);
        fleck_fail(err, FLECK_ERR_FORMAT, "%s: %s", photo->name, reason);
        return false;
    }
    return cli_overlay_write(scratch, &image, run->shape.view, run->heat, path, err);
}

/* Takes the score and the heatmap (in run->heat) of a photo. One heatmap that
 * cannot be written ends the heatmaps, not the scores. */
static void results_add(results *r, const cli_photo *photo, float score) {
    r->scores[r->count++] = (cli_score){photo->name, score};
    if (!r->heatmaps) return;
    fleck_message err;
    fleck_arena_mark mark = fleck_arena_here(&r->run->scratch);
    if (!write_heatmap(r, photo, &err)) {
        cli_say(&r->run->progress, "no more heatmaps: %s", err.text);
        r->heatmaps = NULL;
        r->failed = true;
    }
    fleck_arena_reset(&r->run->scratch, mark);
}

static void summarise(const results *r) {
    cli_run *run = r->run;
    size_t defects = 0, looks = 0;
    for (size_t i = 0; i < r->count; i++) {
        fleck_verdict verdict = fleck_judge(r->scores[i].score);
        defects += verdict == FLECK_VERDICT_DEFECT;
        looks += verdict == FLECK_VERDICT_LOOK;
    }
    cli_progress_clear(&run->progress);
    fprintf(stderr, "%zu photo%s, %zu look%s like %s", r->count, r->count == 1 ? "" : "s", defects,
            defects == 1 ? "s" : "", defects == 1 ? "a defect" : "defects");
    if (looks) fprintf(stderr, ", %zu deserve%s a look", looks, looks == 1 ? "s" : "");
    if (run->skipped) fprintf(stderr, ", %zu skipped: %s", run->skipped, run->skipped_first);
    fputc('\n', stderr);
    fleck_folder folder;
    if (run->args->command == CLI_INSPECT && fleck_judge_folder(run->det, &folder) == FLECK_OK) {
        if (folder.clean)
            fputs("the folder looks clean\n", stderr);
        else if (!folder.defects)
            fputs("more photos than usual stand out, none far enough to be called a defect\n",
                  stderr);
        else
            fprintf(stderr, "the folder looks as if about %u of %s %u photos were defective\n",
                    folder.defects, run->rest.count ? "the learnt" : "its", folder.photos);
        if (folder.second_product)
            fprintf(stderr,
                    "it seems to show two products, %u photos one and %u the other: give each a "
                    "folder of its own\n",
                    folder.photos - folder.second_product, folder.second_product);
    }
    if (r->csv)
        fprintf(stderr, "scores in %s%s%s\n", r->csv, r->heatmaps ? ", heatmaps in " : "",
                r->heatmaps ? r->heatmaps : "");
}

/* Writes the CSV of what is scored so far: the exit status of the command. */
static int results_close(results *r) {
    cli_run *run = r->run;
    cli_scores_sort(r->scores, r->count);
    FILE *out = r->csv ? fopen(r->csv, "wb") : stdout;
    bool ok = out != NULL;
    if (out) {
        cli_csv_write(out, r->scores, r->count);
        ok = !fflush(out) && !ferror(out);
        if (r->csv) ok = !fclose(out) && ok;
    }
    if (!ok) {
        cli_say(&run->progress, "%s: %s", r->csv ? r->csv : "standard output", strerror(errno));
        return CLI_FAILED;
    }
    if (!run->args->quiet) summarise(r);
    if (cli_interrupted()) {
        cli_say(&run->progress, "interrupted: these are the photos scored until then");
        return CLI_INTERRUPTED;
    }
    if (r->failed) return CLI_FAILED;
    if (!r->count) {
        cli_say(&run->progress, "no photo could be used");
        return CLI_FAILED;
    }
    return run->skipped ? CLI_SKIPPED : CLI_DONE;
}

static int save_model(cli_run *run) {
    size_t size;
    fleck_status status = fleck_save(run->det, NULL, 0, &size);
    if (status != FLECK_OK) return cli_run_refused(run, status, run->args->save);
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    uint8_t *bytes = FLECK_NEW(&run->scratch, uint8_t, size);
    if (!bytes) return cli_run_no_memory(run);
    status = fleck_save(run->det, bytes, size, &size);
    if (status != FLECK_OK) return cli_run_refused(run, status, run->args->save);
    fleck_message err;
    bool ok = cli_write(&run->scratch, run->args->save, bytes, size, &err);
    if (!ok) cli_say(&run->progress, "%s", err.text);
    fleck_arena_reset(&run->scratch, mark);
    return ok ? CLI_DONE : CLI_FAILED;
}

/* The part that inspect and train share: from the folder to a trained detector. */
static int learn(cli_run *run, const char *except, cli_photos *photos) {
    const cli_args *args = run->args;
    fleck_message err;
    if (args->save && !cli_can_write(&run->arena, args->save, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    int result = cli_run_list(run, args->dir, except, photos);
    if (result == CLI_DONE) result = cli_run_load(run, &args->options);
    if (result == CLI_DONE) result = cli_run_train(run, photos);
    if (result == CLI_DONE && args->save) result = save_model(run);
    return result;
}

/* Scores photos that were not learnt from, of total in all. */
static int score_others(results *r, const cli_photos *photos, size_t total) {
    cli_run *run = r->run;
    for (size_t i = 0; i < photos->count && !cli_interrupted(); i++) {
        float score;
        if (cli_run_score(run, &photos->items[i], r->heatmaps ? run->heat : NULL, &score))
            results_add(r, &photos->items[i], score);
        cli_progress_tell(&run->progress, "scoring", total - photos->count + i + 1);
    }
    return results_close(r);
}

static int inspect(cli_run *run) {
    results r;
    cli_photos photos = {0};
    int result = results_open(&r, run, run->args->out ? run->args->out : default_out);
    if (result == CLI_DONE) result = learn(run, r.heatmaps, &photos);
    if (result != CLI_DONE) return result;
    size_t total = photos.count + run->rest.count;
    r.scores = FLECK_NEW(&run->arena, cli_score, total);
    if (!r.scores) return cli_run_no_memory(run);
    cli_progress_begin(&run->progress, total);
    for (size_t i = 0; i < photos.count && !cli_interrupted(); i++) {
        float score;
        fleck_status status =
            fleck_score_added(run->det, (uint32_t)i, r.heatmaps ? run->heat : NULL, &score);
        if (status != FLECK_OK) return cli_run_refused(run, status, photos.items[i].name);
        results_add(&r, &photos.items[i], score);
        cli_progress_tell(&run->progress, "scoring", i + 1);
    }
    return score_others(&r, &run->rest, total);
}

static int train(cli_run *run) {
    cli_photos photos = {0};
    int result = learn(run, NULL, &photos);
    if (result != CLI_DONE) return result;
    cli_progress_clear(&run->progress);
    if (!run->args->quiet) {
        fprintf(stderr, "learnt from %zu photos", photos.count);
        if (run->skipped) fprintf(stderr, ", %zu skipped: %s", run->skipped, run->skipped_first);
        fprintf(stderr, "\nmodel in %s\n", run->args->save);
    }
    return run->skipped ? CLI_SKIPPED : CLI_DONE;
}

/* The photos named on the command line, and those in the folders named there. */
static int list_paths(cli_run *run, const char *except, cli_photos *photos) {
    const cli_args *args = run->args;
    for (int i = 0; i < args->path_count; i++) {
        const char *path = args->paths[i];
        if (!cli_is_folder(path)) {
            if (!cli_photos_add(&run->arena, photos, (cli_photo){path, path}))
                return cli_run_no_memory(run);
            continue;
        }
        size_t first = photos->count;
        int result = cli_run_list(run, path, except, photos);
        if (result != CLI_DONE) return result;
        for (size_t k = first; args->path_count > 1 && k < photos->count; k++)
            photos->items[k].name = photos->items[k].path;
    }
    return CLI_DONE;
}

/* Detector and backbone as the model file wants them, then the model itself. */
static int load_model(cli_run *run) {
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
        if (status != FLECK_OK) {
            cli_run_refused(run, status, path);
            result = CLI_FAILED;
        }
    }
    fleck_arena_free(&arena);
    return result;
}

static int score(cli_run *run) {
    results r;
    cli_photos photos = {0};
    int result = results_open(&r, run, run->args->out);
    if (result == CLI_DONE) result = list_paths(run, r.heatmaps, &photos);
    if (result == CLI_DONE) result = load_model(run);
    if (result != CLI_DONE) return result;
    r.scores = FLECK_NEW(&run->arena, cli_score, photos.count);
    if (!r.scores) return cli_run_no_memory(run);
    cli_progress_begin(&run->progress, photos.count);
    return score_others(&r, &photos, photos.count);
}

int main(int argc, char **argv) {
    static int (*const commands[CLI_COMMAND_COUNT])(cli_run *) = {
        [CLI_INSPECT] = inspect,
        [CLI_TRAIN] = train,
        [CLI_SCORE] = score,
        [CLI_EVAL] = cli_eval,
        [CLI_BACKBONES] = cli_backbones,
        [CLI_CONVERT] = cli_convert,
    };
    cli_args args;
    int status;
    if (!cli_args_parse(argc, argv, &args, &status)) return status;
    cli_run run;
    status = cli_run_open(&run, &args);
    fleck_message err;
    if (status == CLI_DONE && !cli_kinds_fit(&args, &err)) {
        cli_say(&run.progress, "%s", err.text);
        status = CLI_FAILED;
    }
    if (status == CLI_DONE) status = commands[args.command](&run);
    cli_run_close(&run);
    return status;
}
