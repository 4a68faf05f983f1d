/* The integer matmul of the SIMD variants, for integers of one or two bytes: both
 * pack four bytes of a row side by side, and only the instruction differs that
 * adds the products of such four bytes to an int32. It is passed as a function
 * and inlined. */
#ifndef FLECK_TILE_H
#define FLECK_TILE_H

#include "simd128.h"

#include <stdbool.h>
#include <string.h>

#define FLECK_INLINE static inline __attribute__((always_inline))

/* sum + products of a and b, four bytes of each a lane. */
typedef v128_t fleck_add_dot(v128_t sum, v128_t a, v128_t b);

/* A and packed B, of integers of size bytes. */
typedef struct {
    const void *a, *b;
    size_t size;
    const float *a_scale, *b_scale, *bias;
    const int32_t *a_zero, *b_sum; /* NULL unless A has zero points */
    int32_t less;                  /* than its bytes say A's integers are */
} fleck_tile_factors;

/* One row of a tile: 16 sums. A tile is 2 rows of A by one panel: its 8 vectors
 * of sums, 4 vectors of B, 2 of A and a product fill 15 of the 16 registers that
 * x86 has. */
typedef struct {
    v128_t sum[4];
} fleck_tile_row;

/* Where the sums of a row start from and go to. */
typedef struct {
    float *c;
    size_t width; /* of c: FLECK_PANEL, or less in the last panel */
    float a_scale;
    const float *b_scale, *bias;
    bool first;   /* slice: starts from bias, if any, otherwise from c */
    int32_t zero; /* zero point of the row of A */
    const int32_t *b_sum;
} fleck_tile_target;

FLECK_INLINE void fleck_tile_step2(fleck_add_dot *add_dot, fleck_tile_row *t0, fleck_tile_row *t1,
                                   v128_t a0, v128_t a1, const uint8_t *b) {
    v128_t b0 = wasm_v128_load(b);
    t0->sum[0] = add_dot(t0->sum[0], a0, b0), t1->sum[0] = add_dot(t1->sum[0], a1, b0);
    v128_t b1 = wasm_v128_load(b + 16);
    t0->sum[1] = add_dot(t0->sum[1], a0, b1), t1->sum[1] = add_dot(t1->sum[1], a1, b1);
    v128_t b2 = wasm_v128_load(b + 32);
    t0->sum[2] = add_dot(t0->sum[2], a0, b2), t1->sum[2] = add_dot(t1->sum[2], a1, b2);
    v128_t b3 = wasm_v128_load(b + 48);
    t0->sum[3] = add_dot(t0->sum[3], a0, b3), t1->sum[3] = add_dot(t1->sum[3], a1, b3);
}

/* With a zero point the sums start from -zero * (sum of the weights): together
 * that is the sum of (a - zero) b. */
FLECK_INLINE fleck_tile_row fleck_tile_start(const fleck_tile_target *to) {
    fleck_tile_row t;
    v128_t zero = wasm_i32x4_splat(-to->zero);
    for (int j = 0; j < 4; j++)
        t.sum[j] = to->b_sum ? wasm_i32x4_mul(zero, wasm_v128_load(to->b_sum + 4 * j))
                             : wasm_i32x4_splat(0);
    return t;
}

static inline void fleck_tile_finish(const fleck_tile_target *to, const fleck_tile_row *t) {
    float partial[FLECK_PANEL];
    bool whole = to->width == FLECK_PANEL;
    if (!whole && !to->first) memcpy(partial, to->c, to->width * sizeof *partial);
    float *c = whole ? to->c : partial;
    const float *start = to->first ? to->bias : c;
    v128_t scale = wasm_f32x4_splat(to->a_scale), v[4];
    for (int j = 0; j < 4; j++)
        v[j] = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(t->sum[j]),
                              wasm_f32x4_mul(scale, wasm_v128_load(to->b_scale + 4 * j)));
    if (start)
        for (int j = 0; j < 4; j++) v[j] = wasm_f32x4_add(wasm_v128_load(start + 4 * j), v[j]);
    for (int j = 0; j < 4; j++) wasm_v128_store(c + 4 * j, v[j]);
    if (!whole) memcpy(to->c, partial, to->width * sizeof *partial);
}

/* Adds the products of two rows of A, of that many bytes, a multiple of 16 above 0. The
 * exits between the steps are never taken. They keep the compiler from moving one
 * step's work into the next, for which there are no registers. */
