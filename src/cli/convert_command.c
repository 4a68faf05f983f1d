#include "convert_command.h"

#include "backbones.h"
#include "sample_bits.h"
#include "print.h"
#include "convert.h"
#include "half.h"
#include "resize.h"
#include "vit.h"
#include "vit_names.h"
#include "open.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MAX = 64 };

/* A backbone set up for its tokens. */
typedef struct {
    fleck_arena arena;
    fleck_vit vit;
    fleck_vit_plan plan;
} model;

typedef struct {
    cli_run *run;
    cli_backbone_file file;
    fleck_options options; /* input and blocks: the user's, the file's or the list's */
    const fleck_kernels *kernels;
    fleck_pool *pool;
    cli_photos photos;
    cli_atomic_file *out;
    model old, new;
    size_t old_size, size; /* of the files */
} conversion;

static int refuse(conversion *c, const char *about, const char *why) {
    cli_say(&c->run->progress, "%s: %s", about, why);
    return CLI_FAILED;
}

/* ---- the file ---- */

/* The shortest decimals that read as the same float. */
static void put_numbers(char out[NUMBERS_MAX], const float v[3]) {
    size_t used = 0;
    for (int i = 0; i < 3; i++) {
        char number[24];
        int digits = 1;
        do snprintf(number, sizeof number, "%.*g", digits, (double)v[i]);
        while (strtof(number, NULL) != v[i] && ++digits < 10);
        used += (size_t)snprintf(out + used, NUMBERS_MAX - used, "%s%s", i ? "," : "", number);
    }
}

/* What is needed to use the file, then where it comes from, then whatever it said itself. */
static bool describe(conversion *c, fleck_weights *w) {
    fleck_arena *arena = &c->run->scratch;
    const fleck_vit_plan *plan = &c->old.plan;
    const fleck_vit *vit = plan->vit;
    const cli_backbone *known = c->file.known;
    char(*text)[NUMBERS_MAX] = fleck_arena_zalloc(arena, 6, NUMBERS_MAX);
    fleck_metadata *out = FLECK_NEW(arena, fleck_metadata, w->metadata_count + 8);
    if (!text || !out) return false;
    snprintf(text[0], NUMBERS_MAX, "%u", vit->heads);
    snprintf(text[1], NUMBERS_MAX, "%u", vit->patch);
    snprintf(text[2], NUMBERS_MAX, "%u", plan->input);
    for (uint32_t i = 0; i < plan->block_count; i++)
        snprintf(text[3] + strlen(text[3]), NUMBERS_MAX - strlen(text[3]), "%s%u", i ? "," : "",
                 plan->blocks[i]);
    put_numbers(text[4], vit->mean);
    put_numbers(text[5], vit->std);
    const char *source = fleck_weights_meta(w, "source");
    const char *licence = fleck_weights_meta(w, "licence");
    if (!source) source = known ? known->source : cli_last_part(c->file.path);
    if (!licence) licence = known ? known->licence : "";
    const fleck_metadata own[] = {{"heads", text[0]},  {"patch", text[1]},  {"input", text[2]},
                                  {"blocks", text[3]}, {"mean", text[4]},   {"std", text[5]},
                                  {"source", source},  {"licence", licence}};
    enum { OWN = sizeof own / sizeof own[0] };
    size_t count = 0;
    for (size_t i = 0; i < OWN; i++)
        if (*own[i].value && fleck_is_plain(own[i].value)) out[count++] = own[i];
    for (size_t i = 0; i < w->metadata_count; i++) {
        const fleck_metadata *m = &w->metadata[i];
        bool taken = !strcmp(m->key, "preprocess_mean_std"); /* mean and std are there now */
        for (size_t k = 0; k < OWN; k++) taken = taken || !strcmp(m->key, own[k].key);
        if (!taken && fleck_is_plain(m->key) && fleck_is_plain(m->value)) out[count++] = *m;
    }
    w->metadata = out;
    w->metadata_count = count;
    return true;
}

