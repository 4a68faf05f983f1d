/* Files that are written aside and take their name when they are whole: an older one survives
 * whatever goes wrong on the way. */
#ifndef FLECK_CLI_ATOMIC_FILE_H
#define FLECK_CLI_ATOMIC_FILE_H

#include "arena.h"
#include "status.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct {
    const char *path;   /* as the user wrote it */
    const char *target; /* the file meant: links are followed */
    const char *part;   /* the file aside; NULL: target is a device or a pipe, written at once */
    FILE *file;         /* NULL: not open, or placed */
    mode_t mode;        /* of the file that it replaces; 0: there is none */
    bool loose;         /* a power cut may take it: much is written, and can be made again */
    bool sealed;
} cli_atomic_file;

/* Whether this path stands for standard output. */
bool cli_is_stdout(const char *path);

/* Opens a file to be path, with room for reserve bytes taken at once, so that a full disk, a
 * missing permission or a read-only file is told before the work. err names the file. */
bool cli_atomic_open(fleck_arena *arena, const char *path, size_t reserve, cli_atomic_file *out,
                     fleck_message *err);

/* Whether everything written so far is on the disk; nothing can be written after it. */
bool cli_atomic_seal(cli_atomic_file *aside, fleck_message *err);

/* Seals it, and gives it its name; or another one than it was opened for. On failure the file
 * aside is removed. */
bool cli_atomic_place(cli_atomic_file *aside, fleck_message *err);
bool cli_atomic_place_as(cli_atomic_file *aside, const char *target, fleck_message *err);

/* Closes and removes it where it has not been placed. */
void cli_atomic_drop(cli_atomic_file *aside);

/* Writes a whole file of a folder of ours that way, loosely. A link there is replaced: nobody
 * asked for what it leads to. err names the file. */
bool cli_write(fleck_arena *scratch, const char *path, const uint8_t *bytes, size_t size,
               fleck_message *err);

/* A name for a file aside in that folder: hidden, and none other has it. The program that writes
 * such a file keeps it locked; the second removes those whose program is gone, by a kill or a power
 * cut. */
char *cli_atomic_name(fleck_arena *arena, const char *folder);
void cli_atomic_sweep(fleck_arena *scratch, const char *folder);

#endif
