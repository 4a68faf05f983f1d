#include "coco_json.h"

#include "fill.h"
#include "files.h"
#include "fleck.h"
#include "print.h"

#include <inttypes.h>

bool cli_coco_begin(cli_coco_json *coco, fleck_arena *arena, FILE *out, size_t photos,
                    uint32_t groups) {
    *coco = (cli_coco_json){.out = out, .images = FLECK_NEW(arena, cli_coco_image, photos)};
    if (!coco->images) return false;
    fputs(CLI_COCO_BEGIN ",\"version\":\"" FLECK_VERSION "\"},\n\"categories\":[", out);
    if (!groups) fputs("{\"id\":1,\"name\":\"defect\",\"supercategory\":\"defect\"}", out);
    for (uint32_t i = 1; i <= groups; i++)
        fprintf(out, "%s{\"id\":%u,\"name\":\"group %u\",\"supercategory\":\"defect\"}",
                i > 1 ? "," : "", i, i);
    fputs("],\n\"annotations\":[", out);
    return true;
}

static void put_polygon(FILE *out, const fleck_point *point, uint32_t count) {
    fputs("[[", out);
    for (uint32_t i = 0; i < count; i++)
        fprintf(out, "%s%.2f,%.2f", i ? "," : "", (double)point[i].x, (double)point[i].y);
    fputs("]]", out);
}

/* Lengths of the runs of 0 and 1 by turns, down the columns of the photo. */
static void put_runs(FILE *out, cli_window w, uint32_t width, uint32_t height,
                     const uint8_t *mask) {
    fprintf(out, "{\"size\":[%u,%u],\"counts\":[", height, width);
    uint64_t run = (uint64_t)w.left * height;
    uint8_t value = 0;
    const char *comma = "";
    for (uint32_t x = 0; x < w.width; x++)
        for (uint32_t y = 0; y < height; y++) {
            bool shown = y >= w.top && y - w.top < w.height;
            uint8_t now = shown ? mask[(size_t)(y - w.top) * w.width + x] : 0;
            if (now != value) {
                fprintf(out, "%s%" PRIu64, comma, run);
                comma = ",";
                value = now;
                run = 0;
            }
            run++;
        }
    uint64_t rest = (uint64_t)(width - w.left - w.width) * height;
    if (value && rest) {
        fprintf(out, "%s%" PRIu64, comma, run);
        run = 0;
    }
    fprintf(out, ",%" PRIu64 "]}", run + rest);
}

static bool put_segmentation(FILE *out, fleck_arena *scratch, const cli_finding *found,
                             uint32_t index) {
    const fleck_regions *all = &found->regions;
    const fleck_region *r = &all->region[index];
    fleck_arena_mark mark = fleck_arena_here(scratch);
    cli_window window = cli_window_of(r, found->width, found->height);
    uint8_t *mask = FLECK_NEW_ZERO(scratch, uint8_t, window.width, window.height);
    if (!mask) return false;
    bool any = cli_fill(all, index, 1, window, mask);
    if (any && r->contour_count == 1) {
        fleck_contour line = all->contour[r->first_contour];
        put_polygon(out, all->point + line.first, line.count);
    } else {
        cli_fill_peak(r, window, mask);
        put_runs(out, window, found->width, found->height, mask);
    }
    fleck_arena_reset(scratch, mark);
    return true;
}

bool cli_coco_add(cli_coco_json *coco, fleck_arena *scratch, const cli_finding *found) {
    FILE *out = coco->out;
    coco->images[coco->count++] = (cli_coco_image){found->name, found->width, found->height};
    for (uint32_t i = 0; i < found->regions.count; i++) {
        const fleck_region *r = &found->regions.region[i];
        fprintf(out,
                "%s\n{\"id\":%u,\"image_id\":%u,\"category_id\":%u,\"bbox\":[%.2f,%.2f,%.2f,%.2f],"
                "\"area\":%.2f,\"iscrowd\":0,\"score\":%.6f,\"segmentation\":",
                coco->annotations ? "," : "", coco->annotations + 1, coco->count,
                found->group ? found->group[i] + 1 : 1, (double)r->left, (double)r->top,
                (double)r->width, (double)r->height, (double)r->area, (double)r->peak);
        if (!put_segmentation(out, scratch, found, i)) return false;
        fputc('}', out);
        coco->annotations++;
    }
    return true;
}

void cli_coco_end(cli_coco_json *coco) {
    fputs("\n],\n\"images\":[", coco->out);
    for (uint32_t i = 0; i < coco->count; i++) {
        fprintf(coco->out, "%s\n{\"id\":%u,\"file_name\":", i ? "," : "", i + 1);
        cli_put_json(coco->out, coco->images[i].name);
        fprintf(coco->out, ",\"width\":%u,\"height\":%u}", coco->images[i].width,
                coco->images[i].height);
    }
    fputs("\n]}\n", coco->out);
}
