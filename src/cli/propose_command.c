#include "propose_command.h"

#include "load.h"
#include "print.h"
#include "sample_bits.h"
#include "tiling.h"

static int print_polygon(cli_run *run, const char *name) {
    fleck_point *point = FLECK_NEW(&run->scratch, fleck_point, FLECK_AREA_POINTS_MAX);
    uint32_t count;
    if (!point) return cli_run_no_memory(run);
    fleck_status status = fleck_propose_area(run->det, run->patch, point, &count);
    if (status != FLECK_OK) {
        cli_run_refused(run, status, name);
        return CLI_FAILED;
    }
    printf("{\"include\":[[");
    for (uint32_t i = 0; i < count; i++)
        printf("%s[%.4f,%.4f]", i ? "," : "", (double)point[i].x, (double)point[i].y);
    printf("]]}\n");
    return cli_printed() ? CLI_DONE : CLI_FAILED;
}

int cli_propose_area(cli_run *run) {
    cli_photo photo = {.path = run->args->paths[0], .name = run->args->paths[0]};
    cli_photos photos = {.items = &photo, .count = 1};
    int result = cli_run_load(run, &run->args->options);
    if (result == CLI_DONE) result = cli_samples_measure(run, &photos);
    if (result == CLI_DONE) result = cli_tiles_choose(run, &photos);
    if (result != CLI_DONE) return result;
    cli_progress_clear(&run->progress);
    /* it says why not */
    return cli_run_extract(run, &photo) ? print_polygon(run, photo.name) : CLI_FAILED;
}
