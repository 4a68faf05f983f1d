/* One run of a command: its detector, buffers, progress and skipped photos.
 *
 * Functions that give an int return CLI_DONE, or the exit status with which
 * the run ends after having said why. */
#ifndef FLECK_CLI_RUN_H
#define FLECK_CLI_RUN_H

#include "arena.h"
#include "args.h"
#include "atomic_file.h"
#include "cache.h"
#include "files.h"
#include "finding.h"
#include "photo_list.h"
#include "scores_csv.h"
#include "sha256.h"
#include "progress.h"
#include "shard_file.h"
#include "signals.h"
#include "image.h"

typedef enum {
    CLI_LOAD = 0, /* the backbone; for eval the masks as well */
    CLI_FEATURES, /* reading and decoding photos, their features */
    CLI_TRAINING,
    CLI_SCORING,
    CLI_STAGE_COUNT
} cli_stage;

/* A photo that was left out, and why. */
typedef struct cli_skipped {
    const char *name, *reason;
    struct cli_skipped *next;
} cli_skipped;

enum { CLI_OUTPUTS_MAX = 6 };

typedef struct {
    const cli_args *args;
    fleck_arena arena;   /* lasts as long as the run */
    fleck_arena scratch; /* one photo's bytes and pixels */
    fleck_detector *det;
    fleck_options options; /* of the detector */
    fleck_feature_shape shape;
    fleck_half *patch;                           /* [P, D] */
    fleck_half *cls;                             /* [D] */
    float *heat;                                 /* [FLECK_HEAT, FLECK_HEAT] */
    char backbone_sha256[CLI_SHA256_DIGITS + 1]; /* where a report wants it */
    char model_sha256[CLI_SHA256_DIGITS + 1];    /* likewise, of the file loaded, or to be saved */
    cli_cache cache;
    bool cache_failed; /* features could not be kept: said, and none were from there on */
    cli_progress progress;
    struct cli_shards *shards;     /* files of features, where photos are in such (shards.h) */
    uint64_t backbone_fingerprint; /* of its file, where features are kept or were */
    const char *area_follows;      /* name of the photo whose part the area follows, or NULL */
    cli_photos rest;               /* of the folder: not learnt from, because it is large */
    cli_listed listed;             /* what else the folders hold */
    size_t skipped;
    cli_skipped *skipped_list, *skipped_last;
    char skipped_first[400]; /* names and reasons, for the summary */
    fleck_made_mark *marks; /* [mark_count]: the detector's, where they were listed; marks_file.h */
    bool *mark_is_here;     /* [mark_count]: on one of the photos so far */
    uint32_t mark_count;
    size_t above; /* photos with values above the sample bits; see sample_bits.h */
    uint32_t above_most;
    const char *above_first;
    size_t paged; /* photos of several pages or pictures; see sample_bits.h */
    const char *paged_first;
    cli_atomic_file outputs[CLI_OUTPUTS_MAX];
    size_t output_count;
    double seconds[CLI_STAGE_COUNT];
    uint64_t peak_bytes[CLI_STAGE_COUNT]; /* of the process, when the stage ended */
} cli_run;

/* Begins a run with an empty detector and catches Ctrl-C. Close it also when
 * this fails: files that it opened to write and has not placed are removed. */
int cli_run_open(cli_run *run, const cli_args *args);
void cli_run_close(cli_run *run);

/* Appends dir's photos, or those that standard input names in place of CLI_STDIN. */
int cli_run_list(cli_run *run, const char *dir, cli_photos *photos);

/* Appends the photo of that path, or the photos of that folder; their names begin with it. */
int cli_run_list_path(cli_run *run, const char *path, cli_photos *photos);

/* Says what the folders listed so far hold besides photos. */
int cli_run_tell_left_out(cli_run *run);

/* Whether a file may be written over, where it is there; says why not. */
bool cli_run_may_replace(cli_run *run, const char *path);

/* Opens a file to write, aside, with room for reserve bytes. Refused are the files that the
 * run reads, whatever path or link leads to them, pictures, and one file for two things. The
 * photos are listed before. */
int cli_run_output(cli_run *run, const char *path, size_t reserve, cli_atomic_file **out);

/* Reads a photo and computes its features into patch and cls, or finds them in
 * the cache or in a file of features. False when it was skipped. */
bool cli_run_extract(cli_run *run, const cli_photo *photo);

/* The same, and scores them as of a photo that was not learnt from: heat (or NULL) as
 * for fleck_score. */
bool cli_run_score(cli_run *run, const cli_photo *photo, float *heat, float *score);

/* A photo's size as it is seen; 0, 0 where its file does not tell it or cannot be read. */
void cli_run_photo_size(cli_run *run, const cli_photo *photo, uint32_t *width, uint32_t *height);

/* Reads a photo's pixels into scratch; err gets the reason without the name. */
bool cli_run_decode(cli_run *run, const char *path, fleck_image *out, fleck_message *err);

/* The SHA-256 of a photo's file; err gets the reason without the name. */
bool cli_run_hash(cli_run *run, const char *path, char out[CLI_SHA256_DIGITS + 1],
                  fleck_message *err);

/* What was learnt, in scratch; about names what wants it. */
int cli_run_model(cli_run *run, const char *about, uint8_t **bytes, size_t *size);

/* Adds the photos to the detector and trains it. photos keeps only those that
 * were learnt from, in the order of their indices; made-up ones come after them. Of
 * a folder that is too large the others become rest: not read yet. */
int cli_run_train(cli_run *run, cli_photos *photos);

/* Which patches count. */
cli_area cli_area_of(const cli_run *run);

/* Says why the detector refused something, after about ("": nothing): the exit
 * status that goes with it. */
int cli_run_refused(cli_run *run, fleck_status status, const char *about);

/* Says that memory is short: CLI_FAILED. */
int cli_run_no_memory(cli_run *run);
#ifdef __clang_analyzer__ /* as for fleck_fail */
#define cli_run_no_memory(run) (cli_run_no_memory(run), CLI_FAILED)
#endif

/* Counts and names a photo that is left out. */
void cli_run_skip(cli_run *run, const char *name, const char *reason);

/* Notes the time since began_s for a stage, and the peak memory. */
void cli_run_clock(cli_run *run, cli_stage stage, double began_s);

/* CLI_DONE, or CLI_SKIPPED where photos were skipped or left out. */
int cli_run_status(const cli_run *run);

#endif
