#include "memory.h"

#include "half.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Share of the photos in one memory of an ensemble. */
#define SHARE 0.1

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* count of the numbers below n, ascending, drawn without repetition (Floyd's
 * method would save memory, a partial shuffle is plainer). */
static void draw_sorted(fleck_rng *rng, uint32_t *scratch, uint32_t n, uint32_t count) {
    for (uint32_t i = 0; i < n; i++) scratch[i] = i;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i + fleck_rng_below(rng, n - i), swap = scratch[i];
        scratch[i] = scratch[j];
        scratch[j] = swap;
    }
    qsort(scratch, count, sizeof *scratch, ascending);
}

/* One memory from the given photos, which are in ascending order. */
static bool draw_one(fleck_arena *arena, const fleck_kernels *kernels, const fleck_features *f,
                     fleck_rng *rng, const uint32_t *photos, uint32_t photo_count,
                     uint32_t rows_max, uint32_t *pick, fleck_bank *bank, fleck_row_range *own) {
    uint32_t P = (uint32_t)f->P, candidates = photo_count * P;
    uint32_t N = candidates < rows_max ? candidates : rows_max;
    float *rows = FLECK_NEW(arena, float, (size_t)N * f->D);
    if (!rows) return false;
    draw_sorted(rng, pick, candidates, N);
    for (uint32_t i = 0; i < f->count; i++) own[i] = (fleck_row_range){0, 0};
    for (uint32_t r = 0; r < N; r++) {
        uint32_t photo = photos[pick[r] / P];
        fleck_half_widen(f->patch[photo] + pick[r] % P * f->D, f->D, rows + r * f->D);
        if (own[photo].end == 0) own[photo].begin = r;
        own[photo].end = r + 1;
    }
    return fleck_bank_build(arena, kernels, NULL, rows, N, f->D, bank);
}

bool fleck_memory_draw(fleck_arena *arena, const fleck_kernels *kernels,
                       const fleck_features *features, fleck_rng *rng, uint32_t memories,
                       uint32_t rows_max, fleck_memory *out) {
    uint32_t n = features->count, share = n;
    if (memories > 1) share = (uint32_t)(SHARE * n + 0.5) ? (uint32_t)(SHARE * n + 0.5) : 1;
    fleck_memory m = {.count = memories, .D = features->D, .photos = n};
    m.bank = FLECK_NEW(arena, fleck_bank, memories);
    m.own = FLECK_NEW(arena, fleck_row_range, (size_t)memories * n);
    uint32_t *order = FLECK_NEW(arena, uint32_t, n), *photos = FLECK_NEW(arena, uint32_t, n);
    uint32_t *pick = FLECK_NEW(arena, uint32_t, (size_t)share * features->P);
    if (!m.bank || !m.own || !order || !photos || !pick) return false;
    fleck_rng_permutation(rng, order, n);
    for (uint32_t b = 0, next = 0; b < memories; b++) {
        for (uint32_t i = 0; i < share; i++, next = (next + 1) % n) photos[i] = order[next];
        qsort(photos, share, sizeof *photos, ascending);
        if (!draw_one(arena, kernels, features, rng, photos, share, rows_max, pick, &m.bank[b],
                      m.own + (size_t)b * n))
            return false;
    }
    *out = m;
    return true;
}

bool fleck_memory_distance(const fleck_memory *memory, const fleck_tools *tools,
                           const fleck_half *patch, size_t P, uint32_t photo, float *distance) {
    fleck_arena_mark mark = fleck_arena_here(tools->scratch);
    fleck_nearest *nearest = FLECK_NEW(tools->scratch, fleck_nearest, P);
    fleck_row_range *skip = FLECK_NEW(tools->scratch, fleck_row_range, P);
    float *queries = FLECK_NEW(tools->scratch, float, P * memory->D);
    bool enough = nearest && skip && queries;
    uint32_t counted = 0;
    if (enough) fleck_half_widen(patch, P * memory->D, queries);
    memset(distance, 0, P * sizeof *distance);
    for (uint32_t b = 0; enough && b < memory->count; b++) {
        fleck_row_range own = {0, 0};
        if (photo != FLECK_NO_PHOTO) own = memory->own[(size_t)b * memory->photos + photo];
        if (own.end && memory->count > 1) continue;
        for (size_t i = 0; i < P; i++) skip[i] = own;
        enough = fleck_knn(&memory->bank[b], tools, queries, P, skip, nearest);
        for (size_t i = 0; enough && i < P; i++) distance[i] += sqrtf(nearest[i].first.distance);
        counted++;
    }
    for (size_t i = 0; enough && i < P; i++) distance[i] /= (float)counted;
    fleck_arena_reset(tools->scratch, mark);
    return enough;
}
