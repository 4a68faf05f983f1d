#include "area_file.h"

#include "area_json.h"
#include "mask.h"

#include <string.h>

enum { BYTES_MAX = 256 << 20 };

static int refuse(cli_run *run, const char *why) {
    cli_say(&run->progress, "%s: %s", run->args->area, why);
    return CLI_FAILED;
}

/* Whether most photos whose size is known have the mask's shape; says of one that has not. */
static int check_shape(cli_run *run, const cli_mask *mask, const cli_photos *photos) {
    size_t fitting = 0, others = 0;
    uint32_t width, height, other_width = 0, other_height = 0;
    const char *other = "";
    for (size_t i = 0; i < photos->count && !cli_interrupted(); i++) {
        cli_run_photo_size(run, &photos->items[i], &width, &height);
        if (!width || cli_mask_fits(mask, width, height)) {
            fitting += width > 0;
            continue;
        }
        if (others++) continue;
        other = photos->items[i].name;
        other_width = width;
        other_height = height;
    }
    if (fitting >= others) return CLI_DONE;
    cli_say(&run->progress,
            "%s: the mask is %u x %u, and of another shape than %zu of the photos, as %s, %u x %u",
            run->args->area, mask->width, mask->height, others, other, other_width, other_height);
    return CLI_FAILED;
}

static int set_mask(cli_run *run, const uint8_t *bytes, size_t size, const cli_photos *photos,
                    fleck_status *status) {
    cli_mask mask;
    fleck_message err;
    if (!cli_mask_decode(&run->scratch, bytes, size, &mask, &err)) return refuse(run, err.text);
    int result = check_shape(run, &mask, photos);
    if (result == CLI_DONE)
        *status = fleck_set_area_mask(run->det, mask.set, mask.width, mask.height, NULL);
    return result;
}

static int set_polygons(cli_run *run, const uint8_t *bytes, size_t size, fleck_status *status) {
    cli_polygons p;
    fleck_message err;
    if (!cli_area_parse(&run->scratch, bytes, size, &p, &err)) return refuse(run, err.text);
    *status = fleck_set_area(run->det, p.points, p.counts, p.includes, p.excludes, NULL);
    return CLI_DONE;
}

/* An area that a report states by the pixels of heatmaps, as a mask over the whole photo: of the
 * same pixels, also where these see the middle of the photo alone. */
static int set_map(cli_run *run) {
    double frame = (double)run->shape.frame_share;
    uint32_t side = (uint32_t)(FLECK_HEAT / frame + 0.5), border = (side - FLECK_HEAT) / 2;
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    uint8_t *mask = FLECK_NEW_ZERO(&run->scratch, uint8_t, side, side);
    if (!mask) return cli_run_no_memory(run);
    for (uint32_t y = 0; y < FLECK_HEAT; y++)
        memcpy(mask + (size_t)(y + border) * side + border,
               run->args->area_map + (size_t)y * FLECK_HEAT, FLECK_HEAT);
    fleck_status status = fleck_set_area_mask(run->det, mask, side, side, NULL);
    fleck_arena_reset(&run->scratch, mark);
    return status == FLECK_OK ? CLI_DONE : cli_run_refused(run, status, "the area");
}

int cli_area_set(cli_run *run, const cli_photos *photos) {
    const char *path = run->args->area;
    if (run->args->area_map) return set_map(run);
    fleck_message err;
    uint8_t *bytes;
    size_t size, begin = 0;
    if (!path) return CLI_DONE;
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    if (!cli_read(&run->scratch, path, BYTES_MAX, &bytes, &size, &err))
        return refuse(run, err.text);
    while (begin < size && (bytes[begin] == ' ' || (bytes[begin] >= '\t' && bytes[begin] <= '\r')))
        begin++;
    bool is_json = begin < size && (bytes[begin] == '{' || bytes[begin] == '[');
    fleck_status status = FLECK_OK;
    int result = is_json ? set_polygons(run, bytes, size, &status)
                         : set_mask(run, bytes, size, photos, &status);
    fleck_arena_reset(&run->scratch, mark);
    if (result != CLI_DONE || status == FLECK_OK) return result;
    return refuse(run, fleck_error(run->det));
}

void cli_area_tell(cli_run *run) {
    uint32_t inside = fleck_area(run->det, NULL);
    if (inside && !run->args->quiet)
        cli_say(&run->progress, "an area of interest: %u of a photo's %u patches count", inside,
                run->shape.patches);
}
