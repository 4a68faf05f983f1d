/* PIL's ImagingResample for 8-bit pixels: horizontal pass, rounded to a byte,
 * vertical pass, rounded to a byte. Only the rows and columns that the crop
 * keeps are computed, and each row of the horizontal result goes into the sums
 * of its output rows at once, so that no tall strip is ever stored. Pixels of
 * 16 bits take the same weights, with wider sums, and are rounded to 16 bits.
 *
 * Easy to get wrong: the triangle filter widens when it shrinks a photo
 * (antialiasing), the crop offset rounds halves to even as Python does, planes
 * are R, G, B. */
#include "resize.h"

#include <math.h>
#include <stdbool.h>

/* PIL's fixed point: weights of 22 bits leave room for a byte and a carry. */
enum { WEIGHT_BITS = 22 };
#define HALF (1u << (WEIGHT_BITS - 1))

static uint8_t to_byte(uint32_t sum) {
    uint32_t value = sum >> WEIGHT_BITS;
    return value > 255 ? 255 : (uint8_t)value;
}

static uint16_t to_word(uint64_t sum) {
    uint64_t value = sum >> WEIGHT_BITS;
    return value > UINT16_MAX ? UINT16_MAX : (uint16_t)value;
}

/* The weights of one axis: pixel i of the result is the sum of in[first[i] + k]
 * * weight[at[i] + k] for k < at[i + 1] - at[i]. Here i counts from the crop's
 * first pixel. */
typedef struct {
    size_t *first, *at;
    uint32_t *weight;
} axis;

static double triangle(double x) {
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/* in pixels become side, of which count from skip on are kept. The expressions
 * are those of PIL's precompute_coeffs, since the golden rule is its bytes. */
static bool axis_new(fleck_arena *scratch, uint32_t in, uint32_t side, uint32_t skip,
                     uint32_t count, axis *out) {
    double scale = (double)in / side;
    double support = scale < 1.0 ? 1.0 : scale;
    size_t taps = (size_t)ceil(support) * 2 + 1;
    if (taps > in) taps = in;
    out->first = FLECK_NEW(scratch, size_t, count);
    out->at = FLECK_NEW(scratch, size_t, (size_t)count + 1);
    out->weight = FLECK_NEW(scratch, uint32_t, taps, count);
    double *w = FLECK_NEW(scratch, double, taps);
    if (!out->first || !out->at || !out->weight || !w) return false;
    double inverse = 1.0 / support;
    out->at[0] = 0;
    for (uint32_t i = 0; i < count; i++) {
        double centre = ((double)i + skip + 0.5) * scale;
        double low = centre - support + 0.5, high = centre + support + 0.5;
        size_t from = low < 0.0 ? 0 : (size_t)low;
        size_t to = high > in ? in : (size_t)high;
        double sum = 0.0;
        for (size_t k = from; k < to; k++) {
            w[k - from] = triangle(((double)k - centre + 0.5) * inverse);
            sum += w[k - from];
        }
        uint32_t *weight = out->weight + out->at[i];
        for (size_t k = from; k < to; k++)
            weight[k - from] = (uint32_t)(0.5 + w[k - from] / sum * (double)(1u << WEIGHT_BITS));
        out->first[i] = from;
        out->at[i + 1] = out->at[i] + (to - from);
    }
    return true;
}

static void across_bytes(const uint8_t *in, const axis *a, size_t count, uint8_t *out) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *p = in + 3 * a->first[i];
        const uint32_t *w = a->weight + a->at[i];
        size_t taps = a->at[i + 1] - a->at[i];
        uint32_t r = HALF, g = HALF, b = HALF;
        for (size_t k = 0; k < taps; k++, p += 3) {
            r += w[k] * p[0];
            g += w[k] * p[1];
            b += w[k] * p[2];
        }
        out[3 * i] = to_byte(r);
        out[3 * i + 1] = to_byte(g);
        out[3 * i + 2] = to_byte(b);
    }
}

static void across_words(const uint16_t *in, const axis *a, size_t count, uint16_t *out) {
    for (size_t i = 0; i < count; i++) {
        const uint16_t *p = in + 3 * a->first[i];
        const uint32_t *w = a->weight + a->at[i];
        size_t taps = a->at[i + 1] - a->at[i];
        uint64_t r = HALF, g = HALF, b = HALF;
        for (size_t k = 0; k < taps; k++, p += 3) {
            r += (uint64_t)w[k] * p[0];
            g += (uint64_t)w[k] * p[1];
            b += (uint64_t)w[k] * p[2];
        }
        out[3 * i] = to_word(r);
        out[3 * i + 1] = to_word(g);
        out[3 * i + 2] = to_word(b);
    }
}

/* The sums of one output, in the width that the photo's pixels need, and a row for them. */
typedef struct {
    size_t row_values;
    union {
        uint8_t *bytes;
        uint16_t *words;
    } row;
    union {
        uint32_t *of_bytes;
        uint64_t *of_words;
    } sum; /* [S, row_values] */
} pixel_sums;

