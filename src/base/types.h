/* The library's types, options and limits, for those who call it (fleck.h) and for every folder
 * of src/.
 *
 * Letters used for shapes, here and in every source file:
 *     S  side of the square network input in pixels
 *     P  patches of a photo, on a grid of rows and columns of them: P = rows * columns, those of
 *        a row side by side, the top row first
 *     D  feature size of a patch (the chosen blocks side by side)
 *
 * JavaScript knows the numbers, names and structures below from here: wasm/glue/constants.mjs. */
#ifndef FLECK_TYPES_H
#define FLECK_TYPES_H

#include <stddef.h>
#include <stdint.h>

#define FLECK_HEAT 224                   /* side of every heatmap in pixels */
#define FLECK_BLOCKS_MAX 4               /* blocks whose tokens can be used together */
#define FLECK_PHOTOS_MIN 5               /* training refuses fewer */
#define FLECK_FEATURE_BYTES (352u << 20) /* a folder's features take no more, by default */
#define FLECK_PIXELS_MAX 67108864u       /* larger photos are refused, 64 Mpixel */
#define FLECK_TILES_MAX 16               /* along a side of a photo */
#define FLECK_AREA_POINTS_MAX 4096       /* of an area's polygons together */
#define FLECK_AREA_PATCHES_MIN 16        /* that an area leaves of a photo, fleck_set_area */
#define FLECK_HEAD 32                    /* bytes of a file that tell whether to measure it */
#define FLECK_SIZE_HEAD 262144           /* bytes of a file that tell its photo's size */
#define FLECK_ITERATIONS_MAX 1000000000  /* of fleck_options */

/* Of one photo, P and P*D: every size that has to do with it fits 32 bits, in bytes too. */
#define FLECK_PATCHES_MAX (1u << 16)
#define FLECK_VALUES_MAX (1u << 28)

/* Until another threshold is set (fleck_set_threshold), a score of FLECK_DEFECT or more is called
 * a defect, one of FLECK_LOOK or more deserves a look. */
#define FLECK_DEFECT 0.5f
#define FLECK_LOOK 0.3f

/* Beside each enumeration the names of its values, in their order. */
typedef enum {
    FLECK_OK = 0,
    FLECK_ERR_ARGUMENT, /* the caller passed a bad value */
    FLECK_ERR_FORMAT,   /* bytes of a photo, backbone or model are malformed */
    FLECK_ERR_STATE,    /* called too early or too late */
    FLECK_ERR_MEMORY,
    FLECK_ERR_KIND /* a file of a kind that is not read here: another decoder may know it */
} fleck_status;
#define FLECK_STATUS_NAMES "ok", "argument", "format", "state", "memory", "kind"

/* How the frame becomes the square input. */
typedef enum {
    FLECK_PRESET_FIT = 0,  /* resize the whole frame to S square */
    FLECK_PRESET_FUNAD = 1 /* resize to S*256/224 square, centre crop S: the paper's */
} fleck_preset;
#define FLECK_PRESET_NAMES "fit", "funad"

/* How patches are scored. */
typedef enum {
    FLECK_METHOD_IRMB = 0,        /* FUN-AD: local-net trained with the IRMB */
    FLECK_METHOD_ENSEMBLE = 1,    /* mean distance to several random memories (MeDS) */
    FLECK_METHOD_KNN = 2,         /* distance to one random memory */
    FLECK_METHOD_MUSC = 3,        /* mutual scoring: distance to the nearest photos (MuSc) */
    FLECK_METHOD_MAHALANOBIS = 4, /* distance from the mean of each place (PaDiM) */
    FLECK_METHOD_PAPER = 5,       /* FUN-AD as published: hours; not in WebAssembly */
    FLECK_METHOD_SOFTPATCH = 6,   /* knn weighted by local outlier factors (SoftPatch) */
    FLECK_METHOD_L2BT = 7,     /* where nets cannot tell one block's tokens from another's (L2BT) */
    FLECK_METHOD_SIMPLENET = 8 /* a discriminator of patches and noise (SimpleNet) */
} fleck_method;
#define FLECK_METHOD_NAMES                                                                         \
    "irmb", "ensemble", "knn", "musc", "mahalanobis", "paper", "softpatch", "l2bt", "simplenet"

