/* Public data sets and those that people lay out themselves agree on little: folders called
 * good or OK or Normal, masks beside the photos or in folders of their own, for all photos or
 * for the defective ones. The rules here take what folders are called (cli_words.c), where
 * they stand (cli_tree.c) and what masks show. Each photo has to get one label, and each mask
 * one photo; whatever contradicts is a doubt, and one doubt is enough to measure nothing.
 *
 *   1. Pictures in folders for masks are masks; so are, beside a photo, pictures of the same
 *      name with _mask, _GT or the like, or a PNG or BMP of the name of a JPEG.
 *   2. Folders train and test split the photos; without both, all are learnt from and tested.
 *   3. Folders for good and bad label them. Beside a folder for good ones, folders of any
 *      other name are kinds of defects, unless it is a date, a number or the like: then only
 *      masks can tell. Without such folders, masks label all photos.
 *   4. Masks belong to the photo of the same name in the folder of the same name. */
#include "cli_labelled.h"

#include "cli_annotations.h"
#include "cli_mask.h"
#include "cli_tree.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAP = FLECK_HEAT * FLECK_HEAT, NONE = UINT32_MAX, SHOWN = 5, LIST_BYTES = 600 };

typedef enum { LEFT_OUT = 0, LEARNT, TESTED } photo_use;

typedef struct {
    const cli_picture *picture;
    const cli_folder *folder;
    photo_use use;
    unsigned label, split;
    const char *class;               /* what tells the label; NULL: nothing does */
    uint32_t first_mask, mask_count; /* a list through next */
    bool unreadable, marked, unsure;
    uint8_t *map;
} photo_entry;

typedef struct {
    const cli_picture *picture;
    const cli_folder *folder;
    uint32_t partner; /* the picture beside it that it is a mask of; NONE: to be looked for */
    uint32_t photo;   /* whose it is; NONE: nobody's */
    uint32_t next;
    bool is_part; /* one of several of a photo */
} mask_entry;

/* Where a picture stands, to look for those beside it. */
typedef struct {
    uint32_t folder;
    const char *stem;
    uint32_t picture;
} standing;

/* A name that a photo goes by. */
typedef struct {
    const char *stem;
    uint32_t photo;
} alias;

typedef struct {
    cli_run *run;
    cli_labelled *out;
    cli_tree tree;
    photo_entry *photos;
    mask_entry *masks;
    size_t photo_count, mask_count;
    alias *aliases;
    size_t alias_count;
    standing *beside;      /* [pictures] by folder and stem */
    bool *used;            /* [folders] whether a picture is in it or below */
    cli_annotations notes; /* of the photos */
    bool split, by_masks;
    size_t tested, views, secret, validation, train_masks, doubts;
} labelling;

/* ---- words ---- */

typedef struct {
    char text[LIST_BYTES];
    size_t count;
} name_list;

/* Keeps the first names, counts the others. */
static void list_add(name_list *list, const char *name) {
    size_t used = strlen(list->text);
    if (list->count++ >= SHOWN || used + strlen(name) + 24 > sizeof list->text) return;
    snprintf(list->text + used, sizeof list->text - used, "%s%s", used ? ", " : "", name);
}

static const char *list_end(name_list *list) {
    size_t used = strlen(list->text);
    if (list->count > SHOWN)
        snprintf(list->text + used, sizeof list->text - used, " and %zu more", list->count - SHOWN);
    return list->text;
}

static const char *plural(size_t count) { return count == 1 ? "" : "s"; }

static void doubt(labelling *l, const char *format, ...) {
    char text[LIST_BYTES + 400];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    cli_say(&l->run->progress, "%s", text);
    l->doubts++;
}

/* A sentence that grows. */
static void tell(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + used, size - used, format, list);
    va_end(list);
}

/* ---- photos and masks ---- */

