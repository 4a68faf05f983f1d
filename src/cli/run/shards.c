#include "shards.h"

#include "load.h"
#include "mapped_file.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

struct cli_shards {
    cli_shard *shard; /* [count] */
    cli_mapped *file; /* [count] */
    size_t count;
    uint32_t sample_bits; /* of all photos of 16 bits; 0: none is there */
};

static int refuse(cli_run *run, size_t index, const char *why) {
    cli_say(&run->progress, "%s: %s", run->args->paths[index], why);
    return CLI_FAILED;
}

static bool is_deep(const cli_shard *s) {
    for (size_t i = 0; i < s->count; i++)
        if (s->photos[i].samples.bits) return true;
    return false;
}

/* In what b differs from a, NULL: in nothing. */
static const char *difference(const cli_shard *a, const cli_shard *b) {
    const cli_shard_source *x = &a->source, *y = &b->source;
    if (x->backbone != y->backbone) return "another backbone";
    if (x->preset != y->preset) return "another preset";
    if (x->precision != y->precision) return "another precision";
    if (x->input != y->input) return "another input size";
    if (x->tiles.columns != y->tiles.columns || x->tiles.rows != y->tiles.rows)
        return "other tiles";
    if (x->block_count != y->block_count ||
        memcmp(x->blocks, y->blocks, x->block_count * sizeof *x->blocks) != 0 || a->P != b->P ||
        a->D != b->D)
        return "other blocks";
    return NULL;
}

/* Whether the shard may stand beside those before it. */
static int check(cli_run *run, size_t index) {
    struct cli_shards *all = run->shards;
    const cli_shard *s = &all->shard[index];
    char why[160];
    if (strcmp(s->source.fleck, FLECK_VERSION) != 0) {
        snprintf(why, sizeof why,
                 "was made by fleck %.20s, and this is " FLECK_VERSION ": extract it again",
                 s->source.fleck);
        return refuse(run, index, why);
    }
    const char *differs = difference(&all->shard[0], s);
    if (differs) {
        cli_say(&run->progress, "%s: was made with %s than %s", run->args->paths[index], differs,
                run->args->paths[0]);
        return CLI_FAILED;
    }
    if (!is_deep(s)) return CLI_DONE;
    if (all->sample_bits && all->sample_bits != s->source.sample_bits) {
        uint32_t most =
            all->sample_bits > s->source.sample_bits ? all->sample_bits : s->source.sample_bits;
        snprintf(why, sizeof why,
                 "photos of 16 bits were read as %u bits, those before as %u: extract all with "
                 "--sample-bits %u",
                 s->source.sample_bits, all->sample_bits, most);
        return refuse(run, index, why);
    }
    all->sample_bits = s->source.sample_bits;
    return CLI_DONE;
}

static int open_shard(cli_run *run, size_t index) {
    struct cli_shards *all = run->shards;
    fleck_message err;
    const char *path = run->args->paths[index];
    if (!cli_map(path, &all->file[index], &err)) return refuse(run, index, err.text);
    all->count = index + 1;
    fleck_status status = cli_shard_read(&run->arena, all->file[index].bytes, all->file[index].size,
                                         &all->shard[index], &err);
    return status == FLECK_OK ? check(run, index) : refuse(run, index, err.text);
}

static int by_name(const void *a, const void *b) {
    const cli_photo *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->kept->key > y->kept->key) - (x->kept->key < y->kept->key);
}

/* Sorts the photos, of which each is to be there once. */
static void merge(cli_run *run, cli_photos *photos) {
    size_t used = 0, named = 0;
    const char *first = "";
    char others[CLI_OTHERS_MAX];
    qsort(photos->items, photos->count, sizeof *photos->items, by_name);
    for (size_t i = 0; i < photos->count; i++) {
        const cli_photo *p = &photos->items[i], *last = used ? &photos->items[used - 1] : NULL;
        bool is_named = last && !strcmp(p->name, last->name);
        if (is_named && p->kept->key == last->kept->key) continue;
        if (is_named && !named++) first = p->name;
        photos->items[used++] = *p;
    }
    size_t twice = photos->count - used;
    photos->count = used;
    if (run->args->quiet) return;
    if (twice)
        cli_say(&run->progress, "%zu photo%s in several of the files: each counts once", twice,
                twice == 1 ? " is" : "s are");
    if (named)
        cli_say(&run->progress, "%s%s: different photos of one name; all of them count", first,
                cli_and_others(named, others));
}

