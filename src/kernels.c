#include "kernels.h"

#include <string.h>

extern const fleck_kernels fleck_kernels_scalar;
extern const fleck_kernels fleck_kernels_simd128;

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