static int by_standing(const void *a, const void *b) {
    const standing *x = a, *y = b;
    if (x->folder != y->folder) return x->folder < y->folder ? -1 : 1;
    return strcmp(x->stem, y->stem);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_stem(const void *a, const void *b) {
    const alias *x = a, *y = b;
    int order = strcmp(x->stem, y->stem);
    return order ? order : x->photo < y->photo ? -1 : x->photo > y->photo;
}

/* Where pictures of a folder with that stem begin among l->beside. */
static size_t find_beside(const labelling *l, uint32_t folder, const char *stem) {
    const standing wanted = {.folder = folder, .stem = stem};
    size_t low = 0, high = l->tree.picture_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_standing(&l->beside[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_beside(const labelling *l, size_t at, uint32_t folder, const char *stem) {
    const standing wanted = {.folder = folder, .stem = stem};
    return at < l->tree.picture_count && !by_standing(&l->beside[at], &wanted);
}

/* The stem of the photo that a mask of this stem is of: "000_mask", "000_mask_2" and
 * "mask_000" are of "000". False when the name says nothing of a mask. */
static bool mask_stem(const char *stem, char out[CLI_WORD_MAX], bool *is_part) {
    static const char *const long_ones[] = {"_ground_truth", "-ground-truth", " ground truth"};
    char shorter[CLI_WORD_MAX];
    size_t length = strlen(stem);
    *is_part = false;
    if (length >= CLI_WORD_MAX) return false;
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones; i++) {
        size_t n = strlen(long_ones[i]);
        if (length <= n || strcmp(stem + length - n, long_ones[i]) != 0) continue;
        memcpy(out, stem, length - n);
        out[length - n] = '\0';
        return true;
    }
    if (cli_words_part(stem, 1, out) & CLI_WORD_MASKS) return true;
    if (cli_words_part(stem, 1, shorter) & CLI_WORD_NUMBER &&
        cli_words_part(shorter, 1, out) & CLI_WORD_MASKS) {
        *is_part = true;
        return true;
    }
    return (cli_words_part(stem, -1, out) & CLI_WORD_MASKS) != 0;
}

static bool is_lossy(const cli_picture *p) {
    return !strcmp(p->ending, ".jpg") || !strcmp(p->ending, ".jpeg") ||
           !strcmp(p->ending, ".jpe") || !strcmp(p->ending, ".jfif");
}

/* The picture beside a picture that this one is a mask of, or NONE. */
static uint32_t partner_of(const labelling *l, uint32_t index, bool *is_part) {
    static const char *const endings[] = {"", "_image", "_img", "_rgb"};
    const cli_picture *p = &l->tree.pictures[index];
    char stem[CLI_WORD_MAX], name[CLI_WORD_MAX + 8];
    if (mask_stem(p->stem, stem, is_part)) {
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
            snprintf(name, sizeof name, "%s%s", stem, endings[i]);
            size_t at = find_beside(l, p->folder, name);
            if (is_beside(l, at, p->folder, name)) return l->beside[at].picture;
        }
    }
    *is_part = false;
    if (is_lossy(p)) return NONE;
    size_t at = find_beside(l, p->folder, p->stem);
    uint32_t partner = NONE;
    for (; is_beside(l, at, p->folder, p->stem); at++) {
        uint32_t other = l->beside[at].picture;
        if (other == index) continue;
        if (partner != NONE || !is_lossy(&l->tree.pictures[other])) return NONE;
        partner = other;
    }
    return partner;
}

/* Parts the pictures into photos and masks. */
static bool part_pictures(labelling *l) {
    fleck_arena *arena = &l->run->arena;
    const cli_tree *t = &l->tree;
    size_t n = t->picture_count;
    l->photos = FLECK_NEW(arena, photo_entry, n);
    l->masks = FLECK_NEW(arena, mask_entry, n);
    l->beside = FLECK_NEW(arena, standing, n);
    l->used = FLECK_NEW_ZERO(arena, bool, t->folder_count);
    if (!l->photos || !l->masks || !l->beside || !l->used) return false;
    for (uint32_t i = 0; i < n; i++)
        l->beside[i] = (standing){t->pictures[i].folder, t->pictures[i].stem, i};
    if (n) qsort(l->beside, n, sizeof *l->beside, by_standing);
    for (uint32_t i = 0; i < n; i++) {
        const cli_picture *p = &t->pictures[i];
        const cli_folder *f = &t->folders[p->folder];
        bool is_part = false;
        if (f->view) {
            l->views++;
            continue;
        }
        uint32_t partner = f->masks ? NONE : partner_of(l, i, &is_part);
        if (f->masks || partner != NONE) {
            l->masks[l->mask_count++] = (mask_entry){.picture = p,
                                                     .folder = f,
                                                     .partner = partner,
                                                     .photo = NONE,
                                                     .next = NONE,
                                                     .is_part = is_part};
        } else {
            l->photos[l->photo_count++] = (photo_entry){.picture = p,
                                                        .folder = f,
                                                        .label = f->label,
                                                        .split = f->split,
                                                        .class = f->class,
                                                        .first_mask = NONE};
            for (uint32_t at = p->folder; !l->used[at]; at = t->folders[at].parent)
                l->used[at] = true;
        }
    }
    return true;
}

/* ---- one data set, and its parts ---- */

/* The names on the way to a folder that say nothing: of products, or of who packed it. */
static char *product_of(labelling *l, uint32_t index) {
    const cli_tree *t = &l->tree;
    char *out = FLECK_NEW_ZERO(&l->run->arena, char, strlen(t->folders[index].path) + 2);
    if (!out) return NULL;
    for (uint32_t at = t->folders[index].parent; at; at = t->folders[at].parent) {
        const cli_folder *f = &t->folders[at];
        if (f->words || f->label) continue;
        size_t length = strlen(f->name), had = strlen(out);
        memmove(out + length + (had > 0), out, had + 1);
        memcpy(out, f->name, length);
        if (had) out[length] = '/';
    }
    return out;
}

/* Several products in one folder are several data sets. */
static bool check_products(labelling *l) {
    const cli_tree *t = &l->tree;
    unsigned wanted = CLI_WORD_GOOD;
    const char *first = NULL;
    name_list names = {.count = 0};
    const char **seen = FLECK_NEW(&l->run->arena, const char *, t->folder_count + 1);
    if (!seen) return false;
    for (size_t i = 1; i < t->folder_count; i++)
        if (l->used[i] && t->folders[i].words & (CLI_WORD_TRAIN | CLI_WORD_TEST))
            wanted = CLI_WORD_TRAIN | CLI_WORD_TEST;
    for (uint32_t i = 1; i < t->folder_count; i++) {
        if (!l->used[i] || t->folders[i].masks || !(t->folders[i].words & wanted)) continue;
        const char *product = product_of(l, i);
        if (!product) return false;
        bool known = false;
        for (size_t k = 0; k < names.count && !known; k++) known = !strcmp(seen[k], product);
        if (known) continue;
        seen[names.count++] = product;
    }
    size_t count = names.count;
    names.count = 0;
    if (count) qsort(seen, count, sizeof *seen, by_text);
    for (size_t k = 0; k < count; k++) {
        list_add(&names, *seen[k] ? seen[k] : ".");
        if (*seen[k] && !first) first = seen[k];
    }
    if (names.count > 1) {
        size_t length = strlen(l->run->args->dir);
        bool slash = length && l->run->args->dir[length - 1] == '/';
        doubt(l,
              "%.120s holds %zu data sets: %s; name one of them, as in 'fleck eval %.120s%s%.80s'",
              l->run->args->dir, names.count, list_end(&names), l->run->args->dir, slash ? "" : "/",
              first);
    }
    return true;
}

/* What tables say where folders say nothing. */
static bool read_tables(labelling *l) {
    unsigned labels = 0, splits = 0;
    fleck_message err;
    const char **names = FLECK_NEW(&l->run->arena, const char *, l->photo_count);
    if (!names) return false;
    for (size_t i = 0; i < l->photo_count; i++) {
        names[i] = l->photos[i].picture->name;
        labels |= l->photos[i].label;
        splits |= l->photos[i].split;
    }
    if (!cli_annotations_find(&l->run->arena, l->run->args->dir, names, l->photo_count, !labels,
                              !splits, &l->notes, &err)) {
        doubt(l, "%s", err.text);
        return true;
    }
    name_list unsure = {.count = 0};
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        const cli_annotation *note = &l->notes.photos[i];
        if (l->notes.splits) p->split = note->split;
        if (!l->notes.labels) continue;
        p->label = note->label;
        p->class = note->class;
        if (note->label != CLI_WORD_UNSURE) continue;
        p->use = LEFT_OUT;
        p->unsure = true;
        l->out->left_out++;
        list_add(&unsure, p->picture->name);
    }
    if (unsure.count)
        cli_say(&l->run->progress,
                "left out %zu photo%s that %s calls neither good nor defective: %s", unsure.count,
                plural(unsure.count), l->notes.labels, list_end(&unsure));
    return true;
}

/* Which photos are learnt from and which are tested. */
static void split_photos(labelling *l) {
    unsigned seen = 0;
    for (size_t i = 0; i < l->photo_count; i++) seen |= l->photos[i].split;
    l->split = (seen & CLI_WORD_TRAIN) && (seen & CLI_WORD_TEST);
    name_list outside = {.count = 0};
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        unsigned split = p->split;
        if (p->unsure) continue;
        l->validation += split == CLI_WORD_VALIDATION;
        l->secret += split == CLI_WORD_SECRET;
        if (split & (CLI_WORD_VALIDATION | CLI_WORD_SECRET)) continue;
        p->use = l->split && split == CLI_WORD_TRAIN ? LEARNT : TESTED;
        if (l->split && !split) {
            p->use = LEFT_OUT;
            l->out->left_out++;
            list_add(&outside, p->picture->name);
        }
        l->tested += p->use == TESTED;
    }
    if (outside.count)
        cli_say(&l->run->progress, "left out %zu photo%s outside train and test: %s", outside.count,
                plural(outside.count), list_end(&outside));
}

