/* The layout of the structures that engine.js writes and reads by offset. */
#include "fleck.h"

#define AT(type, member, offset)                                                                   \
    _Static_assert(offsetof(type, member) == (offset), "engine.js: " #type "." #member)

_Static_assert(sizeof(fleck_options) == 64, "engine.js: size of fleck_options");
AT(fleck_options, method, 0);
AT(fleck_options, preset, 4);
AT(fleck_options, input, 8);
AT(fleck_options, blocks, 12);
AT(fleck_options, block_count, 28);
AT(fleck_options, seed, 32);
AT(fleck_options, precision, 40);
AT(fleck_options, threads, 44);
AT(fleck_options, kernels, 48);
AT(fleck_options, iterations, 52);
AT(fleck_options, learn_most, 56);

_Static_assert(sizeof(fleck_feature_shape) == 20, "engine.js: size of fleck_feature_shape");
AT(fleck_feature_shape, input, 0);
AT(fleck_feature_shape, grid, 4);
AT(fleck_feature_shape, patches, 8);
AT(fleck_feature_shape, dim, 12);
AT(fleck_feature_shape, view, 16);

_Static_assert(sizeof(fleck_samples) == 8, "engine.js: size of fleck_samples");
AT(fleck_samples, bits, 0);
AT(fleck_samples, highest, 4);

_Static_assert(sizeof(fleck_progress) == 16, "engine.js: size of fleck_progress");
AT(fleck_progress, stage, 0);
AT(fleck_progress, done, 4);
AT(fleck_progress, total, 8);
AT(fleck_progress, loss, 12);

_Static_assert(sizeof(fleck_folder) == 20, "engine.js: size of fleck_folder");
AT(fleck_folder, photos, 0);
AT(fleck_folder, defects, 4);
AT(fleck_folder, looks, 8);
AT(fleck_folder, clean, 12);
AT(fleck_folder, second_product, 16);

_Static_assert(FLECK_HEAT == 224 && FLECK_BLOCKS_MAX == 4, "engine.js: HEAT, BLOCKS_MAX");
