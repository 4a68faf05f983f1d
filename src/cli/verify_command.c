/* The report is read whole and checked, its photos are looked for by their hashes, and where all
 * are there the run is done again: learnt from those that were, or a model loaded, marks made, all
 * judged, by the settings stated. */
#include "verify_command.h"

#include "fleck.h"
#include "json.h"
#include "load.h"
#include "print.h"
#include "report_page.h"
#include "sample_bits.h"
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPORT_BYTES_MAX = 128 << 20,
    VALUES_MAX = 1 << 23,
    TOLD = 20,        /* differences */
    INPUT_MAX = 8192, /* as --input has it */
    PHOTO_SIDE_MAX = 1 << 24,
    MAP = FLECK_HEAT * FLECK_HEAT,
};

typedef enum { LEARNT = 0, LEFT, FRESH } role;

/* A mark on a photo as the report states it; spot: in shares of its size. */
typedef struct {
    fleck_mark mark;
    bool is_spot;
    fleck_point spot;
} stated_mark;

/* A photo as the report states it. */
typedef struct {
    const char *name;   /* control characters are '?' */
    const char *sha256; /* CLI_SHA256_DIGITS of them */
    double score;
    uint64_t verdict, role;
    stated_mark *marks; /* [mark_count] */
    uint32_t mark_count;
    bool is_there; /* in the folder */
    bool is_compared;
} stated;

/* A photo of the folder. */
typedef struct {
    cli_photo photo;
    char sha256[CLI_SHA256_DIGITS + 1];
    stated *as; /* what is stated of it; NULL: nothing */
    bool was_skipped;
} found;

typedef struct {
    cli_run *run;
    cli_args args;  /* as the report states them */
    bool is_scored; /* its photos were judged by a model's file: nothing is learnt */
    fleck_json json;
    stated *photos; /* [count] */
    uint32_t count;
    fleck_review review; /* of the marks, as counts alone, where has_review says so */
    bool has_review;
    const char *backbone_sha256, *model_sha256; /* NULL: not stated */
    const char *follows_sha256; /* of the photo whose part the area follows; NULL: of none */
    uint8_t map[MAP];           /* the area */
    found *files;               /* [file_count], in the order of their names */
    size_t file_count;
    size_t differences;
} verification;

/* ---- reading the report ---- */

/* Says what is wrong with the report: false. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
refuse(verification *v, const char *format, ...) {
    char why[200];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    cli_say(&v->run->progress, "%s: %s", v->run->args->report, why);
    return false;
}

static const char *text_of(const verification *v, uint32_t at) {
    return v->json.text + v->json.values[at].start;
}

static bool is_kind(const verification *v, uint32_t at, fleck_json_kind kind) {
    return at && v->json.values[at].kind == kind;
}

/* The value of a key of object `in`, of that kind; 0, having said so, where there is none. */
static uint32_t need(verification *v, uint32_t in, const char *key, fleck_json_kind kind) {
    uint32_t at = fleck_json_find(&v->json, in, key);
    if (is_kind(v, at, kind)) return at;
    refuse(v, "is no report that can be checked: its \"%s\" is missing or of a wrong kind", key);
    return 0;
}

static bool out_of_range(verification *v, const char *key) {
    return refuse(v, "is no report that can be checked: its \"%s\" is out of range", key);
}

static bool read_whole(verification *v, uint32_t in, const char *key, uint64_t least, uint64_t most,
                       uint64_t *out) {
    uint32_t at = need(v, in, key, FLECK_JSON_PRIMITIVE);
    if (!at) return false;
    const char *end = fleck_read_whole(text_of(v, at), most, out);
    return (end && !*end && *out >= least) || out_of_range(v, key);
}

static bool read_share(verification *v, uint32_t in, const char *key, double *out) {
    uint32_t at = need(v, in, key, FLECK_JSON_PRIMITIVE);
    if (!at) return false;
    const char *end = fleck_read_decimal(text_of(v, at), out);
    return (end && !*end && *out >= 0 && *out <= 1) || out_of_range(v, key);
}

static bool read_name(verification *v, uint32_t in, const char *key, const char *const *names,
                      uint64_t *out) {
    uint32_t at = need(v, in, key, FLECK_JSON_STRING);
    if (!at) return false;
    for (*out = 0; names[*out]; ++*out)
        if (fleck_json_is(&v->json, at, names[*out])) return true;
    return out_of_range(v, key);
}

