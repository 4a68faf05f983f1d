/* The library reads what it needs itself (fleck_peek_options, which refuses damage of any kind);
 * the rest stands in the file's table of tensors, which src/model/model_file.h describes. */
#include "info_command.h"

#include "open.h"
#include "print.h"
#include "results_json.h"
#include "text.h"

#include <inttypes.h>

static const char *const presets[] = {FLECK_PRESET_NAMES};
static const char *const precisions[] = {FLECK_PRECISION_NAMES};

typedef struct {
    const char *path;
    size_t bytes;
    char sha256[CLI_SHA256_DIGITS + 1];
    fleck_options options;
    uint64_t version, sample_bits, backbone;
    size_t photos, marks;
    float threshold, smallest_area, area; /* area: share of what is looked at that counts */
    bool has_area, area_follows;
    fleck_tiles tiles;
} info;

/* A number of the metadata, which the library checked where it is there. */
static uint64_t number_or(const fleck_weights *table, const char *key, uint64_t otherwise) {
    const char *text = fleck_weights_meta(table, key);
    if (text) fleck_read_whole(text, UINT64_MAX, &otherwise);
    return otherwise;
}

/* The first side of a tensor; 0 where there is none. */
static size_t rows_of(const fleck_weights *table, const char *name) {
    const fleck_tensor *t = fleck_weights_find(table, name);
    return t && t->ndim ? t->shape[0] : 0;
}

/* The one value of a tensor that is there where the value is not the usual one. */
static float value_or(const fleck_weights *table, const char *name, float usual) {
    const fleck_tensor *t = fleck_weights_find(table, name);
    if (t && t->dtype == FLECK_F32 && t->count == 1) fleck_tensor_read(t, &usual);
    return usual;
}

/* Of a map of bits. */
static bool read_area(const fleck_weights *table, float *share) {
    enum { WORDS = FLECK_HEAT * FLECK_HEAT / 32 };
    const fleck_tensor *t = fleck_weights_find(table, "area");
    uint32_t words[WORDS], inside = 0;
    if (!t || t->dtype != FLECK_U32 || t->count != WORDS) return false;
    fleck_tensor_read_u32(t, words);
    for (int i = 0; i < WORDS; i++)
        for (uint32_t w = words[i]; w; w &= w - 1) inside++;
    *share = (float)inside / (FLECK_HEAT * FLECK_HEAT);
    return true;
}

static fleck_status look(cli_run *run, const uint8_t *bytes, info *out, fleck_message *err) {
    fleck_weights table;
    fleck_status status = fleck_peek_options(run->det, bytes, out->bytes, &out->options);
    if (status != FLECK_OK) return fleck_fail(err, status, "%s", fleck_error(run->det));
    status = fleck_weights_open(&run->arena, bytes, out->bytes, &table, err);
    if (status != FLECK_OK) return status;
    if (!cli_sha256(bytes, out->bytes, out->sha256))
        return fleck_fail(err, FLECK_ERR_MEMORY, "out of memory");
    out->version = number_or(&table, "version", 0);
    out->sample_bits = number_or(&table, "sample_bits", 0);
    out->backbone = number_or(&table, "backbone", 0);
    out->tiles.columns = (uint32_t)number_or(&table, "tile_columns", 1);
    out->tiles.rows = (uint32_t)number_or(&table, "tile_rows", 1);
    out->photos = rows_of(&table, "photo.hash");
    out->marks = rows_of(&table, "marks.what");
    out->threshold = value_or(&table, "threshold", FLECK_DEFECT);
    out->smallest_area = value_or(&table, "smallest_area", 0);
    out->has_area = read_area(&table, &out->area);
    out->area_follows = rows_of(&table, "area.part");
    return FLECK_OK;
}

static void put_blocks(const fleck_options *o) {
    for (uint32_t i = 0; i < o->block_count; i++) printf("%s%u", i ? "," : "", o->blocks[i]);
}

static void print_json(const info *f) {
    const fleck_options *o = &f->options;
    printf("{\"file\":");
    cli_put_json(stdout, f->path);
    printf(",\"format\":\"fleck-model\",\"version\":%" PRIu64 ",\"bytes\":%zu,\"sha256\":\"%s\"",
           f->version, f->bytes, f->sha256);
    printf(",\"method\":\"%s\",\"preset\":\"%s\",\"precision\":\"%s\",\"backbone\":\"%016" PRIx64
           "\",\"input\":%u,\"tiles\":{\"columns\":%u,\"rows\":%u},\"blocks\":[",
           fleck_method_name(o->method), presets[o->preset], precisions[o->precision], f->backbone,
           o->input, f->tiles.columns, f->tiles.rows);
    put_blocks(o);
    printf("],\"seed\":%" PRIu64 ",\"sample_bits\":%" PRIu64, o->seed, f->sample_bits);
    cli_results_exact(stdout, "threshold", f->threshold);
    cli_results_exact(stdout, "smallest_area", f->smallest_area);
    if (f->has_area)
        cli_results_exact(stdout, "area", f->area);
    else
        printf(",\"area\":null");
    printf(",\"area_follows\":%s", f->area_follows ? "true" : "false");
    printf(",\"marks\":%zu,\"photos\":%zu}\n", f->marks, f->photos);
}

static void print_words(const info *f) {
    const fleck_options *o = &f->options;
    cli_print(stdout, "%s: a model of file version %" PRIu64 ", %zu bytes", f->path, f->version,
              f->bytes);
    printf("  photos learnt from  %zu\n", f->photos);
    printf("  method              %s, seed %" PRIu64 "\n", fleck_method_name(o->method), o->seed);
    printf("  backbone            fingerprint %016" PRIx64 ", precision %s\n", f->backbone,
           precisions[o->precision]);
    printf("  input               %u pixels, preset %s, %u x %u tiles, blocks ", o->input,
           presets[o->preset], f->tiles.columns, f->tiles.rows);
    put_blocks(o);
    if (f->sample_bits)
        printf("\n  photos of 16 bits   read as of %" PRIu64 " bits\n", f->sample_bits);
    else
        printf("\n  photos of 16 bits   none were learnt from\n");
    printf("  threshold           %.6g\n", (double)f->threshold);
    printf("  smallest area       %.6g %% of a photo\n", 100 * (double)f->smallest_area);
    if (f->has_area)
        printf("  area of interest    %.3g %% of what is looked at%s\n", 100 * (double)f->area,
               f->area_follows ? ", follows the part" : "");
    else
        printf("  area of interest    none: all counts\n");
    printf("  marks               %zu\n", f->marks);
    printf("  SHA-256             %s\n", f->sha256);
}

int cli_info(cli_run *run) {
    fleck_message err;
    uint8_t *bytes;
    info f = {.path = run->args->model};
    fleck_status status = FLECK_ERR_FORMAT;
    if (cli_read(&run->arena, f.path, SIZE_MAX, &bytes, &f.bytes, &err))
        status = look(run, bytes, &f, &err);
    if (status != FLECK_OK) {
        cli_say(&run->progress, "%s: %s", f.path, err.text);
        return CLI_FAILED;
    }
    if (run->args->json)
        print_json(&f);
    else
        print_words(&f);
    return CLI_DONE;
}
