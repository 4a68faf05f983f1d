/* Public data sets and those that people lay out themselves agree on little: folders called
 * good or OK or Normal, masks beside the photos or in folders of their own, for all photos or
 * for the defective ones. The rules here take what folders are called (words.c), where
 * they stand (tree.c) and what masks show. Each photo has to get one label, and each mask
 * one photo; whatever contradicts is a doubt, and one doubt is enough to measure nothing.
 *
 *   1. Pictures in folders for masks are masks; so are, beside a photo, pictures of the same
 *      name with _mask, _GT or the like, or a PNG or BMP of the name of a JPEG.
 *   2. Folders train and test split the photos; without both, all are learnt from and tested.
 *   3. Folders for good and bad label them. Beside a folder for good ones, folders of any
 *      other name are kinds of defects, unless it is a date, a number or the like: then only
 *      masks can tell. Without such folders, masks label all photos.
 *   4. Masks belong to the photo of the same name in the folder of the same name. */
#include "labelling.h"

#include "mask.h"
#include "photo_file.h"
#include "readers.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Several products in one folder are several data sets. */
static bool check_products(labelling *l) {
    const cli_tree *t = &l->tree;
    unsigned wanted = CLI_WORD_GOOD;
    const char *first = NULL;
    cli_name_list names = {.count = 0};
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
        cli_names_add(&names, *seen[k] ? seen[k] : ".");
        if (*seen[k] && !first) first = seen[k];
    }
    if (names.count > 1) {
        size_t length = strlen(l->run->args->dir);
        bool slash = length && l->run->args->dir[length - 1] == '/';
        cli_doubt(
            l, "%.120s holds %zu data sets: %s; name one of them, as in 'fleck eval %.120s%s%.80s'",
            l->run->args->dir, names.count, cli_names_end(&names), l->run->args->dir,
            slash ? "" : "/", first);
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
        cli_doubt(l, "%s", err.text);
        return true;
    }
    cli_name_list unsure = {.count = 0};
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
        cli_names_add(&unsure, p->picture->name);
    }
    if (unsure.count)
        cli_say(&l->run->progress,
                "left out %zu photo%s that %s calls neither good nor defective: %s", unsure.count,
                cli_plural(unsure.count), l->notes.labels, cli_names_end(&unsure));
    return true;
}

/* Which photos are learnt from and which are tested. */
static void split_photos(labelling *l) {
    unsigned seen = 0;
    for (size_t i = 0; i < l->photo_count; i++) seen |= l->photos[i].split;
    l->test = seen & CLI_WORD_TEST ? CLI_WORD_TEST : CLI_WORD_VALIDATION;
    l->split = (seen & CLI_WORD_TRAIN) && (seen & l->test);
    cli_name_list outside = {.count = 0};
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        unsigned split = p->split;
        if (p->unsure) continue;
        bool is_left = split & (CLI_WORD_VALIDATION | CLI_WORD_SECRET) && split != l->test;
        l->validation += is_left && split == CLI_WORD_VALIDATION;
        l->secret += split == CLI_WORD_SECRET;
        if (is_left) continue;
        p->use = l->split && split == CLI_WORD_TRAIN ? LEARNT : TESTED;
        if (l->split && !split) {
            p->use = LEFT_OUT;
            l->out->left_out++;
            cli_names_add(&outside, p->picture->name);
        }
        l->tested += p->use == TESTED;
    }
    if (outside.count)
        cli_say(&l->run->progress, "left out %zu photo%s outside train and test: %s", outside.count,
                cli_plural(outside.count), cli_names_end(&outside));
}

/* ---- what masks show ---- */

static int stopped(labelling *l) {
    cli_say(&l->run->progress, "interrupted; nothing is measured");
    return CLI_INTERRUPTED;
}

static bool read_file(labelling *l, const cli_picture *p, uint8_t **bytes, size_t *size,
                      fleck_message *err) {
    return cli_photo_read(&l->run->scratch, p->path, bytes, size, err);
}

/* Whether a file is small for its pixels: nearly all of them are as the ones beside them. Then it
 * is worth a look; and so are JPEGs, whose size in pixels is not at their beginning, up to one
 * that a photo seldom has. */
static bool is_plain(const cli_picture *p) {
    uint8_t head[33];
    size_t size;
    struct stat info;
    if (stat(p->path, &info) ||
        cli_read_head_now(p->path, head, sizeof head, &size) != CLI_HEAD_FILE || size < sizeof head)
        return false;
    if (!memcmp(head, "BM", 2)) return head[28] <= 8; /* bits of a pixel */
    if (!memcmp(head, "\xff\xd8", 2)) return info.st_size < 65536;
    if (memcmp(head, "\x89PNG", 4) != 0) return false;
    uint64_t pixels = (uint64_t)be32(head + 16) * be32(head + 20);
    return (uint64_t)info.st_size < 512 + pixels / 32;
}