int cli_shards_list(cli_run *run, cli_photos *photos) {
    size_t n = (size_t)run->args->path_count;
    struct cli_shards *all = FLECK_NEW_ZERO(&run->arena, struct cli_shards, 1);
    if (all) {
        all->shard = FLECK_NEW_ZERO(&run->arena, cli_shard, n);
        all->file = FLECK_NEW_ZERO(&run->arena, cli_mapped, n);
    }
    if (!all || !all->shard || !all->file) return cli_run_no_memory(run);
    run->shards = all;
    for (size_t i = 0; i < n; i++) {
        int result = open_shard(run, i);
        if (result != CLI_DONE) return result;
        const cli_shard *s = &all->shard[i];
        for (size_t k = 0; k < s->count; k++) {
            cli_photo photo = {
                .path = s->photos[k].name, .name = s->photos[k].name, .kept = &s->photos[k]};
            if (!cli_photos_add(&run->arena, photos, photo)) return cli_run_no_memory(run);
        }
    }
    merge(run, photos);
    return CLI_DONE;
}

void cli_shards_options(const cli_run *run, fleck_options *options) {
    const cli_shard_source *source = &run->shards->shard[0].source;
    options->preset = source->preset;
    options->precision = source->precision;
    options->input = source->input;
    options->block_count = source->block_count;
    memcpy(options->blocks, source->blocks, sizeof options->blocks);
}

int cli_shards_check_backbone(cli_run *run) {
    if (run->backbone_fingerprint == run->shards->shard[0].source.backbone) return CLI_DONE;
    return refuse(run, 0, "was made with another backbone");
}

/* The detector's shape is what the features have: a forged file may say otherwise. */
static int check_shape(cli_run *run) {
    const cli_shard *s = &run->shards->shard[0];
    if (run->shape.patches == s->P && run->shape.dim == s->D) return CLI_DONE;
    return refuse(run, 0, "the file of features is damaged: its sizes");
}

int cli_shards_arrange(cli_run *run) {
    fleck_tiles tiles = run->shards->shard[0].source.tiles;
    fleck_status status = fleck_set_tiles(run->det, tiles.columns, tiles.rows);
    if (status == FLECK_OK) status = fleck_set_sample_bits(run->det, run->shards->sample_bits);
    if (status != FLECK_OK) return cli_run_refused(run, status, run->args->paths[0]);
    int result = cli_run_shape(run);
    return result == CLI_DONE ? check_shape(run) : result;
}

int cli_shards_check_model(cli_run *run) {
    const cli_shard_source *source = &run->shards->shard[0].source;
    uint32_t bits = fleck_sample_bits(run->det), ours = run->shards->sample_bits;
    char why[160];
    if (source->tiles.columns != run->shape.tile_columns ||
        source->tiles.rows != run->shape.tile_rows) {
        snprintf(why, sizeof why,
                 "photos were seen as %u x %u tiles, the model sees them as %u x %u: extract them "
                 "with --tiles %ux%u",
                 source->tiles.columns, source->tiles.rows, run->shape.tile_columns,
                 run->shape.tile_rows, run->shape.tile_columns, run->shape.tile_rows);
        return refuse(run, 0, why);
    }
    if (bits && ours && bits != ours) {
        snprintf(why, sizeof why,
                 "photos of 16 bits were read as %u bits, the model reads %u: extract them with "
                 "--sample-bits %u",
                 ours, bits, bits);
        return refuse(run, 0, why);
    }
    return check_shape(run);
}

bool cli_shards_read(cli_run *run, const cli_photo *photo, fleck_message *err) {
    if (cli_shard_values(&run->shards->shard[0], photo->kept, run->patch, run->cls)) return true;
    fleck_fail(err, FLECK_ERR_FORMAT, "its features are damaged: extract them again");
    return false;
}

void cli_shards_close(cli_run *run) {
    for (size_t i = 0; run->shards && i < run->shards->count; i++) cli_unmap(&run->shards->file[i]);
}