/* A SHA-256, or null, which gives NULL. */
static bool read_hash(verification *v, uint32_t in, const char *key, const char **out) {
    uint32_t at = fleck_json_find(&v->json, in, key);
    *out = NULL;
    if (is_kind(v, at, FLECK_JSON_PRIMITIVE) && !strcmp(text_of(v, at), "null")) return true;
    if (!is_kind(v, at, FLECK_JSON_STRING) ||
        fleck_json_length(&v->json, at) != CLI_SHA256_DIGITS ||
        strspn(text_of(v, at), "0123456789abcdef") != CLI_SHA256_DIGITS)
        return refuse(v, "is no report that can be checked: its \"%s\" is no SHA-256", key);
    *out = text_of(v, at);
    return true;
}

static bool read_settings(verification *v) {
    static const char *const presets[] = {FLECK_PRESET_NAMES, NULL};
    static const char *const precisions[] = {FLECK_PRECISION_NAMES, NULL};
    static const char *const methods[] = {FLECK_METHOD_NAMES, NULL};
    fleck_options *o = &v->args.options;
    uint64_t method, preset, precision, input, columns, rows;
    double threshold, smallest;
    uint32_t settings = need(v, 0, "settings", FLECK_JSON_OBJECT);
    uint32_t tiles = settings ? need(v, settings, "tiles", FLECK_JSON_OBJECT) : 0;
    if (!tiles || !read_name(v, settings, "method", methods, &method) ||
        !read_name(v, settings, "preset", presets, &preset) ||
        !read_name(v, settings, "precision", precisions, &precision) ||
        !read_whole(v, settings, "input", 1, INPUT_MAX, &input) ||
        !read_whole(v, settings, "seed", 0, UINT64_MAX, &o->seed) ||
        !read_whole(v, tiles, "columns", 1, FLECK_TILES_MAX, &columns) ||
        !read_whole(v, tiles, "rows", 1, FLECK_TILES_MAX, &rows) ||
        !read_share(v, 0, "threshold", &threshold) || !read_share(v, 0, "smallest_area", &smallest))
        return false;
    if (!((float)threshold > 0)) return out_of_range(v, "threshold");
    o->method = (fleck_method)method;
    o->preset = (fleck_preset)preset;
    o->precision = (fleck_precision)precision;
    o->input = (uint32_t)input;
    v->args.tiles = (fleck_tiles){(uint32_t)columns, (uint32_t)rows};
    v->args.threshold = (float)threshold;
    v->args.smallest_area = (float)smallest;
    v->args.has_smallest_area = true;
    return true;
}

static bool read_blocks(verification *v, uint32_t run) {
    fleck_options *o = &v->args.options;
    uint32_t list = need(v, run, "blocks", FLECK_JSON_ARRAY);
    if (!list) return false;
    o->block_count = 0;
    for (uint32_t at = 0; fleck_json_next(&v->json, list, &at);) {
        uint64_t block;
        const char *end = fleck_read_whole(text_of(v, at), UINT16_MAX, &block);
        if (o->block_count == FLECK_BLOCKS_MAX || !is_kind(v, at, FLECK_JSON_PRIMITIVE) || !end ||
            *end)
            return out_of_range(v, "blocks");
        o->blocks[o->block_count++] = (uint32_t)block;
    }
    return true;
}

/* The area by its runs, cli_report_area. */
static bool read_area(verification *v, uint32_t run) {
    uint32_t list = fleck_json_find(&v->json, run, "area"), filled = 0;
    uint8_t inside = 0;
    if (is_kind(v, list, FLECK_JSON_PRIMITIVE) && !strcmp(text_of(v, list), "null")) return true;
    if (!need(v, run, "area", FLECK_JSON_ARRAY)) return false;
    for (uint32_t at = 0; fleck_json_next(&v->json, list, &at); inside = !inside) {
        uint64_t length;
        const char *end = is_kind(v, at, FLECK_JSON_PRIMITIVE)
                              ? fleck_read_whole(text_of(v, at), MAP - filled, &length)
                              : NULL;
        if (!end || *end) return out_of_range(v, "area");
        memset(v->map + filled, inside, (size_t)length);
        filled += (uint32_t)length;
    }
    if (filled != MAP) return out_of_range(v, "area");
    v->args.area_map = v->map;
    return !fleck_json_find(&v->json, run, "area_follows") ||
           read_hash(v, run, "area_follows", &v->follows_sha256);
}

