#include "words.h"

#include <ctype.h>
#include <string.h>

typedef struct {
    unsigned word;
    const char *names; /* in small letters and digits only, between blanks */
} vocabulary;

static const vocabulary known[] = {
    {CLI_WORD_TRAIN, " train training trainset trainingset traindata trainingdata learn "},
    {CLI_WORD_TEST, " test testing testset testdata testpublic publictest eval evaluation "},
    {CLI_WORD_VALIDATION, " val valid validation validate valset validationset dev "},
    {CLI_WORD_SECRET, " testprivate testprivatemixed privatetest unlabeled unlabelled "},
    {CLI_WORD_GOOD,
     " good ok okay normal normals normally pass passed passing free defectfree nodefect "
     "nodefects nondefective nondefect nondefects undefective withoutdefect withoutdefects "
     "faultfree flawless flawfree anomalyfree noanomaly noanomalies nonanomalous nonanomaly "
     "nonanomalies nominal clean healthy intact fine perfect correct acceptable accepted accept "
     "undamaged conforming conform io gut bon bueno \xe8\x89\xaf\xe5\x93\x81 "
     "\xe5\x90\x88\xe6\xa0\xbc \xe6\xad\xa3\xe5\xb8\xb8 "},
    {CLI_WORD_BAD,
     " bad ko ng nok notok notgood nogood ungood notnormal defect defects defective "
     "defectives defected def abnormal abnormals abnormality abnormalities anomaly anomalies "
     "anomalous anomal fail failed failing failure failures fault faults faulty flaw flaws flawed "
     "reject rejected rejects scrap nio schlecht mauvais malo damaged broken unacceptable "
     "nonconforming nonconform logicalanomalies logicalanomaly structuralanomalies "
     "structuralanomaly \xe4\xb8\x8d\xe8\x89\xaf \xe4\xb8\x8d\xe8\x89\xaf\xe5\x93\x81 "
     "\xe4\xb8\x8d\xe5\x90\x88\xe6\xa0\xbc \xe5\xbc\x82\xe5\xb8\xb8 "},
    {CLI_WORD_MASKS,
     " groundtruth groundtruths gt gts mask masks maskimages label labels labelimages "
     "annotation annotations annot annots seg segs segmentation segmentations segmentationmask "
     "segmentationmasks anomalymask anomalymasks defectmask defectmasks gtmask gtmasks "
     "binarymask binarymasks pixelgt "},
    {CLI_WORD_PLAIN,
     " image images img imgs data dataset photo photos picture pictures rgb jpegimages pngimages "
     "original originals input inputs "},
    {CLI_WORD_EITHER, " positive negative positives negatives pos neg true false yes no "},
    {CLI_WORD_UNSURE,
     " unknown unsure uncertain undecided unclassified unsorted other others misc mixed maybe "
     "borderline questionable ambiguous todo review extra trash tmp temp backup old discarded "
     "ignore ignored duplicates result results output outputs out preview previews thumbs "
     "thumbnails heatmap heatmaps vis visualization visualizations visualisation visualisations "
     "plots figures samples examples debug logs pred preds prediction predictions "},
    {CLI_WORD_VIEW, " depth depths xyz pointcloud pointclouds pcd heightmap heightmaps "},
    {CLI_WORD_NUMBER,
     " january february march april june july august september october november december monday "
     "tuesday wednesday thursday friday saturday sunday "},
};

/* The same, which alone may be something else. */
static const char in_dates[] =
    " jan feb mar apr may jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun t ";

/* Words that with a number behind them say no more than the number. */
static const char counted[] =
    " batch cam camera day kw line lot month part run s session set shift week year ";

/* Labels of which there may be several. */
static const char countable[] =
    " good ok normal bad ng ko nok defect defective anomaly abnormal damaged ";

/* ASCII letters become small, and marks between words go. */
static size_t plain_letters(const char *name, char *out) {
    size_t n = 0;
    for (; *name && n < CLI_WORD_MAX - 1; name++) {
        unsigned char c = (unsigned char)*name;
        if (c >= 0x80 || isalnum(c)) out[n++] = (char)(c < 0x80 ? tolower(c) : c);
    }
    out[n] = '\0';
    return n;
}

static bool is_among(const char *names, const char *word, size_t length) {
    for (const char *at = names; (at = strstr(at, word)); at++)
        if (length && at > names && at[-1] == ' ' && at[length] == ' ') return true;
    return false;
}

static unsigned whole_word(const char *name) {
    char word[CLI_WORD_MAX];
    size_t length = plain_letters(name, word);
    if (!length) return 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is_among(known[i].names, word, length)) return known[i].word;
    /* 2024-05-01, 20240501T1200, 1may2024, batch7 */
    size_t digits = 0;
    while (length > 0 && isdigit((unsigned char)word[length - 1])) {
        word[--length] = '\0';
        digits++;
    }
    char *rest = word;
    while (digits && isdigit((unsigned char)*rest)) rest++;
    length -= (size_t)(rest - word);
    if (!digits) return 0;
    if (!length || is_among(in_dates, rest, length)) return CLI_WORD_NUMBER;
    if (rest == word) /* mask1, ground_truth_2, defect3, ok2; but pass1 is a run */
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (is_among(known[i].names, rest, length) &&
                (known[i].word & (CLI_WORD_MASKS | CLI_WORD_SPLIT) ||
                 is_among(countable, rest, length)))
                return known[i].word;
    bool dated = is_among(known[sizeof known / sizeof *known - 1].names, rest, length);
    return dated || is_among(counted, rest, length) ? CLI_WORD_NUMBER : 0;
}

static bool is_mark(char c) { return c && strchr("_-. ", c); }

unsigned cli_words_of(const char *name) {
    unsigned words = whole_word(name);
    if (words) return words;
    for (const char *at = name; *at;) {
        char part[CLI_WORD_MAX];
        size_t length = strcspn(at, "_-. ");
        if (length >= sizeof part) return 0;
        memcpy(part, at, length);
        part[length] = '\0';
        unsigned word = whole_word(part);
        if (length && !word) return 0;
        words |= word;
        at += length;
        while (*at && is_mark(*at)) at++;
    }
    if ((words & CLI_WORD_GOOD) && (words & CLI_WORD_BAD))
        words = (words & ~(unsigned)CLI_WORD_LABEL) | CLI_WORD_EITHER;
    return words;
}

unsigned cli_words_part(const char *name, int at, char *rest) {
    size_t length = strlen(name), first = strcspn(name, "_-. "), last = length;
    char part[CLI_WORD_MAX];
    while (last && !is_mark(name[last - 1])) last--;
    if (length >= CLI_WORD_MAX || first == length || !first || last == length) return 0;
    if (at < 0) {
        memcpy(part, name, first);
        part[first] = '\0';
        while (is_mark(name[first])) first++;
        memcpy(rest, name + first, length - first + 1);
    } else {
        memcpy(part, name + last, length - last + 1);
        while (last && is_mark(name[last - 1])) last--;
        memcpy(rest, name, last);
        rest[last] = '\0';
    }
    return whole_word(part);
}

bool cli_words_negates(const char *name, const char *other) {
    static const char *const before[] = {"non", "not", "no", "un", "without"};
    char word[CLI_WORD_MAX], negated[CLI_WORD_MAX];
    size_t length = plain_letters(name, word), stem = plain_letters(other, negated);
    if (!stem) return false;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        size_t n = strlen(before[i]);
        if (length == n + stem && !memcmp(word, before[i], n) && !strcmp(word + n, negated))
            return true;
    }
    return length == stem + 4 && !memcmp(word, negated, stem) && !strcmp(word + stem, "free");
}
