#include "train.h"

#include <string.h>

/* One memory of the plain nearest-neighbour score, and those of the ensemble. */
enum { KNN_ROWS = 8000, MEMORIES = 12, MEMORY_ROWS = 1024 };

static fleck_status no_memory(fleck_message *err) {
    return fleck_fail(err, FLECK_ERR_MEMORY, "not enough memory to train");
}

fleck_status fleck_training_begin(fleck_arena *arena, const fleck_features *features,
                                  fleck_method method, uint64_t seed,
                                  const fleck_feature_source *source, fleck_training *out,
                                  fleck_message *err) {
    size_t n = features->count, P = features->P;
    fleck_training t = {
        .features = *features,
        .rng = fleck_rng_seed(seed),
        .memory_steps = features->count + 1,
        .learn_steps = method == FLECK_METHOD_IRMB ? fleck_irmb_steps(features->count) : 0,
    };
    t.steps = t.memory_steps + t.learn_steps + features->count;
    t.model = (fleck_model){.method = method,
                            .seed = seed,
                            .source = *source,
                            .P = P,
                            .D = features->D,
                            .net_scale = {0, 1}};
    t.patches = FLECK_NEW(arena, float, (n * P));
    t.photo_score = FLECK_NEW(arena, float, n);
    t.model.photo_hash = FLECK_NEW(arena, uint32_t, 2 * n);
    if (!t.patches || !t.photo_score || !t.model.photo_hash) return no_memory(err);
    *out = t;
    return FLECK_OK;
}

/* The memories, then the distances of one photo after the other. */
static bool memory_step(fleck_training *t, fleck_arena *arena, const fleck_tools *tools) {
    const fleck_features *f = &t->features;
    fleck_model *m = &t->model;
    if (t->done == 0) {
        bool knn = m->method == FLECK_METHOD_KNN;
        return fleck_memory_draw(arena, tools->kernels, f, &t->rng, knn ? 1 : MEMORIES,
                                 knn ? KNN_ROWS : MEMORY_ROWS, &m->memory);
    }
    uint32_t photo = t->done - 1;
    fleck_features_hash(f->patch[photo], f->P * f->D, m->photo_hash + 2 * photo);
    return fleck_memory_distance(&m->memory, tools, f->patch[photo], f->P, photo,
                                 t->patches + photo * f->P);
}

/* The first step of learning sets it up, which takes a pass over all features. */
static bool learn_step(fleck_training *t, fleck_arena *arena, const fleck_tools *tools) {
    if (t->done == t->memory_steps &&
        !fleck_irmb_begin(&t->irmb, arena, tools, &t->features, t->patches, &t->model, t->rng))
        return false;
    return fleck_irmb_step(&t->irmb, arena, tools, &t->loss);
}

/* One photo's final patch scores, in place of its distances, and its raw score. */
static bool calibrate_step(fleck_training *t, const fleck_tools *tools) {
    uint32_t photo = t->done - t->memory_steps - t->learn_steps;
    size_t at = photo * t->model.P;
    float *patches = t->patches + at;
    const float *logit = t->learn_steps ? t->irmb.logit + at : NULL;
    fleck_model_fuse(&t->model, patches, logit, t->model.P, patches);
    return fleck_model_smooth(&t->model, tools, patches) &&
           fleck_model_photo(&t->model, tools, patches, &t->photo_score[photo]);
}

static fleck_stage stage_of(const fleck_training *t) {
    if (t->done < t->memory_steps) return FLECK_STAGE_MEMORY;
    return t->done < t->memory_steps + t->learn_steps ? FLECK_STAGE_LEARN : FLECK_STAGE_CALIBRATE;
}

fleck_status fleck_training_step(fleck_training *t, fleck_arena *arena, const fleck_tools *tools,
                                 fleck_progress *progress, fleck_message *err) {
    fleck_stage stage = stage_of(t);
    size_t n = t->features.count, P = t->model.P;
    bool enough = stage == FLECK_STAGE_MEMORY  ? memory_step(t, arena, tools)
                  : stage == FLECK_STAGE_LEARN ? learn_step(t, arena, tools)
                                               : calibrate_step(t, tools);
    if (!enough) return no_memory(err);
    t->done++;
    if (t->done == t->memory_steps)
        enough = fleck_robust_of(tools->scratch, t->patches, n * P, &t->model.memory_scale);
    if (t->done == t->steps)
        enough = fleck_robust_of(tools->scratch, t->photo_score, n, &t->model.photo_scale);
    if (!enough) return no_memory(err);
    *progress = (fleck_progress){stage, t->done, t->steps, t->loss};
    return FLECK_OK;
}
