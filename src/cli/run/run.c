#include "run.h"

#include "decoders.h"
#include "name_list.h"
#include "print.h"
#include "shards.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int(cli_run_no_memory)(cli_run *run) {
    cli_say(&run->progress, "out of memory");
    return CLI_FAILED;
}

int cli_run_open(cli_run *run, const cli_args *args) {
    memset(run, 0, sizeof *run);
    run->args = args;
    cli_progress_open(&run->progress, args->quiet, args->progress_json);
    cli_stop_catch();
    return fleck_create(&run->det) == FLECK_OK ? CLI_DONE : cli_run_no_memory(run);
}

void cli_run_close(cli_run *run) {
    cli_progress_clear(&run->progress);
    cli_shards_close(run);
    for (size_t i = 0; i < run->output_count; i++) cli_atomic_drop(&run->outputs[i]);
    fleck_destroy(run->det);
    fleck_arena_free(&run->scratch);
    fleck_arena_free(&run->arena);
}

void cli_run_clock(cli_run *run, cli_stage stage, double began_s) {
    struct rusage usage;
    run->seconds[stage] += cli_seconds() - began_s;
    if (getrusage(RUSAGE_SELF, &usage)) return;
#if defined(__APPLE__)
    run->peak_bytes[stage] = (uint64_t)usage.ru_maxrss;
#else
    run->peak_bytes[stage] = (uint64_t)usage.ru_maxrss * 1024;
#endif
}

/* As much of a name as a summary has room for. */
static void shorten(char out[100], const char *text) {
    fleck_message whole;
    fleck_fail(&whole, FLECK_OK, "%s", text);
    size_t length = strlen(whole.text);
    if (length < 100)
        memcpy(out, whole.text, length + 1);
    else
        snprintf(out, 100, "%.48s...%s", whole.text, whole.text + length - 48);
}

void cli_run_skip(cli_run *run, const char *name, const char *reason) {
    enum { NAMED = 3 };
    run->skipped++;
    cli_skipped *skipped = FLECK_NEW_ZERO(&run->arena, cli_skipped, 1);
    if (skipped) {
        skipped->name = fleck_text_copy(&run->arena, name, strlen(name));
        skipped->reason = fleck_text_copy(&run->arena, reason, strlen(reason));
        if (skipped->name && skipped->reason) {
            *(run->skipped_last ? &run->skipped_last->next : &run->skipped_list) = skipped;
            run->skipped_last = skipped;
        }
    }
    cli_say(&run->progress, "skipped %s: %s", name, reason);
    size_t used = strlen(run->skipped_first), room = sizeof run->skipped_first - used;
    char short_name[100], short_reason[100];
    shorten(short_name, name);
    shorten(short_reason, reason);
    if (run->skipped <= NAMED && strlen(short_name) + strlen(short_reason) + 10 < room)
        snprintf(run->skipped_first + used, room, "%s%s: %s", used ? "; " : "", short_name,
                 short_reason);
    else if (room > 6 && used && run->skipped_first[used - 1] != '.')
        snprintf(run->skipped_first + used, room, "; ...");
}

cli_area cli_area_of(const cli_run *run) {
    static const float all = 1;
    cli_area area = {fleck_area(run->det, NULL), run->shape.patches, all,
                     fleck_area_follows(run->det)};
    uint8_t map[FLECK_HEAT * FLECK_HEAT];
    size_t inside = 0;
    fleck_area(run->det, map);
    for (size_t i = 0; i < sizeof map; i++) inside += map[i];
    if (area.inside) area.share = (float)inside / (float)sizeof map;
    return area;
}

int cli_run_status(const cli_run *run) {
    return run->skipped || cli_listed_photos(&run->listed) ? CLI_SKIPPED : CLI_DONE;
}

/* A bad value of an option that only the library can know is wrong usage. */
int cli_run_refused(cli_run *run, fleck_status status, const char *about) {
    cli_say(&run->progress, "%s%s%s", about, *about ? ": " : "", fleck_error(run->det));
    return status == FLECK_ERR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
}

