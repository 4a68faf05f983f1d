#include "cli_eval.h"

#include "cli_text.h"
#include "metrics.h"
#include "resize.h"

#include <math.h>
#include <string.h>

enum { MAP = FLECK_HEAT * FLECK_HEAT };

/* What is known about a photo of the test set. */
typedef struct {
    cli_photo photo;
    bool defective;
    bool unreadable; /* seen when its mask was compared; already skipped */
    bool has_mask;   /* or is good, which is as well as an empty mask */
    uint8_t *mask;   /* [FLECK_HEAT, FLECK_HEAT], 0 or 1; NULL: empty */
    float score;
    bool scored; /* else it was skipped */
} sample;

typedef struct {
    double image_auroc, image_ap, image_f1max;
    double pixel_auroc, pixel_ap, pixel_aupro; /* NAN: no masks */
    size_t train, test, defective, mapped;
    fleck_folder folder;
} report;

/* The mask file of test/<name>: ground_truth/<name without ending>_mask.png or
 * .png; NULL when there is neither. */
static char *find_mask(cli_run *run, const char *name) {
    char *folder = cli_join(&run->scratch, run->args->dir, "ground_truth", "");
    char *stem = cli_join(&run->scratch, ".", name, "");
    if (!folder || !stem) return NULL;
    char *dot = strrchr(cli_last_part(stem), '.');
    if (dot) *dot = '\0';
    static const char *const endings[] = {"_mask.png", ".png"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char *path = cli_join(&run->scratch, folder, stem + 2, endings[i]);
        FILE *file = path ? fopen(path, "rb") : NULL;
        if (!file) continue;
        fclose(file);
        return path;
    }
    return NULL;
}

/* The mask as the heatmap sees the frame: resized with nearest neighbours,
 * then centre-cropped, as the preset does with the photo. */
static void map_mask(const fleck_image *mask, fleck_preset preset, uint8_t *out) {
    size_t side = fleck_image_resize_side(preset, FLECK_HEAT);
    size_t crop = (side - FLECK_HEAT) / 2;
    for (size_t y = 0; y < FLECK_HEAT; y++) {
        size_t row = (2 * (y + crop) + 1) * mask->height / (2 * side);
        for (size_t x = 0; x < FLECK_HEAT; x++) {
            size_t column = (2 * (x + crop) + 1) * mask->width / (2 * side);
            out[y * FLECK_HEAT + x] = mask->rgb[(row * mask->width + column) * 3] > 127;
        }
    }
}

static int read_mask(cli_run *run, sample *s) {
    const char *path = find_mask(run, s->photo.name);
    if (!path) return CLI_DONE;
    fleck_message err;
    fleck_image photo, mask;
    if (!cli_run_decode(run, s->photo.path, &photo, &err)) {
        s->unreadable = true;
        cli_run_skip(run, s->photo.name, err.text);
        return CLI_DONE;
    }
    if (!cli_run_decode(run, path, &mask, &err)) {
        cli_say(&run->progress, "mask %s: %s", path, err.text);
        return CLI_FAILED;
    }
    if (mask.width != photo.width || mask.height != photo.height) {
        cli_say(&run->progress, "mask %s has %ux%u pixels, but its photo %s has %ux%u", path,
                mask.width, mask.height, s->photo.path, photo.width, photo.height);
        return CLI_FAILED;
    }
    s->mask = FLECK_NEW(&run->arena, uint8_t, MAP);
    if (!s->mask) return cli_run_no_memory(run);
    map_mask(&mask, run->args->options.preset, s->mask);
    s->has_mask = true;
    return CLI_DONE;
}

static int stopped(cli_run *run) {
    cli_say(&run->progress, "interrupted; nothing is measured");
    return CLI_INTERRUPTED;
}

/* The test set with its masks. They are read before the training, so that a
 * mask that does not fit is not found out after it. */
