#include "lof.h"

#include <math.h>

/* Finds the least of the distances [n] to points, ascending; self is left out. Equal
 * distances go to the lower index. Returns how many: FLECK_LOF_K or all there are. */
static size_t nearest(const float *distance, size_t n, size_t self, size_t index[FLECK_LOF_K]) {
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == self) continue;
        if (found == FLECK_LOF_K && distance[i] >= distance[index[found - 1]]) continue;
        size_t at = found < FLECK_LOF_K ? found++ : found - 1;
        for (; at && distance[index[at - 1]] > distance[i]; at--) index[at] = index[at - 1];
        index[at] = i;
    }
    return found;
}

static double density(const float *distance, const fleck_lof_references *r, const size_t *index,
                      size_t k) {
    double sum = 0;
    for (size_t i = 0; i < k; i++) sum += fmaxf(r->k_distance[index[i]], distance[index[i]]);
    return 1 / (sum / (double)k + 1e-10);
}

static float factor(double own, const fleck_lof_references *r, const size_t *index, size_t k) {
    double sum = 0;
    for (size_t i = 0; i < k; i++) sum += r->density[index[i]];
    return (float)(sum / (double)k / own);
}

void fleck_lof(const float *distance, fleck_lof_references *references, float *lof) {
    size_t n = references->n, index[FLECK_LOF_K];
    for (size_t i = 0; i < n; i++) {
        size_t k = nearest(distance + i * n, n, i, index);
        references->k_distance[i] = distance[i * n + index[k - 1]];
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = nearest(distance + i * n, n, i, index);
        references->density[i] = density(distance + i * n, references, index, k);
    }
    for (size_t i = 0; i < n; i++) {
        size_t k = nearest(distance + i * n, n, i, index);
        lof[i] = factor(references->density[i], references, index, k);
    }
}

float fleck_lof_of(const float *distance, const fleck_lof_references *references) {
    size_t index[FLECK_LOF_K], k = nearest(distance, references->n, SIZE_MAX, index);
    return factor(density(distance, references, index, k), references, index, k);
}

/* ---- places of a row of the grid ---- */

/* What one worker compares in. */
typedef struct {
    float *distance; /* [n, n] */
    float *lof;      /* [n] */
} room;

typedef struct {
    const fleck_kernels *kernels;
    size_t columns, P, D, first, n; /* columns: patches of the row; first: the number of one */
    const uint32_t *references;     /* [n] */
    const float *points;            /* [n, columns, D]: the references' row */
    const float *other;             /* [columns, D]: that of the photo at hand */
    fleck_lof_references *place;    /* [columns] */
    room *rooms;                    /* one a worker */
    uint32_t photo;
    float *out; /* [photos, P] */
} places;

static float distance_between(const places *p, const float *a, const float *b) {
    return sqrtf(p->kernels->sqdist(a, b, p->D));
}

static void judge_references(void *context, uint32_t worker, size_t begin, size_t end) {
    const places *p = context;
    const room *r = &p->rooms[worker];
    for (size_t x = begin; x < end; x++) {
        for (size_t i = 0; i < p->n; i++)
            for (size_t j = 0; j <= i; j++) {
                const float *a = p->points + (i * p->columns + x) * p->D;
                const float *b = p->points + (j * p->columns + x) * p->D;
                r->distance[i * p->n + j] = r->distance[j * p->n + i] = distance_between(p, a, b);
            }
        fleck_lof(r->distance, &p->place[x], r->lof);
        for (size_t i = 0; i < p->n; i++)
            p->out[p->references[i] * p->P + p->first + x] = r->lof[i];
    }
}

static void judge_other(void *context, uint32_t worker, size_t begin, size_t end) {
    const places *p = context;
    float *distance = p->rooms[worker].distance;
    for (size_t x = begin; x < end; x++) {
        for (size_t i = 0; i < p->n; i++)
            distance[i] =
                distance_between(p, p->other + x * p->D, p->points + (i * p->columns + x) * p->D);
        p->out[p->photo * p->P + p->first + x] = fleck_lof_of(distance, &p->place[x]);
    }
}

/* False when scratch memory is short. */
static bool make_rooms(fleck_arena *scratch, size_t workers, places *p) {
    p->rooms = FLECK_NEW(scratch, room, workers);
    p->place = FLECK_NEW(scratch, fleck_lof_references, p->columns);
    if (!p->rooms || !p->place) return false;
    for (size_t i = 0; i < workers; i++) {
        p->rooms[i] =
            (room){FLECK_NEW(scratch, float, p->n, p->n), FLECK_NEW(scratch, float, p->n)};
        if (!p->rooms[i].distance || !p->rooms[i].lof) return false;
    }
    for (size_t x = 0; x < p->columns; x++) {
        p->place[x] = (fleck_lof_references){p->n, FLECK_NEW(scratch, float, p->n),
                                             FLECK_NEW(scratch, double, p->n)};
        if (!p->place[x].k_distance || !p->place[x].density) return false;
    }
    return true;
}

bool fleck_lof_row(const fleck_compute *compute, const fleck_features *features,
                   const fleck_embedding *embedding, const uint32_t *references, size_t count,
                   size_t row, float *lof) {
    size_t first = fleck_grid_first(embedding->grid, row), D = embedding->D;
    size_t columns = fleck_grid_first(embedding->grid, row + 1) - first;
    if (!columns) return true; /* none of the row counts */
    places p = {.kernels = compute->kernels,
                .columns = columns,
                .P = features->P,
                .D = D,
                .first = first,
                .n = count,
                .references = references,
                .out = lof};
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *points = FLECK_NEW(compute->scratch, float, count, columns, D);
    float *other = FLECK_NEW(compute->scratch, float, columns, D);
    bool *known = FLECK_NEW_ZERO(compute->scratch, bool, features->count);
    if (!points || !other || !known ||
        !make_rooms(compute->scratch, fleck_pool_threads(compute->pool), &p))
        return false;
    for (size_t i = 0; i < count; i++) {
        known[references[i]] = true;
        if (!fleck_embed_rows(embedding, compute, features->patch[references[i]], row, row + 1,
                              points + i * columns * D))
            return false;
    }
    p.points = points, p.other = other;
    fleck_parallel(compute->pool, columns, 1, judge_references, &p);
    for (; p.photo < features->count; p.photo++) {
        if (known[p.photo]) continue;
        if (!fleck_embed_rows(embedding, compute, features->patch[p.photo], row, row + 1, other))
            return false;
        fleck_parallel(compute->pool, columns, 1, judge_other, &p);
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