/* ---- whose mask it is ---- */

static bool add_alias(labelling *l, const char *stem, uint32_t photo) {
    size_t length = strlen(stem) + 1;
    char *copy = FLECK_NEW(&l->run->arena, char, length);
    if (!copy) return false;
    memcpy(copy, stem, length);
    l->aliases[l->alias_count++] = (alias){copy, photo};
    return true;
}

/* A photo goes by its stem, by that without "_image", and by its whole name. */
static bool make_aliases(labelling *l) {
    l->aliases = FLECK_NEW(&l->run->arena, alias, l->photo_count, 3);
    if (!l->aliases) return false;
    for (uint32_t i = 0; i < l->photo_count; i++) {
        const cli_picture *p = l->photos[i].picture;
        char other[2 * CLI_WORD_MAX];
        bool learnt = l->notes.splits && l->photos[i].use == LEARNT;
        if (l->photos[i].use != TESTED && !learnt) continue;
        if (!add_alias(l, p->stem, i)) return false;
        if (cli_words_part(p->stem, 1, other) & CLI_WORD_PLAIN && !add_alias(l, other, i))
            return false;
        snprintf(other, sizeof other, "%s%s", p->stem, p->ending);
        if (!add_alias(l, other, i)) return false;
    }
    if (l->alias_count) qsort(l->aliases, l->alias_count, sizeof *l->aliases, by_stem);
    return true;
}

