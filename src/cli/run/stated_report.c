#include "stated_report.h"

#include "json.h"
#include "print.h"
#include "report_page.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    REPORT_BYTES_MAX = 128 << 20,
    VALUES_MAX = 1 << 23,
    INPUT_MAX = 8192, /* as --input has it */
    PHOTO_SIDE_MAX = 1 << 24,
};

typedef struct {
    cli_run *run;
    cli_stated_report *out;
    fleck_json json;
} reader;

/* Says what is wrong with the report: false. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
refuse(reader *r, const char *format, ...) {
    char why[200];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    cli_say(&r->run->progress, "%s: %s", r->run->args->report, why);
    return false;
}

static const char *text_of(const reader *r, uint32_t at) {
    return r->json.text + r->json.values[at].start;
}

static bool is_kind(const reader *r, uint32_t at, fleck_json_kind kind) {
    return at && r->json.values[at].kind == kind;
}

/* The value of a key of object `in`, of that kind; 0, having said so, where there is none. */
static uint32_t need(reader *r, uint32_t in, const char *key, fleck_json_kind kind) {
    uint32_t at = fleck_json_find(&r->json, in, key);
    if (is_kind(r, at, kind)) return at;
    refuse(r, "is no report that can be checked: its \"%s\" is missing or of a wrong kind", key);
    return 0;
}

static bool out_of_range(reader *r, const char *key) {
    return refuse(r, "is no report that can be checked: its \"%s\" is out of range", key);
}

static bool read_whole(reader *r, uint32_t in, const char *key, uint64_t least, uint64_t most,
                       uint64_t *out) {
    uint32_t at = need(r, in, key, FLECK_JSON_PRIMITIVE);
    if (!at) return false;
    const char *end = fleck_read_whole(text_of(r, at), most, out);
    return (end && !*end && *out >= least) || out_of_range(r, key);
}

static bool read_share(reader *r, uint32_t in, const char *key, double *out) {
    uint32_t at = need(r, in, key, FLECK_JSON_PRIMITIVE);
    if (!at) return false;
    const char *end = fleck_read_decimal(text_of(r, at), out);
    return (end && !*end && *out >= 0 && *out <= 1) || out_of_range(r, key);
}

static bool read_name(reader *r, uint32_t in, const char *key, const char *const *names,
                      uint64_t *out) {
    uint32_t at = need(r, in, key, FLECK_JSON_STRING);
    if (!at) return false;
    for (*out = 0; names[*out]; ++*out)
        if (fleck_json_is(&r->json, at, names[*out])) return true;
    return out_of_range(r, key);
}

/* A SHA-256, or null, which gives NULL. */
static bool read_hash(reader *r, uint32_t in, const char *key, const char **out) {
    uint32_t at = fleck_json_find(&r->json, in, key);
    *out = NULL;
    if (is_kind(r, at, FLECK_JSON_PRIMITIVE) && !strcmp(text_of(r, at), "null")) return true;
    if (!is_kind(r, at, FLECK_JSON_STRING) ||
        fleck_json_length(&r->json, at) != CLI_SHA256_DIGITS ||
        strspn(text_of(r, at), "0123456789abcdef") != CLI_SHA256_DIGITS)
        return refuse(r, "is no report that can be checked: its \"%s\" is no SHA-256", key);
    *out = text_of(r, at);
    return true;
}

static bool read_settings(reader *r) {
    static const char *const presets[] = {FLECK_PRESET_NAMES, NULL};
    static const char *const precisions[] = {FLECK_PRECISION_NAMES, NULL};
    static const char *const methods[] = {FLECK_METHOD_NAMES, NULL};
    fleck_options *o = &r->out->args.options;
    uint64_t method, preset, precision, input, columns, rows;
    double threshold, smallest;
    uint32_t settings = need(r, 0, "settings", FLECK_JSON_OBJECT);
    uint32_t tiles = settings ? need(r, settings, "tiles", FLECK_JSON_OBJECT) : 0;
    if (!tiles || !read_name(r, settings, "method", methods, &method) ||
        !read_name(r, settings, "preset", presets, &preset) ||
        !read_name(r, settings, "precision", precisions, &precision) ||
        !read_whole(r, settings, "input", 1, INPUT_MAX, &input) ||
        !read_whole(r, settings, "seed", 0, UINT64_MAX, &o->seed) ||
        !read_whole(r, tiles, "columns", 1, FLECK_TILES_MAX, &columns) ||
        !read_whole(r, tiles, "rows", 1, FLECK_TILES_MAX, &rows) ||
        !read_share(r, 0, "threshold", &threshold) || !read_share(r, 0, "smallest_area", &smallest))
        return false;
    if (!((float)threshold > 0)) return out_of_range(r, "threshold");
    o->method = (fleck_method)method;
    o->preset = (fleck_preset)preset;
    o->precision = (fleck_precision)precision;
    o->input = (uint32_t)input;
    r->out->args.tiles = (fleck_tiles){(uint32_t)columns, (uint32_t)rows};
    r->out->args.threshold = (float)threshold;
    r->out->args.smallest_area = (float)smallest;
    r->out->args.has_smallest_area = true;
    return true;
}

