/* The command line tool: arguments and files only. */
#include "area_file.h"
#include "backbones.h"
#include "check_paths.h"
#include "convert_command.h"
#include "eval_command.h"
#include "extract_command.h"
#include "file_kind.h"
#include "heatmap_files.h"
#include "info_command.h"
#include "load.h"
#include "marks_file.h"
#include "name_list.h"
#include "print.h"
#include "propose_command.h"
#include "region_evidence.h"
#include "reports.h"
#include "sample_bits.h"
#include "shards.h"
#include "verify_command.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char default_out[] = "out";

/* A photo whose report waits until all regions are known and grouped. */
typedef struct {
    cli_finding found;
    uint32_t first; /* of its regions among all */
} held;

/* What a run found, and where it goes. */
typedef struct {
    cli_run *run;
    cli_atomic_file *table; /* NULL: standard output */
    cli_atomic_file *model; /* NULL: none is kept, or it goes to standard output */
    size_t model_bytes;
    const char *partial; /* where the table of an interrupted run goes */
    cli_pictures heatmaps;
    bool draws;
    cli_reports reports;
    bool has_reports;
    bool is_grouped; /* regions are put into groups, which are known at the end */
    fleck_groups groups;
    held *held; /* [held_count] */
    size_t held_count;
    uint32_t regions;         /* to be grouped, so far */
    const cli_photos *learnt; /* by their indices; NULL: the model's are gone */
    cli_score *scores;        /* [count] */
    size_t count;
    bool failed; /* something could not be written */
} results;

