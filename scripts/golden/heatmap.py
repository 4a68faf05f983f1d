"""Golden vectors of the heatmap: patch scores to a smooth 224 x 224 map.

PyTorch's bilinear interpolation (align_corners=False; antialias, which averages where it shrinks), then SciPy's Gaussian
filter (sigma 4, reflecting at the border, cut at 4 sigma), in float64. For each of
GRIDS, of R rows and C columns:
  scores_RxC      [R, C]
  smooth_RxC      [R, C]      means of 3 x 3, edges repeated
  map_28x28       [224, 224]
  map_RxC_every7  [32, 32]    rows and columns 0, 7, 14, ... of the map, other grids
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from . import write

SIZE = 224
GRIDS = (28, 28), (14, 14), (5, 5), (37, 37), (5, 3), (3, 5), (1, 40), (300, 5), (3, 449)


def heatmap(scores: np.ndarray) -> np.ndarray:
    t = torch.from_numpy(scores.astype(np.float64))[None, None]
    up = F.interpolate(t, size=(SIZE, SIZE), mode="bilinear", antialias=True)[0, 0].numpy()
    return ndimage.gaussian_filter(up, sigma=4, mode="reflect", truncate=4)


def make(out: Path) -> None:
    rng = np.random.default_rng(28)
    tensors = {}
    for rows, columns in GRIDS:
        # Few high patches among low ones, as real scores are.
        scores = rng.random((rows, columns)) ** 6
        scores[0, 0] = scores[-1, columns // 2] = 1
        scores = scores.astype(np.float32)
        full = heatmap(scores).astype(np.float32)
        name = f"{rows}x{columns}"
        tensors[f"scores_{name}"] = scores
        smooth = ndimage.uniform_filter(scores.astype(np.float64), 3, mode="nearest")
        tensors[f"smooth_{name}"] = smooth.astype(np.float32)
        if rows == 28:
            tensors[f"map_{name}"] = full
        else:
            tensors[f"map_{name}_every7"] = full[::7, ::7]
    write(
        out / "heatmap.safetensors",
        tensors,
        ("numpy", "scipy", "torch"),
        tolerance="absolute 1e-5 of scores in [0,1], from float32 sums of 33 taps",
    )
