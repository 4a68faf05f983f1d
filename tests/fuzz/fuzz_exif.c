/* Any bytes as EXIF: the orientation is one of eight. */
#include "readers.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint32_t orientation = fleck_exif_orientation(bytes, size);
    if (orientation < 1 || orientation > 8) abort();
    return 0;
}
