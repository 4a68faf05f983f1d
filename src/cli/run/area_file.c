#include "area_file.h"

#include "area_json.h"
#include "mask.h"
#include "text.h"

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

/* An area as it was read: a mask or polygons, and the photo that it was drawn over, or NULL. */
typedef struct {
    cli_polygons polygons;
    cli_mask mask;
    bool is_mask;
    const char *follow;
} drawn;

static int read_mask(cli_run *run, const uint8_t *bytes, size_t size, const cli_photos *photos,
                     drawn *out) {
    fleck_message err;
    out->is_mask = true;
    if (!cli_mask_decode(&run->scratch, bytes, size, &out->mask, &err))
        return refuse(run, err.text);
    return check_shape(run, &out->mask, photos);
}

static int read_polygons(cli_run *run, const uint8_t *bytes, size_t size, drawn *out) {
    fleck_message err;
    if (!cli_area_parse(&run->scratch, bytes, size, &out->polygons, &err))
        return refuse(run, err.text);
    out->follow = out->polygons.follow;
    return CLI_DONE;
}

static int read_file(cli_run *run, const cli_photos *photos, drawn *out) {
    fleck_message err;
    uint8_t *bytes;
    size_t size, begin = 0;
    if (!cli_read(&run->scratch, run->args->area, BYTES_MAX, &bytes, &size, &err))
        return refuse(run, err.text);
    while (begin < size && (bytes[begin] == ' ' || (bytes[begin] >= '\t' && bytes[begin] <= '\r')))
        begin++;
    bool is_json = begin < size && (bytes[begin] == '{' || bytes[begin] == '[');
    return is_json ? read_polygons(run, bytes, size, out)
                   : read_mask(run, bytes, size, photos, out);
}

/* An area that a report states by the pixels of heatmaps, as a mask over the whole photo: of the
 * same pixels, also where these see the middle of the photo alone. */
static int read_map(cli_run *run, drawn *out) {
    double frame = (double)run->shape.frame_share;
    uint32_t side = (uint32_t)(FLECK_HEAT / frame + 0.5), border = (side - FLECK_HEAT) / 2;
    uint8_t *mask = FLECK_NEW_ZERO(&run->scratch, uint8_t, side, side);
    if (!mask) return cli_run_no_memory(run);
    for (uint32_t y = 0; y < FLECK_HEAT; y++)
        memcpy(mask + (size_t)(y + border) * side + border,
               run->args->area_map + (size_t)y * FLECK_HEAT, FLECK_HEAT);
    out->is_mask = true;
    out->mask = (cli_mask){.width = side, .height = side, .set = mask};
    return CLI_DONE;
}

/* The features of the photo whose part the area follows, which is one of these. */
static int extract_part(cli_run *run, const char *name, const cli_photos *photos) {
    size_t i = 0;
    while (i < photos->count && strcmp(photos->items[i].name, name) != 0) i++;
    if (i == photos->count) {
        cli_say(&run->progress,
                "the area of interest follows the part on %s, which is none of the photos", name);
        return CLI_FAILED;
    }
    if (cli_run_extract(run, &photos->items[i])) return CLI_DONE;
    cli_say(&run->progress, "the area of interest follows the part on %s, which could not be read",
            name);
    return CLI_FAILED;
}

static int set(cli_run *run, const cli_photos *photos) {
    const cli_args *args = run->args;
    drawn area = {0};
    int result = args->area_map ? read_map(run, &area) : read_file(run, photos, &area);
    if (args->area_follows) area.follow = args->area_follows;
    if (result == CLI_DONE && area.follow) result = extract_part(run, area.follow, photos);
    if (result != CLI_DONE) return result;
    const fleck_half *part = area.follow ? run->patch : NULL;
    const cli_polygons *p = &area.polygons;
    fleck_status status =
        area.is_mask
            ? fleck_set_area_mask(run->det, area.mask.set, area.mask.width, area.mask.height, part)
            : fleck_set_area(run->det, p->points, p->counts, p->includes, p->excludes, part);
    if (status == FLECK_OK && area.follow)
        run->area_follows = fleck_text_copy(&run->arena, area.follow, strlen(area.follow));
    if (status == FLECK_OK && area.follow && !run->area_follows) return cli_run_no_memory(run);
    if (status == FLECK_OK) return CLI_DONE;
    return args->area ? refuse(run, fleck_error(run->det))
                      : cli_run_refused(run, status, "the area");
}

int cli_area_set(cli_run *run, const cli_photos *photos) {
    if (!run->args->area && !run->args->area_map) return CLI_DONE;
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    int result = set(run, photos);
    fleck_arena_reset(&run->scratch, mark);
    return result;
}

void cli_area_tell(cli_run *run) {
    uint32_t inside = fleck_area(run->det, NULL);
    if (inside && !run->args->quiet)
        cli_say(&run->progress, "an area of interest%s: %u of a photo's %u patches count",
                fleck_area_follows(run->det) ? " that follows the part" : "", inside,
                run->shape.patches);
}
