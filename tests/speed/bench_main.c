/* Times the core from bare multiply-adds in registers to whole models. A person
 * reads what it prints; --json keeps it. Not a test: CTest only runs it with
 * --smoke, to see that it runs.
 *
 *     cmake --preset native && cmake --build --preset native --target bench
 *     build/native/tests/speed/bench [OPTIONS]
 *
 *     npm run bench      natively, then as WebAssembly in node and in Chromium;
 *                        bench.mjs says more
 *
 * Columns: median and least time of one run; its rate and the share of what the same
 * arithmetic reaches in registers; the time for each element; the share that such runs
 * have in a forward pass of ViT-S/8, if that was measured; how much faster it is than
 * with the first number of threads. Backbones: what arenas hold for the weights, and
 * besides while one photo is worked on.
 *
 *   --filter TEXT    only cases whose "name variant" holds TEXT
 *   --threads 1,2    numbers of threads to try
 *   --seconds S      of samples for each case, 0.5 by default
 *   --json FILE      natively; bench.mjs has the same option
 *   --scalar         scalar kernels too, natively
 *   --full           all of training, which takes a minute, too
 *   --smoke          tiny sizes, one sample each
 *   --machine TEXT, --engine TEXT    told in the JSON */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MOST = 64 };

typedef struct {
    bench_options bench;
    const char *json, *machine, *engine;
} options;

/* "1,2" */
static bool parse_threads(const char *list, bench_options *out) {
    out->thread_count = 0;
    for (;;) {
        char *end;
        long n = strtol(list, &end, 10);
        if (end == list || n < 1 || n > THREADS_MOST || out->thread_count == BENCH_THREADS_MAX)
            return false;
        out->threads[out->thread_count++] = (uint32_t)n;
        if (!*end) return true;
        if (*end != ',') return false;
        list = end + 1;
    }
}

static bool parse_seconds(const char *value, double *out) {
    char *end;
    *out = strtod(value, &end);
    return end != value && !*end && *out >= 0 && *out <= 60;
}

static bool parse_flag(const char *name, bench_options *o) {
    bool *flag = !strcmp(name, "--smoke")    ? &o->smoke
                 : !strcmp(name, "--scalar") ? &o->scalar
                 : !strcmp(name, "--full")   ? &o->full
                                             : NULL;
    if (flag) *flag = true;
    return flag != NULL;
}

static bool parse(int count, char **arguments, options *o) {
    for (int i = 0; i < count; i++) {
        const char *name = arguments[i];
        if (parse_flag(name, &o->bench)) continue;
        if (++i == count) return false;
        const char *value = arguments[i];
        if (!strcmp(name, "--filter"))
            o->bench.filter = value;
        else if (!strcmp(name, "--json"))
            o->json = value;
        else if (!strcmp(name, "--machine"))
            o->machine = value;
        else if (!strcmp(name, "--engine"))
            o->engine = value;
        else if (!(!strcmp(name, "--threads") && parse_threads(value, &o->bench)) &&
                 !(!strcmp(name, "--seconds") && parse_seconds(value, &o->bench.seconds)))
            return false;
    }
    return true;
}

/* Runs the cases; *json, in arena, is the report. */
static int run(int count, char **arguments, options *o, fleck_arena *arena, char **json) {
    if (!parse(count, arguments, o)) {
        fprintf(stderr, "bench: what is wanted? The options stand in tests/speed/bench_main.c\n");
        return 2;
    }
    bench b;
    bench_check(bench_begin(&b, &o->bench), "not enough memory or threads");
    bench_registers(&b);
    bench_vit(&b);
    bench_kernels(&b);
    bench_train(&b);
    bool any = b.count > 0;
    if (!any) fprintf(stderr, "bench: no case passes the filter\n");
    size_t length = bench_json(&b, o->machine, o->engine, NULL, 0);
    *json = bench_alloc(arena, length + 1, 1);
    bench_json(&b, o->machine, o->engine, *json, length + 1);
    bench_end(&b);
    return any ? 0 : 1;
}

static const options DEFAULTS = {
    .bench = {.seconds = 0.5, .threads = {1, 2}, .thread_count = 2},
    .machine = "",
    .engine = "native",
};

#ifdef __EMSCRIPTEN__

#include <emscripten.h>

static fleck_arena arena;
static char *arguments_text, *json_text;

/* Room for that many bytes: arguments, each ended by a NUL. */
EMSCRIPTEN_KEEPALIVE char *bench_arguments(uint32_t size) {
    return arguments_text = bench_alloc(&arena, size + 1, 1);
}

/* Returns the exit status. */
EMSCRIPTEN_KEEPALIVE int bench_start(uint32_t count) {
    char **list = bench_alloc(&arena, count + 1, sizeof *list), *at = arguments_text;
    for (uint32_t i = 0; i < count; i++, at += strlen(at) + 1) list[i] = at;
    options o = DEFAULTS;
    return run((int)count, list, &o, &arena, &json_text);
}

/* The report, NUL-terminated; NULL when there is none. */
EMSCRIPTEN_KEEPALIVE const char *bench_report(void) { return json_text; }

#else

/* What the system calls its processor. */
static const char *machine(char *line, int size) {
    FILE *f = fopen("/proc/cpuinfo", "r");
    const char *name = "";
    while (f && !*name && fgets(line, size, f))
        if (!strncmp(line, "model name", 10) && strchr(line, ':')) {
            line[strcspn(line, "\n")] = 0;
            name = strchr(line, ':') + 2;
        }
    if (f) fclose(f);
    return name;
}

static bool write_file(const char *path, const char *content) {
    FILE *f = fopen(path, "w");
    if (!f) return false;
    bool written = fputs(content, f) >= 0;
    return !fclose(f) && written;
}

int main(int argc, char **argv) {
    char line[256] = "", *json = NULL;
    fleck_arena arena = {0};
    options o = DEFAULTS;
    o.machine = machine(line, sizeof line);
    int status = run(argc - 1, argv + 1, &o, &arena, &json);
    if (!status && o.json && !write_file(o.json, json)) {
        fprintf(stderr, "bench: %s cannot be written\n", o.json);
        status = 1;
    }
    fleck_arena_free(&arena);
    return status;
}

#endif
