/* For an embedded patch q and another, e, the square of their distance is q q + e e - 2 q e. The
 * lengths e e of a folder's patches are kept; e is the mean of the features in a window, so that
 * q e is the mean of their products with q, and nothing needs to be embedded to be compared. That
 * rounds by a millionth of q q. */
#include "evidence.h"

#include "half.h"
#include "robust.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLES = FLECK_SAMPLES, /* whole panels */
    WIDE = 16,               /* patches as float32 at a time: they stay in the first-level cache */
    BLOCK = 256              /* patches that samples are compared with at a time */
};

/* Of q q: what is no more than this is rounding, here and to halves. */
#define ROUNDING 1e-5f

static float beyond_rounding(float square, float length) {
    return square > ROUNDING * length ? square : 0;
}

static uint32_t references_of(const fleck_features *features) {
    return features->count < FLECK_REFERENCES ? features->count : FLECK_REFERENCES;
}

/* Of the squares of distances from n references the one that a third of the others are within: one
 * that the patch is of is INFINITY. square is reordered. */
static float third(float *square, size_t n) { return fleck_select(square, n, (n - 1) / 3); }

/* ---- the folder ---- */

/* Samples: number s is of the reference s % n, at a place that goes along with s. */
typedef struct {
    const fleck_compute *compute;
    const fleck_features *features;
    size_t n;              /* references */
    float *embedded;       /* [P, D]: the photo at hand */
    float *rows;           /* [2, SAMPLES, D]: as they are, and packed for matmul */
    float *product;        /* [BLOCK, SAMPLES] */
    float *nearest;        /* [n, SAMPLES]: squares of their distances from each reference */
    float length[SAMPLES]; /* squared */
} samples;

/* Embeds one photo after the other for the lengths of its patches, and takes its samples. */
static bool find_squares(samples *s, fleck_evidence *e) {
    size_t P = s->features->P, D = s->features->D;
    const fleck_kernels *k = s->compute->kernels;
    for (uint32_t photo = 0; photo < s->features->count; photo++) {
        if (!fleck_embed(&e->embedding, s->compute, s->features->patch[photo], s->embedded))
            return false;
        float *square = e->square + photo * P;
        for (size_t p = 0; p < P; p++)
            square[p] = k->dot(s->embedded + p * D, s->embedded + p * D, D);
        for (size_t i = photo; photo < s->n && i < SAMPLES; i += s->n) {
            size_t p = i * P / SAMPLES;
            memcpy(s->rows + i * D, s->embedded + p * D, D * sizeof(float));
            s->length[i] = square[p];
        }
    }
    fleck_pack(s->rows, D, 1, SAMPLES, D, s->rows + SAMPLES * D);
    return true;
}

/* Compares the samples with n patches of a reference; what is in nearest is their nearest distance
 * so far, squared, less their length. */
static void compare_samples(const samples *s, const float *square, size_t n, float *nearest) {
    for (size_t p = 0; p < n; p++)
        for (size_t i = 0; i < SAMPLES; i++) {
            float far = square[p] - 2 * s->product[p * SAMPLES + i];
            nearest[i] = far < nearest[i] ? far : nearest[i];
        }
}

static bool compare_references(const samples *s, const fleck_evidence *e) {
    size_t P = s->features->P, D = s->features->D;
    for (size_t i = 0; i < s->n * SAMPLES; i++) s->nearest[i] = INFINITY;
    for (size_t photo = 0; photo < s->n; photo++) {
        float *nearest = s->nearest + photo * SAMPLES;
        if (!fleck_embed(&e->embedding, s->compute, s->features->patch[photo], s->embedded))
            return false;
        for (size_t p = 0; p < P; p += BLOCK) {
            size_t n = P - p < BLOCK ? P - p : BLOCK;
            fleck_matmul(s->compute, s->embedded + p * D, s->rows + SAMPLES * D, NULL, s->product,
                         n, SAMPLES, D);
            compare_samples(s, e->square + photo * P + p, n, nearest);
        }
        for (size_t i = photo; i < SAMPLES; i += s->n) nearest[i] = INFINITY; /* its own */
    }
    return true;
}

