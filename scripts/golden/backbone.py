"""Backbone files in the layouts that people have, and the tokens they must give.

Written files, all of random weights and few dimensions:

backbone_LAYOUT.safetensors, backbone_LAYOUT.pth
    See LAYOUTS below. dino_legacy.pth is in PyTorch's form of before 1.6, whose
    bytes differ from run to run.

backbone_tokens.safetensors
    What vit_oracle.py makes of each, in float64, from vit.input_tensor(S):
      LAYOUT.S.B.cls      [D]      features of blocks B
      LAYOUT.S.B.patch    [P, D]
"""

import argparse
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

from . import vit, vit_oracle, write

# What DINO calls it -> what Hugging Face does; query, key and value are apart there.
_HF_BLOCK = {"attn.proj": "attention.output.dense"}
_HF_VIT = {
    "norm1": "layernorm_before",
    "norm2": "layernorm_after",
    "mlp.fc1": "intermediate.dense",
    "mlp.fc2": "output.dense",
}
_HF_DINOV2 = {"ls1.gamma": "layer_scale1.lambda1", "ls2.gamma": "layer_scale2.lambda1"}
_HF_MODEL = {
    "cls_token": "embeddings.cls_token",
    "pos_embed": "embeddings.position_embeddings",
    "register_tokens": "embeddings.register_tokens",
    "patch_embed.proj": "embeddings.patch_embeddings.projection",
    "norm": "layernorm",
}


def _swap(name: str, table: dict) -> str:
    for theirs, ours in table.items():
        if name == theirs or name.startswith(theirs + "."):
            return ours + name[len(theirs) :]
    return name


def hugging_face(weights: dict, prefix: str = "") -> OrderedDict:
    """The state dict of ViTModel, Dinov2Model or Dinov2WithRegistersModel."""
    v2 = "blocks.0.ls1.gamma" in weights
    out = OrderedDict()
    for name, t in weights.items():
        if not name.startswith("blocks."):
            out[prefix + _swap(name, _HF_MODEL)] = t
            continue
        _, number, part = name.split(".", 2)
        layer = f"{prefix}encoder.layer.{number}."
        if part.startswith("attn.qkv."):
            kind = part.rsplit(".", 1)[1]
            for which, piece in zip(("query", "key", "value"), t.chunk(3)):
                out[f"{layer}attention.attention.{which}.{kind}"] = piece.clone()
        else:
            out[layer + _swap(part, _HF_BLOCK | (_HF_DINOV2 if v2 else _HF_VIT))] = t
    if v2:
        out[f"{prefix}embeddings.mask_token"] = torch.zeros(1, weights["cls_token"].shape[-1])
    return out


def chunked(weights: dict, chunks: int = 2) -> OrderedDict:
    """DINOv2's blocks in chunks: a block keeps its number behind that of its chunk."""
    depth = vit_oracle.depth_of(weights)
    out = OrderedDict()
    for name, t in weights.items():
        if name.startswith("blocks."):
            number = int(name.split(".")[1])
            name = f"blocks.{number * chunks // depth}.{name[len('blocks.') :]}"
        out[name] = t
    return out


def timm(weights: dict) -> OrderedDict:
    """timm's DINOv2 with registers: the class token's position is added already."""
    out = OrderedDict(weights)
    out["reg_token"] = out.pop("register_tokens")
    out["cls_token"] = out["cls_token"] + out["pos_embed"][:, :1]
    out["pos_embed"] = out["pos_embed"][:, 1:].clone()
    out["head.weight"] = torch.zeros(2, out["cls_token"].shape[-1])
    return out


def with_prefix(weights: dict, prefix: str) -> OrderedDict:
    return OrderedDict((prefix + name, t) for name, t in weights.items())


def training(weights: dict, student: dict) -> dict:
    """All that DINO's training saves."""
    head = {"module.head.mlp.0.weight": torch.ones(3, 2), "module.head.mlp.0.bias": torch.ones(3)}
    return {
        "student": OrderedDict(with_prefix(student, "module.backbone.") | head),
        "teacher": OrderedDict(
            with_prefix(weights, "backbone.") | {"head.last_layer.weight_g": torch.ones(3, 1)}
        ),
        "optimizer": {
            "state": {0: {"step": 3, "exp_avg": torch.zeros(4)}},
            "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0, 1]}],
        },
        "epoch": 4,
        "args": argparse.Namespace(
            arch="vit_small", lr=0.0005, seed=2**40, use_fp16=True, scale=(0.4, 1.0), device=None
        ),
        "dino_loss": OrderedDict(center=torch.zeros(1, 3)),
    }


