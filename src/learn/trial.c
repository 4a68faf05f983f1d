#include "trial.h"

#include "half.h"
#include "metrics.h"
#include "whitening.h"

#include <string.h>

enum {
    DIMS = 768,     /* that are looked at, at most, evenly spread */
    SAMPLE = 8192,  /* normal patches, at most, of the covariance */
    ROWS = 512,     /* of them at a time */
    ANOMALIES = 64, /* of one suspect, at most, evenly spread */
    NORMALS = 64,   /* the same */
    CONTROLS = 512, /* at most, evenly spread */
};

typedef struct {
    const fleck_features *features;
    const fleck_labels *labels;
    const fleck_compute *compute;
    size_t D;      /* dimensions looked at */
    double *mean;  /* [D], of normal patches */
    float *factor; /* [D, D], lower triangular: whitens */
    float *packed; /* the same, for matmul */
} trial;

/* A patch of the folder -> its dimensions that are looked at, out [D]; wide has room for
 * all of them. */
static void read_patch(const trial *t, uint32_t patch, float *wide, float *out) {
    size_t P = t->features->P, all = t->features->D;
    fleck_half_widen(t->features->patch[patch / P] + patch % P * all, all, wide);
    for (size_t d = 0; d < t->D; d++) out[d] = wide[d * all / t->D];
}

typedef bool add_rows(trial *t, float *rows, size_t n, double *sum);

/* Calls add with up to ROWS normal patches of photos that are no suspects at a time, until
 * about SAMPLE of them, evenly spread, have come. */
static bool each_normal(trial *t, add_rows *add, double *sum, size_t *count) {
    const fleck_labels *l = t->labels;
    uint32_t step = (l->normal_count + SAMPLE - 1) / SAMPLE, P = (uint32_t)t->features->P;
    fleck_arena_mark mark = fleck_arena_here(t->compute->scratch);
    float *rows = FLECK_NEW(t->compute->scratch, float, ROWS, t->D);
    float *wide = FLECK_NEW(t->compute->scratch, float, t->features->D);
    if (!rows || !wide) return false;
    size_t n = 0;
    *count = 0;
    for (uint32_t i = 0; i < l->normal_count; i += step) {
        if (l->suspect[l->normal[i] / P]) continue;
        read_patch(t, l->normal[i], wide, rows + n++ * t->D);
        *count += 1;
        if (n < ROWS) continue;
        if (!add(t, rows, n, sum)) return false;
        n = 0;
    }
    if (n && !add(t, rows, n, sum)) return false;
    fleck_arena_reset(t->compute->scratch, mark);
    return true;
}

static bool add_to_mean(trial *t, float *rows, size_t n, double *sum) {
    for (size_t i = 0; i < n * t->D; i++) sum[i % t->D] += rows[i];
    return true;
}

static void centre(const trial *t, float *rows, size_t n) {
    for (size_t i = 0; i < n * t->D; i++) rows[i] -= (float)t->mean[i % t->D];
}

static bool add_to_covariance(trial *t, float *rows, size_t n, double *sum) {
    centre(t, rows, n);
    return fleck_covariance_add(t->compute, rows, n, t->D, sum);
}

/* The mean and the covariance of normal patches. */
static bool fit(trial *t) {
    size_t D = t->D, count;
    fleck_arena *scratch = t->compute->scratch;
    t->mean = FLECK_NEW_ZERO(scratch, double, D);
    t->factor = FLECK_NEW(scratch, float, D, D);
    t->packed = FLECK_NEW(scratch, float, fleck_packed_count(D, D));
    fleck_arena_mark mark = fleck_arena_here(scratch);
    double *covariance = FLECK_NEW_ZERO(scratch, double, D, D);
    if (!t->mean || !t->factor || !t->packed || !covariance ||
        !each_normal(t, add_to_mean, t->mean, &count))
        return false;
    for (size_t d = 0; count && d < D; d++) t->mean[d] /= (double)count;
    if (!each_normal(t, add_to_covariance, covariance, &count)) return false;
    for (size_t i = 0; count && i < D * D; i++) covariance[i] /= (double)count;
    if (!fleck_whitening_factor(t->compute, covariance, D, t->factor)) return false;
    fleck_pack(t->factor, D, 1, D, D, t->packed);
    fleck_arena_reset(scratch, mark);
    return true;
}

