#include "args.h"

#include "atomic_file.h"
#include "fleck.h"
#include "name_list.h"
#include "nearest.h"
#include "options.h"
#include "print.h"
#include "text.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *out) {
    const char *end = fleck_read_whole(text, high, out);
    return end && !*end && *out >= low;
}

static bool parse_name(const char *text, const char *const *names, uint64_t *out) {
    for (uint64_t i = 0; names[i]; i++) {
        if (strcmp(text, names[i])) continue;
        *out = i;
        return true;
    }
    return false;
}

static bool parse_method(const char *text, fleck_method *out) {
    for (int i = 0; fleck_method_name((fleck_method)i); i++) {
        if (strcmp(text, fleck_method_name((fleck_method)i))) continue;
        *out = (fleck_method)i;
        return true;
    }
    return false;
}

static bool parse_blocks(const char *text, fleck_options *options) {
    uint32_t count = 0;
    for (uint64_t last = 0, least;;) {
        least = last + 1;
        text = fleck_read_whole(text, UINT16_MAX, &last);
        if (!text || last < least || count == FLECK_BLOCKS_MAX) return false;
        options->blocks[count++] = (uint32_t)last;
        if (!*text) break;
        if (*text++ != ',') return false;
    }
    options->block_count = count;
    return true;
}

static bool parse_tiles(const char *text, fleck_tiles *out) {
    *out = (fleck_tiles){0, 0};
    if (!strcmp(text, "auto")) return true;
    uint64_t columns = 0, rows = 0;
    text = fleck_read_whole(text, FLECK_TILES_MAX, &columns);
    if (!text || *text != 'x') return false;
    text = fleck_read_whole(text + 1, FLECK_TILES_MAX, &rows);
    *out = (fleck_tiles){(uint32_t)columns, (uint32_t)rows};
    return text && !*text && columns && rows;
}

/* A decimal number up to most, not negative. */
static bool parse_decimal(const char *text, double most, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && !*end && *out >= 0 && *out <= most;
}

/* Takes one option's value, NULL of those without one. NULL when it is good, else what would have
 * been. */
