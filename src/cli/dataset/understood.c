/* What was understood of a labelled data set, as a sentence and as JSON. */
#include "labelling.h"
#include "print.h"

#include <stdarg.h>
#include <string.h>

/* A sentence that grows. */
static void tell(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + used, size - used, format, list);
    va_end(list);
}

const char *cli_split_folder(const labelling *l, photo_use use) {
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
        if (l->masks[i].photo == CLI_NONE) continue;
        const cli_folder *f = l->masks[i].folder;
        const char *place = "beside the photos";
        if (l->masks[i].partner == CLI_NONE) {
            while (l->tree.folders[f->parent].masks) f = &l->tree.folders[f->parent];
            place = f->path;
        }
        if (found && strcmp(found, place) != 0) return "several folders";
        found = place;
    }
    return found ? found : "";
}

bool cli_put_words(labelling *l) {
    enum { SIZE = 3000 };
    cli_labelled *out = l->out;
    const char *train = cli_split_folder(l, LEARNT), *test = cli_split_folder(l, TESTED);
    size_t defective = 0;
    char *text = FLECK_NEW_ZERO(&l->run->arena, char, SIZE);
    if (!text) return false;
    for (size_t i = 0; i < l->photo_count; i++)
        defective += l->photos[i].use == LEARNT && l->photos[i].label == CLI_WORD_BAD;
    if (out->same) {
        tell(text, SIZE, "%zu photos, learnt from without their labels and tested: ", out->count);
    } else {
        tell(text, SIZE, "%zu photo%s%s%s to learn from", out->train.count,
             cli_plural(out->train.count), l->notes.splits ? "" : " in ",
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

/* ---- JSON ---- */

static void json_photos(const cli_labelled *set) {
    printf(", \"photos\": [");
    for (size_t i = 0; i < set->count; i++) {
        const cli_sample *s = &set->test[i];
        printf("%s{\"file\": ", i ? ", " : "");
        cli_put_json(stdout, s->photo.name);
        printf(", \"defective\": %s, \"class\": ", s->defective ? "true" : "false");
        if (s->class)
            cli_put_json(stdout, s->class);
        else
            printf("null");
        printf(", \"masks\": [");
        for (size_t k = 0; k < s->from_count; k++) {
            if (k) printf(", ");
            cli_put_json(stdout, s->from[k]);
        }
        size_t marked = 0;
        for (size_t k = 0; s->mask && k < CLI_MAP; k++) marked += s->mask[k];
        printf("], \"marked\": %.4f}", (double)marked / CLI_MAP);
    }
    printf("]");
}

void cli_labelled_json(const cli_labelled *set, bool photos) {
    printf("\"read\": {\"words\": ");
    cli_put_json(stdout, set->words);
    printf(", \"same\": %s, \"learnt\": %zu, \"good\": %zu, \"defective\": %zu, \"masks\": %zu, "
           "\"without_mask\": %zu, \"left_out\": %zu",
           set->same ? "true" : "false", set->train.count, set->good, set->defective, set->masks,
           set->unmasked, set->left_out);
    if (photos) json_photos(set);
    printf("}");
}
