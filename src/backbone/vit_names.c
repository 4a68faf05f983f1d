#include "vit_names.h"

#include "text.h"

#include <string.h>

enum { NAME_BYTES = 64 };

/* What a name begins with, or is where there is no dot at the end, and what DINO has
 * in its place: NULL is the same. */
typedef struct {
    const char *theirs, *dino;
} rule;

static const rule model_rules[] = {
    {"cls_token", NULL},
    {"pos_embed", NULL},
    {"register_tokens", NULL},
    {"patch_embed.proj.", NULL},
    {"norm.", NULL},
    {"reg_token", "register_tokens"},
    {"embeddings.cls_token", "cls_token"},
    {"embeddings.position_embeddings", "pos_embed"},
    {"embeddings.register_tokens", "register_tokens"},
    {"embeddings.patch_embeddings.projection.", "patch_embed.proj."},
    {"layernorm.", "norm."},
};

static const rule block_rules[] = {
    {"norm1.", NULL},
    {"norm2.", NULL},
    {"attn.qkv.", NULL},
    {"attn.q.", NULL},
    {"attn.k.", NULL},
    {"attn.v.", NULL},
    {"attn.proj.", NULL},
    {"mlp.fc1.", NULL},
    {"mlp.fc2.", NULL},
    {"ls1.gamma", NULL},
    {"ls2.gamma", NULL},
    {"attention.attention.query.", "attn.q."},
    {"attention.attention.key.", "attn.k."},
    {"attention.attention.value.", "attn.v."},
    {"attention.output.dense.", "attn.proj."},
    {"layernorm_before.", "norm1."},
    {"layernorm_after.", "norm2."},
    {"intermediate.dense.", "mlp.fc1."},
    {"output.dense.", "mlp.fc2."},
    {"layer_scale1.lambda1", "ls1.gamma"},
    {"layer_scale2.lambda1", "ls2.gamma"},
};

/* No part of the features. */
static const char *const ignored[] = {
    "mask_token", "embeddings.mask_token", "head", "pooler.", "classifier.", "pre_logits.",
};

/* Of networks that are built in another way. */
static const char *const swiglu[] = {"mlp.w12.", "mlp.w3.", "mlp.weights_in.", "mlp.weights_out."};

static const char cls_token[] = "cls_token", embeddings[] = "embeddings.";

/* What follows start in text, NULL when it does not begin so. */
static const char *after(const char *text, const char *start) {
    size_t length = strlen(start);
    return strncmp(text, start, length) ? NULL : text + length;
}

static bool begins_with_any(const char *text, const char *const *starts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (after(text, starts[i])) return true;
    return false;
}

/* Writes DINO's name behind block (text such as "blocks.3."); false for no known one. */
static bool translate(const char *theirs, const rule *rules, size_t count, const char *block,
                      char out[NAME_BYTES]) {
    for (size_t i = 0; i < count; i++) {
        const char *start = rules[i].theirs, *rest = after(theirs, start);
        if (!rest || (start[strlen(start) - 1] != '.' && *rest)) continue;
        const char *dino = rules[i].dino ? rules[i].dino : start;
        return fleck_print(out, NAME_BYTES, "%s%s%s", block, dino, rest) < NAME_BYTES;
    }
    return false;
}

/* A block's number with its dot, at most 3 digits; NULL for anything else. */
static const char *read_number(const char *text, uint64_t *out) {
    const char *end = fleck_read_whole(text, 999, out);
    return end && end - text <= 3 && *end == '.' ? end + 1 : NULL;
}

/* The part of a name within a block, whose number is *number; NULL for what is of no
 * block. In DINOv2's chunks ("blocks.0.3.") the second number counts through. */
static const char *within_block(const char *name, uint64_t *number) {
    const char *rest = after(name, "blocks.");
    if (!rest) rest = after(name, "encoder.layer.");
    if (rest) rest = read_number(rest, number);
    const char *chunked = rest ? read_number(rest, number) : NULL;
    return chunked ? chunked : rest;
}

/* Where the backbone's names begin: all that stands before "[embeddings.]cls_token". */
static fleck_status find_prefix(const fleck_weights *w, const char **prefix, size_t *length,
                                fleck_message *err) {
    const char *best = NULL, *rival = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < w->tensor_count; i++) {
        const char *name = w->tensors[i].name;
        size_t n = strlen(name);
        if (strcmp(name, cls_token) && !fleck_ends_with(name, n, ".cls_token")) continue;
        int rank = strstr(name, "teacher") ? 2 : 1;
        if (rank == best_rank) rival = name;
        if (rank <= best_rank) continue;
        best = name, rival = NULL, best_rank = rank;
        *length = n - strlen(cls_token);
    }
    if (!best)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "not a DINO-style ViT: no tensor is called cls_token");
    if (rival)
        return fleck_fail(err, FLECK_ERR_FORMAT, "two backbones: %.80s and %.80s", best, rival);
    if (fleck_ends_with(best, *length, embeddings)) *length -= strlen(embeddings);
    *prefix = best;
    return FLECK_OK;
}

fleck_status fleck_vit_names(fleck_arena *arena, const fleck_weights *in, fleck_weights *out,
                             fleck_message *err) {
    const char *prefix = NULL;
    size_t length = 0;
    fleck_status status = find_prefix(in, &prefix, &length, err);
    if (status) return status;
    fleck_weights w = {FLECK_NEW(arena, fleck_tensor, in->tensor_count), 0, in->metadata,
                       in->metadata_count};
    if (!w.tensors) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the backbone");
    for (size_t i = 0; i < in->tensor_count; i++) {
        const char *name = in->tensors[i].name;
        if (strncmp(name, prefix, length)) continue;
        name += length;
        if (begins_with_any(name, ignored, sizeof ignored / sizeof *ignored)) continue;
        char dino[NAME_BYTES], block[16] = "";
        uint64_t number;
        const char *rest = within_block(name, &number);
        if (rest) fleck_print(block, sizeof block, "blocks.%u.", (unsigned)number);
        if (rest && begins_with_any(rest, swiglu, sizeof swiglu / sizeof *swiglu))
            return fleck_fail(err, FLECK_ERR_FORMAT,
                              "%.80s is of a SwiGLU network (DINOv2 giant), which fleck has not",
                              name);
        if (!(rest ? translate(rest, block_rules, sizeof block_rules / sizeof *block_rules, block,
                               dino)
                   : translate(name, model_rules, sizeof model_rules / sizeof *model_rules, "",
                               dino)))
            return fleck_fail(err, FLECK_ERR_FORMAT, "%.80s is no part of a DINO-style ViT",
                              in->tensors[i].name);
        fleck_tensor *t = &w.tensors[w.tensor_count++];
        *t = in->tensors[i];
        t->name = fleck_text_printable(arena, dino, strlen(dino));
        if (!t->name) return fleck_fail(err, FLECK_ERR_MEMORY, "no memory for the backbone");
    }
    status = fleck_weights_check_names(&w, err);
    if (!status) *out = w;
    return status;
}
