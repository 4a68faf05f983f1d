#include "train.h"

#include "calibration.h"
#include "learner.h"
#include "marks.h"

#include <string.h>

/* From this score on a photo counts among the fewest that have a defect. */
#define CERTAIN 0.8f

static fleck_status no_memory(fleck_message *err) {
    return fleck_fail(err, FLECK_ERR_MEMORY, "not enough memory to train");
}

/* Photos whose patches the others' outlier factors are taken among: the factors of a
 * place take time that grows with their square. */
enum { LOF_PHOTOS = 200 };

/* Steps that find outlier factors, a row of the grid each. */
static uint32_t lof_steps_of(const fleck_view_plan *plan, fleck_grid grid) {
    return plan->memory.weighted ? grid.rows : 0;
}

/* Steps in which a view's nets learn. */
static uint32_t nets_steps_of(const fleck_view_plan *plan, uint32_t iterations) {
    return plan->nets ? fleck_nets_training_steps(iterations) : 0;
}

fleck_status fleck_training_begin(fleck_arena *arena, const fleck_features *features,
                                  fleck_method method, uint64_t seed, uint32_t iterations,
                                  const fleck_feature_source *source, fleck_training *out,
                                  fleck_message *err) {
    uint32_t n = features->count;
    size_t P = features->P;
    const fleck_method_plan *plan = fleck_method_plan_of(method);
    fleck_training t = {
        .features = *features, .iterations = iterations, .rng = fleck_rng_seed(seed)};
    /* of each view one to fit it, those of outlier factors and of nets, one for each memory and
     * photo */
    for (uint32_t v = 0; v < plan->views; v++)
        t.memory_steps += 1 + lof_steps_of(&plan->view[v], features->grid) +
                          nets_steps_of(&plan->view[v], iterations) +
                          fleck_memory_count(plan->view[v].memory, n) + n;
    const fleck_learner_functions *learner = fleck_learner_functions_of(plan->learner);
    if (learner) t.learn_steps = learner->steps(n, iterations);
    t.steps = t.memory_steps + t.learn_steps + n;
    t.model = (fleck_model){.method = method,
                            .seed = seed,
                            .source = *source,
                            .P = P,
                            .D = features->D,
                            .photos = n,
                            .net_scale = {0, 1},
                            .discriminant_scale = {0, 1}};
    t.distance = FLECK_NEW(arena, float, n, P);
    t.nearest = FLECK_NEW(arena, float, n, P);
    t.scores.rank = FLECK_NEW_ZERO(arena, float, n, P);
    t.scores.map = FLECK_NEW_ZERO(arena, float, n, P);
    t.level = FLECK_NEW(arena, float, n);
    t.model.photo_hash = FLECK_NEW(arena, uint32_t, 2, n);
    if (!t.distance || !t.nearest || !t.scores.rank || !t.scores.map || !t.level ||
        !t.model.photo_hash)
        return no_memory(err);
    *out = t;
    return FLECK_OK;
}

/* ---- distances ---- */

/* Makes room for the view's nets, or for its memories. */
static bool begin_view(fleck_training *t, fleck_arena *arena, const fleck_compute *compute) {
    const fleck_features *f = &t->features;
    const fleck_view_plan *plan = &fleck_method_plan_of(t->model.method)->view[t->view];
    fleck_view *view = &t->model.view[t->view];
    fleck_nets *nets = &view->nets;
    if (!fleck_embedding_fit(arena, compute, f, plan->embedding, &view->embedding)) return false;
    if (!plan->nets)
        return fleck_memory_begin(arena, f->count, f->D, plan->memory, &t->rng, &view->memory);
    return fleck_nets_new(arena, plan->nets, f->D, t->model.source.block_count, 0, nets) &&
           fleck_nets_training_begin(&t->nets, arena, f, &view->embedding, nets, t->iterations);
}

