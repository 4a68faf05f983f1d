#include "jpeg_url.h"

#include "stb_image_write.h"

/* A JPEG on its way into base64, three bytes at a time. */
typedef struct {
    FILE *out;
    uint8_t waiting[3];
    int count;
} base64;

static void put_three(base64 *to) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)to->waiting[0] << 16 | (uint32_t)to->waiting[1] << 8 | to->waiting[2];
    for (int i = 0; i < 4; i++)
        fputc(i <= to->count ? digits[bits >> (18 - 6 * i) & 63] : '=', to->out);
    *to = (base64){.out = to->out};
}

static void put_bytes(void *context, void *bytes, int size) {
    base64 *to = context;
    for (int i = 0; i < size; i++) {
        to->waiting[to->count++] = ((const uint8_t *)bytes)[i];
        if (to->count == 3) put_three(to);
    }
}

void cli_put_jpeg_url(FILE *out, const fleck_image *picture) {
    enum { QUALITY = 82 };
    base64 to = {.out = out};
    fputs("data:image/jpeg;base64,", out);
    stbi_write_jpg_to_func(put_bytes, &to, (int)picture->width, (int)picture->height, 3,
                           picture->rgb, QUALITY);
    if (to.count) put_three(&to);
}