static bool read_blocks(reader *r, uint32_t run) {
    fleck_options *o = &r->out->args.options;
    uint32_t list = need(r, run, "blocks", FLECK_JSON_ARRAY);
    if (!list) return false;
    o->block_count = 0;
    for (uint32_t at = 0; fleck_json_next(&r->json, list, &at);) {
        uint64_t block;
        const char *end = fleck_read_whole(text_of(r, at), UINT16_MAX, &block);
        if (o->block_count == FLECK_BLOCKS_MAX || !is_kind(r, at, FLECK_JSON_PRIMITIVE) || !end ||
            *end)
            return out_of_range(r, "blocks");
        o->blocks[o->block_count++] = (uint32_t)block;
    }
    return true;
}

/* The area by its runs, cli_report_area. */
static bool read_area(reader *r, uint32_t run) {
    uint32_t list = fleck_json_find(&r->json, run, "area"), filled = 0;
    uint8_t inside = 0;
    if (is_kind(r, list, FLECK_JSON_PRIMITIVE) && !strcmp(text_of(r, list), "null")) return true;
    if (!need(r, run, "area", FLECK_JSON_ARRAY)) return false;
    for (uint32_t at = 0; fleck_json_next(&r->json, list, &at); inside = !inside) {
        uint64_t length;
        const char *end = is_kind(r, at, FLECK_JSON_PRIMITIVE)
                              ? fleck_read_whole(text_of(r, at), CLI_AREA_MAP - filled, &length)
                              : NULL;
        if (!end || *end) return out_of_range(r, "area");
        memset(r->out->map + filled, inside, (size_t)length);
        filled += (uint32_t)length;
    }
    if (filled != CLI_AREA_MAP) return out_of_range(r, "area");
    r->out->args.area_map = r->out->map;
    return !fleck_json_find(&r->json, run, "area_follows") ||
           read_hash(r, run, "area_follows", &r->out->follows_sha256);
}

static bool read_run(reader *r, uint32_t run) {
    fleck_options *o = &r->out->args.options;
    uint64_t iterations, most;
    if (!read_hash(r, run, "backbone_sha256", &r->out->backbone_sha256) ||
        !read_hash(r, run, "model_sha256", &r->out->model_sha256) || !read_blocks(r, run) ||
        !read_whole(r, run, "iterations", 0, FLECK_ITERATIONS_MAX, &iterations) ||
        !read_whole(r, run, "learn_most", 0, UINT32_MAX, &most) || !read_area(r, run))
        return false;
    uint32_t synthetic = need(r, run, "synthetic", FLECK_JSON_PRIMITIVE);
    if (!synthetic) return false;
    r->out->args.synthetic = !strcmp(text_of(r, synthetic), "true");
    if (!r->out->args.synthetic && strcmp(text_of(r, synthetic), "false") != 0)
        return out_of_range(r, "synthetic");
    o->iterations = (uint32_t)iterations;
    o->learn_most = (uint32_t)most;
    return true;
}

