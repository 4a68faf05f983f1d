#include "memory.h"

#include "columns.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Each memory of FLECK_MEMORY_TENTHS holds that share of the photos, and of a small folder that
 * many, but never more than half: every photo needs memories that do not hold it. */
#define SHARE 0.1
#define PHOTOS_LEAST 5

/* Share of the nearest memories whose mean is the distance of FLECK_MEMORY_PHOTOS, and
 * that to the nearest of any kind. */
#define PHOTOS_SHARE 0.3
#define NEAREST_SHARE (1.0 / 3)

/* Share of the folder's patches, those with the highest outlier factors, that a weighted
 * memory does without, as SoftPatch does. */
#define NOISE_SHARE 0.15

/* ---- drawing ---- */

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* count of n numbers, ascending, drawn without repetition to the front (Floyd's
 * method would save memory, a partial shuffle is plainer). */
static void draw_sorted(fleck_rng *rng, uint32_t *numbers, uint32_t n, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i + fleck_rng_below(rng, n - i), swap = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = swap;
    }
    qsort(numbers, count, sizeof *numbers, ascending);
}

/* The greatest of n outlier factors that is no noise. */
static bool find_limit(fleck_arena *scratch, const float *outlier, size_t n, float *limit) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *copy = FLECK_NEW(scratch, float, n);
    if (!copy) return false;
    memcpy(copy, outlier, n * sizeof *copy);
    *limit = fleck_select(copy, n, n - 1 - (size_t)(NOISE_SHARE * (double)n));
    fleck_arena_reset(scratch, mark);
    return true;
}

/* Photos of one memory. */
static uint32_t photos_each(const fleck_memory *memory) {
    if (memory->plan.division == FLECK_MEMORY_FOLDER) return memory->photos;
    if (memory->plan.division == FLECK_MEMORY_PHOTOS) return 1;
    uint32_t tenth = (uint32_t)(SHARE * memory->photos + 0.5), half = memory->photos / 2;
    uint32_t least = half < PHOTOS_LEAST ? half : PHOTOS_LEAST;
    return tenth > least ? tenth : least ? least : 1;
}

uint32_t fleck_memory_count(fleck_memory_plan plan, uint32_t photos) {
    bool each = plan.division == FLECK_MEMORY_PHOTOS && plan.count_max > photos;
    return each ? photos : plan.count_max;
}

bool fleck_memory_begin(fleck_arena *arena, uint32_t photos, size_t D, fleck_memory_plan plan,
                        fleck_rng *rng, fleck_memory *out) {
    fleck_memory m = {.plan = plan, .D = D, .photos = photos};
    m.count = fleck_memory_count(plan, photos);
    m.bank = FLECK_NEW_ZERO(arena, fleck_ann_bank, m.count);
    m.own = FLECK_NEW_ZERO(arena, fleck_row_range, m.count, photos);
    m.order = FLECK_NEW(arena, uint32_t, photos);
    if (plan.weighted) m.weight = FLECK_NEW(arena, float, m.count, plan.rows_max);
    if (!m.bank || !m.own || !m.order || (plan.weighted && !m.weight)) return false;
    fleck_rng_permutation(rng, m.order, photos);
    *out = m;
    return true;
}

bool fleck_memory_draw(fleck_memory *memory, uint32_t m, fleck_arena *arena,
                       const fleck_compute *compute, const fleck_features *features,
                       const fleck_embedding *embedding, const float *outlier, fleck_rng *rng) {
    uint32_t n = memory->photos, each = photos_each(memory), P = (uint32_t)features->P;
    uint32_t rows_max = memory->plan.rows_max, candidates = 0;
    size_t D = memory->D;
    float *weight = outlier ? memory->weight + (size_t)m * rows_max : NULL;
    float limit = 0;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    uint32_t *photos = FLECK_NEW(compute->scratch, uint32_t, each);
    uint32_t *pick = FLECK_NEW(compute->scratch, uint32_t, each, P);
    float *embedded = FLECK_NEW(compute->scratch, float, P, D);
    float *step = FLECK_NEW(arena, float, D);
    if (!photos || !pick || !embedded || !step ||
        (outlier && !find_limit(compute->scratch, outlier, (size_t)n * P, &limit)))
        return false;
    for (uint32_t i = 0; i < each; i++) photos[i] = memory->order[(m * each + i) % n];
    qsort(photos, each, sizeof *photos, ascending);
    for (uint32_t i = 0; i < each * P; i++)
        if (!outlier || outlier[(size_t)photos[i / P] * P + i % P] <= limit) pick[candidates++] = i;
    uint32_t N = candidates < rows_max ? candidates : rows_max;
    draw_sorted(rng, pick, candidates, N);
    float *rows = FLECK_NEW(compute->scratch, float, N, D);
    int8_t *bytes = FLECK_NEW(arena, int8_t, N, D);
    if (!rows || !bytes) return false;
    fleck_row_range *own = memory->own + (size_t)m * n;
    for (uint32_t i = 0, r = 0; i < each; i++) {
        own[photos[i]].begin = r;
        if (!fleck_embed(embedding, compute, features->patch[photos[i]], embedded)) return false;
        for (; r < N && pick[r] / P == i; r++) {
            memcpy(rows + r * D, embedded + pick[r] % P * D, D * sizeof *rows);
            if (weight)
                weight[r] =
                    fminf(outlier[(size_t)photos[i] * P + pick[r] % P], FLECK_ROW_WEIGHT_MAX);
        }
        own[photos[i]].end = r;
    }
    fleck_columns_fit(rows, N, D, step);
    fleck_columns_narrow(rows, N, D, step, bytes);
    fleck_arena_reset(compute->scratch, mark);
    return fleck_memory_add(memory, m, arena, compute, bytes, step, N);
}

