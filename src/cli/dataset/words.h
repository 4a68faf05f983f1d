/* What the names of folders in labelled data sets say. */
#ifndef FLECK_CLI_WORDS_H
#define FLECK_CLI_WORDS_H

#include <stdbool.h>

/* A name may say several things: "test_good". */
enum {
    CLI_WORD_TRAIN = 1,
    CLI_WORD_TEST = 2,
    CLI_WORD_VALIDATION = 4,
    CLI_WORD_SECRET = 8, /* a test set whose truth is not published */
    CLI_WORD_GOOD = 16,
    CLI_WORD_BAD = 32,
    CLI_WORD_MASKS = 64,
    CLI_WORD_PLAIN = 128,  /* images, data: nothing of interest */
    CLI_WORD_EITHER = 256, /* positive: is that a good photo, or one with a finding? */
    CLI_WORD_NUMBER = 512, /* a date, a number, a lot */
    CLI_WORD_UNSURE = 1024,
    CLI_WORD_VIEW = 2048, /* depth or points: no photo of its own */
    CLI_WORD_SPLIT = CLI_WORD_TRAIN | CLI_WORD_TEST | CLI_WORD_VALIDATION | CLI_WORD_SECRET,
    CLI_WORD_LABEL = CLI_WORD_GOOD | CLI_WORD_BAD | CLI_WORD_EITHER
};

enum { CLI_WORD_MAX = 256 }; /* bytes of a name that may be a word, with its NUL */

/* The words of a name as a whole, or, when all its parts between '_', '-', '.' and blanks
 * are such, of these together. 0: none is known. Capitals do not matter. */
unsigned cli_words_of(const char *name);

/* The words of the first (at -1) or last (at 1) part of a name, and in rest
 * [CLI_WORD_MAX] the name without that part; 0 when it has one part only. */
unsigned cli_words_part(const char *name, int at, char *rest);

/* Whether one name is the other with a negation: "non_cracked" of "cracked". */
bool cli_words_negates(const char *name, const char *other);

#endif
