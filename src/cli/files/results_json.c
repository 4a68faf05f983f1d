#include "results_json.h"

#include "files.h"
#include "fleck.h"
#include "print.h"

#include <inttypes.h>
#include <stdlib.h>

void cli_results_text(FILE *out, const char *key, const char *value) {
    fprintf(out, ",\"%s\":", key);
    if (value)
        cli_put_json(out, value);
    else
        fputs("null", out);
}

/* The shortest decimal number that is read as this float, 6 digits or more: who runs it again has
 * the same one. */
void cli_results_exact(FILE *out, const char *key, float value) {
    enum { LEAST = 6, MOST = 9 };
    char text[32];
    for (int digits = LEAST; digits <= MOST; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value) break;
    }
    fprintf(out, ",\"%s\":%s", key, text);
}

static void put_settings(FILE *out, const cli_settings *s) {
    static const char *const presets[] = {FLECK_PRESET_NAMES};
    static const char *const precisions[] = {FLECK_PRECISION_NAMES};
    const fleck_options *o = &s->options;
    fputs(CLI_RESULTS_BEGIN ",\"format_version\":1,\"fleck\":\"" FLECK_VERSION "\"", out);
    cli_results_text(out, "command", s->command);
    cli_results_text(out, "model", s->model);
    cli_results_text(out, "backbone", s->backbone);
    fprintf(out,
            ",\"settings\":{\"method\":\"%s\",\"preset\":\"%s\",\"precision\":\"%s\",\"input\":%u,"
            "\"tiles\":{\"columns\":%u,\"rows\":%u},\"seed\":%" PRIu64 ",\"frame_share\":%.6g",
            fleck_method_name(o->method), presets[o->preset], precisions[o->precision],
            s->shape.input, s->shape.tile_columns, s->shape.tile_rows, o->seed,
            (double)s->shape.frame_share);
    if (s->area.inside)
        fprintf(out, ",\"area\":{\"patches\":%u,\"of\":%u,\"share\":%.6g%s}}", s->area.inside,
                s->area.patches, (double)s->area.share, s->area.follows ? ",\"follows\":true" : "");
    else
        fputs(",\"area\":null}", out);
    cli_results_exact(out, "threshold", s->threshold);
    fprintf(out, ",\"look\":%.6g", (double)(s->threshold * (FLECK_LOOK / FLECK_DEFECT)));
    cli_results_exact(out, "smallest_area", s->smallest_area);
    if (s->mm_per_pixel > 0)
        fprintf(out, ",\"mm_per_pixel\":%.9g", s->mm_per_pixel);
    else
        fputs(",\"mm_per_pixel\":null", out);
}

void cli_results_begin(cli_results_json *json, FILE *out, bool lines, const cli_settings *s) {
    *json = (cli_results_json){.out = out, .lines = lines, .mm_per_pixel = s->mm_per_pixel};
    put_settings(out, s);
    fputs(lines ? "}\n" : ",\"photos\":[\n", out);
}

static void put_contour(FILE *out, const fleck_point *point, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        fprintf(out, "%s[%.2f,%.2f]", i ? "," : "[", (double)point[i].x, (double)point[i].y);
    fputc(']', out);
}

static void put_box(FILE *out, cli_box box) {
    if (box.width > 0)
        fprintf(out, ",\"box\":[%.2f,%.2f,%.2f,%.2f]", (double)box.left, (double)box.top,
                (double)box.width, (double)box.height);
    else
        fputs(",\"box\":null", out);
}

static void put_evidence(FILE *out, const cli_evidence *e) {
    fprintf(out, ",\"evidence\":{\"distance\":%.6g,\"nearer\":%.6g,\"usual\":%.6g",
            (double)e->distance, (double)e->nearer, (double)e->usual);
    put_box(out, e->box);
    fputs(",\"similar\":[", out);
    for (uint32_t i = 0; i < e->count; i++) {
        fputs(i ? ",{\"file\":" : "{\"file\":", out);
        cli_put_json(out, e->similar[i].name);
        put_box(out, e->similar[i].box);
        fprintf(out, ",\"distance\":%.6g}", (double)e->similar[i].distance);
    }
    fputs("]}", out);
}

