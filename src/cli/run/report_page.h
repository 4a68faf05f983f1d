/* What a run found as one HTML file to read, print and check: web/report/template.html, into which
 * the results go as JSON, those of results_json.h with `run`, by which it can be run again, and
 * `pictures`. tests/cli/report.schema.json describes it. */
#ifndef FLECK_CLI_REPORT_PAGE_H
#define FLECK_CLI_REPORT_PAGE_H

#include "results_json.h"
#include "run.h"

/* What stands before the JSON in every report, which ends at the next CLI_REPORT_DATA_END: no text
 * in the JSON has a <. */
#define CLI_REPORT_DATA "<script type=\"application/json\" id=\"report\">"
#define CLI_REPORT_DATA_END "</script>"

enum { CLI_REPORT_PICTURES_MAX = 200 };

/* A photo of the report. */
typedef struct {
    const char *name, *path;
    uint32_t index; /* in the report */
    float score;
    fleck_verdict verdict;
    bool is_learnt;
} cli_reported;

/* All in the order of calls below. */
typedef struct {
    cli_run *run;
    FILE *out;
    cli_results_json json;
    cli_reported *photos; /* [count], with room for all */
    uint32_t count;
} cli_report_page;

/* Begins the file for at most so many photos. False when memory is short. */
bool cli_report_begin(cli_report_page *report, cli_run *run, FILE *out, size_t photos,
                      const cli_settings *settings);
void cli_report_photo(cli_report_page *report, const cli_finding *found);

/* Ends it, with the photos skipped, what the folder says, hashes and pictures: reads photos again.
 * One that cannot be read any more ends the run, as it cannot be vouched for; a picture that cannot
 * be made is left out. */
int cli_report_end(cli_report_page *report, const fleck_folder_verdict *folder,
                   const fleck_groups *groups);

/* The pixels of an area's map as lengths of runs, row by row, the first outside, then inside and
 * outside in turns. */
void cli_report_area(FILE *out, const uint8_t map[FLECK_HEAT * FLECK_HEAT]);

#endif
