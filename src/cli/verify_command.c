/* The report is read whole and checked (stated_report.h), its photos are looked for by their
 * hashes, and where all are there the run is done again: learnt from those that were, or a model
 * loaded, marks made, all judged, by the settings stated. */
#include "verify_command.h"

#include "fleck.h"
#include "load.h"
#include "print.h"
#include "sample_bits.h"
#include "stated_report.h"
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD = 20 }; /* differences */

/* A photo of the folder. */
typedef struct {
    cli_photo photo;
    char sha256[CLI_SHA256_DIGITS + 1];
    cli_stated_photo *as; /* what is stated of it; NULL: nothing */
    bool was_skipped;     /* by the run of the report */
} found;

typedef struct {
    cli_run *run;
    cli_stated_report report;
    found *files; /* [file_count], in the order of their names */
    size_t file_count;
    size_t differences;
} verification;

/* ---- its photos ---- */

static int stopped(verification *v) {
    cli_say(&v->run->progress, "interrupted: not all was compared");
    return CLI_INTERRUPTED;
}

/* Names a difference, of the first of them. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
differs(verification *v, const char *format, ...) {
    if (v->differences++ >= TOLD) return;
    va_list list;
    va_start(list, format);
    cli_progress_clear(&v->run->progress);
    cli_put_list(stdout, format, list);
    putchar('\n');
    va_end(list);
}

static int files_by_hash(const void *a, const void *b) {
    return strcmp((*(found *const *)a)->sha256, (*(found *const *)b)->sha256);
}

static int photos_by_hash(const void *a, const void *b) {
    return strcmp((*(cli_stated_photo *const *)a)->sha256, (*(cli_stated_photo *const *)b)->sha256);
}

/* Gives each file what is stated of its hash; of copies each its own. */
static bool match(verification *v) {
    found **files = FLECK_NEW(&v->run->scratch, found *, v->file_count);
    cli_stated_photo **photos = FLECK_NEW(&v->run->scratch, cli_stated_photo *, v->report.count);
    if (!files || !photos) return false;
    for (size_t i = 0; i < v->file_count; i++) files[i] = &v->files[i];
    for (uint32_t i = 0; i < v->report.count; i++) photos[i] = &v->report.photos[i];
    qsort(files, v->file_count, sizeof *files, files_by_hash);
    qsort(photos, v->report.count, sizeof *photos, photos_by_hash);
    size_t file = 0;
    uint32_t photo = 0;
    while (file < v->file_count && photo < v->report.count) {
        int order = strcmp(files[file]->sha256, photos[photo]->sha256);
        if (!order) {
            files[file]->as = photos[photo];
            photos[photo]->is_there = true;
        }
        file += order <= 0;
        photo += order >= 0;
    }
    return true;
}

/* A file's name as those of the report are read. */
static const char *name_of(verification *v, const found *file) {
    const char *name = file->photo.name;
    return fleck_text_printable(&v->run->scratch, name, strlen(name));
}

/* Whether a file without a statement was skipped by the run of the report: then it is skipped
 * again, and takes part in the choice among the photos of a large folder as it did then. */
static bool was_skipped(const verification *v, const char *name) {
    for (uint32_t i = 0; i < v->report.skipped_count; i++)
        if (!strcmp(v->report.skipped[i], name)) return true;
    return false;
}

/* Whether a file of this name is there, with other bytes. */
static bool is_changed(verification *v, const cli_stated_photo *photo) {
    for (size_t i = 0; i < v->file_count; i++) {
        const char *name = v->files[i].as ? NULL : name_of(v, &v->files[i]);
        if (name && !strcmp(name, photo->name)) return true;
    }
    return false;
}

