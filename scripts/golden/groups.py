"""Golden vectors of groups: SciPy's average linkage, and all the way from patches to groups.

distance_N  [N, N]   symmetric distances
roots_N     [N]      of each point the first of its group, by scipy's average linkage cut at
                     LINK_LIMIT
patch       [PHOTOS, GRID * GRID, D]   features, which halves hold
heat        [PHOTOS, GRID, GRID]       heat of the patches; a map has squares of it
group       [R]      of each region, by photo and by falling peak: 0 is the largest group; what
                     src/model/groups.c says, in float64
"""

from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from . import write

SIDE = 224
LINK_LIMIT = 0.45
PHOTOS, GRID, D = 40, 8, 12
LEVEL, LOOK, LIMIT = 0.5, 0.3, 1.4


def roots_of(condensed: np.ndarray, limit: float) -> np.ndarray:
    labels = fcluster(linkage(condensed, "average"), limit, "distance")
    return np.array([np.flatnonzero(labels == label)[0] for label in labels])


def photos(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Patches about a mean of each photo, with one of four kinds of defects in some."""
    mixing = rng.standard_normal((D, D)) * np.geomspace(4, 0.3, D)[:, None]
    patch = rng.standard_normal((PHOTOS, GRID * GRID, D)) @ mixing
    patch += 3 * rng.standard_normal((PHOTOS, 1, D))
    kinds = 12 * rng.standard_normal((4, D))
    heat = rng.uniform(0, 0.4, (PHOTOS, GRID, GRID))
    shapes = ((1, 1), (1, 4), (2, 2), (3, 1))
    for photo in range(0, PHOTOS, 2):
        for place in range(1 + photo % 3):
            kind = rng.choice(4, p=(0.5, 0.25, 0.2, 0.05))
            h, w = shapes[kind]
            top = rng.integers(0, GRID - h + 1)
            left = 4 * (place % 2) + rng.integers(0, 4 - w + 1)
            heat[photo, top : top + h, left : left + w] = rng.uniform(0.55, 1, (h, w))
            for y in range(top, top + h):
                for x in range(left, left + w):
                    patch[photo, y * GRID + x] += kinds[kind]
    return patch.astype(np.float16).astype(np.float64), heat.astype(np.float32)


def looks(patch: np.ndarray, heat: np.ndarray):
    """What the regions of a photo look like, and the covariance of its ordinary patches."""
    labels, count = ndimage.label(heat >= LEVEL, np.ones((3, 3)))
    order = sorted(range(1, count + 1), key=lambda k: -heat[labels == k].max())
    ordinary = patch[heat.ravel() < LOOK]
    mean = ordinary.mean(0)
    covariance = np.cov(ordinary.T, bias=True)
    cell = SIDE // GRID
    rows = []
    for k in order:
        weight = np.where(labels == k, heat, 0).ravel().astype(np.float64)
        y, x = np.nonzero(np.kron(labels == k, np.ones((cell, cell))))
        axes = np.linalg.eigvalsh(np.cov(np.stack([x, y]), bias=True) + np.eye(2) / 12)
        rows.append((weight @ patch / weight.sum() - mean, 1 - np.sqrt(axes[0] / axes[1])))
    return rows, covariance / np.trace(covariance) * D


def groups_of(patches: np.ndarray, heats: np.ndarray) -> np.ndarray:
    rows, covariances = [], []
    for patch, heat in zip(patches, heats):
        if (heat >= LEVEL).any():
            found, covariance = looks(patch, heat)
            rows += found
            covariances.append(covariance)
    added = np.eye(D) * (1 + 0.01 * 2)  # ours, and whitening.c's share of the mean variance
    factor = np.linalg.inv(np.linalg.cholesky(np.mean(covariances, 0) + added))
    white = np.array([difference for difference, _ in rows]) @ factor.T
    white /= np.linalg.norm(white, axis=1, keepdims=True)
    points = np.column_stack([white, [elongation for _, elongation in rows]])
    tree = linkage(pdist(points, "sqeuclidean"), "average")
    assert np.abs(tree[:, 2] - LIMIT).min() > 0.01  # far from where rounding decides
    labels = fcluster(tree, LIMIT, "distance")
    sizes = np.bincount(labels)
    big = sorted(set(labels), key=lambda label: -sizes[label])
    assert len({sizes[label] for label in big}) == len(big) > 2  # the order is known
    return np.array([big.index(label) for label in labels])


def make(out: Path) -> None:
    rng = np.random.default_rng(12)
    tensors = {}
    for n in (1, 2, 3, 8, 57):
        distances = pdist(rng.random((n, 4))).astype(np.float32) if n > 1 else np.zeros(0)
        tensors[f"distance_{n}"] = squareform(distances) if n > 1 else np.zeros((1, 1))
        tensors[f"roots_{n}"] = roots_of(distances, LINK_LIMIT) if n > 1 else np.zeros(1)
    patch, heat = photos(rng)
    tensors |= {"patch": patch, "heat": heat, "group": groups_of(patch, heat)}
    write(
        out / "groups.safetensors",
        {name: np.asarray(t, np.float32) for name, t in tensors.items()},
        ("numpy", "scipy"),
        tolerance="none: groups are equal",
    )
