"""Golden vectors of the heatmap: patch scores to a smooth 224 x 224 map.

PyTorch's bilinear interpolation (align_corners=False), then SciPy's Gaussian
filter (sigma 4, reflecting at the border, cut at 4 sigma), in float64. For
G = 28, 14, 5, 37:
  scores_G      [G, G]
  map_28        [224, 224]
  map_G_every7  [32, 32]    rows and columns 0, 7, 14, ... of the map, other G
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from . import write

SIZE = 224


def heatmap(scores: np.ndarray) -> np.ndarray:
    t = torch.from_numpy(scores.astype(np.float64))[None, None]
    up = F.interpolate(t, size=(SIZE, SIZE), mode="bilinear", align_corners=False)[0, 0].numpy()
    return ndimage.gaussian_filter(up, sigma=4, mode="reflect", truncate=4)


def make(out: Path) -> None:
    rng = np.random.default_rng(28)
    tensors = {}
    for grid in (28, 14, 5, 37):
        # Few high patches among low ones, as real scores are.
        scores = rng.random((grid, grid)) ** 6
        scores[0, 0] = scores[-1, grid // 2] = 1
        scores = scores.astype(np.float32)
        full = heatmap(scores).astype(np.float32)
        tensors[f"scores_{grid}"] = scores
        if grid == 28:
            tensors[f"map_{grid}"] = full
        else:
            tensors[f"map_{grid}_every7"] = full[::7, ::7]
    write(
        out / "heatmap.safetensors",
        tensors,
        ("numpy", "scipy", "torch"),
        tolerance="absolute 1e-5 of scores in [0,1], from float32 sums of 33 taps",
    )
