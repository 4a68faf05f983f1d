#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SAMPLES_MIN = 3,
    SAMPLES_MAX = 501,
    BURSTS_MAX = 10,
    SHRINK = 16 /* of sizes, in a smoke run */
};

#define SAMPLE_SECONDS 2e-3 /* of one sample, at least: the clock of a page is coarse */

#define BURST_EACH_SECONDS 0.03

/* V8 runs WebAssembly unoptimised until it has seen it run for a while. */
#ifdef __wasm__
#define WARM_UP_SECONDS 0.3
#else
#define WARM_UP_SECONDS 0.02
#endif

/* ---- set-up ---- */

bool bench_begin(bench *b, const bench_options *options) {
    *b = (bench){.options = *options, .rng = fleck_rng_seed(1), .room = 1024};
    b->kernels = fleck_kernels_find(NULL);
    b->result = FLECK_NEW(&b->arena, bench_result, b->room);
    if (!b->result) return false;
    for (uint32_t t = 0; t < options->thread_count; t++)
        if (fleck_pool_create(options->threads[t], &b->pool[t]) ||
            fleck_pool_threads(b->pool[t]) != options->threads[t])
            return false;
    return true;
}

void bench_end(bench *b) {
    for (uint32_t t = 0; t < b->options.thread_count; t++) fleck_pool_destroy(b->pool[t]);
    fleck_arena_free(&b->scratch);
    fleck_arena_free(&b->arena);
}

fleck_compute bench_compute(bench *b, uint32_t pool) {
    return (fleck_compute){.kernels = b->kernels, .pool = b->pool[pool], .scratch = &b->scratch};
}

size_t bench_size(const bench *b, size_t n) {
    return b->options.smoke ? (n + SHRINK - 1) / SHRINK : n;
}

void bench_check(bool ok, const char *message) {
    if (ok) return;
    fprintf(stderr, "bench: %s\n", message);
    exit(1);
}

void *bench_alloc(fleck_arena *arena, size_t count, size_t size) {
    void *p = fleck_arena_zalloc(arena, count, size);
    bench_check(p != NULL, "not enough memory");
    return p;
}

