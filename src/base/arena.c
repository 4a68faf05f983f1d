#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A chunk is one malloc: this header, then its bytes from the next aligned
 * address on. Big requests get a chunk of just their size; small ones go on
 * sharing the chunk that was open before. */
struct fleck_arena_chunk {
    fleck_arena_chunk *older;
    unsigned char *bytes; /* aligned start */
    size_t capacity, used;
};

/* AddressSanitizer is told which bytes of a chunk somebody asked for: none between two
 * requests, whose distance is a line more then. It maps and unmaps what is larger than some 100 KB
 * at each call, which is most of a small test's time. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1 /* as gcc does */
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { GAP_BYTES = FLECK_ALIGN, CHUNK_BYTES = 1 << 16, BIG_BYTES = 1 << 12 };
#else
#define ASAN_POISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
enum { GAP_BYTES = 0, CHUNK_BYTES = 1 << 20, BIG_BYTES = 1 << 16 };
#endif

size_t fleck_size_product(const size_t *factors, size_t count) {
    size_t product = 1;
    bool too_large = false;
    for (size_t i = 0; i < count; i++) {
        if (!factors[i]) return 0;
        too_large |= product > SIZE_MAX / factors[i];
        product = too_large ? SIZE_MAX : product * factors[i];
    }
    return product;
}

bool fleck_size_mul(size_t a, size_t b, size_t *out) {
    if (b && a > SIZE_MAX / b) return false;
    *out = a * b;
    return true;
}

size_t fleck_size_sum(size_t a, size_t b) { return a > SIZE_MAX - b ? SIZE_MAX : a + b; }

size_t fleck_aligned(size_t bytes) {
    return bytes > SIZE_MAX - FLECK_ALIGN ? SIZE_MAX
                                          : (bytes + FLECK_ALIGN - 1) / FLECK_ALIGN * FLECK_ALIGN;
}

static fleck_arena_chunk *chunk_new(size_t capacity) {
    if (capacity > SIZE_MAX - sizeof(fleck_arena_chunk) - FLECK_ALIGN) return NULL;
    fleck_arena_chunk *chunk = malloc(sizeof *chunk + FLECK_ALIGN + capacity);
    if (!chunk) return NULL;
    uintptr_t start = (uintptr_t)(chunk + 1);
    size_t skip = (FLECK_ALIGN - start % FLECK_ALIGN) % FLECK_ALIGN;
    chunk->bytes = (unsigned char *)(chunk + 1) + skip;
    chunk->capacity = capacity;
    chunk->used = 0;
    ASAN_POISON_MEMORY_REGION(chunk->bytes, capacity);
    return chunk;
}

void *fleck_arena_alloc(fleck_arena *arena, size_t count, size_t size) {
    size_t bytes = FLECK_SIZE(count, size);
    size_t need = fleck_aligned(fleck_size_sum(bytes, GAP_BYTES));
    if (need == SIZE_MAX) return NULL;
    fleck_arena_chunk *chunk = arena->open;
    if (need > BIG_BYTES || !chunk || chunk->capacity - chunk->used < need) {
        chunk = chunk_new(need > BIG_BYTES ? need : CHUNK_BYTES);
        if (!chunk) return NULL;
        chunk->older = arena->chunk;
        arena->chunk = chunk;
        if (need <= BIG_BYTES) arena->open = chunk;
    }
    void *p = chunk->bytes + chunk->used;
    chunk->used += need;
    ASAN_UNPOISON_MEMORY_REGION(p, bytes);
    return p;
}

void *fleck_arena_zalloc(fleck_arena *arena, size_t count, size_t size) {
    void *p = fleck_arena_alloc(arena, count, size);
    if (p) memset(p, 0, count * size);
    return p;
}

fleck_arena_mark fleck_arena_here(const fleck_arena *arena) {
    return (fleck_arena_mark){arena->chunk, arena->open, arena->open ? arena->open->used : 0};
}

void fleck_arena_reset(fleck_arena *arena, fleck_arena_mark mark) {
    while (arena->chunk != mark.chunk) {
        fleck_arena_chunk *older = arena->chunk->older;
        free(arena->chunk);
        arena->chunk = older;
    }
    arena->open = mark.open;
    if (!arena->open) return;
    fleck_arena_chunk *open = arena->open;
    ASAN_POISON_MEMORY_REGION(open->bytes + mark.used, open->capacity - mark.used);
    open->used = mark.used;
}

void fleck_arena_free(fleck_arena *arena) { fleck_arena_reset(arena, (fleck_arena_mark){0}); }
