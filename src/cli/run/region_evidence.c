#include "region_evidence.h"

static cli_box in_pixels(float left, float top, float width, float height, uint32_t photo_width,
                         uint32_t photo_height) {
    float across = (float)photo_width, down = (float)photo_height;
    return (cli_box){left * across, top * down, width * across, height * down};
}

static int explain(cli_run *run, const cli_photos *learnt, uint32_t index, const cli_finding *found,
                   const fleck_region *region, cli_evidence *out) {
    fleck_similar similar[CLI_SIMILAR];
    fleck_explanation e;
    float x = region->peak_x / (float)found->width, y = region->peak_y / (float)found->height;
    fleck_status status =
        index == CLI_NOT_LEARNT
            ? fleck_explain(run->det, run->patch, x, y, CLI_SIMILAR, similar, &e)
            : fleck_explain_added(run->det, index, x, y, CLI_SIMILAR, similar, &e);
    if (status != FLECK_OK) return cli_run_refused(run, status, found->name);
    *out = (cli_evidence){
        .box = in_pixels(e.left, e.top, e.width, e.height, found->width, found->height),
        .distance = e.distance,
        .nearer = e.nearer,
        .usual = e.usual,
        .count = e.count};
    for (uint32_t i = 0; i < e.count; i++) {
        const fleck_similar *s = &similar[i];
        const cli_photo *photo = &learnt->items[s->photo];
        uint32_t width, height;
        cli_run_photo_size(run, photo, &width, &height);
        out->similar[i].name = photo->name;
        out->similar[i].distance = s->distance;
        out->similar[i].box = in_pixels(s->left, s->top, s->width, s->height, width, height);
    }
    return CLI_DONE;
}

int cli_evidence_find(cli_run *run, const cli_photos *learnt, uint32_t index, cli_finding *found) {
    uint32_t count = found->regions.count;
    cli_evidence *evidence = FLECK_NEW(&run->scratch, cli_evidence, count);
    if (!evidence) return cli_run_no_memory(run);
    for (uint32_t i = 0; i < count; i++) {
        int result = explain(run, learnt, index, found, &found->regions.region[i], &evidence[i]);
        if (result != CLI_DONE) return result;
    }
    found->evidence = evidence;
    return CLI_DONE;
}