static void find_usual(const samples *s, fleck_evidence *e) {
    float sorted[SAMPLES], of_one[FLECK_REFERENCES];
    for (size_t i = 0; i < SAMPLES; i++) {
        for (size_t photo = 0; photo < s->n; photo++)
            of_one[photo] = s->nearest[photo * SAMPLES + i];
        sorted[i] = e->far[i] = beyond_rounding(s->length[i] + third(of_one, s->n), s->length[i]);
    }
    e->usual = sqrtf(fleck_median(sorted, SAMPLES));
}

bool fleck_evidence_fit(fleck_arena *arena, const fleck_compute *compute,
                        const fleck_features *features, uint32_t window, fleck_evidence *out) {
    size_t P = features->P, D = features->D;
    fleck_arena *scratch = compute->scratch;
    samples s = {.compute = compute, .features = features, .n = references_of(features)};
    out->embedding = (fleck_embedding){.plan = {.window = window}, .grid = features->grid, .D = D};
    out->square = FLECK_NEW(arena, float, features->count, P);
    out->share = FLECK_NEW(arena, float, P);
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *places = FLECK_NEW(scratch, float, features->grid.rows, features->grid.columns);
    s.embedded = FLECK_NEW(scratch, float, P, D);
    s.rows = FLECK_NEW(scratch, float, 2 * SAMPLES, D);
    s.product = FLECK_NEW(scratch, float, BLOCK, SAMPLES);
    s.nearest = FLECK_NEW(scratch, float, s.n, SAMPLES);
    if (!out->square || !out->share || !places || !s.embedded || !s.rows || !s.product ||
        !s.nearest)
        return false;
    fleck_window_sums(&out->embedding, NULL, places, out->share);
    for (size_t p = 0; p < P; p++) out->share[p] = 1 / out->share[p];
    if (!find_squares(&s, out) || !compare_references(&s, out)) return false;
    find_usual(&s, out);
    fleck_arena_reset(scratch, mark);
    return true;
}

/* ---- a patch ---- */

typedef struct {
    const fleck_evidence *e;
    const fleck_features *features;
    const fleck_kernels *kernels;
    const float *query; /* [D] */
    float length;       /* of it, squared */
    float *wide;        /* [workers, WIDE, D] */
    float *places;      /* [workers, 3, rows * columns]: products of the query and a photo's
                           patches, their sums over windows, and room for these */
    fleck_match *best;  /* [photos]; distance: squared */
} search;

static void search_photos(void *context, uint32_t worker, size_t begin, size_t end) {
    const search *s = context;
    size_t P = s->features->P, D = s->features->D, places = fleck_grid_places(s->features->grid);
    float *wide = s->wide + (size_t)worker * WIDE * D,
          *product = s->places + (size_t)worker * 3 * places;
    float *sum = product + places;
    for (size_t photo = begin; photo < end; photo++) {
        const fleck_half *patch = s->features->patch[photo];
        const float *square = s->e->square + photo * P;
        for (size_t p = 0; p < P; p++) {
            size_t at = p % WIDE;
            if (!at) fleck_half_widen(patch + p * D, (P - p < WIDE ? P - p : WIDE) * D, wide);
            product[p] = s->kernels->dot(s->query, wide + at * D, D);
        }
        fleck_window_sums(&s->e->embedding, product, sum + places, sum);
        fleck_match best = {(uint32_t)photo, 0, INFINITY};
        for (uint32_t p = 0; p < P; p++) {
            float far = square[p] - 2 * s->e->share[p] * sum[p];
            if (far < best.distance) best.patch = p, best.distance = far;
        }
        best.distance = beyond_rounding(s->length + best.distance, s->length);
        s->best[photo] = best;
    }
}

