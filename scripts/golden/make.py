#!/usr/bin/env python3
"""Writes tests/golden/<stage>.safetensors, all stages or those named.

scripts/golden/make.py [--out DIR] [STAGE ...]
"""

import argparse
import importlib
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])  # packages are found from scripts/
from golden import STAGES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)}")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).resolve().parents[2] / "tests" / "golden"
    )
    args = parser.parse_args()
    unknown = set(args.stages) - set(STAGES)
    if unknown:
        parser.error(f"no such stage: {', '.join(sorted(unknown))}")
    args.out.mkdir(parents=True, exist_ok=True)
    for stage in args.stages or STAGES:
        importlib.import_module(f"golden.{stage}").make(args.out)


if __name__ == "__main__":
    main()
