#include "tree.h"

#include "files.h"
#include "text.h"

#include <string.h>
#include <strings.h>

typedef struct {
    fleck_arena *arena;
    cli_tree *tree;
    bool out_of_memory;
} reading;

/* ---- folders ---- */

static char *copy(reading *r, const char *text, size_t length, bool small) {
    char *out = fleck_text_copy(r->arena, text, length);
    if (!out) r->out_of_memory = true;
    for (char *c = out; small && c && *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c += 'a' - 'A';
    return out;
}

/* "a/b", or "b" below the root. */
static char *below(reading *r, const char *folder, const char *name) {
    char *out = *folder ? cli_join(r->arena, folder, name, "") : copy(r, name, strlen(name), false);
    if (!out) r->out_of_memory = true;
    return out;
}

/* The folders in name that no name before it has: in byte order, all that begins with a folder's
 * path stands together. */
static uint32_t find_folder(reading *r, uint32_t at, const char *name) {
    cli_tree *t = r->tree;
    for (;;) {
        size_t length = strlen(t->folders[at].path);
        if (!at || (!strncmp(name, t->folders[at].path, length) && name[length] == '/')) break;
        at = t->folders[at].parent;
    }
    size_t from = at ? strlen(t->folders[at].path) + 1 : 0;
    for (const char *slash; (slash = strchr(name + from, '/'));
         at = (uint32_t)t->folder_count - 1) {
        char *path = copy(r, name, (size_t)(slash - name), false);
        if (!path) return 0;
        t->folders[t->folder_count++] =
            (cli_folder){.name = path + from, .path = path, .parent = at};
        from = (size_t)(slash - name) + 1;
    }
    return at;
}

static bool read_names(reading *r, const cli_photos *pictures) {
    cli_tree *t = r->tree;
    size_t folders = 1;
    for (size_t i = 0; i < pictures->count; i++)
        for (const char *c = pictures->items[i].name; *c; c++) folders += *c == '/';
    t->folders = FLECK_NEW_ZERO(r->arena, cli_folder, folders);
    t->pictures = FLECK_NEW(r->arena, cli_picture, pictures->count);
    if (!t->folders || !t->pictures) return false;
    t->folder_count = 1;
    t->folders[0] = (cli_folder){.name = "", .path = "", .key = "", .loose = ""};
    uint32_t at = 0;
    for (size_t i = 0; i < pictures->count && !r->out_of_memory; i++) {
        const cli_photo *p = &pictures->items[i];
        at = find_folder(r, at, p->name);
        const char *base = cli_last_part(p->name), *dot = strrchr(base, '.');
        if (!dot || dot == base) dot = base + strlen(base);
        t->pictures[t->picture_count++] =
            (cli_picture){.path = p->path,
                          .name = p->name,
                          .stem = copy(r, base, (size_t)(dot - base), true),
                          .ending = copy(r, dot, strlen(dot), true),
                          .folder = at};
    }
    return !r->out_of_memory;
}

/* ---- names ---- */

/* The length of what two names share at their beginnings, up to a mark between words. */
static size_t shared_before(const char *a, const char *b) {
    size_t n = 0, last = 0;
    for (; a[n] && a[n] == b[n]; n++)
        if (strchr("_-. ", a[n])) last = n + 1;
    return last;
}

static size_t shared_after(const char *a, const char *b) {
    size_t la = strlen(a), lb = strlen(b), n = 0, last = 0;
    for (; n < la && n < lb && a[la - 1 - n] == b[lb - 1 - n]; n++)
        if (strchr("_-. ", a[la - 1 - n])) last = n + 1;
    return last;
}

static const char *plain_name(const cli_folder *f) { return f->rest ? f->rest : f->name; }

/* Names of folders that stand beside each other explain each other: MT_Free beside
 * MT_Crack, ok_front beside def_front, non_cracked beside cracked, crack_mask beside crack,
 * test_crack beside train_good. children [count] are their indices. */
static void explain_siblings(reading *r, const uint32_t *children, size_t count) {
    cli_folder *folders = r->tree->folders;
    char rest[CLI_WORD_MAX];
    unsigned seen = 0, splits = 0;
    for (size_t i = 0; i < count; i++) {
        cli_folder *f = &folders[children[i]];
        seen |= f->words;
        for (int at = -1; at <= 1; at += 2)
            splits |= cli_words_part(f->name, at, rest) & CLI_WORD_SPLIT;
    }
    bool has_splits = (splits & CLI_WORD_TRAIN) && (splits & CLI_WORD_TEST);
    for (size_t i = 0; i < count; i++) {
        cli_folder *f = &folders[children[i]];
        for (int at = -1; at <= 1 && has_splits && !f->words; at += 2) {
            unsigned part = cli_words_part(f->name, at, rest) & CLI_WORD_SPLIT;
            if (!part) continue;
            f->words = part | cli_words_of(rest);
            f->rest = copy(r, rest, strlen(rest), true);
        }
    }
    for (size_t i = 0; i < count; i++) {
        cli_folder *f = &folders[children[i]];
        for (int at = -1; at <= 1 && !(f->words & ~(unsigned)CLI_WORD_SPLIT); at += 2) {
            bool is_mask = false;
            if (!(cli_words_part(plain_name(f), at, rest) & CLI_WORD_MASKS)) continue;
            for (size_t k = 0; k < count; k++)
                is_mask = is_mask || !strcasecmp(plain_name(&folders[children[k]]), rest);
            if (!is_mask) continue;
            f->words |= CLI_WORD_MASKS;
            f->rest = copy(r, rest, strlen(rest), true);
        }
        seen |= f->words;
    }
    if (seen & CLI_WORD_GOOD) return;
    size_t before = SIZE_MAX, after = SIZE_MAX, named = 0;
    const char *first = NULL;
    for (size_t i = 0; i < count; i++) {
        const cli_folder *f = &folders[children[i]];
        if (f->words & ~(unsigned)CLI_WORD_LABEL) continue;
        if (first) {
            size_t b = shared_before(first, f->name), a = shared_after(first, f->name);
            before = b < before ? b : before;
            after = a < after ? a : after;
        } else {
            first = f->name;
        }
        named++;
    }
    if (named < 2) return;
    for (size_t i = 0; i < count; i++) {
        cli_folder *f = &folders[children[i]];
        size_t length = strlen(f->name);
        if (f->words) continue;
        for (size_t k = 0; k < count; k++)
            if (cli_words_negates(f->name, folders[children[k]].name)) f->words = CLI_WORD_GOOD;
        if (f->words || before + after >= length || length >= CLI_WORD_MAX) continue;
        memcpy(rest, f->name + before, length - before - after);
        rest[length - before - after] = '\0';
        f->words = cli_words_of(rest) & CLI_WORD_LABEL;
    }
}

/* Beyond so many, folders are photos' or products', and say nothing of each other. */
enum { SIBLINGS_MAX = 256 };

static bool explain_names(reading *r) {
    cli_tree *t = r->tree;
    size_t n = t->folder_count;
    uint32_t *children = FLECK_NEW(r->arena, uint32_t, n); /* by parent */
    uint32_t *begin = FLECK_NEW_ZERO(r->arena, uint32_t, n + 2);
    if (!children || !begin) return false;
    for (size_t i = 1; i < n; i++) begin[t->folders[i].parent + 2]++;
    for (size_t i = 2; i < n + 2; i++) begin[i] += begin[i - 1];
    for (size_t i = 1; i < n; i++) {
        children[begin[t->folders[i].parent + 1]++] = (uint32_t)i;
        t->folders[i].words = cli_words_of(t->folders[i].name);
    }
    for (size_t p = 0; p < n; p++) {
        const uint32_t *own = children + begin[p];
        size_t count = begin[p + 1] - begin[p];
        if (count > 1 && count <= SIBLINGS_MAX) explain_siblings(r, own, count);
        for (size_t i = 0; i < count; i++) {
            const cli_folder *f = &t->folders[own[i]];
            if ((f->words & CLI_WORD_GOOD) && !(f->words & CLI_WORD_MASKS))
                t->folders[p].has_good = true;
        }
    }
    return !r->out_of_memory;
}

/* What a folder is by its name, its place and the folders above it. */
static bool place(reading *r, cli_folder *f) {
    enum { NEUTRAL = CLI_WORD_SPLIT | CLI_WORD_MASKS | CLI_WORD_PLAIN | CLI_WORD_VIEW };
    const cli_folder *p = &r->tree->folders[f->parent];
    unsigned split = f->words & CLI_WORD_SPLIT, label = f->words & CLI_WORD_LABEL;
    f->split = p->split ? p->split : split & (0u - split); /* the lowest bit, should there be two */
    f->masks = p->masks || (f->words & CLI_WORD_MASKS);
    f->view = p->view || (f->words & CLI_WORD_VIEW);
    f->label = p->label;
    f->class = p->class;
    bool names_class = !(f->words & ~(unsigned)CLI_WORD_LABEL);
    if (!p->label && label) {
        f->label = label;
        f->class = f->name;
    } else if (!p->label && p->has_good && !f->masks && !f->view) {
        bool is_unknown = f->rest ? !cli_words_of(f->rest) : !f->words;
        if (is_unknown) f->label = CLI_WORD_BAD;
        if (f->words & (CLI_WORD_UNSURE | CLI_WORD_NUMBER)) f->label = CLI_WORD_UNSURE;
        if (f->label) f->class = f->name;
    } else if (p->label && label && label != p->label) {
        f->label = CLI_WORD_EITHER;
        f->class = f->path;
    } else if (p->label == CLI_WORD_BAD && names_class) {
        f->class = f->name;
    }
    /* "test_good" says good to the key, "test" nothing */
    const char *name = f->rest;
    if (!name && !(f->words & NEUTRAL)) name = copy(r, f->name, strlen(f->name), true);
    if (!name && (f->words & (CLI_WORD_GOOD | CLI_WORD_BAD)))
        name = f->words & CLI_WORD_GOOD ? "good" : "bad";
    if (f->rest && !(cli_words_of(f->rest) & ~(unsigned)NEUTRAL) && cli_words_of(f->rest))
        name = NULL;
    f->key = name ? below(r, p->key, name) : p->key;
    f->loose = name && !label ? below(r, p->loose, name) : p->loose;
    return !r->out_of_memory;
}

bool cli_tree_build(fleck_arena *arena, const cli_photos *pictures, cli_tree *out) {
    *out = (cli_tree){.folders = NULL};
    reading r = {.arena = arena, .tree = out};
    bool ok = read_names(&r, pictures) && explain_names(&r);
    for (size_t i = 1; ok && i < out->folder_count; i++) ok = place(&r, &out->folders[i]);
    return ok;
}
