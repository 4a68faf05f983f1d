#!/usr/bin/env python3
"""Measures methods on contaminated folders: results.csv, results.md, quality.svg.

    /usr/bin/python3 scripts/quality/evaluate.py                  # everything; hours
    /usr/bin/python3 scripts/quality/evaluate.py --methods knn,ensemble --seeds 0
    /usr/bin/python3 scripts/quality/evaluate.py --report         # only tables and picture anew

Needs Debian's python3-matplotlib for the picture, a built fleck, and data sets
with a folder good/ and one for each defect, masks in ground_truth/: three of
../shared (without them this says "skipped") and those that scripts/beds/make.py
draws, which are drawn into the work folder when they are not there.

For every backbone, data set, contamination (share of the training photos that
are defective) and seed, a split is laid out once; `fleck eval` learns from it
with each method and is measured on test photos that it has not seen. Splits,
features and the scores of every photo stay in the work folder. A row is
appended to results.csv as soon as it is measured, and a rerun measures only
what is not there: to go on after an interruption, or to add a method, run it
again.

Columns of results.csv that do not speak for themselves:

    train_seconds      learning, features given
    score_seconds      scoring the test photos, features given
    peak_mb            memory of the whole run, features given
    *_good_called_defect   share of the good photos with the verdict defect
    *_precision        share of the photos with the verdict defect that are defective
    *_recall           share of the defective photos with that verdict
    separable          defective photos that score higher than 98 % of the good ones:
                       what a right threshold could find
    found, called      defective and good photos with the verdict defect; found by
                       separable is the efficiency of the verdict
    folder_says, folder_estimate   the folder's own verdict, and how many of its
                       photos it takes for defective
    silent             1 where it says clean although one of its photos has the verdict
                       defect, or a defective one is separable among its own

train_* are over the photos learnt from, test_* over the others; separable, found and
called over both, as ../shared/tools/verdicts.py counts them.
"""

import argparse
import csv
import json
import math
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
from beds import NAMES as BEDS

SHARED = ROOT / ".." / "shared"
METHODS = "knn,ensemble,musc,mahalanobis,softpatch,l2bt,simplenet,irmb"
BACKBONES = (
    f"vit_tiny_448={SHARED}/weights/vit_tiny_p16_augreg.safetensors,448,4,7",
    f"fleck_tiny={ROOT}/models/fleck-tiny.safetensors",
)
DATA = (*(f"{name}={SHARED}/data/{name}" for name in ("mtd", "elpv", "ply")), *BEDS)
CONTAMINATION_MOST = 0.4  # whatever is asked for, so that a part of a run has the whole's splits
TRAIN_LEAST = 5  # fleck learns from no fewer
PHOTOS = (".png", ".jpg", ".jpeg", ".bmp")