static void put_region(const cli_results_json *json, const cli_finding *found, uint32_t index) {
    FILE *out = json->out;
    const fleck_regions *all = &found->regions;
    const fleck_region *r = &all->region[index];
    fprintf(out, "{\"box\":[%.2f,%.2f,%.2f,%.2f],\"area\":%.2f", (double)r->left, (double)r->top,
            (double)r->width, (double)r->height, (double)r->area);
    if (json->mm_per_pixel > 0)
        fprintf(out, ",\"area_mm2\":%.6g",
                (double)r->area * json->mm_per_pixel * json->mm_per_pixel);
    fprintf(out,
            ",\"share\":%.6g,\"centroid\":[%.2f,%.2f],\"peak\":%.6f,\"peak_at\":[%.2f,%.2f],"
            "\"mean\":%.6f",
            (double)r->share, (double)r->centroid_x, (double)r->centroid_y, (double)r->peak,
            (double)r->peak_x, (double)r->peak_y, (double)r->mean);
    if (found->group) fprintf(out, ",\"group\":%u", found->group[index] + 1);
    fputs(",\"contours\":[", out);
    for (uint32_t c = 0; c < r->contour_count; c++) {
        fleck_contour line = all->contour[r->first_contour + c];
        if (c) fputc(',', out);
        put_contour(out, all->point + line.first, line.count);
    }
    fputc(']', out);
    if (found->evidence) put_evidence(out, &found->evidence[index]);
    fputc('}', out);
}

/* Between the objects of a list, of which each has a line. */
static void put_comma(const cli_results_json *json, bool *any) {
    if (*any && !json->lines) fputs(",\n", json->out);
    *any = true;
}

/* In pixels of the photo. */
static void put_marks(FILE *out, const cli_finding *found) {
    fputs(",\"marks\":[", out);
    for (uint32_t i = 0; i < found->mark_count; i++) {
        const fleck_made_mark *m = &found->marks[i];
        fprintf(out, "%s{\"mark\":\"%s\",\"at\":", i ? "," : "", fleck_mark_name(m->mark));
        if (m->is_spot)
            fprintf(out, "[%.2f,%.2f]}", (double)(m->x * (float)found->width),
                    (double)(m->y * (float)found->height));
        else
            fputs("null}", out);
    }
    fputc(']', out);
}

void cli_results_photo(cli_results_json *json, const cli_finding *found) {
    FILE *out = json->out;
    put_comma(json, &json->listed);
    fputs("{\"file\":", out);
    cli_put_json(out, found->name);
    fprintf(out, ",\"width\":%u,\"height\":%u,\"score\":%.6f,\"verdict\":\"%s\",\"regions\":[",
            found->width, found->height, (double)found->score, fleck_verdict_name(found->verdict));
    for (uint32_t i = 0; i < found->regions.count; i++) {
        if (i) fputc(',', out);
        put_region(json, found, i);
    }
    fputc(']', out);
    if (found->mark_count) put_marks(out, found);
    if (found->follows)
        fprintf(out, ",\"shift\":[%.2f,%.2f]", (double)found->shift.x, (double)found->shift.y);
    fputs(json->lines ? "}\n" : "}", out);
}

void cli_results_skipped(cli_results_json *json, const char *name, const char *reason) {
    if (!json->skipped && !json->lines) fputs("\n],\"skipped\":[\n", json->out);
    put_comma(json, &json->skipped);
    fputs("{\"file\":", json->out);
    cli_put_json(json->out, name);
    fputs(",\"skipped\":", json->out);
    cli_put_json(json->out, reason);
    fputs(json->lines ? "}\n" : "}", json->out);
}

static void put_groups(FILE *out, const fleck_groups *groups) {
    fputs(",\"groups\":[", out);
    for (uint32_t i = 0; i < groups->count; i++)
        fprintf(out, "%s%u", i ? "," : "", groups->size[i]);
    fputc(']', out);
}

static void put_learnt(FILE *out, const cli_learnt *l) {
    fprintf(out,
            "{\"photos\":%zu,\"left\":%zu,\"left_out\":%zu,\"sample_bits\":%u,"
            "\"model_bytes\":%zu,\"model_sha256\":\"%s\"}",
            l->photos, l->left, l->left_out, l->sample_bits, l->model_bytes, l->model_sha256);
}

void cli_results_end(cli_results_json *json, const fleck_folder_verdict *f,
                     const fleck_groups *groups, const cli_learnt *learnt) {
    FILE *out = json->out;
    if (!json->lines) fputs(json->skipped ? "\n]," : "\n],\"skipped\":[],", out);
    if (json->lines && !f) return;
    fputs(json->lines ? "{\"folder\":" : "\"folder\":", out);
    if (f)
        fprintf(out,
                "{\"photos\":%u,\"defects\":%u,\"looks\":%u,\"clean\":%s,\"estimated\":%u,"
                "\"estimated_least\":%u,\"estimated_most\":%u,\"second_product\":%u",
                f->photos, f->defects, f->looks, f->clean ? "true" : "false", f->estimated,
                f->estimated_least, f->estimated_most, f->second_product);
    if (f && groups) put_groups(out, groups);
    fputs(f ? "}" : "null", out);
    if (learnt) {
        fputs(json->lines ? "}\n{\"learnt\":" : ",\"learnt\":", out);
        put_learnt(out, learnt);
    }
    if (!json->is_open) fputs("}\n", out);
}
