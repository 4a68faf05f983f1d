/* Outline of the forward pass, N tokens of dim values each:
 *
 *   x = patches · embed + position, CLS and registers first      [N, dim]
 *   for each block:
 *       x += scale1 * proj(attention(qkv(layernorm(x))))
 *       x += scale2 * fc2(gelu(fc1(layernorm(x))))
 *   features = layernorm(x) of the chosen blocks
 *
 * Attention runs in parallel over heads and rows; all that follows it, to the next
 * block's attention, over rows alone, in one go: rows stay in the cache, and threads
 * meet as seldom as can be. */
#include "attention.h"
#include "vit.h"

#include <math.h>
#include <string.h>

#define EPS 1e-6f

enum { ROWS = 16 /* tokens of one piece of parallel work, about */ };

/* ---- planning: position embedding ---- */

/* Each output of an axis is a weighted sum of consecutive inputs, clamped at the ends. */
typedef struct {
    size_t taps;
    int32_t *first; /* [outputs] */
    double *weight; /* [outputs, taps] */
} resampling;

/* Cubic convolution. */
static double cubic(double x, double a) {
    x = fabs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/* DINO and DINOv2 scale by (to + 0.1) / from, the 0.1 dodges rounding in their own
 * framework, and sample PyTorch's bicubic (a = -0.75) at four places. Other programs'
 * copies of DINOv2 leave out the 0.1 or smooth: the positions that its authors
 * published tokens with are these. */
static void sample_sharp(resampling *r, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < to; i++) {
        double at = (i + 0.5) * from / (to + 0.1) - 0.5;
        r->first[i] = (int32_t)floor(at) - 1;
        for (uint32_t k = 0; k < r->taps; k++)
            r->weight[i * r->taps + k] = cubic(at - (r->first[i] + (double)k), -0.75);
    }
}

/* DINOv2 with registers scales by to / from and smooths where that is less than 1
 * (PyTorch's antialias, a = -0.5): inputs beyond an end have no weight. */
static void sample_smooth(resampling *r, uint32_t from, uint32_t to) {
    double scale = (double)from / to, wide = scale > 1 ? scale : 1;
    for (uint32_t i = 0; i < to; i++) {
        double middle = (i + 0.5) * scale, sum = 0, *weight = r->weight + i * r->taps;
        double begin = floor(middle - 2 * wide + 0.5), end = floor(middle + 2 * wide + 0.5);
        if (begin < 0) begin = 0;
        if (end > from) end = from;
        r->first[i] = (int32_t)begin;
        for (uint32_t k = 0; k < r->taps; k++) {
            weight[k] = begin + k < end ? cubic((begin + k - middle + 0.5) / wide, -0.5) : 0;
            sum += weight[k];
        }
        for (uint32_t k = 0; k < r->taps; k++) weight[k] /= sum;
    }
}

static size_t clamp(int64_t v, uint32_t n) {
    return v < 0 ? 0 : v >= (int64_t)n ? n - 1 : (size_t)v;
}

/* False when memory is short. */
static bool interpolate_position(const fleck_vit *vit, uint32_t grid, float *out) {
    fleck_arena scratch = {0};
    uint32_t native = vit->native_grid;
    size_t dim = vit->dim;
    bool smooth = vit->registers;
    resampling r = {.taps = smooth ? 4 * (size_t)((native - 1) / grid + 1) + 1 : 4};
    r.first = FLECK_NEW(&scratch, int32_t, grid);
    r.weight = FLECK_NEW(&scratch, double, grid, r.taps);
    double *sum = FLECK_NEW(&scratch, double, dim);
    bool enough = r.first && r.weight && sum;
    if (enough) (smooth ? sample_smooth : sample_sharp)(&r, native, grid);
    memcpy(out, vit->position, dim * sizeof *out);
    for (size_t i = 0; enough && i < (size_t)grid * grid; i++) {
        size_t y = i / grid, x = i % grid;
        memset(sum, 0, dim * sizeof *sum);
        for (size_t j = 0; j < r.taps; j++)
            for (size_t k = 0; k < r.taps; k++) {
                double w = r.weight[y * r.taps + j] * r.weight[x * r.taps + k];
                size_t row = clamp(r.first[y] + (int64_t)j, native) * native +
                             clamp(r.first[x] + (int64_t)k, native);
                const float *from = vit->position + (1 + row) * dim;
                for (size_t d = 0; d < dim; d++) sum[d] += w * from[d];
            }
        for (size_t d = 0; d < dim; d++) out[(1 + i) * dim + d] = (float)sum[d];
    }
    fleck_arena_free(&scratch);
    return enough;
}

