/* The options and commands: declared once, in a table that gives getopt its list, every command its
 * own subset, and --help its lines. */
#ifndef FLECK_CLI_OPTIONS_H
#define FLECK_CLI_OPTIONS_H

#include "args.h"

/* Options without a short letter. */
enum {
    CLI_OPT_SAVE = 256,
    CLI_OPT_THRESHOLD,
    CLI_OPT_BACKBONE,
    CLI_OPT_INPUT,
    CLI_OPT_TILES,
    CLI_OPT_BLOCKS,
    CLI_OPT_PRESET,
    CLI_OPT_METHOD,
    CLI_OPT_RECIPE,
    CLI_OPT_ITERATIONS,
    CLI_OPT_LEARN_MOST,
    CLI_OPT_SEED,
    CLI_OPT_PRECISION,
    CLI_OPT_THREADS,
    CLI_OPT_KERNELS,
    CLI_OPT_NO_HEATMAPS,
    CLI_OPT_SMALLEST_AREA,
    CLI_OPT_AREA,
    CLI_OPT_AREA_FOLLOWS,
    CLI_OPT_MARKS,
    CLI_OPT_MODEL,
    CLI_OPT_MASKS,
    CLI_OPT_RESULTS,
    CLI_OPT_EVIDENCE,
    CLI_OPT_COCO,
    CLI_OPT_REGIONS,
    CLI_OPT_REPORT,
    CLI_OPT_BY,
    CLI_OPT_TITLE,
    CLI_OPT_MM_PER_PIXEL,
    CLI_OPT_FAIL_ON,
    CLI_OPT_JSON,
    CLI_OPT_CHECK,
    CLI_OPT_SCORES,
    CLI_OPT_CACHE,
    CLI_OPT_DELETE,
    CLI_OPT_DTYPE,
    CLI_OPT_PHOTOS,
    CLI_OPT_PROGRESS,
    CLI_OPT_FEATURES,
    CLI_OPT_SAMPLE_BITS,
    CLI_OPT_NO_HEADER
};

typedef struct {
    int id; /* the short letter, or one of CLI_OPT_ */
    const char *name;
    const char *value; /* NULL: takes none */
    unsigned commands; /* 1 << CLI_INSPECT, ... */
    const char *help;  /* lines separated by \n */
} cli_option;

/* In the order of --help; the last has no name. */
enum { CLI_OPTIONS_MOST = 64 };
extern const cli_option cli_options[];

typedef struct {
    const char *name, *usage, *about, *examples;
} cli_command_words;

extern const cli_command_words cli_commands[CLI_COMMAND_COUNT];

/* What the program's --help prints, and a command's. */
void cli_print_help(void);
void cli_print_command_help(cli_command command);

#endif
