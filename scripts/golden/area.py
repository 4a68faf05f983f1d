"""Areas of interest: which pixels of a heatmap polygons and masks cover, and which patches count.

of each case C:
points_C    [n, 2]      corners of its polygons, as shares of the photo
counts_C    [polygons]  corners of each
setup_C     [3]         how many polygons include, how many exclude, the share of the frame
area_C      [224, 7]    as bits: pixel x of a row is bit x % 32 of word x // 32, in two halves
mask        [h, w]      a mask of another size than the map
area_mask_S [224, 14]   what it covers where the map has the share S percent of the frame
inside_RxC  [R, C]      patches of which at least half lies in the area of case 0

Pixels by scikit-image's points_in_poly, patches by counting subpixels.
"""

from pathlib import Path

import numpy as np
from skimage.measure import points_in_poly

from . import write

SIDE = 224
GRIDS = ((28, 28), (16, 16), (37, 37), (12, 91), (300, 5))


def star(rng: np.random.Generator, corners: int, centre: tuple, reach: float) -> np.ndarray:
    """A polygon around a centre, which crosses itself nowhere, whatever its corners' distance."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(0.3, 1, corners) * reach
    points = np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None] + np.array(centre)
    return points.astype(np.float32)


def centres(share: float) -> np.ndarray:
    """Of the map's pixels along a side, as shares of the photo."""
    return (1 - share) / 2 + (np.arange(SIDE) + 0.5) / SIDE * share


def cover(include: list, exclude: list, share: float) -> np.ndarray:
    x, y = np.meshgrid(centres(share), centres(share))
    points = np.stack([x.ravel(), y.ravel()], 1)
    area = np.full(SIDE * SIDE, not include)
    for polygon in include:
        area |= points_in_poly(points, polygon.astype(np.float64))
    for polygon in exclude:
        area &= ~points_in_poly(points, polygon.astype(np.float64))
    return area.reshape(SIDE, SIDE)


def bits(area: np.ndarray) -> np.ndarray:
    """16 pixels a value, the first the lowest bit: exact in float32."""
    return (area.reshape(SIDE, -1, 16) * (1 << np.arange(16))).sum(2).astype(np.float32)


def inside(area: np.ndarray, rows: int, columns: int) -> np.ndarray:
    fine = area.repeat(rows, 0).reshape(rows, SIDE, SIDE).sum(1)
    fine = fine.repeat(columns, 1).reshape(rows, columns, SIDE).sum(2)
    return (2 * fine >= SIDE * SIDE).astype(np.float32)


def make(out: Path) -> None:
    rng = np.random.default_rng(11)
    cases = [
        ([star(rng, 9, (0.5, 0.5), 0.5)], [star(rng, 5, (0.5, 0.4), 0.15)], 1.0),
        ([star(rng, 40, (0.3, 0.3), 0.3), star(rng, 3, (0.6, 0.6), 0.4)], [], 1.0),
        ([], [star(rng, 200, (0.5, 0.5), 0.5), star(rng, 7, (0.8, 0.8), 0.2)], 1.0),
        ([star(rng, 30, (0.5, 0.5), 0.5)], [star(rng, 4, (0.2, 0.5), 0.2)], 0.875),
    ]
    tensors = {}
    for i, (include, exclude, share) in enumerate(cases):
        polygons = include + exclude
        tensors[f"points_{i}"] = np.concatenate(polygons)
        tensors[f"counts_{i}"] = np.array([len(p) for p in polygons], np.float32)
        tensors[f"setup_{i}"] = np.array([len(include), len(exclude), share], np.float32)
        tensors[f"area_{i}"] = bits(cover(include, exclude, share))
    area = cover(*cases[0])
    for rows, columns in GRIDS:
        tensors[f"inside_{rows}x{columns}"] = inside(area, rows, columns)
    mask = rng.uniform(size=(31, 50)) < 0.5
    tensors["mask"] = mask.astype(np.float32)
    for share in (1.0, 0.875):
        row, column = (np.floor(centres(share) * n).astype(int) for n in mask.shape)
        tensors[f"area_mask_{share * 1000:.0f}"] = bits(mask[row][:, column])
    write(out / "area.safetensors", tensors, ("numpy", "skimage"), tolerance="equal")
