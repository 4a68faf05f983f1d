#include "file_kind.h"

#include "decoders.h"
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *magic;
    size_t length;
    cli_kind kind;
    const char *name;
} signature;

#define MAGIC(text) text, sizeof(text) - 1

/* What is no picture: those are known to the decoder, which takes a report for any HTML. */
static const signature signatures[] = {
    {MAGIC("\x1f\x8b"), CLI_KIND_OTHER, "gzip"},
    {MAGIC("7z\xbc\xaf"), CLI_KIND_OTHER, "7-Zip"},
    {MAGIC("\x93NUMPY"), CLI_KIND_OTHER, "NumPy"},
    {MAGIC("\x80\x02"), CLI_KIND_WEIGHTS, "PyTorch checkpoint"},
    {MAGIC(CLI_TABLE_HEADER "\n"), CLI_KIND_OWN, "table of scores"},
    {MAGIC(CLI_TABLE_HEADER "\r\n"), CLI_KIND_OWN, "table of scores"},
    {MAGIC(CLI_TABLE_HEADER CLI_TABLE_FRAME), CLI_KIND_OWN, "table of scores"},
    {MAGIC(CLI_TABLE_HEADER CLI_TABLE_AREA), CLI_KIND_OWN, "table of scores"},
    {MAGIC(CLI_TABLE_HEADER CLI_TABLE_MARK), CLI_KIND_OWN, "table of scores"},
    {MAGIC(CLI_EVAL_TABLE_HEADER "\n"), CLI_KIND_OWN, "table of scores"},
    {MAGIC(CLI_REGIONS_HEADER), CLI_KIND_OWN, "table of regions"},
    {MAGIC(CLI_RESULTS_BEGIN), CLI_KIND_OWN, "file of results"},
    {MAGIC(CLI_COCO_BEGIN), CLI_KIND_OWN, "file of regions"},
    {MAGIC(CLI_REPORT_BEGIN), CLI_KIND_OWN, "report"},
};

static bool contains(const unsigned char *bytes, size_t size, const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= size; i++)
        if (!memcmp(bytes + i, text, length)) return true;
    return false;
}

static bool is_text(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (bytes[i] < ' ' && (!bytes[i] || !strchr("\t\n\r\f", bytes[i]))) return false;
    return true;
}

cli_kind cli_kind_of_head(const unsigned char *b, size_t size, const char **name) {
    static const cli_kind of_class[] = {[FLECK_FILE_OTHER] = CLI_KIND_OTHER,
                                        [FLECK_FILE_PICTURE] = CLI_KIND_PICTURE,
                                        [FLECK_FILE_HEATMAP] = CLI_KIND_HEATMAP,
                                        [FLECK_FILE_PHOTO] = CLI_KIND_PHOTO};
    *name = NULL;
    if (!size) return CLI_KIND_EMPTY;
    if (size > 4 && !memcmp(b, "PK\3\4", 4) && contains(b, size, "data.pkl")) {
        *name = "PyTorch checkpoint";
        return CLI_KIND_WEIGHTS;
    }
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const signature *s = &signatures[i];
        if (s->length > size || memcmp(b, s->magic, s->length) != 0) continue;
        *name = s->name;
        return s->kind;
    }
    fleck_file_kind kind = fleck_file_kind_of(b, size);
    *name = kind.name;
    if (kind.class == FLECK_FILE_PICTURE && cli_decoder_has(kind.name)) return CLI_KIND_PHOTO;
    if (kind.name) return of_class[kind.class];
    if (size > 8 && !memcmp(b, "FEAT", 4) && !b[5] && !b[6] && !b[7]) {
        *name = "file of features";
        return CLI_KIND_OWN;
    }
    if (size > 8 && b[8] == '{' && !b[4] && !b[5] && !b[6] && !b[7]) {
        bool is_model = contains(b, size, "fleck-model");
        *name = "file of features";
        if (contains(b, size, "fleck-features")) return CLI_KIND_OWN;
        *name = is_model ? "model of fleck's" : "backbone (safetensors)";
        return is_model ? CLI_KIND_MODEL : CLI_KIND_WEIGHTS;
    }
    if (!is_text(b, size)) return CLI_KIND_OTHER;
    *name = "text";
    return CLI_KIND_TEXT;
}

static void describe(cli_kind kind, const char *name, cli_kind_words *out) {
    static const char *const nouns[] = {
        [CLI_KIND_PHOTO] = " photo",    [CLI_KIND_PICTURE] = " picture",
        [CLI_KIND_OWN] = " of fleck's", [CLI_KIND_MODEL] = "",
        [CLI_KIND_WEIGHTS] = "",        [CLI_KIND_TEXT] = " file",
        [CLI_KIND_OTHER] = " file"};
    if (kind == CLI_KIND_HEATMAP)
        snprintf(out->text, sizeof out->text, "a heatmap that fleck drew");
    else if (kind == CLI_KIND_EMPTY)
        snprintf(out->text, sizeof out->text, "an empty file");
    else if (!name)
        snprintf(out->text, sizeof out->text, "no file of a kind that fleck knows");
    else
        snprintf(out->text, sizeof out->text, "a%s %s%s", strchr("AEIO", *name) ? "n" : "", name,
                 nouns[kind]);
}

cli_kind cli_kind_of(const char *path, cli_kind_words *words) {
    unsigned char head[CLI_KIND_HEAD];
    cli_kind_words ignored;
    const char *name;
    size_t size;
    if (!words) words = &ignored;
    words->text[0] = '\0';
    cli_head found = cli_read_head(path, head, sizeof head, &size);
    if (found == CLI_HEAD_NONE) return CLI_KIND_MISSING;
    if (found == CLI_HEAD_FOLDER) {
        snprintf(words->text, sizeof words->text, "a folder");
        return CLI_KIND_FOLDER;
    }
    if (found == CLI_HEAD_SPECIAL) {
        snprintf(words->text, sizeof words->text, "no regular file");
        return CLI_KIND_SPECIAL;
    }
    cli_kind kind = cli_kind_of_head(head, size, &name);
    describe(kind, name, words);
    return kind;
}
