#include "marks.h"

#include "calibration.h"
#include "half.h"
#include "natural_log.h"

#include <math.h>
#include <string.h>

/* Of a mark, as a share of a point's own variance: marks are meant as they are, but what looks
 * alike may be marked either way. Its points, which are much alike, are wrong together: each has so
 * much times their number, so that all of them tell as much as one (tests/quality/README.md,
 * "Marks"). */
#define NOISE 0.2

/* How clear of strength 1 a mark wants its points, in logarithms: scores of .08 and .92. Half of
 * it ranks worse, double of it better after ten marks alone (tests/quality/README.md, "Marks"). */
#define MARGIN 0.3f
#define GOOD_STRENGTH 0.74081822f   /* exp(-MARGIN) */
#define DEFECT_STRENGTH 1.34985881f /* exp(MARGIN) */

/* How much a defect may want its points raised: one on a photo where nothing is unusual must not
 * raise all that looks usual. */
#define WANTED_MOST 1.0f

/* Bounds of strengths that have a logarithm, and of what changes. */
#define STRENGTH_LEAST 1e-3f
#define STRENGTH_MOST 1e3f
#define CHANGE_LEAST (-8.0f)
#define CHANGE_MOST 3.0f

/* Of the median squared distance between photos' hottest patches, h^2 is so much; twice as much is
 * as good. */
#define WIDTH_SHARE 0.25f

/* Photos of a folder whose hottest patches are compared: time grows with their square. */
enum { WIDTH_PHOTOS = 500 };

/* ---- looks ---- */

static bool mean_of(const fleck_compute *compute, const fleck_half *patch, size_t P, size_t D,
                    float *mean) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *x = FLECK_NEW(compute->scratch, float, D);
    if (!x) return false;
    memset(mean, 0, D * sizeof *mean);
    for (size_t p = 0; p < P; p++) {
        fleck_half_widen(patch + p * D, D, x);
        compute->kernels->axpy(1 / (float)P, x, mean, D);
    }
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* All zero for a patch that is its photo's mean. */
static void look_of(const fleck_kernels *kernels, const fleck_half *patch, const float *mean,
                    size_t D, float *look) {
    fleck_half_widen(patch, D, look);
    kernels->axpy(-1, mean, look, D);
    float length = sqrtf(kernels->dot(look, look, D));
    for (size_t d = 0; d < D; d++) look[d] = length > 0 ? look[d] / length : 0;
}

static size_t hottest_of(const float *scores, size_t P) {
    size_t best = 0;
    for (size_t p = 1; p < P; p++)
        if (scores[p] > scores[best]) best = p;
    return best;
}

bool fleck_marks_width(const fleck_compute *compute, const fleck_features *f, const float *map,
                       float *out) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    size_t n = f->count < WIDTH_PHOTOS ? f->count : WIDTH_PHOTOS, D = f->D, pairs = 0;
    float *looks = FLECK_NEW(compute->scratch, float, n, D);
    float *mean = FLECK_NEW(compute->scratch, float, D);
    float *distance = FLECK_NEW(compute->scratch, float, n, n);
    if (!looks || !mean || !distance) return false;
    for (size_t i = 0; i < n; i++) {
        if (!mean_of(compute, f->patch[i], f->P, D, mean)) return false;
        size_t p = hottest_of(map + i * f->P, f->P);
        look_of(compute->kernels, f->patch[i] + p * D, mean, D, looks + i * D);
        for (size_t j = 0; j < i; j++)
            distance[pairs++] = 2 - 2 * compute->kernels->dot(looks + i * D, looks + j * D, D);
    }
    *out = WIDTH_SHARE * fleck_median(distance, pairs);
    if (!(*out > FLECK_LOOK_WIDTH_LEAST)) *out = FLECK_LOOK_WIDTH_LEAST; /* photos that are equal */
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* Whether a place is the spot, or next to it. */
static bool is_at(fleck_grid grid, size_t place, size_t spot) {
    size_t y = place / grid.columns, x = place % grid.columns;
    size_t spot_y = spot / grid.columns, spot_x = spot % grid.columns;
    return y <= spot_y + 1 && spot_y <= y + 1 && x <= spot_x + 1 && spot_x <= x + 1;
}