fleck_status fleck_vit_plan_make(fleck_arena *arena, const fleck_vit *vit, uint32_t input,
                                 const uint32_t *blocks, uint32_t block_count, fleck_vit_plan *out,
                                 fleck_message *err) {
    fleck_vit_plan plan = {.vit = vit, .input = input ? input : vit->native_input};
    if (!block_count) blocks = vit->blocks, block_count = vit->block_count;
    if (plan.input < vit->patch || plan.input > FLECK_INPUT_MAX || plan.input % vit->patch)
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "input %u: want a multiple of the patch, %u, and at most %d", plan.input,
                          vit->patch, FLECK_INPUT_MAX);
    if (block_count > FLECK_BLOCKS_MAX)
        return fleck_fail(err, FLECK_ERR_ARGUMENT, "%u blocks, at most %d can be used", block_count,
                          FLECK_BLOCKS_MAX);
    for (uint32_t i = 0; i < block_count; i++) {
        if (!blocks[i] || blocks[i] > vit->depth || (i && blocks[i] <= blocks[i - 1]))
            return fleck_fail(err, FLECK_ERR_ARGUMENT,
                              "block %u: want ascending numbers from 1 to %u", blocks[i],
                              vit->depth);
        plan.blocks[i] = blocks[i];
    }
    plan.block_count = block_count;
    plan.grid = plan.input / vit->patch;
    plan.dim = vit->dim * block_count;
    size_t patches = FLECK_SIZE(plan.grid, plan.grid), values = FLECK_SIZE(patches, plan.dim);
    if (patches > FLECK_PATCHES_MAX)
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "input %u with patch %u makes %zu patches, at most %u can be used",
                          plan.input, vit->patch, patches, FLECK_PATCHES_MAX);
    if (values > FLECK_VALUES_MAX)
        return fleck_fail(err, FLECK_ERR_ARGUMENT,
                          "%zu patches of %u values make %zu, at most %u can be used", patches,
                          plan.dim, values, FLECK_VALUES_MAX);
    plan.tokens = 1 + vit->registers + (uint32_t)patches;
    if (plan.grid == vit->native_grid) {
        plan.position = vit->position;
    } else {
        float *position = FLECK_NEW(arena, float, 1 + patches, vit->dim);
        if (!position || !interpolate_position(vit, plan.grid, position))
            return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the positions");
        plan.position = position;
    }
    *out = plan;
    return FLECK_OK;
}

/* ---- forward ---- */

/* One photo's pass: what the parallel pieces share. */
typedef struct {
    const fleck_vit_plan *plan;
    const fleck_kernels *k;
    const float *tensor; /* [3, input, input] */
    float *x;            /* [N, dim], the residual stream */
    float *qkv;          /* [N, 3*dim] */
    float *attended;     /* [N, dim] */
    fleck_attention attention;

    unsigned char *worker_scratch; /* for each worker, worker_bytes: */
    size_t worker_bytes;
    size_t rows;       /* of one piece */
    size_t normed_at;  /* [rows, dim]; also the pixels of patches */
    size_t hidden_at;  /* [rows, hidden] */
    size_t scratch_at; /* of linear layers */

    uint32_t block;     /* under way, from 0 */
    float *patch, *cls; /* where features go */
    uint32_t column;    /* of the next chosen block in a feature row */
} pass;

/* What a worker works with. */
typedef struct {
    float *normed, *hidden;
    void *scratch;
} desk;

