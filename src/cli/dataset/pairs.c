/* Which pictures are masks, and of which photos. */
#include "labelling.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

static int by_standing(const void *a, const void *b) {
    const standing *x = a, *y = b;
    if (x->folder != y->folder) return x->folder < y->folder ? -1 : 1;
    return strcmp(x->stem, y->stem);
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
        if (length == n || !fleck_ends_with(stem, length, long_ones[i])) continue;
        memcpy(out, stem, length - n);
        out[length - n] = '\0';
        return true;
    }
    if (cli_words_part(stem, 1, out) & CLI_WORD_MASKS) {
        *is_part = stem[length - 1] >= '0' && stem[length - 1] <= '9'; /* "000_mask2" */
        return true;
    }
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

/* The picture beside a picture that this one is a mask of, or CLI_NONE. */
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
    if (is_lossy(p)) return CLI_NONE;
    size_t at = find_beside(l, p->folder, p->stem);
    uint32_t partner = CLI_NONE;
    for (; is_beside(l, at, p->folder, p->stem); at++) {
        uint32_t other = l->beside[at].picture;
        if (other == index) continue;
        if (partner != CLI_NONE || !is_lossy(&l->tree.pictures[other])) return CLI_NONE;
        partner = other;
    }
    return partner;
}

bool cli_pairs_part(labelling *l) {
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
        uint32_t partner = f->masks ? CLI_NONE : partner_of(l, i, &is_part);
        if (f->masks || partner != CLI_NONE) {
            l->masks[l->mask_count++] = (mask_entry){.picture = p,
                                                     .folder = f,
                                                     .partner = partner,
                                                     .photo = CLI_NONE,
                                                     .next = CLI_NONE,
                                                     .is_part = is_part};
        } else {
            l->photos[l->photo_count++] = (photo_entry){.picture = p,
                                                        .folder = f,
                                                        .label = f->label,
                                                        .split = f->split,
                                                        .class = f->class,
                                                        .first_mask = CLI_NONE};
            for (uint32_t at = p->folder; !l->used[at]; at = t->folders[at].parent)
                l->used[at] = true;
        }
    }
    return true;
}

/* ---- whose mask it is ---- */

static bool add_alias(labelling *l, const char *stem, uint32_t photo) {
    char *copy = fleck_text_copy(&l->run->arena, stem, strlen(stem));
    if (!copy) return false;
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
    return low < l->photo_count && l->photos[low].picture == picture ? (uint32_t)low : CLI_NONE;
}

static uint32_t owner_of(labelling *l, mask_entry *m) {
    if (m->partner != CLI_NONE) return photo_of_picture(l, &l->tree.pictures[m->partner]);
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
    if (!found.count) return CLI_NONE;
    if (found.count > 1 && found.defective == 1) return found.defective_photo;
    if (found.count == 1) return found.photo;
    cli_doubt(l, "%s: is it the mask of %s, or of another photo of that name?", m->picture->name,
              l->photos[found.photo].picture->name);
    return CLI_NONE;
}

bool cli_pairs_find(labelling *l) {
    cli_name_list nobodys = {.count = 0};
    size_t paired = 0, doubts = l->doubts;
    if (!make_aliases(l)) return false;
    for (uint32_t i = 0; i < l->mask_count && l->doubts < doubts + CLI_SHOWN; i++) {
        mask_entry *m = &l->masks[i];
        size_t before = l->doubts;
        m->photo = owner_of(l, m);
        photo_entry *p = m->photo == CLI_NONE ? NULL : &l->photos[m->photo];
        unsigned split = m->folder->split;
        bool elsewhere = (split & (CLI_WORD_VALIDATION | CLI_WORD_SECRET) && split != l->test) ||
                         (l->split && split == CLI_WORD_TRAIN);
        if ((p && p->use != TESTED) || (!p && elsewhere)) {
            l->train_masks++; /* of photos that need none */
            m->photo = CLI_NONE;
        } else if (!p) {
            if (l->doubts == before) cli_names_add(&nobodys, m->picture->name);
        } else if (p->mask_count && !(m->is_part && l->masks[p->first_mask].is_part)) {
            cli_doubt(l, "%s and %s: which of them is the mask of %s?",
                      l->masks[p->first_mask].picture->name, m->picture->name, p->picture->name);
        } else {
            m->next = p->first_mask;
            p->first_mask = i;
            p->mask_count++;
            paired++;
        }
    }
    if (nobodys.count)
        cli_doubt(l, "%zu mask%s of no photo: %s; %zu other%s found theirs by name", nobodys.count,
                  nobodys.count == 1 ? " is" : "s are", cli_names_end(&nobodys), paired,
                  cli_plural(paired));
    return true;
}
