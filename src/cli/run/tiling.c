#include "tiling.h"

#include "load.h"
#include "photo_file.h"

/* The size of a photo that says it at its end; what cannot be read is told when its turn comes. */
static void size_by_all(cli_run *run, const char *path, uint32_t size_of[2]) {
    fleck_message err;
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    uint8_t *bytes;
    size_t size;
    if (cli_read(&run->scratch, path, CLI_PHOTO_BYTES_MAX, &bytes, &size, &err))
        cli_photo_size(bytes, size, &size_of[0], &size_of[1]);
    fleck_arena_reset(&run->scratch, mark);
}

/* The sizes of the photos, [count, 2], in scratch; NULL when memory is short. */
static uint32_t *sizes_of(cli_run *run, const cli_photos *photos) {
    uint32_t *sizes = FLECK_NEW_ZERO(&run->scratch, uint32_t, photos->count, 2);
    uint8_t *head = FLECK_NEW(&run->scratch, uint8_t, FLECK_SIZE_HEAD);
    if (!sizes || !head) return NULL;
    for (size_t i = 0; i < photos->count && !cli_interrupted(); i++) {
        size_t size;
        const char *path = photos->items[i].path;
        if (cli_read_head(path, head, FLECK_SIZE_HEAD, &size) != CLI_HEAD_FILE) continue;
        cli_photo_size(head, size, &sizes[2 * i], &sizes[2 * i + 1]);
        if (!sizes[2 * i] && size == FLECK_SIZE_HEAD) size_by_all(run, path, &sizes[2 * i]);
    }
    return sizes;
}

static int suggest(cli_run *run, const cli_photos *photos, fleck_tiles *out) {
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    const uint32_t *sizes = sizes_of(run, photos);
    if (!sizes) return cli_run_no_memory(run);
    fleck_status status =
        fleck_suggest_tiles(run->det, sizes, (uint32_t)photos->count, &out->columns, &out->rows);
    fleck_arena_reset(&run->scratch, mark);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");
    uint32_t count = out->columns * out->rows;
    if (count > 1 && !run->args->quiet)
        cli_say(&run->progress,
                "large or long photos: each is looked at as %u x %u tiles, which takes %u times as "
                "long as the whole at once (--tiles 1x1)",
                out->columns, out->rows, count);
    return CLI_DONE;
}

int cli_tiles_choose(cli_run *run, const cli_photos *photos) {
    double began = cli_seconds();
    fleck_tiles tiles = run->args->tiles;
    int result = tiles.columns ? CLI_DONE : suggest(run, photos, &tiles);
    if (result != CLI_DONE) return result;
    fleck_status status = fleck_set_tiles(run->det, tiles.columns, tiles.rows);
    if (status != FLECK_OK) return cli_run_refused(run, status, "--tiles");
    result = cli_run_shape(run);
    cli_run_clock(run, CLI_FEATURES, began);
    return result;
}
