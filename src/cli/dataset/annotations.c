#include "annotations.h"

#include "files.h"
#include "csv_table.h"
#include "text.h"
#include "words.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TABLE_MAX = 64 << 20 };

/* A photo's name, to be found from its end: "candle/Data/Images/Normal/0000.JPG". */
typedef struct {
    const char *base, *name; /* name begins with that of the data set's folder */
    size_t index;
} known_name;

typedef struct {
    fleck_arena *arena;
    known_name *names; /* [count] by base */
    size_t count;
    bool want_labels, want_splits;
    cli_annotations *out;
    fleck_message *err;
} search;

/* ---- which photos it names ---- */

static int by_base(const void *a, const void *b) {
    const known_name *x = a, *y = b;
    int order = strcmp(x->base, y->base);
    return order ? order : strcmp(x->name, y->name);
}

/* Whether one path ends with the other, at a slash. */
static bool ends_with(const char *path, const char *end) {
    size_t length = strlen(path), n = strlen(end);
    return fleck_ends_with(path, length, end) && (length == n || path[length - n - 1] == '/');
}

/* The photo that a cell names; s->count: none, or more than one. */
static size_t photo_of(const search *s, const char *cell) {
    while (!strncmp(cell, "./", 2)) cell += 2;
    const char *base = cli_last_part(cell);
    size_t low = 0, high = s->count, found = s->count, n = 0;
    if (!*base) return s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(s->names[middle].base, base) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->count && !strcmp(s->names[low].base, base); low++) {
        const known_name *k = &s->names[low];
        if (!ends_with(k->name, cell) && !ends_with(cell, k->name)) continue;
        found = k->index;
        n++;
    }
    return n == 1 ? found : s->count;
}

/* The column that names most photos; *named: how many. */
static size_t name_column(const search *s, const cli_table *t, size_t *named) {
    size_t best = 0;
    *named = 0;
    for (size_t c = 0; c < t->columns; c++) {
        size_t n = 0;
        for (size_t r = 0; r < t->rows; r++)
            n += photo_of(s, t->cells[r * t->columns + c]) < s->count;
        if (n > *named) {
            *named = n;
            best = c;
        }
    }
    return best;
}

/* ---- what it says of them ---- */

static bool is_number(const char *text, double *out) {
    const char *end = fleck_read_decimal(text, out);
    return end && !*end;
}

static bool has_word(const char *header, const char *const *words) {
    for (; *words; words++)
        for (const char *at = header; *at; at++)
            if (!strncasecmp(at, *words, strlen(*words))) return true;
    return false;
}

static const char *const label_words[] = {"label",  "class",  "target", "defect", "anomal",
                                          "status", "result", "fault",  "good",   NULL};
static const char *const bad_words[] = {"defect", "anomal", "fault", "bad", NULL};
static const char *const split_words[] = {"split", "subset", "phase", NULL};

static size_t column_of(const cli_table *t, size_t except, const char *const *words) {
    for (size_t c = 0; c < t->columns; c++)
        if (c != except && has_word(t->cells[c], words)) return c;
    return t->columns;
}

/* ELPV's list of cells: file, probability of a defect, kind of the cell. */
static bool is_elpv(const cli_table *t) {
    double p;
    if (t->columns != 3 || !t->rows) return false;
    for (size_t r = 0; r < t->rows; r++) {
        char **row = t->cells + r * 3;
        if (!is_number(row[1], &p) || p < 0 || p > 1) return false;
        if (strcmp(row[2], "mono") != 0 && strcmp(row[2], "poly") != 0) return false;
    }
    return true;
}

/* Labels as words, or as numbers from 0, good, to 1. */
static bool take_labels(search *s, const cli_table *t, const char *file, size_t name, size_t column,
                        bool defects, const char *header) {
    size_t numbers = 0, goods = 0;
    double value;
    for (size_t r = 0; r < t->rows; r++) {
        const char *cell = t->cells[r * t->columns + column];
        if (photo_of(s, t->cells[r * t->columns + name]) == s->count) continue;
        numbers += is_number(cell, &value);
        goods += (cli_words_of(cell) & CLI_WORD_GOOD) != 0;
    }
    if (!goods && !numbers) return true; /* no labels of any kind that is known */
    if (numbers && !defects) {
        fleck_fail(s->err, FLECK_ERR_FORMAT,
                   "%.120s: numbers under \"%.40s\": which are defective? Call them good and "
                   "defective",
                   file, header);
        return false;
    }
    for (size_t r = 0; r < t->rows; r++) {
        const char *cell = t->cells[r * t->columns + column];
        size_t photo = photo_of(s, t->cells[r * t->columns + name]);
        if (photo == s->count) continue;
        cli_annotation *a = &s->out->photos[photo];
        unsigned words = cli_words_of(cell), label = CLI_WORD_BAD;
        if (is_number(cell, &value))
            label = value <= 0 ? CLI_WORD_GOOD : value >= 1 ? CLI_WORD_BAD : CLI_WORD_UNSURE;
        else if (words & CLI_WORD_GOOD)
            label = CLI_WORD_GOOD;
        else if (!*cell || words & (CLI_WORD_EITHER | CLI_WORD_UNSURE))
            label = CLI_WORD_UNSURE;
        if (a->label && a->label != label) {
            fleck_fail(s->err, FLECK_ERR_FORMAT, "%.120s: two labels for %.80s", file,
                       t->cells[r * t->columns + name]);
            return false;
        }
        a->label = label;
        a->class = cell;
    }
    s->out->labels = file;
    return true;
}

