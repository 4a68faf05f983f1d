/* Features of a folder's photos, as the later stages read them. */
#ifndef FLECK_FOLDER_H
#define FLECK_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#define FLECK_NO_PHOTO UINT32_MAX

typedef struct {
    size_t P, D;
    uint32_t count;      /* photos */
    const float **patch; /* [count] of [P, D] */
    const float **cls;   /* [count] of [D] */
} fleck_features;

#endif