/* Whether all folders of part are in whole as well, in that order. */
static bool is_within(const char *part, const char *whole) {
    while (*part) {
        size_t length = strcspn(part, "/");
        while (*whole && (strcspn(whole, "/") != length || strncmp(part, whole, length) != 0)) {
            whole += strcspn(whole, "/");
            whole += *whole == '/';
        }
        if (!*whole) return false;
        part += length;
        part += *part == '/';
        whole += length;
        whole += *whole == '/';
    }
    return true;
}

/* How well the places of a mask and of a photo of its name agree; smaller is better. */
enum { SAME_KEY = 1, OWN_FOLDER, SAME_LOOSE, WITHIN, NO_MATCH };

static int agreement(const mask_entry *m, const photo_entry *p) {
    const cli_folder *f = m->folder, *of = p->folder;
    if (f->split && f->split != of->split) return NO_MATCH;
    if (!strcmp(f->key, of->key)) return SAME_KEY;
    enum { SURE = CLI_WORD_GOOD | CLI_WORD_BAD };
    if (f->label & SURE && of->label & SURE && f->label != of->label) return NO_MATCH;
    bool unlikely = of->label == CLI_WORD_GOOD && !f->label; /* others need a mask more */
    if (!strcmp(f->loose, of->loose)) return unlikely ? WITHIN : SAME_LOOSE;
    if (is_within(f->loose, of->loose)) return WITHIN;
    bool numbered = (f->words & CLI_WORD_NUMBER) != 0;
    return !*of->loose && !numbered ? WITHIN : NO_MATCH;
}

typedef struct {
    int best;
    uint32_t photo;
    size_t count, defective;
    uint32_t defective_photo;
} match;

static void consider(match *found, int grade, uint32_t photo, const photo_entry *p) {
    if (grade >= NO_MATCH || grade > found->best) return;
    if (grade < found->best) *found = (match){.best = grade};
    if (found->count && found->photo == photo) return; /* by another of its names */
    found->photo = photo;
    found->count++;
    if (p->label == CLI_WORD_GOOD) return;
    found->defective++;
    found->defective_photo = photo;
}