def parse_args():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--methods", default=METHODS, help=f"separated by commas (default: {METHODS})")
    add(
        "--variant",
        action="append",
        default=[],
        metavar="NAME=ARGS",
        help="one more method: fleck eval with ARGS, shown as NAME; repeatable",
    )
    add(
        "--data",
        action="append",
        metavar="NAME=PATH",
        help="a data set, one folder for a NAME, or the NAME of a drawn one; repeatable (default: "
        f"mtd, elpv and ply of ../shared, {', '.join(BEDS)})",
    )
    add(
        "--backbone",
        action="append",
        metavar="NAME=FILE[,INPUT[,BLOCKS]]",
        help="as in vit=vit.safetensors,448,4,7; repeatable (default: ViT-Ti/16 of ../shared at "
        "448, blocks 4 and 7, and the built-in one)",
    )
    add("--contamination", default="0,0.05,0.1,0.2,0.4", metavar="SHARES")
    add("--seeds", default="0,1,2", metavar="NUMBERS", help="of the split and of the method")
    add("--train", type=int, default=100, help="photos learnt from, fewer in a small set")
    add("--test", type=int, default=100, help="good and defective test photos each, at most")
    add("--redo", default="", metavar="METHODS", help="measure these again, by commas")
    add("--report", action="store_true", help="measure nothing, write tables and picture")
    add("--fleck", type=Path, default=ROOT / "build" / "native" / "fleck", metavar="PROGRAM")
    add("--threads", type=int, help="processor cores to use (default: all)")
    add("--split-tool", type=Path, default=SHARED / "tools" / "split_dataset.py", metavar="SCRIPT")
    add(
        "--work",
        type=Path,
        default=ROOT / "build" / "quality",
        metavar="DIR",
        help="splits, features and scores (default: build/quality)",
    )
    add(
        "--out",
        type=Path,
        default=ROOT / "tests" / "quality",
        metavar="DIR",
        help="results (default: tests/quality)",
    )
    args = parser.parse_args()
    try:
        args.contamination = [float(share) for share in args.contamination.split(",")]
        args.seeds = [int(seed) for seed in args.seeds.split(",")]
    except ValueError as error:
        parser.error(str(error))
    if not all(0 <= share < 1 for share in args.contamination):
        parser.error("--contamination wants shares of 0 or more and below 1")
    args.methods = {name: ["--method", name] for name in args.methods.split(",") if name}
    for variant in args.variant:
        name, _, options = variant.partition("=")
        args.methods[name] = shlex.split(options)
    args.redo = set(args.redo.split(",")) - {""}
    args.backbones = {
        name: backbone_options(parser, value)
        for name, value in named(parser, args.backbone or BACKBONES)
    }
    drawn = {name: f"{name}={args.work / 'beds' / name}" for name in BEDS}
    data = [drawn.get(text, text) for text in args.data or DATA]
    args.data = {name: Path(path) for name, path in named(parser, data)}
    return args


def named(parser, values):
    """NAME=VALUE -> (NAME, VALUE); names become parts of file names."""
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name or "/" in name:
            parser.error(f"'{text}' is not NAME=VALUE")
        yield name, value


def backbone_options(parser, value):
    """FILE[,INPUT[,BLOCKS]] -> options of fleck."""
    file, *rest = value.split(",", 2)
    options = ["--backbone", file]
    if rest and rest[0]:
        if not rest[0].isdigit():
            parser.error(f"--backbone: '{rest[0]}' is not an input in pixels")
        options += ["--input", rest[0]]
    if len(rest) > 1 and rest[1]:
        options += ["--blocks", rest[1]]
    return options


def absent(args):
    """Leaves out what is not here and says so; whether nothing is left to measure."""
    for name, options in list(args.backbones.items()):
        if not Path(options[1]).is_file():
            print(f"skipped backbone {name}: {shown(options[1])} is not here")
            del args.backbones[name]
    for name, path in list(args.data.items()):
        if not (path / "good").is_dir():
            print(f"skipped data set {name}: {shown(path)} has no folder good/")
            del args.data[name]
    for path in (args.split_tool, args.fleck):
        if not path.is_file():
            print(f"skipped: {shown(path)} is not here")
            return True
    return not args.backbones or not args.data


def draw(args):
    """Draws the test beds that are asked for and not there; which fail, absent() tells."""
    folder = args.work / "beds"
    names = [
        name for name, path in args.data.items() if path == folder / name and not path.exists()
    ]
    if names:
        make = ROOT / "scripts" / "beds" / "make.py"
        subprocess.run([sys.executable, make, "--out", folder, "--set", ",".join(names)])


def shown(path):
    """A path as seen from the working directory."""
    return os.path.relpath(path)


def count_photos(folder):
    return sum(entry.suffix.lower() in PHOTOS for entry in folder.iterdir())


