"""Golden vectors of the vision transformer, from vit_oracle.py in float64.

Written files:

vit_a, vit_b, vit_c.safetensors
    Small backbones of random weights, as a user's backbone file would be:
    DINO's names, metadata as models/README.md says.
      a  F32   patch 4, dim 24, heads 3, depth 3, input 20 (grid 5)
      b  F16   patch 8, dim 36, heads 2, depth 2, input 32 (grid 4)
      c  BF16  patch 5, dim 20, heads 1, depth 2, input 15 (grid 3), layer scale

vit_small.safetensors
    What they make of input(S) below, S their own, a smaller and a larger one
    (position embedding interpolated). m is a, b or c; shapes in brackets:
      m.S.embed           [1+P, dim]  class token and patches with positions
      m.S.block1          [1+P, dim]  residual stream after block 1
      m.S.B.cls           [D]         features of blocks B, such as 3 or 1,3
      m.S.B.patch         [P, D]

vit_fleck_tiny.safetensors, vit_teachers.safetensors
    The same for models/fleck-tiny and, where ../shared/weights exists, for
    deit_tiny_p16 and vit_tiny_p16_augreg (else their file is left as it is),
    at S = 224 and 448. Only ROWS patch rows are kept: row k is patch
    k*(P-1)/(ROWS-1), rounded down.
      NAME.S.B.cls        [D]
      NAME.S.B.patch      [ROWS, D]

The input is a formula in integers, so that C needs no file for it; every
value is a multiple of 1/256 in [-1, 1), exact in float32. For channel c, row
y, column x, all in uint32 arithmetic:
    mix(h):  h *= 2654435761;  h ^= h >> 15;  h *= 2246822519;  h ^= h >> 13
    cell  =  mix((c*1024 + y/16)*1024 + x/16 + 1) >> 24
    fine  =  mix((c*S + y)*S + x) >> 24
    value =  (cell + fine - 256) / 256
"""

import sys
from pathlib import Path

import numpy as np
import torch

from . import vit_oracle, write

ROOT = Path(__file__).resolve().parents[2]
ROWS = 16
TOLERANCE = "relative error of a tensor (norm of the difference / norm) 2e-5, from float32 sums"

# name: (dtype, patch, dim, heads, depth, grid, layer scale, inputs, block lists)
SMALL = {
    "a": ("float32", 4, 24, 3, 3, 5, False, (20, 12, 32), ((3,), (1, 3))),
    "b": ("float16", 8, 36, 2, 2, 4, False, (32, 24, 56), ((2,), (1, 2))),
    "c": ("bfloat16", 5, 20, 1, 2, 3, True, (15, 10, 45), ((1,), (2,))),
}


def _mix(h: np.ndarray) -> np.ndarray:
    h = h * np.uint32(2654435761)
    h ^= h >> np.uint32(15)
    h *= np.uint32(2246822519)
    return h ^ (h >> np.uint32(13))