static void match_stem(const labelling *l, const mask_entry *m, const char *stem, match *found) {
    const alias wanted = {stem, 0};
    size_t low = 0, high = l->alias_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_stem(&l->aliases[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < l->alias_count && !strcmp(l->aliases[low].stem, stem); low++) {
        uint32_t photo = l->aliases[low].photo;
        consider(found, agreement(m, &l->photos[photo]), photo, &l->photos[photo]);
    }
}

/* Masks in a folder of the photo's name: ground_truth/crack/000/1.png. */
static void match_folder(const labelling *l, mask_entry *m, match *found) {
    const cli_folder *parent = &l->tree.folders[m->folder->parent];
    char stem[CLI_WORD_MAX];
    if (!parent->masks || strlen(m->folder->name) >= sizeof stem) return;
    size_t length = strlen(m->folder->name);
    for (size_t i = 0; i <= length; i++) {
        char c = m->folder->name[i];
        stem[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    mask_entry there = *m;
    match own = {.best = NO_MATCH};
    there.folder = parent;
    match_stem(l, &there, stem, &own);
    if (own.best != SAME_KEY || found->best <= OWN_FOLDER) return;
    *found = own;
    found->best = OWN_FOLDER;
    m->is_part = true;
}

static uint32_t photo_of_picture(const labelling *l, const cli_picture *picture) {
    size_t low = 0, high = l->photo_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->photos[middle].picture < picture)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->photo_count && l->photos[low].picture == picture ? (uint32_t)low : NONE;
}

static uint32_t owner_of(labelling *l, mask_entry *m) {
    if (m->partner != NONE) return photo_of_picture(l, &l->tree.pictures[m->partner]);
    char stem[CLI_WORD_MAX];
    bool is_part = false;
    match found = {.best = NO_MATCH};
    match_stem(l, m, m->picture->stem, &found);
    if (found.best > SAME_KEY && mask_stem(m->picture->stem, stem, &is_part)) {
        match other = {.best = found.best};
        match_stem(l, m, stem, &other);
        if (other.count && other.best < found.best) {
            found = other;
            m->is_part = is_part;
        }
    }
    match_folder(l, m, &found);
    if (!found.count) return NONE;
    if (found.count > 1 && found.defective == 1) return found.defective_photo;
    if (found.count == 1) return found.photo;
    doubt(l, "%s: is it the mask of %s, or of another photo of that name?", m->picture->name,
          l->photos[found.photo].picture->name);
    return NONE;
}

static bool pair_masks(labelling *l) {
    name_list nobodys = {.count = 0};
    size_t paired = 0, doubts = l->doubts;
    if (!make_aliases(l)) return false;
    for (uint32_t i = 0; i < l->mask_count && l->doubts < doubts + SHOWN; i++) {
        mask_entry *m = &l->masks[i];
        size_t before = l->doubts;
        m->photo = owner_of(l, m);
        photo_entry *p = m->photo == NONE ? NULL : &l->photos[m->photo];
        unsigned split = m->folder->split;
        bool elsewhere = split & (CLI_WORD_VALIDATION | CLI_WORD_SECRET) ||
                         (l->split && split == CLI_WORD_TRAIN);
        if ((p && p->use != TESTED) || (!p && elsewhere)) {
            l->train_masks++; /* of photos that need none */
            m->photo = NONE;
        } else if (!p) {
            if (l->doubts == before) list_add(&nobodys, m->picture->name);
        } else if (p->mask_count && !(m->is_part && l->masks[p->first_mask].is_part)) {
            doubt(l, "%s and %s: which of them is the mask of %s?",
                  l->masks[p->first_mask].picture->name, m->picture->name, p->picture->name);
        } else {
            m->next = p->first_mask;
            p->first_mask = i;
            p->mask_count++;
            paired++;
        }
    }
    if (nobodys.count)
        doubt(l, "%zu mask%s of no photo: %s; %zu other%s found theirs by name", nobodys.count,
              nobodys.count == 1 ? " is" : "s are", list_end(&nobodys), paired, plural(paired));
    return true;
}

/* ---- what masks show ---- */

static bool read_file(labelling *l, const cli_picture *p, uint8_t **bytes, size_t *size,
                      fleck_message *err) {
    return cli_read(&l->run->scratch, p->path, CLI_PHOTO_BYTES_MAX, bytes, size, err);
}

/* Adds a mask to what its photo's masks mark. The photo is decoded once, for its size. */
static int read_mask(labelling *l, photo_entry *p, const cli_picture *m, fleck_image *photo,
                     size_t *inverted) {
    cli_run *run = l->run;
    fleck_message err;
    uint8_t *bytes;
    size_t size;
    cli_mask mask;
    if (!read_file(l, m, &bytes, &size, &err) ||
        !cli_mask_decode(&run->scratch, bytes, size, &mask, &err)) {
        doubt(l, "mask %s: %s", m->path, err.text);
        return CLI_DONE;
    }
    if (!mask.marked && p->label != CLI_WORD_BAD) return CLI_DONE;
    if (!photo->width && !cli_run_decode(run, p->picture->path, photo, &err)) {
        p->unreadable = true;
        cli_run_skip(run, p->picture->name, err.text);
        return CLI_DONE;
    }
    if (!cli_mask_fits(&mask, photo->width, photo->height)) {
        doubt(l, "mask %s has %ux%u pixels, but its photo %s has %ux%u", m->path, mask.width,
              mask.height, p->picture->path, photo->width, photo->height);
        return CLI_DONE;
    }
    if (!mask.marked) return CLI_DONE;
    if (!p->map) p->map = FLECK_NEW_ZERO(&run->arena, uint8_t, MAP);
    if (!p->map) return cli_run_no_memory(run);
    cli_mask_draw(&mask, run->args->options.preset, p->map);
    *inverted += mask.inverted;
    p->marked = true;
    return CLI_DONE;
}

static int read_masks(labelling *l) {
    cli_run *run = l->run;
    size_t inverted = 0, marked = 0, doubts = l->doubts;
    cli_progress_begin(&run->progress, l->photo_count);
    for (uint32_t i = 0; i < l->photo_count && l->doubts < doubts + SHOWN; i++) {
        photo_entry *p = &l->photos[i];
        fleck_arena_mark mark = fleck_arena_here(&run->scratch);
        fleck_image photo = {.width = 0};
        for (uint32_t m = p->first_mask; m != NONE && !p->unreadable; m = l->masks[m].next) {
            if (cli_interrupted()) {
                cli_say(&run->progress, "interrupted; nothing is measured");
                return CLI_INTERRUPTED;
            }
            int result = read_mask(l, p, l->masks[m].picture, &photo, &inverted);
            if (result != CLI_DONE) return result;
        }
        fleck_arena_reset(&run->scratch, mark);
        marked += p->marked;
        cli_progress_tell(&run->progress, "reading masks", i + 1);
    }
    cli_progress_clear(&run->progress);
    if (marked && inverted >= marked)
        doubt(l, "the masks mark most of every photo and all of its corners: are good and "
                 "defective places swapped?");
    return CLI_DONE;
}

/* ---- labels ---- */

/* Masks alone: either all photos have one, empty where nothing is wrong, or only those
 * of which something is. */
static void label_by_masks(labelling *l) {
    name_list without = {.count = 0}, empty = {.count = 0};
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        if (p->use != TESTED || p->unreadable) continue;
        p->label = p->marked ? CLI_WORD_BAD : CLI_WORD_GOOD;
        if (!p->mask_count) list_add(&without, p->picture->name);
        if (p->mask_count && !p->marked) list_add(&empty, p->picture->name);
    }
    if (without.count && empty.count)
        doubt(l,
              "no folder says which photos are good; %zu ha%s an empty mask (%s) and %zu no mask "
              "(%s): are these good?",
              empty.count, empty.count == 1 ? "s" : "ve", list_end(&empty), without.count,
              list_end(&without));
}

/* Folders, and masks where these do not tell. */
static void label_by_folders(labelling *l) {
    name_list folders = {.count = 0}, either = {.count = 0}, marked = {.count = 0};
    const cli_folder *last = NULL;
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        const cli_folder *f = p->folder;
        if (p->use != TESTED || p->unreadable) continue;
        if (p->label == CLI_WORD_UNSURE && p->marked) p->label = CLI_WORD_BAD;
        if (p->label == CLI_WORD_GOOD && p->marked) list_add(&marked, p->picture->name);
        if (p->label == CLI_WORD_GOOD || p->label == CLI_WORD_BAD) continue;
        if (!p->label && f->has_good) {
            p->use = LEFT_OUT;
            cli_run_skip(l->run, p->picture->name, "is in no folder for good or defective photos");
        } else if (f != last) {
            list_add(p->label == CLI_WORD_EITHER ? &either : &folders, *f->path ? f->path : ".");
            last = f;
        }
    }
    if (either.count)
        doubt(l, "%s: good or defective? The name can mean either; call it good or defective",
              list_end(&either));
    if (folders.count)
        doubt(l, "%s: neither good nor defective by the folder's name; call it good or defective",
              list_end(&folders));
    if (marked.count)
        doubt(l, "%zu photo%s in folders for good ones ha%s a mask that marks something: %s",
              marked.count, plural(marked.count), marked.count == 1 ? "s" : "ve",
              list_end(&marked));
}