def fitting(good, bad, train, test, most):
    """Numbers of training photos, the same at every contamination up to most, and of good test
    photos that a set has room for. At contamination 0 all training photos are good; a fifth of
    the good ones is never learnt from, nor is half of the defective ones."""
    train = min(train, good - good // 5)
    while round(train * most) > bad // 2:
        train -= 1
    return train, min(test, good - train)


def sizes_of(args, source):
    kinds = [
        entry
        for entry in source.iterdir()
        if entry.is_dir() and entry.name not in ("good", "ground_truth")
    ]
    most = max(CONTAMINATION_MOST, *args.contamination)
    return fitting(
        count_photos(source / "good"), sum(map(count_photos, kinds)), args.train, args.test, most
    )


def lay_out(args, data, sizes, contamination, seed):
    """The folder of a split, laid out unless it is there."""
    train, test = sizes
    split = args.work / "splits" / f"{data}-{train}-{test}-c{contamination:g}-s{seed}"
    if split.is_dir():
        return split
    part = split.with_name(f"{split.name}.{os.getpid()}.part")
    split.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            sys.executable,
            args.split_tool,
            args.data[data],
            part,
            "--train",
            str(train),
            "--test",
            str(test),
            "--contamination",
            f"{contamination:g}",
            "--seed",
            str(seed),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    part.rename(split)
    return split


class Refused(Exception):
    """fleck failed; the text says why."""


def evaluate(args, backbone, split, options, seed, scores):
    """Runs fleck eval; what it prints."""
    command = [
        args.fleck,
        "eval",
        split,
        "--json",
        "--quiet",
        "--seed",
        str(seed),
        *args.backbones[backbone],
        "--cache",
        args.work / "features" / backbone,
        "--scores",
        scores,
        *options,
    ]
    if args.threads:
        command += ["--threads", str(args.threads)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 3):  # 3: some photos were left out
        raise Refused(done.stderr.strip() or f"exit status {done.returncode}")
    if done.stderr:
        print(done.stderr.strip())
    return json.loads(done.stdout)


def warm(args, backbone, split):
    """Computes the features of a split's photos, once: every method then runs under the same
    conditions, in time and in memory."""
    mark = args.work / "warm" / backbone / split.name
    if mark.exists():
        return
    began = time.monotonic()
    mark.parent.mkdir(parents=True, exist_ok=True)
    evaluate(args, backbone, split, ["--method", "knn"], 0, mark.with_suffix(".csv"))
    mark.with_suffix(".csv").rename(mark)
    print(f"features of {split.name} with {backbone}: {time.monotonic() - began:.0f} s")


def ratio(part, whole):
    return len(part) / len(whole) if whole else None


def verdicts(photos, prefix):
    """How well verdicts agree with the truth; photos are (score, verdict, defective)."""
    good = [photo for photo in photos if not photo[2]]
    bad = [photo for photo in photos if photo[2]]
    called = [photo for photo in photos if photo[1] == "defect"]
    hits = [photo for photo in called if photo[2]]
    return {
        f"{prefix}_good_called_defect": ratio([p for p in called if not p[2]], good),
        f"{prefix}_precision": ratio(hits, called),
        f"{prefix}_recall": ratio(hits, bad),
    }


def counts(photos):
    """What a threshold could do with photos and what the verdict does, as in
    ../shared/tools/verdicts.py."""
    good = sorted(photo[0] for photo in photos if not photo[2])
    bar = good[int(0.98 * len(good))] if good else -math.inf
    return {
        "separable": sum(score > bar for score, _, defective in photos if defective),
        "found": sum(verdict == "defect" for _, verdict, defective in photos if defective),
        "called": sum(verdict == "defect" for _, verdict, defective in photos if not defective),
    }


def judge(scores, labels, says):
    """Columns from the scores of all photos and the labels that no trainer read."""
    with open(labels, newline="") as handle:
        defective = {
            f"good/{row['file']}": row["class"] != "good" for row in csv.DictReader(handle)
        }
    train, test = [], []
    with open(scores, newline="") as handle:
        for row in csv.DictReader(handle):
            if not row["score"]:  # a photo that cannot be read
                continue
            of_train = row["set"] == "train"
            truth = defective[row["file"]] if of_train else row["defective"] == "1"
            (train if of_train else test).append((float(row["score"]), row["verdict"], truth))
    own = counts(train)
    return {
        "train_photos": len(train),
        "train_defective": sum(photo[2] for photo in train),
        "test_good": sum(not photo[2] for photo in test),
        "test_defective": sum(photo[2] for photo in test),
        **verdicts(train, "train"),
        **verdicts(test, "test"),
        **counts(train + test),
        "silent": None if says is None else int(says == "clean" and any(own.values())),
    }


def measure(args, backbone, split, method, seed):
    """One row of results.csv but for its key."""
    scores = args.work / "scores" / backbone / f"{split.name}-{method}.csv"
    scores.parent.mkdir(parents=True, exist_ok=True)
    result = evaluate(args, backbone, split, args.methods[method], seed, scores)
    folder = result.get("folder", {})
    return {
        **{f"image_{name}": value for name, value in result["image"].items()},
        **{f"pixel_{name}": value for name, value in result["pixel"].items()},
        "train_seconds": result["seconds"]["training"],
        "score_seconds": result["seconds"]["scoring"],
        "peak_mb": result["peak_bytes"] / 1e6,
        **judge(scores, split / "train_labels.csv", folder.get("verdict")),
        "folder_says": folder.get("verdict"),
        "folder_estimate": folder.get("estimated_defective"),
    }


def jobs(args, there):
    """(backbone, data, sizes, contamination, seed, methods to measure), splits one by one so that
    each is done with all methods before the next."""
    for backbone in args.backbones:
        for data, source in args.data.items():
            sizes = sizes_of(args, source)
            if sizes[0] < TRAIN_LEAST:
                print(f"skipped data set {data}: too few photos")
                continue
            for contamination in args.contamination:
                for seed in args.seeds:
                    methods = [
                        method
                        for method in args.methods
                        if method in args.redo
                        or (backbone, data, contamination, seed, method) not in there
                    ]
                    if methods:
                        yield backbone, data, sizes, contamination, seed, methods


def run(args, file):
    """Measures what is not in file; the number of failures."""
    # Rows without these counts were measured before they were counted.
    there = {key for key, row in report.read(file).items() if row["separable"] is not None}
    todo = list(jobs(args, there))
    total, done, failed = sum(len(job[-1]) for job in todo), 0, 0
    hopeless = set()  # methods that this fleck does not know
    for backbone, data, sizes, contamination, seed, methods in todo:
        split = lay_out(args, data, sizes, contamination, seed)
        warm(args, backbone, split)
        for method in methods:
            done += 1
            what = f"[{done}/{total}] {backbone} {data} {contamination:.0%} seed {seed} {method}"
            if method in hopeless:
                continue
            try:
                row = measure(args, backbone, split, method, seed)
            except Refused as refusal:
                print(f"{what}: failed: {refusal}", flush=True)
                failed += 1
                if "--method wants" in str(refusal):
                    hopeless.add(method)
                continue
            report.append(
                file,
                {
                    "backbone": backbone,
                    "data": data,
                    "method": method,
                    "contamination": contamination,
                    "seed": seed,
                    **row,
                },
            )
            pixel = "" if row["pixel_ap"] is None else f", pixel AP {row['pixel_ap']:.3f}"
            print(
                f"{what}: image AUROC {row['image_auroc']:.3f}{pixel}, "
                f"training {row['train_seconds']:.1f} s",
                flush=True,
            )
    return failed


def main():
    args = parse_args()
    file = args.out / "results.csv"
    failed = 0
    if not args.report:
        draw(args)
        if absent(args):
            print("skipped: there is nothing to measure")
            return 0
        args.out.mkdir(parents=True, exist_ok=True)
        failed = run(args, file)
    rows = report.tidy(file)
    if not rows:
        print(f"{shown(file)} has no results")
        return 1
    order = list(METHODS.split(","))
    (args.out / "results.md").write_text(report.tables(rows, order))
    if not report.plot(rows, order, args.out / "quality.svg"):
        print("skipped quality.svg: python3-matplotlib is not installed")
    print(f"{len(rows)} results in {shown(args.out)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")
    except (Refused, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"evaluate: {error}")
