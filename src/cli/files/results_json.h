/* What a run found -> JSON, or JSON Lines; tests/cli/results.schema.json describes both. */
#ifndef FLECK_CLI_RESULTS_JSON_H
#define FLECK_CLI_RESULTS_JSON_H

#include "finding.h"

#include <stdbool.h>
#include <stdio.h>

/* How it was found. Names that are NULL become null. */
typedef struct {
    const char *command, *model, *backbone;
    fleck_options options;
    fleck_feature_shape shape;
    cli_area area;
    float threshold, smallest_area;
    double mm_per_pixel; /* 0: not known */
} cli_settings;

/* What train learnt. */
typedef struct {
    size_t photos;        /* that were learnt from */
    size_t left;          /* that were not: the folder is large */
    size_t left_out;      /* files that may be photos, of kinds that are not read */
    uint32_t sample_bits; /* as which photos of 16 bits were read; 0: none was there */
    size_t model_bytes;
    const char *model_sha256;
} cli_learnt;

/* All in the order of calls below: settings, photos, those skipped, what the folder says. */
typedef struct {
    FILE *out;
    bool lines;           /* an object a line; else all of them are one */
    bool is_open;         /* more of the object follows its end, which the caller writes */
    bool listed, skipped; /* a photo came already, and one that was skipped */
    double mm_per_pixel;
} cli_results_json;

void cli_results_begin(cli_results_json *json, FILE *out, bool lines, const cli_settings *settings);
void cli_results_photo(cli_results_json *json, const cli_finding *found);
void cli_results_skipped(cli_results_json *json, const char *name, const char *reason);

/* Writes ,"key":"value", or null for NULL. */
void cli_results_text(FILE *out, const char *key, const char *value);

/* Writes ,"key":value, with as many digits as tell it from other numbers. */
void cli_results_exact(FILE *out, const char *key, float value);

/* folder, groups: NULL where none was learnt from; learnt: of train alone, otherwise NULL. */
void cli_results_end(cli_results_json *json, const fleck_folder_verdict *folder,
                     const fleck_groups *groups, const cli_learnt *learnt);

#endif