/* Looks for the report's photos in the folder. */
static int find_photos(verification *v) {
    cli_run *run = v->run;
    cli_photos listed = {0};
    fleck_message err;
    int result = cli_run_list(run, run->args->dir, &listed);
    if (result != CLI_DONE) return result;
    v->file_count = listed.count;
    v->files = FLECK_NEW_ZERO(&run->arena, found, listed.count);
    if (!v->files) return cli_run_no_memory(run);
    cli_progress_begin(&run->progress, listed.count);
    for (size_t i = 0; i < listed.count; i++) {
        v->files[i].photo = listed.items[i];
        /* one that cannot be read has no hash, and is missed where the report has it */
        cli_run_hash(run, listed.items[i].path, v->files[i].sha256, &err);
        if (cli_interrupted()) return stopped(v);
        cli_progress_tell(&run->progress, "comparing", i + 1);
    }
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    if (!match(v)) return cli_run_no_memory(run);
    size_t others = 0;
    for (uint32_t i = 0; i < v->report.count; i++)
        if (!v->report.photos[i].is_there)
            differs(v, "%s: %s", v->report.photos[i].name,
                    is_changed(v, &v->report.photos[i]) ? "is another file" : "is missing");
    for (size_t i = 0; i < v->file_count; i++) {
        if (v->files[i].as) continue;
        const char *name = name_of(v, &v->files[i]);
        v->files[i].was_skipped = name && was_skipped(v, name);
        others += !v->files[i].was_skipped;
    }
    fleck_arena_reset(&run->scratch, mark);
    if (others)
        cli_say(&run->progress, "%zu photo%s of %s %s not in the report: left out", others,
                others == 1 ? "" : "s", run->args->dir, others == 1 ? "is" : "are");
    return CLI_DONE;
}

/* ---- the run again ---- */

/* The next of the files that this photo is one of: photos come in their order. */
static found *file_of(verification *v, const cli_photo *photo, size_t *cursor) {
    while (v->files[*cursor].photo.path != photo->path) ++*cursor;
    return &v->files[(*cursor)++];
}

/* Compares what is found of a photo with what is stated. heat: of it, where verdicts need it. */
static int compare(verification *v, const found *file, float score, const float *heat) {
    cli_run *run = v->run;
    cli_stated_photo *as = file->as;
    fleck_verdict verdict = fleck_judge(run->det, score);
    char text[32];
    double rounded;
    if (!as) {
        differs(v, "%s: was not read when the report was made", file->photo.name);
        return CLI_DONE;
    }
    if (heat) {
        uint32_t width, height;
        fleck_regions regions;
        cli_run_photo_size(run, &file->photo, &width, &height);
        fleck_status status =
            fleck_find_regions(run->det, heat, width ? width : 1, height ? height : 1, &regions);
        if (status != FLECK_OK) return cli_run_refused(run, status, file->photo.name);
        verdict = fleck_judge_regions(run->det, score, regions.count);
    }
    as->is_compared = true;
    snprintf(text, sizeof text, "%.6f", (double)score); /* as reports have it */
    if (!fleck_read_decimal(text, &rounded) || rounded < as->score || rounded > as->score)
        differs(v, "%s: has the score %s, and the report says %.6f", as->name, text, as->score);
    else if (verdict != (fleck_verdict)as->verdict)
        differs(v, "%s: has the verdict %s, and the report says %s", as->name,
                fleck_verdict_name(verdict), fleck_verdict_name((fleck_verdict)as->verdict));
    return CLI_DONE;
}

/* Photos that were not learnt from. */
static int compare_others(verification *v, const cli_photos *photos, float *heat) {
    cli_run *run = v->run;
    size_t cursor = 0;
    for (size_t i = 0; i < photos->count; i++) {
        float score;
        found *file = file_of(v, &photos->items[i], &cursor);
        if (cli_interrupted()) return stopped(v);
        if (!cli_run_score(run, &photos->items[i], heat, &score)) continue;
        int result = compare(v, file, score, heat);
        if (result != CLI_DONE) return result;
    }
    return CLI_DONE;
}

static int compare_scores(verification *v, const cli_photos *learnt, const cli_photos *fresh) {
    cli_run *run = v->run;
    float *heat = fleck_smallest_area(run->det) > 0 ? run->heat : NULL;
    size_t cursor = 0;
    int result = CLI_DONE;
    for (size_t i = 0; result == CLI_DONE && i < learnt->count; i++) {
        float score;
        if (cli_interrupted()) return stopped(v);
        fleck_status status = fleck_score_added(run->det, (uint32_t)i, heat, &score);
        if (status != FLECK_OK) return cli_run_refused(run, status, learnt->items[i].name);
        result = compare(v, file_of(v, &learnt->items[i], &cursor), score, heat);
    }
    if (result == CLI_DONE) result = compare_others(v, &run->rest, heat);
    if (result == CLI_DONE) result = compare_others(v, fresh, heat);
    for (uint32_t i = 0; result == CLI_DONE && i < v->report.count; i++)
        if (!v->report.photos[i].is_compared)
            differs(v, "%s: has no score now", v->report.photos[i].name);
    return result;
}

