#include "mask_files.h"

#include "fill.h"

bool cli_mask_file(cli_pictures *masks, fleck_arena *scratch, const cli_finding *found,
                   fleck_message *err) {
    cli_window whole = {0, 0, found->width, found->height};
    const fleck_regions *regions = &found->regions;
    size_t pixels = (size_t)found->width * found->height;
    uint8_t *mask = FLECK_NEW_ZERO(scratch, uint8_t, found->width, found->height);
    if (!mask) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", found->name);
        return false;
    }
    cli_fill(regions, 0, regions->count, whole, mask);
    for (uint32_t i = 0; i < regions->count; i++) cli_fill_peak(&regions->region[i], whole, mask);
    for (size_t i = 0; i < pixels; i++) mask[i] = mask[i] ? 255 : 0;
    return cli_pictures_write(masks, scratch, found->name, found->width, found->height, 1, mask,
                              err);
}
