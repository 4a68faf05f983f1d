"""Golden vectors of the methods that learn no local-net: distances and their parts.

Oracles in float64 by NumPy and scikit-learn; only the generator's draws are the
detector's own. The folder has 16 photos of 7 x 7 patches, D = 21, whose features are
multiples of 1/256, so that sums of a few are exact; the last one is the same
everywhere. Tensors, n = 16, P = 49:
  patch          [n, P, D]   float16
  mean_3, mean_5 [2, P, D]   of the first photos: means of the patches in a window
  local, global  [n, P]      Mahalanobis distance from the mean of the place, of all
  points         [30, 3], others [9, 3], lof_points [30], lof_others [9]: local outlier
                             factors, of others among the points; few [4], of the first
                             four points alone
  lof            [n, P]      of 3 x 3 means among those of the same place, k = 6
  lof_first_10   [n, P]      among those of the first ten photos
For each of RECTANGLES, of R rows and C columns, and the first R * C of the patches:
  mean_3_RxC, mean_5_RxC [2, R * C], lof_RxC, distance_softpatch_RxC [n, R * C]: as above
For each METHOD, knn, ensemble, musc, mahalanobis and softpatch, trained with seed SEED:
  distance_METHOD  [n, P]    of the folder's patches
  nearest_METHOD   [n, P]    the same over the nearest memories, if there are several
  raw_METHOD       [n]       photo scores: the highest robust z of these distances
And the distances of their kinds of memories in small, knn_100, ensemble_3_20, musc_8_20
and softpatch_100: of that many memories (or one) of up to that many rows, drawn by a
generator of seed SEED.
"""

from pathlib import Path

import numpy as np
from sklearn.neighbors import LocalOutlierFactor

from . import write
from .train import Generator, Robust, as_bytes, squared, window_means

# Constants of the methods, named as in src/model/method.c, memory.c and embedding.c.
TENTHS_SHARE, PHOTOS_LEAST, PHOTOS_SHARE, NEAREST_SHARE, NOISE_SHARE = 0.1, 5, 0.3, 1 / 3, 0.15
SHRINKAGE = 0.01
LOF_K = 6

METHODS = ("knn", "ensemble", "musc", "mahalanobis", "softpatch")

SEED = 11
GRID, DIM, PHOTOS = 7, 21, 16
P = GRID * GRID
RECTANGLES = (5, 3), (3, 5), (1, 15)


def folder() -> np.ndarray:
    rng = np.random.default_rng(21)
    place = rng.standard_normal((P, 5)) @ rng.standard_normal((5, DIM)) / 2
    light = rng.standard_normal((PHOTOS, 2)) @ rng.standard_normal((2, DIM))
    noise = 0.3 + rng.random((P, 1))
    patch = place[None] + 0.3 * light[:, None] + noise * rng.standard_normal((PHOTOS, P, DIM))
    for photo, corner in ((2, 9), (7, 31)):
        for at in (corner, corner + 1, corner + GRID, corner + GRID + 1):
            patch[photo, at] += rng.standard_normal(DIM)
    patch[..., -1] = 0.5
    patch = np.clip(np.round(256 * patch), -1800, 1800) / 256  # 11 bits: exact in a half
    assert np.array_equal(patch, patch.astype(np.float16))
    return patch


# ---- embeddings ----


def mahalanobis(patch: np.ndarray, aligned: bool) -> np.ndarray:
    residual = patch - (patch.mean(0) if aligned else patch.mean((0, 1)))
    flat = residual.reshape(-1, DIM)
    covariance = np.cov(flat.T, bias=True)
    covariance += SHRINKAGE * np.trace(covariance) / DIM * np.eye(DIM)
    return np.sqrt((flat * np.linalg.solve(covariance, flat.T).T).sum(1)).reshape(-1, P)


# ---- local outlier factors ----


def factors(points: np.ndarray, others: np.ndarray) -> tuple:
    """Of the points among themselves, and of others among the points."""
    lof = LocalOutlierFactor(n_neighbors=min(LOF_K, len(points) - 1), novelty=True)
    lof.fit(points)
    return -lof.negative_outlier_factor_, -lof.score_samples(others)


def place_factors(patch: np.ndarray, references: int) -> np.ndarray:
    out = np.empty(patch.shape[:2])
    for p in range(patch.shape[1]):
        own, other = factors(patch[:references, p], patch[:, p])
        out[:, p] = np.concatenate([own, other[references:]])
    return out


# ---- memories ----


def draw(
    rng: Generator, photos_each: int, memories: int, rows_max: int, allowed: np.ndarray
) -> list:
    """Of each memory its patches (photo * P + patch), from photos dealt out in turn."""
    order = rng.permutation(PHOTOS)
    P = allowed.shape[1]
    drawn = []
    for m in range(memories):
        photos = sorted(order[(m * photos_each + i) % PHOTOS] for i in range(photos_each))
        patches = [i * P + p for i in photos for p in range(P) if allowed[i, p]]
        rows = rng.choose(len(patches), min(len(patches), rows_max))
        drawn.append(np.array([patches[r] for r in rows]))
    return drawn


