#include "signals.h"

#include "arena.h"
#include "exit_status.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A signal handler has no argument to reach the run by. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

bool cli_interrupted(void) { return interrupted != 0; }

void cli_stop_catch(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action, before;
        if (numbers[i] == SIGHUP && !sigaction(SIGHUP, NULL, &before) &&
            before.sa_handler == SIG_IGN)
            continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = on_interrupt;
        action.sa_flags = (int)SA_RESETHAND | SA_RESTART;
        sigaction(numbers[i], &action, NULL);
    }
}

void cli_leave(void) {
    fputs("fleck: interrupted\n", stderr);
    _exit(CLI_INTERRUPTED);
}

enum { ASK_MS = 50, GRACE_MS = 250 };

typedef struct {
    fleck_arena own; /* in which this is: it outlives the call when the thread is left */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done, left;
    void (*work)(void *);
    void *context;
} job;

static void job_free(job *j) {
    pthread_cond_destroy(&j->ended);
    pthread_mutex_destroy(&j->lock);
    fleck_arena own = j->own;
    fleck_arena_free(&own);
}

static void *run(void *argument) {
    job *j = argument;
    j->work(j->context);
    pthread_mutex_lock(&j->lock);
    j->done = true;
    bool left = j->left;
    pthread_cond_signal(&j->ended);
    pthread_mutex_unlock(&j->lock);
    if (left) job_free(j);
    return NULL;
}

bool cli_patiently(void (*work)(void *), void *context) {
    pthread_t thread;
    fleck_arena own = {0};
    job *j = FLECK_NEW(&own, job, 1);
    if (j) {
        *j = (job){.own = own, .work = work, .context = context};
        pthread_mutex_init(&j->lock, NULL);
        pthread_cond_init(&j->ended, NULL);
    }
    if (!j || pthread_create(&thread, NULL, run, j)) {
        if (j) job_free(j);
        work(context);
        return true;
    }
    pthread_mutex_lock(&j->lock);
    for (int patience = GRACE_MS / ASK_MS; !j->done && patience; patience -= cli_interrupted()) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += ASK_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&j->ended, &j->lock, &until);
    }
    bool done = j->done;
    j->left = !done;
    pthread_mutex_unlock(&j->lock);
    if (done) {
        pthread_join(thread, NULL);
        job_free(j);
    } else {
        pthread_detach(thread);
    }
    return done;
}