bool fleck_marks_look(const fleck_model *model, const fleck_compute *compute, fleck_grid grid,
                      const fleck_half *patch, fleck_patch_scores scores, fleck_marked *out) {
    size_t P = model->P, D = model->D;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    float *mean = FLECK_NEW(compute->scratch, float, D), level;
    bool *taken = FLECK_NEW_ZERO(compute->scratch, bool, P);
    if (!mean || !taken || !mean_of(compute, patch, P, D, mean) ||
        !fleck_model_photo(model, compute, scores, &level))
        return false;
    bool whole = out->place == FLECK_WHOLE_PHOTO;
    for (out->points = 0; out->points < FLECK_MARK_POINTS; out->points++) {
        size_t best = P;
        for (size_t p = 0; p < P; p++)
            if (!taken[p] && (whole || is_at(grid, fleck_grid_place(grid, p), out->place)) &&
                (best == P || scores.map[p] > scores.map[best]))
                best = p;
        if (best == P) break;
        taken[best] = true;
        out->at[out->points] = (uint32_t)fleck_grid_place(grid, best);
        look_of(compute->kernels, patch + best * D, mean, D, out->look + out->points * D);
        if (!whole && !out->points) level = fleck_model_level(model, scores.map[best]);
    }
    out->strength = fleck_level_strength(model->level_scale, level);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- learning ---- */

/* By what is marked, never by when; of a photo its own first, by wrapping to 0. */
static bool comes_first(const fleck_marked *a, const fleck_marked *b) {
    for (int i = 0; i < 2; i++)
        if (a->hash[i] != b->hash[i]) return a->hash[i] < b->hash[i];
    return a->place + 1 < b->place + 1;
}

static void sort(fleck_marked *marked, size_t count) {
    for (size_t i = 1; i < count; i++) {
        fleck_marked one = marked[i];
        size_t at = i;
        for (; at && comes_first(&one, &marked[at - 1]); at--) marked[at] = marked[at - 1];
        marked[at] = one;
    }
}

static float log_of(float strength) {
    return fleck_natural_log(fminf(fmaxf(strength, STRENGTH_LEAST), STRENGTH_MOST));
}

static float wanted_of(const fleck_marked *m) {
    float level = log_of(m->strength);
    if (m->mark == FLECK_MARK_GOOD) return level > -MARGIN ? -MARGIN - level : 0;
    return level < MARGIN ? fminf(MARGIN - level, WANTED_MOST) : 0;
}

/* exp of n values, none above CHANGE_MOST, in place: of the sigmoid, which has the same bits
 * everywhere. */
static void exponentials(const fleck_kernels *kernels, float *x, size_t n) {
    kernels->sigmoid(x, x, n);
    for (size_t i = 0; i < n; i++) x[i] /= 1 - x[i];
}

/* k of a look and n points. */
static void alike(const fleck_kernels *kernels, const float *look, const float *const *point,
                  size_t n, size_t D, float width, float *out) {
    for (size_t i = 0; i < n; i++) {
        float cosine = kernels->dot(look, point[i], D);
        out[i] = cosine < 1 ? (cosine - 1) / width : 0;
    }
    exponentials(kernels, out, n);
}

/* A = L L^T of n rows, L^-1 in its lower triangle, in place. A is positive definite. */
static void invert_root(double *A, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = A[i * n + j];
            for (size_t k = 0; k < j; k++) sum -= A[i * n + k] * A[j * n + k];
            A[i * n + j] = i == j ? sqrt(sum) : sum / A[j * n + j];
        }
    for (size_t j = 0; j < n; j++) {
        A[j * n + j] = 1 / A[j * n + j];
        for (size_t i = j + 1; i < n; i++) {
            double sum = 0;
            for (size_t k = j; k < i; k++) sum -= A[i * n + k] * A[k * n + j];
            A[i * n + j] = sum / A[i * n + i];
        }
    }
}

/* Element of A^-1 = L^-T L^-1. */
static double inverse_at(const double *root, size_t n, size_t a, size_t b) {
    double sum = 0;
    for (size_t k = a > b ? a : b; k < n; k++) sum += root[k * n + a] * root[k * n + b];
    return sum;
}

/* What the others say of a mark's points, the mean of it: wanted less B^-1 weight, B being the
 * points' block of (K + N)^-1 (Rasmussen and Williams, equation 5.12, of several points). */
