#include "preview.h"

#include "memory.h"
#include "robust.h"

/* As few as one memory of the ensemble has: then a photo costs a hundredth of its features. */
#define ROWS 1024

/* As the other methods rank photos (method.c, top_percent). */
#define TOP_PERCENT 1

/* How far a photo lies from the memory; embedded is [P, D], distance [P]. */
static bool rank_photo(const fleck_memory *memory, const fleck_compute *compute,
                       const fleck_embedding *embedding, const fleck_features *features,
                       uint32_t photo, float *embedded, float *distance, float *out) {
    size_t P = features->P;
    if (!fleck_embed(embedding, compute, features->patch[photo], embedded) ||
        !fleck_memory_distance(memory, compute, embedded, P, photo, distance, NULL))
        return false;
    *out = fleck_top_mean(distance, P, (P * TOP_PERCENT + 50) / 100);
    return true;
}

bool fleck_preview_rank(const fleck_compute *compute, const fleck_features *features, uint64_t seed,
                        float *unusual) {
    const fleck_memory_plan plan = {
        .division = FLECK_MEMORY_FOLDER, .count_max = 1, .rows_max = ROWS};
    const fleck_embedding_plan as_they_are = {.window = 1};
    fleck_arena arena = {0};
    fleck_rng rng = fleck_rng_seed(seed);
    fleck_memory memory;
    fleck_embedding embedding;
    float *embedded = FLECK_NEW(&arena, float, features->P, features->D);
    float *distance = FLECK_NEW(&arena, float, features->P);
    bool ok = embedded && distance &&
              fleck_embedding_fit(&arena, compute, features, as_they_are, &embedding) &&
              fleck_memory_begin(&arena, features->count, features->D, plan, &rng, &memory) &&
              fleck_memory_draw(&memory, 0, &arena, compute, features, &embedding, NULL, &rng);
    for (uint32_t i = 0; ok && i < features->count; i++)
        ok = rank_photo(&memory, compute, &embedding, features, i, embedded, distance, unusual + i);
    fleck_arena_free(&arena);
    return ok;
}
