/* Memory that is freed all at once. arena.c is the only caller of malloc, but
 * for what stb_image needs while it decodes (stb.c).
 *
 * An arena is a list of chunks. A pointer it gave stays valid until the arena
 * is reset to a mark before it, or freed: chunks never move.
 *
 * A function marks a scratch arena before it takes from it, and resets to the mark when it is
 * done. Where memory is short it returns false at once, and so do its callers, up to the owner of
 * the arena, who frees all: nobody resets on the way. */
#ifndef FLECK_ARENA_H
#define FLECK_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define FLECK_ALIGN 64 /* of every pointer an arena gives */

typedef struct fleck_arena_chunk fleck_arena_chunk;

typedef struct {
    fleck_arena_chunk *chunk; /* the newest; its elder ones hang from it */
    fleck_arena_chunk *open;  /* the newest that small requests share, maybe an elder one */
} fleck_arena;

typedef struct {
    fleck_arena_chunk *chunk, *open;
    size_t used; /* of open */
} fleck_arena_mark;

/* count*size bytes, not cleared; NULL when the product overflows or memory is
 * short. A count of 0 gives a pointer that must not be read. */
void *fleck_arena_alloc(fleck_arena *arena, size_t count, size_t size);

/* The same, cleared. */
void *fleck_arena_zalloc(fleck_arena *arena, size_t count, size_t size);

/* Where the arena stands now; resetting to it frees all that came later. */
fleck_arena_mark fleck_arena_here(const fleck_arena *arena);
void fleck_arena_reset(fleck_arena *arena, fleck_arena_mark mark);

/* Frees everything; the arena can be used again. */
void fleck_arena_free(fleck_arena *arena);

/* bytes rounded up to what keeps the next part of a block aligned; saturates. */
size_t fleck_aligned(size_t bytes);

/* Sizes saturate: a product or sum that size_t cannot hold is SIZE_MAX, and no arena gives so
 * much. So a size may go through several of them, and the allocation alone is checked.
 * A factor of 0 gives 0, whatever the others. */
size_t fleck_size_product(const size_t *factors, size_t count);
size_t fleck_size_sum(size_t a, size_t b);

/* a*b in *out; false when size_t cannot hold it. */
bool fleck_size_mul(size_t a, size_t b, size_t *out);

/* The product of sizes of any integer types, each converted to size_t before it is multiplied. */
#define FLECK_SIZE(...)                                                                            \
    fleck_size_product((const size_t[]){__VA_ARGS__},                                              \
                       sizeof((const size_t[]){__VA_ARGS__}) / sizeof(size_t))

/* Room for values of a type, as many as the product of the factors; the second form clears them.
 * Nothing that allocates multiplies by hand. */
#define FLECK_NEW(arena, type, ...)                                                                \
    ((type *)fleck_arena_alloc((arena), FLECK_SIZE(__VA_ARGS__), sizeof(type)))
#define FLECK_NEW_ZERO(arena, type, ...)                                                           \
    ((type *)fleck_arena_zalloc((arena), FLECK_SIZE(__VA_ARGS__), sizeof(type)))

#endif
