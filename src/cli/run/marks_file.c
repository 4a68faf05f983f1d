#include "marks_file.h"

#include "csv_table.h"
#include "file_kind.h"
#include "region_evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 256 << 20, TOLD = 3 };

/* A line of the table. */
typedef struct {
    const cli_photo *photo;
    uint32_t index; /* of a photo that was learnt from */
    bool is_learnt, is_spot;
    float x, y; /* pixels */
    fleck_mark mark;
} row;

typedef struct {
    cli_run *run;
    const cli_photos *learnt, *others;
    const char *path;
    cli_table table;
    size_t file, mark, x, y; /* columns; SIZE_MAX: there is none */
    size_t lost;
} reader;

static size_t column_of(const cli_table *t, const char *name) {
    for (size_t c = 0; t->rows && c < t->columns; c++)
        if (!strcmp(t->cells[c], name)) return c;
    return SIZE_MAX;
}

static void lose(reader *r, size_t line, const char *name, const char *why) {
    if (r->lost++ < TOLD)
        cli_say(&r->run->progress, "%s, row %zu: %s: %s: this mark does not count", r->path, line,
                name, why);
}

static const char *cell(const reader *r, size_t line, size_t column) {
    return column == SIZE_MAX ? "" : r->table.cells[line * r->table.columns + column];
}

static bool find(const cli_photos *photos, const char *name, uint32_t *index) {
    for (*index = 0; *index < photos->count; ++*index)
        if (!strcmp(photos->items[*index].name, name)) return true;
    return false;
}

static bool number_of(const char *text, float *out) {
    char *end;
    double value = strtod(text, &end);
    *out = (float)value;
    return end != text && !*end && isfinite(value);
}

/* Why the line cannot be understood, or NULL. */
static const char *understand(const reader *r, size_t line, row *out) {
    static const char *const names[] = {FLECK_MARK_NAMES};
    const char *name = cell(r, line, r->file), *mark = cell(r, line, r->mark);
    const char *x = cell(r, line, r->x), *y = cell(r, line, r->y);
    *out = (row){.mark = FLECK_MARK_NONE};
    out->is_learnt = find(r->learnt, name, &out->index);
    if (out->is_learnt)
        out->photo = &r->learnt->items[out->index];
    else if (find(r->others, name, &out->index))
        out->photo = &r->others->items[out->index];
    else
        return "no such photo is in the folder";
    for (int i = FLECK_MARK_GOOD; i <= FLECK_MARK_DEFECT; i++)
        if (!strcmp(mark, names[i])) out->mark = (fleck_mark)i;
    if (out->mark == FLECK_MARK_NONE) return "its mark is neither good nor defect";
    out->is_spot = *x || *y;
    if (out->is_spot && (!number_of(x, &out->x) || !number_of(y, &out->y)))
        return "x and y of its spot are not two numbers";
    return NULL;
}

static void mark_row(reader *r, size_t line) {
    cli_run *run = r->run;
    row m;
    fleck_point spot = {0, 0};
    const char *why = understand(r, line, &m), *name = cell(r, line, r->file);
    if (why) {
        lose(r, line + 1, name, why);
        return;
    }
    if (m.is_spot) {
        uint32_t width, height;
        cli_run_photo_size(run, m.photo, &width, &height);
        if (!width) {
            lose(r, line + 1, name, "its size cannot be told, nor where its spot is");
            return;
        }
        spot = (fleck_point){m.x / (float)width, m.y / (float)height};
    }
    const fleck_point *at = m.is_spot ? &spot : NULL;
    if (!m.is_learnt && !cli_run_extract(run, m.photo)) return; /* it is told */
    fleck_status status = m.is_learnt
                              ? fleck_mark_added(run->det, m.index, at, m.mark)
                              : fleck_mark_photo(run->det, run->patch, run->cls, at, m.mark);
    if (status != FLECK_OK) lose(r, line + 1, name, fleck_error(run->det));
}

