/* The command line -> what to do. Help and complaints are printed here. */
#ifndef FLECK_CLI_ARGS_H
#define FLECK_CLI_ARGS_H

#include "exit_status.h"
#include "fleck.h"

#include <stdbool.h>

typedef enum {
    CLI_INSPECT = 0,
    CLI_TRAIN,
    CLI_SCORE,
    CLI_EVAL,
    CLI_VERIFY,
    CLI_BACKBONES,
    CLI_CONVERT,
    CLI_INFO,
    CLI_EXTRACT,
    CLI_WATCH,
    CLI_PROPOSE_AREA,
    CLI_COMMAND_COUNT
} cli_command;

typedef enum { CLI_F32 = 0, CLI_F16, CLI_I8 } cli_dtype;

typedef struct {
    cli_command command;
    const char *dir;   /* inspect, train, eval, verify, watch */
    const char *model; /* score, info, watch; verify, NULL when not given */
    char **paths;      /* score, extract, propose-area; with features: [path_count] */
    int path_count;
    const char *out, *save, *backbone; /* NULL when not given */
    const char *delete_name;           /* backbones; NULL when not given */
    const char *in, *photos;           /* convert, from in to out; photos: NULL when not given */
    cli_dtype dtype;                   /* convert */
    const char *scores, *cache;        /* eval; NULL when not given */
    bool heatmaps, quiet, json, check;
    bool features;        /* paths are files of features */
    bool no_header;       /* score: the CSV has none */
    uint32_t sample_bits; /* extract; 0: not given */
    bool null_names;      /* those in standard input end with NUL bytes */
    bool progress_json;   /* what goes on is told as JSON Lines */
    bool synthetic;       /* made-up defects are learnt from as well */
    fleck_options options;
    float threshold;          /* 0: not given */
    float smallest_area;      /* share of a photo, */
    bool has_smallest_area;   /* where it is given */
    const char *area;         /* inspect, train; NULL when not given */
    const char *area_follows; /* name of the photo that it was drawn over; likewise */
    const char *marks;        /* likewise */
    double mm_per_pixel;      /* 0: not given */
    bool masks, evidence;
    const char *results, *coco, *regions; /* files to write; NULL when not given */
    const char *report, *by, *title;      /* inspect, score; report: of verify the one to read */
    const uint8_t *area_map;              /* [FLECK_HEAT, FLECK_HEAT], of a report; NULL: none */
    fleck_verdict fail_on;                /* FLECK_VERDICT_OK: not given */
    fleck_tiles tiles;                    /* 0, 0: as the photos' shape suggests */
} cli_args;

/* True when *out says what to run. False when there is nothing more to do:
 * *status is then the exit status, and help or the complaint is printed. */
bool cli_args_parse(int argc, char **argv, cli_args *out, int *status);

#endif
