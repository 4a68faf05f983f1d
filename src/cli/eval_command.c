#include "eval_command.h"

#include "labelled.h"
#include "load.h"
#include "sample_bits.h"
#include "print.h"
#include "metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAP = FLECK_HEAT * FLECK_HEAT };

typedef struct {
    double image_auroc, image_ap, image_f1max;
    double pixel_auroc, pixel_ap, pixel_aupro; /* NAN: no masks */
    size_t train, test, defective, mapped;
    fleck_folder_verdict folder;
} report;

static int stopped(cli_run *run) {
    cli_say(&run->progress, "interrupted; nothing is measured");
    return CLI_INTERRUPTED;
}

/* ---- scores ---- */

/* A photo that was learnt from, or left from the learning: rest. */
typedef struct {
    const char *path;
    uint32_t index;
    bool rest;
} known_photo;

static int by_path(const void *a, const void *b) {
    return strcmp(((const known_photo *)a)->path, ((const known_photo *)b)->path);
}

/* Where the photos of a set without a split are known by. */
static known_photo *know_photos(cli_run *run, const cli_photos *learnt, size_t *count) {
    known_photo *known = FLECK_NEW(&run->arena, known_photo, learnt->count + run->rest.count);
    if (!known) return NULL;
    *count = 0;
    for (uint32_t i = 0; i < learnt->count; i++)
        known[(*count)++] = (known_photo){learnt->items[i].path, i, false};
    for (uint32_t i = 0; i < run->rest.count; i++)
        known[(*count)++] = (known_photo){run->rest.items[i].path, i, true};
    if (*count) qsort(known, *count, sizeof *known, by_path);
    return known;
}

/* False when the photo was skipped, now or before. */
static bool score_sample(cli_run *run, cli_sample *s, const known_photo *known, size_t count,
                         float *heat, fleck_status *status) {
    const known_photo wanted = {.path = s->photo.path}, *found = NULL;
    if (known) {
        if (count) found = bsearch(&wanted, known, count, sizeof wanted, by_path);
        if (!found) return false;
    }
    if ((!found || found->rest) && !cli_run_extract(run, &s->photo)) return false;
    double began = cli_seconds();
    *status = found && !found->rest ? fleck_score_added(run->det, found->index, heat, &s->score)
                                    : fleck_score(run->det, run->patch, run->cls, heat, &s->score);
    cli_run_clock(run, CLI_SCORING, began);
    s->scored = true;
    return true;
}

/* What the metrics are of. */
typedef struct {
    float *score; /* [test] */
    uint8_t *label;
    float *heat;   /* [mapped, FLECK_HEAT, FLECK_HEAT] */
    uint8_t *mask; /* the same */
} scored;

static int score_all(cli_run *run, cli_labelled *set, scored *to, report *out) {
    cli_sample *samples = set->test;
    size_t count = set->count, maps = 0, known_count = 0;
    for (size_t i = 0; i < count; i++) maps += samples[i].has_mask;
    *to = (scored){.score = FLECK_NEW(&run->arena, float, count),
                   .label = FLECK_NEW(&run->arena, uint8_t, count)};
    known_photo *known = NULL;
    if (!to->score || !to->label) return cli_run_no_memory(run);
    if (set->same && !(known = know_photos(run, &set->train, &known_count)))
        return cli_run_no_memory(run);
    to->heat = FLECK_NEW(&run->arena, float, maps, MAP);
    to->mask = FLECK_NEW(&run->arena, uint8_t, maps, MAP);
    if (!to->heat || !to->mask) return cli_run_no_memory(run);

    cli_progress_begin(&run->progress, count);
    for (size_t i = 0; i < count; i++) {
        cli_sample *s = &samples[i];
        fleck_status status = FLECK_OK;
        if (cli_interrupted()) return stopped(run);
        float *map = s->has_mask ? to->heat + out->mapped * MAP : run->heat;
        if (score_sample(run, s, known, known_count, map, &status)) {
            if (status != FLECK_OK) return cli_run_refused(run, status, s->photo.name);
            if (s->has_mask) {
                uint8_t *mask = to->mask + out->mapped++ * MAP;
                if (s->mask)
                    memcpy(mask, s->mask, MAP);
                else
                    memset(mask, 0, MAP);
            }
            out->defective += s->defective;
            to->score[out->test] = s->score;
            to->label[out->test++] = s->defective;
        }
        cli_progress_tell(&run->progress, "scoring", i + 1);
    }
    cli_progress_clear(&run->progress);
    if (!out->defective || out->defective == out->test) {
        cli_say(&run->progress,
                "nothing to measure: of the photos that could be read %zu are good and %zu "
                "defective",
                out->test - out->defective, out->defective);
        return CLI_FAILED;
    }

    return CLI_DONE;
}

