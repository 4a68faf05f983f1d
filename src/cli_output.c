#include "cli_output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include "stb_image_write.h"

static int by_score(const void *a, const void *b) {
    const cli_score *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return strcmp(x->name, y->name);
}

void cli_scores_sort(cli_score *scores, size_t count) {
    if (count) qsort(scores, count, sizeof *scores, by_score);
}

void cli_csv_field(FILE *out, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void cli_csv_write(FILE *out, const cli_score *scores, size_t count) {
    fputs("file,score,verdict\n", out);
    for (size_t i = 0; i < count; i++) {
        cli_csv_field(out, scores[i].name);
        fprintf(out, ",%.6f,%s\n", (double)scores[i].score,
                fleck_verdict_name(fleck_judge(scores[i].score)));
    }
}

/* "__" stands for '/' alone: an underscore next to another or to a '/' is
 * written %5F, and a % is written %25, so that the names stay different. */
char *cli_heatmap_name(fleck_arena *arena, const char *name) {
    char *out = FLECK_NEW(arena, char, strlen(name) * 3 + sizeof ".png");
    if (!out) return NULL;
    char *at = out;
    for (const char *c = name; *c; c++) {
        bool beside = (c > name && strchr("_/", c[-1])) || (c[1] && strchr("_/", c[1]));
        if (*c == '/')
            at += sprintf(at, "__");
        else if (*c == '%')
            at += sprintf(at, "%%25");
        else if (*c == '_' && beside)
            at += sprintf(at, "%%5F");
        else
            *at++ = *c;
    }
    strcpy(at, ".png");
    return out;
}

/* Inferno: perceptually even, and readable without telling red from green. */
static void inferno(float value, float rgb[3]) {
    static const uint8_t stops[][3] = {{0, 0, 4},      {33, 12, 74},   {86, 16, 110},
                                       {137, 34, 106}, {187, 55, 84},  {227, 89, 50},
                                       {249, 140, 10}, {249, 201, 50}, {252, 255, 164}};
    const int last = (int)(sizeof stops / sizeof stops[0]) - 1;
    float at = value * (float)last;
    int low = (int)at < last ? (int)at : last - 1;
    float t = at - (float)low;
    for (int c = 0; c < 3; c++)
        rgb[c] = (float)stops[low][c] * (1 - t) + (float)stops[low + 1][c] * t;
}

/* heat at the place (x, y), both in [0,1] across the map. */
static float heat_at(const float *heat, float x, float y) {
    float fx = fminf(fmaxf(x * FLECK_HEAT - 0.5f, 0), FLECK_HEAT - 1);
    float fy = fminf(fmaxf(y * FLECK_HEAT - 0.5f, 0), FLECK_HEAT - 1);
    size_t x0 = (size_t)fx, y0 = (size_t)fy;
    size_t x1 = x0 + (x0 + 1 < FLECK_HEAT), y1 = y0 + (y0 + 1 < FLECK_HEAT);
    float tx = fx - (float)x0, ty = fy - (float)y0;
    float top = heat[y0 * FLECK_HEAT + x0] * (1 - tx) + heat[y0 * FLECK_HEAT + x1] * tx;
    float low = heat[y1 * FLECK_HEAT + x0] * (1 - tx) + heat[y1 * FLECK_HEAT + x1] * tx;
    return fminf(fmaxf(top * (1 - ty) + low * ty, 0), 1);
}

typedef struct {
    uint32_t x, y, width, height; /* of the photo, shown */
    uint32_t out_width, out_height;
} frame;

static uint32_t share(uint32_t length, double of) {
    uint32_t part = (uint32_t)(length * of + 0.5);
    return part < 1 ? 1 : part > length ? length : part;
}

static frame frame_of(const fleck_image *photo, float view) {
    frame f = {.width = share(photo->width, (double)view),
               .height = share(photo->height, (double)view)};
    f.x = (photo->width - f.width) / 2;
    f.y = (photo->height - f.height) / 2;
    uint32_t longest = f.width > f.height ? f.width : f.height;
    double scale = longest > CLI_OVERLAY_SIDE ? (double)CLI_OVERLAY_SIDE / longest : 1;
    f.out_width = share(f.width, scale);
    f.out_height = share(f.height, scale);
    return f;
}

/* Mean of the photo's pixels that fall into one pixel of the overlay. */
static void photo_at(const fleck_image *photo, const frame *f, uint32_t x, uint32_t y,
                     float rgb[3]) {
    size_t x0 = (size_t)x * f->width / f->out_width;
    size_t x1 = ((size_t)x + 1) * f->width / f->out_width;
    size_t y0 = (size_t)y * f->height / f->out_height;
    size_t y1 = ((size_t)y + 1) * f->height / f->out_height;
    uint64_t sum[3] = {0, 0, 0};
    for (size_t row = y0; row < y1; row++) {
        const uint8_t *pixel = photo->rgb + ((row + f->y) * photo->width + x0 + f->x) * 3;
        for (size_t column = x0; column < x1; column++, pixel += 3)
            for (int c = 0; c < 3; c++) sum[c] += pixel[c];
    }
    float count = (float)((x1 - x0) * (y1 - y0));
    for (int c = 0; c < 3; c++) rgb[c] = (float)sum[c] / count;
}

static void write_bytes(void *context, void *bytes, int size) {
    fwrite(bytes, 1, (size_t)size, context);
}

bool cli_overlay_write(fleck_arena *scratch, const fleck_image *photo, float view,
                       const float *heat, const char *path, fleck_message *err) {
    const float opacity = 0.85f; /* of the hottest place: the photo still shows */
    frame f = frame_of(photo, view);
    uint8_t *out = FLECK_NEW(scratch, uint8_t, f.out_width, f.out_height, 3);
    if (!out) {
        fleck_fail(err, FLECK_ERR_MEMORY, "%s: out of memory", path);
        return false;
    }
    uint8_t *at = out;
    for (uint32_t y = 0; y < f.out_height; y++) {
        for (uint32_t x = 0; x < f.out_width; x++) {
            float value = heat_at(heat, ((float)x + 0.5f) / (float)f.out_width,
                                  ((float)y + 0.5f) / (float)f.out_height);
            float below[3], above[3], alpha = opacity * value;
            photo_at(photo, &f, x, y, below);
            inferno(value, above);
            for (int c = 0; c < 3; c++)
                *at++ = (uint8_t)(below[c] * (1 - alpha) + above[c] * alpha + 0.5f);
        }
    }
    FILE *file = fopen(path, "wb");
    bool ok = file && stbi_write_png_to_func(write_bytes, file, (int)f.out_width, (int)f.out_height,
                                             3, out, (int)f.out_width * 3);
    if (file) {
        ok = !ferror(file) && ok;
        ok = !fclose(file) && ok;
    }
    if (!ok) fleck_fail(err, FLECK_ERR_ARGUMENT, "%s: %s", path, strerror(errno));
    return ok;
}
