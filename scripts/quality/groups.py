#!/usr/bin/env python3
"""Compares the groups of regions that fleck finds with the kinds of defects.

    cmake --preset native && cmake --build --preset native
    /usr/bin/python3 scripts/quality/groups.py ../shared/data/mtd --good 250 --defective 60
    /usr/bin/python3 scripts/quality/groups.py build/beds/light_tail --good 100 --defective 20

Of each data set, with a folder good/, one for each kind of defect and maybe masks in ground_truth/,
the first photos of a shuffled list are learnt from: so many good and so many defective ones (of
each as many as there are, at most). The other defective photos are scored, with --learnt those that
were learnt from too, and the regions of those on which one touches its mask are grouped by the C
library through its functions: all of them, those that touch a mask alone, and of these the largest
of each photo alone. Where there is no mask every region counts as touching.

Prints normalised mutual information and adjusted Rand index (scikit-learn) of the regions that
touch a mask, by the library's groups; by the same groups in NumPy and SciPy, with the share of
pairs in which the two agree; and by k-means on the same points, told how many kinds there are, and
then how many groups the library found. Needs Debian's Python (scripts/setup.sh: setup tests).
"""

import argparse
import ctypes
from ctypes import POINTER, byref, c_char_p, c_float, c_size_t, c_uint32, c_void_p
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, rand_score

ROOT = Path(__file__).resolve().parents[2]
SIDE = 224  # of a heatmap, as in src/base/types.h
LEVEL, LOOK = 0.5, 0.3  # where a defect and a look begin
LIMIT, ADDED = 1.4, 1 + 0.01 * 2  # of src/model/groups.c; ADDED with whitening.c's own share
SEEDS = range(5)  # of k-means


class Shape(ctypes.Structure):
    _fields_ = [
        (name, c_uint32)
        for name in ("input", "rows", "columns", "patches", "dim", "tile_columns", "tile_rows")
    ] + [("frame_share", c_float)]


class Progress(ctypes.Structure):
    _fields_ = [("stage", ctypes.c_int), ("done", c_uint32), ("total", c_uint32), ("loss", c_float)]


class Groups(ctypes.Structure):
    _fields_ = [("regions", c_uint32), ("count", c_uint32)] + [
        (name, POINTER(c_uint32)) for name in ("group", "size", "typical")
    ]


class Detector:
    """The library's functions that this needs, with arrays."""

    def __init__(self, library: Path):
        self.library = ctypes.CDLL(library)
        self.library.fleck_error.restype = c_char_p
        self.handle = c_void_p()
        self.call("create", byref(self.handle), handle=False)
        backbone = (ROOT / "models" / "fleck-tiny.safetensors").read_bytes()
        self.call("load_backbone", backbone, c_size_t(len(backbone)))
        self.shape = Shape()
        self.call("shape", byref(self.shape))

    def call(self, name, *args, handle=True):
        whole = (self.handle, *args) if handle else args
        if getattr(self.library, f"fleck_{name}")(*whole):
            raise RuntimeError(f"{name}: {self.library.fleck_error(self.handle).decode()}")

    def extract(self, path: Path):
        file = path.read_bytes()
        patch = np.empty((self.shape.patches, self.shape.dim), np.float16)
        cls = np.empty(self.shape.dim, np.float16)
        self.call("extract", file, c_size_t(len(file)), at(patch), at(cls))
        return patch, cls

    def learn(self, photos):
        self.call("clear")
        for patch, cls in photos:
            self.call("add", at(patch), at(cls))
        self.call("train_begin")
        progress = Progress()
        while not progress.total or progress.done < progress.total:
            self.call("train_step", byref(progress))

    def heat(self, photo, index):
        """Of a photo that was added, by its index, or of another."""
        heat, score = np.empty((SIDE, SIDE), np.float32), c_float()
        if index is None:
            self.call("score", at(photo[0]), at(photo[1]), at(heat), byref(score))
        else:
            self.call("score_added", c_uint32(index), at(heat), byref(score))
        return heat

    def groups(self, photos):
        """Of photos (patch, heat, width, height) the group of each region."""
        self.call("groups_begin")
        for patch, heat, width, height in photos:
            size = c_uint32(width), c_uint32(height)
            self.call("groups_add", at(patch), at(heat), *size)
        found = Groups()
        self.call("groups_find", byref(found))
        return np.array(found.group[: found.regions])


def at(array):
    return c_void_p(array.ctypes.data)


def regions_of(heat):
    """[SIDE, SIDE] region of each pixel, from 1 on by falling peak, as fleck_find_regions has it."""
    labels, count = ndimage.label(heat >= LEVEL, np.ones((3, 3)))
    peaks = -ndimage.maximum(heat, labels, range(1, count + 1)) if count else np.zeros(0)
    number = np.zeros(count + 1, int)
    number[1 + np.argsort(peaks, kind="stable")] = np.arange(1, count + 1)
    return number[labels]


