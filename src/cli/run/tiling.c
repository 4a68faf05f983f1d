#include "tiling.h"

#include "load.h"

/* The sizes of the photos, [count, 2], in scratch; NULL when memory is short. What cannot be read
 * is told when its turn comes. */
static uint32_t *sizes_of(cli_run *run, const cli_photos *photos) {
    uint32_t *sizes = FLECK_NEW_ZERO(&run->scratch, uint32_t, photos->count, 2);
    for (size_t i = 0; sizes && i < photos->count && !cli_interrupted(); i++)
        cli_run_photo_size(run, &photos->items[i], &sizes[2 * i], &sizes[2 * i + 1]);
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