/* The marks on a photo, at `at` in the report. */
static bool read_marks(reader *r, uint32_t at, cli_stated_photo *p) {
    static const char *const marks[] = {"good", "defect", NULL};
    uint32_t list = fleck_json_find(&r->json, at, "marks");
    uint64_t width, height, mark;
    if (!list) return true;
    if (!need(r, at, "marks", FLECK_JSON_ARRAY) ||
        !read_whole(r, at, "width", 1, PHOTO_SIDE_MAX, &width) ||
        !read_whole(r, at, "height", 1, PHOTO_SIDE_MAX, &height))
        return false;
    p->marks = FLECK_NEW(&r->run->arena, cli_stated_mark, r->json.values[list].size);
    if (!p->marks) return cli_run_no_memory(r->run), false;
    for (uint32_t each = 0; fleck_json_next(&r->json, list, &each);) {
        double xy[2] = {0, 0};
        uint32_t spot = fleck_json_find(&r->json, each, "at"), count = 0;
        bool is_spot = is_kind(r, spot, FLECK_JSON_ARRAY);
        if (!read_name(r, each, "mark", marks, &mark)) return false;
        if (!is_spot &&
            !(is_kind(r, spot, FLECK_JSON_PRIMITIVE) && !strcmp(text_of(r, spot), "null")))
            return out_of_range(r, "at");
        for (uint32_t k = 0; is_spot && fleck_json_next(&r->json, spot, &k); count++) {
            const char *end = count < 2 && is_kind(r, k, FLECK_JSON_PRIMITIVE)
                                  ? fleck_read_decimal(text_of(r, k), &xy[count])
                                  : NULL;
            if (!end || *end) return out_of_range(r, "at");
        }
        if (is_spot && count != 2) return out_of_range(r, "at");
        if (!(xy[0] >= 0 && xy[0] <= (double)width && xy[1] >= 0 && xy[1] <= (double)height))
            return refuse(r, "%.100s: a spot that is marked lies outside of the photo", p->name);
        p->marks[p->mark_count++] =
            (cli_stated_mark){(fleck_mark)(FLECK_MARK_GOOD + mark),
                              is_spot,
                              {(float)(xy[0] / (double)width), (float)(xy[1] / (double)height)}};
    }
    return true;
}

static bool read_count(reader *r, uint32_t in, const char *key, uint32_t *out) {
    uint64_t count;
    if (!read_whole(r, in, key, 0, UINT32_MAX, &count)) return false;
    *out = (uint32_t)count;
    return true;
}

/* What the marks come to; marks of photos that are not in the report cannot be made again. */
static bool read_marks_of_run(reader *r, uint32_t run) {
    uint32_t marks = fleck_json_find(&r->json, run, "marks");
    fleck_review *review = &r->out->review;
    uint32_t elsewhere;
    if (!is_kind(r, marks, FLECK_JSON_OBJECT)) return true;
    if (!read_count(r, marks, "elsewhere", &elsewhere) ||
        !read_count(r, marks, "good", &review->good) ||
        !read_count(r, marks, "good_called", &review->good_called) ||
        !read_count(r, marks, "defects", &review->defects) ||
        !read_count(r, marks, "defects_called", &review->defects_called))
        return false;
    r->out->has_review = true;
    if (elsewhere && !r->out->is_scored)
        return refuse(r,
                      "%u of its marks are on photos that are not in it, since they came with "
                      "the model of another folder: verify cannot make them again",
                      elsewhere);
    return true;
}

static bool read_photos(reader *r, uint32_t run) {
    static const char *const verdicts[] = {FLECK_VERDICT_NAMES, NULL};
    static const char *const roles[] = {
        [CLI_ROLE_LEARNT] = "learnt", [CLI_ROLE_LEFT] = "left", [CLI_ROLE_FRESH] = "fresh", NULL};
    uint32_t list = need(r, 0, "photos", FLECK_JSON_ARRAY);
    uint32_t hashes = list ? need(r, run, "photos", FLECK_JSON_ARRAY) : 0;
    if (!hashes) return false;
    if (r->json.values[list].size != r->json.values[hashes].size)
        return refuse(r, "is no report that can be checked: it has %u photos and %u hashes",
                      r->json.values[list].size, r->json.values[hashes].size);
    r->out->photos = FLECK_NEW_ZERO(&r->run->arena, cli_stated_photo, r->json.values[list].size);
    if (!r->out->photos) return cli_run_no_memory(r->run), false;
    for (uint32_t at = 0, hash = 0;
         fleck_json_next(&r->json, list, &at) && fleck_json_next(&r->json, hashes, &hash);) {
        cli_stated_photo *p = &r->out->photos[r->out->count++];
        uint32_t file = need(r, at, "file", FLECK_JSON_STRING);
        if (!file || !read_share(r, at, "score", &p->score) ||
            !read_name(r, at, "verdict", verdicts, &p->verdict) ||
            !read_hash(r, hash, "sha256", &p->sha256) ||
            !read_name(r, hash, "role", roles, &p->role))
            return false;
        p->name = fleck_json_copy(&r->run->arena, &r->json, file);
        if (!p->name) return cli_run_no_memory(r->run), false;
        if (!read_marks(r, at, p)) return false;
        if (!p->sha256)
            return refuse(r, "does not state the SHA-256 of its photos: it was made by the page "
                             "over plain http, which has none");
    }
    return true;
}