static bool sums_new(fleck_arena *scratch, bool wide, uint32_t S, pixel_sums *out) {
    size_t n = out->row_values = (size_t)S * 3;
    if (wide) {
        out->row.words = FLECK_NEW(scratch, uint16_t, n);
        out->sum.of_words = FLECK_NEW(scratch, uint64_t, n, S);
        if (!out->row.words || !out->sum.of_words) return false;
        for (size_t i = 0; i < n * S; i++) out->sum.of_words[i] = HALF;
    } else {
        out->row.bytes = FLECK_NEW(scratch, uint8_t, n);
        out->sum.of_bytes = FLECK_NEW(scratch, uint32_t, n, S);
        if (!out->row.bytes || !out->sum.of_bytes) return false;
        for (size_t i = 0; i < n * S; i++) out->sum.of_bytes[i] = HALF;
    }
    return true;
}

static void add_row(const pixel_sums *s, bool wide, uint32_t weight, size_t i) {
    size_t n = s->row_values;
    if (wide) {
        uint64_t *sum = s->sum.of_words + i * n;
        for (size_t x = 0; x < n; x++) sum[x] += (uint64_t)weight * s->row.words[x];
    } else {
        uint32_t *sum = s->sum.of_bytes + i * n;
        for (size_t x = 0; x < n; x++) sum[x] += weight * s->row.bytes[x];
    }
}

/* The sums -> tensor [3, S, S]. */
static void normalise(const pixel_sums *s, bool wide, size_t plane, const float mean[3],
                      const float std[3], float *tensor) {
    if (wide) {
        for (size_t i = 0; i < plane; i++)
            for (size_t c = 0; c < 3; c++)
                tensor[c * plane + i] =
                    ((float)to_word(s->sum.of_words[3 * i + c]) / 65535.0f - mean[c]) / std[c];
        return;
    }
    float normalised[3][256];
    for (size_t c = 0; c < 3; c++)
        for (size_t v = 0; v < 256; v++) normalised[c][v] = ((float)v / 255.0f - mean[c]) / std[c];
    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < 3; c++)
            tensor[c * plane + i] = normalised[c][to_byte(s->sum.of_bytes[3 * i + c])];
}

uint32_t fleck_image_resize_side(fleck_preset preset, uint32_t pixels) {
    return preset == FLECK_PRESET_FIT ? pixels : (uint32_t)(((uint64_t)pixels * 16 + 7) / 14);
}

/* The axis of a square's side: S pixels from first on, of the cropped that a side of in becomes. */
static bool axis_of_square(fleck_arena *scratch, fleck_preset preset, uint32_t in, uint32_t cropped,
                           uint32_t first, uint32_t S, axis *out) {
    uint32_t side = fleck_image_resize_side(preset, cropped);
    uint32_t margin = side - cropped;
    uint32_t skip = margin / 2 + (margin % 4 == 3); /* round(margin / 2.0) of Python */
    return axis_new(scratch, in, side, skip + first, S, out);
}

fleck_status fleck_image_to_tensor(fleck_arena *scratch, const fleck_image *image,
                                   fleck_preset preset, fleck_square square, const float mean[3],
                                   const float std[3], float *tensor, fleck_message *err) {
    uint32_t S = square.S;
    if (!image->width || !image->height || !S)
        return fleck_fail(err, FLECK_ERR_ARGUMENT, "photo or network input has no pixels");
    fleck_arena_mark mark = fleck_arena_here(scratch);
    bool wide = image->wide != NULL;
    axis across, down;
    pixel_sums sums;
    if (!sums_new(scratch, wide, S, &sums) ||
        !axis_of_square(scratch, preset, image->width, square.width, square.left, S, &across) ||
        !axis_of_square(scratch, preset, image->height, square.height, square.top, S, &down))
        return fleck_fail(err, FLECK_ERR_MEMORY,
                          "not enough memory to resize a photo of %u x %u pixels", image->width,
                          image->height);
    size_t last = down.first[S - 1] + (down.at[S] - down.at[S - 1]);
    uint32_t begin = 0; /* rows of the result before it are complete */
    for (size_t y = down.first[0]; y < last; y++) {
        size_t at = y * image->width * 3;
        if (wide)
            across_words(image->wide + at, &across, S, sums.row.words);
        else
            across_bytes(image->rgb + at, &across, S, sums.row.bytes);
        for (uint32_t i = begin; i < S && down.first[i] <= y; i++) {
            size_t k = y - down.first[i];
            if (k >= down.at[i + 1] - down.at[i])
                begin = i + 1;
            else
                add_row(&sums, wide, down.weight[down.at[i] + k], i);
        }
    }
    normalise(&sums, wide, (size_t)S * S, mean, std, tensor);
    fleck_arena_reset(scratch, mark);
    return FLECK_OK;
}
