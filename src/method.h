/* The ways to score patches, as a table: what each looks at and learns. */
#ifndef FLECK_METHOD_H
#define FLECK_METHOD_H

#include "view.h"

typedef struct {
    const char *name;
    uint32_t views;
    fleck_view_kind view[FLECK_VIEWS_MAX];
    bool local_net; /* learns one, with the IRMB */
    bool smooth;    /* scores are means over a patch and its neighbours */
} fleck_method_kind;

const fleck_method_kind *fleck_method_kind_of(fleck_method method);

#endif
