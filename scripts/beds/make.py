#!/usr/bin/env python3
"""Draws the test beds: sets of photos with defects of every strength and their masks.

    /usr/bin/python3 scripts/beds/make.py [--out build/beds] [--set NAME,...] [--seed 0]

Needs NumPy, SciPy and Pillow (Debian: python3-numpy python3-scipy python3-pil), for the screens
DejaVu fonts (fonts-dejavu-core). The same versions and seed give the same bytes.

OUT/SET holds good/, a folder for each type of defect, and ground_truth/TYPE/PHOTO_mask.png, as
tests/quality/README.md describes the sets. A set that is there is left as it is.
"""

import argparse
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

sys.path[0] = str(Path(__file__).resolve().parents[1])  # packages are found from scripts/
from beds import NAMES, bed

GOOD, DEFECTIVE = 130, 80
QUALITIES = (82, 96)  # of JPEGs


def save(folder, name, seed, number, harmed):
    """Draws a photo and writes it with its mask."""
    photo, mask = bed.draw(name, seed, number, harmed)
    of = bed.load(name)
    kind = "good" if harmed is None else of.DEFECTS[harmed % len(of.DEFECTS)]
    path = folder / kind / f"{number:03d}.{of.FORMAT}"
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {}
    if of.FORMAT == "jpg":
        options["quality"] = int(np.random.default_rng([seed, number]).integers(*QUALITIES))
    Image.fromarray(photo).save(path, **options)
    if mask is not None:
        truth = folder / "ground_truth" / kind / f"{number:03d}_mask.png"
        truth.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask * np.uint8(255)).save(truth)


def make(out, name, seed=0, good=GOOD, defective=DEFECTIVE, processes=None):
    """Draws the set into OUT/NAME unless it is there; numbers say nothing of the defects."""
    folder = Path(out) / name
    if folder.exists():
        return
    part = folder.with_name(f"{name}.{os.getpid()}.part")
    order = np.random.default_rng([seed, len(name)]).permutation(good + defective)
    try:
        with ProcessPoolExecutor(processes) as pool:
            jobs = [
                pool.submit(save, part, name, seed, int(number), i if i < defective else None)
                for i, number in enumerate(order)
            ]
            for job in jobs:
                job.result()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def main():
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--out", type=Path, default=root / "build" / "beds")
    add("--set", default=",".join(NAMES), help="by commas (default: all)", metavar="NAMES")
    add("--seed", type=int, default=0)
    add("--good", type=int, default=GOOD, help=f"good photos of a set (default: {GOOD})")
    add("--defective", type=int, default=DEFECTIVE, help=f"the others (default: {DEFECTIVE})")
    add("--processes", type=int, help="at a time (default: one a core)")
    args = parser.parse_args()
    names = args.set.split(",")
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"no set {unknown[0]}; there are {', '.join(NAMES)}")
    for name in names:
        began = time.monotonic()
        make(args.out, name, args.seed, args.good, args.defective, args.processes)
        print(f"{args.out / name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
