#include "kernels.h"

#include "arena.h"

#include <math.h>
#include <string.h>
#include <time.h>

extern const fleck_kernels fleck_kernels_scalar;
extern const fleck_kernels fleck_kernels_simd128;
extern const fleck_kernel_i8 fleck_kernel_i8_scalar;
extern const fleck_kernel_i8 fleck_kernel_i8_pairs;
extern const fleck_kernel_i8 fleck_kernel_i8_quads;
extern const fleck_coarse fleck_coarse_scalar_1;
extern const fleck_coarse fleck_coarse_scalar_2;
extern const fleck_coarse fleck_coarse_simd128;
extern const fleck_coarse fleck_coarse_pairs;
extern const fleck_coarse fleck_coarse_quads;

/* kernels_simd128.c is compiled for AVX's three-operand encoding on x86 (see
 * CMakeLists.txt); every other target has what it needs by definition. */
static int simd128_runs(void) {
#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
    return __builtin_cpu_supports("avx");
#else
    return 1;
#endif
}

size_t fleck_kernels_list(const fleck_kernels *list[FLECK_KERNELS_MAX]) {
    size_t count = 0;
    list[count++] = &fleck_kernels_scalar;
    if (simd128_runs()) list[count++] = &fleck_kernels_simd128;
    return count;
}

const fleck_kernels *fleck_kernels_find(const char *name) {
    const fleck_kernels *list[FLECK_KERNELS_MAX];
    size_t count = fleck_kernels_list(list);
    if (!name) return list[count - 1];
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i]->name, name)) return list[i];
    return NULL;
}

/* Natively SIMDe stands in for the relaxed instructions; a WebAssembly engine
 * that lacks them refuses the whole module, hence builds without. */
size_t fleck_kernels_i8(const fleck_kernel_i8 *list[FLECK_KERNELS_MAX]) {
    size_t count = 0;
    list[count++] = &fleck_kernel_i8_scalar;
#if !defined(__wasm__) || defined(__wasm_relaxed_simd__)
    if (simd128_runs()) list[count++] = &fleck_kernel_i8_pairs;
#endif
#ifdef __wasm_relaxed_simd__
    list[count++] = &fleck_kernel_i8_quads;
#endif
    return count;
}

size_t fleck_kernels_coarse(const fleck_coarse *list[FLECK_COARSE_MAX]) {
    size_t count = 0;
    list[count++] = &fleck_coarse_scalar_1;
    list[count++] = &fleck_coarse_scalar_2;
    if (simd128_runs()) list[count++] = &fleck_coarse_simd128;
#if !defined(__wasm__) || defined(__wasm_relaxed_simd__)
    if (simd128_runs()) list[count++] = &fleck_coarse_pairs;
#endif
#ifdef __wasm_relaxed_simd__
    list[count++] = &fleck_coarse_quads;
#endif
    return count;
}

const fleck_coarse *fleck_kernels_coarse_usual(const fleck_kernels *kernels) {
    if (kernels == &fleck_kernels_scalar) return &fleck_coarse_scalar_1;
#if !defined(__wasm__) || defined(__wasm_relaxed_simd__)
    return &fleck_coarse_pairs;
#else
    return &fleck_coarse_simd128;
#endif
}

/* ---- the fastest 8-bit product ---- */

enum { TRIAL_ROWS = 32, TRIAL_COLUMNS = 64, TRIAL_DEPTH = FLECK_SLICE, TRIALS = 5 };

/* A matrix product of zeros, a third of a millisecond or so: integers take the same
 * time whatever they are. */
typedef struct {
    uint8_t a[TRIAL_ROWS * TRIAL_DEPTH * 2], b[TRIAL_COLUMNS * TRIAL_DEPTH * 2];
    float scale[TRIAL_COLUMNS], c[TRIAL_ROWS * TRIAL_COLUMNS];
    int32_t zero[TRIAL_COLUMNS];
} trial;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void trial_run(trial *t, const fleck_kernels *k, const fleck_kernel_i8 *i8) {
    if (i8)
        i8->matmul((fleck_u7){t->a, t->scale, t->zero},
                   (fleck_i8){(const int8_t *)t->b, t->scale, t->zero}, NULL, t->c, TRIAL_COLUMNS,
                   TRIAL_ROWS, TRIAL_COLUMNS, TRIAL_DEPTH);
    else
        k->matmul_i16((fleck_i16){(const int16_t *)(const void *)t->a, t->scale},
                      (fleck_i16){(const int16_t *)(const void *)t->b, t->scale}, NULL, t->c,
                      TRIAL_COLUMNS, TRIAL_ROWS, TRIAL_COLUMNS, TRIAL_DEPTH);
}

