/* The ways to score patches, as a table: what each looks at and learns. */
#ifndef FLECK_METHOD_H
#define FLECK_METHOD_H

#include "view.h"

typedef enum {
    FLECK_LEARNER_NONE = 0,
    FLECK_LEARNER_IRMB, /* a local-net within seconds: irmb.h */
    FLECK_LEARNER_PAPER /* a local-net as published: paper.h */
} fleck_learner;

typedef struct {
    uint32_t views;
    fleck_view_plan view[FLECK_VIEWS_MAX];
    uint32_t map_from;     /* the first view that draws maps; those before rank photos only */
    fleck_learner learner; /* of a local-net */
    uint32_t top_percent;  /* the mean of so many of a photo's patches, the highest, ranks it; 0:
                              the highest one alone */
    float peak_share;      /* of a map's peak in a photo's level */
    bool smooth;           /* scores are means over a patch and its neighbours */
    bool logits;           /* scores are the local-net's logits, which are levels already */
} fleck_method_plan;

const fleck_method_plan *fleck_method_plan_of(fleck_method method);

#endif
