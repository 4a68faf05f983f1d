#include "watch.h"

#include <string.h>

static bool no_memory(fleck_message *err, const char *dir) {
    fleck_fail(err, FLECK_ERR_MEMORY, "%s: too many photos for the memory there is", dir);
    return false;
}

/* What is in the folder now, none of it taken. */
static bool list(const char *dir, cli_watch *out, cli_trouble *trouble, void *context,
                 fleck_message *err) {
    cli_photos photos = {0};
    *out = (cli_watch){.dir = dir};
    cli_listed *listed = FLECK_NEW_ZERO(&out->arena, cli_listed, 1);
    if (!listed) return no_memory(err, dir);
    if (!cli_photos_list(&out->arena, dir, &photos, listed, trouble, context, err)) return false;
    out->items = FLECK_NEW(&out->arena, cli_watched, photos.count);
    if (!out->items) return no_memory(err, dir);
    for (size_t i = 0; i < photos.count; i++) {
        struct stat info;
        if (stat(photos.items[i].path, &info)) continue; /* gone meanwhile */
        out->items[out->count++] =
            (cli_watched){.photo = photos.items[i], .size = info.st_size, .changed = info.st_mtim};
    }
    return true;
}

bool cli_watch_begin(cli_watch *watch, const char *dir, cli_trouble *trouble, void *context,
                     fleck_message *err) {
    if (!list(dir, watch, trouble, context, err)) return false;
    for (size_t i = 0; i < watch->count; i++) watch->items[i].is_taken = true;
    return true;
}

/* What cannot be read was told at the first look. */
static void keep_silent(void *context, const char *name, const char *reason) {
    (void)context;
    (void)name;
    (void)reason;
}

static bool is_same(const cli_watched *a, const cli_watched *b) {
    return a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

bool cli_watch_look(cli_watch *watch, fleck_arena *arena, cli_photos *photos, fleck_message *err) {
    cli_watch now;
    bool ok = list(watch->dir, &now, keep_silent, NULL, err);
    for (size_t i = 0, before = 0; ok && i < now.count; i++) {
        cli_watched *item = &now.items[i];
        int order = -1;
        while (before < watch->count &&
               (order = strcmp(watch->items[before].photo.name, item->photo.name)) < 0)
            before++;
        bool rests = before < watch->count && !order && is_same(&watch->items[before], item);
        bool is_new = rests && item->size && !watch->items[before].is_taken;
        item->is_taken = rests && (is_new || watch->items[before].is_taken);
        if (is_new && !cli_photos_add(arena, photos, item->photo)) ok = no_memory(err, watch->dir);
    }
    fleck_arena_free(ok ? &watch->arena : &now.arena);
    if (ok) *watch = now;
    return ok;
}

void cli_watch_end(cli_watch *watch) { fleck_arena_free(&watch->arena); }