/* The table and the heatmaps, in the folder out. */
static int open_folder(results *r, cli_run *run, const char *out, const cli_photos *photos) {
    fleck_message err;
    const char *table = cli_join(&run->arena, out, "scores.csv", "");
    r->partial = cli_join(&run->arena, out, "scores.partial.csv", "");
    if (!table || !r->partial) return cli_run_no_memory(run);
    if (!cli_run_may_replace(run, r->partial)) return CLI_FAILED;
    if (!cli_make_folder(&run->arena, out, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    int result = cli_run_output(run, table, cli_csv_room(photos), &r->table);
    if (result != CLI_DONE) return result;
    r->draws = run->args->heatmaps && !run->shards;
    if (r->draws != run->args->heatmaps && !run->args->quiet)
        cli_say(&run->progress, "no heatmaps: files of features hold no photos to draw on");
    if (cli_pictures_open(&run->arena, out, "heatmap", r->draws, &r->heatmaps, &err))
        return CLI_DONE;
    cli_say(&run->progress, "%s", err.text);
    return CLI_FAILED;
}

/* Whether what was learnt goes to standard output. */
static bool prints_model(const cli_args *args) { return args->save && cli_is_stdout(args->save); }

/* Opens all that will be written, before the work begins: a full disk or a missing permission
 * should not wait for its end. The folder comes first: the other files may be in it. */
static int results_open(results *r, cli_run *run, const char *out, const cli_photos *photos) {
    int result = out ? open_folder(r, run, out, photos) : CLI_DONE;
    r->has_reports = cli_reports_wanted(run->args);
    if (result == CLI_DONE) result = cli_reports_open(&r->reports, run, out);
    if (result == CLI_DONE && run->args->save && !prints_model(run->args))
        result = cli_run_output(run, run->args->save, 0, &r->model);
    return result;
}

/* Where heat goes to, or NULL where nobody looks at it. */
static float *heat_of(const results *r) {
    bool looked_at =
        r->draws || r->has_reports || r->is_grouped || fleck_smallest_area(r->run->det) > 0;
    return looked_at ? r->run->heat : NULL;
}

static bool draw(results *r, const cli_photo *photo, fleck_message *err) {
    cli_run *run = r->run;
    fleck_image image;
    if (cli_run_decode(run, photo->path, &image, err))
        return cli_heatmap_draw(&r->heatmaps, &run->scratch, photo->name, &image,
                                run->shape.frame_share, run->heat, err);
    fleck_message reason = *err;
    fleck_fail(err, FLECK_ERR_FORMAT, "%s: %s", photo->name, reason.text);
    return false;
}

/* Keeps a photo until its regions are grouped; those that fleck_find_regions gave are gone by then.
 */
static int hold(results *r, const cli_finding *found) {
    fleck_arena *arena = &r->run->arena;
    const fleck_regions *from = &found->regions;
    fleck_region *region = FLECK_NEW(arena, fleck_region, from->count);
    fleck_contour *contour = FLECK_NEW(arena, fleck_contour, from->contour_count);
    fleck_point *point = FLECK_NEW(arena, fleck_point, from->point_count);
    cli_evidence *evidence = FLECK_NEW(arena, cli_evidence, found->evidence ? from->count : 0);
    if (!region || !contour || !point || !evidence) return cli_run_no_memory(r->run);
    for (uint32_t i = 0; i < from->count; i++) region[i] = from->region[i];
    for (uint32_t i = 0; i < from->contour_count; i++) contour[i] = from->contour[i];
    for (uint32_t i = 0; i < from->point_count; i++) point[i] = from->point[i];
    for (uint32_t i = 0; found->evidence && i < from->count; i++) evidence[i] = found->evidence[i];
    held *h = &r->held[r->held_count++];
    *h = (held){*found, r->regions};
    h->found.regions.region = region;
    h->found.regions.contour = contour;
    h->found.regions.point = point;
    if (found->evidence) h->found.evidence = evidence;
    return CLI_DONE;
}

/* Adds a photo's regions to those that are grouped: of one of the folder, by its index, or, for
 * CLI_NOT_LEARNT, of the one whose features are in run->patch. */
static fleck_status add_to_groups(results *r, uint32_t index, uint32_t width, uint32_t height) {
    cli_run *run = r->run;
    if (index != CLI_NOT_LEARNT)
        return fleck_groups_add_added(run->det, index, run->heat, width, height);
    return fleck_groups_add(run->det, run->patch, run->heat, width, height);
}

/* Where the area of interest lies on the photo, in its pixels; index as above. */
static int find_shift(results *r, uint32_t index, cli_finding *found) {
    cli_run *run = r->run;
    const fleck_feature_shape *shape = &run->shape;
    fleck_shift shift;
    fleck_status status = index == CLI_NOT_LEARNT ? fleck_area_shift(run->det, run->patch, &shift)
                                                  : fleck_area_shift_added(run->det, index, &shift);
    if (status != FLECK_OK) return cli_run_refused(run, status, found->name);
    float across = (float)found->width * shape->frame_share / (float)shape->columns;
    float down = (float)found->height * shape->frame_share / (float)shape->rows;
    found->follows = true;
    found->shift = (fleck_point){(float)shift.columns * across, (float)shift.rows * down};
    return CLI_DONE;
}

/* The verdict of a photo by its regions, and the reports of them; index as above. A photo whose
 * size is not known has regions, too, but nobody can tell where. */
static int look_closer(results *r, const cli_photo *photo, uint32_t index, cli_finding *found) {
    cli_run *run = r->run;
    int result = CLI_DONE;
    cli_run_photo_size(run, photo, &found->width, &found->height);
    bool placed = found->width;
    if (fleck_area_follows(run->det)) result = find_shift(r, index, found);
    if (result != CLI_DONE) return result;
    uint32_t width = placed ? found->width : 1, height = placed ? found->height : 1;
    fleck_status status = fleck_find_regions(run->det, run->heat, width, height, &found->regions);
    if (status == FLECK_OK && r->is_grouped) status = add_to_groups(r, index, width, height);
    if (status != FLECK_OK) return cli_run_refused(run, status, photo->name);
    found->verdict = fleck_judge_regions(run->det, found->score, found->regions.count);
    if (r->has_reports && placed && run->args->evidence)
        result = cli_evidence_find(run, r->learnt, index, found);
    if (r->has_reports && placed && result == CLI_DONE)
        result = r->is_grouped ? hold(r, found) : cli_reports_add(&r->reports, found);
    r->regions += found->regions.count;
    if (!r->has_reports || placed) return result;
    if (!cli_interrupted())
        cli_say(&run->progress, "%s: its size cannot be told any more: its regions are not written",
                photo->name);
    r->failed = true;
    return CLI_DONE;
}

/* Takes the score and the heatmap (in run->heat) of a photo; index as above. A heatmap that cannot
 * be drawn ends neither the scores nor the other heatmaps. */
static int results_add(results *r, const cli_photo *photo, uint32_t index, float score) {
    enum { TOLD = 3 };
    cli_run *run = r->run;
    fleck_message err;
    cli_finding found = {.name = photo->name,
                         .path = photo->path,
                         .is_learnt = index != CLI_NOT_LEARNT,
                         .score = score,
                         .verdict = fleck_judge(run->det, score)};
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    if (r->draws && !draw(r, photo, &err) && !cli_interrupted() && r->heatmaps.failed++ < TOLD)
        cli_say(&run->progress, "no heatmap of %s", err.text);
    fleck_arena_reset(&run->scratch, mark);
    int result = cli_marks_find(run, index, &found);
    if (result == CLI_DONE && heat_of(r)) result = look_closer(r, photo, index, &found);
    fleck_arena_reset(&run->scratch, mark);
    r->scores[r->count++] = (cli_score){photo->name, score, found.verdict, cli_marks_word(&found)};
    return result;
}

static const char *plural(size_t count) { return count == 1 ? "" : "s"; }

static void tell_folder(cli_run *run, const fleck_folder_verdict *folder) {
    const char *its = run->rest.count ? "the learnt" : "its";
    if (folder->clean)
        cli_note(&run->progress, "the folder looks clean: no photo stands out from the rest");
    if (folder->defects)
        cli_note(&run->progress, "%u of %s %u photos look%s defective", folder->defects, its,
                 folder->photos, folder->defects == 1 ? "s" : "");
    if (folder->estimated > folder->defects)
        cli_note(&run->progress, "about %u seem to have a defect (%u to %u): see those to look at",
                 folder->estimated, folder->estimated_least, folder->estimated_most);
    if (folder->second_product)
        cli_note(&run->progress,
                 "it seems to show two products, %u photos one and %u the other: give each a "
                 "folder of its own",
                 folder->photos - folder->second_product, folder->second_product);
}

/* ", 2 skipped: a.jpg: ...; 14 files left out" */
static void left_out(const cli_run *run, char *out, size_t size) {
    size_t lost = cli_listed_photos(&run->listed);
    char files[64] = "", skipped[64] = "";
    if (run->skipped) snprintf(skipped, sizeof skipped, ", %zu skipped: ", run->skipped);
    if (lost)
        snprintf(files, sizeof files, "%s %zu file%s left out", run->skipped ? ";" : ",", lost,
                 plural(lost));
    snprintf(out, size, "%s%s%s", skipped, run->skipped_first, files);
}

/* "3 groups: 9, 3, 1 regions" */
static void tell_groups(const results *r) {
    enum { TOLD = 8 };
    const fleck_groups *g = &r->groups;
    char sizes[128] = "";
    for (uint32_t i = 0; i < g->count && i < TOLD; i++)
        snprintf(sizes + strlen(sizes), sizeof sizes - strlen(sizes), "%s%u", i ? ", " : "",
                 g->size[i]);
    if (g->regions > 1)
        cli_note(&r->run->progress, "%u group%s: %s%s regions", g->count, plural(g->count), sizes,
                 g->count > TOLD ? ", ..." : "");
}

static void summarise(const results *r, const fleck_folder_verdict *folder) {
    cli_run *run = r->run;
    size_t defects = 0, looks = 0;
    for (size_t i = 0; i < r->count; i++) {
        fleck_verdict verdict = r->scores[i].verdict;
        defects += verdict == FLECK_VERDICT_DEFECT;
        looks += verdict == FLECK_VERDICT_LOOK;
    }
    char odd[64] = "", left[600];
    if (looks) snprintf(odd, sizeof odd, ", %zu deserve%s a look", looks, looks == 1 ? "s" : "");
    left_out(run, left, sizeof left);
    cli_note(&run->progress, "%zu photo%s, %zu look%s like %s%s%s", r->count, plural(r->count),
             defects, defects == 1 ? "s" : "", defects == 1 ? "a defect" : "defects", odd, left);
    if (folder) tell_folder(run, folder);
    tell_groups(r);
    if (r->learnt) cli_marks_tell(run, r->learnt);
    if (r->table)
        cli_note(&run->progress, "scores in %s%s%s%s%s", r->table->path,
                 r->heatmaps.count ? ", heatmaps in " : "",
                 r->heatmaps.count ? r->heatmaps.folder : "",
                 r->reports.masks.count ? ", masks in " : "",
                 r->reports.masks.count ? r->reports.masks.folder : "");
}

/* The table of a run that was interrupted: whatever an earlier one wrote stays whole. */
static int keep_partial(results *r) {
    static const char why[] = "interrupted: ";
    cli_run *run = r->run;
    fleck_message err;
    if (!r->table) {
        cli_say(&run->progress, "%sthese are the photos scored until then", why);
        return CLI_INTERRUPTED;
    }
    if (!r->count) {
        cli_say(&run->progress, "%snothing was scored yet", why);
        return CLI_INTERRUPTED;
    }
    if (cli_atomic_place_as(r->table, r->partial, &err))
        cli_say(&run->progress, "%sthe %zu photo%s scored until then %s in %s", why, r->count,
                plural(r->count), r->count == 1 ? "is" : "are", r->partial);
    else
        cli_say(&run->progress, "%s", err.text);
    return CLI_INTERRUPTED;
}

/* First the whole table is on the disk; then the heatmaps of an earlier run go, the table takes
 * its place, and the new heatmaps theirs. */
static int publish(results *r) {
    cli_run *run = r->run;
    fleck_message err;
    bool ok = cli_atomic_seal(r->table, &err);
    if (ok) cli_pictures_clear(&r->heatmaps, &run->scratch);
    if (ok) ok = cli_atomic_place(r->table, &err);
    if (!ok) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    if (cli_kind_of(r->partial, NULL) == CLI_KIND_OWN) unlink(r->partial);
    if (r->draws) cli_pictures_place(&r->heatmaps, &run->scratch, &run->progress);
    if (r->heatmaps.failed) {
        cli_say(&run->progress, "%zu heatmap%s could not be written", r->heatmaps.failed,
                plural(r->heatmaps.failed));
        r->failed = true;
    }
    return CLI_DONE;
}

/* What the folder says, where somebody listens; NULL otherwise. */
static const fleck_folder_verdict *judge_folder(results *r, fleck_folder_verdict *verdict) {
    cli_run *run = r->run;
    if (run->args->command == CLI_SCORE ||
        (run->args->quiet && !r->reports.json && !r->reports.page))
        return NULL;
    fleck_status status = fleck_judge_folder(run->det, verdict);
    if (status == FLECK_OK) return verdict;
    cli_run_refused(run, status, "");
    r->failed = true;
    return NULL;
}

/* Groups the regions, and reports the photos that were held. */
static int report_groups(results *r) {
    cli_run *run = r->run;
    fleck_status status = fleck_groups_find(run->det, &r->groups);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");
    if (!r->has_reports) return CLI_DONE;
    int result = cli_reports_begin(&r->reports, r->held_count, &r->groups);
    for (size_t i = 0; result == CLI_DONE && i < r->held_count; i++) {
        r->held[i].found.group = r->groups.group + r->held[i].first;
        result = cli_reports_add(&r->reports, &r->held[i].found);
    }
    return result;
}

/* Writes what is scored so far: the exit status of the command. */
static int results_close(results *r) {
    cli_run *run = r->run;
    bool interrupted = cli_interrupted();
    FILE *out = r->table ? r->table->file : stdout;
    cli_scores_sort(r->scores, r->count);
    cli_csv_write(out, r->scores, r->count, run->shape.frame_share, cli_area_of(run),
                  !run->args->no_header, !r->table && isatty(STDOUT_FILENO));
    if (!r->table && !cli_printed()) return CLI_FAILED;
    if (interrupted) return keep_partial(r);
    fleck_folder_verdict verdict;
    const fleck_folder_verdict *folder = judge_folder(r, &verdict);
    if (r->is_grouped && report_groups(r) != CLI_DONE) return CLI_FAILED;
    int sealed = cli_reports_seal(&r->reports, folder, &r->groups, NULL);
    if (sealed != CLI_DONE) return sealed;
    if (r->table && publish(r) != CLI_DONE) return CLI_FAILED;
    if (!cli_reports_place(&r->reports)) r->failed = true;
    cli_samples_tell(run);
    if (!run->args->quiet) summarise(r, folder);
    if (r->failed) return CLI_FAILED;
    if (!r->count) {
        cli_say(&run->progress, "no photo could be used");
        return CLI_FAILED;
    }
    for (size_t i = 0; run->args->fail_on && i < r->count; i++)
        if (r->scores[i].verdict >= run->args->fail_on) return CLI_FOUND;
    return cli_run_status(run);
}

/* To where --save says; its size and hash are for reports. */
static int save_model(results *r) {
    cli_run *run = r->run;
    uint8_t *bytes;
    fleck_message err;
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    int result = cli_run_model(run, run->args->save, &bytes, &r->model_bytes);
    if (result == CLI_DONE && r->has_reports &&
        !cli_sha256(bytes, r->model_bytes, run->model_sha256))
        result = cli_run_no_memory(run);
    if (result == CLI_DONE) {
        fwrite(bytes, 1, r->model_bytes, r->model ? r->model->file : stdout);
        if (r->model && !cli_atomic_place(r->model, &err)) {
            cli_say(&run->progress, "%s", err.text);
            result = CLI_FAILED;
        }
        if (!r->model && !cli_printed()) result = CLI_FAILED;
    }
    fleck_arena_reset(&run->scratch, mark);
    return result;
}

/* The part that inspect and train share: from the folder to a trained detector. */
static int learn(results *r, const char *out, cli_photos *photos) {
    cli_run *run = r->run;
    int result = run->args->features ? cli_shards_list(run, photos)
                                     : cli_run_list(run, run->args->dir, photos);
    if (result == CLI_DONE) result = results_open(r, run, out, photos);
    if (result == CLI_DONE) result = cli_run_load(run, &run->args->options);
    if (result == CLI_DONE) result = cli_run_tell_left_out(run);
    if (result == CLI_DONE) result = cli_run_train(run, photos);
    if (result == CLI_DONE) result = cli_marks_set(run, photos, &run->rest);
    if (result == CLI_DONE) result = cli_marks_list(run);
    if (result == CLI_DONE && run->args->save) r->failed = save_model(r) != CLI_DONE;
    return result;
}

/* Scores photos that were not learnt from, of total in all. */
static int score_others(results *r, const cli_photos *photos, size_t total) {
    cli_run *run = r->run;
    for (size_t i = 0; i < photos->count && !cli_interrupted(); i++) {
        float score;
        int result = CLI_DONE;
        if (cli_run_score(run, &photos->items[i], heat_of(r), &score))
            result = results_add(r, &photos->items[i], CLI_NOT_LEARNT, score);
        if (result != CLI_DONE) return result;
        cli_progress_tell(&run->progress, "scoring", total - photos->count + i + 1);
    }
    return results_close(r);
}

static int inspect(cli_run *run, results *r) {
    cli_photos photos = {0};
    int result = learn(r, run->args->out ? run->args->out : default_out, &photos);
    if (result != CLI_DONE) return result;
    size_t total = photos.count + run->rest.count;
    r->learnt = &photos;
    r->scores = FLECK_NEW(&run->arena, cli_score, total);
    r->held = FLECK_NEW(&run->arena, held, total);
    if (!r->scores || !r->held) return cli_run_no_memory(run);
    r->is_grouped = r->has_reports || !run->args->quiet;
    fleck_status begun = r->is_grouped ? fleck_groups_begin(run->det) : FLECK_OK;
    if (begun != FLECK_OK) return cli_run_refused(run, begun, "");
    cli_progress_begin(&run->progress, total);
    for (size_t i = 0; result == CLI_DONE && i < photos.count && !cli_interrupted(); i++) {
        float score;
        fleck_status status = fleck_score_added(run->det, (uint32_t)i, heat_of(r), &score);
        if (status != FLECK_OK) return cli_run_refused(run, status, photos.items[i].name);
        result = results_add(r, &photos.items[i], (uint32_t)i, score);
        cli_progress_tell(&run->progress, "scoring", i + 1);
    }
    if (result != CLI_DONE) return result;
    return score_others(r, &run->rest, total);
}

/* The JSON of what was learnt. */
static int report_learnt(results *r, const cli_photos *photos) {
    cli_run *run = r->run;
    fleck_folder_verdict folder;
    cli_learnt learnt = {.photos = photos->count,
                         .left = run->rest.count,
                         .left_out = cli_listed_photos(&run->listed),
                         .sample_bits = fleck_sample_bits(run->det),
                         .model_bytes = r->model_bytes,
                         .model_sha256 = run->model_sha256};
    if (!r->has_reports) return CLI_DONE;
    if (!judge_folder(r, &folder)) return CLI_FAILED;
    int result = cli_reports_begin(&r->reports, 0, NULL);
    if (result == CLI_DONE) result = cli_reports_seal(&r->reports, &folder, NULL, &learnt);
    return result == CLI_DONE && !cli_reports_place(&r->reports) ? CLI_FAILED : result;
}

static int train(cli_run *run, results *r) {
    cli_photos photos = {0};
    int result = learn(r, NULL, &photos);
    if (result != CLI_DONE) return result;
    if (r->failed) return CLI_FAILED;
    result = report_learnt(r, &photos);
    if (result != CLI_DONE) return result;
    if (!run->args->quiet) {
        char left[600];
        left_out(run, left, sizeof left);
        cli_note(&run->progress, "learnt from %zu photos%s", photos.count, left);
        cli_note(&run->progress, "model %s %s", r->model ? "in" : "on",
                 r->model ? run->args->save : "standard output");
    }
    return cli_run_status(run);
}

/* The photos named on the command line, and those in the folders named there. */
static int list_paths(cli_run *run, cli_photos *photos) {
    const cli_args *args = run->args;
    for (int i = 0; i < args->path_count; i++) {
        const char *path = args->paths[i];
        bool alone = args->path_count == 1 && cli_is_folder(path);
        int result = alone || cli_is_stdin(path) ? cli_run_list(run, path, photos)
                                                 : cli_run_list_path(run, path, photos);
        if (result != CLI_DONE) return result;
    }
    return CLI_DONE;
}

static int score(cli_run *run, results *r) {
    cli_photos photos = {0};
    int result = run->args->features ? cli_shards_list(run, &photos) : list_paths(run, &photos);
    if (result == CLI_DONE) result = results_open(r, run, run->args->out, &photos);
    if (result == CLI_DONE) result = cli_run_load_model(run);
    if (result == CLI_DONE && run->shards) result = cli_shards_check_model(run);
    if (result == CLI_DONE) result = cli_marks_list(run);
    if (result == CLI_DONE) cli_area_tell(run);
    if (result == CLI_DONE) result = cli_run_tell_left_out(run);
    /* a model of photos of 8 bits cannot tell */
    if (result == CLI_DONE && !run->shards && !fleck_sample_bits(run->det))
        result = cli_samples_measure(run, &photos);
    if (result != CLI_DONE) return result;
    r->scores = FLECK_NEW(&run->arena, cli_score, photos.count);
    if (!r->scores) return cli_run_no_memory(run);
    result = cli_reports_begin(&r->reports, photos.count, NULL);
    if (result != CLI_DONE) return result;
    cli_progress_begin(&run->progress, photos.count);
    return score_others(r, &photos, photos.count);
}

/* A line of the table of scores, or its first one for NULL; it is there at once. */
static bool print_line(const cli_run *run, const cli_score *line) {
    cli_csv_write(stdout, line, line ? 1 : 0, run->shape.frame_share, cli_area_of(run), !line,
                  isatty(STDOUT_FILENO));
    return cli_printed();
}

/* Scores photos that came; those that cannot be read are named. */
static int score_new(results *r, const cli_photos *photos) {
    cli_run *run = r->run;
    int result = CLI_DONE;
    for (size_t i = 0; result == CLI_DONE && i < photos->count && !cli_interrupted(); i++) {
        float score;
        if (!cli_run_score(run, &photos->items[i], heat_of(r), &score)) continue;
        r->count = 0;
        result = results_add(r, &photos->items[i], CLI_NOT_LEARNT, score);
        if (result == CLI_DONE && !print_line(run, r->scores)) result = CLI_FAILED;
    }
    return result;
}

static void told_of_folder(void *context, const char *name, const char *reason) {
    cli_run *run = context;
    cli_say(&run->progress, "%s: %s", name, reason);
}

/* Looks every second until the program is told to end. A folder that is away for a while, as those
 * of a network are, is told once. */
static int watch_folder(results *r, cli_watch *watched) {
    static const struct timespec second = {.tv_sec = 1};
    cli_run *run = r->run;
    fleck_message err;
    int result = CLI_DONE;
    for (bool is_there = true; result == CLI_DONE && !cli_interrupted();) {
        nanosleep(&second, NULL);
        fleck_arena arena = {0};
        cli_photos photos = {0};
        bool ok = cli_watch_look(watched, &arena, &photos, &err);
        if (ok) result = score_new(r, &photos);
        if (!ok && is_there && !cli_interrupted())
            cli_say(&run->progress, "%s: waits for it to come back", err.text);
        is_there = ok;
        fleck_arena_free(&arena);
    }
    return result;
}

static int watch(cli_run *run, results *r) {
    cli_watch watched;
    fleck_message err;
    int result = cli_run_load_model(run);
    if (result == CLI_DONE) cli_area_tell(run);
    r->scores = FLECK_NEW(&run->arena, cli_score, 1);
    if (result == CLI_DONE && !r->scores) result = cli_run_no_memory(run);
    if (result != CLI_DONE) return result;
    if (!cli_watch_begin(&watched, run->args->dir, told_of_folder, run, &err)) {
        cli_say(&run->progress, "%s", err.text);
        result = CLI_FAILED;
    }
    if (result == CLI_DONE && !run->args->no_header && !print_line(run, NULL)) result = CLI_FAILED;
    if (result == CLI_DONE && !run->args->quiet)
        cli_note(&run->progress, "watching %s, where %zu photo%s already; Ctrl-C ends it",
                 run->args->dir, watched.count, watched.count == 1 ? " is" : "s are");
    if (result == CLI_DONE) result = watch_folder(r, &watched);
    cli_watch_end(&watched);
    cli_samples_tell(run);
    return result;
}

static int extract(cli_run *run) {
    cli_photos photos = {0};
    int result = list_paths(run, &photos);
    return result == CLI_DONE ? cli_extract(run, &photos) : result;
}

static int run_command(const cli_args *args) {
    cli_run run;
    results r = {.run = &run};
    fleck_message err;
    int status = cli_run_open(&run, args);
    if (status == CLI_DONE && !cli_kinds_fit(args, &err)) {
        cli_say(&run.progress, "%s", cli_interrupted() ? "interrupted" : err.text);
        status = CLI_FAILED;
    }
    if (status == CLI_DONE) {
        switch (args->command) {
        case CLI_INSPECT:
            status = inspect(&run, &r);
            break;
        case CLI_TRAIN:
            status = train(&run, &r);
            break;
        case CLI_SCORE:
            status = score(&run, &r);
            break;
        case CLI_EVAL:
            status = cli_eval(&run);
            break;
        case CLI_VERIFY:
            status = cli_verify(&run);
            break;
        case CLI_BACKBONES:
            status = cli_backbones(&run);
            break;
        case CLI_PROPOSE_AREA:
            status = cli_propose_area(&run);
            break;
        case CLI_EXTRACT:
            status = extract(&run);
            break;
        case CLI_WATCH:
            status = watch(&run, &r);
            break;
        case CLI_INFO:
            status = cli_info(&run);
            break;
        default:
            status = cli_convert(&run);
        }
    }
    cli_pictures_close(&r.heatmaps, &run.scratch);
    cli_reports_close(&r.reports);
    cli_run_close(&run);
    /* Whatever could not go on because of it. */
    return status == CLI_FAILED && cli_interrupted() ? CLI_INTERRUPTED : status;
}

/* Descriptors that the shell closed: a file that we open must not get their numbers, where it
 * would receive what is printed. Writing to standard output still fails. */
static void fill_descriptors(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0) _exit(CLI_FAILED);
}

static int finish(int status) {
    bool ok = cli_printed() && (!fclose(stdout) || errno == EBADF);
    bool done = status == CLI_DONE || status == CLI_SKIPPED || status == CLI_FOUND;
    return !ok && done ? CLI_FAILED : status;
}

int main(int argc, char **argv) {
    cli_args args;
    int status;
    fill_descriptors();
    signal(SIGPIPE, SIG_IGN); /* who reads no more ends no run: writing fails instead, */
    signal(SIGXFSZ, SIG_IGN); /* as it does with a file that grows too large */
    if (cli_args_parse(argc, argv, &args, &status)) status = run_command(&args);
    return finish(status);
}
