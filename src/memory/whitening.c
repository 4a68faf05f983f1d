#include "whitening.h"

#include <math.h>
#include <string.h>

/* Share of the mean variance that is added to each variance. */
#define SHRINKAGE 0.01
/* The least that is added, far below what rounding to halves makes: photos that are all
 * alike have no variance. */
#define ADDED_MIN 1e-8

bool fleck_covariance_add(const fleck_compute *compute, const float *rows, size_t n, size_t D,
                          double *sum) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *product = FLECK_NEW(compute->scratch, float, D, D);
    if (!product || !fleck_matmul_transposed(compute, rows, rows, product, D, D, n)) return false;
    for (size_t i = 0; i < D * D; i++) sum[i] += product[i];
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Row i of the Cholesky factor L of a, in a's lower triangle, from the rows before; a is positive
 * definite but for rounding, for which the diagonal keeps above least. Rows are functions that are
 * not inlined, because an engine of WebAssembly gives a function good code only where it is entered
 * anew. */
static __attribute__((noinline)) void cholesky_row(double *a, size_t D, double least, size_t i) {
    for (size_t j = 0; j <= i; j++) {
        double sum = a[i * D + j];
        for (size_t k = 0; k < j; k++) sum -= a[i * D + k] * a[j * D + k];
        if (i == j)
            a[i * D + i] = sqrt(sum > least ? sum : least);
        else
            a[i * D + j] = sum / a[j * D + j];
    }
}

/* Row i of out = L^-1, zeros above the diagonal, from the rows before; row [D] is scratch memory.
 */
static __attribute__((noinline)) void invert_row(const double *L, size_t D, double *row, float *out,
                                                 size_t i) {
    memset(row, 0, (i + 1) * sizeof *row);
    row[i] = 1;
    for (size_t k = 0; k < i; k++)
        for (size_t j = 0; j <= k; j++) row[j] -= L[i * D + k] * (double)out[k * D + j];
    for (size_t j = 0; j <= i; j++) out[i * D + j] = (float)(row[j] / L[i * D + i]);
}

bool fleck_whitening_factor(const fleck_compute *compute, double *covariance, size_t D,
                            float *factor) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    double *row = FLECK_NEW(compute->scratch, double, D), trace = 0;
    if (!row) return false;
    for (size_t d = 0; d < D; d++) trace += covariance[d * D + d];
    double added = fmax(SHRINKAGE * trace / (double)D, ADDED_MIN);
    for (size_t d = 0; d < D; d++) covariance[d * D + d] += added;
    for (size_t i = 0; i < D; i++) cholesky_row(covariance, D, added / 2, i);
    memset(factor, 0, D * D * sizeof *factor);
    for (size_t i = 0; i < D; i++) invert_row(covariance, D, row, factor, i);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