static float change_by_others(const double *root, size_t n, const double *weight, size_t first,
                              size_t points, float wanted) {
    double B[FLECK_MARK_POINTS * FLECK_MARK_POINTS], mean = 0;
    for (size_t a = 0; a < points; a++)
        for (size_t b = 0; b <= a; b++)
            B[a * points + b] = inverse_at(root, n, first + a, first + b);
    invert_root(B, points);
    for (size_t a = 0; a < points; a++)
        for (size_t b = 0; b < points; b++)
            mean += inverse_at(B, points, a, b) * weight[first + b] / (double)points;
    return fminf(fmaxf(wanted - (float)mean, CHANGE_LEAST), CHANGE_MOST);
}

/* The marks that teach: all, or those that want most changed; others, of the marks' order, first.
 * teaches: [count]. */
static void choose(const fleck_marks *marks, bool *teaches) {
    size_t left = FLECK_MARK_TEACHES_MAX;
    for (uint32_t i = 0; i < marks->count; i++) teaches[i] = marks->count <= left;
    while (marks->count > FLECK_MARK_TEACHES_MAX && left--) {
        uint32_t best = marks->count;
        for (uint32_t i = 0; i < marks->count; i++)
            if (!teaches[i] && (best == marks->count || fabsf(wanted_of(&marks->marked[i])) >
                                                            fabsf(wanted_of(&marks->marked[best]))))
                best = i;
        teaches[best] = true;
    }
}

/* Solves for the weights of n points, of the marks that teach. */
static bool solve(fleck_marks *marks, const fleck_compute *compute, const bool *teaches, size_t n,
                  float width) {
    fleck_lesson *lesson = &marks->lesson;
    double *A = FLECK_NEW(compute->scratch, double, n, n);
    double *wanted = FLECK_NEW(compute->scratch, double, n);
    double *noise = FLECK_NEW(compute->scratch, double, n);
    double *weight = FLECK_NEW_ZERO(compute->scratch, double, n);
    float *row = FLECK_NEW(compute->scratch, float, n);
    if (!A || !wanted || !noise || !weight || !row) return false;
    size_t at = 0;
    for (uint32_t i = 0; i < marks->count; i++)
        for (uint32_t p = 0; teaches[i] && p < marks->marked[i].points; p++) {
            noise[at] = NOISE * marks->marked[i].points;
            wanted[at++] = (double)wanted_of(&marks->marked[i]);
        }
    for (size_t i = 0; i < n; i++) {
        alike(compute->kernels, lesson->point[i], lesson->point, n, marks->D, width, row);
        for (size_t j = 0; j < n; j++) A[i * n + j] = (double)row[j] + (i == j ? noise[i] : 0);
    }
    invert_root(A, n);
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        for (size_t j = 0; j <= k; j++) sum += A[k * n + j] * wanted[j];
        for (size_t j = 0; j <= k; j++) weight[j] += A[k * n + j] * sum;
    }
    for (size_t i = 0; i < n; i++) lesson->weight[i] = (float)weight[i];
    at = 0;
    for (uint32_t i = 0; i < marks->count; i++) {
        const fleck_marked *m = &marks->marked[i];
        if (!teaches[i] || !m->points) continue;
        float change = change_by_others(A, n, weight, at, m->points, wanted_of(m));
        exponentials(compute->kernels, &change, 1);
        lesson->expected[i] *= change;
        at += m->points;
    }
    return true;
}

