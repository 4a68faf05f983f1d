/* Any bytes as a photo: decoded or refused, then resized. */
#include "../c/bytes.h"
#include "resize.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Puts right the checksums of a PNG, so that changed chunks get past them. */
static void repair_png(uint8_t *png, size_t size) {
    for (size_t at = 8; size >= at && size - at >= 12;) {
        size_t length = (size_t)png[at] << 24 | png[at + 1] << 16 | png[at + 2] << 8 | png[at + 3];
        if (length > size - at - 12) return;
        set_be32(png + at + 8 + length, crc_of(png + at + 4, length + 4));
        at += 12 + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    enum { S = 16 };
    static const float mean[3] = {0.5f, 0.5f, 0.5f}, std[3] = {0.25f, 0.25f, 0.25f};
    float tensor[3 * S * S];
    uint8_t *file = calloc(1, size ? size : 1);
    if (!file) return 0;
    if (size) memcpy(file, bytes, size);
    if (size > 8 && !memcmp(file, "\x89PNG", 4)) repair_png(file, size);
    fleck_arena arena = {0};
    fleck_image image;
    fleck_message err;
    fleck_samples samples = {0, 0};
    bool measured = !fleck_image_measure(file, size, &samples, &err);
    if (measured && samples.bits && (samples.bits < 8 || samples.highest >> samples.bits)) abort();
    uint32_t bits = size % 3 ? samples.bits : 12;
    if (!fleck_image_decode(&arena, file, size, bits, &image, &err)) {
        if (!measured || !image.wide != !samples.bits) abort();
        fleck_preset preset = size % 2 ? FLECK_PRESET_FIT : FLECK_PRESET_FUNAD;
        if (fleck_image_to_tensor(&arena, &image, preset, fleck_square_of(S), mean, std, tensor,
                                  &err))
            abort();
        for (size_t i = 0; i < sizeof tensor / sizeof *tensor; i++)
            if (!(tensor[i] >= -2.0f && tensor[i] <= 2.0f)) abort();
    } else if (!memchr(err.text, 0, sizeof err.text) || !*err.text) {
        abort(); /* a refusal gives its reason */
    }
    fleck_arena_free(&arena);
    free(file);
    return 0;
}
