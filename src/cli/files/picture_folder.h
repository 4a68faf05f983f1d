/* A folder of pictures that are drawn of photos, one of each: drawn aside, and moved there once the
 * table is. All carry a mark, by which no run takes them for photos. */
#ifndef FLECK_CLI_PICTURE_FOLDER_H
#define FLECK_CLI_PICTURE_FOLDER_H

#include "progress.h"
#include "arena.h"
#include "status.h"

typedef struct {
    const char *out;    /* the folder of the run */
    const char *word;   /* for one of them: "heatmap" */
    const char *folder; /* "out/heatmaps" */
    const char *part;   /* the folder aside; NULL: none are drawn */
    int lock;           /* open as long as it is ours */
    size_t longest;     /* bytes that a name there may have */
    size_t count, failed;
} cli_pictures;

/* Begins the pictures of a run into the folder out/(word)s, drawn or not. err names what cannot be
 * made. */
bool cli_pictures_open(fleck_arena *arena, const char *out, const char *word, bool drawn,
                       cli_pictures *p, fleck_message *err);

/* The name of a photo's picture: '/' becomes "__", ".png" is added. Different photos never share
 * one. Of a name beyond longest bytes the middle becomes a hash. NULL when memory is short. */
char *cli_picture_name(fleck_arena *arena, const char *name, size_t longest);

/* Writes one aside, a PNG of [height, width, channels] of 8 bits, 64 Mpixel at most. name is the
 * photo's. */
bool cli_pictures_write(cli_pictures *p, fleck_arena *scratch, const char *name, uint32_t width,
                        uint32_t height, uint32_t channels, const uint8_t *pixels,
                        fleck_message *err);

/* Removes the pictures that an earlier run drew there, and nothing else. */
void cli_pictures_clear(const cli_pictures *p, fleck_arena *scratch);

/* Moves those drawn aside to their folder. Files of the user's keep their names: says so. */
void cli_pictures_place(cli_pictures *p, fleck_arena *scratch, cli_progress *progress);

/* Removes what is still aside. */
void cli_pictures_close(cli_pictures *p, fleck_arena *scratch);

#endif