static const char *take(cli_args *args, int id, const char *value) {
    static const char *const presets[] = {FLECK_PRESET_NAMES, NULL};
    static const char *const precisions[] = {FLECK_PRECISION_NAMES, NULL};
    static const char *const dtypes[] = {
        [CLI_F32] = "f32", [CLI_F16] = "f16", [CLI_I8] = "i8", NULL};
    static const char *const progress[] = {"text", "json", NULL};
    static const char *const recipes[] = {"fleck", "paper", "paper-synthetic", NULL};
    fleck_options *options = &args->options;
    static const char *const verdicts[] = {FLECK_VERDICT_NAMES, NULL};
    uint64_t number;
    double decimal;
    if (!value) value = "";
    switch (id) {
    case 'o':
        args->out = value;
        return NULL;
    case '0':
        args->null_names = true;
        return NULL;
    case 'q':
        args->quiet = true;
        return NULL;
    case CLI_OPT_FEATURES:
        args->features = true;
        return NULL;
    case CLI_OPT_NO_HEADER:
        args->no_header = true;
        return NULL;
    case CLI_OPT_SAMPLE_BITS:
        if (!parse_number(value, 8, 16, &number)) return "a number of bits from 8 to 16";
        args->sample_bits = (uint32_t)number;
        return NULL;
    case CLI_OPT_PROGRESS:
        if (!parse_name(value, progress, &number)) return "text or json";
        args->progress_json = number;
        return NULL;
    case CLI_OPT_SAVE:
        args->save = value;
        return NULL;
    case CLI_OPT_BACKBONE:
        args->backbone = value;
        return NULL;
    case CLI_OPT_DELETE:
        args->delete_name = value;
        return NULL;
    case CLI_OPT_DTYPE:
        if (!parse_name(value, dtypes, &number)) return "f32, f16 or i8";
        args->dtype = (cli_dtype)number;
        return NULL;
    case CLI_OPT_PHOTOS:
        args->photos = value;
        return NULL;
    case CLI_OPT_NO_HEATMAPS:
        args->heatmaps = false;
        return NULL;
    case CLI_OPT_CHECK:
        args->check = true;
        return NULL;
    case CLI_OPT_JSON:
        args->json = true;
        return NULL;
    case CLI_OPT_SCORES:
        args->scores = value;
        return NULL;
    case CLI_OPT_CACHE:
        args->cache = value;
        return NULL;
    case CLI_OPT_KERNELS:
        options->kernels = value;
        return NULL;
    case CLI_OPT_BLOCKS:
        return parse_blocks(value, options) ? NULL
                                            : "one to four ascending numbers from 1, as in 4,7";
    case CLI_OPT_INPUT:
        if (!parse_number(value, 1, 8192, &number))
            return "a number of pixels from 1 to 8192, as in 448";
        options->input = (uint32_t)number;
        return NULL;
    case CLI_OPT_TILES:
        return parse_tiles(value, &args->tiles)
                   ? NULL
                   : "auto, or columns and rows of tiles from 1 to 16, as in 3x1";
    case CLI_OPT_THRESHOLD:
        args->threshold = parse_decimal(value, 1, &decimal) ? (float)decimal : 0;
        return args->threshold > 0 ? NULL : "a number above 0, and 1 at most, as 0.6";
    case CLI_OPT_SMALLEST_AREA:
        if (!parse_decimal(value, 100, &decimal)) return "a number of percent, 0 to 100, as 0.05";
        args->smallest_area = (float)(decimal / 100);
        args->has_smallest_area = true;
        return NULL;
    case CLI_OPT_AREA:
        args->area = value;
        return NULL;
    case CLI_OPT_AREA_FOLLOWS:
        args->area_follows = value;
        return NULL;
    case CLI_OPT_MARKS:
        args->marks = value;
        return NULL;
    case CLI_OPT_MODEL:
        args->model = value;
        return NULL;
    case CLI_OPT_MASKS:
        args->masks = true;
        return NULL;
    case CLI_OPT_RESULTS:
        args->results = value;
        return NULL;
    case CLI_OPT_EVIDENCE:
        args->evidence = true;
        return NULL;
    case CLI_OPT_COCO:
        args->coco = value;
        return NULL;
    case CLI_OPT_REGIONS:
        args->regions = value;
        return NULL;
    case CLI_OPT_REPORT:
        args->report = value;
        return NULL;
    case CLI_OPT_BY:
        args->by = value;
        return NULL;
    case CLI_OPT_TITLE:
        args->title = value;
        return NULL;
    case CLI_OPT_MM_PER_PIXEL:
        if (!parse_decimal(value, 1e6, &args->mm_per_pixel) || args->mm_per_pixel < 1e-6)
            return "a number of millimetres, 0.000001 to 1000000, as 0.05";
        return NULL;
    case CLI_OPT_FAIL_ON:
        if (!parse_name(value, verdicts, &number) || !number) return "defect or look";
        args->fail_on = (fleck_verdict)number;
        return NULL;
    case CLI_OPT_SEED:
        if (!parse_number(value, 0, UINT64_MAX, &number))
            return "a whole number from 0 to 18446744073709551615";
        options->seed = number;
        return NULL;
    case CLI_OPT_THREADS:
        if (!parse_number(value, 1, 1024, &number)) return "a number from 1 to 1024";
        options->threads = (uint32_t)number;
        return NULL;
    case CLI_OPT_PRECISION:
        if (!parse_name(value, precisions, &number)) return "i8, f32 or i16";
        options->precision = (fleck_precision)number;
        return NULL;
    case CLI_OPT_METHOD:
        if (!parse_method(value, &options->method))
            return "irmb, ensemble, knn, musc, mahalanobis, softpatch, l2bt, simplenet or paper";
        args->synthetic = false;
        return NULL;
    case CLI_OPT_RECIPE:
        if (!parse_name(value, recipes, &number)) return "fleck, paper or paper-synthetic";
        options->method = number ? FLECK_METHOD_PAPER : fleck_options_default().method;
        args->synthetic = number == 2;
        return NULL;
    case CLI_OPT_ITERATIONS:
        if (!parse_number(value, 1, FLECK_ITERATIONS_MAX, &number))
            return "a whole number from 1 to 1000000000";
        options->iterations = (uint32_t)number;
        return NULL;
    case CLI_OPT_LEARN_MOST:
        if (!parse_number(value, FLECK_PHOTOS_MIN, UINT32_MAX, &number))
            return "a number of photos from 5 to 4294967295";
        options->learn_most = (uint32_t)number;
        return NULL;
    default: /* CLI_OPT_PRESET */
        if (!parse_name(value, presets, &number)) return "fit or funad";
        options->preset = (fleck_preset)number;
        return NULL;
    }
}