FLECK_INLINE void fleck_tile_add(fleck_add_dot *add_dot, fleck_tile_row *t0, fleck_tile_row *t1,
                                 const uint8_t *a0, const uint8_t *a1, const uint8_t *b,
                                 size_t bytes) {
    for (;; bytes -= 16, a0 += 16, a1 += 16, b += 16 * FLECK_PANEL) {
        v128_t x0 = wasm_v128_load(a0), x1 = wasm_v128_load(a1);
        fleck_tile_step2(add_dot, t0, t1, FLECK_SPLAT(x0, 0), FLECK_SPLAT(x1, 0), b);
        if (bytes <= 4) break;
        fleck_tile_step2(add_dot, t0, t1, FLECK_SPLAT(x0, 1), FLECK_SPLAT(x1, 1), b + 64);
        if (bytes <= 8) break;
        fleck_tile_step2(add_dot, t0, t1, FLECK_SPLAT(x0, 2), FLECK_SPLAT(x1, 2), b + 128);
        if (bytes <= 12) break;
        fleck_tile_step2(add_dot, t0, t1, FLECK_SPLAT(x0, 3), FLECK_SPLAT(x1, 3), b + 192);
        if (bytes <= 16) break;
    }
}

FLECK_INLINE void fleck_tile2(fleck_add_dot *add_dot, const uint8_t *a0, const uint8_t *a1,
                              const uint8_t *b, size_t bytes, const fleck_tile_target *to0,
                              const fleck_tile_target *to1) {
    fleck_tile_row t0 = fleck_tile_start(to0), t1 = fleck_tile_start(to1);
    fleck_tile_add(add_dot, &t0, &t1, a0, a1, b, bytes);
    fleck_tile_finish(to0, &t0);
    fleck_tile_finish(to1, &t1);
}

FLECK_INLINE void fleck_tile1(fleck_add_dot *add_dot, const uint8_t *a, const uint8_t *b,
                              size_t bytes, const fleck_tile_target *to) {
    fleck_tile_row t = fleck_tile_start(to);
    for (size_t i = 0; i < bytes; i += 4, b += 64) {
        v128_t x = wasm_v128_load32_splat(a + i);
        for (int j = 0; j < 4; j++) t.sum[j] = add_dot(t.sum[j], x, wasm_v128_load(b + 16 * j));
    }
    fleck_tile_finish(to, &t);
}

/* A slice of a panel, 16 KB at most, stays in the first-level cache while all rows
 * of A go past it. */
FLECK_INLINE void fleck_tile_matmul(fleck_add_dot *add_dot, const fleck_tile_factors *f, float *c,
                                    size_t ldc, size_t m, size_t n, size_t k) {
    size_t wide = fleck_packed_count(n, 1), stride = k * f->size;
    for (size_t j = 0; j < n; j += FLECK_PANEL)
        for (size_t from = 0; from < k; from += FLECK_SLICE) {
            size_t bytes = (k - from < FLECK_SLICE ? k - from : FLECK_SLICE) * f->size;
            const uint8_t *a = (const uint8_t *)f->a + from * f->size;
            const uint8_t *b = (const uint8_t *)f->b + (j * k + from * FLECK_PANEL) * f->size;
            fleck_tile_target to = {.width = n - j < FLECK_PANEL ? n - j : FLECK_PANEL,
                                    .b_scale = f->b_scale + j,
                                    .bias = f->bias ? f->bias + j : NULL,
                                    .first = from == 0};
            if (f->b_sum) to.b_sum = f->b_sum + from / FLECK_SLICE * wide + j;
            for (size_t i = 0; i < m; i += 2, a += 2 * stride) {
                to.c = c + i * ldc + j;
                to.a_scale = f->a_scale[i];
                if (f->a_zero) to.zero = f->a_zero[i] - f->less;
                if (i + 1 == m) {
                    fleck_tile1(add_dot, a, b, bytes, &to);
                    break;
                }
                fleck_tile_target to1 = to;
                to1.c += ldc;
                to1.a_scale = f->a_scale[i + 1];
                if (f->a_zero) to1.zero = f->a_zero[i + 1] - f->less;
                fleck_tile2(add_dot, a, a + stride, b, bytes, &to, &to1);
            }
        }
}

/* The same of bytes, as fleck_kernel_i8 has it; add_dot takes a byte of A for the integer that is
 * less than it by so much, 0 or 128. */
FLECK_INLINE void fleck_tile_matmul_i8(fleck_add_dot *add_dot, int32_t less, fleck_u8 a,
                                       fleck_i8 packed_b, const float *bias, float *c, size_t ldc,
                                       size_t m, size_t n, size_t k) {
    fleck_tile_factors f = {.a = a.q,
                            .b = packed_b.q,
                            .size = sizeof *a.q,
                            .a_scale = a.scale,
                            .b_scale = packed_b.scale,
                            .bias = bias,
                            .a_zero = a.zero,
                            .b_sum = packed_b.sum,
                            .less = less};
    fleck_tile_matmul(add_dot, &f, c, ldc, m, n, k);
}

#endif
