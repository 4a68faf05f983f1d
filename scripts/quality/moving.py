#!/usr/bin/env python3
"""Parts that move from photo to photo, judged with a fixed area of interest and with one that follows.

    /usr/bin/python3 scripts/quality/moving.py [--fleck build/native/fleck] [--seeds 3]

Draws sixty photos of a plate on a table top for each seed: it lies up to MOVE patches of 8 pixels
elsewhere, by fractions of one, and every fifth has a scratch or a spot. The table has scraps of
paper on it, which are no defects of the part. Prints image AUROC, and how many of the defective and
of the good photos are called, of the whole photo, of a fixed area around the part, and of the same
one where it follows. Needs Debian's python3-numpy, python3-scipy, python3-pil, python3-sklearn.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from sklearn.metrics import roc_auc_score

SIDE, PART, MOVE, PHOTOS = 224, 96, 5, 60


def noise(rng, shape, sigma):
    """Smooth noise of deviation 1."""
    value = ndimage.gaussian_filter(rng.normal(size=shape), sigma)
    return value / value.std()


def plate(rng, defect):
    """The part: its grey [PART, PART], with a defect or without."""
    y, x = np.mgrid[0:PART, 0:PART]
    grey = 0.62 + 0.02 * noise(rng, (PART, PART), 1.2) + 0.0008 * x
    for cy, cx in ((20, 20), (20, 76), (76, 20), (76, 76)):
        grey[np.hypot(y - cy, x - cx) < 8] = 0.2
    ring = np.hypot(y - 48, x - 48)
    grey[(ring > 16) & (ring < 20)] = 0.8
    grey[(abs(y - 48) < 3) & (x > 30) & (x < 66)] = 0.3
    if defect == "spot":
        cy, cx = rng.uniform(30, 66, 2)
        grey[np.hypot(y - cy, x - cx) < 4.5] -= 0.22
    if defect == "scratch":
        a, (cy, cx) = rng.uniform(0, np.pi), rng.uniform(30, 66, 2)
        along = (x - cx) * np.cos(a) + (y - cy) * np.sin(a)
        across = (y - cy) * np.cos(a) - (x - cx) * np.sin(a)
        grey[(abs(across) < 1.2) & (abs(along) < 14)] += 0.22
    return grey


def photo(rng, defect, still):
    grey = 0.42 + 0.03 * noise(rng, (SIDE, SIDE), 2) + 0.03 * noise(rng, (SIDE, SIDE), 14)
    for _ in range(3):  # scraps
        y, x = rng.integers(0, SIDE - 14, 2)
        grey[y : y + 12, x : x + 12] = rng.uniform(0.7, 0.95)
    dy, dx = (0, 0) if still else rng.uniform(-8 * MOVE, 8 * MOVE, 2)
    top, left = (SIDE - PART) / 2 + dy, (SIDE - PART) / 2 + dx
    whole = int(np.floor(top)), int(np.floor(left))
    place = np.s_[whole[0] : whole[0] + PART + 1, whole[1] : whole[1] + PART + 1]
    rest = top - whole[0], left - whole[1]
    pad = ((0, 1), (0, 1))
    part = ndimage.shift(
        np.pad(plate(rng, defect), pad, mode="edge"), rest, order=1, mode="nearest"
    )
    mask = ndimage.shift(np.pad(np.ones((PART, PART)), pad), rest, order=1)
    grey[place] = grey[place] * (1 - mask) + part * mask
    grey = rng.uniform(0.95, 1.05) * grey + 0.01 * rng.normal(size=grey.shape)
    return Image.fromarray((np.clip(grey, 0, 1) * 255).astype(np.uint8)).convert("RGB")


def judge(fleck, folder, out, *options):
    subprocess.run(
        [fleck, "inspect", folder, "-o", out, "--no-heatmaps", "-q", *options], check=True
    )
    with open(out / "scores.csv", newline="") as table:
        return {row["file"]: row for row in csv.DictReader(table)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fleck", default="build/native/fleck")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    low, high = (SIDE - PART) / 2 / SIDE, (SIDE + PART) / 2 / SIDE
    area = {"include": [[[low, low], [high, low], [high, high], [low, high]]]}
    found = {"whole photo": [], "fixed area": [], "area that follows": []}
    for seed in range(args.seeds):
        rng = np.random.default_rng(seed)
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            (root / "photos").mkdir()
            defective = {}
            for i in range(PHOTOS):
                defect = ("spot", "scratch")[i // 5 % 2] if i % 5 == 4 else None
                file = f"{i:03}.png"
                photo(rng, defect, i == 0).save(root / "photos" / file)
                defective[file] = defect is not None
            (root / "area.json").write_text(json.dumps(area))
            fixed = ["--area", root / "area.json"]
            ways = ([], fixed, [*fixed, "--area-follows", "000.png"])
            for way, options in zip(found, ways, strict=True):
                rows = judge(args.fleck, root / "photos", root / "out", *options)
                truth = np.array([defective[file] for file in rows])
                score = np.array([float(row["score"]) for row in rows.values()])
                called = np.array([row["verdict"] == "defect" for row in rows.values()])
                found[way].append(
                    (roc_auc_score(truth, score), called[truth].sum(), called[~truth].sum())
                )
    defects = args.seeds * (PHOTOS // 5)
    for way, numbers in found.items():
        auroc, right, wrong = np.array(numbers).T
        print(
            f"{way:18} AUROC {auroc.mean():.3f} ({auroc.min():.3f} to {auroc.max():.3f}), "
            f"called {right.sum():.0f} of {defects} defective, "
            f"{wrong.sum():.0f} of {args.seeds * PHOTOS - defects} good"
        )


if __name__ == "__main__":
    main()
