#include "parallel.h"

#include <stdbool.h>

#include "arena.h"

#if !defined(__EMSCRIPTEN__) || defined(__EMSCRIPTEN_PTHREADS__)
#define FLECK_THREADS 1
#include <pthread.h>
#else
#define FLECK_THREADS 0
#endif

enum { THREADS_MAX = 64 };

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
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    bool quit;
    uint64_t job;  /* counts fleck_parallel calls */
    uint32_t busy; /* threads that have not finished the present job */
    size_t next, count, grain;
    fleck_rounds *run;
    void *context;
#endif
};

#if FLECK_THREADS
/* Takes pieces until none is left. Called and left with the lock held. */
static void take_pieces(fleck_pool *pool, uint32_t worker) {
    while (pool->next < pool->count) {
        size_t begin = pool->next;
        size_t end = pool->count - begin < pool->grain ? pool->count : begin + pool->grain;
        pool->next = end;
        pthread_mutex_unlock(&pool->lock);
        pool->run(pool->context, worker, begin, end);
        pthread_mutex_lock(&pool->lock);
    }
}

static void *thread_main(void *argument) {
    thread_start *start = argument;
    fleck_pool *pool = start->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->quit && pool->job == seen) pthread_cond_wait(&pool->work, &pool->lock);
        if (pool->quit) break;
        seen = pool->job;
        take_pieces(pool, start->worker);
        if (--pool->busy == 0) pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}
#endif

fleck_status fleck_pool_create(uint32_t threads, fleck_pool **out) {
    fleck_arena arena = {0};
    fleck_pool *pool = fleck_arena_zalloc(&arena, 1, sizeof *pool);
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
#else
    (void)threads;
#endif
    *out = pool;
    return FLECK_OK;
}

void fleck_pool_destroy(fleck_pool *pool) {
    if (!pool) return;
#if FLECK_THREADS
    pthread_mutex_lock(&pool->lock);
    pool->quit = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
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
        pthread_mutex_lock(&pool->lock);
        pool->run = run;
        pool->context = context;
        pool->next = 0;
        pool->count = count;
        pool->grain = grain;
        pool->busy = pool->threads - 1;
        pool->job++;
        pthread_cond_broadcast(&pool->work);
        take_pieces(pool, 0);
        while (pool->busy) pthread_cond_wait(&pool->done, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
        return;
    }
#else
    (void)pool;
#endif
    for (size_t begin = 0; begin < count; begin += grain)
        run(context, 0, begin, count - begin < grain ? count : begin + grain);
}
