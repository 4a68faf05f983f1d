/* What fuzz targets of weight files share. */
#ifndef FLECK_FUZZ_TABLE_H
#define FLECK_FUZZ_TABLE_H

#include "tensors.h"

#include <stdlib.h>
#include <string.h>

/* Uses what a reader gave: each tensor's ends are read, names and messages end. */
static inline void check_table(fleck_status status, const fleck_weights *w,
                               const fleck_message *err) {
    if (status) {
        if (!memchr(err->text, 0, sizeof err->text) || !*err->text) abort();
        return;
    }
    for (size_t i = 0; i < w->tensor_count; i++) {
        const fleck_tensor *t = &w->tensors[i];
        size_t count = 1;
        if (t->ndim > FLECK_DIMS_MAX || fleck_weights_find(w, t->name) != t) abort();
        for (uint32_t d = 0; d < t->ndim; d++) count *= t->shape[d];
        if (count != t->count) abort();
        if (!count || t->dtype == FLECK_OTHER || t->dtype == FLECK_U32) continue;
        float ends[2];
        fleck_tensor_read_part(t, 0, 1, ends);
        fleck_tensor_read_part(t, count - 1, 1, ends + 1);
    }
}

#endif
