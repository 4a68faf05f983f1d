/* A frozen vision transformer in DINO's form: normalised tensor -> tokens.
 *
 * Dosovitskiy et al., ICLR 2021; Caron et al., ICCV 2021. LayerNorm eps 1e-6,
 * exact (erf) GELU, optional layer scale and registers (Darcet et al., ICLR 2024). */
#ifndef FLECK_VIT_H
#define FLECK_VIT_H

#include "linear.h"

#define FLECK_INPUT_MAX 2048 /* pixels */
#define FLECK_REGISTERS_MAX 16

typedef struct {
    const float *norm1_gamma, *norm1_beta, *norm2_gamma, *norm2_beta; /* [dim] */
    fleck_linear qkv, proj, fc1, fc2;
    const float *scale1, *scale2; /* layer scale [dim], or NULL */
} fleck_vit_block;

typedef struct {
    uint32_t dim, depth, heads, patch, hidden; /* hidden: widest MLP */
    uint32_t registers;                        /* tokens without pixels besides CLS */
    uint32_t native_grid;                      /* of pos_embed */
    uint32_t native_input;                     /* pixels, from metadata or family */
    float mean[3], std[3];
    uint32_t blocks[FLECK_BLOCKS_MAX], block_count; /* the same */
    uint64_t fingerprint;                           /* of the file's bytes */

    fleck_arithmetic arithmetic;
    fleck_arithmetic wide_arithmetic; /* of embed and proj, which never have 8 bits: half of
                                         all that i8 loses would be proj's */

    fleck_linear embed;      /* [dim, 3*patch*patch] */
    const float *cls_token;  /* [dim] */
    const float *registered; /* [registers, dim] */
    const float *position;   /* [1 + native_grid^2, dim] */
    const float *norm_gamma, *norm_beta;
    fleck_vit_block *block; /* [depth] */
} fleck_vit;

/* A ViT set up for one input size and one choice of blocks. */
typedef struct {
    const fleck_vit *vit;
    uint32_t input, grid, tokens; /* tokens: 1 + registers + grid^2 */
    uint32_t blocks[FLECK_BLOCKS_MAX], block_count;
    uint32_t dim;          /* of a feature: vit->dim * block_count */
    const float *position; /* [1 + grid^2, vit->dim] */
} fleck_vit_plan;

/* Builds the model from the bytes of a weight file, whose tensors tell its family;
 * weights are packed into arena, panel by panel, as the precision wants them. What
 * is missing, of another shape or not finite is named. */
fleck_status fleck_vit_load(fleck_arena *arena, const fleck_kernels *kernels,
                            fleck_precision precision, const uint8_t *bytes, size_t size,
                            fleck_vit *out, fleck_message *err);

/* input 0 and block_count 0 take the file's own. The input must be a multiple
 * of the patch and make no more than FLECK_PATCHES_MAX of them and FLECK_VALUES_MAX values;
 * blocks are 1-based, ascending, at most depth. */
fleck_status fleck_vit_plan_make(fleck_arena *arena, const fleck_vit *vit, uint32_t input,
                                 const uint32_t *blocks, uint32_t block_count, fleck_vit_plan *out,
                                 fleck_message *err);

/* tensor [3, input, input] -> patch [grid^2, dim] and cls [dim].
 *
 * The tokens of block b < depth are LayerNorm'd without gain and offset, so
 * that blocks of different scale count alike; the last block's go through the
 * model's own final norm. Several blocks stand side by side in a row. Registers
 * give no features. */
fleck_status fleck_vit_forward(const fleck_vit_plan *plan, const fleck_compute *compute,
                               const float *tensor, float *patch, float *cls, fleck_message *err);

#endif