static bool read_run(verification *v, uint32_t run) {
    fleck_options *o = &v->args.options;
    uint64_t iterations, most;
    if (!read_hash(v, run, "backbone_sha256", &v->backbone_sha256) ||
        !read_hash(v, run, "model_sha256", &v->model_sha256) || !read_blocks(v, run) ||
        !read_whole(v, run, "iterations", 0, FLECK_ITERATIONS_MAX, &iterations) ||
        !read_whole(v, run, "learn_most", 0, UINT32_MAX, &most) || !read_area(v, run))
        return false;
    uint32_t synthetic = need(v, run, "synthetic", FLECK_JSON_PRIMITIVE);
    if (!synthetic) return false;
    v->args.synthetic = !strcmp(text_of(v, synthetic), "true");
    if (!v->args.synthetic && strcmp(text_of(v, synthetic), "false") != 0)
        return out_of_range(v, "synthetic");
    o->iterations = (uint32_t)iterations;
    o->learn_most = (uint32_t)most;
    return true;
}

/* The marks on a photo, at `at` in the report. */
static bool read_marks(verification *v, uint32_t at, stated *p) {
    static const char *const marks[] = {"good", "defect", NULL};
    uint32_t list = fleck_json_find(&v->json, at, "marks");
    uint64_t width, height, mark;
    if (!list) return true;
    if (!need(v, at, "marks", FLECK_JSON_ARRAY) ||
        !read_whole(v, at, "width", 1, PHOTO_SIDE_MAX, &width) ||
        !read_whole(v, at, "height", 1, PHOTO_SIDE_MAX, &height))
        return false;
    p->marks = FLECK_NEW(&v->run->arena, stated_mark, v->json.values[list].size);
    if (!p->marks) return cli_run_no_memory(v->run), false;
    for (uint32_t each = 0; fleck_json_next(&v->json, list, &each);) {
        double xy[2] = {0, 0};
        uint32_t spot = fleck_json_find(&v->json, each, "at"), count = 0;
        bool is_spot = is_kind(v, spot, FLECK_JSON_ARRAY);
        if (!read_name(v, each, "mark", marks, &mark)) return false;
        if (!is_spot &&
            !(is_kind(v, spot, FLECK_JSON_PRIMITIVE) && !strcmp(text_of(v, spot), "null")))
            return out_of_range(v, "at");
        for (uint32_t k = 0; is_spot && fleck_json_next(&v->json, spot, &k); count++) {
            const char *end = count < 2 && is_kind(v, k, FLECK_JSON_PRIMITIVE)
                                  ? fleck_read_decimal(text_of(v, k), &xy[count])
                                  : NULL;
            if (!end || *end) return out_of_range(v, "at");
        }
        if (is_spot && count != 2) return out_of_range(v, "at");
        if (!(xy[0] >= 0 && xy[0] <= (double)width && xy[1] >= 0 && xy[1] <= (double)height))
            return refuse(v, "%.100s: a spot that is marked lies outside of the photo", p->name);
        p->marks[p->mark_count++] =
            (stated_mark){(fleck_mark)(FLECK_MARK_GOOD + mark),
                          is_spot,
                          {(float)(xy[0] / (double)width), (float)(xy[1] / (double)height)}};
    }
    return true;
}

static bool read_count(verification *v, uint32_t in, const char *key, uint32_t *out) {
    uint64_t count;
    if (!read_whole(v, in, key, 0, UINT32_MAX, &count)) return false;
    *out = (uint32_t)count;
    return true;
}

/* What the marks come to; marks of photos that are not in the report cannot be made again. */
static bool read_marks_of_run(verification *v, uint32_t run) {
    uint32_t marks = fleck_json_find(&v->json, run, "marks");
    fleck_review *r = &v->review;
    uint32_t elsewhere;
    if (!is_kind(v, marks, FLECK_JSON_OBJECT)) return true;
    if (!read_count(v, marks, "elsewhere", &elsewhere) || !read_count(v, marks, "good", &r->good) ||
        !read_count(v, marks, "good_called", &r->good_called) ||
        !read_count(v, marks, "defects", &r->defects) ||
        !read_count(v, marks, "defects_called", &r->defects_called))
        return false;
    v->has_review = true;
    if (elsewhere && !v->is_scored)
        return refuse(v,
                      "%u of its marks are on photos that are not in it, since they came with "
                      "the model of another folder: verify cannot make them again",
                      elsewhere);
    return true;
}

