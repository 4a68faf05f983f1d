#include "kernels.h"

#include "arena.h"

#include <string.h>
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif
#ifdef FLECK_X86_BYTE_DOT
#include <cpuid.h>
#endif

extern const fleck_kernels fleck_kernels_simd128;
extern const fleck_kernel_i8 fleck_kernel_i8_quads; /* of byte_dot.c */
const fleck_kernel_i8 *fleck_kernel_i8_relaxed(void);

/* Whether the lists name the reference. What they don't name isn't linked: it would be
 * a twentieth of what a page downloads. */
#ifdef __wasm__
#define REFERENCE 0
#else
#define REFERENCE 1
#endif

/* simd128.c is compiled for AVX's three-operand encoding on x86 (see
 * CMakeLists.txt); every other target has what it needs by definition. */
static int simd128_runs(void) {
#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
    return __builtin_cpu_supports("avx");
#else
    return 1;
#endif
}

#ifndef __wasm__
/* Whether the CPU has what byte_dot.c is compiled for. */
static int dot_runs(void) {
#if defined(__aarch64__) && defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#elif defined(__ARM_FEATURE_DOTPROD)
    return 1;
#elif defined(FLECK_X86_BYTE_DOT)
    unsigned a, b, c, d;
    return simd128_runs() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && a & 1 << 4; /* AVX-VNNI */
#else
    return 0; /* there is nobody to ask */
#endif
}
#endif

size_t fleck_kernels_list(const fleck_kernels *list[FLECK_KERNELS_MAX]) {
    size_t count = 0;
    if (REFERENCE) list[count++] = &fleck_kernels_scalar;
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

/* A WebAssembly engine that lacks the relaxed instructions refuses the whole module, hence builds
 * without. */
size_t fleck_kernels_i8(const fleck_kernel_i8 *list[FLECK_KERNELS_MAX]) {
    size_t count = 0;
    if (REFERENCE) list[count++] = &fleck_kernel_i8_scalar;
#if defined(__wasm_relaxed_simd__)
    const fleck_kernel_i8 *relaxed = fleck_kernel_i8_relaxed();
    if (relaxed) list[count++] = relaxed;
#elif defined(__aarch64__) || defined(FLECK_X86_BYTE_DOT)
    if (dot_runs()) list[count++] = &fleck_kernel_i8_quads;
#else
    (void)list;
#endif
    return count;
}

/* ---- packing ---- */

/* n rounded up to a multiple of unit; SIZE_MAX, which no memory holds, when that is too large. */
static size_t round_up(size_t n, size_t unit) {
    size_t missing = (unit - n % unit) % unit;
    return n > SIZE_MAX - missing ? SIZE_MAX : n + missing;
}

size_t fleck_depth(size_t k) { return round_up(k, 16); }

size_t fleck_packed_count(size_t n, size_t k) { return FLECK_SIZE(round_up(n, FLECK_PANEL), k); }

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
