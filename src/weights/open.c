#include "open.h"

#include "pickle.h"
#include "safetensors.h"

fleck_status fleck_weights_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                fleck_weights *out, fleck_message *err) {
    bool cut;
    if (fleck_is_safetensors(bytes, size))
        return fleck_safetensors_open(arena, bytes, size, out, &cut, err);
    if (fleck_is_checkpoint(bytes, size))
        return fleck_checkpoint_open(arena, bytes, size, out, err);
    return fleck_fail(err, FLECK_ERR_FORMAT, "neither a safetensors file nor a PyTorch checkpoint");
}