static int read_test(cli_run *run, sample **out, size_t *count) {
    cli_photos photos = {0};
    const char *dir = cli_join(&run->arena, run->args->dir, "test", "");
    if (!dir) return cli_run_no_memory(run);
    int result = cli_run_list(run, dir, &photos);
    if (result != CLI_DONE) return result;
    sample *samples = FLECK_NEW(&run->arena, sample, photos.count);
    if (!samples) return cli_run_no_memory(run);
    size_t used = 0;
    bool masks = false;
    for (size_t i = 0; i < photos.count; i++) {
        sample s = {.photo = photos.items[i]};
        if (cli_interrupted()) return stopped(run);
        if (!strchr(s.photo.name, '/')) {
            cli_run_skip(run, s.photo.name, "is in no class folder of test/");
            continue;
        }
        s.defective = strncmp(s.photo.name, "good/", 5) != 0;
        if (s.defective) {
            fleck_arena_mark mark = fleck_arena_here(&run->scratch);
            result = read_mask(run, &s);
            fleck_arena_reset(&run->scratch, mark);
            if (result != CLI_DONE) return result;
        }
        masks = masks || s.mask;
        if (!s.unreadable) samples[used++] = s;
    }
    for (size_t i = 0; masks && i < used; i++)
        if (!samples[i].defective) samples[i].has_mask = true;
    *out = samples;
    *count = used;
    return CLI_DONE;
}

static int measure(cli_run *run, sample *samples, size_t count, report *out) {
    size_t maps = 0;
    for (size_t i = 0; i < count; i++) maps += samples[i].has_mask;
    float *score = FLECK_NEW(&run->arena, float, count);
    uint8_t *label = FLECK_NEW(&run->arena, uint8_t, count);
    float *heat = NULL;   /* [maps, FLECK_HEAT, FLECK_HEAT] */
    uint8_t *mask = NULL; /* the same */
    if (!score || !label) return cli_run_no_memory(run);
    if (maps) {
        heat = FLECK_NEW(&run->arena, float, maps, MAP);
        mask = FLECK_NEW(&run->arena, uint8_t, maps, MAP);
        if (!heat || !mask) return cli_run_no_memory(run);
    }

    cli_progress_begin(&run->progress, count);
    for (size_t i = 0; i < count; i++) {
        sample *s = &samples[i];
        if (cli_interrupted()) return stopped(run);
        if (cli_run_extract(run, &s->photo)) {
            double began = cli_seconds();
            float *map = s->has_mask ? heat + out->mapped * MAP : run->heat;
            fleck_status status = fleck_score(run->det, run->patch, run->cls, map, &s->score);
            cli_run_clock(run, CLI_SCORING, began);
            if (status != FLECK_OK) return cli_run_refused(run, status, s->photo.name);
            s->scored = true;
            if (s->has_mask) {
                uint8_t *to = mask + out->mapped++ * MAP;
                if (s->mask)
                    memcpy(to, s->mask, MAP);
                else
                    memset(to, 0, MAP);
            }
            out->defective += s->defective;
            score[out->test] = s->score;
            label[out->test++] = s->defective;
        }
        cli_progress_tell(&run->progress, "scoring", i + 1);
    }
    cli_progress_clear(&run->progress);

    fleck_arena *scratch = &run->scratch;
    out->image_auroc = fleck_auroc(scratch, score, label, out->test);
    out->image_ap = fleck_average_precision(scratch, score, label, out->test);
    out->image_f1max = fleck_f1_max(scratch, score, label, out->test);
    out->pixel_auroc = out->pixel_ap = out->pixel_aupro = (double)NAN;
    if (out->mapped) {
        size_t n = out->mapped * MAP;
        out->pixel_auroc = fleck_auroc(scratch, heat, mask, n);
        out->pixel_ap = fleck_average_precision(scratch, heat, mask, n);
        out->pixel_aupro =
            fleck_aupro(scratch, heat, mask, out->mapped, FLECK_HEAT, FLECK_HEAT, 0.3);
    }
    return CLI_DONE;
}

static void print_score(FILE *file, const char *set, const char *name, float score,
                        const char *defective) {
    fprintf(file, "%s,", set);
    cli_csv_field(file, name, false);
    fprintf(file, ",%.9g,%s,%s\n", (double)score, fleck_verdict_name(fleck_judge(score)),
            defective);
}

