"""Golden vectors of regions: heatmaps, and what scikit-image finds in them.

label (connectivity 2) and regionprops tell the regions, find_contours (fully_connected="high") their
contours, of the map with its border repeated once, which puts the frame's edge half a pixel
further out, and closed by a border below every level. For each of CASES a part of a map, which is 0
elsewhere:
  heat_NAME     [h, w]
  at_NAME       [3]       row and column of the part in the map, the level
  regions_NAME  [R, 10]   by falling peak: peak, mean, row and column of the peak, contours, and of
                          what they enclose area, centroid (x, y) and box (width, height)
  contour_NAME  [N, 3]    points x, y of all contours, in pixels of the map; index of the region
"""

from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage import measure

from . import write

SIDE = 224
LEVEL = 0.5


def blobs(rng: np.random.Generator, side: int, sigma: float) -> np.ndarray:
    noise = ndimage.gaussian_filter(rng.standard_normal((side, side)), sigma, mode="wrap")
    return (noise - noise.min()) / (noise.max() - noise.min())


def rings(side: int) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - side / 2 + 0.3
    return 0.5 + 0.45 * np.sin(np.hypot(y, x) / 2)


def cases() -> dict:
    rng = np.random.default_rng(9)
    return {
        "blobs": (blobs(rng, 64, 4), (0, 0), LEVEL),
        "corner": (blobs(rng, 48, 3), (SIDE - 48, SIDE - 48), 0.43),
        "noise": (rng.random((24, 24)), (100, 30), 0.6),  # saddles, single pixels, small holes
        "rings": (rings(60), (SIDE - 60, 20), LEVEL),
        "all": (0.6 + 0.3 * blobs(rng, 32, 2), (0, SIDE - 32), LEVEL),
    }


def inside(padded: np.ndarray, contour: np.ndarray, level: float) -> tuple[int, int]:
    """The pixel at or above the level that the contour's first point crosses from."""
    row, column = contour[0]
    ends = {(int(f(row)), int(f(column))) for f in (np.floor, np.ceil)}
    return next(end for end in ends if padded[end] >= level)


def enclosed(points: np.ndarray) -> np.ndarray:
    """Area, and its first moments, of a polygon of any direction."""
    x, y = points.T
    u, v = np.roll(x, -1), np.roll(y, -1)
    cross = x * v - u * y
    return np.array([cross.sum() / 2, ((x + u) * cross).sum() / 6, ((y + v) * cross).sum() / 6])


def regions_of(heat: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    labels = measure.label(heat >= level, connectivity=2)
    props = measure.regionprops(labels, intensity_image=heat)
    padded = np.pad(np.pad(heat, 1, mode="edge"), 1, constant_values=-1)
    named = np.pad(np.pad(labels, 1, mode="edge"), 1)
    contours = {}
    for contour in measure.find_contours(padded, level, fully_connected="high"):
        name = named[inside(padded, contour, level)]
        points = np.clip(contour[:-1, ::-1] - 1.5, 0, SIDE)  # x, y in pixels of the map
        contours.setdefault(name, []).append(points)
    rows = []
    for prop in props:
        own = contours[prop.label]
        sums = sum(enclosed(points) for points in own)
        area, centroid = abs(sums[0]), sums[1:] / sums[0]
        box = np.ptp(np.concatenate(own), axis=0)
        at = prop.coords[np.argmax(heat[tuple(prop.coords.T)])]
        found = [prop.intensity_max, prop.intensity_mean, *at, len(own), area, *centroid, *box]
        rows.append((found, own))
    rows.sort(key=lambda row: (-row[0][0], row[0][2], row[0][3]))
    points = [
        np.column_stack([line, np.full(len(line), i)])
        for i, (_, own) in enumerate(rows)
        for line in own
    ]
    return np.array([row for row, _ in rows]), np.concatenate(points)


def make(out: Path) -> None:
    tensors = {}
    for name, (part, (row, column), level) in cases().items():
        part = part.astype(np.float32)
        heat = np.zeros((SIDE, SIDE), np.float32)
        heat[row : row + part.shape[0], column : column + part.shape[1]] = part
        regions, points = regions_of(heat.astype(np.float64), np.float64(np.float32(level)))
        tensors[f"heat_{name}"] = part
        tensors[f"at_{name}"] = np.array([row, column, level])
        tensors[f"regions_{name}"] = regions
        tensors[f"contour_{name}"] = points
    write(
        out / "regions.safetensors",
        {name: np.asarray(t, np.float32) for name, t in tensors.items()},
        ("numpy", "scipy", "skimage"),
        tolerance="absolute 1e-4 pixels of the map, from float32",
    )