/* Makes the marks of photos that the report states: of those learnt from by their indices. A model
 * that was loaded has marks of its own, some of which may have been taken back. */
static int make_marks(verification *v, const cli_photos *photos, bool is_learnt) {
    cli_run *run = v->run;
    size_t cursor = 0;
    for (size_t i = 0; i < photos->count; i++) {
        const cli_stated_photo *as = file_of(v, &photos->items[i], &cursor)->as;
        bool clears = v->report.is_scored && fleck_mark_count(run->det);
        if (cli_interrupted()) return stopped(v);
        if (!as || !(as->mark_count || clears)) continue;
        if (!is_learnt && !cli_run_extract(run, &photos->items[i])) continue; /* it is told */
        for (uint32_t k = 0; k < as->mark_count + clears; k++) {
            cli_stated_mark none = {.mark = FLECK_MARK_NONE};
            const cli_stated_mark *m = clears && !k ? &none : &as->marks[k - clears];
            const fleck_point *spot = m->is_spot ? &m->spot : NULL;
            fleck_status status =
                is_learnt ? fleck_mark_added(run->det, (uint32_t)i, spot, m->mark)
                          : fleck_mark_photo(run->det, run->patch, run->cls, spot, m->mark);
            if (status != FLECK_OK)
                differs(v, "%s: a mark of it cannot be made: %s", as->name, fleck_error(run->det));
        }
    }
    return CLI_DONE;
}

static int compare_review(verification *v) {
    fleck_review is, said = v->report.review;
    if (!v->report.has_review) return CLI_DONE;
    fleck_status status = fleck_review_marks(v->run->det, &is);
    if (status != FLECK_OK) return cli_run_refused(v->run, status, "");
    if (is.good != said.good || is.good_called != said.good_called || is.defects != said.defects ||
        is.defects_called != said.defects_called)
        differs(
            v,
            "the marks: by the others alone %u of %u defects would be called, and %u of %u good "
            "ones; the report says otherwise",
            is.defects_called, is.defects, is.good_called, is.good);
    return CLI_DONE;
}

static int compare_model(verification *v) {
    cli_run *run = v->run;
    char digits[CLI_SHA256_DIGITS + 1];
    uint8_t *bytes;
    size_t size;
    if (!v->report.model_sha256) return CLI_DONE;
    int result = cli_run_model(run, "the model", &bytes, &size);
    if (result == CLI_DONE && !cli_sha256(bytes, size, digits)) result = cli_run_no_memory(run);
    if (result == CLI_DONE && strcmp(digits, v->report.model_sha256) != 0)
        differs(v, "the model: has the SHA-256 %s, and the report says %s", digits,
                v->report.model_sha256);
    return result;
}

/* Whether what the report states beside the model's file is the model's. */
static void compare_settings(verification *v) {
    const cli_run *run = v->run;
    const fleck_options *is = &run->options, *said = &v->report.args.options;
    uint8_t map[CLI_AREA_MAP];
    bool has_area = fleck_area(run->det, map);
    if (is->method != said->method || is->preset != said->preset ||
        is->precision != said->precision || is->seed != said->seed ||
        run->shape.input != said->input ||
        run->shape.tile_columns != v->report.args.tiles.columns ||
        run->shape.tile_rows != v->report.args.tiles.rows || is->block_count != said->block_count ||
        memcmp(is->blocks, said->blocks, is->block_count * sizeof *is->blocks) != 0 ||
        has_area != (v->report.args.area_map != NULL) ||
        (has_area && memcmp(map, v->report.map, CLI_AREA_MAP) != 0))
        differs(v, "the settings: are not those of the model");
}

/* Loads the model that --model names, and only the one that the report states. */
static int load_stated_model(verification *v) {
    cli_run *run = v->run;
    if (!v->report.model_sha256) {
        cli_say(&run->progress, "%s: does not state the SHA-256 of its model", run->args->report);
        return CLI_FAILED;
    }
    int result = cli_run_load_model(run);
    if (result == CLI_DONE && strcmp(run->model_sha256, v->report.model_sha256) != 0) {
        cli_say(&run->progress,
                "%s: its photos were judged by another model than %.80s: by one with the SHA-256 "
                "%s",
                run->args->report, run->args->model, v->report.model_sha256);
        return CLI_FAILED;
    }
    return result;
}