bool fleck_marks_learn(fleck_marks *marks, fleck_arena *arena, const fleck_compute *compute,
                       float width) {
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    fleck_lesson *lesson = &marks->lesson;
    sort(marks->marked, marks->count);
    bool *teaches = FLECK_NEW(compute->scratch, bool, marks->count);
    size_t most = marks->count < FLECK_MARK_TEACHES_MAX ? marks->count : FLECK_MARK_TEACHES_MAX;
    *lesson = (fleck_lesson){.weight = FLECK_NEW(arena, float, FLECK_MARK_POINTS, most),
                             .point = FLECK_NEW(arena, const float *, FLECK_MARK_POINTS, most),
                             .expected = FLECK_NEW(arena, float, marks->count),
                             .floor = GOOD_STRENGTH,
                             .width = width};
    if (!teaches || !lesson->weight || !lesson->point || !lesson->expected) return false;
    choose(marks, teaches);
    float raised = 0;
    for (uint32_t i = 0; i < marks->count; i++) {
        const fleck_marked *m = &marks->marked[i];
        lesson->expected[i] = m->strength;
        if (wanted_of(m) > raised) raised = wanted_of(m);
        for (uint32_t p = 0; teaches[i] && p < m->points; p++)
            lesson->point[lesson->points++] = m->look + p * marks->D;
    }
    exponentials(compute->kernels, &raised, 1);
    if (lesson->floor > 1 / raised) lesson->floor = 1 / raised;
    if (!solve(marks, compute, teaches, lesson->points, width)) return false;
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

/* ---- what follows ---- */

static float strength_of(const fleck_model *model, float score) {
    return fleck_level_strength(model->level_scale, fleck_model_level(model, score));
}

/* Patches that look like points. */
static bool change(const fleck_lesson *lesson, const fleck_model *model,
                   const fleck_compute *compute, const fleck_half *patch,
                   fleck_patch_scores scores) {
    size_t D = model->D;
    float *mean = FLECK_NEW(compute->scratch, float, D),
          *look = FLECK_NEW(compute->scratch, float, D);
    float *k = FLECK_NEW(compute->scratch, float, lesson->points);
    if (!mean || !look || !k || !mean_of(compute, patch, model->P, D, mean)) return false;
    for (size_t p = 0; p < model->P; p++) {
        float rank = strength_of(model, scores.rank[p]), map = strength_of(model, scores.map[p]);
        if (rank < lesson->floor && map < lesson->floor) continue;
        look_of(compute->kernels, patch + p * D, mean, D, look);
        alike(compute->kernels, look, lesson->point, lesson->points, D, lesson->width, k);
        float factor = compute->kernels->dot(k, lesson->weight, lesson->points);
        factor = fminf(fmaxf(factor, CHANGE_LEAST), CHANGE_MOST);
        exponentials(compute->kernels, &factor, 1);
        if (rank > 0) scores.rank[p] = fleck_model_score_of_strength(model, rank * factor);
        if (map > 0) scores.map[p] = fleck_model_score_of_strength(model, map * factor);
    }
    return true;
}

/* The patches of a spot are what it is marked as; a defect's are as hot as the photo's hottest, so
 * that its heatmap shows them. */
static void settle_spot(const fleck_marked *m, const fleck_model *model, fleck_grid grid,
                        float hottest, fleck_patch_scores scores) {
    float least = fleck_model_score_of_strength(model, DEFECT_STRENGTH);
    float most = fleck_model_score_of_strength(model, GOOD_STRENGTH);
    for (size_t p = 0; p < model->P; p++) {
        size_t place = fleck_grid_place(grid, p);
        bool point = false;
        for (uint32_t i = 0; i < m->points; i++) point |= m->at[i] == place;
        if (m->mark == FLECK_MARK_DEFECT && point) {
            if (scores.rank[p] < least) scores.rank[p] = least;
            scores.map[p] = hottest > least ? hottest : least;
        }
        if (m->mark == FLECK_MARK_GOOD && is_at(grid, place, m->place)) {
            if (scores.rank[p] > most) scores.rank[p] = most;
            if (scores.map[p] > most) scores.map[p] = most;
        }
    }
}

static bool is_spot_of(const fleck_marked *m, const uint32_t hash[2], fleck_mark mark) {
    return m->place != FLECK_WHOLE_PHOTO && m->mark == mark &&
           !memcmp(m->hash, hash, sizeof m->hash);
}

bool fleck_marks_apply(const fleck_marks *marks, const fleck_model *model,
                       const fleck_compute *compute, fleck_grid grid, const fleck_half *patch,
                       const uint32_t hash[2], fleck_patch_scores scores) {
    if (!marks->count) return true;
    fleck_arena_mark mark = fleck_arena_here(compute->scratch);
    if (!change(&marks->lesson, model, compute, patch, scores)) return false;
    for (uint32_t i = 0; i < marks->count; i++)
        if (is_spot_of(&marks->marked[i], hash, FLECK_MARK_GOOD))
            settle_spot(&marks->marked[i], model, grid, 0, scores);
    float hottest = scores.map[hottest_of(scores.map, model->P)];
    for (uint32_t i = 0; i < marks->count; i++)
        if (is_spot_of(&marks->marked[i], hash, FLECK_MARK_DEFECT))
            settle_spot(&marks->marked[i], model, grid, hottest, scores);
    fleck_arena_reset(compute->scratch, mark);
    return true;
}

fleck_mark fleck_marks_of(const fleck_marks *marks, const uint32_t hash[2]) {
    fleck_mark found = FLECK_MARK_NONE;
    for (uint32_t i = 0; marks && i < marks->count; i++) {
        const fleck_marked *m = &marks->marked[i];
        if (memcmp(m->hash, hash, sizeof m->hash)) continue;
        if (m->mark == FLECK_MARK_DEFECT) return FLECK_MARK_DEFECT;
        if (m->place == FLECK_WHOLE_PHOTO) found = FLECK_MARK_GOOD;
    }
    return found;
}

fleck_strength_bounds fleck_marked_bounds(fleck_mark mark, float threshold) {
    fleck_strength_bounds bounds = fleck_any_strength;
    float defect = fleck_strength_of_score(threshold);
    float look = fleck_strength_of_score(threshold * (FLECK_LOOK / FLECK_DEFECT));
    if (mark == FLECK_MARK_DEFECT) bounds.least = fmaxf(DEFECT_STRENGTH, defect);
    if (mark == FLECK_MARK_GOOD) bounds.most = fminf(GOOD_STRENGTH, 0.999f * look);
    return bounds;
}

/* ---- review ---- */

/* A share of n cases, and the bounds that hold it 19 times of 20 (Wilson 1927). */
static void share_of(uint32_t cases, uint32_t n, float *share, float *least, float *most) {
    *share = *least = 0;
    *most = 1;
    if (!n) return;
    double z = 1.96, p = (double)cases / n, spread = 1 + z * z / n;
    double middle = p + z * z / (2.0 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n));
    *share = (float)p;
    *least = (float)fmax(0, (middle - half) / spread);
    *most = (float)fmin(1, (middle + half) / spread);
}