bool fleck_memory_add(fleck_memory *memory, uint32_t m, fleck_arena *arena,
                      const fleck_compute *compute, const int8_t *bytes, const float *step,
                      size_t N) {
    fleck_ann_rows rows = {.q = bytes, .step = step};
    if (!m && !fleck_axes_fit(arena, compute, rows, N, memory->D, &memory->axes)) return false;
    return fleck_ann_build(arena, compute, &memory->axes, rows, N, &memory->bank[m]);
}

/* ---- distance ---- */

/* Inserts value into the `have` ascending ones. */
static void insert(float *sorted, uint32_t have, float value) {
    uint32_t at = have;
    for (; at && sorted[at - 1] > value; at--) sorted[at] = sorted[at - 1];
    sorted[at] = value;
}

/* Mean of the first share of count values, at least one. */
static float mean_of_first(const float *sorted, uint32_t count, double share) {
    uint32_t kept = (uint32_t)(share * count + 0.5);
    float sum = 0;
    if (!kept) kept = 1;
    for (uint32_t k = 0; k < kept; k++) sum += sorted[k];
    return sum / (float)kept;
}

/* Whether memory m is to be asked about the folder's photo. */
static bool counts(const fleck_memory *memory, uint32_t m, uint32_t photo) {
    if (photo == FLECK_NO_PHOTO || memory->plan.division == FLECK_MEMORY_FOLDER) return true;
    fleck_row_range own = memory->own[(size_t)m * memory->photos + photo];
    return own.begin == own.end;
}

/* The weighted distance to a row of memory m. */
static float distance_to(const fleck_memory *memory, uint32_t m, fleck_neighbour row) {
    float distance = sqrtf(row.distance);
    if (!memory->weight) return distance;
    return distance * memory->weight[(size_t)m * memory->plan.rows_max + row.index];
}

bool fleck_memory_distance(const fleck_memory *memory, const fleck_compute *compute,
                           const float *patches, size_t P, uint32_t photo, float *distance,
                           float *nearest) {
    uint32_t asked = 0;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    uint32_t *which = FLECK_NEW(compute->scratch, uint32_t, memory->count);
    fleck_ann_part *part = FLECK_NEW(compute->scratch, fleck_ann_part, memory->count);
    fleck_neighbour *found = FLECK_NEW(compute->scratch, fleck_neighbour, P, memory->count);
    float *sorted = FLECK_NEW(compute->scratch, float, memory->count + 1);
    if (!which || !part || !found || !sorted) return false;
    for (uint32_t m = 0; m < memory->count; m++) {
        if (!counts(memory, m, photo)) continue;
        which[asked] = m;
        part[asked] = (fleck_ann_part){.bank = &memory->bank[m]};
        if (photo != FLECK_NO_PHOTO)
            part[asked].skip = memory->own[(size_t)m * memory->photos + photo];
        asked++;
    }
    if (!fleck_ann(&memory->axes, compute, patches, P, part, asked, found)) return false;
    double share = memory->plan.division == FLECK_MEMORY_PHOTOS ? PHOTOS_SHARE : 1;
    sorted[0] = 0; /* a sole memory that holds the photo alone says nothing */
    for (size_t i = 0; i < P; i++) {
        for (uint32_t k = 0; k < asked; k++)
            insert(sorted, k, distance_to(memory, which[k], found[i * asked + k]));
        distance[i] = mean_of_first(sorted, asked, share);
        if (nearest) nearest[i] = mean_of_first(sorted, asked, NEAREST_SHARE);
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
