/* A shard: the features of a part of a folder's photos, in a file that 'fleck extract' writes and
 * several of which are learnt from as if from one folder. shard_file.c describes the file. */
#ifndef FLECK_CLI_SHARD_FILE_H
#define FLECK_CLI_SHARD_FILE_H

#include "arena.h"
#include "cache_file.h"
#include "status.h"

#include <stdio.h>

/* How its features were made: those of another source mean nothing beside them. */
typedef struct {
    const char *fleck; /* version of the program */
    uint64_t backbone; /* fingerprint of its file */
    fleck_preset preset;
    fleck_precision precision;
    fleck_tiles tiles;
    uint32_t input;
    uint32_t blocks[FLECK_BLOCKS_MAX], block_count; /* 0: the backbone's own choice */
    uint32_t sample_bits; /* as which photos of 16 bits were read; 0: none was there */
} cli_shard_source;

typedef struct cli_shard_photo {
    const char *name;
    uint64_t key;           /* fleck_photo_key of its file */
    uint32_t width, height; /* as it is seen; 0, 0: not known */
    fleck_samples samples;  /* fleck_measure */
    cli_features_key hash;  /* of its values */
    const uint8_t *values;  /* [P + 1, D] halves: its patches, then its class token */
} cli_shard_photo;

typedef struct {
    cli_shard_source source;
    size_t P, D;
    cli_shard_photo *photos; /* [count] */
    size_t count;
} cli_shard;

/* Reads a file's table, every size and value of it checked; the features themselves stay in bytes,
 * which the caller keeps. What is no such file, or damaged, is FLECK_ERR_FORMAT. */
fleck_status cli_shard_read(fleck_arena *arena, const uint8_t *bytes, size_t size, cli_shard *out,
                            fleck_message *err);

/* Copies a photo's features into patch ([P, D]) and cls ([D]). False, and nothing is written there,
 * where they are damaged. */
bool cli_shard_values(const cli_shard *shard, const cli_shard_photo *photo, fleck_half *patch,
                      fleck_half *cls);

/* Writes one photo after the other: what it holds beside is a few bytes a photo, in arena. */
typedef struct {
    FILE *out;
    fleck_arena *arena;
    cli_shard shard;
    size_t capacity;
} cli_shard_writer;

/* Begins the file of photos with P*D values each; its strings are borrowed until the end. */
void cli_shard_begin(cli_shard_writer *writer, fleck_arena *arena, FILE *out,
                     const cli_shard_source *source, size_t P, size_t D);

/* Adds a photo, whose hash and values are told by patch ([P, D]) and cls ([D]); its name is
 * borrowed until the end. False when memory is short, or none could hold the file; what cannot be
 * written, the file tells at its end. */
bool cli_shard_add(cli_shard_writer *writer, const cli_shard_photo *photo, const fleck_half *patch,
                   const fleck_half *cls);

/* Writes what precedes and follows the features, and leaves the file at its end. False when memory
 * is short. */
bool cli_shard_end(cli_shard_writer *writer);

#endif