static bool read_photos(verification *v, uint32_t run) {
    static const char *const verdicts[] = {FLECK_VERDICT_NAMES, NULL};
    static const char *const roles[] = {
        [LEARNT] = "learnt", [LEFT] = "left", [FRESH] = "fresh", NULL};
    uint32_t list = need(v, 0, "photos", FLECK_JSON_ARRAY);
    uint32_t hashes = list ? need(v, run, "photos", FLECK_JSON_ARRAY) : 0;
    if (!hashes) return false;
    if (v->json.values[list].size != v->json.values[hashes].size)
        return refuse(v, "is no report that can be checked: it has %u photos and %u hashes",
                      v->json.values[list].size, v->json.values[hashes].size);
    v->photos = FLECK_NEW_ZERO(&v->run->arena, stated, v->json.values[list].size);
    if (!v->photos) return cli_run_no_memory(v->run), false;
    for (uint32_t at = 0, hash = 0;
         fleck_json_next(&v->json, list, &at) && fleck_json_next(&v->json, hashes, &hash);) {
        stated *p = &v->photos[v->count++];
        uint32_t file = need(v, at, "file", FLECK_JSON_STRING);
        if (!file || !read_share(v, at, "score", &p->score) ||
            !read_name(v, at, "verdict", verdicts, &p->verdict) ||
            !read_hash(v, hash, "sha256", &p->sha256) ||
            !read_name(v, hash, "role", roles, &p->role))
            return false;
        p->name = fleck_json_copy(&v->run->arena, &v->json, file);
        if (!p->name) return cli_run_no_memory(v->run), false;
        if (!read_marks(v, at, p)) return false;
        if (!p->sha256)
            return refuse(v, "does not state the SHA-256 of its photos: it was made by the page "
                             "over plain http, which has none");
    }
    return true;
}

/* What the report says that it is. */
static bool read_head(verification *v) {
    uint64_t version;
    uint32_t format = fleck_json_find(&v->json, 0, "format");
    if (!format || !fleck_json_is(&v->json, format, "fleck-results"))
        return refuse(v, "is no report of fleck's");
    if (!read_whole(v, 0, "format_version", 0, UINT32_MAX, &version)) return false;
    if (version != 1)
        return refuse(v, "is of format %u, and this fleck, " FLECK_VERSION ", knows format 1",
                      (unsigned)version);
    uint32_t command = need(v, 0, "command", FLECK_JSON_STRING);
    if (!command) return false;
    v->is_scored = fleck_json_is(&v->json, command, "score");
    if (!v->is_scored && !fleck_json_is(&v->json, command, "inspect"))
        return out_of_range(v, "command");
    if (v->is_scored && !v->args.model)
        return refuse(v, "its photos were judged by a model that is not in it: name its file with "
                         "--model FILE");
    if (!v->is_scored && v->args.model)
        return refuse(v, "was learnt from its photos, not judged by a model: --model is of no use");
    uint32_t program = need(v, 0, "fleck", FLECK_JSON_STRING);
    if (!program) return false;
    if (!fleck_json_is(&v->json, program, FLECK_VERSION)) {
        const char *name = fleck_json_copy(&v->run->scratch, &v->json, program);
        cli_say(&v->run->progress, "%s: is of fleck %.40s, and this is " FLECK_VERSION,
                v->run->args->report, name ? name : "");
    }
    uint32_t backbone = fleck_json_find(&v->json, 0, "backbone");
    if (v->args.backbone || !is_kind(v, backbone, FLECK_JSON_STRING)) return true;
    v->args.backbone = fleck_json_copy(&v->run->arena, &v->json, backbone);
    return v->args.backbone || (cli_run_no_memory(v->run), false);
}

/* Where `what` is in a text of that size; NULL: nowhere. */
static char *find(char *text, size_t size, const char *what) {
    size_t length = strlen(what);
    for (char *at = text; size >= length; size--, at++)
        if (!memcmp(at, what, length)) return at;
    return NULL;
}