/* The scores of all photos as CSV, in all their digits. */
static int write_scores(cli_run *run, cli_aside *to, const cli_photos *train, const sample *test,
                        size_t count) {
    fleck_message err;
    fputs(CLI_EVAL_TABLE_HEADER "\n", to->file);
    for (size_t i = 0; i < train->count; i++) {
        float score;
        fleck_status status = fleck_score_added(run->det, (uint32_t)i, NULL, &score);
        if (status != FLECK_OK) return cli_run_refused(run, status, to->path);
        print_score(to->file, "train", train->items[i].name, score, "");
    }
    for (size_t i = 0; i < run->rest.count; i++) {
        float score;
        if (cli_interrupted()) return stopped(run);
        if (cli_run_score(run, &run->rest.items[i], NULL, &score))
            print_score(to->file, "train", run->rest.items[i].name, score, "");
    }
    for (size_t i = 0; i < count; i++)
        if (test[i].scored)
            print_score(to->file, "test", test[i].photo.name, test[i].score,
                        test[i].defective ? "1" : "0");
    if (cli_aside_place(to, &err)) return CLI_DONE;
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

static const char *folder_says(const fleck_folder *folder) {
    return folder->clean ? "clean" : folder->second_product ? "two products" : "defects";
}

static void print_json(const cli_run *run, const report *r) {
    json_number("{\"image\": {\"auroc\": ", r->image_auroc);
    json_number(", \"ap\": ", r->image_ap);
    json_number(", \"f1max\": ", r->image_f1max);
    json_number("}, \"pixel\": {\"auroc\": ", r->pixel_auroc);
    json_number(", \"ap\": ", r->pixel_ap);
    json_number(", \"aupro\": ", r->pixel_aupro);
    for (int i = 0; i < CLI_STAGE_COUNT; i++)
        printf("%s\"%s\": %.3f", i ? ", " : "}, \"seconds\": {", stage_names[i], run->seconds[i]);
    printf("}, \"folder\": {\"verdict\": \"%s\", \"estimated_defective\": %u, "
           "\"second_product\": %u",
           folder_says(&r->folder), r->folder.clean ? 0 : r->folder.defects,
           r->folder.second_product);
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
               r->folder.defects);
    if (run->rest.count) printf(", %zu others were not learnt from", run->rest.count);
    if (run->skipped) {
        printf(", %zu skipped: ", run->skipped);
        cli_put_shown(stdout, run->skipped_first);
    }
    printf("\n");
}

int cli_eval(cli_run *run) {
    const cli_args *args = run->args;
    report r = {0};
    cli_photos photos = {0};
    sample *samples = NULL;
    size_t count = 0;
    const char *train = cli_join(&run->arena, args->dir, "train", "");
    const char *test = cli_join(&run->arena, args->dir, "test", "");
    if (!train || !test) return cli_run_no_memory(run);
    if (!cli_is_folder(train) || !cli_is_folder(test)) {
        cli_say(&run->progress, "%s: wants the folders train and test, see 'fleck eval --help'",
                args->dir);
        return CLI_FAILED;
    }
    cli_aside *scores = NULL;
    int result = cli_run_list(run, train, &photos);
    if (result == CLI_DONE && args->scores) result = cli_run_output(run, args->scores, 0, &scores);
    if (result == CLI_DONE) result = cli_run_load(run, &args->options);
    double began = cli_seconds();
    if (result == CLI_DONE) result = read_test(run, &samples, &count);
    if (result == CLI_DONE) result = cli_run_tell_left_out(run);
    cli_run_clock(run, CLI_LOAD, began);
    if (result == CLI_DONE) result = cli_run_train(run, &photos);
    r.train = photos.count;
    fleck_status status = FLECK_OK;
    if (result == CLI_DONE) status = fleck_judge_folder(run->det, &r.folder);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");
    if (result == CLI_DONE) result = measure(run, samples, count, &r);
    if (result == CLI_DONE && args->scores)
        result = write_scores(run, scores, &photos, samples, count);
    if (result != CLI_DONE) return result;
    if (!r.test) {
        cli_say(&run->progress, "%s: no photo could be used", test);
        return CLI_FAILED;
    }
    if (args->json)
        print_json(run, &r);
    else
        print_text(run, &r);
    if (!cli_printed() || run->cache_failed) return CLI_FAILED;
    return cli_run_status(run);
}
