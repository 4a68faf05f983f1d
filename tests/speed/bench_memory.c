/* What arenas take: tests/speed/CMakeLists.txt compiles arena.c once more for the
 * benchmarks, with these in place of malloc and free. */
#include "bench.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { HEADER = 16 /* keeps malloc's alignment */ };

static _Atomic size_t held, peak;

void *bench_malloc(size_t size);
void bench_free(void *p);

void *bench_malloc(size_t size) {
    if (size > SIZE_MAX - HEADER) return NULL;
    unsigned char *p = malloc(HEADER + size);
    if (!p) return NULL;
    *(size_t *)(void *)p = size;
    size_t now = atomic_fetch_add(&held, size) + size, before = atomic_load(&peak);
    while (now > before && !atomic_compare_exchange_weak(&peak, &before, now)) continue;
    return p + HEADER;
}

void bench_free(void *p) {
    if (!p) return;
    unsigned char *start = (unsigned char *)p - HEADER;
    atomic_fetch_sub(&held, *(size_t *)(void *)start);
    free(start);
}

size_t bench_memory_held(void) { return atomic_load(&held); }

size_t bench_memory_peak(void) { return atomic_exchange(&peak, atomic_load(&held)); }
