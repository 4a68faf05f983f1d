/* What files call the tensors of a vision transformer -> DINO's names. */
#ifndef FLECK_VIT_NAMES_H
#define FLECK_VIT_NAMES_H

#include "tensors.h"

/* Finds the backbone among a file's tensors and gives it DINO's names, those of
 * models/README.md. Understood are DINO's and DINOv2's own (blocks in chunks too),
 * timm's and Hugging Face's (query, key and value apart are attn.q, attn.k and
 * attn.v), behind any prefix such as "module.backbone."; a teacher is preferred to
 * its student. Heads, poolers and mask tokens are left out.
 *
 * Names live in arena; data and metadata are those of in. FLECK_ERR_FORMAT names
 * the tensor that has no place in such a backbone. */
fleck_status fleck_vit_names(fleck_arena *arena, const fleck_weights *in, fleck_weights *out,
                             fleck_message *err);

#endif
