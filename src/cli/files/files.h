/* Paths, and reading files. */
#ifndef FLECK_CLI_FILES_H
#define FLECK_CLI_FILES_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>
#include <stdio.h>

#define CLI_PHOTO_BYTES_MAX ((size_t)512 << 20) /* larger photo files are refused */

/* First lines of the tables that fleck writes. */
#define CLI_TABLE_HEADER "file,score,verdict"
#define CLI_TABLE_MARK ",mark" /* where a photo is marked */
#define CLI_TABLE_FRAME ",frame"
#define CLI_TABLE_AREA ",area"
#define CLI_EVAL_TABLE_HEADER "set,file,score,verdict,defective"
#define CLI_REGIONS_HEADER                                                                         \
    "file,region,left,top,width,height,area,share,centroid_x,centroid_y,peak,peak_x,peak_y,mean"

/* The same of the JSON. */
#define CLI_RESULTS_BEGIN "{\"format\":\"fleck-results\""
#define CLI_COCO_BEGIN "{\"info\":{\"description\":\"defects that fleck found\""

/* The same of web/report/template.html. */
#define CLI_REPORT_BEGIN "<!doctype html>\n<!-- report of fleck -->"

bool cli_is_folder(const char *path);

/* Whether both lead to one file, by whatever names and links. NULL leads nowhere. */
bool cli_same_file(const char *a, const char *b);

/* "dir/name", or "dir/name" + ending; NULL when memory is short. */
char *cli_join(fleck_arena *arena, const char *dir, const char *name, const char *ending);

/* What follows the last slash. */
const char *cli_last_part(const char *path);

/* Reads a whole file into arena. err gets the reason without the name. Only files are read: a
 * pipe might never end. Ends, as a failure, when the program is told to end. */
bool cli_read(fleck_arena *arena, const char *path, size_t limit, uint8_t **bytes, size_t *size,
              fleck_message *err);

typedef enum {
    CLI_HEAD_NONE = 0, /* nothing of that name, or it cannot be read: errno says */
    CLI_HEAD_FOLDER,
    CLI_HEAD_SPECIAL, /* a pipe, a device, a socket */
    CLI_HEAD_FILE
} cli_head;

/* Reads the first bytes of a file, at most limit. */
cli_head cli_read_head(const char *path, uint8_t *out, size_t limit, size_t *size);

/* The same on the calling thread, however long the file makes it wait. */
cli_head cli_read_head_now(const char *path, uint8_t *out, size_t limit, size_t *size);

/* Makes a folder and those above it; fine when it exists. err names it. */
bool cli_make_folder(fleck_arena *scratch, const char *path, fleck_message *err);

/* The backbone that comes with fleck, searched beside the executable and in
 * the source tree; NULL when it is nowhere. */
const char *cli_default_backbone(fleck_arena *arena);

#endif
