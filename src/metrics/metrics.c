/* Every metric walks down the distinct scores, best first, counting what lies
 * above: exact, no binning of thresholds. Millions of pixels are sorted with a
 * radix sort on the bits of their scores. */
#include "metrics.h"

#include <math.h>
#include <string.h>

/* A scored thing; sorting is by key, which falls as the score rises. */
typedef struct {
    uint32_t key;
    uint32_t group; /* 0 normal; 1 or, for AUPRO, region number: defect */
} entry;

/* Order-preserving bits of a float, reversed. Adding 0 joins the two zeros. */
static uint32_t descending_key(float score) {
    float s = score + 0.0f;
    uint32_t bits;
    memcpy(&bits, &s, sizeof bits);
    return bits >> 31 ? bits : ~bits & 0x7FFFFFFF;
}

/* Sorts entries by key, a byte a pass (256 streams of writes suit the caches
 * better than more); other has room for n. The result is in the array that is
 * returned. */
static entry *sort_entries(entry *entries, entry *other, size_t n) {
    enum { PASSES = 4, BINS = 256 };
    size_t start[PASSES][BINS] = {{0}};
    for (size_t i = 0; i < n; i++)
        for (int pass = 0; pass < PASSES; pass++) start[pass][entries[i].key >> 8 * pass & 255]++;
    for (int pass = 0; pass < PASSES; pass++) {
        size_t sum = 0;
        for (size_t b = 0; b < BINS; b++) {
            size_t count = start[pass][b];
            start[pass][b] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            other[start[pass][entries[i].key >> 8 * pass & 255]++] = entries[i];
        entry *swap = entries;
        entries = other;
        other = swap;
    }
    return entries;
}

typedef struct {
    entry *entries; /* sorted, highest score first */
    size_t n;
    double positives, negatives;
} ranking;

/* False when a score is NaN or a class is missing. entries and other have room for n. */
static bool rank(entry *entries, entry *other, const float *score, const uint8_t *label, size_t n,
                 ranking *out) {
    size_t positives = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(score[i])) return false;
        entries[i] = (entry){descending_key(score[i]), label[i] != 0};
        positives += label[i] != 0;
    }
    *out =
        (ranking){sort_entries(entries, other, n), n, (double)positives, (double)(n - positives)};
    return positives && positives < n;
}

/* Counts the entries that share the score of the i-th; returns where the next
 * score begins. */
static size_t step(const ranking *r, size_t i, double *positives, double *negatives) {
    uint32_t key = r->entries[i].key;
    *positives = *negatives = 0.0;
    for (; i < r->n && r->entries[i].key == key; i++)
        *(r->entries[i].group ? positives : negatives) += 1.0;
    return i;
}

/* Counts stay below 2^53, so every sum in this is exact. */
static double auroc(const ranking *r) {
    double area = 0.0, above = 0.0, p, q;
    for (size_t i = 0; i < r->n;) {
        i = step(r, i, &p, &q);
        area += (above + 0.5 * p) * q;
        above += p;
    }
    return area / (r->positives * r->negatives);
}

static double average_precision(const ranking *r) {
    double sum = 0.0, above = 0.0, wrong = 0.0, p, q;
    for (size_t i = 0; i < r->n;) {
        i = step(r, i, &p, &q);
        above += p;
        wrong += q;
        sum += p * above / (above + wrong);
    }
    return sum / r->positives;
}

static double f1_max(const ranking *r) {
    double best = 0.0, above = 0.0, wrong = 0.0, p, q;
    for (size_t i = 0; i < r->n;) {
        i = step(r, i, &p, &q);
        above += p;
        wrong += q;
        best = fmax(best, 2.0 * above / (above + wrong + r->positives));
    }
    return best;
}

static bool measure(double (*metric)(const ranking *), fleck_arena *scratch, const float *score,
                    const uint8_t *label, size_t n, double *out) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    entry *entries = FLECK_NEW(scratch, entry, n), *other = FLECK_NEW(scratch, entry, n);
    if (!entries || !other) return false;
    ranking r;
    *out = rank(entries, other, score, label, n, &r) ? metric(&r) : (double)NAN;
    fleck_arena_reset(scratch, mark);
    return true;
}

bool fleck_auroc(fleck_arena *scratch, const float *score, const uint8_t *label, size_t n,
                 double *out) {
    return measure(auroc, scratch, score, label, n, out);
}

bool fleck_average_precision(fleck_arena *scratch, const float *score, const uint8_t *label,
                             size_t n, double *out) {
    return measure(average_precision, scratch, score, label, n, out);
}