static int write_file(conversion *c, uint8_t **bytes) {
    static const fleck_dtype dtypes[] = {
        [CLI_F32] = FLECK_F32, [CLI_F16] = FLECK_F16, [CLI_I8] = FLECK_I8};
    cli_run *run = c->run;
    fleck_arena *arena = &run->scratch;
    fleck_weights weights;
    fleck_message err;
    fleck_status status = fleck_weights_open(arena, c->file.bytes, c->file.size, &weights, &err);
    if (!status) status = fleck_vit_names(arena, &weights, &weights, &err);
    if (!status) status = fleck_convert(arena, &weights, dtypes[run->args->dtype], &weights, &err);
    if (status) return refuse(c, c->file.path, err.text);
    if (!describe(c, &weights)) return cli_run_no_memory(run);
    fleck_weights_write(&weights, NULL, 0, &c->size);
    if (!(*bytes = FLECK_NEW(arena, uint8_t, c->size))) return cli_run_no_memory(run);
    fleck_weights_write(&weights, *bytes, c->size, &c->size);
    return CLI_DONE;
}

/* ---- its tokens ---- */

static fleck_status load(conversion *c, model *m, const uint8_t *bytes, size_t size,
                         const fleck_options *options, fleck_message *err) {
    fleck_status status =
        fleck_vit_load(&m->arena, c->kernels, FLECK_PRECISION_F32, bytes, size, &m->vit, err);
    if (status) return status;
    return fleck_vit_plan_make(&m->arena, &m->vit, options->input, options->blocks,
                               options->block_count, &m->plan, err);
}

typedef struct {
    double error, norm; /* squares, summed */
    double cosine, least;
    size_t tokens, photos;
} distance;

static void compare(const float *old, const float *new, size_t tokens, size_t dim, distance *d) {
    for (size_t t = 0; t < tokens; t++, old += dim, new += dim) {
        double aa = 0, ab = 0, bb = 0, error = 0;
        for (size_t i = 0; i < dim; i++) {
            double a = old[i], b = new[i];
            aa += a * a, ab += a * b, bb += b * b, error += (a - b) * (a - b);
        }
        double cosine = aa * bb > 0 ? ab / sqrt(aa * bb) : aa == bb;
        d->error += error;
        d->norm += aa;
        d->cosine += cosine;
        if (cosine < d->least) d->least = cosine;
    }
    d->tokens += tokens;
    d->photos++;
}

/* False when the photo was skipped. */
static bool measure_photo(conversion *c, const cli_photo *photo, distance *d) {
    cli_run *run = c->run;
    fleck_arena *arena = &run->scratch;
    const fleck_vit_plan *plans[] = {&c->old.plan, &c->new.plan};
    size_t S = c->old.plan.input, dim = c->old.plan.dim;
    size_t tokens = (size_t)c->old.plan.grid * c->old.plan.grid;
    float *tensor = FLECK_NEW(arena, float, 3, S, S);
    float *patch = FLECK_NEW(arena, float, 2, tokens + 1, dim);
    fleck_compute compute = {.kernels = c->kernels, .pool = c->pool, .scratch = arena};
    fleck_message err;
    fleck_image image;
    if (!tensor || !patch) {
        cli_run_skip(run, photo->name, "out of memory");
        return false;
    }
    bool ok = cli_run_decode(run, photo->path, &image, &err);
    for (size_t i = 0; i < 2 && ok; i++) {
        const fleck_vit *vit = plans[i]->vit;
        float *out = patch + i * (tokens + 1) * dim;
        ok = fleck_image_to_tensor(arena, &image, c->options.preset, fleck_square_of((uint32_t)S),
                                   vit->mean, vit->std, tensor, &err) == FLECK_OK &&
             fleck_vit_forward(plans[i], &compute, tensor, out, out + tokens * dim, &err) ==
                 FLECK_OK;
    }
    if (ok)
        compare(patch, patch + (tokens + 1) * dim, tokens, dim, d);
    else
        cli_run_skip(run, photo->name, err.text);
    return ok;
}