/* Writes a part of a complaint; words of the command line are shown as cli_print shows them. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static void
put(const char *format, ...) {
    va_list list;
    va_start(list, format);
    cli_put_list(stderr, format, list);
    va_end(list);
}

/* A complaint about one option, and where the options are told. */
static bool complain(cli_command command, const char *format, ...) {
    va_list list;
    va_start(list, format);
    fprintf(stderr, "fleck %s: ", cli_commands[command].name);
    cli_put_list(stderr, format, list);
    fprintf(stderr, "; 'fleck %s --help' lists the options\n", cli_commands[command].name);
    va_end(list);
    return false;
}

static const cli_option *option_of(cli_command command, const char *name, size_t length) {
    for (const cli_option *o = cli_options; o->name; o++)
        if (o->commands & 1u << command && strlen(o->name) == length &&
            !strncmp(o->name, name, length))
            return o;
    return NULL;
}

/* An option that this command has not: another command's, or a slip. */
static bool complain_unknown(cli_command command, const char *given) {
    const char *name = given + strspn(given, "-");
    size_t length = strcspn(name, "="), count = 0;
    const cli_option *own = option_of(command, name, length);
    if (own && !own->value) return complain(command, "--%s takes no value", own->name);
    for (int i = 0; i < CLI_COMMAND_COUNT; i++)
        if (option_of((cli_command)i, name, length))
            return complain(command, "'%s' is an option of 'fleck %s'", given,
                            cli_commands[i].name);
    const char *names[CLI_OPTIONS_MOST];
    char stem[64];
    for (const cli_option *o = cli_options; o->name; o++)
        if (o->commands & 1u << command) names[count++] = o->name;
    snprintf(stem, sizeof stem, "%.*s", (int)length, name);
    const char *near = cli_nearest(stem, names, count);
    if (near) return complain(command, "no such option: '%s' (did you mean --%s?)", given, near);
    return complain(command, "no such option: '%s'", given);
}

/* Whether somebody forgot a value, so that getopt took the next option for it. */
static bool is_option(cli_command command, const char *value) {
    size_t length = strcspn(value + (strncmp(value, "--", 2) ? 0 : 2), "=");
    if (!strncmp(value, "--", 2)) return !length || option_of(command, value + 2, length);
    return !strcmp(value, "-o") || !strcmp(value, "-q") || !strcmp(value, "-0") ||
           !strcmp(value, "-h");
}

static bool take_option(cli_args *args, const cli_option *option, const char *value) {
    cli_command command = args->command;
    if (!option->value) return take(args, option->id, NULL) == NULL;
    if (!*value)
        return complain(command, "--%s wants %s, not nothing", option->name, option->value);
    if (is_option(command, value))
        return complain(command, "a value is missing between --%s and %s", option->name, value);
    const char *wanted = take(args, option->id, value);
    if (!wanted) return true;
    cli_print(stderr, "fleck %s: --%s wants %s, not '%s'", cli_commands[command].name, option->name,
              wanted, value);
    return false;
}