bool fleck_f1_max(fleck_arena *scratch, const float *score, const uint8_t *label, size_t n,
                  double *out) {
    return measure(f1_max, scratch, score, label, n, out);
}

/* ---- AUPRO -------------------------------------------------------------- */

/* Root of a pixel's tree, halving the path on the way. A root is its own
 * parent. */
static uint32_t find_root(uint32_t *parent, uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
}

static void join(uint32_t *parent, uint32_t a, uint32_t b) {
    a = find_root(parent, a);
    b = find_root(parent, b);
    /* The earlier pixel leads, so that a root comes before its pixels. */
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

/* Numbers the 8-connected regions of one mask from *regions + 1 on, counts
 * their pixels in area (indexed by number), and writes the number of every
 * pixel's region, 0 outside, to entries[].group. parent is [height, width]. */
static void label_regions(const uint8_t *mask, size_t height, size_t width, uint32_t *parent,
                          entry *entries, uint32_t *area, uint32_t *regions) {
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            size_t i = y * width + x;
            if (!mask[i]) continue;
            uint32_t at = (uint32_t)i, up = (uint32_t)(i - width);
            parent[i] = at;
            if (x && mask[i - 1]) join(parent, at, at - 1);
            if (!y) continue;
            if (x && mask[i - width - 1]) join(parent, at, up - 1);
            if (mask[i - width]) join(parent, at, up);
            if (x + 1 < width && mask[i - width + 1]) join(parent, at, up + 1);
        }
    for (size_t i = 0; i < height * width; i++) {
        entries[i].group = 0;
        if (!mask[i]) continue;
        uint32_t root = find_root(parent, (uint32_t)i);
        if (root == i) area[entries[i].group = ++*regions] = 0;
        entries[i].group = entries[root].group;
        area[entries[i].group]++;
    }
}

/* Area under (false-positive rate, mean covered share of the regions). */
static double aupro(const entry *entries, size_t n, const uint32_t *area, uint32_t regions,
                    double normals, double fpr_limit) {
    double integral = 0.0, fpr = 0.0, pro = 0.0, covered = 0.0, wrong = 0.0;
    for (size_t i = 0; i < n;) {
        uint32_t key = entries[i].key;
        for (; i < n && entries[i].key == key; i++) {
            if (entries[i].group)
                covered += 1.0 / area[entries[i].group];
            else
                wrong += 1.0;
        }
        double next_fpr = wrong / normals, next_pro = covered / regions;
        if (next_fpr >= fpr_limit) {
            double share = (fpr_limit - fpr) / (next_fpr - fpr);
            double end = pro + share * (next_pro - pro);
            return (integral + 0.5 * (pro + end) * (fpr_limit - fpr)) / fpr_limit;
        }
        integral += 0.5 * (pro + next_pro) * (next_fpr - fpr);
        fpr = next_fpr;
        pro = next_pro;
    }
    return (double)NAN; /* only for a limit above 1, which the caller refused */
}

bool fleck_aupro(fleck_arena *scratch, const float *heat, const uint8_t *mask, size_t n,
                 size_t height, size_t width, double fpr_limit, double *out) {
    size_t pixels = FLECK_SIZE(height, width), total = FLECK_SIZE(pixels, n);
    if (total > UINT32_MAX) return false; /* regions are numbered in 32 bits */
    fleck_arena_mark mark = fleck_arena_here(scratch);
    size_t most_regions = (height + 1) / 2 * ((width + 1) / 2) * n; /* every second pixel */
    entry *entries = FLECK_NEW(scratch, entry, total), *other = FLECK_NEW(scratch, entry, total);
    uint32_t *area = FLECK_NEW(scratch, uint32_t, fleck_size_sum(most_regions, 1));
    uint32_t *parent = FLECK_NEW(scratch, uint32_t, pixels);
    if (!entries || !other || !area || !parent) return false;
    bool good = fpr_limit > 0.0 && fpr_limit <= 1.0;
    uint32_t regions = 0;
    size_t normals = 0;
    for (size_t k = 0; good && k < n; k++)
        label_regions(mask + k * pixels, height, width, parent, entries + k * pixels, area,
                      &regions);
    for (size_t i = 0; good && i < total; i++) {
        good = !isnan(heat[i]);
        entries[i].key = descending_key(heat[i]);
        normals += !entries[i].group;
    }
    *out = good && regions && normals ? aupro(sort_entries(entries, other, total), total, area,
                                              regions, (double)normals, fpr_limit)
                                      : (double)NAN;
    fleck_arena_reset(scratch, mark);
    return true;
}