def points_of(photos, shape):
    """The regions of photos (patch, heat, width, height) as src/model/groups.c places them."""
    row = np.arange(SIDE) * shape.rows // SIDE
    column = np.arange(SIDE) * shape.columns // SIDE
    place = row[:, None] * shape.columns + column
    rows, covariances = [], []
    for patch, heat, width, height in photos:
        patch, region = patch.astype(np.float64), regions_of(heat)
        ordinary = patch[ndimage.maximum(heat, place, range(shape.patches)) < LOOK]
        ordinary = ordinary if len(ordinary) else patch
        covariance = np.cov(ordinary.T, bias=True)
        covariances.append(covariance / np.trace(covariance) * shape.dim)
        for k in range(1, region.max() + 1):
            hot = np.where(region == k, heat, 0).astype(np.float64)
            weight = np.bincount(place.ravel(), hot.ravel(), shape.patches)
            y, x = np.nonzero(region == k)
            spread = np.cov(np.stack([x, y]), bias=True) + np.eye(2) / 12
            axes = np.linalg.eigvalsh(spread * np.outer((width, height), (width, height)))
            look = weight @ patch / weight.sum() - ordinary.mean(0)
            rows.append(np.append(look, 1 - np.sqrt(axes[0] / axes[1])))
    rows = np.array(rows)
    added = ADDED * np.eye(shape.dim)
    factor = np.linalg.inv(np.linalg.cholesky(np.mean(covariances, 0) + added))
    white = rows[:, :-1] @ factor.T
    return np.column_stack([white / np.linalg.norm(white, axis=1, keepdims=True), rows[:, -1]])


def counting(region, mask: Path):
    """The numbers of the regions that touch the mask, or of all."""
    touching = np.unique(region)
    if mask.is_file():
        pixels = Image.open(mask).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
        touching = np.unique(region[np.asarray(pixels) > 0])
    return touching[touching > 0]


def largest(region, touching):
    return touching[[np.bincount(region.ravel())[touching].argmax()]]


# Of a photo's regions and those that touch its mask those that are grouped, and those that count.
RULES = {
    "all are grouped": lambda region, touching: (np.arange(1, region.max() + 1), touching),
    "those that touch a mask alone": lambda region, touching: (touching, touching),
    "the largest of each photo alone": lambda region, touching: (largest(region, touching),) * 2,
}


def only(heat, region, numbers):
    """A heatmap in which other regions are none, nor ordinary."""
    return np.where((region == 0) | np.isin(region, numbers), heat, (LOOK + LEVEL) / 2).astype(
        np.float32
    )


def values(truth, groups):
    nmi, ari = normalized_mutual_info_score, adjusted_rand_score
    return f"{nmi(truth, groups):.2f} / {ari(truth, groups):.2f}"


def k_means(truth, points, k):
    runs = [KMeans(k, n_init=10, random_state=seed).fit_predict(points) for seed in SEEDS]
    nmi = np.mean([normalized_mutual_info_score(truth, run) for run in runs])
    ari = np.mean([adjusted_rand_score(truth, run) for run in runs])
    return f"{nmi:.2f} / {ari:.2f}"


def measure(detector, source: Path, args) -> None:
    kinds = [entry for entry in source.iterdir() if entry.is_dir() and entry.name != "ground_truth"]
    rng = np.random.default_rng(args.seed)
    paths = sorted(path for kind in kinds for path in kind.iterdir())
    paths = [paths[i] for i in rng.permutation(len(paths))]
    good = [path for path in paths if path.parent.name == "good"][: args.good]
    defective = [path for path in paths if path.parent.name != "good"]
    learnt = good + defective[: args.defective]
    scored = defective if args.learnt else defective[args.defective :]
    features = {path: detector.extract(path) for path in learnt + scored}
    detector.learn(features[path] for path in learnt)
    seen = []
    for path in scored:
        index = learnt.index(path) if path in learnt else None
        heat = detector.heat(features[path], index)
        kind = path.parent.name
        mask = source / "ground_truth" / kind / f"{path.stem}_mask.png"
        region = regions_of(heat)
        touching = counting(region, mask)
        if len(touching):
            seen.append((path, kind, heat, region, touching))
    print(f"{source.name}: {len(seen)} of {len(scored)} photos", flush=True)
    for name, rule in RULES.items():
        photos, truth, counts = [], [], []
        for path, kind, heat, region, touching in seen:
            kept, counted = rule(region, touching)
            photos.append((features[path][0], only(heat, region, kept), *Image.open(path).size))
            counts += [number in counted for number in sorted(kept)]
            truth += [kind] * len(kept)
        report(name, detector, photos, np.array(truth), np.array(counts))


def report(name, detector, photos, truth, counts) -> None:
    groups = detector.groups(photos)
    points = points_of(photos, detector.shape)
    assert len(groups) == len(points) == len(counts)
    replica = fcluster(linkage(pdist(points, "sqeuclidean"), "average"), LIMIT, "distance")
    agree = rand_score(groups, replica)
    truth, groups, replica, points = truth[counts], groups[counts], replica[counts], points[counts]
    kinds, number = len(set(truth)), len(set(groups))
    print(
        f"  {name}: {len(truth)} of {len(counts)} regions, {kinds} kinds, {number} groups: "
        f"library {values(truth, groups)}, NumPy {values(truth, replica)} (agree {agree:.4f}), "
        f"k-means {k_means(truth, points, kinds)}, "
        f"as many as the library {k_means(truth, points, number)}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--good", type=int, default=250)
    parser.add_argument("--defective", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the shuffled list")
    parser.add_argument("--learnt", action="store_true", help="those learnt from count too")
    library = ROOT / "build" / "native" / "src" / "libfleck.so"
    parser.add_argument("--library", type=Path, default=library)
    args = parser.parse_args()
    detector = Detector(args.library)
    for source in args.data:
        measure(detector, source, args)


if __name__ == "__main__":
    main()
