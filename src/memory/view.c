#include "view.h"

#include <math.h>

bool fleck_view_distance(const fleck_view *view, const fleck_compute *compute,
                         const fleck_half *patch, uint32_t photo, float *distance, float *nearest) {
    size_t P = view->embedding.P, D = view->embedding.D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *embedded = FLECK_NEW(compute->scratch, float, P, D);
    if (!embedded || !fleck_embed(&view->embedding, compute, patch, embedded)) return false;
    bool compares = view->memory.count > 0;
    if (compares &&
        !fleck_memory_distance(&view->memory, compute, embedded, P, photo, distance, nearest))
        return false;
    for (size_t i = 0; !compares && i < P; i++) {
        const float *x = embedded + i * D;
        distance[i] = sqrtf(compute->kernels->dot(x, x, D));
        if (nearest) nearest[i] = distance[i];
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
