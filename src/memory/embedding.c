#include "embedding.h"

#include "half.h"
#include "robust.h"
#include "whitening.h"

#include <math.h>
#include <string.h>

/* Patches that the covariance is taken of: more than enough for a thousand dimensions. */
enum { SAMPLE = 16384 };

enum { ROWS = 4 /* of the grid, a piece of parallel work */ };

enum { GRAIN_PHOTOS = 16 /* evenly spread, whose neighbouring patches are compared */ };

/* Of a patch's length: the distance between two roundings to halves. */
#define ROUNDING (1.0f / 1024)

/* Of the distance between neighbouring patches: what saving a photo anew as a JPEG of usual
 * quality moves most patches by. */
#define NOISE 0.3f

/* Whitened patches of usual photos have a length of about the root of D, hardly more than: */
#define WHITE_MOST 1.3f

/* ---- neighbourhood means ---- */

fleck_window fleck_window_around(size_t i, size_t n, size_t reach) {
    return (fleck_window){i < reach ? 0 : i - reach, i + reach < n ? i + reach + 1 : n};
}

void fleck_window_sums(const fleck_embedding *embedding, const float *values, float *places,
                       float *out) {
    fleck_grid grid = embedding->grid;
    size_t reach = embedding->plan.window / 2;
    fleck_grid_spread(grid, values, places);
    for (size_t p = 0; p < fleck_grid_patches(grid); p++) {
        size_t place = fleck_grid_place(grid, p);
        fleck_window v = fleck_window_around(place / grid.columns, grid.rows, reach);
        fleck_window h = fleck_window_around(place % grid.columns, grid.columns, reach);
        float sum = 0;
        for (size_t y = v.begin; y < v.end; y++)
            for (size_t x = h.begin; x < h.end; x++) sum += places[y * grid.columns + x];
        out[p] = sum;
    }
}

/* Sums over the windows of a row's places; a place has n values. */
static void sum_windows(const fleck_kernels *kernels, const float *in, size_t places, size_t reach,
                        size_t n, float *out) {
    for (size_t i = 0; i < places; i++, out += n) {
        fleck_window w = fleck_window_around(i, places, reach);
        memcpy(out, in + w.begin * n, n * sizeof *out);
        for (size_t j = w.begin + 1; j < w.end; j++) kernels->axpy(1, in + j * n, out, n);
    }
}

/* Rows of the grid, as window means or as they are, are a piece of parallel work. */
typedef struct {
    const fleck_kernels *kernels;
    const fleck_half *patch;
    fleck_grid grid;
    size_t D, reach;
    size_t begin, first;  /* row of the grid of out's, and of sums' first row */
    const float *counted; /* [rows, columns]: 1 where a patch counts, else 0 */
    float *wide;          /* [workers, columns, D] */
    float *sums;          /* [their rows, columns, D]: of windows along x */
    float *out;           /* [patches of its rows, D] */
} means;

/* Where the patches of a row begin in out. */
static float *out_of(const means *m, size_t row) {
    return m->out + (fleck_grid_first(m->grid, row) - fleck_grid_first(m->grid, m->begin)) * m->D;
}

static void widen_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    const means *m = context;
    size_t from = fleck_grid_first(m->grid, m->begin + begin);
    size_t to = fleck_grid_first(m->grid, m->begin + end);
    (void)worker;
    fleck_half_widen(m->patch + from * m->D, (to - from) * m->D, out_of(m, m->begin + begin));
}

/* A row with zeros where no patch counts. */
static void widen_row(const means *m, size_t row, float *wide) {
    size_t columns = m->grid.columns, D = m->D;
    size_t from = fleck_grid_first(m->grid, row), to = fleck_grid_first(m->grid, row + 1);
    if (to - from == columns) {
        fleck_half_widen(m->patch + from * D, columns * D, wide);
        return;
    }
    memset(wide, 0, columns * D * sizeof *wide);
    for (size_t p = from; p < to; p++)
        fleck_half_widen(m->patch + p * D, D, wide + fleck_grid_place(m->grid, p) % columns * D);
}

static void sum_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    const means *m = context;
    size_t line = m->grid.columns * m->D;
    float *wide = m->wide + worker * line;
    for (size_t y = begin; y < end; y++) {
        widen_row(m, m->first + y, wide);
        sum_windows(m->kernels, wide, m->grid.columns, m->reach, m->D, m->sums + y * line);
    }
}

/* The mean of a window, of the patches in it that count. */
static void mean_of(const means *m, fleck_window v, fleck_window h, size_t column, float *out) {
    size_t line = m->grid.columns * m->D, D = m->D;
    const float *sums = m->sums + (v.begin - m->first) * line + column * D;
    float count = 0;
    memcpy(out, sums, D * sizeof *out);
    for (size_t y = v.begin + 1; y < v.end; y++)
        m->kernels->axpy(1, sums + (y - v.begin) * line, out, D);
    for (size_t y = v.begin; y < v.end; y++)
        for (size_t x = h.begin; x < h.end; x++) count += m->counted[y * m->grid.columns + x];
    for (size_t d = 0; d < D; d++) out[d] *= 1.0f / count;
}