/* Puts the distances of the view at hand on its scale, and goes on to the next. */
static bool end_view(fleck_training *t, fleck_arena *arena, const fleck_compute *compute) {
    size_t count = t->features.count * t->model.P;
    fleck_view *view = &t->model.view[t->view];
    const fleck_view_plan *plan = &fleck_method_plan_of(t->model.method)->view[t->view];
    float *grain = &t->grain[t->view];
    if (!fleck_view_grain(view, compute, &t->features, grain) ||
        (plan->by_place &&
         !fleck_view_learn_places(view, arena, compute->scratch, t->features.count, *grain,
                                  t->distance, t->nearest)) ||
        !fleck_robust_of(compute->scratch, t->distance, count, &view->scale) ||
        !fleck_robust_of(compute->scratch, t->nearest, count, &view->nearest_scale))
        return false;
    fleck_model_add_view(&t->model, t->view, t->distance, t->nearest, count, t->scores);
    t->model.views = ++t->view;
    t->view_done = 0;
    return true;
}

/* Outlier factors are kept where the distances come later. */
static bool memory_step(fleck_training *t, fleck_arena *arena, const fleck_compute *compute) {
    const fleck_features *f = &t->features;
    const fleck_view_plan *plan = &fleck_method_plan_of(t->model.method)->view[t->view];
    fleck_view *view = &t->model.view[t->view];
    uint32_t lof_steps = lof_steps_of(plan, f->grid), memories = view->memory.count;
    uint32_t nets_steps = nets_steps_of(plan, t->iterations);
    uint32_t at = t->view_done++;
    if (at == 0) return begin_view(t, arena, compute);
    if (--at < lof_steps)
        return fleck_lof_row(compute, f, &view->embedding, view->memory.order,
                             f->count < LOF_PHOTOS ? f->count : LOF_PHOTOS, at, t->distance);
    if ((at -= lof_steps) < memories)
        return fleck_memory_draw(&view->memory, at, arena, compute, f, &view->embedding,
                                 lof_steps ? t->distance : NULL, &t->rng);
    if ((at -= memories) < nets_steps)
        return fleck_nets_training_step(&t->nets, compute, &t->rng, &t->loss);
    uint32_t photo = at - nets_steps;
    size_t to = photo * f->P;
    return fleck_view_distance(view, compute, f->patch[photo], photo, t->distance + to,
                               t->nearest + to) &&
           (photo + 1 < f->count || end_view(t, arena, compute));
}

/* ---- local-net and scales ---- */

static const fleck_learner_functions *learner_of(const fleck_training *t) {
    return fleck_learner_functions_of(fleck_method_plan_of(t->model.method)->learner);
}

/* The first step of learning sets it up, too. */
static bool learn_step(fleck_training *t, fleck_arena *arena, const fleck_compute *compute) {
    const fleck_learner_functions *learner = learner_of(t);
    if (t->done == t->memory_steps)
        t->learner =
            learner->begin(arena, compute, &t->features, t->scores.rank, &t->model, t->rng);
    return t->learner && learner->step(t->learner, arena, compute, &t->loss);
}

/* One photo's final patch scores, in place of how unusual they are, its levels, and what
 * it is recognised by. */
static bool calibrate_step(fleck_training *t, const fleck_compute *compute) {
    uint32_t photo = t->done - t->memory_steps - t->learn_steps;
    size_t at = photo * t->model.P;
    fleck_patch_scores scores = {t->scores.rank + at, t->scores.map + at};
    fleck_features_hash(t->features.patch[photo], t->model.P * t->model.D,
                        t->model.photo_hash + 2 * (size_t)photo);
    const fleck_learner_functions *learner = learner_of(t);
    if (learner && !learner->learnt)
        return fleck_model_patches(&t->model, compute, t->features.patch[photo],
                                   t->features.cls[photo], photo, scores) &&
               fleck_model_photo(&t->model, compute, scores, &t->level[photo]);
    fleck_learnt learnt = {NULL, NULL};
    if (learner) learnt = learner->learnt(t->learner, photo);
    return fleck_model_finish(&t->model, compute, learnt, scores) &&
           fleck_model_photo(&t->model, compute, scores, &t->level[photo]);
}