/* Which of the defective photos count for the pixel metrics. */
static void check_masks(labelling *l) {
    name_list without = {.count = 0}, empty = {.count = 0};
    size_t marked = 0, masks = 0;
    for (size_t i = 0; i < l->photo_count; i++) {
        const photo_entry *p = &l->photos[i];
        if (p->use != TESTED || p->unreadable || p->label != CLI_WORD_BAD) continue;
        marked += p->marked;
        masks += p->mask_count;
        if (!p->mask_count) list_add(&without, p->picture->name);
        if (p->mask_count && !p->marked) list_add(&empty, p->picture->name);
    }
    if (!masks) return;
    l->out->masks = marked;
    l->out->unmasked = without.count + empty.count;
    if (without.count)
        cli_say(&l->run->progress,
                "%zu defective photo%s without a mask, left out of the pixel metrics: %s",
                without.count, plural(without.count), list_end(&without));
    if (empty.count)
        cli_say(&l->run->progress,
                "%zu defective photo%s whose mask is empty, left out of the pixel metrics: %s",
                empty.count, plural(empty.count), list_end(&empty));
    if (!marked) doubt(l, "not one of the masks marks anything");
}

static int label_photos(labelling *l) {
    bool labelled = false;
    size_t masks = 0;
    for (size_t i = 0; i < l->photo_count; i++) {
        if (l->photos[i].use != TESTED) continue;
        labelled = labelled || l->photos[i].label;
        masks += l->photos[i].mask_count;
    }
    l->by_masks = !labelled && masks;
    int result = read_masks(l);
    if (result != CLI_DONE || l->doubts) return result;
    if (l->by_masks)
        label_by_masks(l);
    else
        label_by_folders(l);
    if (!l->doubts) check_masks(l);
    return CLI_DONE;
}