def views(weights: dict) -> OrderedDict:
    """All tensors are parts of one storage."""
    flat = torch.cat([t.flatten() for t in weights.values()])
    parts = flat.split([t.numel() for t in weights.values()])
    return OrderedDict(
        (name, part.view(t.shape)) for (name, t), part in zip(weights.items(), parts)
    )


def random_weights(
    rng, dim, depth, patch, grid, layer_scale, registers, hidden=None, dtype=torch.float32
) -> OrderedDict:
    weights = vit._random_backbone(rng, patch, dim, depth, grid, layer_scale)
    if registers:
        weights["register_tokens"] = rng.normal(0, 1, (1, registers, dim))
    for name in weights if hidden else ():
        if ".mlp.fc1." in name:
            weights[name] = weights[name][:hidden]
        elif name.endswith(".mlp.fc2.weight"):
            weights[name] = weights[name][:, :hidden]
    return OrderedDict(
        (name, torch.from_numpy(np.ascontiguousarray(v)).to(dtype)) for name, v in weights.items()
    )


# Layout: (dtype, dim, depth, layer scale, registers, how).
LAYOUTS = {
    "hf_vit.safetensors": (
        "float32",
        16,
        2,
        False,
        0,
        lambda w: hugging_face(w, "vit.") | {"classifier.weight": torch.zeros(2, 16)},
    ),
    "hf_vit_bare.safetensors": (
        "bfloat16",
        16,
        2,
        False,
        0,
        lambda w: hugging_face(w) | {"pooler.dense.weight": torch.zeros(16, 16).bfloat16()},
    ),
    "hf_dinov2.safetensors": ("float32", 16, 2, True, 0, hugging_face),
    # two heads: the order of queries, keys and values shows
    "hf_dinov2_registers.safetensors": (
        "float16",
        128,
        1,
        True,
        4,
        lambda w: hugging_face(w, "dinov2_with_registers."),
    ),
    "timm_registers.safetensors": ("float32", 16, 2, True, 4, timm),
    "dinov2_hub.pth": (
        "float32",
        16,
        2,
        True,
        0,
        lambda w: OrderedDict(w, mask_token=torch.zeros(1, 16)),
    ),
    "dinov2_chunks.pth": ("float16", 16, 2, True, 4, lambda w: {"model": chunked(w)}),
    "dino_training.pth": (
        "float32",
        16,
        2,
        False,
        0,
        lambda w: training(w, {name: t + 1 for name, t in w.items()}),
    ),
    "dino_parameters.pth": (
        "bfloat16",
        16,
        2,
        False,
        0,
        lambda w: {
            "state_dict": OrderedDict(
                (f"module.{name}", torch.nn.Parameter(t)) for name, t in w.items()
            )
        },
    ),
    "dino_views.pth": ("float32", 16, 1, False, 0, views),
}
PATCH, GRID, SIZES = 4, 3, (12, 8, 20)


def _save(path: Path, tensors: dict) -> None:
    """A .pth by torch.save; safetensors by write()."""
    if path.suffix == ".pth":
        torch.save(tensors, path)
        print(f"{path.name}: {path.stat().st_size} bytes", file=sys.stderr)
        return
    arrays = {}
    for name, t in tensors.items():
        half = t.dtype == torch.bfloat16
        arrays[name] = t.view(torch.int16).numpy().view(np.uint16) if half else t.numpy()
    write(path, arrays)


def make(out: Path) -> None:
    tokens = {}
    for number, (layout, spec) in enumerate(LAYOUTS.items()):
        dtype, dim, depth, layer_scale, registers, how = spec
        rng = np.random.default_rng([2411, 7, number])
        weights = random_weights(
            rng,
            dim,
            depth,
            PATCH,
            GRID,
            layer_scale,
            registers,
            hidden=32,
            dtype=getattr(torch, dtype),
        )
        _save(out / f"backbone_{layout}", how(weights))
        wide = {name: t.double() for name, t in weights.items()}
        name = layout.split(".")[0]
        for size in SIZES:
            states = vit_oracle.stream(wide, {"heads": max(dim // 64, 1)}, vit.input_tensor(size))
            for blocks in sorted({(1,), (depth,)}):
                cls, patch = vit_oracle.readout(wide, states, blocks)
                tokens[f"{name}.{size}.{blocks[0]}.cls"] = vit._float32(cls)
                tokens[f"{name}.{size}.{blocks[0]}.patch"] = vit._float32(patch)
    write(
        out / "backbone_tokens.safetensors",
        tokens,
        ("numpy", "torch"),
        command="scripts/golden/make.py backbone",
        tolerance=vit.TOLERANCE,
    )
    legacy = out / "backbone_dino_legacy.pth"
    torch.save(
        OrderedDict(cls_token=torch.zeros(1, 1, 16)), legacy, _use_new_zipfile_serialization=False
    )