static bool read_report(verification *v) {
    cli_run *run = v->run;
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    if (!cli_read(&run->arena, run->args->report, REPORT_BYTES_MAX, &bytes, &size, &err))
        return refuse(v, "%s", err.text);
    char *text = (char *)bytes, *begin = find(text, size, CLI_REPORT_DATA);
    if (begin) begin += sizeof CLI_REPORT_DATA - 1;
    char *end = begin ? find(begin, size - (size_t)(begin - text), CLI_REPORT_DATA_END) : NULL;
    if (!end) return refuse(v, "is no report of fleck's");
    if (fleck_json_parse(&run->arena, "its data", begin, (size_t)(end - begin), VALUES_MAX,
                         &v->json, &err))
        return refuse(v, "%s", err.text);
    if (v->json.values[0].kind != FLECK_JSON_OBJECT) return refuse(v, "is no report of fleck's");
    for (uint32_t i = 0; i < v->json.count; i++) begin[v->json.values[i].end] = '\0';
    if (!read_head(v) || !read_settings(v)) return false;
    uint32_t stated_run = need(v, 0, "run", FLECK_JSON_OBJECT);
    return stated_run && read_run(v, stated_run) && read_marks_of_run(v, stated_run) &&
           read_photos(v, stated_run);
}

/* ---- its photos ---- */

static int stopped(verification *v) {
    cli_say(&v->run->progress, "interrupted: not all was compared");
    return CLI_INTERRUPTED;
}

/* Names a difference, of the first of them. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
differs(verification *v, const char *format, ...) {
    if (v->differences++ >= TOLD) return;
    va_list list;
    va_start(list, format);
    cli_progress_clear(&v->run->progress);
    cli_put_list(stdout, format, list);
    putchar('\n');
    va_end(list);
}

static int files_by_hash(const void *a, const void *b) {
    return strcmp((*(found *const *)a)->sha256, (*(found *const *)b)->sha256);
}

static int photos_by_hash(const void *a, const void *b) {
    return strcmp((*(stated *const *)a)->sha256, (*(stated *const *)b)->sha256);
}

/* Gives each file what is stated of its hash; of copies each its own. */
static bool match(verification *v) {
    found **files = FLECK_NEW(&v->run->scratch, found *, v->file_count);
    stated **photos = FLECK_NEW(&v->run->scratch, stated *, v->count);
    if (!files || !photos) return false;
    for (size_t i = 0; i < v->file_count; i++) files[i] = &v->files[i];
    for (uint32_t i = 0; i < v->count; i++) photos[i] = &v->photos[i];
    qsort(files, v->file_count, sizeof *files, files_by_hash);
    qsort(photos, v->count, sizeof *photos, photos_by_hash);
    size_t file = 0;
    uint32_t photo = 0;
    while (file < v->file_count && photo < v->count) {
        int order = strcmp(files[file]->sha256, photos[photo]->sha256);
        if (!order) {
            files[file]->as = photos[photo];
            photos[photo]->is_there = true;
        }
        file += order <= 0;
        photo += order >= 0;
    }
    return true;
}

/* A file's name as those of the report are read. */
static const char *name_of(verification *v, const found *file) {
    const char *name = file->photo.name;
    return fleck_text_printable(&v->run->scratch, name, strlen(name));
}

/* Whether a file without a statement was skipped by the run of the report: then it is skipped
 * again, and takes part in the choice among the photos of a large folder as it did then. */
static bool was_skipped(verification *v, const char *name) {
    uint32_t list = fleck_json_find(&v->json, 0, "skipped");
    bool is_same = false;
    if (!is_kind(v, list, FLECK_JSON_ARRAY)) return false;
    for (uint32_t at = 0; !is_same && fleck_json_next(&v->json, list, &at);) {
        uint32_t file = fleck_json_find(&v->json, at, "file");
        char *stated_name = is_kind(v, file, FLECK_JSON_STRING)
                                ? fleck_json_copy(&v->run->scratch, &v->json, file)
                                : NULL;
        is_same = stated_name && !strcmp(stated_name, name);
    }
    return is_same;
}

/* Whether a file of this name is there, with other bytes. */
static bool is_changed(verification *v, const stated *photo) {
    for (size_t i = 0; i < v->file_count; i++) {
        const char *name = v->files[i].as ? NULL : name_of(v, &v->files[i]);
        if (name && !strcmp(name, photo->name)) return true;
    }
    return false;
}