/* Pictures that mark something on black, in a few values, are masks that no name tells. */
static bool check_photos(labelling *l) {
    cli_name_list masks = {.count = 0};
    for (size_t i = 0; i < l->photo_count; i++) {
        const cli_picture *p = l->photos[i].picture;
        fleck_arena_mark mark = fleck_arena_here(&l->run->scratch);
        fleck_message ignored;
        uint8_t *bytes;
        size_t size;
        cli_mask mask;
        if (l->photos[i].use == LEFT_OUT || !is_plain(p)) continue;
        if (cli_interrupted()) return false;
        if (read_file(l, p, &bytes, &size, &ignored) &&
            cli_mask_decode(&l->run->scratch, bytes, size, &mask, &ignored) && mask.drawn)
            cli_names_add(&masks, p->name);
        fleck_arena_reset(&l->run->scratch, mark);
    }
    if (masks.count && 2 * masks.count <= l->photo_count)
        cli_doubt(l,
                  "%zu picture%s look%s like %s: %s; masks are in a folder ground_truth, or "
                  "beside the photo NAME as NAME_mask",
                  masks.count, cli_plural(masks.count), masks.count == 1 ? "s" : "",
                  masks.count == 1 ? "a mask" : "masks", cli_names_end(&masks));
    return true;
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
        cli_doubt(l, "mask %s: %s", m->path, err.text);
        return CLI_DONE;
    }
    if (!mask.marked && p->label != CLI_WORD_BAD) return CLI_DONE;
    if (!photo->width && !cli_run_decode(run, p->picture->path, photo, &err)) {
        p->unreadable = true;
        cli_run_skip(run, p->picture->name, err.text);
        return CLI_DONE;
    }
    if (!cli_mask_fits(&mask, photo->width, photo->height)) {
        cli_doubt(l, "mask %s has %ux%u pixels, but its photo %s has %ux%u", m->path, mask.width,
                  mask.height, p->picture->path, photo->width, photo->height);
        return CLI_DONE;
    }
    if (!mask.marked) return CLI_DONE;
    if (!p->map) p->map = FLECK_NEW_ZERO(&run->arena, uint8_t, CLI_MAP);
    if (!p->map) return cli_run_no_memory(run);
    cli_mask_draw(&mask, run->args->options.preset, p->map);
    *inverted += mask.inverted;
    p->marked = true;
    return CLI_DONE;
}

static int read_masks(labelling *l) {
    cli_run *run = l->run;
    size_t inverted = 0, marked = 0, doubts = l->doubts;
    if (!l->mask_count) return CLI_DONE;
    cli_progress_begin(&run->progress, l->photo_count);
    for (uint32_t i = 0; i < l->photo_count && l->doubts < doubts + CLI_SHOWN; i++) {
        photo_entry *p = &l->photos[i];
        fleck_arena_mark mark = fleck_arena_here(&run->scratch);
        fleck_image photo = {.width = 0};
        for (uint32_t m = p->first_mask; m != CLI_NONE && !p->unreadable; m = l->masks[m].next) {
            if (cli_interrupted()) return stopped(l);
            int result = read_mask(l, p, l->masks[m].picture, &photo, &inverted);
            if (result != CLI_DONE) return result;
        }
        fleck_arena_reset(&run->scratch, mark);
        marked += p->marked;
        cli_progress_tell(&run->progress, "reading masks", i + 1);
    }
    cli_progress_clear(&run->progress);
    if (marked && inverted >= marked)
        cli_doubt(l, "the masks mark most of every photo and all of its corners: are good and "
                     "defective places swapped?");
    return CLI_DONE;
}

/* ---- labels ---- */

/* Masks alone: either all photos have one, empty where nothing is wrong, or only those
 * of which something is. */
static void label_by_masks(labelling *l) {
    cli_name_list without = {.count = 0}, empty = {.count = 0};
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        if (p->use != TESTED || p->unreadable) continue;
        p->label = p->marked ? CLI_WORD_BAD : CLI_WORD_GOOD;
        if (!p->mask_count) cli_names_add(&without, p->picture->name);
        if (p->mask_count && !p->marked) cli_names_add(&empty, p->picture->name);
    }
    if (without.count && empty.count)
        cli_doubt(
            l,
            "no folder says which photos are good; %zu ha%s an empty mask (%s) and %zu no mask "
            "(%s): are these good?",
            empty.count, empty.count == 1 ? "s" : "ve", cli_names_end(&empty), without.count,
            cli_names_end(&without));
}

