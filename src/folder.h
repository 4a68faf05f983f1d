/* Features of a folder's photos, as the later stages read them. */
#ifndef FLECK_FOLDER_H
#define FLECK_FOLDER_H

#include "fleck.h"

#define FLECK_NO_PHOTO UINT32_MAX

typedef struct {
    size_t P, D;
    uint32_t count;           /* photos */
    const fleck_half **patch; /* [count] of [P, D] */
    const fleck_half **cls;   /* [count] of [D] */
} fleck_features;

#endif