/* Looks for the report's photos in the folder. */
static int find_photos(verification *v) {
    cli_run *run = v->run;
    cli_photos listed = {0};
    fleck_message err;
    int result = cli_run_list(run, run->args->dir, &listed);
    if (result != CLI_DONE) return result;
    v->file_count = listed.count;
    v->files = FLECK_NEW_ZERO(&run->arena, found, listed.count);
    if (!v->files) return cli_run_no_memory(run);
    cli_progress_begin(&run->progress, listed.count);
    for (size_t i = 0; i < listed.count; i++) {
        v->files[i].photo = listed.items[i];
        /* one that cannot be read has no hash, and is missed where the report has it */
        cli_run_hash(run, listed.items[i].path, v->files[i].sha256, &err);
        if (cli_interrupted()) return stopped(v);
        cli_progress_tell(&run->progress, "comparing", i + 1);
    }
    fleck_arena_mark mark = fleck_arena_here(&run->scratch);
    if (!match(v)) return cli_run_no_memory(run);
    size_t others = 0;
    for (uint32_t i = 0; i < v->count; i++)
        if (!v->photos[i].is_there)
            differs(v, "%s: %s", v->photos[i].name,
                    is_changed(v, &v->photos[i]) ? "is another file" : "is missing");
    for (size_t i = 0; i < v->file_count; i++) {
        if (v->files[i].as) continue;
        const char *name = name_of(v, &v->files[i]);
        v->files[i].was_skipped = name && was_skipped(v, name);
        others += !v->files[i].was_skipped;
    }
    fleck_arena_reset(&run->scratch, mark);
    if (others)
        cli_say(&run->progress, "%zu photo%s of %s %s not in the report: left out", others,
                others == 1 ? "" : "s", run->args->dir, others == 1 ? "is" : "are");
    return CLI_DONE;
}

/* ---- the run again ---- */

/* The next of the files that this photo is one of: photos come in their order. */
static found *file_of(verification *v, const cli_photo *photo, size_t *cursor) {
    while (v->files[*cursor].photo.path != photo->path) ++*cursor;
    return &v->files[(*cursor)++];
}

/* Compares what is found of a photo with what is stated. heat: of it, where verdicts need it. */
static int compare(verification *v, const found *file, float score, const float *heat) {
    cli_run *run = v->run;
    stated *as = file->as;
    fleck_verdict verdict = fleck_judge(run->det, score);
    char text[32];
    double rounded;
    if (!as) {
        differs(v, "%s: was not read when the report was made", file->photo.name);
        return CLI_DONE;
    }
    if (heat) {
        uint32_t width, height;
        fleck_regions regions;
        cli_run_photo_size(run, &file->photo, &width, &height);
        fleck_status status =
            fleck_find_regions(run->det, heat, width ? width : 1, height ? height : 1, &regions);
        if (status != FLECK_OK) return cli_run_refused(run, status, file->photo.name);
        verdict = fleck_judge_regions(run->det, score, regions.count);
    }
    as->is_compared = true;
    snprintf(text, sizeof text, "%.6f", (double)score); /* as reports have it */
    if (!fleck_read_decimal(text, &rounded) || rounded < as->score || rounded > as->score)
        differs(v, "%s: has the score %s, and the report says %.6f", as->name, text, as->score);
    else if (verdict != (fleck_verdict)as->verdict)
        differs(v, "%s: has the verdict %s, and the report says %s", as->name,
                fleck_verdict_name(verdict), fleck_verdict_name((fleck_verdict)as->verdict));
    return CLI_DONE;
}

/* Photos that were not learnt from. */
static int compare_others(verification *v, const cli_photos *photos, float *heat) {
    cli_run *run = v->run;
    size_t cursor = 0;
    for (size_t i = 0; i < photos->count; i++) {
        float score;
        found *file = file_of(v, &photos->items[i], &cursor);
        if (cli_interrupted()) return stopped(v);
        if (!cli_run_score(run, &photos->items[i], heat, &score)) continue;
        int result = compare(v, file, score, heat);
        if (result != CLI_DONE) return result;
    }
    return CLI_DONE;
}