static int mark_table(reader *r, const uint8_t *bytes, size_t size) {
    cli_run *run = r->run;
    if (!cli_table_parse(&run->scratch, bytes, size, &r->table)) return cli_run_no_memory(run);
    r->file = column_of(&r->table, "file");
    r->mark = column_of(&r->table, "mark");
    r->x = column_of(&r->table, "x");
    r->y = column_of(&r->table, "y");
    if (r->file == SIZE_MAX || r->mark == SIZE_MAX) {
        cli_say(&run->progress,
                "%s: marks are the model of another folder, or a table with the columns file and "
                "mark (good, defect) and, of spots, x and y in pixels",
                r->path);
        return CLI_FAILED;
    }
    for (size_t line = 1; line < r->table.rows && !cli_interrupted(); line++) mark_row(r, line);
    if (r->lost > TOLD)
        cli_say(&run->progress, "%s: %zu marks more do not count", r->path, r->lost - TOLD);
    return CLI_DONE;
}

int cli_marks_set(cli_run *run, const cli_photos *learnt, const cli_photos *others) {
    reader r = {.run = run, .learnt = learnt, .others = others, .path = run->args->marks};
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    if (!r.path) return CLI_DONE;
    fleck_arena arena = {0}; /* scoring photos empties scratch memory */
    if (!cli_read(&arena, r.path, BYTES_MAX, &bytes, &size, &err)) {
        cli_say(&run->progress, "%s: %s", r.path, err.text);
        fleck_arena_free(&arena);
        return CLI_FAILED;
    }
    int result = CLI_DONE;
    if (cli_kind_of(r.path, NULL) == CLI_KIND_MODEL) {
        fleck_status status = fleck_add_marks(run->det, bytes, size);
        if (status != FLECK_OK) result = cli_run_refused(run, status, r.path);
    } else {
        result = mark_table(&r, bytes, size);
    }
    fleck_arena_free(&arena);
    return result;
}

int cli_marks_list(cli_run *run) {
    uint32_t count = fleck_mark_count(run->det);
    if (!count) return CLI_DONE;
    run->marks = FLECK_NEW(&run->arena, fleck_made_mark, count);
    run->mark_is_here = FLECK_NEW_ZERO(&run->arena, bool, count);
    if (!run->marks || !run->mark_is_here) return cli_run_no_memory(run);
    fleck_status status = fleck_list_marks(run->det, run->marks);
    if (status != FLECK_OK) return cli_run_refused(run, status, "");
    run->mark_count = count;
    return CLI_DONE;
}

int cli_marks_find(cli_run *run, uint32_t index, cli_finding *found) {
    uint32_t hash[2], first = 0, end;
    if (!run->mark_count) return CLI_DONE;
    fleck_status status = index == CLI_NOT_LEARNT ? fleck_known_by(run->det, run->patch, hash)
                                                  : fleck_known_by_added(run->det, index, hash);
    if (status != FLECK_OK) return cli_run_refused(run, status, found->name);
    /* those of a photo stand together */
    while (first < run->mark_count && memcmp(run->marks[first].hash, hash, sizeof hash)) first++;
    for (end = first; end < run->mark_count && !memcmp(run->marks[end].hash, hash, sizeof hash);
         end++)
        run->mark_is_here[end] = true;
    found->marks = run->marks + first;
    found->mark_count = end - first;
    return CLI_DONE;
}

const char *cli_marks_word(const cli_finding *found) {
    if (!found->mark_count) return NULL;
    return found->marks->is_spot ? "spots" : fleck_mark_name(found->marks->mark);
}

void cli_marks_tell(cli_run *run, const cli_photos *learnt) {
    fleck_review v;
    uint32_t photo[TOLD], count = TOLD;
    if (run->args->quiet || !fleck_mark_count(run->det)) return;
    if (fleck_review_marks(run->det, &v) != FLECK_OK) return;
    cli_note(&run->progress,
             "%u mark%s: by the others alone %u of %u defects would be called, and %u of %u good "
             "ones",
             v.good + v.defects, v.good + v.defects == 1 ? "" : "s", v.defects_called, v.defects,
             v.good_called, v.good);
    cli_note(&run->progress,
             "precision %.2f (%.2f to %.2f), recall %.2f (%.2f to %.2f) of these; "
             "they propose a threshold of %.2f",
             (double)v.precision, (double)v.precision_least, (double)v.precision_most,
             (double)v.recall, (double)v.recall_least, (double)v.recall_most, (double)v.threshold);
    if (fleck_propose_marks(run->det, photo, &count) != FLECK_OK || !count) return;
    cli_note(&run->progress, "worth a mark next: %s%s%s%s%s", learnt->items[photo[0]].name,
             count > 1 ? ", " : "", count > 1 ? learnt->items[photo[1]].name : "",
             count > 2 ? ", " : "", count > 2 ? learnt->items[photo[2]].name : "");
}
