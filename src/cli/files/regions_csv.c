#include "regions_csv.h"

#include "files.h"
#include "print.h"

void cli_regions_csv_begin(FILE *out, bool grouped, double mm_per_pixel) {
    fputs(CLI_REGIONS_HEADER, out);
    if (grouped) fputs(",group", out);
    fputs(mm_per_pixel > 0 ? ",area_mm2\n" : "\n", out);
}

void cli_regions_csv_add(FILE *out, const cli_finding *found, double mm_per_pixel) {
    for (uint32_t i = 0; i < found->regions.count; i++) {
        const fleck_region *r = &found->regions.region[i];
        cli_csv_field(out, found->name, false);
        fprintf(out, ",%u,%.2f,%.2f,%.2f,%.2f,%.2f,%.6g,%.2f,%.2f,%.6f,%.2f,%.2f,%.6f", i + 1,
                (double)r->left, (double)r->top, (double)r->width, (double)r->height,
                (double)r->area, (double)r->share, (double)r->centroid_x, (double)r->centroid_y,
                (double)r->peak, (double)r->peak_x, (double)r->peak_y, (double)r->mean);
        if (found->group) fprintf(out, ",%u", found->group[i] + 1);
        if (mm_per_pixel > 0) fprintf(out, ",%.6g", (double)r->area * mm_per_pixel * mm_per_pixel);
        fputc('\n', out);
    }
}