static int compare_scores(verification *v, const cli_photos *learnt, const cli_photos *fresh) {
    cli_run *run = v->run;
    float *heat = fleck_smallest_area(run->det) > 0 ? run->heat : NULL;
    size_t cursor = 0;
    int result = CLI_DONE;
    for (size_t i = 0; result == CLI_DONE && i < learnt->count; i++) {
        float score;
        if (cli_interrupted()) return stopped(v);
        fleck_status status = fleck_score_added(run->det, (uint32_t)i, heat, &score);
        if (status != FLECK_OK) return cli_run_refused(run, status, learnt->items[i].name);
        result = compare(v, file_of(v, &learnt->items[i], &cursor), score, heat);
    }
    if (result == CLI_DONE) result = compare_others(v, &run->rest, heat);
    if (result == CLI_DONE) result = compare_others(v, fresh, heat);
    for (uint32_t i = 0; result == CLI_DONE && i < v->count; i++)
        if (!v->photos[i].is_compared) differs(v, "%s: has no score now", v->photos[i].name);
    return result;
}

/* Makes the marks of photos that the report states: of those learnt from by their indices. A model
 * that was loaded has marks of its own, some of which may have been taken back. */
static int make_marks(verification *v, const cli_photos *photos, bool is_learnt) {
    cli_run *run = v->run;
    size_t cursor = 0;
    for (size_t i = 0; i < photos->count; i++) {
        const stated *as = file_of(v, &photos->items[i], &cursor)->as;
        bool clears = v->is_scored && fleck_mark_count(run->det);
        if (cli_interrupted()) return stopped(v);
        if (!as || !(as->mark_count || clears)) continue;
        if (!is_learnt && !cli_run_extract(run, &photos->items[i])) continue; /* it is told */
        for (uint32_t k = 0; k < as->mark_count + clears; k++) {
            stated_mark none = {.mark = FLECK_MARK_NONE};
            const stated_mark *m = clears && !k ? &none : &as->marks[k - clears];
            const fleck_point *spot = m->is_spot ? &m->spot : NULL;
            fleck_status status =
                is_learnt ? fleck_mark_added(run->det, (uint32_t)i, spot, m->mark)
                          : fleck_mark_photo(run->det, run->patch, run->cls, spot, m->mark);
            if (status != FLECK_OK)
                differs(v, "%s: a mark of it cannot be made: %s", as->name, fleck_error(run->det));
        }
    }
    return CLI_DONE;
}

static int compare_review(verification *v) {
    fleck_review is, said = v->review;
    if (!v->has_review) return CLI_DONE;
    fleck_status status = fleck_review_marks(v->run->det, &is);
    if (status != FLECK_OK) return cli_run_refused(v->run, status, "");
    if (is.good != said.good || is.good_called != said.good_called || is.defects != said.defects ||
        is.defects_called != said.defects_called)
        differs(
            v,
            "the marks: by the others alone %u of %u defects would be called, and %u of %u good "
            "ones; the report says otherwise",
            is.defects_called, is.defects, is.good_called, is.good);
    return CLI_DONE;
}

static int compare_model(verification *v) {
    cli_run *run = v->run;
    char digits[CLI_SHA256_DIGITS + 1];
    uint8_t *bytes;
    size_t size;
    if (!v->model_sha256) return CLI_DONE;
    int result = cli_run_model(run, "the model", &bytes, &size);
    if (result == CLI_DONE && !cli_sha256(bytes, size, digits)) result = cli_run_no_memory(run);
    if (result == CLI_DONE && strcmp(digits, v->model_sha256) != 0)
        differs(v, "the model: has the SHA-256 %s, and the report says %s", digits,
                v->model_sha256);
    return result;
}

/* Whether what the report states beside the model's file is the model's. */
static void compare_settings(verification *v) {
    const cli_run *run = v->run;
    const fleck_options *is = &run->options, *said = &v->args.options;
    uint8_t map[MAP];
    bool has_area = fleck_area(run->det, map);
    if (is->method != said->method || is->preset != said->preset ||
        is->precision != said->precision || is->seed != said->seed ||
        run->shape.input != said->input || run->shape.tile_columns != v->args.tiles.columns ||
        run->shape.tile_rows != v->args.tiles.rows || is->block_count != said->block_count ||
        memcmp(is->blocks, said->blocks, is->block_count * sizeof *is->blocks) != 0 ||
        has_area != (v->args.area_map != NULL) || (has_area && memcmp(map, v->map, MAP) != 0))
        differs(v, "the settings: are not those of the model");
}