static int measure(cli_run *run, const scored *s, report *out) {
    fleck_arena *scratch = &run->scratch;
    out->pixel_auroc = out->pixel_ap = out->pixel_aupro = (double)NAN;
    bool enough = fleck_auroc(scratch, s->score, s->label, out->test, &out->image_auroc) &&
                  fleck_average_precision(scratch, s->score, s->label, out->test, &out->image_ap) &&
                  fleck_f1_max(scratch, s->score, s->label, out->test, &out->image_f1max);
    if (enough && out->mapped) {
        size_t n = FLECK_SIZE(out->mapped, MAP);
        enough = fleck_auroc(scratch, s->heat, s->mask, n, &out->pixel_auroc) &&
                 fleck_average_precision(scratch, s->heat, s->mask, n, &out->pixel_ap) &&
                 fleck_aupro(scratch, s->heat, s->mask, out->mapped, FLECK_HEAT, FLECK_HEAT, 0.3,
                             &out->pixel_aupro);
    }
    if (enough) return CLI_DONE;
    cli_say(&run->progress, "not enough memory to measure %zu photos and %zu heatmaps", out->test,
            out->mapped);
    return CLI_FAILED;
}

static void print_score(const cli_run *run, FILE *file, const char *set, const char *name,
                        float score, const char *defective) {
    fprintf(file, "%s,", set);
    cli_csv_field(file, name, false);
    fprintf(file, ",%.9g,%s,%s\n", (double)score, fleck_verdict_name(fleck_judge(run->det, score)),
            defective);
}

/* The scores of all photos as CSV, in all their digits. */
static int write_scores(cli_run *run, cli_atomic_file *to, const cli_labelled *set) {
    fleck_message err;
    fputs(CLI_EVAL_TABLE_HEADER "\n", to->file);
    for (size_t i = 0; !set->same && i < set->train.count; i++) {
        float score;
        fleck_status status = fleck_score_added(run->det, (uint32_t)i, NULL, &score);
        if (status != FLECK_OK) return cli_run_refused(run, status, to->path);
        print_score(run, to->file, "train", set->train.items[i].name, score, "");
    }
    for (size_t i = 0; !set->same && i < run->rest.count; i++) {
        float score;
        if (cli_interrupted()) return stopped(run);
        if (cli_run_score(run, &run->rest.items[i], NULL, &score))
            print_score(run, to->file, "train", run->rest.items[i].name, score, "");
    }
    for (size_t i = 0; i < set->count; i++)
        if (set->test[i].scored)
            print_score(run, to->file, "test", set->test[i].photo.name, set->test[i].score,
                        set->test[i].defective ? "1" : "0");
    if (cli_atomic_place(to, &err)) return CLI_DONE;
    cli_say(&run->progress, "%s", err.text);
    return CLI_FAILED;
}

static const char *const stage_names[CLI_STAGE_COUNT] = {[CLI_LOAD] = "load",
                                                         [CLI_FEATURES] = "features",
                                                         [CLI_TRAINING] = "training",
                                                         [CLI_SCORING] = "scoring"};

static void json_number(const char *before, double value) {
    if (isnan(value))
        printf("%snull", before);
    else
        printf("%s%.12g", before, value);
}

static const char *folder_says(const fleck_folder_verdict *folder) {
    return folder->clean ? "clean" : folder->second_product ? "two products" : "defects";
}

static void print_json(const cli_run *run, const cli_labelled *set, const report *r) {
    putchar('{');
    cli_labelled_json(set, false);
    json_number(", \"image\": {\"auroc\": ", r->image_auroc);
    json_number(", \"ap\": ", r->image_ap);
    json_number(", \"f1max\": ", r->image_f1max);
    json_number("}, \"pixel\": {\"auroc\": ", r->pixel_auroc);
    json_number(", \"ap\": ", r->pixel_ap);
    json_number(", \"aupro\": ", r->pixel_aupro);
    for (int i = 0; i < CLI_STAGE_COUNT; i++)
        printf("%s\"%s\": %.3f", i ? ", " : "}, \"seconds\": {", stage_names[i], run->seconds[i]);
    printf("}, \"folder\": {\"verdict\": \"%s\", \"estimated_defective\": %u, "
           "\"estimated_least\": %u, \"estimated_most\": %u, \"second_product\": %u",
           folder_says(&r->folder), r->folder.estimated, r->folder.estimated_least,
           r->folder.estimated_most, r->folder.second_product);
    printf("}, \"peak_bytes\": %llu, \"images\": {\"train\": %zu, \"not_learnt\": %zu, "
           "\"test\": %zu, \"skipped\": %zu}}\n",
           (unsigned long long)run->peak_bytes[CLI_SCORING], r->train, run->rest.count, r->test,
           run->skipped);
}

