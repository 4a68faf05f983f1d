#!/usr/bin/env python3
"""Makes the sample photos: a turned brass flange, photographed sixty times.

    /usr/bin/python3 scripts/samples/make.py [--out web/samples] [--seed 0]

Needs NumPy, SciPy and Pillow (Debian: python3-numpy python3-scipy
python3-pil). The same versions and seed give the same bytes.

OUT is written in the MVTec AD layout: train/good, test/good, test/<defect>,
ground_truth/<defect>/<photo>_mask.png, and index.json with the path of every
photo. Six of the sixty have a defect; each is cut into the height map or the
surface of the part before it is lit, so its mask is exact.

scripts/samples/ holds the parts of the job: flange.py (shape and surface),
defects.py, scene.py (light, cloth, camera).
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path[0] = str(Path(__file__).resolve().parents[1])  # packages are found from scripts/
from samples import defects, scene

PHOTOS = 60
TRAIN = 40
JPEG_QUALITY = 82
# Photo number -> defect; the numbers are scattered so that names say nothing.
DEFECTS = {
    7: ("scratch", defects.scratch_long),
    19: ("dent", defects.dent_rim),
    26: ("stain", defects.stain),
    38: ("scratch", defects.scratch_twice),
    45: ("chip", defects.chip),
    53: ("dent", defects.dent_face),
}


def folder_of(number, good_before):
    """Where a photo belongs; good_before is the number of good ones before it."""
    if number in DEFECTS:
        return f"test/{DEFECTS[number][0]}"
    return "train/good" if good_before < TRAIN else "test/good"


def main():
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=root / "web" / "samples")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    for part in ("train", "test", "ground_truth"):
        shutil.rmtree(args.out / part, ignore_errors=True)
    cloth = scene.make_cloth(np.random.default_rng([args.seed, PHOTOS]))
    paths, good = [], 0
    for number in range(PHOTOS):
        rng = np.random.default_rng([args.seed, number])
        defect = DEFECTS[number][1] if number in DEFECTS else None
        photo, mask = scene.photograph(rng, cloth, defect)
        folder = folder_of(number, good)
        good += defect is None
        path = args.out / folder / f"part_{number:03d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photo).save(path, quality=JPEG_QUALITY, subsampling="4:2:0", optimize=True)
        paths.append(path.relative_to(args.out).as_posix())
        if defect:
            truth = args.out / "ground_truth" / DEFECTS[number][0] / f"part_{number:03d}_mask.png"
            truth.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(mask * np.uint8(255)).save(truth, optimize=True)
    (args.out / "index.json").write_text(json.dumps({"photos": paths}, indent=1) + "\n")
    size = sum(f.stat().st_size for f in args.out.rglob("*") if f.is_file())
    print(f"{len(paths)} photos, {size / 1e6:.2f} MB in {args.out}")


if __name__ == "__main__":
    main()