static bool parse_options(int argc, char **argv, cli_args *args, int *status) {
    cli_command command = args->command;
    struct option list[CLI_OPTIONS_MOST + 1];
    const cli_option *given[CLI_OPTIONS_MOST];
    int count = 0, given_count = 0;
    for (const cli_option *o = cli_options; o->name; o++)
        if (o->commands & 1u << command)
            list[count++] =
                (struct option){o->name, o->value ? required_argument : no_argument, NULL, o->id};
    list[count] = (struct option){NULL, 0, NULL, 0};
    char letters[16];
    snprintf(letters, sizeof letters, ":hq%s%s", option_of(command, "out", 3) ? "o:" : "",
             option_of(command, "null", 4) ? "0" : "");

    *status = CLI_USAGE;
    opterr = 0;
    for (;;) {
        int id = getopt_long(argc, argv, letters, list, NULL);
        if (id < 0) break;
        if (id == 'h') {
            cli_print_command_help(command);
            *status = CLI_DONE;
            return false;
        }
        if (id == ':' || id == '?') {
            const char *about = argv[optind - 1];
            char letter[3] = {'-', (char)optopt, '\0'};
            if (optopt > 0 && optopt < 256 && strncmp(about, "--", 2)) about = letter;
            if (id == ':') return complain(command, "a value is missing after '%s'", about);
            return complain_unknown(command, about);
        }
        const cli_option *option = cli_options;
        while (option->id != id || !(option->commands & 1u << command)) option++;
        for (int i = 0; option->value && i < given_count; i++) {
            if (given[i] == option) return complain(command, "--%s is given twice", option->name);
            if ((option->id == CLI_OPT_METHOD && given[i]->id == CLI_OPT_RECIPE) ||
                (option->id == CLI_OPT_RECIPE && given[i]->id == CLI_OPT_METHOD))
                return complain(command, "--method and --recipe exclude each other: give one");
        }
        if (option->value) given[given_count++] = option;
        if (!take_option(args, option, optarg)) return false;
    }
    if (command == CLI_SCORE && args->masks && !args->out)
        return complain(command, "--masks wants -o OUT, the folder that they go to");
    if (args->evidence && !args->results && !args->report)
        return complain(command, "--evidence wants --json FILE or --report FILE, which it goes to");
    if ((args->by || args->title) && !args->report)
        return complain(command, "--%s wants --report FILE, which it goes to",
                        args->by ? "by" : "title");
    static const int of_features[] = {CLI_OPT_PRESET, CLI_OPT_INPUT, CLI_OPT_TILES, CLI_OPT_BLOCKS,
                                      CLI_OPT_PRECISION};
    for (size_t i = 0; args->features && i < sizeof of_features / sizeof *of_features; i++)
        for (int k = 0; k < given_count; k++)
            if (given[k]->id == of_features[i])
                return complain(command, "--%s was decided when the features were extracted",
                                given[k]->name);
    if (args->features && args->report)
        return complain(command, "--report shows photos, which files of features do not hold");
    if (args->features && args->synthetic)
        return complain(command, "paper-synthetic paints on photos, which files of features do not "
                                 "hold");
    if (args->no_header && args->out)
        return complain(command,
                        "--no-header is of the CSV on standard output, not of that in OUT");
    if (args->evidence && args->synthetic)
        return complain(command, "--evidence shows photos: paper-synthetic makes up some of them");
    return true;
}