static desk desk_of(const pass *p, uint32_t worker) {
    unsigned char *at = p->worker_scratch + worker * p->worker_bytes;
    return (desk){(float *)(at + p->normed_at), (float *)(at + p->hidden_at), at + p->scratch_at};
}

/* Tokens that have no pixels: CLS and registers. They come first. */
static size_t extra_tokens(const fleck_vit *vit) { return 1 + (size_t)vit->registers; }

/* Rows of x from patches, of which rows begin to end. */
static void embed_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    pass *p = context;
    const fleck_vit *vit = p->plan->vit;
    size_t dim = vit->dim, side = vit->patch, input = p->plan->input, grid = p->plan->grid;
    size_t width = 3 * side * side;
    desk d = desk_of(p, worker);
    for (size_t i = begin; i < end; i++) {
        const float *corner = p->tensor + i / grid * side * input + i % grid * side;
        float *to = d.normed + (i - begin) * width;
        for (size_t channel = 0; channel < 3; channel++)
            for (size_t y = 0; y < side; y++, to += side)
                memcpy(to, corner + (channel * input + y) * input, side * sizeof *to);
    }
    float *x = p->x + (extra_tokens(vit) + begin) * dim;
    fleck_linear_apply(&vit->embed, &vit->wide_arithmetic, d.normed, end - begin, x, d.scratch);
    p->k->axpy(1, p->plan->position + (1 + begin) * dim, x, (end - begin) * dim);
}

/* LayerNorm of rows of x, then a linear layer. */
static void normed_linear(const pass *p, const desk *d, size_t begin, size_t rows,
                          const float *gamma, const float *beta, const fleck_linear *layer,
                          float *out) {
    const fleck_vit *vit = p->plan->vit;
    size_t dim = vit->dim;
    for (size_t i = 0; i < rows; i++)
        p->k->layernorm(p->x + (begin + i) * dim, gamma, beta, d->normed + i * dim, dim, EPS);
    fleck_linear_apply(layer, &vit->arithmetic, d->normed, rows, out, d->scratch);
}

static void qkv_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    pass *p = context;
    const fleck_vit_block *b = &p->plan->vit->block[p->block];
    desk d = desk_of(p, worker);
    normed_linear(p, &d, begin, end - begin, b->norm1_gamma, b->norm1_beta, &b->qkv,
                  p->qkv + begin * 3 * p->plan->vit->dim);
}

/* x += [scale *] y */
static void add_branch(const pass *p, const float *scale, const float *y, size_t row, size_t rows) {
    size_t dim = p->plan->vit->dim;
    for (size_t i = 0; i < rows; i++) {
        float *x = p->x + (row + i) * dim;
        if (scale)
            p->k->mul_add(y + i * dim, scale, x, dim);
        else
            p->k->axpy(1, y + i * dim, x, dim);
    }
}

/* Rows of x -> features of this block. */
static void feature_rows(const pass *p, size_t begin, size_t end) {
    const fleck_vit *vit = p->plan->vit;
    bool last = p->block + 1 == vit->depth;
    for (size_t i = begin; i < end; i++) {
        if (i && i < extra_tokens(vit)) continue;
        float *row = i ? p->patch + (i - extra_tokens(vit)) * p->plan->dim : p->cls;
        p->k->layernorm(p->x + i * vit->dim, last ? vit->norm_gamma : NULL,
                        last ? vit->norm_beta : NULL, row + (size_t)p->column * vit->dim, vit->dim,
                        EPS);
    }
}

/* What follows attention in a block, and what precedes it in the next: all that
 * concerns a row alone. */