const fleck_kernel_i8 *fleck_kernels_i8_fastest(const fleck_kernels *kernels) {
    const fleck_kernel_i8 *list[FLECK_KERNELS_MAX], *candidates[FLECK_KERNELS_MAX] = {NULL};
    size_t count = fleck_kernels_i8(list);
    fleck_arena arena = {0};
    trial *t = fleck_arena_zalloc(&arena, 1, sizeof *t);
    if (!t) return NULL;
    /* the scalar one, list[0], gives its place to the 16-bit product */
    for (size_t i = 1; i < count; i++) candidates[i] = list[i];
    double best[FLECK_KERNELS_MAX];
    for (int round = 0; round < TRIALS; round++)
        for (size_t i = 0; i < count; i++) {
            double start = seconds();
            trial_run(t, kernels, candidates[i]);
            double taken = seconds() - start;
            if (!round || taken < best[i]) best[i] = taken;
        }
    fleck_arena_free(&arena);
    size_t fastest = 0;
    for (size_t i = 1; i < count; i++)
        if (best[i] < best[fastest]) fastest = i;
    return candidates[fastest];
}

/* ---- the fastest coarse search ---- */

enum { TRIAL_QUERIES = 32, TRIAL_PANELS = 4, TRIAL_K = 384 };

/* Zeros to search in. */
typedef struct {
    float zero[FLECK_PANEL * TRIAL_PANELS];
    uint16_t hits[TRIAL_QUERIES * TRIAL_PANELS];
    void *q, *panels;
} coarse_trial;

static double coarse_seconds(coarse_trial *t, const fleck_coarse *coarse) {
    double best = INFINITY;
    for (int i = 0; i < TRIALS; i++) {
        double start = seconds();
        coarse->scan((fleck_coarse_queries){t->q, t->zero, t->zero, t->zero},
                     (fleck_coarse_rows){t->panels, t->zero, t->zero, t->zero}, t->hits,
                     TRIAL_PANELS, TRIAL_QUERIES, TRIAL_PANELS, TRIAL_K);
        double taken = seconds() - start;
        if (taken < best) best = taken;
    }
    return best;
}

const fleck_coarse *fleck_kernels_coarse_fastest(const fleck_kernels *kernels) {
    const fleck_coarse *list[FLECK_COARSE_MAX], *fastest = fleck_kernels_coarse_usual(kernels);
    size_t count = fleck_kernels_coarse(list), size = fastest->size;
    if (kernels == &fleck_kernels_scalar) return fastest;
    fleck_arena arena = {0};
    coarse_trial *t = fleck_arena_zalloc(&arena, 1, sizeof *t);
    if (t) t->q = fleck_arena_zalloc(&arena, TRIAL_QUERIES, TRIAL_K * size);
    if (t)
        t->panels =
            fleck_arena_zalloc(&arena, TRIAL_PANELS, fleck_coarse_panel_size(size, TRIAL_K));
    double best = INFINITY;
    for (size_t i = 2; t && t->q && t->panels && i < count; i++) { /* the first are scalar */
        if (list[i]->size != size) continue;
        double taken = coarse_seconds(t, list[i]);
        if (taken < best) best = taken, fastest = list[i];
    }
    fleck_arena_free(&arena);
    return fastest;
}

/* ---- packing ---- */

size_t fleck_depth(size_t k) { return (k + 15) / 16 * 16; }

size_t fleck_packed_count(size_t n, size_t k) {
    return (n + FLECK_PANEL - 1) / FLECK_PANEL * FLECK_PANEL * k;
}

void fleck_pack(const float *b, size_t row_stride, size_t column_stride, size_t n, size_t k,
                float *packed) {
    for (size_t row = 0; row < n; row += FLECK_PANEL) {
        size_t rows = n - row < FLECK_PANEL ? n - row : FLECK_PANEL;
        for (size_t column = 0; column < k; column++, packed += FLECK_PANEL) {
            const float *from = b + row * row_stride + column * column_stride;
            for (size_t i = 0; i < rows; i++) packed[i] = from[i * row_stride];
            for (size_t i = rows; i < FLECK_PANEL; i++) packed[i] = 0;
        }
    }
}

void fleck_pack_i16(const int16_t *b, size_t rows, size_t k, int16_t *panel) {
    for (size_t column = 0; column < k; column += 2, panel += 2 * FLECK_PANEL)
        for (size_t i = 0; i < FLECK_PANEL; i++)
            for (size_t j = 0; j < 2; j++) panel[2 * i + j] = i < rows ? b[i * k + column + j] : 0;
}

void fleck_pack_i8(const int8_t *b, size_t rows, size_t k, int8_t *panel) {
    for (size_t column = 0; column < k; column += 4, panel += 4 * FLECK_PANEL)
        for (size_t i = 0; i < FLECK_PANEL; i++)
            for (size_t j = 0; j < 4; j++) panel[4 * i + j] = i < rows ? b[i * k + column + j] : 0;
}
