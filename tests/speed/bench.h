/* What the benchmarks share: timing, the rate of bare arithmetic in registers to
 * compare with, and a report as a table and as JSON. bench_main.c says how to run
 * them.
 *
 * A case is timed in samples of some milliseconds; before each sample the register
 * loop of its kind of arithmetic runs for about a millisecond on as many threads.
 * Speed of a shared machine wanders; their quotient, the share of the peak, stays. */
#ifndef FLECK_BENCH_H
#define FLECK_BENCH_H

#include "rng.h"
#include "compute.h"

#include <stdbool.h>

enum { BENCH_THREADS_MAX = 4 /* numbers of threads to try */ };

typedef enum {
    BENCH_NO_PEAK = 0,
    BENCH_F32,      /* multiply, add */
    BENCH_I16,      /* i32x4.dot_i16x8_s, add */
    BENCH_I8_QUADS, /* byte_dot.h's, relaxed.c's */
    BENCH_PEAKS
} bench_peak;

typedef struct {
    const char *filter; /* cases whose "name variant" holds it; NULL: all */
    bool smoke;         /* tiny sizes, one sample each: does it run at all? */
    bool scalar, full;  /* scalar kernels too; training that takes a minute */
    double seconds;     /* of samples for each case, about */
    uint32_t threads[BENCH_THREADS_MAX], thread_count;
} bench_options;

/* What is measured. All but name and variant may be 0: not known. */
typedef struct {
    const char *name, *variant;
    fleck_pool *pool;          /* that run works on; NULL: the caller's thread alone */
    double flop;               /* multiplications and additions of one run */
    bench_peak peak;           /* that bounds them */
    double elements;           /* that one run goes over */
    double per_image;          /* runs that one photo takes in ViT-S/8 ... */
    const char *image;         /* ... of this precision: its forward pass was measured before */
    size_t weight_bytes;       /* what a model keeps */
    const size_t *image_bytes; /* what one photo takes besides, known after a run */
} bench_case;

typedef struct {
    bench_case c;
    char name[64], variant[16];
    uint32_t threads;
    int samples;
    double median, min; /* seconds of one run */
    double peak;        /* operations a second in registers, meanwhile; 0: not known */
    double share;       /* of that ViT-S/8 image */
    double speedup;     /* over the first number of threads */
    size_t image_bytes;
} bench_result;

typedef struct {
    bench_options options;
    const fleck_kernels *kernels; /* the fastest */
    fleck_pool *pool[BENCH_THREADS_MAX];
    fleck_arena arena, scratch; /* scratch: for compute */
    fleck_rng rng;
    const char *group; /* not yet printed */
    bench_result *result;
    size_t count, room;
} bench;

typedef void bench_run(void *context);

/* False when memory or threads are short. */
bool bench_begin(bench *b, const bench_options *options);
void bench_end(bench *b);

/* The same kernels for each number of threads. */
fleck_compute bench_compute(bench *b, uint32_t pool);

/* A headline above the cases that follow. */
void bench_group(bench *b, const char *title);

/* Whether the filter lets a case pass. */
bool bench_wanted(const bench *b, const char *name, const char *variant);

/* Times run(context), warmed up, unless the filter holds the case back; prints
 * a line. */
void bench_time(bench *b, const bench_case *c, bench_run *run, void *context);

/* A size, or the tiny one that stands for it in a smoke run. */
size_t bench_size(const bench *b, size_t n);

/* Memory; ends the program when it is short. Values are random in [-1, 1). */
void *bench_alloc(fleck_arena *arena, size_t count, size_t size);
float *bench_floats(bench *b, fleck_arena *arena, size_t count);

/* Ends the program with that sentence unless ok. */
void bench_check(bool ok, const char *message);

/* The report as JSON; returns its length. Nothing is written beyond capacity. */
size_t bench_json(const bench *b, const char *machine, const char *engine, char *out,
                  size_t capacity);

/* ---- register loops, bench_peaks.c ---- */

/* Operations a second in registers, on all threads of the pool (NULL: one): one burst
 * of about a millisecond, a hundredth of that when brief. 0 where the build or the CPU
 * lacks the instructions. */
double bench_peak_rate(fleck_pool *pool, bench_peak peak, bool brief);
const char *bench_peak_name(bench_peak peak);

/* The peak of an integer product of that name. */
bench_peak bench_peak_of_integers(const char *kernel);

/* ---- memory that arenas hold, bench_memory.c ---- */

size_t bench_memory_held(void);
/* The most that was held since the last call, or the start. */
size_t bench_memory_peak(void);

/* ---- the cases ---- */

void bench_registers(bench *b);
void bench_vit(bench *b);
void bench_kernels(bench *b);
void bench_train(bench *b);

#endif
