/* Average linkage by chains of nearest neighbours (Murtagh, The Computer Journal 26, 1983): each
 * pair of groups that are nearest to each other becomes one, in any order, which gives the same
 * groups as always joining the nearest of all, in O(n^2).
 *
 * Measured on mtd, ply, elpv and drawn sets (tests/quality/README.md): whitening counts most, then
 * elongation; area and the number of groups by silhouettes brought nothing. */
#include "groups.h"

#include "half.h"
#include "hash.h"
#include "whitening.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Square of a distance at which groups are no more alike: a cosine of 0.3, where they are equally
 * long. Between .25 and .4 the groups of the sets above agree about equally well with the truth. */
#define LIMIT 1.4f

/* Added to each variance, as a share of the mean one: some hundred patches tell little of the
 * directions in which they hardly vary. */
#define ADDED 1.0

/* A variance of 1 in whole numbers: 2^20 photos of 2^16 values fit 64 bits. */
#define UNIT 16777216.0

enum { SIDE = FLECK_HEAT };

bool fleck_grouping_begin(fleck_arena *arena, size_t D, fleck_grouping *out) {
    *out = (fleck_grouping){.D = D, .covariance = FLECK_NEW_ZERO(arena, int64_t, D, D)};
    return out->covariance;
}

/* ---- what regions look like ---- */

/* Pixels of the heatmap along a side that a row or a column of patches covers: one at least. */
typedef struct {
    uint32_t begin, end;
} span;

static span span_of(uint32_t index, uint32_t count) {
    uint32_t begin = (uint32_t)((uint64_t)index * SIDE / count);
    uint32_t end = (uint32_t)((uint64_t)(index + 1) * SIDE / count);
    return (span){begin, end > begin ? end : begin + 1};
}

/* Adds a patch ([D]) to the regions that it touches, as often as they are hot in it; whether it is
 * ordinary. */
static bool add_patch(const fleck_grouping_source *s, const fleck_kernels *kernels, size_t index,
                      const float *patch, size_t D, float *look, double *weight) {
    size_t place = fleck_grid_place(s->grid, index);
    span down = span_of((uint32_t)(place / s->grid.columns), s->grid.rows);
    span across = span_of((uint32_t)(place % s->grid.columns), s->grid.columns);
    bool ordinary = true;
    for (uint32_t y = down.begin; y < down.end; y++)
        for (uint32_t x = across.begin; x < across.end; x++) {
            float heat = s->heat[y * SIDE + x];
            uint32_t region = s->region_of[y * SIDE + x];
            ordinary &= heat < s->ordinary;
            if (!region) continue;
            kernels->axpy(heat, patch, look + (region - 1) * (D + 1), D);
            weight[region - 1] += (double)heat;
        }
    return ordinary;
}

/* Sums over a region's pixels: their number, and first and second moments. */
typedef struct {
    double n, x, y, xx, xy, yy;
} moments;

/* How long a region is for its breadth: 0 as long as broad, towards 1 for a line. */
static float elongation(const moments *m, double width, double height) {
    double pixel = 1.0 / 12; /* a pixel's own */
    double a = (m->xx / m->n - m->x / m->n * (m->x / m->n) + pixel) * width * width;
    double b = (m->yy / m->n - m->y / m->n * (m->y / m->n) + pixel) * height * height;
    double c = (m->xy / m->n - m->x / m->n * (m->y / m->n)) * width * height;
    double middle = (a + b) / 2, half = sqrt((a - b) / 2 * ((a - b) / 2) + c * c);
    double least = middle - half, most = middle + half;
    return least > 0 ? (float)(1 - sqrt(least / most)) : 1;
}

static bool add_elongations(const fleck_grouping_source *s, fleck_arena *scratch, size_t D,
                            float *look) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    moments *sums = FLECK_NEW_ZERO(scratch, moments, s->regions);
    if (!sums) return false;
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        if (!s->region_of[i]) continue;
        moments *m = &sums[s->region_of[i] - 1];
        uint32_t row = i / SIDE;
        double x = i % SIDE, y = row;
        *m = (moments){m->n + 1, m->x + x, m->y + y, m->xx + x * x, m->xy + x * y, m->yy + y * y};
    }
    for (uint32_t k = 0; k < s->regions; k++)
        look[k * (D + 1) + D] = elongation(&sums[k], s->width, s->height);
    fleck_arena_reset(scratch, mark);
    return true;
}

/* Adds the covariance of rows [n, D], which are centred. Photos on which nothing varies have
 * none. */