/* Folders, and masks where these do not tell. */
static void label_by_folders(labelling *l) {
    cli_name_list folders = {.count = 0}, either = {.count = 0}, marked = {.count = 0};
    cli_name_list untold = {.count = 0};
    const cli_folder *last = NULL;
    for (size_t i = 0; i < l->photo_count; i++) {
        photo_entry *p = &l->photos[i];
        const cli_folder *f = p->folder;
        if (p->use != TESTED || p->unreadable) continue;
        if (p->label == CLI_WORD_UNSURE && p->marked) p->label = CLI_WORD_BAD;
        if (p->label == CLI_WORD_GOOD && p->marked) cli_names_add(&marked, p->picture->name);
        if (p->label == CLI_WORD_GOOD || p->label == CLI_WORD_BAD) continue;
        if (!p->label && l->notes.labels) {
            cli_names_add(&untold, p->picture->name);
        } else if (!p->label && f->has_good) {
            p->use = LEFT_OUT;
            cli_run_skip(l->run, p->picture->name, "is in no folder for good or defective photos");
        } else if (f != last) {
            cli_names_add(p->label == CLI_WORD_EITHER ? &either : &folders,
                          *f->path ? f->path : ".");
            last = f;
        }
    }
    if (untold.count)
        cli_doubt(l, "%s does not say whether %zu photo%s good or defective: %s", l->notes.labels,
                  untold.count, untold.count == 1 ? " is" : "s are", cli_names_end(&untold));
    if (either.count)
        cli_doubt(l, "%s: good or defective? The name can mean either; call it good or defective",
                  cli_names_end(&either));
    if (folders.count)
        cli_doubt(l,
                  "%s: neither good nor defective by the folder's name; call it good or defective",
                  cli_names_end(&folders));
    if (marked.count)
        cli_doubt(l, "%zu photo%s in folders for good ones ha%s a mask that marks something: %s",
                  marked.count, cli_plural(marked.count), marked.count == 1 ? "s" : "ve",
                  cli_names_end(&marked));
}

/* Which of the defective photos count for the pixel metrics. */
static void check_masks(labelling *l) {
    cli_name_list without = {.count = 0}, empty = {.count = 0};
    size_t marked = 0, masks = 0;
    for (size_t i = 0; i < l->photo_count; i++) {
        const photo_entry *p = &l->photos[i];
        if (p->use != TESTED || p->unreadable || p->label != CLI_WORD_BAD) continue;
        marked += p->marked;
        masks += p->mask_count;
        if (!p->mask_count) cli_names_add(&without, p->picture->name);
        if (p->mask_count && !p->marked) cli_names_add(&empty, p->picture->name);
    }
    if (!masks) return;
    l->out->masks = marked;
    l->out->unmasked = without.count + empty.count;
    if (without.count)
        cli_say(&l->run->progress,
                "%zu defective photo%s without a mask, left out of the pixel metrics: %s",
                without.count, cli_plural(without.count), cli_names_end(&without));
    if (empty.count)
        cli_say(&l->run->progress,
                "%zu defective photo%s whose mask is empty, left out of the pixel metrics: %s",
                empty.count, cli_plural(empty.count), cli_names_end(&empty));
    if (!marked) cli_doubt(l, "not one of the masks marks anything");
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
    if (!check_photos(l)) return stopped(l);
    int result = read_masks(l);
    if (result != CLI_DONE || l->doubts) return result;
    if (l->by_masks)
        label_by_masks(l);
    else
        label_by_folders(l);
    if (!l->doubts) check_masks(l);
    return CLI_DONE;
}

/* ---- the set ---- */

static const char *const *mask_names(labelling *l, const photo_entry *p) {
    const char **names = FLECK_NEW(&l->run->arena, const char *, p->mask_count);
    size_t n = p->mask_count;
    for (uint32_t m = p->first_mask; names && m != CLI_NONE; m = l->masks[m].next)
        names[--n] = l->masks[m].picture->name;
    return names;
}

static bool put_photos(labelling *l) {
    cli_labelled *out = l->out;
    fleck_arena *arena = &l->run->arena;
    const char *folders[] = {
        [LEARNT] = cli_split_folder(l, LEARNT), [TESTED] = cli_split_folder(l, TESTED)};
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
    if (!cli_pairs_part(&l) || !check_products(&l)) return cli_run_no_memory(run);
    if (!l.doubts && !read_tables(&l)) return cli_run_no_memory(run);
    if (!l.doubts) {
        split_photos(&l);
        if (!cli_pairs_find(&l)) return cli_run_no_memory(run);
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
    if (!put_photos(&l) || !cli_put_words(&l)) return cli_run_no_memory(run);
    if (out->good && out->defective) return CLI_DONE;
    if (out->count) cli_say(&run->progress, "read as: %s", out->words);
    if (!out->count)
        cli_say(&run->progress, "%s: no photo to test", dir);
    else
        cli_say(&run->progress,
                "%s: nothing to measure: all %zu photos to test are %s, so no ranking is better "
                "than another",
                dir, out->count, out->good ? "good" : "defective");
    return CLI_FAILED;
}