static void mean_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    const means *m = context;
    size_t columns = m->grid.columns;
    (void)worker;
    for (size_t y = m->begin + begin; y < m->begin + end; y++) {
        float *out = out_of(m, y);
        fleck_window v = fleck_window_around(y, m->grid.rows, m->reach);
        size_t to = fleck_grid_first(m->grid, y + 1);
        for (size_t p = fleck_grid_first(m->grid, y); p < to; p++, out += m->D) {
            size_t x = fleck_grid_place(m->grid, p) % columns;
            mean_of(m, v, fleck_window_around(x, columns, m->reach), x, out);
        }
    }
}

/* Rows [begin, end) of the grid, as their window means where plan wants these. */
static bool widen(const fleck_embedding *e, const fleck_compute *compute, const fleck_half *patch,
                  size_t begin, size_t end, float *out) {
    size_t columns = e->grid.columns, D = e->D, reach = e->plan.window / 2;
    means m = {.kernels = compute->kernels,
               .patch = patch,
               .grid = e->grid,
               .D = D,
               .reach = reach,
               .begin = begin,
               .out = out};
    if (!reach) {
        fleck_parallel(compute->pool, end - begin, ROWS, widen_rows, &m);
        return true;
    }
    m.first = fleck_window_around(begin, e->grid.rows, reach).begin;
    size_t rows = fleck_window_around(end - 1, e->grid.rows, reach).end - m.first;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    m.wide = FLECK_NEW(compute->scratch, float, fleck_pool_threads(compute->pool), columns, D);
    m.sums = FLECK_NEW(compute->scratch, float, rows, columns, D);
    float *counted = FLECK_NEW(compute->scratch, float, e->grid.rows, columns);
    if (!m.wide || !m.sums || !counted) return false;
    fleck_grid_spread(e->grid, NULL, counted);
    m.counted = counted;
    fleck_parallel(compute->pool, rows, ROWS, sum_rows, &m);
    fleck_parallel(compute->pool, end - begin, ROWS, mean_rows, &m);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

static bool widen_all(const fleck_embedding *e, const fleck_compute *compute,
                      const fleck_half *patch, float *out) {
    return widen(e, compute, patch, 0, e->grid.rows, out);
}

/* ---- covariance ---- */

/* Means over the folder of each place, and from them, unless aligned, of all. */
static bool fit_mean(fleck_embedding *e, const fleck_compute *compute, const fleck_features *f,
                     float *photo) {
    size_t P = fleck_grid_patches(e->grid), D = e->D, places = e->plan.aligned ? P : 1;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    double *sum = FLECK_NEW_ZERO(compute->scratch, double, places, D);
    if (!sum) return false;
    for (uint32_t i = 0; i < f->count; i++) {
        if (!widen_all(e, compute, f->patch[i], photo)) return false;
        for (size_t p = 0; p < P; p++)
            for (size_t d = 0; d < D; d++)
                sum[(e->plan.aligned ? p : 0) * D + d] += photo[p * D + d];
    }
    double share = 1.0 / ((double)f->count * (e->plan.aligned ? 1.0 : (double)P));
    for (size_t i = 0; i < places * D; i++) e->mean[i] = (float)(sum[i] * share);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Of patches [begin, end), rows [end - begin, D]. */
static void subtract_mean(const fleck_embedding *e, size_t begin, size_t end, float *rows) {
    size_t D = e->D;
    for (size_t p = begin; p < end; p++, rows += D) {
        const float *mean = e->mean + (e->plan.aligned ? p * D : 0);
        for (size_t d = 0; d < D; d++) rows[d] -= mean[d];
    }
}

/* Covariance of about SAMPLE patches, evenly spread over photos and places. */
static bool fit_covariance(const fleck_embedding *e, const fleck_compute *compute,
                           const fleck_features *f, float *photo, double *covariance) {
    size_t P = fleck_grid_patches(e->grid), D = e->D, patches = f->count * P, rows = 0;
    size_t step = patches > SAMPLE ? (patches - 1) / SAMPLE + 1 : 1;
    for (uint32_t i = 0; i < f->count; i++) {
        if (!widen_all(e, compute, f->patch[i], photo)) return false;
        subtract_mean(e, 0, P, photo);
        size_t n = 0;
        for (size_t p = i % step; p < P; p += step, n++)
            memmove(photo + n * D, photo + p * D, D * sizeof *photo);
        if (!fleck_covariance_add(compute, photo, n, D, covariance)) return false;
        rows += n;
    }
    for (size_t i = 0; i < D * D; i++) covariance[i] /= (double)(rows ? rows : 1);
    return true;
}

/* How far patches that lie side by side in a photo are apart. */
static bool find_grain(const fleck_embedding *e, const fleck_compute *compute,
                       const fleck_features *f, float *grain) {
    size_t P = fleck_grid_patches(e->grid), D = e->D, n = 0;
    const fleck_kernels *k = compute->kernels;
    uint32_t photos = f->count < GRAIN_PHOTOS ? f->count : GRAIN_PHOTOS;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *x = FLECK_NEW(compute->scratch, float, P, D), length = 0;
    float *apart = FLECK_NEW(compute->scratch, float, photos, P);
    if (!x || !apart) return false;
    for (uint32_t i = 0; i < photos; i++) {
        if (!widen_all(e, compute, f->patch[(uint64_t)i * f->count / photos], x)) return false;
        for (size_t p = 0; p < P; p++) {
            length = fmaxf(length, sqrtf(k->dot(x + p * D, x + p * D, D)));
            if (fleck_grid_goes_on(e->grid, p))
                apart[n++] = sqrtf(k->sqdist(x + p * D, x + (p + 1) * D, D));
        }
    }
    *grain = fmaxf(n ? fleck_median(apart, n) : 0, ROUNDING * length);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Copies of a photo vary less than saving it anew changes it: that much noise is added. */
static bool add_noise(const fleck_embedding *e, const fleck_compute *compute,
                      const fleck_features *f, double *covariance) {
    size_t D = e->D;
    float grain;
    double trace = 0;
    if (!find_grain(e, compute, f, &grain)) return false;
    for (size_t d = 0; d < D; d++) trace += covariance[d * D + d];
    double missing = NOISE * grain * NOISE * grain - trace;
    for (size_t d = 0; missing > 0 && d < D; d++) covariance[d * D + d] += missing / (double)D;
    return true;
}

static bool fit_whitening(fleck_embedding *e, const fleck_compute *compute,
                          const fleck_features *f) {
    size_t P = fleck_grid_patches(e->grid), D = e->D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *photo = FLECK_NEW(compute->scratch, float, P, D);
    double *covariance = FLECK_NEW_ZERO(compute->scratch, double, D, D);
    if (!photo || !covariance || !fit_mean(e, compute, f, photo) ||
        !fit_covariance(e, compute, f, photo, covariance) ||
        !add_noise(e, compute, f, covariance) ||
        !fleck_whitening_factor(compute, covariance, D, e->factor))
        return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_embedding_fit(fleck_arena *arena, const fleck_compute *compute,
                         const fleck_features *features, fleck_embedding_plan plan,
                         fleck_embedding *out) {
    fleck_embedding e = {.plan = plan, .grid = features->grid, .D = features->D};
    if (plan.whiten) {
        e.mean = FLECK_NEW(arena, float, plan.aligned ? features->P : 1, e.D);
        e.factor = FLECK_NEW(arena, float, e.D, e.D);
        if (!e.mean || !e.factor || !fit_whitening(&e, compute, features) ||
            !fleck_embedding_pack(arena, &e))
            return false;
    }
    *out = e;
    return true;
}

/* ---- use ---- */

bool fleck_embedding_pack(fleck_arena *arena, fleck_embedding *embedding) {
    size_t D = embedding->D;
    embedding->packed = FLECK_NEW(arena, float, fleck_packed_count(D, D));
    if (!embedding->packed) return false;
    fleck_pack(embedding->factor, D, 1, D, D, embedding->packed);
    return true;
}

bool fleck_embed(const fleck_embedding *embedding, const fleck_compute *compute,
                 const fleck_half *patch, float *out) {
    return fleck_embed_rows(embedding, compute, patch, 0, embedding->grid.rows, out);
}

bool fleck_embed_rows(const fleck_embedding *embedding, const fleck_compute *compute,
                      const fleck_half *patch, size_t begin, size_t end, float *out) {
    if (!embedding->plan.whiten) return widen(embedding, compute, patch, begin, end, out);
    size_t from = fleck_grid_first(embedding->grid, begin), D = embedding->D;
    size_t to = fleck_grid_first(embedding->grid, end), patches = to - from;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *centred = FLECK_NEW(compute->scratch, float, patches, D);
    if (!centred || !widen(embedding, compute, patch, begin, end, centred)) return false;
    subtract_mean(embedding, from, to, centred);
    fleck_matmul(compute, centred, embedding->packed, NULL, out, patches, D, D);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_embedding_grain(const fleck_embedding *embedding, const fleck_compute *compute,
                           const fleck_features *features, float *grain) {
    if (!embedding->plan.whiten) return find_grain(embedding, compute, features, grain);
    *grain = WHITE_MOST * sqrtf((float)embedding->D);
    return true;
}