/* n of count patches, evenly spread, whitened, in out [n, D]. */
static bool whiten(const trial *t, const uint32_t *patches, uint32_t count, uint32_t n,
                   float *out) {
    fleck_arena *scratch = t->compute->scratch;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *rows = FLECK_NEW(scratch, float, n, t->D);
    float *wide = FLECK_NEW(scratch, float, t->features->D);
    if (!rows || !wide) return false;
    for (uint32_t i = 0; i < n; i++)
        read_patch(t, patches[(uint64_t)i * count / n], wide, rows + i * t->D);
    centre(t, rows, n);
    fleck_matmul(t->compute, rows, t->packed, NULL, out, n, t->D, t->D);
    fleck_arena_reset(scratch, mark);
    return true;
}

/* Whitened anomalies and normal patches of every suspect, and whitened controls. */
typedef struct {
    uint32_t groups, controls;
    uint32_t *anomalies, *normals; /* [groups]: how many */
    float *anomaly;                /* [groups, ANOMALIES, D] */
    float *normal;                 /* [groups, NORMALS, D] */
    float *control;                /* [controls, D] */
    float *mean;                   /* [groups, D], of a group's anomalies */
} whitened;

/* How many normal patches have smaller numbers. */
static uint32_t normal_before(const fleck_labels *l, uint64_t patch) {
    uint32_t low = 0, high = l->normal_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->normal[middle] < patch)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Normal patches of the photo that a group's anomalies are of. */
static fleck_label_group normal_of(const trial *t, fleck_label_group group) {
    uint64_t P = t->features->P, photo = group.patches[0] / P;
    uint32_t first = normal_before(t->labels, photo * P);
    return (fleck_label_group){t->labels->normal + first,
                               normal_before(t->labels, (photo + 1) * P) - first};
}

static bool whiten_all(const trial *t, whitened *w) {
    const fleck_labels *l = t->labels;
    fleck_arena *scratch = t->compute->scratch;
    size_t D = t->D;
    w->groups = l->groups;
    w->controls = l->control_count < CONTROLS ? l->control_count : CONTROLS;
    w->anomalies = FLECK_NEW(scratch, uint32_t, w->groups);
    w->normals = FLECK_NEW(scratch, uint32_t, w->groups);
    w->anomaly = FLECK_NEW(scratch, float, w->groups, ANOMALIES, D);
    w->normal = FLECK_NEW(scratch, float, w->groups, NORMALS, D);
    w->control = FLECK_NEW(scratch, float, w->controls, D);
    w->mean = FLECK_NEW_ZERO(scratch, float, w->groups, D);
    if (!w->anomalies || !w->normals || !w->anomaly || !w->normal || !w->control || !w->mean ||
        !whiten(t, l->control, l->control_count, w->controls, w->control))
        return false;
    for (uint32_t g = 0; g < w->groups; g++) {
        fleck_label_group group = fleck_labels_group(l, g), normal = normal_of(t, group);
        uint32_t n = w->anomalies[g] = group.count < ANOMALIES ? group.count : ANOMALIES;
        uint32_t m = w->normals[g] = normal.count < NORMALS ? normal.count : NORMALS;
        float *rows = w->anomaly + (size_t)g * ANOMALIES * D;
        if (!whiten(t, group.patches, group.count, n, rows) ||
            !whiten(t, normal.patches, normal.count, m, w->normal + (size_t)g * NORMALS * D))
            return false;
        for (uint32_t i = 0; i < n; i++)
            t->compute->kernels->axpy(1 / (float)n, rows + i * D, w->mean + g * D, D);
    }
    return true;
}

