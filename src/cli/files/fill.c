/* Each edge toggles, in every row whose middle it crosses, the first pixel behind it; what toggles
 * an odd number of times up to a pixel has it inside (even-odd rule). Regions never overlap. */
#include "fill.h"

#include <math.h>
#include <stddef.h>

/* The first whole number n with n + 0.5 >= at, within low to high. */
static uint32_t centre_from(double at, uint32_t low, uint32_t high) {
    double n = ceil(at - 0.5);
    return n <= low ? low : n >= high ? high : (uint32_t)n;
}

static void toggle(fleck_point a, fleck_point b, cli_window w, uint8_t *mask) {
    double ax = (double)a.x, ay = (double)a.y, bx = (double)b.x, by = (double)b.y;
    uint32_t bottom = w.top + w.height, right = w.left + w.width;
    uint32_t from = centre_from(ay < by ? ay : by, w.top, bottom);
    uint32_t to = centre_from(ay < by ? by : ay, w.top, bottom);
    for (uint32_t y = from; y < to; y++) {
        double x = ax + (y + 0.5 - ay) / (by - ay) * (bx - ax);
        uint32_t column = centre_from(x, w.left, right);
        if (column < right) mask[(size_t)(y - w.top) * w.width + (column - w.left)] ^= 1;
    }
}

uint64_t cli_fill(const fleck_regions *regions, uint32_t first, uint32_t count, cli_window window,
                  uint8_t *mask) {
    for (uint32_t i = first; i < first + count; i++) {
        const fleck_region *region = &regions->region[i];
        for (uint32_t c = 0; c < region->contour_count; c++) {
            fleck_contour line = regions->contour[region->first_contour + c];
            const fleck_point *p = regions->point + line.first;
            for (uint32_t k = 0; k < line.count; k++)
                toggle(p[k], p[(k + 1) % line.count], window, mask);
        }
    }
    uint64_t marked = 0;
    for (uint32_t y = 0; y < window.height; y++) {
        uint8_t *row = mask + (size_t)y * window.width, inside = 0;
        for (uint32_t x = 0; x < window.width; x++) {
            inside ^= row[x];
            row[x] = inside;
            marked += inside;
        }
    }
    return marked;
}

static uint32_t pixel_at(float at, uint32_t length) {
    uint32_t pixel = (uint32_t)at;
    return pixel < length ? pixel : length - 1;
}

cli_window cli_window_of(const fleck_region *r, uint32_t width, uint32_t height) {
    cli_window w = {pixel_at(r->left, width), pixel_at(r->top, height), 0, 0};
    w.width = pixel_at(r->left + r->width, width) + 1 - w.left;
    w.height = pixel_at(r->top + r->height, height) + 1 - w.top;
    return w;
}

void cli_fill_peak(const fleck_region *region, cli_window window, uint8_t *mask) {
    uint32_t x = pixel_at(region->peak_x, window.left + window.width);
    uint32_t y = pixel_at(region->peak_y, window.top + window.height);
    mask[(size_t)(y - window.top) * window.width + (x - window.left)] = 1;
}
