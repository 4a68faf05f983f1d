#!/usr/bin/env python3
"""Compares the groups of regions that `fleck inspect` finds with the kinds of defects.

    /usr/bin/python3 scripts/quality/groups.py ../shared/data/mtd build/beds/light_tail

Of each data set, with a folder good/, one for each kind of defect and maybe masks in ground_truth/,
all defective photos are inspected together with four good ones for each of them, as far as there
are so many. A region counts that touches its photo's mask, and where there is none every region of
a defective photo. Prints normalised mutual information and adjusted Rand index (scikit-learn), and
the sizes of the groups.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

ROOT = Path(__file__).resolve().parents[2]


def photos_of(source: Path) -> dict[str, list[Path]]:
    kinds = [entry for entry in source.iterdir() if entry.is_dir() and entry.name != "ground_truth"]
    return {kind.name: sorted(kind.iterdir()) for kind in sorted(kinds)}


def touches(region: dict, mask: Path) -> bool:
    """Whether a region's box has a pixel of the mask in it; without a mask it does."""
    if not mask.is_file():
        return True
    pixels = np.array(Image.open(mask).convert("L"))
    left, top, width, height = region["box"]
    part = pixels[int(top) : int(top + height) + 1, int(left) : int(left + width) + 1]
    return bool(part.any())


def measure(fleck: Path, source: Path, folder: Path) -> None:
    kinds = photos_of(source)
    good = kinds.pop("good")
    defective = sum(map(len, kinds.values()))
    origin = {f"good{i:04}{path.suffix}": path for i, path in enumerate(good[: 4 * defective])}
    for kind, paths in kinds.items():
        origin |= {f"{kind}-{path.name}": path for path in paths}
    photos, results = folder / "photos", folder / "results.json"
    photos.mkdir()
    for name, path in origin.items():
        (photos / name).symlink_to(path.resolve())
    command = [fleck, "inspect", photos, "-o", folder / "out", "--no-heatmaps", "-q"]
    subprocess.run([*command, "--json", results], check=True)
    found = json.loads(results.read_text())
    truth, groups = [], []
    for photo in found["photos"]:
        path = origin[photo["file"]]
        kind = path.parent.name
        mask = source / "ground_truth" / kind / f"{path.stem}_mask.png"
        for region in photo["regions"]:
            if kind != "good" and touches(region, mask):
                truth.append(kind)
                groups.append(region["group"])
    sizes = found["folder"]["groups"]
    print(
        f"{source.name}: {len(truth)} regions of {len(kinds)} kinds: "
        f"NMI {normalized_mutual_info_score(truth, groups):.2f}, "
        f"ARI {adjusted_rand_score(truth, groups):.2f}; groups of {sizes}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--fleck", type=Path, default=ROOT / "build" / "native" / "fleck")
    args = parser.parse_args()
    for source in args.data:
        with tempfile.TemporaryDirectory() as folder:
            measure(args.fleck, source, Path(folder))


if __name__ == "__main__":
    main()
