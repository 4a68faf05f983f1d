"""Ranking metrics as scikit-learn computes them, AUPRO from its definition."""

from pathlib import Path

import numpy as np
from skimage.measure import label as connected
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from . import write


def f1_max(labels: np.ndarray, scores: np.ndarray) -> float:
    precision, recall, _ = precision_recall_curve(labels, scores)
    both = precision + recall
    return np.max(2 * precision * recall / np.where(both > 0, both, 1))


def aupro(heat: np.ndarray, mask: np.ndarray, limit: float) -> float:
    """One threshold after the other, region by region."""
    regions = []
    for k, image in enumerate(mask):
        numbered = connected(image > 0, connectivity=2)
        regions += [heat[k][numbered == r] for r in range(1, numbered.max() + 1)]
    normal = heat[mask == 0]
    fpr, pro = [0.0], [0.0]
    for threshold in np.unique(heat)[::-1]:
        fpr.append(np.mean(normal >= threshold))
        pro.append(np.mean([np.mean(region >= threshold) for region in regions]))
    fpr, pro = np.array(fpr), np.array(pro)
    inside = fpr < limit
    # Where the rate jumps over the limit, the curve is cut on the line between.
    last = np.flatnonzero(~inside)[0]
    share = (limit - fpr[last - 1]) / (fpr[last] - fpr[last - 1])
    x = np.append(fpr[inside], limit)
    y = np.append(pro[inside], pro[last - 1] + share * (pro[last] - pro[last - 1]))
    return np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) / limit


def make(out: Path) -> None:
    rng = np.random.default_rng(0)
    tensors, values = {}, {}
    rankings = {
        "random": (rng.standard_normal(500), rng.random(500) < 0.3),
        "good": (rng.standard_normal(400) + 2 * (np.arange(400) % 5 == 0), np.arange(400) % 5 == 0),
        "ties": (rng.integers(-3, 4, 700) / 4, rng.random(700) < 0.2),
        "all_equal": (np.full(40, 0.5), np.arange(40) % 4 == 0),
        "perfect": (np.arange(30) / 30, np.arange(30) >= 22),
        "reversed": (-np.arange(30) / 30, np.arange(30) >= 22),
        "infinite": (
            np.array([np.inf, 3, -np.inf, 0.0, -0.0, 1e-40, -2]),
            np.array([1, 0, 0, 1, 0, 1, 0], bool),
        ),
        "two": (np.array([0.25, 0.75]), np.array([False, True])),
    }
    for name, (scores, labels) in rankings.items():
        scores = scores.astype(np.float32)
        tensors[f"score.{name}"], tensors[f"label.{name}"] = scores, labels.astype(np.uint8)
        # scikit-learn refuses infinite scores; ranks order the same way.
        ranks = np.unique(scores, return_inverse=True)[1]
        values[f"auroc.{name}"] = repr(float(roc_auc_score(labels, ranks)))
        values[f"ap.{name}"] = repr(float(average_precision_score(labels, ranks)))
        values[f"f1max.{name}"] = repr(float(f1_max(labels, ranks)))

    mask = rng.random((4, 21, 26)) < 0.08  # many small, diagonal and edge-touching regions
    mask[1] = False
    mask[2, 3:17, 4:19] = True
    mask[2, 6:15, 7:16] = False
    mask[3, 10:12, :] = True
    heat = rng.random(mask.shape) + 0.5 * mask
    maps = {
        "fine": heat,
        "ties": np.round(heat * 6) / 6,
        "coarse": np.floor(heat * 2),
        "flat": np.zeros_like(heat),
    }
    tensors["mask"] = mask.astype(np.uint8)
    for name, heat in maps.items():
        tensors[f"heat.{name}"] = heat.astype(np.float16)
        for limit in (0.05, 0.3, 1.0):
            value = aupro(tensors[f"heat.{name}"].astype(np.float64), mask, limit)
            values[f"aupro.{name}.{limit}"] = repr(float(value))
    write(
        out / "metrics.safetensors",
        tensors,
        needs=("numpy", "sklearn", "skimage"),
        tolerance="1e-9: sums of rounded doubles",
        **values,
    )
