/* What is told of a run's photos beside scores and heatmaps, as the command line asks for it:
 * masks, JSON, COCO, a table of regions, a page to print. */
#ifndef FLECK_CLI_REPORTS_H
#define FLECK_CLI_REPORTS_H

#include "coco_json.h"
#include "mask_files.h"
#include "report_page.h"
#include "results_json.h"
#include "run.h"

typedef struct {
    cli_run *run;
    cli_atomic_file *json, *coco, *table, *page; /* NULL: not asked for */
    cli_results_json as_json;
    cli_coco_json as_coco;
    cli_report_page as_page;
    cli_pictures masks;
} cli_reports;

/* Whether the command line asks for any. */
bool cli_reports_wanted(const cli_args *args);

/* Opens what will be written, masks in the folder out, where there is one. */
int cli_reports_open(cli_reports *reports, cli_run *run, const char *out);

/* Begins the files for so many photos, once the model is there; groups: those of their regions, or
 * NULL. */
int cli_reports_begin(cli_reports *reports, size_t photos, const fleck_groups *groups);

/* Takes a photo. A mask that cannot be written ends nothing else. */
int cli_reports_add(cli_reports *reports, const cli_finding *found);

/* Ends the files, with those skipped, what the folder says and, of train, what was
 * learnt; all of it is on the disk then. */
int cli_reports_seal(cli_reports *reports, const fleck_folder_verdict *folder,
                     const fleck_groups *groups, const cli_learnt *learnt);

/* Gives the files their names. False where something could not be written, which is said. */
bool cli_reports_place(cli_reports *reports);

/* Removes what is still aside, but the files, which the run removes. */
void cli_reports_close(cli_reports *reports);

#endif