static int measure(conversion *c, distance *d) {
    cli_run *run = c->run;
    cli_progress_begin(&run->progress, c->photos.count);
    for (size_t i = 0; i < c->photos.count; i++) {
        if (cli_interrupted()) return CLI_INTERRUPTED;
        fleck_arena_mark mark = fleck_arena_here(&run->scratch);
        measure_photo(c, &c->photos.items[i], d);
        fleck_arena_reset(&run->scratch, mark);
        cli_progress_tell(&run->progress, "measuring", i + 1);
    }
    cli_progress_clear(&run->progress);
    if (d->photos) return CLI_DONE;
    return refuse(c, run->args->photos, "no photo could be used");
}

/* ---- the command ---- */

static int prepare(conversion *c) {
    cli_run *run = c->run;
    const cli_args *args = run->args;
    int result = CLI_DONE;
    c->kernels = fleck_kernels_find(NULL);
    if (fleck_pool_create(args->options.threads, &c->pool)) return cli_run_no_memory(run);
    if (args->photos) result = cli_run_list(run, args->photos, &c->photos);
    if (result == CLI_DONE && args->photos) result = cli_samples_measure(run, &c->photos);
    if (result == CLI_DONE) result = cli_run_output(run, args->out, 0, &c->out);
    if (result == CLI_DONE) result = cli_backbone_read(run, args->in, &c->file);
    if (result == CLI_DONE) result = cli_run_tell_left_out(run);
    c->old_size = c->file.size;
    if (result == CLI_DONE && cli_same_file(c->file.path, args->out))
        return refuse(c, args->out, "is the file to convert: name another one to write");
    if (result == CLI_DONE) result = cli_backbone_choose(run, &c->file, &c->options);
    return result;
}

static int convert(conversion *c, distance *d) {
    cli_run *run = c->run;
    const char *out = run->args->out;
    fleck_message err;
    fleck_options own = {.input = 0}; /* the new file's own, which are the old one's chosen */
    uint8_t *bytes = NULL;
    fleck_status status = load(c, &c->old, c->file.bytes, c->file.size, &c->options, &err);
    if (status) {
        refuse(c, c->file.path, err.text);
        return status == FLECK_ERR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
    }
    int result = write_file(c, &bytes);
    if (!bytes) return result;
    if (!run->args->photos) fleck_arena_free(&c->old.arena);
    if (load(c, &c->new, bytes, c->size, &own, &err)) return refuse(c, out, err.text);
    fwrite(bytes, 1, c->size, c->out->file);
    if (!cli_atomic_place(c->out, &err)) {
        cli_say(&run->progress, "%s", err.text);
        return CLI_FAILED;
    }
    return run->args->photos ? measure(c, d) : CLI_DONE;
}

static void report(const conversion *c, const distance *d) {
    const cli_args *args = c->run->args;
    const fleck_vit_plan *plan = &c->new.plan;
    cli_print(stdout, "%s: %.2f MB, %s: %.2f MB, %.0f %% of it", c->file.path,
              (double)c->old_size * 1e-6, args->out, (double)c->size * 1e-6,
              100 * (double)c->size / (double)c->old_size);
    printf("%u block%s of %u, patch %u; input %u, blocks ", plan->vit->depth,
           plan->vit->depth == 1 ? "" : "s", plan->vit->dim, plan->vit->patch, plan->input);
    for (uint32_t i = 0; i < plan->block_count; i++) printf("%s%u", i ? "," : "", plan->blocks[i]);
    putchar('\n');
    if (d->photos)
        printf("%zu photo%s, %zu tokens: relative error %.2e, cosine %.7f, of the worst %.7f\n",
               d->photos, d->photos == 1 ? "" : "s", d->tokens, sqrt(d->error / d->norm),
               d->cosine / (double)d->tokens, d->least);
}

int cli_convert(cli_run *run) {
    conversion c = {.run = run, .options = run->args->options};
    distance d = {.least = 1};
    int result = prepare(&c);
    if (result == CLI_DONE) result = convert(&c, &d);
    if (result == CLI_DONE && !run->args->quiet) report(&c, &d);
    fleck_arena_free(&c.old.arena);
    fleck_arena_free(&c.new.arena);
    fleck_pool_destroy(c.pool);
    if (result != CLI_DONE) return result;
    return cli_run_status(run);
}
