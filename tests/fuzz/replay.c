/* Runs a fuzz target without a fuzzer: over every file of its corpus, each as it is,
 * cut short at every byte, and with some bytes changed. (A main with arguments would be
 * an empty program under some versions of Emscripten.) */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUTATIONS = 400, CUT_EVERY_BYTE_BELOW = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The same changes in every run. */
static uint32_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Targets get a copy that ends where the input ends, so that a sanitizer sees
 * every byte read beyond it. */
static void run(const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) exit(1);
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void replay(uint8_t *bytes, size_t size) {
    run(bytes, size);
    for (size_t cut = 0; cut < size && size < CUT_EVERY_BYTE_BELOW; cut++) run(bytes, cut);
    uint8_t *changed = malloc(size);
    if (!changed) exit(1);
    uint64_t state = size;
    for (int i = 0; i < MUTATIONS; i++) {
        memcpy(changed, bytes, size);
        for (uint32_t k = next_random(&state) % 4 + 1; k; k--) {
            uint8_t *at = changed + next_random(&state) % size;
            uint32_t kind = next_random(&state) % 4;
            if (kind == 0)
                *at = 0xFF;
            else if (kind == 1)
                *at = 0;
            else if (kind == 2)
                *at ^= (uint8_t)(1u << next_random(&state) % 8);
            else
                *at = (uint8_t)next_random(&state);
        }
        run(changed, size);
    }
    free(changed);
}

int main(void) {
    size_t files = 0;
    DIR *folder = opendir(FLECK_CORPUS_DIR);
    for (struct dirent *item; folder && (item = readdir(folder));) {
        if (item->d_name[0] == '.') continue;
        char path[2048];
        snprintf(path, sizeof path, "%s/%s", FLECK_CORPUS_DIR, item->d_name);
        static uint8_t bytes[1 << 20];
        FILE *f = fopen(path, "rb");
        size_t size = f ? fread(bytes, 1, sizeof bytes, f) : 0;
        if (f) fclose(f);
        if (!size) continue;
        replay(bytes, size);
        files++;
    }
    if (folder) closedir(folder);
    printf("replayed %zu files\n", files);
    return !files;
}