static bool read_skipped(reader *r) {
    uint32_t list = fleck_json_find(&r->json, 0, "skipped");
    if (!is_kind(r, list, FLECK_JSON_ARRAY)) return true;
    const char **names = FLECK_NEW(&r->run->arena, const char *, r->json.values[list].size);
    if (!names) return cli_run_no_memory(r->run), false;
    r->out->skipped = names;
    for (uint32_t at = 0; fleck_json_next(&r->json, list, &at);) {
        uint32_t file = fleck_json_find(&r->json, at, "file");
        if (!is_kind(r, file, FLECK_JSON_STRING)) continue;
        const char *name = fleck_json_copy(&r->run->arena, &r->json, file);
        if (!name) return cli_run_no_memory(r->run), false;
        names[r->out->skipped_count++] = name;
    }
    return true;
}

/* What the report says that it is. */
static bool read_head(reader *r) {
    uint64_t version;
    uint32_t format = fleck_json_find(&r->json, 0, "format");
    if (!format || !fleck_json_is(&r->json, format, "fleck-results"))
        return refuse(r, "is no report of fleck's");
    if (!read_whole(r, 0, "format_version", 0, UINT32_MAX, &version)) return false;
    if (version != 1)
        return refuse(r, "is of format %u, and this fleck, " FLECK_VERSION ", knows format 1",
                      (unsigned)version);
    uint32_t command = need(r, 0, "command", FLECK_JSON_STRING);
    if (!command) return false;
    r->out->is_scored = fleck_json_is(&r->json, command, "score");
    if (!r->out->is_scored && !fleck_json_is(&r->json, command, "inspect"))
        return out_of_range(r, "command");
    if (r->out->is_scored && !r->out->args.model)
        return refuse(r, "its photos were judged by a model that is not in it: name its file with "
                         "--model FILE");
    if (!r->out->is_scored && r->out->args.model)
        return refuse(r, "was learnt from its photos, not judged by a model: --model is of no use");
    uint32_t program = need(r, 0, "fleck", FLECK_JSON_STRING);
    if (!program) return false;
    if (!fleck_json_is(&r->json, program, FLECK_VERSION)) {
        const char *name = fleck_json_copy(&r->run->scratch, &r->json, program);
        cli_say(&r->run->progress, "%s: is of fleck %.40s, and this is " FLECK_VERSION,
                r->run->args->report, name ? name : "");
    }
    uint32_t backbone = fleck_json_find(&r->json, 0, "backbone");
    if (r->out->args.backbone || !is_kind(r, backbone, FLECK_JSON_STRING)) return true;
    r->out->args.backbone = fleck_json_copy(&r->run->arena, &r->json, backbone);
    return r->out->args.backbone || (cli_run_no_memory(r->run), false);
}

/* Where `what` is in a text of that size; NULL: nowhere. */
static char *find(char *text, size_t size, const char *what) {
    size_t length = strlen(what);
    for (char *at = text; size >= length; size--, at++)
        if (!memcmp(at, what, length)) return at;
    return NULL;
}

bool cli_stated_report_read(cli_run *run, cli_stated_report *out) {
    reader reader_of = {.run = run, .out = out}, *r = &reader_of;
    *out = (cli_stated_report){.args = *run->args};
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    if (!cli_read(&run->arena, run->args->report, REPORT_BYTES_MAX, &bytes, &size, &err))
        return refuse(r, "%s", err.text);
    char *text = (char *)bytes, *begin = find(text, size, CLI_REPORT_DATA);
    if (begin) begin += sizeof CLI_REPORT_DATA - 1;
    char *end = begin ? find(begin, size - (size_t)(begin - text), CLI_REPORT_DATA_END) : NULL;
    if (!end) return refuse(r, "is no report of fleck's");
    if (fleck_json_parse(&run->arena, "its data", begin, (size_t)(end - begin), VALUES_MAX,
                         &r->json, &err))
        return refuse(r, "%s", err.text);
    if (r->json.values[0].kind != FLECK_JSON_OBJECT) return refuse(r, "is no report of fleck's");
    for (uint32_t i = 0; i < r->json.count; i++) begin[r->json.values[i].end] = '\0';
    if (!read_head(r) || !read_settings(r)) return false;
    uint32_t stated_run = need(r, 0, "run", FLECK_JSON_OBJECT);
    return stated_run && read_run(r, stated_run) && read_marks_of_run(r, stated_run) &&
           read_photos(r, stated_run) && read_skipped(r);
}