/* Loads the model that --model names, and only the one that the report states. */
static int load_stated_model(verification *v) {
    cli_run *run = v->run;
    if (!v->model_sha256) {
        refuse(v, "does not state the SHA-256 of its model");
        return CLI_FAILED;
    }
    int result = cli_run_load_model(run);
    if (result == CLI_DONE && strcmp(run->model_sha256, v->model_sha256) != 0) {
        refuse(v, "its photos were judged by another model than %.80s: by one with the SHA-256 %s",
               run->args->model, v->model_sha256);
        return CLI_FAILED;
    }
    return result;
}

/* Judges photos by the model loaded. */
static int score_again(verification *v, const cli_photos *learnt, const cli_photos *fresh) {
    int result = fleck_sample_bits(v->run->det) ? CLI_DONE : cli_samples_measure(v->run, fresh);
    if (result == CLI_DONE) result = make_marks(v, fresh, false);
    if (result == CLI_DONE) result = compare_review(v);
    return result == CLI_DONE ? compare_scores(v, learnt, fresh) : result;
}

/* The photo whose part the area follows, by its file. */
static bool find_followed(verification *v) {
    for (size_t i = 0; v->follows_sha256 && i < v->file_count; i++)
        if (!strncmp(v->files[i].sha256, v->follows_sha256, CLI_SHA256_DIGITS))
            v->args.area_follows = v->files[i].photo.name;
    return !v->follows_sha256 || v->args.area_follows ||
           refuse(v, "its area follows the part on a photo that is none of its own");
}

static int run_again(verification *v) {
    cli_run *run = v->run;
    cli_photos learnt = {0}, fresh = {0};
    for (size_t i = 0; i < v->file_count; i++) {
        const found *file = &v->files[i];
        if (!file->as && !file->was_skipped) continue;
        bool is_fresh = v->is_scored || (file->as && file->as->role == FRESH);
        if (!cli_photos_add(&run->arena, is_fresh ? &fresh : &learnt, file->photo))
            return cli_run_no_memory(run);
    }
    int result = v->is_scored ? CLI_DONE : cli_run_load(run, &run->args->options);
    if (result != CLI_DONE) return result;
    if (v->backbone_sha256 && strcmp(v->backbone_sha256, run->backbone_sha256) != 0) {
        differs(v, "the backbone: has the SHA-256 %s, and the report says %s", run->backbone_sha256,
                v->backbone_sha256);
        return CLI_DONE;
    }
    if (v->is_scored) compare_settings(v);
    if (v->is_scored) return score_again(v, &learnt, &fresh);
    if (!find_followed(v)) return CLI_FAILED;
    result = cli_run_train(run, &learnt);
    if (result == CLI_DONE) result = make_marks(v, &learnt, true);
    if (result == CLI_DONE) result = make_marks(v, &run->rest, false);
    if (result == CLI_DONE) result = make_marks(v, &fresh, false);
    if (result == CLI_DONE) result = compare_model(v);
    if (result == CLI_DONE) result = compare_review(v);
    return result == CLI_DONE ? compare_scores(v, &learnt, &fresh) : result;
}

int cli_verify(cli_run *run) {
    const cli_args *given = run->args;
    verification v = {.run = run, .args = *given};
    if (!read_report(&v)) return CLI_FAILED;
    run->args = &v.args;
    int result = v.is_scored ? load_stated_model(&v) : CLI_DONE;
    if (result == CLI_DONE) result = find_photos(&v);
    bool is_whole = !v.differences;
    if (result == CLI_DONE && is_whole) result = run_again(&v);
    run->args = given;
    cli_progress_clear(&run->progress);
    if (v.differences > TOLD) printf("and %zu more\n", v.differences - TOLD);
    if (result != CLI_DONE) /* the report stated what cannot be: no fault of the command line */
        return result == CLI_USAGE ? CLI_FAILED : result;
    if (!given->quiet && !is_whole)
        cli_note(&run->progress,
                 "%zu of %u photos are not as in the report: no score was computed, "
                 "since each follows from all of them",
                 v.differences, v.count);
    else if (!given->quiet && v.differences)
        cli_note(&run->progress, "%u photos are there, and not all is the same", v.count);
    else if (!given->quiet)
        cli_note(&run->progress, "%u photos are there, and model, scores and verdicts are the same",
                 v.count);
    return v.differences ? CLI_FOUND : CLI_DONE;
}
