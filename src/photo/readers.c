#include "readers.h"

fleck_status fleck_photo_out_of_memory(fleck_message *err, uint64_t width, uint64_t height) {
    return fleck_fail(err, FLECK_ERR_MEMORY, "not enough memory for a photo of %llu x %llu pixels",
                      (unsigned long long)width, (unsigned long long)height);
}