static bool parse_operands(int count, char **operands, cli_args *args, int *status) {
    const cli_command_words *c = &cli_commands[args->command];
    const char *problem = NULL;
    *status = CLI_USAGE;
    bool empty = false;
    for (int i = 0; i < count; i++) empty = empty || !*operands[i];
    if (args->command == CLI_BACKBONES) {
        if (count) problem = "there is nothing to name but --delete NAME";
    } else if (args->command == CLI_CONVERT) {
        if (count != 2) problem = "name the backbone to read and the file to write";
    } else if (args->command == CLI_VERIFY) {
        if (count != 2) problem = "name the report, and the folder with its photos";
    } else if (args->command == CLI_INFO) {
        if (count != 1) problem = "name the model file";
    } else if (args->command == CLI_WATCH) {
        if (count != 2) problem = "name the model file, and the folder that photos come into";
    } else if (args->command == CLI_PROPOSE_AREA) {
        if (count != 1) problem = "name one photo";
    } else if (args->command == CLI_EXTRACT) {
        if (count < 1)
            problem = "name the photos or folders";
        else if (!args->out)
            problem = "say with -o FILE where the features go";
    } else if (args->command == CLI_SCORE) {
        if (count < 1)
            problem = "name the model file and the photos to score";
        else if (count < 2)
            problem = "name the photos or folders to score after the model file";
    } else {
        if (count < 1)
            problem =
                args->features ? "name the files of features" : "name the folder with the photos";
        else if (count > 1 && !args->features)
            problem = "name one folder only, the one with all photos in it";
        else if (args->command == CLI_TRAIN && !args->save)
            problem = "say with --save MODEL where the result goes";
        else if (args->save && cli_is_stdout(args->save) && isatty(STDOUT_FILENO))
            problem = "a model is no text for a terminal: send it to a file or a program";
    }
    bool reads_names = args->photos && cli_is_stdin(args->photos);
    for (int i = 0; i < count; i++) reads_names = reads_names || cli_is_stdin(operands[i]);
    if (reads_names && args->command == CLI_WATCH)
        problem = "photos come into a folder: name one, no list";
    if (reads_names && args->command == CLI_EVAL)
        problem = "labels follow from folders: name one, no list";
    if (args->area_follows && !args->area)
        problem = "--area-follows is of the area that --area names";
    if (args->null_names && !reads_names)
        problem = "--null is of names in standard input, which '-' stands for";
    if (empty) problem = "one of the names is empty";
    if (problem) {
        fprintf(stderr, "fleck %s: %s; usage: fleck %s %s\n", c->name, problem, c->name, c->usage);
        return false;
    }
    if (args->command == CLI_SCORE) {
        args->model = operands[0];
        args->paths = operands + 1;
        args->path_count = count - 1;
    } else if (args->command == CLI_INFO) {
        args->model = operands[0];
    } else if (args->command == CLI_WATCH) {
        args->model = operands[0];
        args->dir = operands[1];
    } else if (args->features || args->command == CLI_EXTRACT ||
               args->command == CLI_PROPOSE_AREA) {
        args->paths = operands;
        args->path_count = count;
    } else if (args->command == CLI_VERIFY) {
        args->report = operands[0];
        args->dir = operands[1];
    } else if (args->command == CLI_CONVERT) {
        args->in = operands[0];
        args->out = operands[1];
    } else if (args->command != CLI_BACKBONES) {
        args->dir = operands[0];
    }
    return true;
}

/* CLI_COMMAND_COUNT when there is none of that name. */
static int command_of(const char *name) {
    int command = 0;
    while (command < CLI_COMMAND_COUNT && strcmp(name, cli_commands[command].name)) command++;
    return command;
}

bool cli_args_parse(int argc, char **argv, cli_args *out, int *status) {
    *status = CLI_USAGE;
    const char *first = argc > 1 ? argv[1] : "";
    if (!strcmp(first, "--help") || !strcmp(first, "-h") || !strcmp(first, "help")) {
        int about = argc > 2 ? command_of(argv[2]) : CLI_COMMAND_COUNT;
        if (about < CLI_COMMAND_COUNT)
            cli_print_command_help((cli_command)about);
        else
            cli_print_help();
        *status = CLI_DONE;
        return false;
    }
    if (!strcmp(first, "--version")) {
        printf("fleck %s\n", FLECK_VERSION);
        *status = CLI_DONE;
        return false;
    }
    int command = command_of(first);
    if (command == CLI_COMMAND_COUNT) {
        const char *names[CLI_COMMAND_COUNT];
        for (int i = 0; i < CLI_COMMAND_COUNT; i++) names[i] = cli_commands[i].name;
        const char *near = cli_nearest(first, names, CLI_COMMAND_COUNT);
        if (argc < 2)
            put("fleck: say what to do");
        else if (near)
            put("fleck: no such command: '%s' (did you mean %s?)", first, near);
        else if (*first == '-')
            put("fleck: the command comes first, then options such as '%s'", first);
        else if (!access(first, F_OK))
            put("fleck: say what to do with '%s', as in 'fleck inspect %s'", first, first);
        else
            put("fleck: no such command: '%s'", first);
        fprintf(stderr, "; there are inspect, train, score, eval, verify, backbones, convert, "
                        "info, extract, watch and propose-area, "
                        "see 'fleck --help'\n");
        return false;
    }

    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *out = (cli_args){.command = (cli_command)command,
                      .heatmaps = true,
                      .dtype = CLI_F16,
                      .options = fleck_options_default()};
    out->options.threads = cores > 1 ? (uint32_t)cores : 1;
    if (!parse_options(argc - 1, argv + 1, out, status)) return false;
    return parse_operands(argc - 1 - optind, argv + 1 + optind, out, status);
}
