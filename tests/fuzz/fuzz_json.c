/* Any bytes as JSON: refused with a reason, or a list of values that can be walked. */
#include "../c/json_walk.h"

#include <stdlib.h>

enum { VALUES_MAX = 1 << 12 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fleck_arena arena = {0};
    fleck_json json;
    fleck_message err = {""};
    if (fleck_json_parse(&arena, "text", (const char *)bytes, size, VALUES_MAX, &json, &err)) {
        if (!memchr(err.text, 0, sizeof err.text) || !*err.text) abort();
    } else if (!json_walks(&arena, &json) || fleck_json_find(&json, 0, "a") >= json.count) {
        abort();
    }
    fleck_arena_free(&arena);
    return 0;
}
