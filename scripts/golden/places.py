"""What is usual at each place of photos that are more or less alike, and that is by how much.

distance_S  [n, P]  of n = 15 photos of P = 12 places, S percent of the variance from the place
usual_S     [P]     the medians of the places, shrunk towards their mean
usual_least [P]     of distance_80, with distances below LEAST taken as LEAST
"""

from pathlib import Path

import numpy as np

from . import write
from .train import usual_of

PHOTOS, PLACES, LEAST = 15, 12, 4.0


def make(out: Path) -> None:
    rng = np.random.default_rng(3)
    tensors = {"least": np.array([LEAST])}
    for percent in (0, 30, 80, 100):
        place = rng.standard_normal(PLACES) * np.sqrt(percent)
        noise = rng.standard_normal((PHOTOS, PLACES)) * np.sqrt(100 - percent)
        distance = np.maximum(5 + 0.15 * (place + noise), 0).astype(np.float32)
        tensors[f"distance_{percent}"] = distance
        tensors[f"usual_{percent}"] = usual_of(distance.astype(np.float64), 0)
    tensors["usual_least"] = usual_of(tensors["distance_80"].astype(np.float64), LEAST)
    write(
        out / "places.safetensors",
        {name: np.asarray(t, np.float32) for name, t in tensors.items()},
        ("numpy",),
        tolerance="relative 1e-5",
    )
