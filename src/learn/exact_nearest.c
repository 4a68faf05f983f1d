#include "exact_nearest.h"

#include <math.h>

/* Why no row is missed
 *
 * The product of query q and row r in float32, with the bias -B/2, is
 *
 *   v = q r - B/2, within e (|q| |r| + B/2), e being the share that D + 1 roundings take.
 *
 * Let A and B be |q|^2 and |r|^2 less 4 e of themselves. They come from the dot kernel,
 * within e, so that A <= (1 - 3 e) |q|^2, and B likewise. Since 2 |q| |r| <= |q|^2 + |r|^2,
 *
 *   A - 2 v <= (1 - 2 e) |q|^2 - 2 q r + (1 - e) |r|^2 <= |q - r|^2,
 *
 * where the last step has e to spare for roundings outside of the sums. The sqdist kernel
 * gives |q - r|^2 within e again: where A - 2 v >= (1 + 2 e) limit, it gives no less than
 * the limit. To this comes what underflows.
 *
 * Squares too long for products in float32 become NaN, and so does v, or what v is compared
 * with: then the row is measured. */

enum {
    QUERIES = 32, /* of one piece of work */
    ROWS = 512,   /* of one product */
};

#define SQUARE_MAX 1e36f
#define UNDERFLOW 0x1p-120

/* Twice what D + 8 roundings by half a unit take is more than they take, whatever the order. */
static double rounding(size_t D) { return 0x1p-23 * ((double)D + 8); }

/* A or B above. */
static double lowered_square(const fleck_kernels *k, const float *x, size_t D) {
    float square = k->dot(x, x, D);
    return square < SQUARE_MAX ? (1 - 4 * rounding(D)) * square : NAN;
}

typedef struct {
    const fleck_kernels *k;
    size_t D;
    const float *queries, *rows;
    bool others;
    fleck_nearest *out;
    size_t from, count; /* the rows of this pass... */
    float *packed;      /* [ROWS, D], ...for the matmul kernel */
    float *bias;        /* [ROWS] */
    float *product;     /* [workers, QUERIES, ROWS] */
} search;

/* Rows come in ascending order, so that a strict comparison leaves equal distances to the
 * lower index. */
static void offer(fleck_nearest *best, fleck_neighbour row) {
    if (row.distance < best->first.distance) {
        best->second = best->first;
        best->first = row;
    } else if (row.distance < best->second.distance) {
        best->second = row;
    }
}

/* A row whose v is less is no nearer than the second best. */
static float least_product(double square, const fleck_nearest *best, size_t D) {
    double limit = (1 + 2 * rounding(D)) * best->second.distance;
    return (float)((square - limit) / 2 - UNDERFLOW);
}

static void search_piece(void *context, uint32_t worker, size_t begin, size_t end) {
    const search *s = context;
    size_t D = s->D;
    float *product = s->product + (size_t)worker * QUERIES * ROWS;
    s->k->matmul(s->queries + begin * D, D, s->packed, s->bias, product, ROWS, end - begin,
                 s->count, D);
    for (size_t query = begin; query < end; query++, product += ROWS) {
        const float *q = s->queries + query * D;
        fleck_nearest *best = &s->out[query];
        double square = lowered_square(s->k, q, D);
        float least = least_product(square, best, D);
        for (size_t i = 0; i < s->count; i++) {
            size_t row = s->from + i;
            if (product[i] < least || (s->others && row == query)) continue;
            offer(best, (fleck_neighbour){(uint32_t)row, s->k->sqdist(q, s->rows + row * D, D)});
            least = least_product(square, best, D);
        }
    }
}

bool fleck_exact_nearest(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                         const float *queries, size_t Q, bool others, fleck_nearest *out) {
    const fleck_neighbour none = {FLECK_NO_ROW, INFINITY};
    search s = {.k = compute->kernels,
                .D = D,
                .queries = queries,
                .rows = rows,
                .others = others,
                .out = out};
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    s.packed = FLECK_NEW(compute->scratch, float, ROWS, D);
    s.bias = FLECK_NEW(compute->scratch, float, ROWS);
    s.product =
        FLECK_NEW(compute->scratch, float, fleck_pool_threads(compute->pool), QUERIES, ROWS);
    if (!s.packed || !s.bias || !s.product) return false;
    for (size_t i = 0; i < Q; i++) out[i] = (fleck_nearest){none, none};
    for (; s.from < N; s.from += ROWS) {
        s.count = N - s.from < ROWS ? N - s.from : ROWS;
        const float *block = rows + s.from * D;
        fleck_pack(block, D, 1, s.count, D, s.packed);
        for (size_t i = 0; i < s.count; i++)
            s.bias[i] = (float)(-lowered_square(s.k, block + i * D, D) / 2);
        fleck_parallel(compute->pool, Q, QUERIES, search_piece, &s);
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_exact_pairs(const fleck_compute *compute, const float *rows, size_t N, size_t D,
                       uint32_t *partner) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    fleck_nearest *nearest = FLECK_NEW(compute->scratch, fleck_nearest, N);
    if (!nearest || !fleck_exact_nearest(compute, rows, N, D, rows, N, true, nearest)) return false;
    for (size_t i = 0; i < N; i++) {
        uint32_t j = nearest[i].first.index;
        partner[i] = j != FLECK_NO_ROW && nearest[j].first.index == i ? j : FLECK_NO_ROW;
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
