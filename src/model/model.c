/* Scores of patches and photos. The file format is in model_file.h. */
#include "model.h"

#include "calibration.h"
#include "half.h"
#include "hash.h"
#include "heatmap.h"

#include <string.h>

enum { ROWS = 64 /* patches, a piece of parallel work */ };

/* Of what is learnt from fully trusted labels in a patch's score, beside 1 of how unusual it
 * is. The discriminant knows anomalies of photos it has not learnt from better, the local-net
 * their places. */
#define NET_WEIGHT 0.3f
#define DISCRIMINANT_WEIGHT 0.25f

/* Bounds of a logit's z: a sure net must not drown the distances. */
#define LOGIT_LEAST (-10.0f)
#define LOGIT_MOST 60.0f

void fleck_features_hash(const fleck_half *patch, size_t count, uint32_t hash[2]) {
    uint64_t h = FLECK_HASH_EMPTY;
    for (size_t i = 0; i < count; i++) h = fleck_hash_add(h, patch[i]);
    hash[0] = (uint32_t)h;
    hash[1] = (uint32_t)(h >> 32);
}

uint32_t fleck_model_recognise(const fleck_model *model, const fleck_half *patch) {
    uint32_t hash[2];
    fleck_features_hash(patch, model->P * model->D, hash);
    for (uint32_t i = 0; i < model->photos; i++)
        if (!memcmp(model->photo_hash + 2 * (size_t)i, hash, sizeof hash)) return i;
    return FLECK_NO_PHOTO;
}

void fleck_model_standardise(const fleck_model *model, bool cls, const fleck_half *x, size_t n,
                             float *out) {
    size_t D = model->D;
    const float *mean = model->standard + (cls ? D : 0), *inverse = mean + 2 * D;
    for (size_t i = 0; i < n; i++, x += D, out += D) {
        fleck_half_widen(x, D, out);
        for (size_t d = 0; d < D; d++) out[d] = (out[d] - mean[d]) * inverse[d];
    }
}

/* Patches are a piece of parallel work. */
typedef struct {
    const fleck_model *model;
    const fleck_kernels *kernels;
    const fleck_half *patch;
    float *wide; /* [workers, D] */
    float *out;
} rows;

static void standardise_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    const rows *r = context;
    size_t D = r->model->D;
    (void)worker;
    fleck_model_standardise(r->model, false, r->patch + begin * D, end - begin, r->out + begin * D);
}

static void discriminate_rows(void *context, uint32_t worker, size_t begin, size_t end) {
    const rows *r = context;
    size_t D = r->model->D;
    float *x = r->wide + worker * D;
    for (size_t p = begin; p < end; p++) {
        fleck_half_widen(r->patch + p * D, D, x);
        r->out[p] = r->kernels->dot(x, r->model->discriminant, D);
    }
}