/* Photos that are equal were compared with different memories: all get what the first got. */
static void level_equal(fleck_training *t) {
    const uint32_t *first = t->features.first;
    size_t P = t->model.P;
    for (uint32_t i = 0; first && i < t->features.count; i++) {
        if (first[i] == i) continue;
        t->level[i] = t->level[first[i]];
        memcpy(t->scores.rank + i * P, t->scores.rank + first[i] * P, P * sizeof(float));
        memcpy(t->scores.map + i * P, t->scores.map + first[i] * P, P * sizeof(float));
    }
}

/* The scale of photos. In a folder of copies any difference would stand out: no photo is a
 * defect by patches that are nearer to what is known than the photos' own neighbouring patches
 * are to each other. */
static bool end_training(fleck_training *t, const fleck_compute *compute) {
    fleck_model *m = &t->model;
    const fleck_method_plan *plan = fleck_method_plan_of(m->method);
    uint32_t n = t->features.count;
    level_equal(t);
    m->threshold = FLECK_DEFECT;
    if (!fleck_marks_width(compute, &t->features, t->scores.map, &m->look_width)) return false;
    if (!(plan->logits ? fleck_level_scale_of_logits
                       : fleck_level_scale_of)(compute->scratch, t->level, n, &m->level_scale))
        return false;
    float rank = 0, peak = 0;
    for (uint32_t v = 0; v < m->views; v++) {
        float grain = t->grain[v], nearest = grain;
        if (m->view[v].usual) {
            grain /= fleck_places_least(m->view[v].usual, m->P);
            nearest /= fleck_places_least(m->view[v].usual + m->P, m->P);
        }
        fleck_model_add_view(m, v, &grain, &nearest, 1, (fleck_patch_scores){&rank, &peak});
    }
    if (!m->views) return true;
    float least = fleck_model_level_of(m, fleck_model_level(m, rank), fleck_model_level(m, peak));
    if (m->level_scale.defect < least) m->level_scale.defect = least;
    return true;
}

static bool step_of(fleck_training *t, fleck_arena *arena, const fleck_compute *compute,
                    fleck_stage *stage) {
    if (t->done < t->memory_steps) {
        bool nets = fleck_method_plan_of(t->model.method)->view[t->view].nets;
        *stage = nets ? FLECK_STAGE_LEARN : FLECK_STAGE_MEMORY;
        return memory_step(t, arena, compute);
    }
    bool learns = t->done < t->memory_steps + t->learn_steps;
    *stage = learns ? FLECK_STAGE_LEARN : FLECK_STAGE_CALIBRATE;
    return learns ? learn_step(t, arena, compute) : calibrate_step(t, compute);
}

fleck_status fleck_training_step(fleck_training *t, fleck_arena *arena,
                                 const fleck_compute *compute, fleck_progress *progress,
                                 fleck_message *err) {
    fleck_stage stage;
    bool enough = step_of(t, arena, compute, &stage);
    if (enough && ++t->done == t->steps) enough = end_training(t, compute);
    if (!enough) return no_memory(err);
    *progress = (fleck_progress){stage, t->done, t->steps, t->loss};
    return FLECK_OK;
}

float fleck_training_score(const fleck_training *t, uint32_t photo) {
    return fleck_score_of_strength(fleck_level_strength(t->model.level_scale, t->level[photo]));
}

fleck_folder_verdict fleck_folder_judge(const float *score, uint32_t n, float threshold) {
    uint32_t defects = 0, looks = 0, certain = 0;
    fleck_folder_verdict folder = {.photos = n};
    for (uint32_t i = 0; i < n; i++) {
        fleck_verdict verdict = fleck_verdict_of(score[i], threshold);
        folder.defects += verdict == FLECK_VERDICT_DEFECT;
        folder.looks += verdict == FLECK_VERDICT_LOOK;
        verdict =
            fleck_verdict_of(score[i], FLECK_DEFECT); /* what the estimate is calibrated for */
        defects += verdict == FLECK_VERDICT_DEFECT;
        looks += verdict == FLECK_VERDICT_LOOK;
        certain += score[i] >= CERTAIN;
    }
    fleck_defect_count count = fleck_count_defects(n, defects, looks, certain);
    folder.estimated = count.estimate;
    folder.estimated_least = count.least;
    folder.estimated_most = count.most;
    folder.clean = !folder.defects;
    return folder;
}
