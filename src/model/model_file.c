#include "model_file.h"

#include "hash.h"
#include "text.h"

#include <string.h>

/* 2 was I8 when its activations had 7 bits. */
const uint8_t fleck_model_precision[FLECK_MODEL_PRECISIONS] = {
    [FLECK_PRECISION_I16] = 0, [FLECK_PRECISION_F32] = 1, [FLECK_PRECISION_I8] = 3};

const char *fleck_model_view_name(char name[FLECK_MODEL_NAME], uint32_t view, const char *part) {
    fleck_print(name, FLECK_MODEL_NAME, "%u.%s", view, part);
    return name;
}

/* ---- the seal ---- */

static const char seal_mark[8] = "fleckmod";

bool fleck_model_is_marked(const uint8_t *bytes, size_t size) {
    return size >= FLECK_MODEL_SEAL &&
           !memcmp(bytes + size - FLECK_MODEL_SEAL, seal_mark, sizeof seal_mark);
}

void fleck_model_file_hash(const uint8_t *bytes, size_t size, uint8_t out[8]) {
    uint64_t hash = fleck_hash_bytes(FLECK_HASH_EMPTY, bytes, size < 8 ? 0 : size - 8);
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(hash >> 8 * i);
}

void fleck_model_seal(uint8_t *bytes, size_t size) {
    if (size < FLECK_MODEL_SEAL) return;
    memcpy(bytes + size - FLECK_MODEL_SEAL, seal_mark, sizeof seal_mark);
    fleck_model_file_hash(bytes, size, bytes + size - 8);
}
