/* A program of somebody else's, in C and in C++: draws five photos, one with a spot, and says whose
 * score is the highest. The first argument is the backbone's file. */
#include <fleck/fleck.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PHOTOS = 5, DEFECTIVE = 3, SIDE = 64 };

static void fail(const char *what) {
    fprintf(stderr, "consumer: %s\n", what);
    exit(1);
}

static void *new_array(size_t count, size_t size) {
    void *array = calloc(count, size);
    if (!array) fail("no memory");
    return array;
}

/* Where the library's own warnings reach this program, -Wshadow makes an error of it. */
static uint32_t noise(uint32_t state) {
    uint32_t mixed = state * 2654435761u;
    {
        uint32_t state = mixed >> 28;
        return state;
    }
}

static void draw(uint32_t photo, uint8_t *rgba) {
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        uint32_t x = i % SIDE, y = i / SIDE, grey = 120 + noise(photo * SIDE * SIDE + i);
        int spot = photo == DEFECTIVE && x >= 20 && x < 36 && y >= 24 && y < 40;
        rgba[4 * i] = (uint8_t)(spot ? 230 : grey);
        rgba[4 * i + 1] = rgba[4 * i + 2] = (uint8_t)(spot ? 20 : grey);
        rgba[4 * i + 3] = 255;
    }
}

static uint8_t *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail("the backbone cannot be read");
    long end = ftell(file);
    if (end <= 0) fail("the backbone is empty");
    rewind(file);
    *size = (size_t)end;
    uint8_t *bytes = (uint8_t *)new_array(*size, 1);
    if (fread(bytes, 1, *size, file) != *size) fail("the backbone cannot be read");
    fclose(file);
    return bytes;
}

int main(int count, char **words) {
    if (strcmp(fleck_version(), FLECK_VERSION)) fail("header and library differ");
    if (count != 2) fail("name the backbone");
    fleck_detector *det;
    if (fleck_create(&det)) fail("no memory");
    fleck_options options = fleck_options_default();
    options.input = SIDE;
    size_t size;
    uint8_t *backbone = read_file(words[1], &size);
    fleck_feature_shape shape;
    if (fleck_configure(det, &options) || fleck_load_backbone(det, backbone, size) ||
        fleck_shape(det, &shape))
        fail(fleck_error(det));
    free(backbone);

    uint8_t *rgba = (uint8_t *)new_array(SIDE * SIDE, 4);
    size_t patches = (size_t)shape.rows * shape.columns;
    fleck_half *patch = (fleck_half *)new_array(patches * shape.dim, sizeof *patch);
    fleck_half *cls = (fleck_half *)new_array(shape.dim, sizeof *cls);
    for (uint32_t photo = 0; photo < PHOTOS; photo++) {
        draw(photo, rgba);
        if (fleck_extract_rgba(det, rgba, SIDE, SIDE, patch, cls) || fleck_add(det, patch, cls))
            fail(fleck_error(det));
    }
    free(rgba), free(patch), free(cls);

    fleck_progress progress;
    if (fleck_train_begin(det)) fail(fleck_error(det));
    do
        if (fleck_train_step(det, &progress)) fail(fleck_error(det));
    while (progress.done < progress.total);

    float *heat = (float *)new_array(FLECK_HEAT * FLECK_HEAT, sizeof *heat);
    float score, highest = -1;
    uint32_t at = 0;
    for (uint32_t photo = 0; photo < PHOTOS; photo++) {
        if (fleck_score_added(det, photo, heat, &score)) fail(fleck_error(det));
        if (score > highest) highest = score, at = photo;
    }
    printf("fleck %s: photo %u has the highest score\n", fleck_version(), (unsigned)at);
    free(heat);
    fleck_destroy(det);
    return at != DEFECTIVE;
}
