#include "labelling.h"

#include <stdarg.h>
#include <string.h>

void cli_names_add(cli_name_list *list, const char *name) {
    size_t used = strlen(list->text);
    if (list->count++ >= CLI_SHOWN || used + strlen(name) + 24 > sizeof list->text) return;
    snprintf(list->text + used, sizeof list->text - used, "%s%s", used ? ", " : "", name);
}

const char *cli_names_end(cli_name_list *list) {
    size_t used = strlen(list->text);
    if (list->count > CLI_SHOWN)
        snprintf(list->text + used, sizeof list->text - used, " and %zu more",
                 list->count - CLI_SHOWN);
    return list->text;
}

const char *cli_plural(size_t count) { return count == 1 ? "" : "s"; }

void cli_doubt(labelling *l, const char *format, ...) {
    char text[CLI_NAMES_BYTES + 400];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    cli_say(&l->run->progress, "%s", text);
    l->doubts++;
}
