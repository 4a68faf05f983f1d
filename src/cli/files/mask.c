/* What is drawn on a mask depends on who drew it: 255 on 0, values 1 to n for the kinds of
 * defects, in 8 bits or 16; colours, by a palette or without; opaque on transparent. So the
 * samples of a PNG or BMP are looked at as they are stored, opacity and all. */
#include "mask.h"

#include "image.h"
#include "readers.h"
#include "resize.h"

#include <string.h>

enum {
    VALUES = 65536,
    KINDS_MAX = 16,      /* more values than that are edges made smooth, not kinds of defects */
    KIND_VALUE_MAX = 64, /* unless all of them are as dark as numbers of kinds are */
};

/* One number a pixel, and how many pixels have each. */
typedef struct {
    size_t n;
    uint16_t *value;
    uint32_t *count; /* [VALUES] */
    uint32_t most;   /* the largest value */
    size_t kinds;    /* different values but 0 */
} values;

static void count_values(values *v) {
    memset(v->count, 0, VALUES * sizeof *v->count);
    v->most = 0;
    v->kinds = 0;
    for (size_t i = 0; i < v->n; i++) v->count[v->value[i]]++;
    for (uint32_t i = 1; i < VALUES; i++) {
        if (!v->count[i]) continue;
        v->most = i;
        v->kinds++;
    }
}

/* The pixels' colours and opacity -> one value each. Where the colours tell nothing, the
 * opacity does; where it varies as well, the transparent pixels are background. */
static void flatten(const uint16_t *pixels, uint32_t channels, values *v) {
    uint32_t colours = channels > 2 ? 3 : 1;
    bool has_alpha = channels == 2 || channels == 4;
    uint16_t opaque_least = UINT16_MAX, opaque_most = 0;
    bool plain = true; /* one colour everywhere */
    for (size_t i = 0; i < v->n; i++) {
        const uint16_t *p = pixels + i * channels;
        uint16_t most = 0, alpha = has_alpha ? p[colours] : UINT16_MAX;
        for (uint32_t c = 0; c < colours; c++) {
            most = p[c] > most ? p[c] : most;
            plain = plain && p[c] == pixels[c];
        }
        opaque_least = alpha < opaque_least ? alpha : opaque_least;
        opaque_most = alpha > opaque_most ? alpha : opaque_most;
        v->value[i] = most;
    }
    bool cut_out = has_alpha && opaque_least < opaque_most;
    if (!cut_out) return;
    size_t left = 0;
    for (size_t i = 0; i < v->n; i++) {
        if (pixels[i * channels + colours] <= opaque_most / 2) v->value[i] = 0;
        left += v->value[i] != 0;
    }
    if (!plain && left) return;
    for (size_t i = 0; i < v->n; i++) v->value[i] = pixels[i * channels + colours];
}

/* Whether the values between the least and the most are edges made smooth: each of them lies
 * between a smaller and a larger one, as no pixel within a region does. */
static bool is_smooth(const values *v, size_t width) {
    size_t between = 0, steps = 0;
    for (size_t i = 0; i < v->n; i++) {
        uint16_t value = v->value[i], low = value, high = value;
        if (!value || value == v->most) continue;
        size_t x = i % width;
        for (size_t dy = 0; dy < 3; dy++)
            for (size_t dx = 0; dx < 3; dx++) {
                size_t at = i + dy * width + dx; /* one row and one column further on */
                if (at < width + 1 || at - width - 1 >= v->n) continue;
                if (x + dx < 1 || x + dx > width) continue;
                uint16_t other = v->value[at - width - 1];
                low = other < low ? other : low;
                high = other > high ? other : high;
            }
        between++;
        steps += low < value && value < high;
    }
    return between && steps > between - between / 5;
}

/* Lossy files and smooth edges have values between: they are cut at half. Everything else
 * has few values, each of which is a kind of defect. */
static bool threshold(const values *v, size_t width, bool lossy, uint32_t *out,
                      fleck_message *err) {
    bool few = v->kinds <= KINDS_MAX || v->most <= KIND_VALUE_MAX;
    *out = 1;
    if (!v->most) return true;
    if (!lossy && few && v->kinds > 1 && !v->count[0]) {
        fleck_fail(err, FLECK_ERR_FORMAT,
                   "has %zu values and none is 0: which of them is the background?", v->kinds);
        return false;
    }
    if (!lossy && few && (v->most <= KIND_VALUE_MAX || !is_smooth(v, width))) return true;
    if (lossy && v->most < KIND_VALUE_MAX) {
        /* nothing but what compression leaves of black, or values that it has mixed */
        *out = UINT32_MAX;
        if (v->most <= 8) return true;
        fleck_fail(err, FLECK_ERR_FORMAT,
                   "is a JPEG whose values (up to %u) are too small to be told apart", v->most);
        return false;
    }
    size_t dark = 0, between = 0;
    *out = v->most / 2 + 1;
    for (uint32_t i = 0; i < v->most / 5; i++) dark += v->count[i];
    for (uint32_t i = v->most / 5; i < v->most - v->most / 5; i++) between += v->count[i];
    if (dark && between <= v->n / 5) return true;
    fleck_fail(err, FLECK_ERR_FORMAT,
               "looks like a photo, not like a mask: %d %% of it is dark, %d %% neither dark nor "
               "bright",
               (int)(100.0 * (double)dark / (double)v->n),
               (int)(100.0 * (double)between / (double)v->n));
    return false;
}