/* ---- what was understood ---- */

/* The folder that all photos of a use are in, of those that split: "train"; NULL when there
 * are several. */
static const char *split_folder(const labelling *l, photo_use use) {
    const char *found = NULL;
    for (size_t i = 0; i < l->photo_count; i++) {
        const photo_entry *p = &l->photos[i];
        if (p->use != use || !l->split || l->notes.splits) continue;
        const cli_folder *f = p->folder;
        while (l->tree.folders[f->parent].split) f = &l->tree.folders[f->parent];
        if (found && strcmp(found, f->path) != 0) return NULL;
        found = f->path;
    }
    return found;
}

typedef struct {
    const char *name;
    size_t count;
} class_count;

static void tell_classes(char *text, size_t size, const cli_labelled *out, bool defective) {
    class_count classes[12] = {{.count = 0}};
    size_t n = 0, others = 0;
    for (size_t i = 0; i < out->count; i++) {
        const cli_sample *s = &out->test[i];
        size_t k = 0;
        if (s->defective != defective || !s->class) continue;
        while (k < n && strcmp(classes[k].name, s->class) != 0) k++;
        if (k == sizeof classes / sizeof *classes) {
            others++;
            continue;
        }
        if (k == n) classes[n++].name = s->class;
        classes[k].count++;
    }
    if (!n) return;
    for (size_t k = 0; k < n; k++)
        tell(text, size, "%s%s %zu", k ? ", " : " (", classes[k].name, classes[k].count);
    if (others) tell(text, size, ", others %zu", others);
    tell(text, size, ")");
}

static const char *mask_places(const labelling *l) {
    const char *found = NULL;
    for (size_t i = 0; i < l->mask_count; i++) {
        if (l->masks[i].photo == NONE) continue;
        const cli_folder *f = l->masks[i].folder;
        const char *place = "beside the photos";
        if (l->masks[i].partner == NONE) {
            while (l->tree.folders[f->parent].masks) f = &l->tree.folders[f->parent];
            place = f->path;
        }
        if (found && strcmp(found, place) != 0) return "several folders";
        found = place;
    }
    return found ? found : "";
}

static bool put_words(labelling *l) {
    enum { SIZE = 3000 };
    cli_labelled *out = l->out;
    const char *train = split_folder(l, LEARNT), *test = split_folder(l, TESTED);
    size_t defective = 0;
    char *text = FLECK_NEW_ZERO(&l->run->arena, char, SIZE);
    if (!text) return false;
    for (size_t i = 0; i < l->photo_count; i++)
        defective += l->photos[i].use == LEARNT && l->photos[i].label == CLI_WORD_BAD;
    if (out->same) {
        tell(text, SIZE, "%zu photos, learnt from without their labels and tested: ", out->count);
    } else {
        tell(text, SIZE, "%zu photo%s%s%s to learn from", out->train.count,
             plural(out->train.count), l->notes.splits ? "" : " in ",
             l->notes.splits ? ""
             : train         ? train
                             : "folders for training");
        if (defective) tell(text, SIZE, ", %zu of them in folders for defective ones", defective);
        tell(text, SIZE, "; %s%s ", l->notes.splits ? "to test" : "in ",
             l->notes.splits ? ""
             : test          ? test
                             : "folders for testing");
    }
    tell(text, SIZE, "%zu good", out->good);
    tell_classes(text, SIZE, out, false);
    tell(text, SIZE, ", %zu defective", out->defective);
    tell_classes(text, SIZE, out, true);
    if (l->by_masks) tell(text, SIZE, ", by their masks");
    if (l->notes.labels) tell(text, SIZE, ", by %s", l->notes.labels);
    if (l->notes.splits && l->split) tell(text, SIZE, "; split by %s", l->notes.splits);
    if (out->masks)
        tell(text, SIZE, "; masks of %zu, %s%s", out->masks,
             strcmp(mask_places(l), "beside the photos") ? "from " : "", mask_places(l));
    else
        tell(text, SIZE, "; no masks");
    if (l->validation) tell(text, SIZE, "; left out %zu for validation", l->validation);
    if (l->secret) tell(text, SIZE, "; left out %zu whose truth is not published", l->secret);
    if (l->views) tell(text, SIZE, "; left out %zu pictures of depth or points", l->views);
    if (l->train_masks) tell(text, SIZE, "; %zu masks of photos not tested", l->train_masks);
    out->words = text;
    return true;
}