static bool add_covariance(fleck_grouping *g, const fleck_compute *compute, const float *rows,
                           size_t n) {
    size_t D = g->D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *product = FLECK_NEW(compute->scratch, float, D, D);
    if (!product || !fleck_matmul_transposed(compute, rows, rows, product, D, D, n)) return false;
    double trace = 0;
    for (size_t d = 0; d < D; d++) trace += (double)product[d * D + d];
    for (size_t i = 0; trace > 0 && i < D * D; i++)
        g->covariance[i] += (int64_t)((double)product[i] / trace * (double)D * UNIT);
    g->photos += trace > 0;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Centres the first n rows [n, D]; mean receives what was taken away. */
static void centre(float *rows, size_t n, size_t D, double *sum, float *mean) {
    memset(sum, 0, D * sizeof *sum);
    for (size_t i = 0; i < n * D; i++) sum[i % D] += (double)rows[i];
    for (size_t d = 0; d < D; d++) mean[d] = (float)(sum[d] / (double)n);
    for (size_t i = 0; i < n * D; i++) rows[i] -= mean[i % D];
}

/* look [regions, D + 1], cleared, receives what the regions look like; rows [n, D] the ordinary
 * patches, centred: all where none is. */
static bool look_at(const fleck_grouping_source *s, const fleck_compute *compute, size_t D,
                    float *look, float *rows, size_t *n) {
    fleck_arena *scratch = compute->scratch;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    size_t P = fleck_grid_patches(s->grid);
    double *weight = FLECK_NEW_ZERO(scratch, double, s->regions);
    double *sum = FLECK_NEW(scratch, double, D);
    float *mean = FLECK_NEW(scratch, float, D);
    if (!weight || !sum || !mean || !add_elongations(s, scratch, D, look)) return false;
    *n = 0;
    for (size_t p = 0; p < P; p++) {
        float *row = rows + *n * D;
        fleck_half_widen(s->patch + p * D, D, row);
        *n += add_patch(s, compute->kernels, p, row, D, look, weight);
    }
    if (!*n) {
        *n = P;
        fleck_half_widen(s->patch, P * D, rows);
    }
    centre(rows, *n, D, sum, mean);
    for (uint32_t k = 0; k < s->regions; k++)
        for (size_t d = 0; weight[k] > 0 && d < D; d++) {
            float *value = &look[k * (D + 1) + d];
            *value = (float)((double)*value / weight[k]) - mean[d];
        }
    fleck_arena_reset(scratch, mark);
    return true;
}

bool fleck_grouping_add(fleck_grouping *g, fleck_arena *arena, const fleck_compute *compute,
                        const fleck_grouping_source *s) {
    size_t n, P = fleck_grid_patches(s->grid);
    fleck_arena_mark start = fleck_arena_here(arena), mark = fleck_arena_here(compute->scratch);
    fleck_grouping_photo *photo = FLECK_NEW(arena, fleck_grouping_photo, 1);
    float *look = FLECK_NEW_ZERO(arena, float, s->regions, g->D + 1);
    float *rows = FLECK_NEW(compute->scratch, float, P, g->D);
    if (!photo || !look || !rows || !look_at(s, compute, g->D, look, rows, &n) ||
        !add_covariance(g, compute, rows, n)) {
        fleck_arena_reset(arena, start);
        return false;
    }
    *photo = (fleck_grouping_photo){s->regions, look, g->last};
    g->last = photo;
    g->regions += photo->count;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- average linkage ---- */

/* Groups that may still become one with another, by their first points. */
typedef struct {
    float *distance; /* [n, n] */
    uint32_t n;
    uint32_t *size; /* [n]; 0: its points went to another group, or no other is near */
    uint32_t *root; /* [n] */
} links;

/* The nearest group to one; before, unless n, among equally near ones, so that chains end. */
static uint32_t nearest(const links *l, uint32_t to, uint32_t before) {
    const float *row = l->distance + (size_t)to * l->n;
    uint32_t best = before;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->size[i] && i != to && (best == l->n || row[i] < row[best])) best = i;
    return best;
}

/* Makes two groups one, under the number of the first point. */
static void join(links *l, uint32_t a, uint32_t b) {
    uint32_t kept = a < b ? a : b, gone = a < b ? b : a;
    double k = l->size[kept], g = l->size[gone];
    l->size[kept] += l->size[gone];
    l->size[gone] = 0;
    l->root[gone] = kept;
    for (size_t i = 0; i < l->n; i++) {
        if (!l->size[i]) continue;
        float *to = &l->distance[kept * (size_t)l->n + i];
        *to =
            (float)((k * (double)*to + g * (double)l->distance[gone * (size_t)l->n + i]) / (k + g));
        l->distance[i * l->n + kept] = *to;
    }
}

bool fleck_groups_link(fleck_arena *scratch, float *distance, uint32_t n, float limit,
                       uint32_t *root) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    links l = {distance, n, FLECK_NEW(scratch, uint32_t, n), root};
    uint32_t *chain = FLECK_NEW(scratch, uint32_t, n), length = 0, first = 0;
    if (!l.size || !chain) return false;
    for (uint32_t i = 0; i < n; i++) {
        l.size[i] = 1;
        root[i] = i;
    }
    while (first < n) {
        if (!length) {
            if (l.size[first])
                chain[length++] = first;
            else
                first++;
            continue;
        }
        uint32_t tip = chain[length - 1], before = length > 1 ? chain[length - 2] : n;
        uint32_t next = nearest(&l, tip, before);
        if (next == n || distance[(size_t)tip * n + next] > limit) {
            l.size[tip] = 0; /* no group that others become comes nearer */
            length--;
        } else if (next == before) {
            join(&l, tip, before);
            length -= 2;
        } else
            chain[length++] = next;
    }
    for (uint32_t i = 0; i < n; i++) root[i] = root[root[i]]; /* earlier points are done */
    fleck_arena_reset(scratch, mark);
    return true;
}

