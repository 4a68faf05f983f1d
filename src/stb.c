#include "stb.h"

#include "photo.h"

#include <stdlib.h>

/* Its working memory is grown and freed in any order and there is no handle to
 * pass an arena through: the one place besides arena.c that calls malloc.
 * Cleared, because stb_image reads Huffman tables that a file never defined;
 * bounded by what the largest photo needs. */
static void *stb_resize(void *old, size_t size) {
    const size_t most = (size_t)FLECK_PIXELS_MAX * 9;
    if (size > most) return NULL;
    return old ? realloc(old, size) : calloc(1, size);
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_SUPPORT_ZLIB
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_SIMD /* the same code natively and in WebAssembly */
#define STBI_MAX_DIMENSIONS PHOTO_SIDE_MAX
#define STBI_ASSERT(condition) ((void)0) /* bytes of a file must not abort */
#define STBI_MALLOC(size) stb_resize(NULL, size)
#define STBI_REALLOC(old, size) stb_resize(old, size)
#define STBI_FREE(old) free(old)
#include "stb_image.h"
/* gcc reports its undefined static functions at the end of this file. */
#pragma GCC diagnostic ignored "-Wunused-function"

size_t fleck_inflate(const uint8_t *zlib, size_t size, uint8_t *out, size_t capacity) {
    if (size > INT_MAX || capacity > INT_MAX) return 0;
    stbi__zbuf z = {.zbuffer = (stbi_uc *)zlib, .zbuffer_end = (stbi_uc *)zlib + size};
    stbi__do_zlib(&z, (char *)out, (int)capacity, 0, 1);
    return (size_t)(z.zout - z.zout_start);
}

uint8_t *fleck_stb_load(const uint8_t *file, size_t size, uint32_t *width, uint32_t *height,
                        const char **reason) {
    int w = 0, h = 0, channels;
    stbi__g_failure_reason = "no reason";
    uint8_t *stored = stbi_load_from_memory(file, (int)size, &w, &h, &channels, 3);
    *reason = stbi_failure_reason();
    *width = (uint32_t)w;
    *height = (uint32_t)h;
    return stored;
}

void fleck_stb_free(void *pixels) { stbi_image_free(pixels); }
