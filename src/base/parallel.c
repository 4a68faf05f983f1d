#include "parallel.h"

#include <stdbool.h>

#include "arena.h"

#if !defined(__EMSCRIPTEN__) || defined(__EMSCRIPTEN_PTHREADS__)
#define FLECK_THREADS 1
#include <pthread.h>
#include <stdatomic.h>
#else
#define FLECK_THREADS 0
#endif

enum {
    THREADS_MAX = 64,
    SPINS = 2000, /* looks for the next job before a thread sleeps: some microseconds,
                     less than waking it takes */
};

typedef struct {
    fleck_pool *pool;
    uint32_t worker;
} thread_start;

struct fleck_pool {
    fleck_arena arena; /* holds the pool itself */
    uint32_t threads;  /* the caller's included */
#if FLECK_THREADS
    pthread_t thread[THREADS_MAX];
    thread_start start[THREADS_MAX];
    fleck_rounds *run; /* these four are written between jobs */
    void *context;
    size_t count, grain;
    atomic_size_t next; /* round that nobody has taken */
    atomic_uint job;    /* counts fleck_parallel calls */
    atomic_uint busy;   /* threads that have not finished the present job */
    atomic_bool quit;
    pthread_mutex_t lock; /* for sleeping alone */
    pthread_cond_t work, done;
#endif
};

#if FLECK_THREADS
static void take_pieces(fleck_pool *pool, uint32_t worker) {
    size_t begin, count = pool->count, grain = pool->grain;
    while ((begin = atomic_fetch_add(&pool->next, grain)) < count)
        pool->run(pool->context, worker, begin, count - begin < grain ? count : begin + grain);
}

/* Returns when *value is no longer old: looks for a while, then sleeps until whoever
 * changes it signals. */
static void await_change(fleck_pool *pool, atomic_uint *value, unsigned old,
                         pthread_cond_t *signal) {
    for (int spin = 0; spin < SPINS; spin++)
        if (atomic_load(value) != old) return;
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(value) == old) pthread_cond_wait(signal, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

/* Wakes those who await a change that has been made. */
static void announce(fleck_pool *pool, pthread_cond_t *signal) {
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(signal);
    pthread_mutex_unlock(&pool->lock);
}

static void *thread_main(void *argument) {
    thread_start *start = argument;
    fleck_pool *pool = start->pool;
    for (unsigned seen = 0;; seen++) {
        await_change(pool, &pool->job, seen, &pool->work);
        if (atomic_load(&pool->quit)) return NULL;
        take_pieces(pool, start->worker);
        if (atomic_fetch_sub(&pool->busy, 1) == 1) announce(pool, &pool->done);
    }
}
#endif

#if FLECK_THREADS
static void no_rounds(void *context, uint32_t worker, size_t begin, size_t end) {
    (void)context, (void)worker, (void)begin, (void)end;
}
#endif

fleck_status fleck_pool_create(uint32_t threads, fleck_pool **out) {
    fleck_arena arena = {0};
    fleck_pool *pool = FLECK_NEW_ZERO(&arena, fleck_pool, 1);
    if (!pool) return FLECK_ERR_MEMORY;
    pool->arena = arena;
    pool->threads = 1;
#if FLECK_THREADS
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    while (pool->threads < threads) {
        uint32_t worker = pool->threads;
        pool->start[worker] = (thread_start){pool, worker};
        if (pthread_create(&pool->thread[worker], NULL, thread_main, &pool->start[worker])) break;
        pool->threads++;
    }
    /* Each thread runs once: where one does not start, as happens in browsers, it is waited for
     * here and not in the midst of work. */
    fleck_parallel(pool, pool->threads, 1, no_rounds, NULL);
#else
    (void)threads;
#endif
    *out = pool;
    return FLECK_OK;
}

void fleck_pool_destroy(fleck_pool *pool) {
    if (!pool) return;
#if FLECK_THREADS
    atomic_store(&pool->quit, true);
    atomic_fetch_add(&pool->job, 1);
    announce(pool, &pool->work);
    for (uint32_t i = 1; i < pool->threads; i++) pthread_join(pool->thread[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
#endif
    fleck_arena arena = pool->arena;
    fleck_arena_free(&arena);
}

uint32_t fleck_pool_threads(const fleck_pool *pool) { return pool->threads; }

void fleck_parallel(fleck_pool *pool, size_t count, size_t grain, fleck_rounds *run,
                    void *context) {
    if (!count) return;
#if FLECK_THREADS
    if (pool->threads > 1 && count > grain) {
        pool->run = run;
        pool->context = context;
        pool->count = count;
        pool->grain = grain;
        atomic_store(&pool->next, 0);
        atomic_store(&pool->busy, pool->threads - 1);
        atomic_fetch_add(&pool->job, 1);
        announce(pool, &pool->work);
        take_pieces(pool, 0);
        for (unsigned busy; (busy = atomic_load(&pool->busy));)
            await_change(pool, &pool->busy, busy, &pool->done);
        return;
    }
#else
    (void)pool;
#endif
    for (size_t begin = 0; begin < count; begin += grain)
        run(context, 0, begin, count - begin < grain ? count : begin + grain);
}