static void skip_folder(void *context, const char *name, const char *reason) {
    cli_run_skip(context, name, reason);
}

static int list_folder(cli_run *run, const char *dir, cli_photos *photos) {
    fleck_message err;
    if (cli_photos_list(&run->arena, dir, photos, &run->listed, skip_folder, run, &err))
        return CLI_DONE;
    cli_say(&run->progress, "%s", err.text);
    return cli_interrupted() ? CLI_INTERRUPTED : CLI_FAILED;
}

int cli_run_list_path(cli_run *run, const char *path, cli_photos *photos) {
    if (!cli_is_folder(path)) {
        bool ok = cli_photos_add(&run->arena, photos, (cli_photo){.path = path, .name = path}) &&
                  cli_listed_keep(&run->arena, &run->listed, path);
        return ok ? CLI_DONE : cli_run_no_memory(run);
    }
    size_t first = photos->count;
    int result = list_folder(run, path, photos);
    for (size_t i = first; result == CLI_DONE && i < photos->count; i++)
        photos->items[i].name = photos->items[i].path;
    return result;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const cli_photo *)a)->name, ((const cli_photo *)b)->name);
}

/* Those that standard input names, in the order of their names: each once. */
static int list_names(cli_run *run, cli_photos *photos) {
    cli_names names;
    fleck_message err;
    size_t first = photos->count, used = first;
    if (!cli_names_read(&run->arena, run->args->null_names, &names, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return cli_interrupted() ? CLI_INTERRUPTED : CLI_FAILED;
    }
    int result = CLI_DONE;
    for (size_t i = 0; result == CLI_DONE && i < names.count; i++)
        result = cli_run_list_path(run, names.items[i], photos);
    if (result != CLI_DONE || photos->count == first) return result;
    qsort(photos->items + first, photos->count - first, sizeof *photos->items, by_name);
    for (size_t i = first; i < photos->count; i++)
        if (used == first || strcmp(photos->items[i].name, photos->items[used - 1].name))
            photos->items[used++] = photos->items[i];
    if (used < photos->count && !run->args->quiet)
        cli_say(&run->progress, "%zu of the names came more than once, and count once",
                photos->count - used);
    photos->count = used;
    return CLI_DONE;
}

int cli_run_list(cli_run *run, const char *dir, cli_photos *photos) {
    return cli_is_stdin(dir) ? list_names(run, photos) : list_folder(run, dir, photos);
}

/* Of the kinds that another build of fleck reads, what to do. */
static void tell_advice(cli_run *run) {
    for (size_t i = 0; i < run->listed.left_count; i++) {
        const cli_left_out *left = &run->listed.left[i];
        const char *advice = cli_decoder_advice(left->kind);
        char others[CLI_OTHERS_MAX];
        if (advice)
            cli_say(&run->progress, "%s%s (%s): %s", left->first,
                    cli_and_others(left->count, others), left->kind, advice);
    }
}

int cli_run_tell_left_out(cli_run *run) {
    size_t count;
    for (cli_left_class class = CLI_LEFT_PICTURE; class < CLI_LEFT_OTHER; class ++) {
        const char *words = cli_listed_words(&run->scratch, &run->listed, class, &count);
        if (!words) return cli_run_no_memory(run);
        const char *were = count == 1 ? "was" : "were";
        if (count && class == CLI_LEFT_PICTURE)
            cli_say(&run->progress, "%s %s left out: %s can be read", words, were,
                    cli_decoder_kinds());
        else if (count)
            cli_say(&run->progress, "%s %s not followed: name the folder itself", words, were);
    }
    tell_advice(run);
    const char *others = cli_listed_words(&run->scratch, &run->listed, CLI_LEFT_OTHER, &count);
    if (!others) return cli_run_no_memory(run);
    if (count && !run->args->quiet) cli_say(&run->progress, "left out, as no photos: %s", others);
    return CLI_DONE;
}