def distances(
    patch: np.ndarray, memories: list, sole: bool, share: float, weight: np.ndarray
) -> tuple:
    """[n, P] each: the mean over the nearest share of the memories, and over the nearest
    third. A photo's rows do not count for it, nor a memory that has some unless sole."""
    P = patch.shape[1]
    flat = patch.reshape(PHOTOS * P, -1)
    to = np.full((len(memories), PHOTOS, P), np.inf)
    for m, rows in enumerate(memories):
        d = np.sqrt(squared(flat, as_bytes(flat[rows]))).reshape(PHOTOS, P, -1)
        own = rows[None] // P == np.arange(PHOTOS)[:, None]
        d[np.broadcast_to(own[:, None], d.shape)] = np.inf
        first, second = np.sort(d, 2)[..., :2].transpose(2, 0, 1)
        # otherwise rounding would decide which weight counts
        assert (weight == 1).all() or (second - first > 3e-6 * second).all()
        to[m] = first * weight.reshape(-1)[rows][d.argmin(2)]
        if not sole:
            to[m][own.any(1)] = np.inf
    asked = np.isfinite(to).sum(0)
    ordered = np.sort(to, 0)

    def mean_of_first(part: float) -> np.ndarray:
        kept = np.maximum(1, (part * asked + 0.5).astype(int))
        among = np.arange(len(memories))[:, None, None] < kept
        return np.where(among, ordered, 0).sum(0) / kept

    return mean_of_first(share), mean_of_first(NEAREST_SHARE)


def memory_method(
    patch: np.ndarray, kind: str, memories: int, rows_max: int, grid: tuple = (GRID, GRID)
) -> tuple:
    places = patch.shape[:2]
    weight, allowed, share = np.ones(places), np.ones(places, bool), 1
    if kind == "musc":
        photos_each, memories, share = 1, min(memories, PHOTOS), PHOTOS_SHARE
    elif kind == "ensemble":
        photos_each = max(int(TENTHS_SHARE * PHOTOS + 0.5), min(PHOTOS_LEAST, PHOTOS // 2))
    else:
        photos_each = PHOTOS
    if kind in ("musc", "softpatch"):
        patch = window_means(patch, 3, grid)
    if kind == "softpatch":
        weight = place_factors(patch, PHOTOS)
        ordered = np.sort(weight.ravel())
        last = weight.size - 1 - int(NOISE_SHARE * weight.size)
        assert ordered[last + 1] - ordered[last] > 1e-5  # otherwise rounding would decide
        allowed = weight <= ordered[last]
    drawn = draw(Generator(SEED), photos_each, memories, rows_max, allowed)
    return distances(patch, drawn, photos_each == PHOTOS, share, weight)


def make(out: Path) -> None:
    patch = folder()
    tensors = {"patch": patch.astype(np.float16)}
    for window in (3, 5):
        tensors[f"mean_{window}"] = window_means(patch[:2], window)
    tensors["local"], tensors["global"] = mahalanobis(patch, True), mahalanobis(patch, False)

    rng = np.random.default_rng(3)
    tensors["points"] = points = rng.standard_normal((30, 3)).astype(np.float32)
    tensors["others"] = others = 2 * rng.standard_normal((9, 3)).astype(np.float32)
    tensors["lof_points"], tensors["lof_others"] = factors(points, others)
    tensors["few"] = factors(points[:4], others)[0]
    means = window_means(patch, 3)
    tensors["lof"] = place_factors(means, PHOTOS)
    tensors["lof_first_10"] = place_factors(means, 10)
    for grid in RECTANGLES:
        part, name = patch[:, : grid[0] * grid[1]], f"{grid[0]}x{grid[1]}"
        for window in (3, 5):
            tensors[f"mean_{window}_{name}"] = window_means(part[:2], window, grid)
        tensors[f"lof_{name}"] = place_factors(window_means(part, 3, grid), PHOTOS)
        distance, _ = memory_method(part, "softpatch", 1, 8000, grid)
        tensors[f"distance_softpatch_{name}"] = distance

    memories = {
        "knn": (1, 8000),
        "ensemble": (12, 1024),
        "musc": (32, 4096),
        "softpatch": (1, 8000),
        "knn_100": (1, 100),
        "ensemble_3_20": (3, 20),
        "musc_8_20": (8, 20),
        "softpatch_100": (1, 100),
    }
    found = {
        name: memory_method(patch, name.split("_")[0], *size) for name, size in memories.items()
    }
    found["mahalanobis"] = tensors["local"], tensors["local"]
    for name, (distance, nearest) in found.items():
        tensors[f"distance_{name}"] = distance
        if memories.get(name, (1,))[0] > 1:
            tensors[f"nearest_{name}"] = nearest
        if name in METHODS:  # of 49 patches the highest is one in a hundred
            tensors[f"raw_{name}"] = Robust.of(distance).z(distance).max(1)
    write(
        out / "methods.safetensors",
        {
            name: t if t.dtype == np.float16 else np.asarray(t, np.float32)
            for name, t in tensors.items()
        },
        ("numpy", "sklearn"),
        tolerance="window means exact; distances relative 1e-5, Mahalanobis 1e-4; local "
        "outlier factors relative 1e-4, raw scores 1e-3",
    )
