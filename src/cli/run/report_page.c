#include "report_page.h"

#include "file_kind.h"
#include "jpeg_url.h"
#include "sha256.h"
#include "shrink.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const uint8_t template_bytes[] = {
#include "report_template.inc"
    0};
static const char *const template = (const char *)template_bytes;

static const char place[] = "@REPORT@"; /* of the JSON */

bool cli_report_begin(cli_report_page *r, cli_run *run, FILE *out, size_t photos,
                      const cli_settings *settings) {
    *r = (cli_report_page){.run = run, .out = out};
    r->photos = FLECK_NEW(&run->arena, cli_reported, photos);
    if (!r->photos) return false;
    fwrite(template, 1, (size_t)(strstr(template, place) - template), out);
    cli_results_begin(&r->json, out, false, settings);
    r->json.is_open = true;
    return true;
}

void cli_report_photo(cli_report_page *r, const cli_finding *found) {
    cli_results_photo(&r->json, found);
    r->photos[r->count] = (cli_reported){found->name,  found->path,    r->count,
                                         found->score, found->verdict, found->is_learnt};
    r->count++;
}

/* ---- what identifies the run ---- */

void cli_report_area(FILE *out, const uint8_t map[FLECK_HEAT * FLECK_HEAT]) {
    uint32_t length = 0;
    uint8_t inside = 0;
    fputc('[', out);
    for (uint32_t i = 0; i < FLECK_HEAT * FLECK_HEAT; i++, length++) {
        if (map[i] == inside) continue;
        fprintf(out, "%u,", length);
        inside = map[i];
        length = 0;
    }
    fprintf(out, "%u]", length);
}

static int put_model(cli_report_page *r) {
    cli_run *run = r->run;
    if (!*run->model_sha256) {
        uint8_t *bytes;
        size_t size;
        fleck_arena_mark mark = fleck_arena_here(&run->scratch);
        int result = cli_run_model(run, "the report", &bytes, &size);
        if (result == CLI_DONE && !cli_sha256(bytes, size, run->model_sha256))
            result = cli_run_no_memory(run);
        fleck_arena_reset(&run->scratch, mark);
        if (result != CLI_DONE) return result;
    }
    cli_results_text(r->out, "model_sha256", run->model_sha256);
    return CLI_DONE;
}

static void put_share(FILE *out, const char *key, float share, float least, float most) {
    fprintf(out, ",\"%s\":[%.6g,%.6g,%.6g]", key, (double)share, (double)least, (double)most);
}

/* What the marks come to: null where there are none. */
static int put_marks(cli_report_page *r) {
    cli_run *run = r->run;
    FILE *out = r->out;
    const char *marks = run->args->marks;
    fleck_review v;
    uint32_t elsewhere = 0;
    if (!run->mark_count) {
        fputs(",\"marks\":null", out);
        return CLI_DONE;
    }
    fleck_status status = fleck_review_marks(run->det, &v);
    if (status != FLECK_OK) return cli_run_refused(run, status, "the report");
    for (uint32_t i = 0; i < run->mark_count; i++) elsewhere += !run->mark_is_here[i];
    fprintf(out,
            ",\"marks\":{\"good\":%u,\"good_called\":%u,\"defects\":%u,\"defects_called\":%u,"
            "\"elsewhere\":%u",
            v.good, v.good_called, v.defects, v.defects_called, elsewhere);
    put_share(out, "precision", v.precision, v.precision_least, v.precision_most);
    put_share(out, "recall", v.recall, v.recall_least, v.recall_most);
    fprintf(out, ",\"threshold\":%.6g", (double)v.threshold);
    /* a model's marks are somebody else's */
    bool is_own = marks && cli_kind_of(marks, NULL) != CLI_KIND_MODEL;
    cli_results_text(out, "by", is_own ? run->args->by : NULL);
    fputc('}', out);
    return CLI_DONE;
}

/* The hash of each photo's file, and whether it was learnt from. */
static int put_photos(cli_report_page *r) {
    cli_run *run = r->run;
    const char *other = run->args->command == CLI_SCORE ? "fresh" : "left";
    fleck_message err;
    char digits[CLI_SHA256_DIGITS + 1];
    fputs(",\"photos\":[", r->out);
    for (uint32_t i = 0; i < r->count; i++) {
        const cli_reported *photo = &r->photos[i];
        if (!cli_run_hash(run, photo->path, digits, &err)) {
            cli_say(&run->progress, "no report: %s: %s", photo->path, err.text);
            return cli_interrupted() ? CLI_INTERRUPTED : CLI_FAILED;
        }
        fprintf(r->out, "%s\n{\"sha256\":\"%s\",\"role\":\"%s\"}", i ? "," : "", digits,
                photo->is_learnt ? "learnt" : other);
    }
    fputc(']', r->out);
    return CLI_DONE;
}