static void print_metric(const char *name, double value) {
    if (isnan(value))
        printf("  %s   -   ", name);
    else
        printf("  %s %.4f", name, value);
}

static void print_text(const cli_run *run, const report *r) {
    printf("image ");
    print_metric("AUROC", r->image_auroc);
    print_metric("AP", r->image_ap);
    print_metric("F1-max", r->image_f1max);
    printf("   %zu photos, %zu defective\n", r->test, r->defective);
    printf("pixel ");
    print_metric("AUROC", r->pixel_auroc);
    print_metric("AP", r->pixel_ap);
    print_metric("AUPRO ", r->pixel_aupro);
    if (r->mapped)
        printf("   %zu heatmaps\n", r->mapped);
    else
        printf("   no masks\n");
    printf("\nstage       seconds   peak memory\n");
    for (int i = 0; i < CLI_STAGE_COUNT; i++)
        printf("%-9s %9.2f %10.1f MB\n", stage_names[i], run->seconds[i],
               (double)run->peak_bytes[i] / 1e6);
    if (r->folder.clean)
        printf("\nlearnt from %zu photos that look clean", r->train);
    else
        printf("\nlearnt from %zu photos, about %u of which look defective", r->train,
               r->folder.estimated);
    if (run->rest.count) printf(", %zu others were not learnt from", run->rest.count);
    if (run->skipped) {
        printf(", %zu skipped: ", run->skipped);
        cli_put_shown(stdout, run->skipped_first);
    }
    printf("\n");
}

/* --check: how the set is read, and no more. */
static int check(const cli_run *run, const cli_labelled *set) {
    if (run->args->json) {
        putchar('{');
        cli_labelled_json(set, true);
        puts("}");
    } else {
        cli_print(stdout, "read as: %s", set->words);
    }
    return cli_printed() ? CLI_DONE : CLI_FAILED;
}

/* Learns, scores and compares. */
static int evaluate(cli_run *run, cli_labelled *set) {
    const cli_args *args = run->args;
    report r = {0};
    scored all;
    cli_atomic_file *scores = NULL;
    fleck_message err;
    int result = CLI_DONE;
    /* first: the scores may be in it */
    if (args->cache && !cli_make_folder(&run->scratch, args->cache, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    if (args->scores) result = cli_run_output(run, args->scores, 0, &scores);
    if (result != CLI_DONE) return result;
    if (!args->json) {
        cli_print(stdout, "read as: %s", set->words);
        if (!cli_printed()) return CLI_FAILED;
    }
    result = cli_run_load(run, &args->options);
    if (result == CLI_DONE) result = cli_run_train(run, &set->train);
    r.train = set->train.count;
    fleck_status status = FLECK_OK;
    if (result == CLI_DONE) status = fleck_judge_folder(run->det, &r.folder);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");
    if (result == CLI_DONE) result = score_all(run, set, &all, &r);
    /* before the metrics, for which memory may not suffice */
    if (result == CLI_DONE && scores) result = write_scores(run, scores, set);
    if (result == CLI_DONE) result = measure(run, &all, &r);
    if (result != CLI_DONE) return result;
    cli_samples_tell(run);
    if (args->json)
        print_json(run, set, &r);
    else
        print_text(run, &r);
    return cli_printed() && !run->cache_failed ? CLI_DONE : CLI_FAILED;
}

int cli_eval(cli_run *run) {
    cli_labelled set;
    double began = cli_seconds();
    /* with the masks, so that one that does not fit is not found out after the training */
    int result = cli_labelled_read(run, &set);
    if (result == CLI_DONE) result = cli_run_tell_left_out(run);
    cli_run_clock(run, CLI_LOAD, began);
    if (result == CLI_DONE) result = run->args->check ? check(run, &set) : evaluate(run, &set);
    if (result != CLI_DONE) return result;
    return set.unmasked || set.left_out ? CLI_SKIPPED : cli_run_status(run);
}
