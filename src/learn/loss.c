#include "loss.h"

#include "neighbour.h"

#include <math.h>

#define SMOOTHNESS 2.5f /* weight of the mutual smoothness */

/* -log(sigmoid(x)) without overflow. */
static double softplus_negative(double x) { return fmax(-x, 0) + log1p(exp(-fabs(x))); }

double fleck_cross_entropy(bool anomalous, float logit, float p, size_t count, float *dlogit) {
    *dlogit += (p - (float)anomalous) / (float)count;
    return softplus_negative(anomalous ? logit : -logit);
}

double fleck_mutual_smoothness(const float *p, const uint32_t *partner, size_t n, float *dlogit,
                               uint32_t *pairs) {
    double difference = 0;
    uint32_t paired = 0;
    for (size_t i = 0; i < n; i++) paired += partner[i] != FLECK_NO_ROW;
    *pairs = paired / 2;
    for (size_t i = 0; i < n; i++) {
        if (partner[i] == FLECK_NO_ROW) continue;
        float d = p[i] - p[partner[i]];
        difference += 0.5 * fabs(d) / (double)paired;
        /* both i and its partner carry this difference: hence 2 * 0.5 */
        float slope = d > 0 ? SMOOTHNESS : d < 0 ? -SMOOTHNESS : 0;
        dlogit[i] += slope / (float)paired * p[i] * (1 - p[i]);
    }
    return SMOOTHNESS * difference;
}
