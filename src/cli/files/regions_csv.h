/* Regions -> a CSV file. */
#ifndef FLECK_CLI_REGIONS_CSV_H
#define FLECK_CLI_REGIONS_CSV_H

#include "finding.h"

#include <stdbool.h>
#include <stdio.h>

/* The first line: CLI_REGIONS_HEADER, where regions are grouped group, and with a scale area_mm2.
 */
void cli_regions_csv_begin(FILE *out, bool grouped, double mm_per_pixel);

/* A line for each region of a photo, counted from 1. mm_per_pixel: 0 where it is not known. */
void cli_regions_csv_add(FILE *out, const cli_finding *found, double mm_per_pixel);

#endif
