/* The model file: safetensors whose metadata says what it is. Its last tensor is a seal,
 * which tells damage of any kind: a word that marks the file as a model's, and a hash of all
 * bytes before the hash. Every value is checked as well, for a seal can be forged: whatever
 * the bytes, what is loaded gives finite scores.
 *
 * Files of other versions are refused by name. What is new may be an entry or a tensor of its own
 * where it changes no score: a reader takes its absence as what was so before.
 *
 *   metadata       format=fleck-model, version, method, preset, precision, input, grid (side of a
 *                  square one) or else rows and columns, blocks, dim, seed, backbone (fingerprint),
 *                  of photos of 16 bits sample_bits, and of photos of several tiles tile_columns
 *                  and tile_rows
 *
 *   photo.hash     U32 [photos, 2]
 *   scales         F32 [3 + 2 views, 2]: center and spread of logits, zero and defect of photos'
 *                  levels, center and spread of the discriminant's values, and of each view's
 *                  distances and nearest distances
 *   threshold      F32 [1], other than the usual one
 *   smallest_area  F32 [1], other than 0
 *   area           U32 [FLECK_HEAT, FLECK_HEAT / 32], with an area: bits of fleck_area_map
 *   area.part      F16 [tokens, D], where it follows a part (part.h)
 *   look.width     F32 [1]: of marks' likeness
 *
 * with marks:
 *
 *   marks.what     U32 [marks, 4]: hash of the photo, place of the spot or 2^32 - 1, and mark
 *   marks.at       U32 [marks, 4]: places of the points, 2^32 - 1 where there are fewer
 *   marks.strength F32 [marks]
 *   marks.look     F32 [marks, 4, D], zero where there are fewer points
 *
 * for each view V of the method, P being the patches that count:
 *
 *   V.rows         I8 [all rows, D], in steps
 *   V.steps        F32 [memories, D] (columns.h)
 *   V.counts       U32 [memories]
 *   V.own          U32 [memories, photos, 2]
 *   V.weights      F32 [all rows], of weighted memories
 *   V.usual        F32 [2, P], of distances and of nearest ones, by place
 *   V.mean         F32 [places, D]
 *   V.factor       F32 [D, D], lower triangle, with whitening
 *   V.nets         F32 [parameters]
 *   V.nets.hidden  U32 [1], with nets
 *
 * with a local-net:
 *
 *   standard       F32 [2, 2, D]: mean and inverse deviation
 *   net            F32 [parameters]
 *   net.widths     U32 [3]: A, H1, H2
 *
 * and unless it is the paper's:
 *
 *   trust          F32 [1]
 *   discriminant   F32 [D]
 *
 * and at the file's very end:
 *
 *   seal           U32 [4]: mark, hash, little-endian */
#ifndef FLECK_MODEL_FILE_H
#define FLECK_MODEL_FILE_H

#include "model.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    FLECK_MODEL_VERSION = 14,
    FLECK_MODEL_SEAL = 16,  /* bytes */
    FLECK_MODEL_NAME = 24,  /* bytes that a tensor's name takes */
    FLECK_MODEL_SCALES = 3, /* besides those of views */
    FLECK_MODEL_SCALES_MAX = FLECK_MODEL_SCALES + 2 * FLECK_VIEWS_MAX,
    FLECK_MODEL_PRECISIONS = 3
};

/* Of precisions, in the metadata. */
extern const uint8_t fleck_model_precision[FLECK_MODEL_PRECISIONS];

/* "rows" of view 1 -> "1.rows" */
const char *fleck_model_view_name(char name[FLECK_MODEL_NAME], uint32_t view, const char *part);

/* Whether a model's seal is at the end of the bytes. */
bool fleck_model_is_marked(const uint8_t *bytes, size_t size);

/* Of all bytes but the last 8, little-endian. */
void fleck_model_file_hash(const uint8_t *bytes, size_t size, uint8_t out[8]);

#endif
