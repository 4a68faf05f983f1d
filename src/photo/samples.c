/* Samples as a file stores them -> pixels as they are seen: turned upright, without alpha, those
 * of 16 bits spread over their range.
 *
 * Transparent pixels show mid grey: below them a file may hold anything. Of all single colours
 * grey is the one that is nearest to what backbones take for the mean, so that it says the least,
 * and neither black nor white products lose their outline on it. A photo that is transparent all
 * over is none: whoever wrote it left the fourth channel empty. */
#include "samples.h"

enum { GREY_8 = 128, GREY_16 = GREY_8 * 257, MOST_8 = 255, MOST_16 = 65535 };

/* value of most over grey; no sum overflows, since none is above most * most. */
static uint32_t over(uint32_t grey, uint32_t value, uint32_t alpha, uint32_t most) {
    return (value * alpha + grey * (most - alpha) + most / 2) / most;
}

static bool has_alpha(const photo_samples *s, size_t pixels) {
    if (s->channels % 2) return false;
    size_t at = s->channels - 1;
    for (size_t i = 0; i < pixels; i++, at += s->channels)
        if (s->bits == 16 ? ((const uint16_t *)s->data)[at] : ((const uint8_t *)s->data)[at])
            return true;
    return false;
}

static void pixel_8(const photo_samples *s, size_t index, bool alpha, uint8_t rgb[3]) {
    const uint8_t *p = (const uint8_t *)s->data + index * s->channels;
    for (uint32_t c = 0; c < 3; c++) rgb[c] = p[s->channels < 3 ? 0 : c];
    for (uint32_t c = 0; alpha && c < 3; c++)
        rgb[c] = (uint8_t)over(GREY_8, rgb[c], p[s->channels - 1], MOST_8);
}

/* Values from 0 to top become 0 to MOST_16. */
static void pixel_16(const photo_samples *s, size_t index, bool alpha, uint32_t top,
                     uint16_t rgb[3]) {
    const uint16_t *p = (const uint16_t *)s->data + index * s->channels;
    for (uint32_t c = 0; c < 3; c++) {
        uint32_t value = p[s->channels < 3 ? 0 : c];
        if (value > top) value = top;
        if (top < MOST_16) value = (value * MOST_16 + top / 2) / top;
        rgb[c] = (uint16_t)(alpha ? over(GREY_16, value, p[s->channels - 1], MOST_16) : value);
    }
}

/* The highest value that is seen. */
static uint32_t highest_of(const photo_samples *s, size_t pixels) {
    bool alpha = has_alpha(s, pixels);
    uint32_t highest = 0, colours = s->channels < 3 ? 1 : 3;
    const uint16_t *p = s->data;
    for (size_t i = 0; i < pixels; i++, p += s->channels)
        for (uint32_t c = 0; (!alpha || p[colours]) && c < colours; c++)
            if (p[c] > highest) highest = p[c];
    return highest;
}

/* sBIT says how many bits the camera had. PNG wants its values scaled up to all 16, but many
 * programs write them as they are, which shows: none is higher than these bits can hold. */
fleck_samples fleck_photo_measure(const photo_samples *s, size_t pixels) {
    if (s->bits != 16) return (fleck_samples){0, 0};
    uint32_t highest = highest_of(s, pixels), bits = 8;
    if (s->significant == 16)
        while (highest >> bits) bits += 2;
    else if (highest >> s->significant)
        bits = 16;
    else if (s->significant > bits)
        bits = s->significant;
    return (fleck_samples){bits, highest};
}

/* EXIF's orientations 5..8 swap the axes; a walk along the rows of the result goes through the
 * stored pixels from one corner, in steps that may be negative. */
typedef struct {
    size_t width, height; /* as seen */
    size_t first;         /* stored index of the first pixel */
    size_t right, down;   /* steps, modulo SIZE_MAX + 1 */
} walk;

static walk walk_of(const photo_header *h) {
    size_t width = (size_t)h->width, height = (size_t)h->height;
    uint32_t o = h->orientation;
    bool swap = o >= 5, from_right = o == 2 || o == 3 || o == 7 || o == 8;
    bool from_bottom = o == 3 || o == 4 || o == 6 || o == 7;
    size_t across = from_right ? (size_t)0 - 1 : 1, along = from_bottom ? 0 - width : width;
    return (walk){
        .width = swap ? height : width,
        .height = swap ? width : height,
        .first = (from_bottom ? (height - 1) * width : 0) + (from_right ? width - 1 : 0),
        .right = swap ? along : across,
        .down = swap ? across : along,
    };
}

fleck_status fleck_photo_pixels(fleck_arena *arena, const photo_samples *s,
                                const photo_header *header, uint32_t sample_bits, fleck_image *out,
                                fleck_message *err) {
    walk w = walk_of(header);
    size_t pixels = w.width * w.height;
    bool wide = s->bits == 16;
    fleck_image image = {.width = (uint32_t)w.width, .height = (uint32_t)w.height};
    image.samples = fleck_photo_measure(s, pixels);
    image.rgb = FLECK_NEW(arena, uint8_t, pixels, 3);
    image.wide = wide ? FLECK_NEW(arena, uint16_t, pixels, 3) : NULL;
    if (!image.rgb || (wide && !image.wide))
        return fleck_photo_out_of_memory(err, header->width, header->height);
    *out = image;
    if (!wide && s->channels == 3 && header->orientation == 1) {
        memcpy(image.rgb, s->data, pixels * 3);
        return FLECK_OK;
    }
    if (!sample_bits) sample_bits = s->significant < 16 ? image.samples.bits : 16;
    uint32_t top = (1u << sample_bits) - 1;
    bool alpha = has_alpha(s, pixels);
    uint8_t *rgb = image.rgb;
    uint16_t *words = image.wide;
    for (size_t y = 0; y < w.height; y++) {
        size_t index = w.first + y * w.down;
        for (size_t x = 0; x < w.width; x++, index += w.right, rgb += 3) {
            if (!wide) {
                pixel_8(s, index, alpha, rgb);
                continue;
            }
            pixel_16(s, index, alpha, top, words);
            for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)((*words++ + 128u) / 257);
        }
    }
    return FLECK_OK;
}

void fleck_photo_flatten(const uint8_t *rgba, size_t pixels, uint8_t *rgb) {
    photo_samples s = {.channels = 4, .bits = 8, .data = (void *)(uintptr_t)rgba};
    bool alpha = has_alpha(&s, pixels);
    for (size_t i = 0; i < pixels; i++) pixel_8(&s, i, alpha, rgb + 3 * i);
}
