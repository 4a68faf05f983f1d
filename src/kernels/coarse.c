/* The format of the coarse search, and its readable reference. */
#include "coarse.h"

#include <string.h>

enum { QUERY_MAX_1 = FLECK_COARSE_ZERO - 1 };

/* Sums wrap, and come out right if the true sum fits. It does, by Cauchy and
 * Schwarz, where the squares of either factor add up to no more than the greatest int16
 * or int32. */
static double load_1(const int16_t *q, size_t k, int64_t *square) {
    int32_t most = 0;
    for (size_t from = 0; from < k; from += FLECK_COARSE_RUN) {
        size_t end = k - from < FLECK_COARSE_RUN ? k : from + FLECK_COARSE_RUN;
        int32_t pair[4] = {0};
        for (size_t i = from; i < end; i += 8)
            for (size_t j = 0; j < 4; j++)
                pair[j] += q[i + 2 * j] * q[i + 2 * j] + q[i + 2 * j + 1] * q[i + 2 * j + 1];
        int32_t first = pair[0] + pair[2], second = pair[1] + pair[3];
        most = first > most ? first : most;
        most = second > most ? second : most;
        *square += (int64_t)first + second;
    }
    return (double)most / INT16_MAX;
}

static double load_2(const int16_t *q, size_t k, int64_t *square) {
    for (size_t i = 0; i < k; i++) *square += (int32_t)q[i] * q[i];
    return (double)*square / INT32_MAX;
}

double fleck_coarse_load(size_t size, const int16_t *q, size_t k, double *square) {
    int64_t sum = 0;
    double load = size == 1 ? load_1(q, k, &sum) : load_2(q, k, &sum);
    *square = (double)sum;
    double total = (double)sum / INT32_MAX;
    return total > load ? total : load;
}

int16_t fleck_coarse_query_max(size_t size) { return size == 1 ? QUERY_MAX_1 : FLECK_I16_MAX; }
int16_t fleck_coarse_row_max(size_t size) { return size == 1 ? FLECK_I8_MAX : FLECK_I16_MAX; }

void fleck_coarse_encode(size_t size, const int16_t *q, size_t k, void *out) {
    if (size == 2) {
        memcpy(out, q, k * sizeof *q);
        return;
    }
    uint8_t *bytes = out;
    for (size_t i = 0; i < k; i++) bytes[i] = (uint8_t)(q[i] + FLECK_COARSE_ZERO);
}

static size_t runs(size_t k) { return (k + FLECK_COARSE_RUN - 1) / FLECK_COARSE_RUN; }

size_t fleck_coarse_panel_size(size_t size, size_t k) {
    return FLECK_PANEL * k * size + (size == 1 ? (1 + runs(k)) * FLECK_COARSE_START : 0);
}

static void pack_1(const int16_t *b, size_t rows, size_t k, uint8_t *panel) {
    int32_t total[FLECK_PANEL] = {0};
    uint8_t *to = panel + sizeof total;
    for (size_t from = 0; from < k; from += FLECK_COARSE_RUN) {
        size_t end = k - from < FLECK_COARSE_RUN ? k : from + FLECK_COARSE_RUN;
        int32_t start[FLECK_PANEL][2] = {{0}};
        int8_t *integers = (int8_t *)to + FLECK_COARSE_START;
        for (size_t i = from; i < end; i += 4)
            for (size_t row = 0; row < FLECK_PANEL; row++)
                for (size_t j = 0; j < 4; j++) {
                    int16_t q = row < rows ? b[row * k + i + j] : 0;
                    *integers++ = (int8_t)q;
                    start[row][j / 2] -= FLECK_COARSE_ZERO * q;
                }
        uint16_t wrapped[FLECK_PANEL][2];
        for (size_t row = 0; row < FLECK_PANEL; row++)
            for (size_t j = 0; j < 2; j++) {
                wrapped[row][j] = (uint16_t)start[row][j];
                total[row] += start[row][j];
            }
        memcpy(to, wrapped, sizeof wrapped);
        to = (uint8_t *)integers;
    }
    memcpy(panel, total, sizeof total);
}

void fleck_coarse_pack(size_t size, const int16_t *b, size_t rows, size_t k, void *panel) {
    if (size == 1)
        pack_1(b, rows, k, panel);
    else
        fleck_pack_i16(b, rows, k, panel);
}

/* ---- the reference ---- */

static int32_t sum_1(const uint8_t *q, const uint8_t *panel, size_t row, size_t k) {
    int32_t sum = 0;
    for (size_t i = 0; i < k; i++) {
        size_t starts = (2 + i / FLECK_COARSE_RUN) * FLECK_COARSE_START;
        const int8_t *four = (const int8_t *)panel + starts + (i / 4 * FLECK_PANEL + row) * 4;
        sum += (q[i] - FLECK_COARSE_ZERO) * four[i % 4];
    }
    return sum;
}

static int32_t sum_2(const int16_t *q, const int16_t *panel, size_t row, size_t k) {
    int32_t sum = 0;
    for (size_t i = 0; i < k; i++) sum += q[i] * panel[(i / 2 * FLECK_PANEL + row) * 2 + i % 2];
    return sum;
}

static void scan(size_t size, fleck_coarse_queries a, fleck_coarse_rows b, uint16_t *hits,
                 size_t stride, size_t m, size_t panels, size_t k) {
    size_t panel_size = fleck_coarse_panel_size(size, k);
    for (size_t p = 0; p < panels; p++)
        for (size_t i = 0; i < m; i++) {
            const uint8_t *q = (const uint8_t *)a.q + i * k * size;
            const uint8_t *panel = (const uint8_t *)b.panels + p * panel_size;
            unsigned mask = 0;
            for (size_t c = 0; c < FLECK_PANEL; c++) {
                size_t row = p * FLECK_PANEL + c;
                int32_t sum = size == 1 ? sum_1(q, panel, c, k)
                                        : sum_2((const int16_t *)(const void *)q,
                                                (const int16_t *)(const void *)panel, c, k);
                float product = 2 * a.scale[i] * (b.scale[row] * (float)sum);
                float v = b.low[row] - (b.slope[row] * a.reach[i] + product);
                mask |= (unsigned)!(v >= a.limit[i]) << c;
            }
            hits[i * stride + p] = (uint16_t)mask;
        }
}

static void scan_1(fleck_coarse_queries a, fleck_coarse_rows b, uint16_t *hits, size_t stride,
                   size_t m, size_t panels, size_t k) {
    scan(1, a, b, hits, stride, m, panels, k);
}

static void scan_2(fleck_coarse_queries a, fleck_coarse_rows b, uint16_t *hits, size_t stride,
                   size_t m, size_t panels, size_t k) {
    scan(2, a, b, hits, stride, m, panels, k);
}

const fleck_coarse fleck_coarse_scalar_1 = {"scalar", 1, scan_1};
const fleck_coarse fleck_coarse_scalar_2 = {"scalar", 2, scan_2};
