#include "tiling.h"

#include "load.h"

int cli_tiles_choose(cli_run *run, const cli_photos *photos) {
    fleck_tiles tiles = run->args->tiles;
    if (!tiles.columns) tiles = (fleck_tiles){1, 1};
    (void)photos;
    fleck_status status = fleck_set_tiles(run->det, tiles.columns, tiles.rows);
    if (status != FLECK_OK) return cli_run_refused(run, status, "--tiles");
    return cli_run_shape(run);
}