/* The hash of the photo whose part the area follows; of a model that was loaded it is not known. */
static int put_followed(cli_report_page *r) {
    cli_run *run = r->run;
    fleck_message err;
    char digits[CLI_SHA256_DIGITS + 1];
    for (uint32_t i = 0; run->area_follows && i < r->count; i++) {
        if (strcmp(r->photos[i].name, run->area_follows) != 0) continue;
        if (!cli_run_hash(run, r->photos[i].path, digits, &err)) {
            cli_say(&run->progress, "no report: %s: %s", r->photos[i].path, err.text);
            return cli_interrupted() ? CLI_INTERRUPTED : CLI_FAILED;
        }
        cli_results_text(r->out, "area_follows", digits);
        return CLI_DONE;
    }
    return CLI_DONE;
}

static int put_run(cli_report_page *r) {
    cli_run *run = r->run;
    FILE *out = r->out;
    const cli_args *args = run->args;
    const fleck_options *o = &run->options;
    time_t now = time(NULL);
    struct tm utc;
    char date[32];
    uint8_t map[FLECK_HEAT * FLECK_HEAT];
    if (!gmtime_r(&now, &utc) || !strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc))
        *date = '\0';
    fprintf(out, ",\"run\":{\"date\":\"%s\"", date);
    const char *of = args->command == CLI_SCORE ? args->paths[0] : args->dir;
    const char *title = args->title ? args->title : cli_last_part(of);
    cli_results_text(out, "title", *title ? title : of);
    cli_results_text(out, "by", args->by);
    cli_results_text(out, "backbone_sha256", run->backbone_sha256);
    int result = put_model(r);
    if (result != CLI_DONE) return result;
    fprintf(out, ",\"sample_bits\":%u,\"blocks\":[", fleck_sample_bits(run->det));
    for (uint32_t i = 0; i < o->block_count; i++) fprintf(out, "%s%u", i ? "," : "", o->blocks[i]);
    fprintf(out, "],\"iterations\":%u,\"learn_most\":%u,\"synthetic\":%s,\"area\":", o->iterations,
            o->learn_most, args->synthetic ? "true" : "false");
    if (fleck_area(run->det, map))
        cli_report_area(out, map);
    else
        fputs("null", out);
    result = put_followed(r);
    if (result == CLI_DONE) result = put_marks(r);
    if (result == CLI_DONE) result = put_photos(r);
    fputc('}', out);
    return result;
}

/* ---- pictures ---- */

/* False where the photo cannot be read any more or memory is short: then nothing is written. */
static bool put_picture(cli_report_page *r, const cli_reported *photo, bool is_first) {
    enum { SIDE = 360 };
    fleck_arena *scratch = &r->run->scratch;
    fleck_message ignored;
    fleck_image image, small;
    if (!cli_run_decode(r->run, photo->path, &image, &ignored) ||
        !cli_shrink(scratch, &image, SIDE, &small))
        return false;
    fprintf(r->out, "%s\n{\"photo\":%u,\"data\":\"", is_first ? "" : ",", photo->index);
    cli_put_jpeg_url(r->out, &small);
    fputs("\"}", r->out);
    return true;
}

/* Those that are called first, the highest score first. */
static int by_score(const void *a, const void *b) {
    const cli_reported *x = a, *y = b;
    if ((x->verdict == FLECK_VERDICT_OK) != (y->verdict == FLECK_VERDICT_OK))
        return x->verdict == FLECK_VERDICT_OK ? 1 : -1;
    if (x->score < y->score || x->score > y->score) return x->score < y->score ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

static void put_pictures(cli_report_page *r) {
    cli_run *run = r->run;
    uint32_t drawn = 0, missing = 0;
    fputs(",\"pictures\":[", r->out);
    qsort(r->photos, r->count, sizeof *r->photos, by_score);
    for (uint32_t i = 0; i < r->count && i < CLI_REPORT_PICTURES_MAX; i++) {
        if (r->photos[i].verdict == FLECK_VERDICT_OK || cli_interrupted()) break;
        fleck_arena_mark mark = fleck_arena_here(&run->scratch);
        bool is_drawn = put_picture(r, &r->photos[i], !drawn);
        fleck_arena_reset(&run->scratch, mark);
        drawn += is_drawn;
        missing += !is_drawn;
    }
    fputc(']', r->out);
    if (missing) cli_say(&run->progress, "the report has no picture of %u photos", missing);
}

int cli_report_end(cli_report_page *r, const fleck_folder_verdict *folder,
                   const fleck_groups *groups) {
    for (const cli_skipped *s = r->run->skipped_list; s; s = s->next)
        cli_results_skipped(&r->json, s->name, s->reason);
    cli_results_end(&r->json, folder, groups, NULL);
    int result = put_run(r);
    if (result != CLI_DONE) return result;
    put_pictures(r);
    fputc('}', r->out);
    fputs(strstr(template, place) + sizeof place - 1, r->out);
    return CLI_DONE;
}