static void finish_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    pass *p = context;
    const fleck_vit *vit = p->plan->vit;
    const fleck_vit_block *b = &vit->block[p->block];
    size_t dim = vit->dim, rows = end - begin;
    desk d = desk_of(p, worker);
    fleck_linear_apply(&b->proj, &vit->wide_arithmetic, p->attended + begin * dim, rows, d.normed,
                       d.scratch);
    add_branch(p, b->scale1, d.normed, begin, rows);
    normed_linear(p, &d, begin, rows, b->norm2_gamma, b->norm2_beta, &b->fc1, d.hidden);
    p->k->gelu(d.hidden, rows * b->fc1.out);
    fleck_linear_apply(&b->fc2, &vit->arithmetic, d.hidden, rows, d.normed, d.scratch);
    add_branch(p, b->scale2, d.normed, begin, rows);

    const fleck_vit_plan *plan = p->plan;
    if (p->block + 1 == plan->blocks[p->column]) feature_rows(p, begin, end);
    if (p->block + 1 == plan->blocks[plan->block_count - 1]) return;
    normed_linear(p, &d, begin, rows, b[1].norm1_gamma, b[1].norm1_beta, &b[1].qkv,
                  p->qkv + begin * 3 * dim);
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* Rows of one piece: about ROWS, the same number of pieces for each thread. */
static size_t piece_rows(size_t N, size_t threads) {
    size_t each = (N + ROWS * threads - 1) / (ROWS * threads), pieces = each * threads;
    return (N + pieces - 1) / pieces;
}

/* Memory of one pass; false when it is short. */
static bool pass_alloc(pass *p, const fleck_compute *compute) {
    const fleck_vit *vit = p->plan->vit;
    fleck_arena *arena = compute->scratch;
    size_t N = p->plan->tokens, dim = vit->dim, threads = fleck_pool_threads(compute->pool);
    p->rows = piece_rows(N, threads);
    size_t wide = larger(dim, FLECK_SIZE(3, vit->patch, vit->patch));
    p->hidden_at = fleck_aligned(FLECK_SIZE(p->rows, wide, sizeof(float)));
    size_t hidden = fleck_aligned(FLECK_SIZE(p->rows, vit->hidden, sizeof(float)));
    p->scratch_at = fleck_size_sum(p->hidden_at, hidden);
    size_t scratch = fleck_linear_scratch(&vit->embed, p->rows);
    for (uint32_t i = 0; i < vit->depth; i++)
        scratch = larger(scratch, larger(fleck_linear_scratch(&vit->block[i].qkv, p->rows),
                                         fleck_linear_scratch(&vit->block[i].fc2, p->rows)));
    p->worker_bytes = fleck_size_sum(p->scratch_at, fleck_aligned(scratch));
    p->worker_scratch = FLECK_NEW(arena, unsigned char, threads, p->worker_bytes);
    p->x = FLECK_NEW(arena, float, N, dim);
    p->qkv = FLECK_NEW(arena, float, N, 3, dim);
    p->attended = FLECK_NEW(arena, float, N, dim);
    return p->worker_scratch && p->x && p->qkv && p->attended &&
           fleck_attention_new(compute, &vit->arithmetic, N, vit->heads, dim / vit->heads,
                               &p->attention);
}

fleck_status fleck_vit_forward(const fleck_vit_plan *plan, const fleck_compute *compute,
                               const float *tensor, float *patch, float *cls, fleck_message *err) {
    const fleck_vit *vit = plan->vit;
    size_t N = plan->tokens;
    pass p = {.plan = plan, .k = compute->kernels, .tensor = tensor, .patch = patch, .cls = cls};
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    if (!pass_alloc(&p, compute))
        return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for %zu tokens", N);

    memcpy(p.x, plan->position, vit->dim * sizeof *p.x);
    compute->kernels->axpy(1, vit->cls_token, p.x, vit->dim);
    if (vit->registers)
        memcpy(p.x + vit->dim, vit->registered, (size_t)vit->registers * vit->dim * sizeof *p.x);
    fleck_parallel(compute->pool, N - extra_tokens(vit), p.rows, embed_rows, &p);
    fleck_parallel(compute->pool, N, p.rows, qkv_rows, &p);
    for (; p.block < plan->blocks[plan->block_count - 1]; p.block++) {
        fleck_attention_run(&p.attention, compute->pool, p.qkv, p.attended);
        fleck_parallel(compute->pool, N, p.rows, finish_rows, &p);
        if (p.block + 1 == plan->blocks[p.column]) p.column++;
    }
    fleck_arena_reset(compute->scratch, mark);
    return FLECK_OK;
}
