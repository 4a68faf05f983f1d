/* A fixed set of threads for loops whose rounds do not depend on each other.
 * Where a build has no threads every loop runs on the caller's. */
#ifndef FLECK_PARALLEL_H
#define FLECK_PARALLEL_H

#include "status.h"

typedef struct fleck_pool fleck_pool;

/* Works on rounds [begin, end). worker, below fleck_pool_threads, names the
 * thread, for scratch memory of its own. */
typedef void fleck_rounds(void *context, uint32_t worker, size_t begin, size_t end);

/* threads counts the caller's: 0 and 1 start none. If fewer can be started,
 * the pool has fewer. */
fleck_status fleck_pool_create(uint32_t threads, fleck_pool **out);
void fleck_pool_destroy(fleck_pool *pool); /* NULL is allowed */
uint32_t fleck_pool_threads(const fleck_pool *pool);

/* Runs rounds 0..count in pieces of grain rounds (the last may be shorter),
 * handed to whichever thread is free, and returns when all are done. What a
 * round computes must not depend on who runs it: then the bits do not depend
 * on the number of threads. */
void fleck_parallel(fleck_pool *pool, size_t count, size_t grain, fleck_rounds *run, void *context);

#endif