float *bench_floats(bench *b, fleck_arena *arena, size_t count) {
    float *x = bench_alloc(arena, count, sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = 2 * fleck_rng_uniform(&b->rng) - 1;
    return x;
}

/* ---- timing ---- */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

bool bench_wanted(const bench *b, const char *name, const char *variant) {
    char full[96];
    snprintf(full, sizeof full, "%s %s", name, variant);
    return !b->options.filter || strstr(full, b->options.filter);
}

/* The peak around now: of more bursts the longer a sample takes, since others may slow
 * down either; 0 where there is none. */
static double peak_rate(const bench_case *c, double sample_seconds, bool brief) {
    if (!c->peak) return 0;
    double taken = 0; /* for one operation, in each burst */
    int bursts = 1 + (int)fmin(sample_seconds / BURST_EACH_SECONDS, BURSTS_MAX - 1);
    for (int i = 0; i < bursts; i++) {
        double rate = bench_peak_rate(c->pool, c->peak, brief);
        if (!rate) return 0;
        taken += 1 / rate;
    }
    return bursts / taken;
}

/* Fills in samples, median, min and peak. */
static void measure(const bench *b, bench_result *r, bench_run *run, void *context) {
    double seconds[SAMPLES_MAX], rate[SAMPLES_MAX];
    bool smoke = b->options.smoke;
    double start = now(), once;
    do {
        double from = now();
        run(context);
        once = now() - from;
    } while (!smoke && now() - start < WARM_UP_SECONDS);
    int inner = 1;
    if (!smoke && once < SAMPLE_SECONDS) inner = (int)(SAMPLE_SECONDS / (once + 1e-7)) + 1;

    int count = 0, least = smoke ? 1 : SAMPLES_MIN;
    double budget = smoke ? 0 : b->options.seconds;
    for (start = now(); count < SAMPLES_MAX && (count < least || now() - start < budget); count++) {
        rate[count] = peak_rate(&r->c, once * inner, smoke);
        double from = now();
        for (int i = 0; i < inner; i++) run(context);
        seconds[count] = (now() - from) / inner;
    }
    r->samples = count;
    r->median = median(seconds, count);
    r->min = seconds[0];
    r->peak = median(rate, count);
}

/* ---- report ---- */

static bool same(const bench_result *a, const char *name, const char *variant) {
    return !strcmp(a->name, name) && !strcmp(a->variant, variant);
}

/* The result of that name, variant and number of threads; 0: whatever number. */
static const bench_result *find(const bench *b, const char *name, const char *variant,
                                uint32_t threads) {
    for (size_t i = 0; i < b->count; i++)
        if (same(&b->result[i], name, variant) && (!threads || b->result[i].threads == threads))
            return &b->result[i];
    return NULL;
}

/* 0, not known, where b is: a clock may be too coarse for a smoke run. */
static double ratio(double a, double b) { return b > 0 ? a / b : 0; }

static double flop_rate(const bench_result *r) { return ratio(r->c.flop, r->median); }

static double peak_share(const bench_result *r) { return ratio(flop_rate(r), r->peak); }

static double element_ns(const bench_result *r) { return ratio(1e9 * r->median, r->c.elements); }

/* A number, or blanks where it is 0: not known. */
static void cell(int width, int decimals, double value, const char *unit) {
    if (value)
        printf(" %*.*f%s", width, decimals, value, unit);
    else
        printf(" %*s", width + (int)strlen(unit), "");
}

void bench_group(bench *b, const char *title) { b->group = title; }

static void print_result(bench *b, const bench_result *r) {
    if (b->group) {
        printf("\n%s\n%-27s %-9s %3s %9s %9s %8s %6s %8s %6s %6s\n", b->group, "", "variant", "thr",
               "median ms", "min ms", "GFLOP/s", "% peak", "ns/elem", "% S/8", "faster");
        b->group = NULL;
    }
    printf("%-27s %-9s %3u %9.3f %9.3f", r->name, r->variant, r->threads, 1e3 * r->median,
           1e3 * r->min);
    cell(8, 1, 1e-9 * flop_rate(r), "");
    cell(5, 1, 100 * peak_share(r), "%");
    cell(8, 3, element_ns(r), "");
    cell(5, 1, 100 * r->share, "%");
    cell(5, 2, r->speedup, "x");
    if (r->c.weight_bytes)
        printf("  weights %.1f MB, besides %.1f MB", 1e-6 * (double)r->c.weight_bytes,
               1e-6 * (double)r->image_bytes);
    printf("\n");
    fflush(stdout);
}

void bench_time(bench *b, const bench_case *c, bench_run *run, void *context) {
    if (!bench_wanted(b, c->name, c->variant)) return;
    bench_check(b->count < b->room, "too many cases");
    bench_result r = {.c = *c, .threads = c->pool ? fleck_pool_threads(c->pool) : 1};
    snprintf(r.name, sizeof r.name, "%s", c->name);
    snprintf(r.variant, sizeof r.variant, "%s", c->variant);
    measure(b, &r, run, context);
    if (c->image_bytes) r.image_bytes = *c->image_bytes;
    const bench_result *first = find(b, r.name, r.variant, 0);
    if (first && first->threads != r.threads)
        r.speedup =
            c->flop ? ratio(flop_rate(&r), flop_rate(first)) : ratio(first->median, r.median);
    if (c->per_image && c->image) {
        const bench_result *image = find(b, "ViT-S/8 forward", c->image, r.threads);
        if (image) r.share = ratio(c->per_image * r.median, image->median);
    }
    b->result[b->count++] = r;
    print_result(b, &r);
}

/* ---- JSON ---- */

typedef struct {
    char *out;
    size_t length, capacity;
} text;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
put(text *t, const char *format, ...) {
    size_t room = t->length < t->capacity ? t->capacity - t->length : 0;
    va_list list;
    va_start(list, format);
    int n = vsnprintf(room ? t->out + t->length : NULL, room, format, list);
    va_end(list);
    if (n > 0) t->length += (size_t)n;
}

/* Names of machines and compilers, whatever is in them. */
static void put_string(text *t, const char *key, const char *value) {
    put(t, "\"%s\": \"", key);
    for (; *value; value++)
        if (*value == '"' || *value == '\\')
            put(t, "\\%c", *value);
        else
            put(t, "%c", (unsigned char)*value < ' ' ? ' ' : *value);
    put(t, "\"");
}

/* A number that is 0 where it is not known is left out. */
static void put_known(text *t, const char *key, double value) {
    if (value) put(t, ", \"%s\": %.6g", key, value);
}

static void put_result(text *t, const bench_result *r) {
    put(t, "    {");
    put_string(t, "name", r->name);
    put(t, ", ");
    put_string(t, "variant", r->variant);
    put(t, ", \"threads\": %u, \"samples\": %d, \"median_ms\": %.6g, \"min_ms\": %.6g", r->threads,
        r->samples, 1e3 * r->median, 1e3 * r->min);
    put_known(t, "gflops", 1e-9 * flop_rate(r));
    put_known(t, "peak_gflops", 1e-9 * r->peak);
    put_known(t, "peak_share", peak_share(r));
    if (r->c.peak) put(t, ", \"peak\": \"%s\"", bench_peak_name(r->c.peak));
    put_known(t, "ns_per_element", element_ns(r));
    put_known(t, "image_share", r->share);
    put_known(t, "speedup", r->speedup);
    put_known(t, "weight_bytes", (double)r->c.weight_bytes);
    put_known(t, "image_bytes", (double)r->image_bytes);
    put(t, "}");
}

size_t bench_json(const bench *b, const char *machine, const char *engine, char *out,
                  size_t capacity) {
#ifdef __clang__
    const char *compiler = __VERSION__;
#else
    const char *compiler = "GCC " __VERSION__;
#endif
    char date[32];
    time_t clock = time(NULL);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&clock));
    text t = {out, 0, capacity};
    put(&t, "{\n  ");
    put_string(&t, "date", date);
    put(&t, ",\n  ");
    put_string(&t, "machine", machine);
    put(&t, ",\n  ");
    put_string(&t, "engine", engine);
    put(&t, ",\n  ");
    put_string(&t, "compiler", compiler);
    put(&t, ",\n  \"threads\": [");
    for (uint32_t i = 0; i < b->options.thread_count; i++)
        put(&t, "%s%u", i ? ", " : "", b->options.threads[i]);
    put(&t, "],\n  \"cases\": [");
    for (size_t i = 0; i < b->count; i++) {
        put(&t, i ? ",\n" : "\n");
        put_result(&t, &b->result[i]);
    }
    put(&t, "\n  ]\n}\n");
    return t.length;
}