/* How the backbone computes. Features of different precisions are close, not
 * equal (tests/quality/README.md); those of one precision are equal everywhere. */
typedef enum {
    FLECK_PRECISION_I8 = 0, /* 8-bit integers: smallest, and fastest where the CPU has VNNI or the
                               like; as fast as I16 elsewhere */
    FLECK_PRECISION_F32 = 1,
    FLECK_PRECISION_I16 = 2 /* 12-bit integers: nearer to float32, more than twice as fast as it */
} fleck_precision;
#define FLECK_PRECISION_NAMES "i8", "f32", "i16"

typedef struct {
    fleck_method method;
    fleck_preset preset;
    uint32_t input;                    /* S; 0: the backbone's own. P and P*D are bounded */
    uint32_t blocks[FLECK_BLOCKS_MAX]; /* 1-based, ascending */
    uint32_t block_count;              /* 0: the backbone's own choice */
    uint64_t seed;
    fleck_precision precision;
    uint32_t threads;    /* 0 and 1: the caller's thread alone */
    const char *kernels; /* natively "scalar", "simd128"; NULL: the fastest */
    /* Of the paper's recipe, and of each fold of l2bt and simplenet, up to FLECK_ITERATIONS_MAX;
     * 0: as published, and 200. */
    uint32_t iterations;
    uint32_t learn_most; /* photos to learn from, FLECK_PHOTOS_MIN or more: fewer save time and
                            memory; 0: as many as FLECK_FEATURE_BYTES hold, and 50 in any case.
                            2^20 of them, and 2^31 patches, are the most */
} fleck_options;

/* Overlapping square tiles that a photo consists of (fleck_set_tiles). */
typedef struct {
    uint32_t columns, rows; /* each 1 to FLECK_TILES_MAX */
} fleck_tiles;

/* A feature: the 16 bits of an IEEE half float (binary16). Photos are many, and
 * 11 significant bits are more than the scores can tell apart. */
typedef uint16_t fleck_half;

/* What the loaded backbone makes of one photo. */
typedef struct {
    uint32_t input; /* S */
    uint32_t rows, columns;
    uint32_t patches;                 /* P */
    uint32_t dim;                     /* D */
    uint32_t tile_columns, tile_rows; /* of which a photo consists, fleck_set_tiles */
    float frame_share;                /* of the frame's width and height, centred, that input and
                                         heatmap cover: 0.875 funad, 1 fit */
} fleck_feature_shape;

typedef enum {
    FLECK_STAGE_MEMORY = 0, /* memories, and distances to them */
    FLECK_STAGE_LEARN,      /* steps of networks, the local-net's and others */
    FLECK_STAGE_CALIBRATE   /* scores of the whole folder, and their scale */
} fleck_stage;
#define FLECK_STAGE_NAMES "memory", "learn", "calibrate"

typedef struct {
    fleck_stage stage;
    uint32_t done, total; /* steps over all stages; equal when trained */
    float loss;           /* of the last learning step; 0 before the first */
} fleck_progress;

typedef enum { FLECK_VERDICT_OK = 0, FLECK_VERDICT_LOOK, FLECK_VERDICT_DEFECT } fleck_verdict;
#define FLECK_VERDICT_NAMES "ok", "look", "defect"

/* What an inspector says of a photo, or of a spot on it. */
typedef enum { FLECK_MARK_NONE = 0, FLECK_MARK_GOOD, FLECK_MARK_DEFECT } fleck_mark;
#define FLECK_MARK_NAMES "none", "good", "defect"

/* Marks beside what fleck would say, at the detector's threshold, of each had all been made but it.
 * Bounds hold a share in 19 cases of 20 (Wilson's intervals); where nothing tells a share it is 0,
 * its bounds 0 and 1. Marks were chosen by somebody, hard ones as a rule: of other photos the
 * shares are better. */
typedef struct {
    uint32_t good, defects;                           /* marks */
    uint32_t good_called, defects_called;             /* of these called a defect */
    float precision, precision_least, precision_most; /* of those called the share of defects */
    float recall, recall_least, recall_most;          /* of the defects the share called */
    float threshold;                                  /* proposed by the marks, above 0 */
} fleck_review;