static const char *const *mask_names(labelling *l, const photo_entry *p) {
    const char **names = FLECK_NEW(&l->run->arena, const char *, p->mask_count);
    size_t n = p->mask_count;
    for (uint32_t m = p->first_mask; names && m != NONE; m = l->masks[m].next)
        names[--n] = l->masks[m].picture->name;
    return names;
}

static bool put_photos(labelling *l) {
    cli_labelled *out = l->out;
    fleck_arena *arena = &l->run->arena;
    const char *folders[] = {
        [LEARNT] = split_folder(l, LEARNT), [TESTED] = split_folder(l, TESTED)};
    out->same = !l->split;
    out->test = FLECK_NEW(arena, cli_sample, l->tested);
    if (!out->test) return false;
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        if (p->use == LEFT_OUT || p->unreadable) continue;
        const char *name = p->picture->name;
        if (folders[p->use]) name += strlen(folders[p->use]) + 1;
        cli_photo photo = {.path = p->picture->path, .name = name};
        if (p->use == LEARNT || out->same)
            if (!cli_photos_add(arena, &out->train, photo)) return false;
        if (p->use != TESTED) continue;
        bool defective = p->label == CLI_WORD_BAD;
        const char *const *from = mask_names(l, p);
        if (!from) return false;
        out->good += !defective;
        out->defective += defective;
        out->test[out->count++] = (cli_sample){.photo = photo,
                                               .defective = defective,
                                               .class = l->by_masks ? NULL : p->class,
                                               .from = from,
                                               .from_count = p->mask_count,
                                               .has_mask = out->masks && (!defective || p->marked),
                                               .mask = p->map};
    }
    return true;
}

int cli_labelled_read(cli_run *run, cli_labelled *out) {
    labelling l = {.run = run, .out = out};
    const char *dir = run->args->dir;
    cli_photos pictures = {0};
    *out = (cli_labelled){.count = 0};
    run->listed.labelled = true;
    int result = cli_run_list(run, dir, &pictures);
    if (result != CLI_DONE) return result;
    if (!cli_tree_build(&run->arena, &pictures, &l.tree)) return cli_run_no_memory(run);
    if (!part_pictures(&l) || !check_products(&l)) return cli_run_no_memory(run);
    if (!l.doubts && !read_tables(&l)) return cli_run_no_memory(run);
    if (!l.doubts) {
        split_photos(&l);
        if (!pair_masks(&l)) return cli_run_no_memory(run);
    }
    if (!l.doubts) result = label_photos(&l);
    if (result != CLI_DONE) return result;
    if (l.doubts) {
        cli_say(&run->progress,
                "%s: nothing is measured on a set that is not understood; 'fleck "
                "eval --help' tells what is",
                dir);
        return CLI_FAILED;
    }
    if (!put_photos(&l) || !put_words(&l)) return cli_run_no_memory(run);
    if (out->good && out->defective) return CLI_DONE;
    cli_say(&run->progress, "read as: %s", out->words);
    if (!out->count)
        cli_say(&run->progress, "%s: no photo to test", dir);
    else
        cli_say(&run->progress,
                "%s: nothing to measure: all %zu photos to test are %s, so no ranking is better "
                "than another",
                dir, out->count, out->good ? "good" : "defective");
    return CLI_FAILED;
}

/* ---- JSON ---- */

static void json_text(const char *text) {
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c == 127)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void json_photos(const cli_labelled *set) {
    printf(", \"photos\": [");
    for (size_t i = 0; i < set->count; i++) {
        const cli_sample *s = &set->test[i];
        printf("%s{\"file\": ", i ? ", " : "");
        json_text(s->photo.name);
        printf(", \"defective\": %s, \"class\": ", s->defective ? "true" : "false");
        if (s->class)
            json_text(s->class);
        else
            printf("null");
        printf(", \"masks\": [");
        for (size_t k = 0; k < s->from_count; k++) {
            if (k) printf(", ");
            json_text(s->from[k]);
        }
        size_t marked = 0;
        for (size_t k = 0; s->mask && k < MAP; k++) marked += s->mask[k];
        printf("], \"marked\": %.4f}", (double)marked / MAP);
    }
    printf("]");
}

void cli_labelled_json(const cli_labelled *set, bool photos) {
    printf("\"read\": {\"words\": ");
    json_text(set->words);
    printf(", \"same\": %s, \"learnt\": %zu, \"good\": %zu, \"defective\": %zu, \"masks\": %zu, "
           "\"without_mask\": %zu, \"left_out\": %zu",
           set->same ? "true" : "false", set->train.count, set->good, set->defective, set->masks,
           set->unmasked, set->left_out);
    if (photos) json_photos(set);
    printf("}");
}