/* Judges photos by the model loaded. */
static int score_again(verification *v, const cli_photos *learnt, const cli_photos *fresh) {
    int result = fleck_sample_bits(v->run->det) ? CLI_DONE : cli_samples_measure(v->run, fresh);
    if (result == CLI_DONE) result = make_marks(v, fresh, false);
    if (result == CLI_DONE) result = compare_review(v);
    return result == CLI_DONE ? compare_scores(v, learnt, fresh) : result;
}

/* The photo whose part the area follows, by its file. */
static bool find_followed(verification *v) {
    for (size_t i = 0; v->report.follows_sha256 && i < v->file_count; i++)
        if (!strncmp(v->files[i].sha256, v->report.follows_sha256, CLI_SHA256_DIGITS))
            v->report.args.area_follows = v->files[i].photo.name;
    if (!v->report.follows_sha256 || v->report.args.area_follows) return true;
    cli_say(&v->run->progress, "%s: its area follows the part on a photo that is none of its own",
            v->run->args->report);
    return false;
}

static int run_again(verification *v) {
    cli_run *run = v->run;
    cli_photos learnt = {0}, fresh = {0};
    for (size_t i = 0; i < v->file_count; i++) {
        const found *file = &v->files[i];
        if (!file->as && !file->was_skipped) continue;
        bool is_fresh = v->report.is_scored || (file->as && file->as->role == CLI_ROLE_FRESH);
        if (!cli_photos_add(&run->arena, is_fresh ? &fresh : &learnt, file->photo))
            return cli_run_no_memory(run);
    }
    int result = v->report.is_scored ? CLI_DONE : cli_run_load(run, &run->args->options);
    if (result != CLI_DONE) return result;
    if (v->report.backbone_sha256 && strcmp(v->report.backbone_sha256, run->backbone_sha256) != 0) {
        differs(v, "the backbone: has the SHA-256 %s, and the report says %s", run->backbone_sha256,
                v->report.backbone_sha256);
        return CLI_DONE;
    }
    if (v->report.is_scored) compare_settings(v);
    if (v->report.is_scored) return score_again(v, &learnt, &fresh);
    if (!find_followed(v)) return CLI_FAILED;
    result = cli_run_train(run, &learnt);
    if (result == CLI_DONE) result = make_marks(v, &learnt, true);
    if (result == CLI_DONE) result = make_marks(v, &run->rest, false);
    if (result == CLI_DONE) result = make_marks(v, &fresh, false);
    if (result == CLI_DONE) result = compare_model(v);
    if (result == CLI_DONE) result = compare_review(v);
    return result == CLI_DONE ? compare_scores(v, &learnt, &fresh) : result;
}

int cli_verify(cli_run *run) {
    const cli_args *given = run->args;
    verification v = {.run = run};
    if (!cli_stated_report_read(run, &v.report)) return CLI_FAILED;
    run->args = &v.report.args;
    int result = v.report.is_scored ? load_stated_model(&v) : CLI_DONE;
    if (result == CLI_DONE) result = find_photos(&v);
    bool is_whole = !v.differences;
    if (result == CLI_DONE && is_whole) result = run_again(&v);
    run->args = given;
    cli_progress_clear(&run->progress);
    if (v.differences > TOLD) printf("and %zu more\n", v.differences - TOLD);
    if (result != CLI_DONE) /* the report stated what cannot be: no fault of the command line */
        return result == CLI_USAGE ? CLI_FAILED : result;
    if (!given->quiet && !is_whole)
        cli_note(&run->progress,
                 "%zu of %u photos are not as in the report: no score was computed, "
                 "since each follows from all of them",
                 v.differences, v.report.count);
    else if (!given->quiet && v.differences)
        cli_note(&run->progress, "%u photos are there, and not all is the same", v.report.count);
    else if (!given->quiet)
        cli_note(&run->progress, "%u photos are there, and model, scores and verdicts are the same",
                 v.report.count);
    return v.differences ? CLI_FOUND : CLI_DONE;
}