def input_tensor(size: int) -> torch.Tensor:
    """input(S) of the description above, [3, S, S] in float64."""
    c, y, x = np.indices((3, size, size)).astype(np.uint32)
    cell = _mix((c * np.uint32(1024) + y // 16) * np.uint32(1024) + x // 16 + np.uint32(1)) >> 24
    fine = _mix((c * np.uint32(size) + y) * np.uint32(size) + x) >> 24
    return torch.from_numpy((cell.astype(float) + fine - 256) / 256)


def _random_backbone(rng, patch, dim, depth, grid, layer_scale) -> dict:
    """Weights of such a size that activations look like a trained model's."""

    def linear(name, rows, columns, gain=1.0):
        return {
            f"{name}.weight": rng.normal(0, gain / np.sqrt(columns), (rows, columns)),
            f"{name}.bias": rng.normal(0, 0.2, rows),
        }

    def norm(name):
        return {f"{name}.weight": rng.normal(1, 0.2, dim), f"{name}.bias": rng.normal(0, 0.2, dim)}

    out = {
        "cls_token": rng.normal(0, 1, (1, 1, dim)),
        "pos_embed": rng.normal(0, 0.7, (1, grid * grid + 1, dim)),
        "patch_embed.proj.weight": rng.normal(0, 2 / np.sqrt(3 * patch**2), (dim, 3, patch, patch)),
        "patch_embed.proj.bias": rng.normal(0, 0.2, dim),
    }
    for b in range(depth):
        out |= norm(f"blocks.{b}.norm1")
        out |= linear(f"blocks.{b}.attn.qkv", 3 * dim, dim, 1.5)
        out |= linear(f"blocks.{b}.attn.proj", dim, dim)
        out |= norm(f"blocks.{b}.norm2")
        out |= linear(f"blocks.{b}.mlp.fc1", 4 * dim, dim)
        out |= linear(f"blocks.{b}.mlp.fc2", dim, 4 * dim)
        if layer_scale:
            out[f"blocks.{b}.ls1.gamma"] = rng.uniform(0.1, 1, dim)
            out[f"blocks.{b}.ls2.gamma"] = rng.uniform(0.1, 1, dim)
    return out | norm("norm")


def _bfloat16(v: np.ndarray) -> np.ndarray:
    """Bit patterns, as write() takes them."""
    t = torch.from_numpy(np.asarray(v, np.float32)).bfloat16()
    return t.view(torch.int16).numpy().view(np.uint16)


def _label(blocks) -> str:
    return ",".join(map(str, blocks))


def _float32(t: torch.Tensor) -> np.ndarray:
    return t.numpy().astype(np.float32)


def _small(out: Path) -> None:
    tensors = {}
    for number, (name, spec) in enumerate(SMALL.items()):
        dtype, patch, dim, heads, depth, grid, layer_scale, sizes, block_lists = spec
        rng = np.random.default_rng([2411, number])
        weights = _random_backbone(rng, patch, dim, depth, grid, layer_scale)
        cast = _bfloat16 if dtype == "bfloat16" else lambda v, d=dtype: v.astype(d)
        path = out / f"vit_{name}.safetensors"
        # vit_a of tests/golden names an older path in its command: models that tests keep know
        # the backbone by all of its bytes.
        write(
            path,
            {k: cast(v) for k, v in weights.items()},
            ("numpy",),
            command="scripts/golden/make.py vit",
            patch=patch,
            heads=heads,
            input=patch * grid,
            mean="0.5,0.5,0.5",
            std="0.5,0.5,0.5",
            blocks=_label(block_lists[0]),
        )
        weights, meta = vit_oracle.load(path)
        for size in sizes:
            states = vit_oracle.stream(weights, meta, input_tensor(size))
            tensors[f"{name}.{size}.embed"] = _float32(states[0])
            tensors[f"{name}.{size}.block1"] = _float32(states[1])
            for blocks in block_lists:
                cls, rows = vit_oracle.readout(weights, states, blocks)
                tensors[f"{name}.{size}.{_label(blocks)}.cls"] = _float32(cls)
                tensors[f"{name}.{size}.{_label(blocks)}.patch"] = _float32(rows)
    write(
        out / "vit_small.safetensors",
        tensors,
        ("numpy", "torch"),
        command="scripts/golden/make.py vit",
        tolerance=TOLERANCE,
    )


def _real(path: Path, models: dict) -> None:
    """models: file -> block lists."""
    tensors = {}
    for file, block_lists in models.items():
        weights, meta = vit_oracle.load(file)
        for size in (224, 448):
            states = vit_oracle.stream(weights, meta, input_tensor(size))
            count = len(states[0]) - 1
            keep = torch.arange(ROWS) * (count - 1) // (ROWS - 1)
            for blocks in block_lists:
                cls, patch = vit_oracle.readout(weights, states, blocks)
                tensors[f"{file.stem}.{size}.{_label(blocks)}.cls"] = _float32(cls)
                tensors[f"{file.stem}.{size}.{_label(blocks)}.patch"] = _float32(patch[keep])
    write(
        path, tensors, ("numpy", "torch"), command="scripts/golden/make.py vit", tolerance=TOLERANCE
    )


def make(out: Path) -> None:
    _small(out)
    tiny = ROOT / "models" / "fleck-tiny.safetensors"
    weights, meta = vit_oracle.load(tiny)
    used = tuple(map(int, meta["blocks"].split(",")))
    _real(out / "vit_fleck_tiny.safetensors", {tiny: ((vit_oracle.depth_of(weights),), used)})
    teachers = ROOT.parent / "shared" / "weights"
    if teachers.is_dir():
        files = [teachers / f"{n}.safetensors" for n in ("deit_tiny_p16", "vit_tiny_p16_augreg")]
        _real(out / "vit_teachers.safetensors", {f: ((4, 7), (12,)) for f in files})
    else:
        print("vit_teachers: skipped, ../shared/weights is absent", file=sys.stderr)