/* What the samples of a photo file hold. */
typedef struct {
    uint32_t bits;    /* 0: a photo of 8 bits, of which there is nothing to know; of one of 16 bits
                         how many its values take: 8, 10, 12, 14 or 16, or what the file says
                         (PNG's sBIT) */
    uint32_t highest; /* value, 0..65535; 0 in a photo of 8 bits */
} fleck_samples;

/* A point of a photo in its pixels, as it is seen, EXIF orientation applied: 0, 0 is its upper left
 * corner, 0.5, 0.5 the centre of its first pixel. */
typedef struct {
    float x, y;
} fleck_point;

/* By how many patches an area of interest lies further right and further down on a photo than where
 * it was drawn, so as to cover the part that it follows. */
typedef struct {
    int32_t columns, rows;
} fleck_shift;

/* A mark that was made. */
typedef struct {
    uint32_t hash[2]; /* what its photo is known by, fleck_known_by */
    fleck_mark mark;  /* good or defect */
    int is_spot;      /* 1: of the spot; 0: of the whole photo */
    float x, y;       /* of a spot the middle of the patch that it lies in, in shares of the photo's
                         width and height; else 0, 0 */
} fleck_made_mark;

/* A closed line through points of fleck_regions: the last is joined to the first. */
typedef struct {
    uint32_t first, count;
} fleck_contour;

/* A connected place where a photo's heatmap reaches the threshold. Lengths and areas are in pixels
 * of the photo. */
typedef struct {
    float left, top, width, height; /* the box around it */
    float area;                     /* without its holes; 0 where only a point reaches the level */
    float share;                    /* of the photo's area, 0 to 1 */
    float centroid_x, centroid_y;   /* of that area; of a ring it lies outside */
    float peak, mean;               /* of the heat in it, the threshold to 1 */
    float peak_x, peak_y;           /* where it is hottest */
    uint32_t first_contour, contour_count; /* its outline, then its holes */
} fleck_region;

/* All of a photo, the hottest first. */
typedef struct {
    uint32_t count, contour_count, point_count;
    const fleck_region *region;   /* [count] */
    const fleck_contour *contour; /* [contour_count] */
    const fleck_point *point;     /* [point_count] */
} fleck_regions;

/* Regions of many photos, by groups of those that look alike. */
typedef struct {
    uint32_t regions, count;
    const uint32_t *group; /* [regions]: of each, in the order of adding; 0 is the largest group */
    const uint32_t *size;  /* [count]: regions of each group, at least 1, never rising */
    const uint32_t *typical; /* [count]: which region of each, in the order of adding, is most like
                                the mean of all in it */
} fleck_groups;

/* A place of one of the folder's photos that looks like the one that was asked about
 * (fleck_explain). The box is in shares of that photo's width and height as it is seen, 0 to 1. */
typedef struct {
    uint32_t photo; /* its index */
    float left, top, width, height;
    float distance; /* 0 or more; compares places of one folder */
} fleck_similar;

/* What the folder says about a place of a photo. */
typedef struct {
    float left, top, width, height; /* the box around what was compared, as above */
    float distance; /* that a third of the other photos are within: a few that share a defect do not
                       make it usual */
    float nearer;   /* share of the folder's patches that are nearer to a third of the others than
                       this place is, 0 to 1. The oddest place of a good photo has about 0.98, what
                       is without example nearly 1, and a distance far from */
    float usual;    /* the one that half of the folder's patches have */
    uint32_t count; /* of the fleck_similar found */
} fleck_explanation;

/* What the photos of a folder say together. */
typedef struct {
    uint32_t photos;  /* learnt from */
    uint32_t defects; /* of these with the verdict defect, by the detector's threshold and
                         smallest area */
    uint32_t looks;   /* and with the verdict look */
    int clean;        /* 1: one product, and no photo has the verdict defect */
    uint32_t estimated, estimated_least, estimated_most; /* photos with a defect, found or not: 0
                                where none is found; else of the looks as many as are too many;
                                at FLECK_DEFECT, whatever the threshold */
    uint32_t second_product; /* photos of another product than the others show; 0: of none */
} fleck_folder_verdict;

#endif
