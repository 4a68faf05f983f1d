"""A plain vision transformer in float64 PyTorch, on DINO's tensor names.

    weights, meta = load(path)
    cls, patch = tokens(weights, meta, x, blocks)

Written from the architecture, not for speed: one image at a time.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

EPS = 1e-6
_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def load(path: Path) -> tuple[dict, dict]:
    """Tensors of a safetensors file as float64, and its metadata."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    meta = header.pop("__metadata__", {})
    weights = {}
    for name, entry in header.items():
        low, high = entry["data_offsets"]
        raw = bytearray(data[start + low : start + high])
        flat = torch.frombuffer(raw, dtype=_DTYPES[entry["dtype"]])
        weights[name] = flat.reshape(entry["shape"]).double()
    return weights, meta


def depth_of(weights: dict) -> int:
    return 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))


def heads_of(weights: dict, meta: dict) -> int:
    return int(meta.get("heads", weights["cls_token"].shape[-1] // 64))


def position(weights: dict, grid: int) -> torch.Tensor:
    """The position embedding [1 + grid*grid, dim]; another grid than the
    trained one by DINO's and DINOv2's rule: bicubic, with 0.1 added to the target
    size; with registers by theirs: bicubic to the target size, antialiased."""
    pos = weights["pos_embed"][0]
    own = math.isqrt(len(pos) - 1)
    if grid == own:
        return pos
    table = pos[1:].reshape(1, own, own, -1).permute(0, 3, 1, 2)
    if "register_tokens" in weights:
        table = F.interpolate(table, size=(grid, grid), mode="bicubic", antialias=True)
    else:
        scale = (grid + 0.1) / own
        table = F.interpolate(
            table, scale_factor=(scale, scale), mode="bicubic", align_corners=False
        )
    assert table.shape[2:] == (grid, grid)
    return torch.cat([pos[:1], table.permute(0, 2, 3, 1).reshape(grid * grid, -1)])


def embed(weights: dict, x: torch.Tensor) -> torch.Tensor:
    """Input [3, S, S] to tokens [1 + R + P, dim]: class token, registers, then
    patches left to right, top to bottom; all but registers with their positions."""
    kernel = weights["patch_embed.proj.weight"]
    patches = F.conv2d(x[None], kernel, weights["patch_embed.proj.bias"], stride=kernel.shape[-1])
    grid = patches.shape[-1]
    patches = patches[0].flatten(1).T
    t = torch.cat([weights["cls_token"][0], patches]) + position(weights, grid)
    if "register_tokens" in weights:
        t = torch.cat([t[:1], weights["register_tokens"][0], t[1:]])
    return t


def block(weights: dict, index: int, heads: int, t: torch.Tensor) -> torch.Tensor:
    """Block number index (0-based) on tokens [T, dim]."""

    def part(name):
        return weights[f"blocks.{index}.{name}"]

    def linear(name, v):
        return F.linear(v, part(f"{name}.weight"), part(f"{name}.bias"))

    def norm(name, v):
        return F.layer_norm(v, v.shape[-1:], part(f"{name}.weight"), part(f"{name}.bias"), EPS)

    def scaled(name, v):
        gamma = weights.get(f"blocks.{index}.{name}.gamma")
        return v if gamma is None else v * gamma

    count, dim = t.shape
    qkv = linear("attn.qkv", norm("norm1", t))
    q, k, v = qkv.reshape(count, 3, heads, dim // heads).permute(1, 2, 0, 3)
    share = (q @ k.transpose(1, 2) / math.sqrt(dim // heads)).softmax(-1)
    mixed = (share @ v).transpose(0, 1).reshape(count, dim)
    t = t + scaled("ls1", linear("attn.proj", mixed))
    hidden = F.gelu(linear("mlp.fc1", norm("norm2", t)))  # the erf form
    return t + scaled("ls2", linear("mlp.fc2", hidden))


@torch.no_grad()
def stream(weights: dict, meta: dict, x: torch.Tensor) -> list:
    """The residual stream [1 + R + P, dim] after the embedding and every block."""
    heads = heads_of(weights, meta)
    out = [embed(weights, x)]
    for index in range(depth_of(weights)):
        out.append(block(weights, index, heads, out[-1]))
    return out


def readout(weights: dict, states: list, blocks: list) -> tuple[torch.Tensor, torch.Tensor]:
    """fleck's features from stream()'s result: cls [D] and patch [P, D],
    D = dim * len(blocks). A middle block gives its stream through a LayerNorm
    without affine, the last one the model's final norm."""
    depth = len(states) - 1
    parts = []
    for number in blocks:
        t = states[number]
        affine = (weights["norm.weight"], weights["norm.bias"]) if number == depth else ()
        parts.append(F.layer_norm(t, t.shape[-1:], *affine, eps=EPS))
    features = torch.cat(parts, 1)
    registers = weights["register_tokens"].shape[1] if "register_tokens" in weights else 0
    return features[0], features[1 + registers :]


def tokens(weights: dict, meta: dict, x: torch.Tensor, blocks: list):
    """stream() and readout() in one."""
    return readout(weights, stream(weights, meta, x), blocks)
