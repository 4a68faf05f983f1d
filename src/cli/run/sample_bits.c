#include "sample_bits.h"

#include "photo_file.h"
#include "print.h"

/* "3,987" */
static const char *grouped(uint32_t value, char out[8]) {
    if (value < 1000)
        snprintf(out, 8, "%u", value);
    else
        snprintf(out, 8, "%u,%03u", value / 1000 % 1000, value % 1000);
    return out;
}

/* Whether a photo has 16 bits, or may have, by the first bytes of its file. */
static bool is_deep(cli_run *run, const cli_photo *photo) {
    uint8_t head[FLECK_HEAD];
    size_t size;
    fleck_samples samples;
    return cli_read_head(photo->path, head, sizeof head, &size) == CLI_HEAD_FILE &&
           (cli_photo_measure(run->det, head, size, &samples) != FLECK_OK || samples.bits);
}

static bool measure(cli_run *run, const cli_photo *photo, fleck_samples *out) {
    fleck_message err;
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    uint8_t *bytes;
    size_t size;
    bool ok = cli_read(&run->scratch, photo->path, CLI_PHOTO_BYTES_MAX, &bytes, &size, &err) &&
              cli_photo_measure(run->det, bytes, size, out) == FLECK_OK;
    fleck_arena_reset(&run->scratch, mark);
    return ok;
}

/* Those of the photos that have 16 bits, of which there are seldom any. */
static bool find_deep(cli_run *run, const cli_photos *photos, cli_photos *out) {
    for (size_t i = 0; i < photos->count && !cli_interrupted(); i++)
        if (is_deep(run, &photos->items[i]) &&
            !cli_photos_add(&run->scratch, out, photos->items[i]))
            return false;
    return true;
}

int cli_samples_measure(cli_run *run, const cli_photos *photos) {
    fleck_samples folder = {0, 0}, samples;
    double began = cli_seconds();
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    cli_photos deep = {0};
    if (!find_deep(run, photos, &deep)) return cli_run_no_memory(run);
    if (deep.count) cli_progress_begin(&run->progress, deep.count);
    for (size_t i = 0; i < deep.count && !cli_interrupted(); i++) {
        if (measure(run, &deep.items[i], &samples)) {
            if (samples.bits > folder.bits) folder.bits = samples.bits;
            if (samples.highest > folder.highest) folder.highest = samples.highest;
        }
        cli_progress_tell(&run->progress, "measuring", i + 1);
    }
    fleck_arena_reset(&run->scratch, mark);
    if (cli_interrupted()) {
        cli_say(&run->progress, "interrupted while measuring the photos");
        return CLI_INTERRUPTED;
    }
    fleck_status status = fleck_set_sample_bits(run->det, folder.bits);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");
    char highest[8];
    if (folder.bits && !run->args->quiet)
        cli_say(&run->progress, "16-bit photos: values up to %s are read as %u bits",
                grouped(folder.highest, highest), folder.bits);
    cli_run_clock(run, CLI_FEATURES, began);
    return CLI_DONE;
}

void cli_samples_note(cli_run *run, const cli_photo *photo, bool decoded, const uint8_t *bytes,
                      size_t size) {
    uint32_t bits = fleck_sample_bits(run->det);
    fleck_samples samples;
    if (fleck_photo_pages(bytes, size) > 1 && !run->paged++) run->paged_first = photo->name;
    if (!bits) return;
    if (decoded)
        fleck_extracted(run->det, &samples);
    else if (fleck_measure(run->det, bytes, size, &samples) != FLECK_OK)
        return;
    if (!(samples.highest >> bits)) return;
    if (!run->above++) run->above_first = photo->name;
    if (samples.highest > run->above_most) run->above_most = samples.highest;
}

void cli_samples_tell(cli_run *run) {
    char most[8], white[8], others[CLI_OTHERS_MAX];
    uint32_t bits = fleck_sample_bits(run->det);
    if (run->paged)
        cli_say(&run->progress,
                "%s%s: several pages or pictures, of which the first or main one is read",
                run->paged_first, cli_and_others(run->paged, others));
    if (!run->above) return;
    cli_say(&run->progress,
            "%s%s: 16-bit values up to %s; the photos learnt from have %u bits, so what is above "
            "%s is read as white",
            run->above_first, cli_and_others(run->above, others), grouped(run->above_most, most),
            bits, grouped((1u << bits) - 1, white));
}
