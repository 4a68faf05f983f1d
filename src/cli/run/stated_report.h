/* A report read back and checked: what it states, for `fleck verify` to do again. */
#ifndef FLECK_CLI_STATED_REPORT_H
#define FLECK_CLI_STATED_REPORT_H

#include "fleck.h"
#include "run.h"

enum { CLI_AREA_MAP = FLECK_HEAT * FLECK_HEAT };

/* What a photo was to the run. */
typedef enum { CLI_ROLE_LEARNT = 0, CLI_ROLE_LEFT, CLI_ROLE_FRESH } cli_role;

/* A mark on a photo; spot: in shares of its size. */
typedef struct {
    fleck_mark mark;
    bool is_spot;
    fleck_point spot;
} cli_stated_mark;

typedef struct {
    const char *name;   /* control characters are '?' */
    const char *sha256; /* CLI_SHA256_DIGITS of them */
    double score;
    uint64_t verdict, role; /* fleck_verdict, cli_role */
    cli_stated_mark *marks; /* [mark_count] */
    uint32_t mark_count;
    bool is_there, is_compared; /* false; for who compares */
} cli_stated_photo;

/* All of it is in the arena of run, but the map, which args points to: it is not moved. */
typedef struct {
    cli_args args;            /* the command line's, with what the report states */
    bool is_scored;           /* its photos were judged by a model's file: nothing is learnt */
    cli_stated_photo *photos; /* [count] */
    uint32_t count;
    const char *const *skipped; /* [skipped_count], names of the photos that could not be read */
    uint32_t skipped_count;
    fleck_review review; /* of the marks, as counts alone, where has_review says so */
    bool has_review;
    const char *backbone_sha256, *model_sha256; /* NULL: not stated */
    const char *follows_sha256; /* of the photo whose part the area follows; NULL: of none */
    uint8_t map[CLI_AREA_MAP];  /* the area, where args.area_map is set */
} cli_stated_report;

/* Reads the report that the command line names. False, having said what is wrong with it. */
bool cli_stated_report_read(cli_run *run, cli_stated_report *out);

#endif
