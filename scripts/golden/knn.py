"""Golden vectors of the nearest-neighbour search, NumPy in float64.

For D = 20, 64 and N = 1, 7, 203 (Q = 29 queries), with key = D_N:
  rows_key      [N, D]   some rows repeat an earlier one exactly
  queries_key   [Q, D]   some are rows themselves
  index_key     [Q, 2]   the two nearest rows, nearest first, as float32; the
                         lower index where distances are equal; -1 without a
                         second row
  distance_key  [Q, 2]   their squared distances; -1 without a second row

And for each D, a batch of 61 rows in which mutual pairs are sought:
  batch_D       [61, D]
  mutual_D      [61]     the row's partner as float32, or -1: i and j are
                         partners when each is the other's nearest other row
                         (the lower index where distances are equal)
"""

from pathlib import Path

import numpy as np

from . import write


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared, [len(a), len(b)], of float32 rows in float64."""
    difference = a.astype(np.float64)[:, None] - b.astype(np.float64)[None]
    return (difference**2).sum(-1)


def mutual(batch: np.ndarray) -> np.ndarray:
    d = distances(batch, batch)
    np.fill_diagonal(d, np.inf)
    nearest = d.argmin(1)
    own = np.arange(len(batch))
    return np.where(nearest[nearest] == own, nearest, -1)


def make(out: Path) -> None:
    rng = np.random.default_rng(61)
    tensors = {}
    for dim in (20, 64):
        for count in (1, 7, 203):
            rows = rng.standard_normal((count, dim)).astype(np.float32)
            queries = rng.standard_normal((29, dim)).astype(np.float32)
            if count > 1:
                again = rng.choice(count // 2, 3, replace=False)
                rows[count // 2 + 1 + np.arange(3)] = rows[again]
                queries[:3] = rows[again]
            queries[3] = rows[0]
            d = distances(queries, rows)
            index = np.argsort(d, axis=1, kind="stable")[:, :2]
            near = np.take_along_axis(d, index, 1)
            if count == 1:
                pad = -np.ones((len(queries), 1))
                index, near = np.hstack([index, pad]), np.hstack([near, pad])
            key = f"{dim}_{count}"
            tensors[f"rows_{key}"] = rows
            tensors[f"queries_{key}"] = queries
            tensors[f"index_{key}"] = index.astype(np.float32)
            tensors[f"distance_{key}"] = near.astype(np.float32)
        batch = rng.standard_normal((61, dim)).astype(np.float32)
        batch[40] = batch[7]
        batch[52] = batch[7]
        tensors[f"batch_{dim}"] = batch
        tensors[f"mutual_{dim}"] = mutual(batch).astype(np.float32)
    write(
        out / "knn.safetensors",
        tensors,
        ("numpy",),
        tolerance="indices exact; distances relative 1e-5, exact 0 for equal rows",
    )
