/* Any bytes as a weight file to convert: refused with a reason, or a file in each type, which
 * reads again, and as a backbone does so if the first one did. */
#include "convert.h"
#include "table.h"
#include "vit.h"
#include "vit_names.h"
#include "open.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool loads(fleck_arena *arena, const uint8_t *bytes, size_t size) {
    fleck_vit vit;
    fleck_message err = {""};
    return !fleck_vit_load(arena, fleck_kernels_find(NULL), FLECK_PRECISION_F32, bytes, size, &vit,
                           &err);
}

static void convert(const fleck_weights *in, fleck_dtype dtype, bool is_backbone) {
    fleck_arena arena = {0};
    fleck_weights out, again;
    fleck_message err = {""};
    fleck_status status = fleck_convert(&arena, in, dtype, &out, &err);
    if (status && !*err.text) abort();
    if (!status) {
        size_t size;
        out.metadata_count = 0; /* may need escapes, which convert_command.c leaves out */
        fleck_weights_write(&out, NULL, 0, &size);
        uint8_t *file = FLECK_NEW(&arena, uint8_t, size);
        if (!file) abort();
        fleck_weights_write(&out, file, size, &size);
        status = fleck_weights_open(&arena, file, size, &again, &err);
        check_table(status, &again, &err);
        if (status || again.tensor_count != out.tensor_count) abort();
        for (size_t i = 0; i < out.tensor_count; i++) {
            const fleck_tensor *a = &out.tensors[i], *b = &again.tensors[i];
            if (strcmp(a->name, b->name) || a->dtype != b->dtype || a->count != b->count ||
                memcmp(a->data, b->data, fleck_tensor_bytes(a)))
                abort();
        }
        /* without its metadata a file may have other heads, but it is one */
        if (dtype == FLECK_F32 && is_backbone && !loads(&arena, file, size)) abort();
    }
    fleck_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const fleck_dtype dtypes[] = {FLECK_F32, FLECK_F16, FLECK_I8};
    fleck_arena arena = {0};
    fleck_weights w;
    fleck_message err = {""};
    if (!fleck_weights_open(&arena, bytes, size, &w, &err) &&
        !fleck_vit_names(&arena, &w, &w, &err)) {
        bool is_backbone = loads(&arena, bytes, size);
        for (int i = 0; i < 3; i++) convert(&w, dtypes[i], is_backbone);
    } else if (!*err.text) {
        abort();
    }
    fleck_arena_free(&arena);
    return 0;
}