/* ---- all of them ---- */

/* A region, by what it looks like. */
typedef struct {
    uint64_t key;
    const float *look; /* [size] */
    size_t size;
    uint32_t index; /* in the order of adding */
} entry;

static int by_look(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return memcmp(x->look, y->look, x->size * sizeof *x->look);
}

/* The regions in an order that follows from their looks alone: equal ones may stand in either. */
static entry *sort_regions(const fleck_grouping *g, fleck_arena *scratch) {
    entry *entries = FLECK_NEW(scratch, entry, g->regions);
    size_t size = g->D + 1;
    uint32_t end = g->regions;
    if (!entries) return NULL;
    for (const fleck_grouping_photo *photo = g->last; photo; photo = photo->before) {
        end -= photo->count;
        for (uint32_t k = 0; k < photo->count; k++) {
            const float *look = photo->look + k * size;
            uint64_t key = fleck_hash_bytes(FLECK_HASH_EMPTY, look, size * sizeof *look);
            entries[end + k] = (entry){fleck_hash_mix(key), look, size, end + k};
        }
    }
    if (g->regions) qsort(entries, g->regions, sizeof *entries, by_look);
    return entries;
}

/* The map that whitens, packed for matmul in out. */
static bool make_whitening(const fleck_grouping *g, const fleck_compute *compute, float *out) {
    size_t D = g->D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    double *covariance = FLECK_NEW(compute->scratch, double, D, D);
    float *factor = FLECK_NEW(compute->scratch, float, D, D);
    if (!covariance || !factor) return false;
    double unit = UNIT * (g->photos ? g->photos : 1);
    for (size_t i = 0; i < D * D; i++) covariance[i] = (double)g->covariance[i] / unit;
    for (size_t d = 0; d < D; d++) covariance[d * D + d] += ADDED;
    if (!fleck_whitening_factor(compute, covariance, D, factor)) return false;
    fleck_pack(factor, D, 1, D, D, out);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* The regions as points [regions, D + 1], whose squared distances say how alike they look. */
static bool place_regions(const fleck_grouping *g, const fleck_compute *compute,
                          const entry *entries, float *points) {
    fleck_arena *scratch = compute->scratch;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    size_t D = g->D;
    float *packed = FLECK_NEW(scratch, float, fleck_packed_count(D, D));
    float *white = FLECK_NEW(scratch, float, D);
    if (!packed || !white || !make_whitening(g, compute, packed)) return false;
    for (uint32_t i = 0; i < g->regions; i++) {
        float *point = points + i * (D + 1);
        compute->kernels->matmul(entries[i].look, D, packed, NULL, white, D, 1, D, D);
        double square = (double)compute->kernels->dot(white, white, D);
        double scale = square > 0 ? 1 / sqrt(square) : 0;
        for (size_t d = 0; d < D; d++) point[d] = (float)((double)white[d] * scale);
        point[D] = entries[i].look[D];
    }
    fleck_arena_reset(scratch, mark);
    return true;
}

/* The group, by its first point, whose points are nearest on average, among the first n. sum and
 * count: [n], overwritten. */
static uint32_t nearest_group(const fleck_kernels *kernels, const float *points, size_t size,
                              uint32_t n, const float *point, const uint32_t *root, double *sum,
                              uint32_t *count) {
    uint32_t best = 0;
    memset(sum, 0, n * sizeof *sum);
    memset(count, 0, n * sizeof *count);
    for (uint32_t i = 0; i < n; i++) {
        sum[root[i]] += (double)kernels->sqdist(points + i * size, point, size);
        count[root[i]]++;
    }
    for (uint32_t i = 0; i < n; i++)
        if (count[i] && sum[i] / count[i] < sum[best] / count[best]) best = i;
    return best;
}

/* The first region of each one's group ([regions]). */
static bool find_roots(const fleck_grouping *g, const fleck_compute *compute, const float *points,
                       uint32_t *root) {
    fleck_arena *scratch = compute->scratch;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    uint32_t n = g->regions < FLECK_GROUPING_LINKED ? g->regions : FLECK_GROUPING_LINKED;
    size_t size = g->D + 1;
    float *distance = FLECK_NEW(scratch, float, n, n);
    double *sum = FLECK_NEW(scratch, double, n);
    uint32_t *count = FLECK_NEW(scratch, uint32_t, n);
    if (!distance || !sum || !count) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            distance[i * n + j] = distance[j * n + i] =
                compute->kernels->sqdist(points + i * size, points + j * size, size);
    if (!fleck_groups_link(scratch, distance, n, LIMIT, root)) return false;
    for (uint32_t i = n; i < g->regions; i++)
        root[i] =
            nearest_group(compute->kernels, points, size, n, points + i * size, root, sum, count);
    fleck_arena_reset(scratch, mark);
    return true;
}

/* A group on its way to a number. */
typedef struct {
    uint32_t size, root;
} numbered;

static int by_size(const void *a, const void *b) {
    const numbered *x = a, *y = b;
    if (x->size != y->size) return x->size > y->size ? -1 : 1;
    return (x->root > y->root) - (x->root < y->root);
}

/* Numbers the groups, the largest first. root [regions] is overwritten. */
static bool number_groups(fleck_arena *arena, fleck_arena *scratch, uint32_t regions,
                          const entry *entries, uint32_t *root, fleck_groups *out) {
    fleck_arena_mark mark = fleck_arena_here(scratch);
    numbered *found = FLECK_NEW_ZERO(scratch, numbered, regions);
    uint32_t *number = FLECK_NEW(scratch, uint32_t, regions);
    uint32_t *group = FLECK_NEW(arena, uint32_t, regions), count = 0;
    if (!found || !number || !group) return false;
    for (uint32_t i = 0; i < regions; i++) {
        if (root[i] == i) {
            number[i] = count;
            found[count++].root = i;
        }
        found[number[root[i]]].size++;
    }
    uint32_t *size = FLECK_NEW(arena, uint32_t, count);
    if (!size) return false;
    if (count) qsort(found, count, sizeof *found, by_size);
    for (uint32_t k = 0; k < count; k++) {
        number[found[k].root] = k;
        size[k] = found[k].size;
    }
    for (uint32_t i = 0; i < regions; i++) group[entries[i].index] = number[root[i]];
    *out = (fleck_groups){.regions = regions, .count = count, .group = group, .size = size};
    fleck_arena_reset(scratch, mark);
    return true;
}

/* The region of each group that is nearest to the mean of its points [regions, size]; of equally
 * near ones the first, so that the order of adding does not matter. */
static bool find_typical(fleck_arena *arena, const fleck_compute *compute, const entry *entries,
                         const float *points, size_t size, fleck_groups *out) {
    const fleck_kernels *kernels = compute->kernels;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *mean = FLECK_NEW_ZERO(compute->scratch, float, out->count, size);
    float *least = FLECK_NEW(compute->scratch, float, out->count);
    uint32_t *typical = FLECK_NEW(arena, uint32_t, out->count);
    if (!mean || !least || !typical) return false;
    for (uint32_t i = 0; i < out->regions; i++) {
        uint32_t k = out->group[entries[i].index];
        kernels->axpy(1.0f / (float)out->size[k], points + i * size, mean + k * size, size);
    }
    for (uint32_t k = 0; k < out->count; k++) least[k] = INFINITY;
    for (uint32_t i = 0; i < out->regions; i++) {
        uint32_t k = out->group[entries[i].index];
        float distance = kernels->sqdist(points + i * size, mean + k * size, size);
        if (distance >= least[k]) continue;
        least[k] = distance;
        typical[k] = entries[i].index;
    }
    out->typical = typical;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_grouping_find(const fleck_grouping *g, fleck_arena *arena, const fleck_compute *compute,
                         fleck_groups *out) {
    fleck_arena *scratch = compute->scratch;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *points = FLECK_NEW(scratch, float, g->regions, g->D + 1);
    uint32_t *root = FLECK_NEW(scratch, uint32_t, g->regions);
    const entry *entries = sort_regions(g, scratch);
    if (!points || !root || !entries || !place_regions(g, compute, entries, points) ||
        !find_roots(g, compute, points, root) ||
        !number_groups(arena, scratch, g->regions, entries, root, out) ||
        !find_typical(arena, compute, entries, points, g->D + 1, out))
        return false;
    fleck_arena_reset(scratch, mark);
    return true;
}