/* The area under the ROC curve of n rows against m others along a direction, 0.5 where there
 * are no others. */
static bool compare(const trial *t, const float *direction, const float *rows, size_t n,
                    const float *others, size_t m, double *auroc) {
    fleck_arena *scratch = t->compute->scratch;
    fleck_arena_mark mark = fleck_arena_here(scratch);
    float *score = FLECK_NEW(scratch, float, n + m);
    uint8_t *anomalous = FLECK_NEW_ZERO(scratch, uint8_t, n + m);
    if (!score || !anomalous) return false;
    for (size_t i = 0; i < n + m; i++) {
        const float *row = i < n ? rows + i * t->D : others + (i - n) * t->D;
        score[i] = t->compute->kernels->dot(row, direction, t->D);
        anomalous[i] = i < n;
    }
    *auroc = 0.5;
    if (m && !fleck_auroc(scratch, score, anomalous, n + m, auroc)) return false;
    fleck_arena_reset(scratch, mark);
    return true;
}

/* A group's anomalies against the controls and against their photo's normal patches, along
 * the other groups' mean. */
static bool judge(const trial *t, const whitened *w, uint32_t group, double *among,
                  double *within) {
    size_t D = t->D, n = w->anomalies[group];
    fleck_arena_mark mark = fleck_arena_here(t->compute->scratch);
    float *direction = FLECK_NEW_ZERO(t->compute->scratch, float, D);
    if (!direction) return false;
    for (uint32_t g = 0; g < w->groups; g++)
        if (g != group) t->compute->kernels->axpy(1, w->mean + g * D, direction, D);
    const float *rows = w->anomaly + (size_t)group * ANOMALIES * D;
    const float *normal = w->normal + (size_t)group * NORMALS * D;
    if (!compare(t, direction, rows, n, w->control, w->controls, among) ||
        !compare(t, direction, rows, n, normal, w->normals[group], within))
        return false;
    fleck_arena_reset(t->compute->scratch, mark);
    return true;
}

/* The direction along the mean of all groups, for features as they are. */
static bool take_direction(const trial *t, const whitened *w, float *out) {
    size_t D = t->D, all = t->features->D;
    fleck_arena_mark mark = fleck_arena_here(t->compute->scratch);
    double *mean = FLECK_NEW_ZERO(t->compute->scratch, double, D);
    if (!mean) return false;
    for (size_t i = 0; i < w->groups * D; i++) mean[i % D] += w->mean[i] / w->groups;
    for (size_t d = 0; d < D; d++) {
        double weight = 0;
        for (size_t i = d; i < D; i++) weight += mean[i] * t->factor[i * D + d];
        out[d * all / D] = (float)weight;
    }
    fleck_arena_reset(t->compute->scratch, mark);
    return true;
}

bool fleck_trial_run(const fleck_features *features, const fleck_labels *labels, fleck_arena *arena,
                     const fleck_compute *compute, fleck_trial *out) {
    trial t = {.features = features,
               .labels = labels,
               .compute = compute,
               .D = features->D < DIMS ? features->D : DIMS};
    whitened w;
    double among, within, among_sum = 0, within_sum = 0, total = 0;
    *out = (fleck_trial){0.5, 0.5, FLECK_NEW_ZERO(arena, float, features->D)};
    if (!out->discriminant) return false;
    if (labels->groups < 2 || !labels->control_count) return true;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    if (!fit(&t) || !whiten_all(&t, &w)) return false;
    for (uint32_t g = 0; g < labels->groups; g++) {
        if (!judge(&t, &w, g, &among, &within)) return false;
        among_sum += w.anomalies[g] * among;
        within_sum += within;
        total += w.anomalies[g];
    }
    if (!take_direction(&t, &w, out->discriminant)) return false;
    out->among_photos = among_sum / total;
    out->within_photos = within_sum / labels->groups;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}