/* Inserts a match into those sorted by distance, of which capacity are kept. */
static void insert(fleck_match *sorted, uint32_t *count, uint32_t capacity, fleck_match match) {
    uint32_t at = *count;
    while (at && match.distance < sorted[at - 1].distance) at--;
    if (at == capacity) return;
    if (*count < capacity) ++*count;
    memmove(sorted + at + 1, sorted + at, (*count - 1 - at) * sizeof *sorted);
    sorted[at] = match;
}

static fleck_rarity rarity_of(const search *s, uint32_t photo) {
    float square[FLECK_REFERENCES];
    uint32_t n = references_of(s->features), nearer = 0;
    for (uint32_t i = 0; i < n; i++) square[i] = i == photo ? INFINITY : s->best[i].distance;
    float far = third(square, n);
    for (size_t i = 0; i < SAMPLES; i++) nearer += s->e->far[i] < far;
    return (fleck_rarity){sqrtf(far), (float)nearer / SAMPLES};
}

bool fleck_evidence_find(const fleck_evidence *evidence, const fleck_compute *compute,
                         const fleck_features *features, const fleck_half *patch, size_t p,
                         uint32_t photo, uint32_t count, fleck_match *match, uint32_t *found,
                         fleck_rarity *rarity) {
    size_t P = features->P, D = features->D, workers = fleck_pool_threads(compute->pool);
    fleck_arena *scratch = compute->scratch;
    search s = {.e = evidence, .features = features, .kernels = compute->kernels};
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *embedded = FLECK_NEW(scratch, float, P, D);
    s.best = FLECK_NEW(scratch, fleck_match, features->count);
    s.wide = FLECK_NEW(scratch, float, workers, WIDE, D);
    s.places = FLECK_NEW(scratch, float, workers, 3, fleck_grid_places(features->grid));
    if (!embedded || !s.best || !s.wide || !s.places ||
        !fleck_embed(&evidence->embedding, compute, patch, embedded))
        return false;
    s.query = embedded + p * D;
    s.length = s.kernels->dot(s.query, s.query, D);
    fleck_parallel(compute->pool, features->count, 1, search_photos, &s);
    *found = 0;
    for (uint32_t i = 0; i < features->count; i++)
        if (i != photo) insert(match, found, count, s.best[i]);
    for (uint32_t i = 0; i < *found; i++) match[i].distance = sqrtf(match[i].distance);
    *rarity = rarity_of(&s, photo);
    fleck_arena_reset(scratch, mark);
    return true;
}

/* ---- photos ---- */

typedef struct {
    const fleck_features *features;
    const fleck_kernels *kernels;
    const fleck_half *patch;
    float *wide; /* [workers, 2, WIDE, D] */
    float *apart;
} comparison;

static void compare_photos(void *context, uint32_t worker, size_t begin, size_t end) {
    const comparison *c = context;
    size_t P = c->features->P, D = c->features->D;
    float *ours = c->wide + (size_t)worker * 2 * WIDE * D, *theirs = ours + WIDE * D;
    for (size_t photo = begin; photo < end; photo++) {
        double sum = 0;
        for (size_t p = 0; p < P; p++) {
            size_t at = p % WIDE, n = (P - p < WIDE ? P - p : WIDE) * D;
            if (!at) fleck_half_widen(c->patch + p * D, n, ours);
            if (!at) fleck_half_widen(c->features->patch[photo] + p * D, n, theirs);
            sum += sqrtf(c->kernels->sqdist(ours + at * D, theirs + at * D, D));
        }
        c->apart[photo] = (float)(sum / (double)P);
    }
}

bool fleck_photos_apart(const fleck_compute *compute, const fleck_features *features,
                        const fleck_half *patch, float *apart) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *wide = FLECK_NEW(compute->scratch, float, fleck_pool_threads(compute->pool), 2 * WIDE,
                            features->D);
    comparison c = {features, compute->kernels, patch, wide, apart};
    if (!wide) return false;
    fleck_parallel(compute->pool, features->count, 1, compare_photos, &c);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
