/* Scores -> a CSV file. */
#ifndef FLECK_CLI_SCORES_CSV_H
#define FLECK_CLI_SCORES_CSV_H

#include "finding.h"
#include "fleck.h"
#include "photo_list.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    const char *name;
    float score;
    fleck_verdict verdict;
    const char *mark; /* good, defect, or spots, where these alone are marked; NULL: no mark */
} cli_score;

/* Sorts by score, the highest first; equal ones by name. */
void cli_scores_sort(cli_score *scores, size_t count);

/* CLI_TABLE_HEADER, unless header is false, and a line for each; where only a part of the frame was
 * looked at, its share of the sides, where an area of interest was set, its share of that part, and
 * where a photo is marked, its mark. shown: as cli_csv_field takes it. */
void cli_csv_write(FILE *out, const cli_score *scores, size_t count, float frame_share,
                   cli_area area, bool header, bool shown);

/* As many bytes as the table of these photos may take. */
size_t cli_csv_room(const cli_photos *photos);

#endif
