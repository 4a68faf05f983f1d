#include "loss.h"

#include "natural_log.h"
#include "neighbour.h"

#include <math.h>

#define SMOOTHNESS 2.5f /* weight of the mutual smoothness */

double fleck_cross_entropy(bool anomalous, float logit, float p, size_t count, float *dlogit) {
    *dlogit += (p - (float)anomalous) / (float)count;
    float x = anomalous ? logit : -logit;
    /* -log(sigmoid(x)) without overflow; the greater of p and 1 - p is sigmoid(|x|) */
    return (x > 0 ? 0 : -x) - fleck_natural_log(p > 0.5f ? p : 1 - p);
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