/* The proposed threshold: where good marks and defects part, as logarithm of a strength. Each mark
 * counts by a logistic curve of this steepness; before any is made, and with few, the threshold
 * stays by the folder's, 1, as a normal distribution of this width has it. A prior twice as wide
 * gives worse verdicts after ten marks (tests/quality/README.md, "Marks"): it takes many to know
 * better than the folder. */
#define STEEPNESS 4.0f
#define PRIOR_WIDTH 0.0625f

/* How the cost of a threshold changes with it: rising. */
static float slope_at(const fleck_marks *marks, const fleck_kernels *kernels, float threshold) {
    float slope = threshold / (PRIOR_WIDTH * PRIOR_WIDTH);
    for (uint32_t i = 0; i < marks->count; i++) {
        bool defect = marks->marked[i].mark == FLECK_MARK_DEFECT;
        float beyond = STEEPNESS * (log_of(marks->lesson.expected[i]) - threshold), wrong;
        if (defect) beyond = -beyond;
        kernels->sigmoid(&beyond, &wrong, 1);
        slope += defect ? STEEPNESS * wrong : -STEEPNESS * wrong;
    }
    return slope;
}

static float propose(const fleck_marks *marks, const fleck_kernels *kernels) {
    float low = -1, high = 1;
    for (int i = 0; i < 24; i++) {
        float middle = (low + high) / 2;
        *(slope_at(marks, kernels, middle) < 0 ? &low : &high) = middle;
    }
    float threshold = (low + high) / 2;
    exponentials(kernels, &threshold, 1);
    return fleck_score_of_strength(threshold);
}

void fleck_marks_review(const fleck_marks *marks, const fleck_kernels *kernels, float threshold,
                        fleck_review *out) {
    fleck_review r = {0};
    for (uint32_t i = 0; i < marks->count; i++) {
        bool called = fleck_score_of_strength(marks->lesson.expected[i]) >= threshold;
        bool defect = marks->marked[i].mark == FLECK_MARK_DEFECT;
        r.defects += defect;
        r.good += !defect;
        r.defects_called += defect && called;
        r.good_called += !defect && called;
    }
    share_of(r.defects_called, r.defects_called + r.good_called, &r.precision, &r.precision_least,
             &r.precision_most);
    share_of(r.defects_called, r.defects, &r.recall, &r.recall_least, &r.recall_most);
    r.threshold = propose(marks, kernels);
    *out = r;
}