static void take_splits(search *s, const cli_table *t, const char *file, size_t name,
                        size_t column) {
    for (size_t r = 0; r < t->rows; r++) {
        size_t photo = photo_of(s, t->cells[r * t->columns + name]);
        unsigned split = cli_words_of(t->cells[r * t->columns + column]) & CLI_WORD_SPLIT;
        if (photo == s->count || !split) continue;
        s->out->photos[photo].split = split & (0u - split);
        s->out->splits = file;
    }
}

static bool use_table(search *s, const char *dir, const char *file) {
    cli_table t;
    uint8_t *bytes;
    size_t size, named;
    fleck_message why;
    char *path = cli_join(s->arena, dir, file, "");
    if (!path || !cli_read(s->arena, path, TABLE_MAX, &bytes, &size, &why)) {
        fleck_fail(s->err, FLECK_ERR_FORMAT, "%.120s: %.100s", file, path ? why.text : "no memory");
        return false;
    }
    if (!cli_table_parse(s->arena, bytes, size, &t)) {
        fleck_fail(s->err, FLECK_ERR_MEMORY, "%.120s: does not fit into memory", file);
        return false;
    }
    size_t name = name_column(s, &t, &named);
    if (!named) return true;
    if (is_elpv(&t))
        return !s->want_labels || s->out->labels || take_labels(s, &t, file, name, 1, true, "");
    size_t split = column_of(&t, name, split_words), label = column_of(&t, name, label_words);
    if (s->want_splits && split < t.columns && !s->out->splits)
        take_splits(s, &t, file, name, split);
    if (!s->want_labels || label == t.columns || s->out->labels) return true;
    const char *header = t.cells[label];
    return take_labels(s, &t, file, name, label, has_word(header, bad_words), header);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All tables of a folder, in order; within is how it is called from dir. */
static bool use_folder(search *s, const char *dir, const char *within) {
    enum { TABLES_MAX = 64 };
    char *files[TABLES_MAX], *folder = cli_join(s->arena, dir, within, "");
    size_t count = 0;
    DIR *stream = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; stream && count < TABLES_MAX && (entry = readdir(stream));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || dot == entry->d_name) continue;
        if (strcasecmp(dot, ".csv") != 0 && strcasecmp(dot, ".tsv") != 0) continue;
        files[count] = *within ? cli_join(s->arena, within, entry->d_name, "")
                               : cli_join(s->arena, ".", entry->d_name, "");
        if (files[count]) count++;
    }
    if (stream) closedir(stream);
    if (count) qsort(files, count, sizeof *files, by_name);
    for (size_t i = 0; i < count; i++)
        if (!use_table(s, dir, *within ? files[i] : files[i] + 2)) return false;
    return true;
}

bool cli_annotations_find(fleck_arena *arena, const char *dir, const char *const *names,
                          size_t count, bool want_labels, bool want_splits, cli_annotations *out,
                          fleck_message *err) {
    *out = (cli_annotations){.photos = FLECK_NEW_ZERO(arena, cli_annotation, count)};
    search s = {.arena = arena,
                .count = count,
                .want_labels = want_labels,
                .want_splits = want_splits,
                .out = out,
                .err = err};
    char whole[PATH_MAX]; /* "." has a name as well */
    const char *own = realpath(dir, whole) ? cli_last_part(whole) : "";
    s.names = FLECK_NEW(arena, known_name, count);
    bool ok = out->photos && s.names;
    for (size_t i = 0; ok && i < count; i++) {
        const char *name = cli_join(arena, own, names[i], "");
        ok = name != NULL;
        if (ok) s.names[i] = (known_name){cli_last_part(name), name, i};
    }
    if (!ok) {
        fleck_fail(err, FLECK_ERR_MEMORY, "out of memory");
        return false;
    }
    if (count) qsort(s.names, count, sizeof *s.names, by_base);
    return use_folder(&s, dir, "") && use_folder(&s, dir, "split_csv") &&
           use_folder(&s, dir, "../split_csv");
}
