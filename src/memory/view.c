#include "view.h"

#include <math.h>

enum { GRAIN_PHOTOS = 4 };

/* Distances below so much of the view's grain say nothing of a place: photos that only differ by
 * how they were saved have no quiet places. Half of it is what saving moves most patches by; a
 * map, which shows single places, counts on nothing below the grain itself. */
#define QUIET 0.5f
#define QUIET_NEAREST 1.0f

bool fleck_view_learn_places(fleck_view *view, fleck_arena *arena, fleck_arena *scratch,
                             uint32_t photos, float grain, float *distance, float *nearest) {
    size_t P = fleck_grid_patches(view->embedding.grid);
    float *usual = FLECK_NEW(arena, float, 2, P);
    if (!usual || !fleck_places_fit(scratch, distance, photos, P, QUIET * grain, usual) ||
        !fleck_places_fit(scratch, nearest, photos, P, QUIET_NEAREST * grain, usual + P))
        return false;
    fleck_places_divide(usual, P, distance, photos * P);
    fleck_places_divide(usual + P, P, nearest, photos * P);
    view->usual = usual;
    return true;
}

bool fleck_view_distance(const fleck_view *view, const fleck_compute *compute,
                         const fleck_half *patch, uint32_t photo, float *distance, float *nearest) {
    size_t P = fleck_grid_patches(view->embedding.grid), D = view->embedding.D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *embedded = FLECK_NEW(compute->scratch, float, P, D);
    if (!embedded || !fleck_embed(&view->embedding, compute, patch, embedded)) return false;
    bool compares = view->memory.count > 0;
    if (compares &&
        !fleck_memory_distance(&view->memory, compute, embedded, P, photo, distance, nearest))
        return false;
    bool learnt = view->nets.task != FLECK_NETS_NONE;
    if (learnt && !fleck_nets_distance(&view->nets, compute, embedded, P, photo, distance))
        return false;
    for (size_t i = 0; !compares && i < P; i++) {
        const float *x = embedded + i * D;
        if (!learnt) distance[i] = sqrtf(compute->kernels->dot(x, x, D));
        if (nearest) nearest[i] = distance[i];
    }
    if (view->usual) fleck_places_divide(view->usual, P, distance, P);
    if (view->usual && nearest) fleck_places_divide(view->usual + P, P, nearest, P);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Of evenly spread photos; a patch without a right neighbour stays as it is. */
static bool half_way_grain(const fleck_view *view, const fleck_compute *compute,
                           const fleck_features *features, float *grain) {
    const fleck_features *f = features;
    size_t P = f->P, D = f->D;
    uint32_t photos = f->count < GRAIN_PHOTOS ? f->count : GRAIN_PHOTOS;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *x = FLECK_NEW(compute->scratch, float, P, D);
    float *distance = FLECK_NEW(compute->scratch, float, photos, P);
    if (!x || !distance) return false;
    for (uint32_t i = 0; i < photos; i++) {
        uint32_t photo = (uint32_t)((uint64_t)i * f->count / photos);
        if (!fleck_embed(&view->embedding, compute, f->patch[photo], x)) return false;
        for (size_t p = 0; p < P; p++)
            for (size_t j = p * D; fleck_grid_goes_on(view->embedding.grid, p) && j < (p + 1) * D;
                 j++)
                x[j] = 0.5f * (x[j] + x[j + D]);
        if (!fleck_nets_distance(&view->nets, compute, x, P, photo, distance + i * P)) return false;
    }
    *grain = fleck_median(distance, photos * P);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_view_grain(const fleck_view *view, const fleck_compute *compute,
                      const fleck_features *features, float *grain) {
    *grain = 2 * FLECK_NETS_MARGIN;
    if (view->nets.task == FLECK_NETS_SIMPLENET) return true;
    return view->nets.task ? half_way_grain(view, compute, features, grain)
                           : fleck_embedding_grain(&view->embedding, compute, features, grain);
}
