#include "reports.h"

#include "regions_csv.h"
#include "text.h"

#include <string.h>

bool cli_reports_wanted(const cli_args *args) {
    return args->masks || args->results || args->coco || args->regions || args->report;
}

int cli_reports_open(cli_reports *r, cli_run *run, const char *out) {
    const cli_args *args = run->args;
    fleck_message err;
    int result = CLI_DONE;
    *r = (cli_reports){.run = run};
    if (out && !cli_pictures_open(&run->arena, out, "mask", args->masks, &r->masks, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    if (args->results) result = cli_run_output(run, args->results, 0, &r->json);
    if (result == CLI_DONE && args->coco) result = cli_run_output(run, args->coco, 0, &r->coco);
    if (result == CLI_DONE && args->regions)
        result = cli_run_output(run, args->regions, 0, &r->table);
    if (result == CLI_DONE && args->report) result = cli_run_output(run, args->report, 0, &r->page);
    return result;
}

static cli_settings settings_of(const cli_run *run) {
    const cli_args *args = run->args;
    static const char *const names[] = {
        [CLI_INSPECT] = "inspect", [CLI_TRAIN] = "train", [CLI_SCORE] = "score"};
    bool learns = args->command != CLI_SCORE;
    return (cli_settings){.command = names[args->command],
                          .model = learns ? args->save : args->model,
                          .backbone = args->backbone,
                          .options = run->options,
                          .shape = run->shape,
                          .area = cli_area_of(run),
                          .threshold = fleck_threshold(run->det),
                          .smallest_area = fleck_smallest_area(run->det),
                          .mm_per_pixel = args->mm_per_pixel};
}

int cli_reports_begin(cli_reports *r, size_t photos, const fleck_groups *groups) {
    cli_run *run = r->run;
    cli_settings settings = settings_of(run);
    if (r->json)
        cli_results_begin(&r->as_json, r->json->file,
                          fleck_ends_with(r->json->path, strlen(r->json->path), ".jsonl"),
                          &settings);
    if (r->table) cli_regions_csv_begin(r->table->file, groups, settings.mm_per_pixel);
    if (r->coco && !cli_coco_begin(&r->as_coco, &run->arena, r->coco->file, photos,
                                   groups ? groups->count : 0))
        return cli_run_no_memory(run);
    if (r->page && !cli_report_begin(&r->as_page, run, r->page->file, photos, &settings))
        return cli_run_no_memory(run);
    return CLI_DONE;
}

int cli_reports_add(cli_reports *r, const cli_finding *found) {
    enum { TOLD = 3 };
    cli_run *run = r->run;
    fleck_message err;
    if (r->json) cli_results_photo(&r->as_json, found);
    if (r->page) cli_report_photo(&r->as_page, found);
    if (r->table) cli_regions_csv_add(r->table->file, found, run->args->mm_per_pixel);
    if (r->coco && !cli_coco_add(&r->as_coco, &run->scratch, found)) return cli_run_no_memory(run);
    if (r->masks.part && !cli_mask_file(&r->masks, &run->scratch, found, &err) &&
        !cli_interrupted() && r->masks.failed++ < TOLD)
        cli_say(&run->progress, "no mask of %s", err.text);
    return CLI_DONE;
}

int cli_reports_seal(cli_reports *r, const fleck_folder_verdict *folder, const fleck_groups *groups,
                     const cli_learnt *learnt) {
    cli_run *run = r->run;
    cli_atomic_file *const files[] = {r->json, r->coco, r->table, r->page};
    fleck_message err;
    int result = r->page ? cli_report_end(&r->as_page, folder, groups) : CLI_DONE;
    if (result != CLI_DONE) return result;
    if (r->json) {
        for (const cli_skipped *s = run->skipped_list; s; s = s->next)
            cli_results_skipped(&r->as_json, s->name, s->reason);
        cli_results_end(&r->as_json, folder, groups, learnt);
    }
    if (r->coco) cli_coco_end(&r->as_coco);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && !cli_atomic_seal(files[i], &err)) {
            cli_say(&run->progress, "%s", err.text);
            return CLI_FAILED;
        }
    return CLI_DONE;
}

bool cli_reports_place(cli_reports *r) {
    cli_run *run = r->run;
    cli_atomic_file *const files[] = {r->json, r->coco, r->table, r->page};
    fleck_message err;
    bool ok = true;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && !cli_atomic_place(files[i], &err)) {
            cli_say(&run->progress, "%s", err.text);
            ok = false;
        }
    if (r->masks.folder) cli_pictures_clear(&r->masks, &run->scratch);
    if (r->masks.part) cli_pictures_place(&r->masks, &run->scratch, &run->progress);
    if (r->masks.failed) {
        cli_say(&run->progress, "%zu mask%s could not be written", r->masks.failed,
                r->masks.failed == 1 ? "" : "s");
        ok = false;
    }
    return ok;
}

void cli_reports_close(cli_reports *r) {
    if (r->run) cli_pictures_close(&r->masks, &r->run->scratch);
}