bool fleck_model_discriminate(const fleck_model *model, const fleck_compute *compute,
                              const fleck_half *patch, float *out) {
    size_t P = model->P;
    double mean = 0;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    rows r = {model, compute->kernels, patch,
              FLECK_NEW(compute->scratch, float, fleck_pool_threads(compute->pool), model->D), out};
    if (!r.wide) return false;
    fleck_parallel(compute->pool, P, ROWS, discriminate_rows, &r);
    for (size_t p = 0; p < P; p++) mean += out[p] / (double)P;
    for (size_t p = 0; p < P; p++) out[p] -= (float)mean;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_model_local(const fleck_model *model, const fleck_compute *compute,
                       const fleck_half *patch, const fleck_half *cls, float *logit,
                       float *adapted) {
    const fleck_localnet *net = &model->net;
    size_t P = model->P;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *x = FLECK_NEW(compute->scratch, float, P, model->D);
    float *c = FLECK_NEW(compute->scratch, float, model->D);
    float *term = FLECK_NEW(compute->scratch, float, net->A);
    fleck_activations act;
    if (!x || !c || !term || !fleck_activations_new(compute->scratch, net, P, &act)) return false;
    rows r = {.model = model, .patch = patch, .out = x};
    fleck_parallel(compute->pool, P, ROWS, standardise_rows, &r);
    fleck_model_standardise(model, true, cls, 1, c);
    fleck_localnet_photo_term(net, compute->kernels, c, term);
    fleck_localnet_forward(net, compute, x, term, NULL, P, &act);
    memcpy(logit, act.logit, P * sizeof *logit);
    if (adapted) memcpy(adapted, act.adapted, P * net->A * sizeof *adapted);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

float fleck_learnt_z(fleck_robust scale, float value) {
    float z = fleck_robust_z(scale, value);
    return z < LOGIT_LEAST ? LOGIT_LEAST : z > LOGIT_MOST ? LOGIT_MOST : z;
}

bool fleck_model_unusual(const fleck_model *model, const fleck_compute *compute,
                         const fleck_half *patch, uint32_t photo, fleck_patch_scores out) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *distance = FLECK_NEW(compute->scratch, float, model->P);
    float *nearest = FLECK_NEW(compute->scratch, float, model->P);
    if (!distance || !nearest) return false;
    memset(out.rank, 0, model->P * sizeof *out.rank);
    memset(out.map, 0, model->P * sizeof *out.map);
    for (uint32_t v = 0; v < model->views; v++) {
        if (!fleck_view_distance(&model->view[v], compute, patch, photo, distance, nearest))
            return false;
        fleck_model_add_view(model, v, distance, nearest, model->P, out);
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

void fleck_model_add_view(const fleck_model *model, uint32_t v, const float *distance,
                          const float *nearest, size_t n, fleck_patch_scores out) {
    const fleck_view *view = &model->view[v];
    const fleck_method_plan *plan = fleck_method_plan_of(model->method);
    float views = (float)plan->views, maps = (float)(plan->views - plan->map_from);
    for (size_t i = 0; i < n; i++) out.rank[i] += fleck_robust_z(view->scale, distance[i]) / views;
    for (size_t i = 0; v >= plan->map_from && i < n; i++)
        out.map[i] += fleck_robust_z(view->nearest_scale, nearest[i]) / maps;
}

static bool has_logits(const fleck_model *model) {
    return fleck_method_plan_of(model->method)->logits;
}

/* score += weight * z of value, n of each. */
static void add_learnt(float *score, const float *value, fleck_robust scale, float weight,
                       size_t n) {
    for (size_t i = 0; i < n; i++) score[i] += weight * fleck_learnt_z(scale, value[i]);
}

bool fleck_model_finish(const fleck_model *model, const fleck_compute *compute, fleck_learnt learnt,
                        fleck_patch_scores scores) {
    size_t P = model->P;
    if (learnt.logit && has_logits(model)) {
        memcpy(scores.rank, learnt.logit, P * sizeof *scores.rank);
        memcpy(scores.map, learnt.logit, P * sizeof *scores.map);
    } else if (learnt.logit && learnt.discriminant) {
        float net = NET_WEIGHT * model->trust, linear = DISCRIMINANT_WEIGHT * model->trust;
        add_learnt(scores.map, learnt.logit, model->net_scale, net, P);
        add_learnt(scores.rank, learnt.logit, model->net_scale, net, P);
        add_learnt(scores.rank, learnt.discriminant, model->discriminant_scale, linear, P);
    }
    if (!fleck_method_plan_of(model->method)->smooth) return true;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *copy = FLECK_NEW(compute->scratch, float, P);
    if (!copy) return false;
    memcpy(copy, scores.map, P * sizeof *copy);
    if (!fleck_smooth(compute->scratch, copy, model->source.grid, scores.map)) return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

bool fleck_model_patches(const fleck_model *model, const fleck_compute *compute,
                         const fleck_half *patch, const fleck_half *cls, uint32_t photo,
                         fleck_patch_scores out) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    fleck_learnt learnt = {NULL, NULL};
    if (!fleck_model_unusual(model, compute, patch, photo, out)) return false;
    if (has_logits(model) || model->trust > 0) {
        learnt.logit = FLECK_NEW(compute->scratch, float, model->P);
        if (!learnt.logit || !fleck_model_local(model, compute, patch, cls, learnt.logit, NULL))
            return false;
    }
    if (model->trust > 0) {
        learnt.discriminant = FLECK_NEW(compute->scratch, float, model->P);
        if (!learnt.discriminant ||
            !fleck_model_discriminate(model, compute, patch, learnt.discriminant))
            return false;
    }
    if (!fleck_model_finish(model, compute, learnt, out)) return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

float fleck_model_level(const fleck_model *model, float score) {
    return has_logits(model) ? score : fleck_photo_level(score);
}

float fleck_model_score_of_strength(const fleck_model *model, float strength) {
    fleck_level_scale scale = model->level_scale;
    float level = scale.zero + strength * (scale.defect - scale.zero);
    return has_logits(model) ? level : level * level;
}

bool fleck_model_rank(const fleck_model *model, const fleck_compute *compute, const float *rank,
                      uint32_t percent, float *level) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *copy = FLECK_NEW(compute->scratch, float, model->P);
    if (!copy) return false;
    memcpy(copy, rank, model->P * sizeof *copy);
    size_t top = (model->P * percent + 50) / 100;
    *level = fleck_model_level(model, fleck_top_mean(copy, model->P, top));
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

float fleck_model_level_of(const fleck_model *model, float rank, float peak) {
    return rank + fleck_method_plan_of(model->method)->peak_share * (peak - rank);
}

bool fleck_model_photo(const fleck_model *model, const fleck_compute *compute,
                       fleck_patch_scores scores, float *level) {
    const fleck_method_plan *plan = fleck_method_plan_of(model->method);
    float rank, highest = scores.map[0];
    if (!fleck_model_rank(model, compute, scores.rank, plan->top_percent, &rank)) return false;
    for (size_t i = 1; i < model->P; i++)
        if (scores.map[i] > highest) highest = scores.map[i];
    *level = fleck_model_level_of(model, rank, fleck_model_level(model, highest));
    return true;
}

static bool map_of(const fleck_model *model, const fleck_compute *compute, const float *patches,
                   fleck_shift shift, float *map) {
    return (has_logits(model) ? fleck_heatmap_of_logits
                              : fleck_heatmap)(compute->kernels, compute->scratch, patches,
                                               fleck_grid_moved(model->source.grid, shift), map);
}

static bool is_shown(const fleck_area_map *area, size_t pixel) {
    return !area || fleck_area_has(area, pixel % FLECK_HEAT, pixel / FLECK_HEAT);
}

/* Levels of a map -> heat, the hottest that of the photo's strength. A map without anything
 * unusual has no hottest spot: then all of it has the photo's strength, which is low as a rule. */
static void heat_by_strength(const fleck_model *model, fleck_shift shift, float strength,
                             float *heat) {
    fleck_area_map moved;
    const fleck_area_map *area = model->source.area;
    if (shift.rows || shift.columns) {
        fleck_area_move(area, model->source.grid, shift, &moved);
        area = &moved;
    }
    size_t n = (size_t)FLECK_HEAT * FLECK_HEAT;
    float hottest = 0;
    for (size_t i = 0; i < n; i++) {
        heat[i] = fleck_level_strength(model->level_scale, fleck_model_level(model, heat[i]));
        if (heat[i] > hottest && is_shown(area, i)) hottest = heat[i];
    }
    for (size_t i = 0; i < n; i++) {
        float share = hottest > 0 ? heat[i] / hottest * strength : strength;
        heat[i] = is_shown(area, i) ? fleck_score_of_strength(share) : 0;
    }
}

bool fleck_model_report(const fleck_model *model, const fleck_compute *compute,
                        fleck_patch_scores scores, fleck_strength_bounds bounds, fleck_shift shift,
                        float *heat, float *score) {
    float level;
    if (!fleck_model_photo(model, compute, scores, &level)) return false;
    float strength = fleck_level_strength(model->level_scale, level);
    if (strength < bounds.least) strength = bounds.least;
    if (strength > bounds.most) strength = bounds.most;
    *score = fleck_score_of_strength(strength);
    if (!heat) return true;
    if (!map_of(model, compute, scores.map, shift, heat)) return false;
    heat_by_strength(model, shift, strength, heat);
    return true;
}
