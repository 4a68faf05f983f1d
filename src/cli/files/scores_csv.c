#include "scores_csv.h"

#include "files.h"
#include "fleck.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

static int by_score(const void *a, const void *b) {
    const cli_score *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return strcmp(x->name, y->name);
}

void cli_scores_sort(cli_score *scores, size_t count) {
    if (count) qsort(scores, count, sizeof *scores, by_score);
}

void cli_csv_write(FILE *out, const cli_score *scores, size_t count, float frame_share,
                   cli_area area, bool header, bool shown) {
    bool part = frame_share < 1, marked = false;
    for (size_t i = 0; i < count; i++) marked = marked || scores[i].mark;
    if (header)
        fprintf(out, CLI_TABLE_HEADER "%s%s%s\n", part ? CLI_TABLE_FRAME : "",
                area.inside ? CLI_TABLE_AREA : "", marked ? CLI_TABLE_MARK : "");
    for (size_t i = 0; i < count; i++) {
        cli_csv_field(out, scores[i].name, shown);
        fprintf(out, ",%.6f,%s", (double)scores[i].score, fleck_verdict_name(scores[i].verdict));
        if (part) fprintf(out, ",%.3f", (double)frame_share);
        if (area.inside) fprintf(out, ",%.3f", (double)area.share);
        if (marked) fprintf(out, ",%s", scores[i].mark ? scores[i].mark : "");
        fputc('\n', out);
    }
}

size_t cli_csv_room(const cli_photos *photos) {
    size_t bytes = 64;
    for (size_t i = 0; i < photos->count; i++)
        bytes += 2 * strlen(photos->items[i].name) + 48; /* every character a quote */
    return bytes;
}
