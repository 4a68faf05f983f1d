#!/usr/bin/env python3
"""The features of all N parts by Dask, on this computer or on a cluster; learn.sh makes a model of them.

    dask_parts.py [--scheduler ADDRESS] PHOTOS OUT N [OPTIONS...]    OPTIONS of fleck extract

Needs Dask's distributed (Debian: python3-distributed). A part takes one thread of a worker, of this
computer without --scheduler; workers elsewhere see the same folders, this one too. A part that fails
is tried twice more. Where parts failed, the same again looks at these alone.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from distributed import Client, as_completed

AGAIN = 2


def extract(script, photos, out, part, parts, options, fleck):
    """Runs on a worker; what the program says goes to whoever asked."""
    command = [script, photos, out, str(part), str(parts), "--threads", "1", *options]
    ran = subprocess.run(
        command, env={**os.environ, "FLECK": fleck}, stderr=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"part {part} of {parts} ended with {ran.returncode}: {ran.stderr}")
    return ran.stderr


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--scheduler", metavar="ADDRESS", help="of a cluster (default: this computer)")
    add("photos", type=Path)
    add("out", type=Path)
    add("parts", type=int, metavar="N")
    add("options", nargs=argparse.REMAINDER, help="of fleck extract")
    args = parser.parse_args()

    here = {"processes": False, "n_workers": 1, "dashboard_address": None}
    with Client(args.scheduler) if args.scheduler else Client(**here) as client:
        jobs = [
            client.submit(
                extract,
                str(Path(__file__).resolve().with_name("extract-part.sh")),
                str(args.photos.resolve()),
                str(args.out.resolve()),
                part,
                args.parts,
                args.options,
                os.environ.get("FLECK", "fleck"),
                retries=AGAIN,
                pure=False,
            )
            for part in range(1, args.parts + 1)
        ]
        failed = 0
        for job in as_completed(jobs):
            if job.status == "error":
                failed += 1
                print(f"{Path(__file__).name}: {job.exception()}", file=sys.stderr)
            else:
                sys.stderr.write(job.result())
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