/* The samples of a file as 16-bit numbers, not scaled. */
static uint16_t *read_samples(fleck_arena *arena, const uint8_t *file, size_t size, uint32_t *width,
                              uint32_t *height, uint32_t *channels, fleck_message *err) {
    fleck_image image; /* also what tells a damaged file */
    photo_header header;
    photo_samples samples = {.channels = 3, .bits = 8};
    if (fleck_image_decode(arena, file, size, 16, &image, err) != FLECK_OK) return NULL;
    samples.data = image.rgb;
    *width = image.width;
    *height = image.height;
    bool is_png = STARTS(file, size, "\x89PNG"), is_bmp = STARTS(file, size, "BM");
    if (is_png || is_bmp) {
        fleck_status status = is_png ? fleck_png_inspect(file, size, &header, err)
                                     : fleck_bmp_inspect(file, size, &header, err);
        if (status == FLECK_OK)
            status = is_png ? fleck_png_decode(arena, file, size, &header, &samples, err)
                            : fleck_bmp_decode(arena, file, size, &samples, err);
        if (status != FLECK_OK) return NULL;
        *width = (uint32_t)header.width;
        *height = (uint32_t)header.height;
    }
    *channels = samples.channels;
    if (samples.bits == 16) return samples.data;
    size_t count = FLECK_SIZE(*width, *height, *channels);
    uint16_t *out = FLECK_NEW(arena, uint16_t, count);
    if (!out) fleck_fail(err, FLECK_ERR_MEMORY, "does not fit into memory");
    for (size_t i = 0; out && i < count; i++) out[i] = ((const uint8_t *)samples.data)[i];
    return out;
}

static void mark(const values *v, uint32_t least, bool lossy, cli_mask *out) {
    const size_t corners[] = {0, out->width - 1, v->n - out->width, v->n - 1};
    size_t set = 0;
    for (size_t i = 0; i < v->n; i++) out->marked += out->set[i] = v->value[i] >= least;
    for (size_t i = 0; i < 4; i++) set += out->set[corners[i]];
    size_t between = 0, dark = 0;
    for (uint32_t i = 0; i < v->most - v->most / 10; i++)
        *(i <= v->most / 10 ? &dark : &between) += v->count[i];
    bool plain = lossy ? between <= v->n / 50 : v->kinds <= KINDS_MAX;
    out->drawn = out->marked && plain && 2 * dark > v->n;
    out->inverted = set == 4 && out->marked > v->n / 2;
}

bool cli_mask_decode(fleck_arena *arena, const uint8_t *file, size_t size, cli_mask *out,
                     fleck_message *err) {
    uint32_t channels, least;
    *out = (cli_mask){.width = 0};
    const uint16_t *samples =
        read_samples(arena, file, size, &out->width, &out->height, &channels, err);
    if (!samples) return false;
    values v = {.n = FLECK_SIZE(out->width, out->height)};
    v.value = FLECK_NEW(arena, uint16_t, v.n);
    v.count = FLECK_NEW(arena, uint32_t, VALUES);
    out->set = FLECK_NEW(arena, uint8_t, v.n);
    if (!v.value || !v.count || !out->set) {
        fleck_fail(err, FLECK_ERR_MEMORY, "does not fit into memory");
        return false;
    }
    flatten(samples, channels, &v);
    count_values(&v);
    bool lossy = STARTS(file, size, "\xff\xd8");
    if (!threshold(&v, out->width, lossy, &least, err)) return false;
    mark(&v, least, lossy, out);
    return true;
}

bool cli_mask_fits(const cli_mask *mask, uint32_t width, uint32_t height) {
    uint64_t a = (uint64_t)mask->width * height, b = (uint64_t)mask->height * width;
    uint64_t difference = a > b ? a - b : b - a, most = a > b ? a : b;
    return 2 * difference <= (uint64_t)width + height && 50 * difference <= most;
}

void cli_mask_draw(const cli_mask *mask, fleck_preset preset, uint8_t *out) {
    size_t side = fleck_image_resize_side(preset, FLECK_HEAT);
    size_t crop = (side - FLECK_HEAT) / 2;
    for (size_t y = 0; y < FLECK_HEAT; y++) {
        size_t row = (2 * (y + crop) + 1) * mask->height / (2 * side);
        for (size_t x = 0; x < FLECK_HEAT; x++) {
            size_t column = (2 * (x + crop) + 1) * mask->width / (2 * side);
            out[y * FLECK_HEAT + x] |= mask->set[row * mask->width + column];
        }
    }
}
